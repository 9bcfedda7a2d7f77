import type { DesiredMetadata } from './desired.ts';
import { FIELDS } from '../annotations/markers.ts';
import type { FieldTree, ObjectMeta, StringMap } from '../../model/objects.ts';
import { branch } from '../managed-fields/field-tree.ts';
import { contentFieldsIn, isOurEntry, ownsContent } from '../managed-fields/managed-fields.ts';
import { contains, get, has } from '../../model/keys.ts';

/**
 * Whether a copy is taken as current from metadata alone (design section 4.2): strong evidence that nobody wrote to it
 * since we did, not proof. The origin's uid and resourceVersion are within the wanted annotations. `markOf` gives the
 * mark `fields` of content names; it is asked for every copy, so it had better remember.
 *
 * | | holds when |
 * |---|---|
 * | a, b | every wanted label and annotation is there as wanted, and none that we own is unwanted |
 * | c | our content fields are those that the mark `fields` names, nobody else owns one, nobody applied `stringData` |
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
