import { type DesiredMetadata, typeOf } from './desired.ts';
import { copyContent } from './narrow-content.ts';
import type { Body, ObjectMeta, StringMap } from '../../model/objects.ts';
import type { FieldDifference, FieldPart } from '../../model/change.ts';
import { compareText, contains, get, has } from '../../model/keys.ts';

/** How does a copy differ from its source? The names of the content fields, never values, sorted by part and key. */
export function contentDifferences(source: Body, there: Pick<Body, 'content'>): readonly FieldDifference[] {
  const [want, have] = [copyContent(source), there.content];
  const fields = [
    ...partDifferences('data', want.data, have.data, Object.keys(have.data)),
    ...partDifferences('binaryData', want.binaryData, have.binaryData, Object.keys(have.binaryData)),
  ];
  if (source.kind === 'Secret' && typeOf(want) !== typeOf(have)) fields.push({ part: 'type', op: 'change' });
  if (want.immutable !== have.immutable)
    fields.push({ part: 'immutable', op: want.immutable ? 'add' : 'remove' });
  return fields;
}

/** Keys on a copy that may be removed, if they are not wanted. */
export interface UnwantedKeys {
  readonly labels: Iterable<string>;
  readonly annotations: Iterable<string>;
}

/** Labels and annotations to set or to remove. Keys that others put on a copy are no difference (docs/design.md 3.3). */
export function metadataDifferences(
  want: DesiredMetadata,
  there: Pick<ObjectMeta, 'labels' | 'annotations'>,
  unwanted: UnwantedKeys,
): readonly FieldDifference[] {
  return [
    ...partDifferences('labels', want.labels, there.labels, unwanted.labels),
    ...partDifferences('annotations', want.annotations, there.annotations, unwanted.annotations),
  ];
}

/** The keys to add, to change, and of the `unwanted` those to remove. */
function partDifferences(
  part: FieldPart,
  want: StringMap,
  have: StringMap,
  unwanted: Iterable<string>,
): readonly FieldDifference[] {
  const gone = [...new Set(unwanted)].filter((key) => has(have, key) && !has(want, key));
  // Nearly all maps are equal.
  if (gone.length === 0 && contains(have, want)) return [];
  return [
    ...missing(part, want, have),
    ...gone.map((key): FieldDifference => ({ part, key, op: 'remove' })),
  ].toSorted(compareDifferences);
}

function missing(part: FieldPart, want: StringMap, have: StringMap): FieldDifference[] {
  return Object.keys(want).flatMap((key): FieldDifference[] => {
    const value = get(have, key);
    return value === get(want, key) ? [] : [{ part, key, op: value === undefined ? 'add' : 'change' }];
  });
}

/** The order of the differences in one map. No two have the same key. */
function compareDifferences(a: FieldDifference, b: FieldDifference): number {
  return compareText(String(a.key), String(b.key));
}
