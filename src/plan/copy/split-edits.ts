import { FIELDS, isMark, namesFields } from '../annotations/markers.ts';
import type { FieldDifference } from '../../model/change.ts';
import type { ObjectMeta } from '../../model/objects.ts';
import { contentFieldsIn, isOurEntry, readFieldOwnership } from '../managed-fields/managed-fields.ts';
import { get } from '../../model/keys.ts';

/*
 * Why does a copy differ from its source: was the copy edited, or did the source change (docs/design.md 4.9)? A new
 * resourceVersion of the source is not enough to tell. Perhaps only its annotation changed. The owners of the fields tell
 * more: no other client changed the fields that kubed-sync still owns. Examples, for a source that changed:
 *
 *   the field                  on the copy                            so it was
 *   -------------------------  -------------------------------------  ----------------------------
 *   has another value          owned by kubed-sync                    changed in the source
 *   has another value          owned by kubectl-edit, or by nobody    edited
 *   is only on the copy        owned by kubed-sync                    removed from the source
 *   is only on the copy        owned by kubectl-edit                  edited
 *   is only in the source      the mark `fields` names what is there  added to the source
 *   is only in the source      the mark `fields` names more           edited: removed from the copy
 */

/** The differences of a copy, by who made them. Marks are in neither list: each write sets them. */
export interface SplitFields {
  readonly edited: readonly FieldDifference[];
  readonly fromSource: readonly FieldDifference[];
  /** The managers that own an edited field now. */
  readonly by: readonly string[];
}

/** Splits the differences of a copy. When the record of owners cannot tell, it treats them as edits. */
export function splitEdits(
  fields: readonly FieldDifference[],
  there: ObjectMeta,
  sha256: (text: string) => string,
): SplitFields {
  const isEdited = editCheck(fields, there, sha256);
  const unmarked = fields.filter((field) => !isMark(field));
  const edited = unmarked.filter(isEdited);
  return { edited, fromSource: unmarked.filter((field) => !isEdited(field)), by: ownersOf(edited, there) };
}

/** Returns the managers, except kubed-sync, that own one of these fields of a copy. */
export function ownersOf(
  fields: readonly FieldDifference[],
  { managedFields }: ObjectMeta,
): readonly string[] {
  const names = new Set(fields.map(contentName));
  const owners = managedFields.filter(
    (entry) => !isOurEntry(entry) && contentFieldsIn(entry.fieldsV1).some((name) => names.has(name)),
  );
  return [...new Set(owners.map(({ manager = '' }) => manager))].toSorted();
}

function editCheck(
  fields: readonly FieldDifference[],
  there: ObjectMeta,
  sha256: (text: string) => string,
): (field: FieldDifference) => boolean {
  const { content, labels, annotations } = readFieldOwnership(there.managedFields);
  const ours = new Set(content);
  const isRemoved = lacksWrittenFields(fields, there, ours, sha256);
  return (field) => {
    const { part, key = '', op } = field;
    if (part === 'labels' || part === 'annotations')
      return op === 'change' && !(part === 'labels' ? labels : annotations).has(key);
    return op === 'add' ? isRemoved : !ours.has(contentName(field));
  };
}

/** Whether another client removed a content field from a copy: the mark `fields` then names more than what is there. */
function lacksWrittenFields(
  fields: readonly FieldDifference[],
  { managedFields, annotations }: ObjectMeta,
  ours: ReadonlySet<string>,
  sha256: (text: string) => string,
): boolean {
  if (!fields.some(({ op }) => op === 'add')) return false;
  const extra = new Set(fields.flatMap((field) => (field.op === 'remove' ? [contentName(field)] : [])));
  const theirs = managedFields.flatMap((entry) => contentFieldsIn(entry.fieldsV1));
  const kept = new Set([...ours, ...theirs.filter((name) => !extra.has(name))]);
  return !namesFields(get(annotations, FIELDS), kept, sha256);
}

/** Returns the name of a field as managedFields and the mark `fields` write it: `data/KEY`, `type`. */
function contentName({ part, key }: FieldDifference): string {
  return key === undefined ? part : `${part}/${key}`;
}
