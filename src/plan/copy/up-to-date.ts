import type { DesiredMetadata } from './desired.ts';
import { FIELDS, CLUSTER_MARKS } from '../annotations/markers.ts';
import type { ObjectMeta, StringMap } from '../../model/objects.ts';
import { readFieldOwnership } from '../managed-fields/managed-fields.ts';
import { contains, get, has } from '../../model/keys.ts';

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
  const owned = readFieldOwnership(managedFields);
  if (owned.others.length > 0 || owned.stringData) return false;
  if (hasUnwanted(owned.labels, labels, wanted.labels)) return false;
  if (hasUnwanted(owned.annotations, annotations, wanted.annotations)) return false;
  return markOf(owned.content) === get(annotations, FIELDS);
}

/** Whether we own a label or an annotation that is there and not wanted. */
function hasUnwanted(owned: ReadonlySet<string>, have: StringMap, want: StringMap): boolean {
  for (const key of owned) if (key !== FIELDS && has(have, key) && !has(want, key)) return true;
  return false;
}
