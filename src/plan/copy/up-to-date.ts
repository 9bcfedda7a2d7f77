import type { DesiredMetadata } from './desired.ts';
import { FIELDS, CLUSTER_MARKS } from '../annotations/markers.ts';
import type { FieldTree, ObjectMeta, StringMap } from '../../model/objects.ts';
import { branch, isTree } from '../managed-fields/field-tree.ts';
import { contentFieldsIn, isOurEntry, ownsContent } from '../managed-fields/managed-fields.ts';
import { contains, get, has } from '../../model/keys.ts';
import { memoizeObject } from '../../util/memoize.ts';

/**
 * Is a copy up to date, by its metadata alone (docs/design.md 5.2)? This is strong evidence that only we wrote to it, and no
 * proof. The uid and resourceVersion of the origin are among the wanted annotations. `markOf` returns the mark `fields` of
 * content names. It is called for every copy, mostly with the same list, so it should be memoized.
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
  if (CLUSTER_MARKS.some((key) => has(annotations, key) && !has(wanted.annotations, key))) return false;
  const content: (readonly string[])[] = [];
  for (const entry of managedFields) {
    const tree = entry.fieldsV1;
    if (branch(tree, 'f:stringData') !== undefined) return false;
    if (isOurEntry(entry)) {
      const metadata = branch(tree, 'f:metadata');
      if (hasUnwanted(branch(metadata, 'f:labels'), labels, wanted.labels)) return false;
      if (hasUnwanted(branch(metadata, 'f:annotations'), annotations, wanted.annotations)) return false;
      if (isTree(tree)) content.push(contentOf(tree));
    } else if (ownsContent(tree)) return false;
  }
  const [only = NO_CONTENT] = content;
  return markOf(content.length > 1 ? content.flat() : only) === get(annotations, FIELDS);
}

const NO_CONTENT: readonly string[] = [];

/** Nearly all copies of a source have the same tree, and so the same list. */
const contentOf = memoizeObject((tree: FieldTree) => contentFieldsIn(tree));

function hasUnwanted(owned: FieldTree | undefined, have: StringMap, want: StringMap): boolean {
  for (const step in owned) {
    const key = step.slice(2);
    if (step.startsWith('f:') && key !== FIELDS && has(have, key) && !has(want, key)) return true;
  }
  return false;
}
