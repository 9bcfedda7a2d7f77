import { MANAGER } from '../annotations/markers.ts';
import type { FieldDifference, FieldPart } from '../../model/change.ts';
import type { FieldTree, ManagedFieldsEntry, StringMap } from '../../model/objects.ts';
import { LEAF, branch, isEmpty, limitDepth, mapTree, overlaps, subtract, union } from './field-tree.ts';
import { contentFieldsIn, isOurEntry } from './managed-fields.ts';

/*
 * Which managedFields must a patch send, so that kubed-sync owns what it wants (docs/design.md 6)? The API server takes
 * managedFields as they are sent. So a value that is right can change its owner without a change of the value. Examples
 * for a copy that should have `data/a`, with `kubed-sync` and `kubectl` as managers:
 *
 *   recorded                                 the patch changes  result
 *   ---------------------------------------  -----------------  -------------------------------------------------------
 *   kubed-sync: data/a                       nothing            undefined: nothing to send
 *   kubectl: data/a                          data/a             undefined: who changes a value becomes its owner
 *   kubectl: data/a, labels/x                nothing            kubectl: labels/x; kubed-sync: data/a
 *   kubectl: data/a                          nothing            kubed-sync: data/a (an entry without fields is dropped)
 *   none                                     nothing            kubed-sync: data/a (the API server had stopped tracking)
 */

/** All fields of a copy that kubed-sync should own. */
export interface FieldsToOwn {
  /** `data/KEY`, `binaryData/KEY`, `type`, `immutable`. */
  readonly content: readonly string[];
  readonly labels: StringMap;
  readonly annotations: StringMap;
}

/**
 * The managedFields to send with a patch of `changes`. Undefined if the API server does all that is needed by itself.
 * `time` (RFC 3339) goes into our entry. The API server would merge an entry without a time into `ancient-changes`.
 */
export function transferOwnership(
  recorded: readonly ManagedFieldsEntry[],
  owned: FieldsToOwn,
  changes: readonly FieldDifference[],
  time: string,
): readonly ManagedFieldsEntry[] | undefined {
  const ours = recorded.filter(isOurEntry);
  const others = recorded.filter((entry) => !isOurEntry(entry));
  const changed = new Set(contentOfChanges(changes));
  const isOursRight = recorded.length > 0 && ownsUnchangedContent(ours, owned.content, changed);
  // Nearly every copy ends here, before any tree is made.
  if (isOursRight && others.length === 0) return undefined;
  const wanted = treeOf(owned);
  const unchanged = subtract(wanted, treeOfChanges(changes));
  if (isOursRight && !others.some((entry) => holdsOurFields(entry, unchanged, changed))) return undefined;
  return [...others.flatMap((entry) => entryWithout(entry, wanted)), ourEntry(ours, wanted, time)];
}

/**
 * Whether our entries own exactly the wanted content, apart from the fields that the patch changes. An applied `stringData`
 * is not wanted. Wanted metadata that nobody owns needs no write.
 */
function ownsUnchangedContent(
  ours: readonly ManagedFieldsEntry[],
  wanted: readonly string[],
  changed: ReadonlySet<string>,
): boolean {
  if (ours.some(appliesStringData)) return false;
  const have = new Set(ours.flatMap(({ fieldsV1 }) => contentFieldsIn(fieldsV1)));
  const wantedRest = wanted.filter((field) => !changed.has(field));
  const rest = [...have].filter((field) => !changed.has(field));
  return rest.length === wantedRest.length && wantedRest.every((field) => have.has(field));
}

/** Whether another manager owns a field that has to become ours, and that the patch does not move by changing it. */
function holdsOurFields(
  entry: ManagedFieldsEntry,
  unchanged: FieldTree,
  changed: ReadonlySet<string>,
): boolean {
  return (
    overlaps(entry.fieldsV1, unchanged) ||
    appliesStringData(entry) ||
    contentFieldsIn(entry.fieldsV1).some((field) => !changed.has(field))
  );
}

function appliesStringData({ fieldsV1 }: ManagedFieldsEntry): boolean {
  return branch(fieldsV1, 'f:stringData') !== undefined;
}

/** The entry of another manager without content and without the fields that we want. Empty if no field is left. */
function entryWithout(entry: ManagedFieldsEntry, wanted: FieldTree): readonly ManagedFieldsEntry[] {
  const fieldsV1 = subtract(withoutContent(limitDepth(entry.fieldsV1)), wanted);
  return isEmpty(fieldsV1) ? [] : [{ ...entry, fieldsV1 }];
}

/** Our entry keeps its metadata and gets exactly the wanted content. */
function ourEntry(ours: readonly ManagedFieldsEntry[], wanted: FieldTree, time: string): ManagedFieldsEntry {
  const have = union(ours.map(({ fieldsV1 }) => limitDepth(fieldsV1)));
  const fieldsV1 = union([withoutContent(have), wanted]);
  return { manager: MANAGER, operation: 'Update', apiVersion: 'v1', time, fieldsType: 'FieldsV1', fieldsV1 };
}

const CONTENT_STEPS: ReadonlySet<string> = new Set([
  'f:data',
  'f:binaryData',
  'f:stringData',
  'f:type',
  'f:immutable',
]);

function withoutContent(tree: FieldTree): FieldTree {
  return Object.fromEntries(Object.entries(tree).filter(([step]) => !CONTENT_STEPS.has(step)));
}

function treeOf({ content, labels, annotations }: FieldsToOwn): FieldTree {
  return {
    ...contentTree(content),
    'f:metadata': {
      'f:annotations': mapTree(Object.keys(annotations)),
      'f:labels': mapTree(Object.keys(labels)),
    },
  };
}

function treeOfChanges(changes: readonly FieldDifference[]): FieldTree {
  const keys = (part: FieldPart): string[] =>
    changes.flatMap((change) => (change.part === part && change.key !== undefined ? [change.key] : []));
  return {
    ...contentTree(contentOfChanges(changes)),
    'f:metadata': { 'f:annotations': mapTree(keys('annotations')), 'f:labels': mapTree(keys('labels')) },
  };
}

function contentTree(fields: readonly string[]): FieldTree {
  const keysIn = (prefix: string): string[] =>
    fields.flatMap((field) => (field.startsWith(prefix) ? [field.slice(prefix.length)] : []));
  const [data, binaryData] = [keysIn('data/'), keysIn('binaryData/')];
  return {
    ...(binaryData.length > 0 && { 'f:binaryData': mapTree(binaryData) }),
    ...(data.length > 0 && { 'f:data': mapTree(data) }),
    ...(fields.includes('immutable') && { 'f:immutable': LEAF }),
    ...(fields.includes('type') && { 'f:type': LEAF }),
  };
}

function contentOfChanges(changes: readonly FieldDifference[]): readonly string[] {
  return changes.flatMap(({ part, key }) => {
    if (part === 'type' || part === 'immutable') return [part];
    return key !== undefined && (part === 'data' || part === 'binaryData') ? [`${part}/${key}`] : [];
  });
}
