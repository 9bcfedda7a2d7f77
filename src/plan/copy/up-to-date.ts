import type { DesiredMetadata } from './desired.ts';
import { FIELDS } from '../annotations/markers.ts';
import type { FieldTree, ObjectMeta, StringMap } from '../../model/objects.ts';
import { branch } from '../managed-fields/field-tree.ts';
import { contentFieldsIn, isOurEntry, ownsContent } from '../managed-fields/managed-fields.ts';
import { contains, get, has } from '../../model/keys.ts';

/**
 * Is a copy up to date, by its metadata alone (docs/design.md 5.2)? This is strong evidence that only we wrote to it, and no
 * proof. The uid and resourceVersion of the origin are among the wanted annotations. `markOf` returns the mark `fields` of
 * content names. It is called for every copy, so it should be memoized.
 *
 * | | holds when |
 * |---|---|
 * | a, b | every wanted label and annotation has its wanted value, and we own none that is unwanted |
 * | c | our content fields are those that the mark `fields` names, no other manager owns one or applied `stringData` |
 */
export function isUpToDate(
  { labels, annotations, managedFields }: ObjectMeta,
  wanted: DesiredMetadata,
  markOf: (content: readonly string[]) => string,
): boolean {
  if (!contains(labels, wanted.labels) || !contains(annotations, wanted.annotations)) return false;
  const content: string[] = [];
  for (const entry of managedFields) {
    const tree = entry.fieldsV1;
    if (branch(tree, 'f:stringData') !== undefined) return false;
    if (isOurEntry(entry)) {
      const metadata = branch(tree, 'f:metadata');
      if (hasUnwanted(branch(metadata, 'f:labels'), labels, wanted.labels)) return false;
      if (hasUnwanted(branch(metadata, 'f:annotations'), annotations, wanted.annotations)) return false;
      for (const name of contentFieldsIn(tree)) content.push(name);
    } else if (ownsContent(tree)) return false;
  }
  return markOf(content) === get(annotations, FIELDS);
}

function hasUnwanted(owned: FieldTree | undefined, have: StringMap, want: StringMap): boolean {
  for (const step in owned) {
    const key = step.slice(2);
    if (step.startsWith('f:') && key !== FIELDS && has(have, key) && !has(want, key)) return true;
  }
  return false;
}
