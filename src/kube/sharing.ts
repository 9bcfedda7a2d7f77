import type { FieldTree, ManagedFieldsEntry, StringMap } from '../core/model.ts';
import type { Sharing } from './decode.ts';

/**
 * Keeps one of the parts that the copies of a source have in common: their labels, annotations and field owners are
 * equal but for a copy that somebody touched. Ten thousand copies then hold a few maps between them. What is compared
 * are the ones seen last in a bucket, so that it costs the same whatever a list holds.
 */
export function sharing(): Sharing {
  return { map: shared(Object.keys, sameMap), entries: shared(shapesOf, sameEntries) };
}

/** Labels and annotations share buckets but not values. */
const MOST_KEPT = 4;

interface Known<T, Key> {
  readonly value: T;
  /** What of it is compared, worked out once. */
  readonly key: Key;
}

function shared<T, Key>(
  keyOf: (value: T) => Key,
  same: (known: Known<T, Key>, value: T) => boolean,
): (bucket: string, value: T) => T {
  const seen = new Map<string, Known<T, Key>[]>();
  return (bucket, value) => {
    const known = seen.get(bucket) ?? [];
    if (known.length === 0) seen.set(bucket, known);
    for (const one of known) if (same(one, value)) return one.value;
    if (known.push({ value, key: keyOf(value) }) > MOST_KEPT) known.shift();
    return value;
  };
}

/** Equal and in the same order, which is how one server writes equal maps. */
function sameMap({ value, key: keys }: Known<StringMap, readonly string[]>, map: StringMap): boolean {
  let place = 0;
  for (const key in map) {
    if (key !== keys[place] || value[key] !== map[key]) return false;
    place += 1;
  }
  return place === keys.length;
}

/** The steps of a tree, in their order, with what is below each. */
interface Shape {
  readonly steps: readonly string[];
  readonly below: readonly Shape[];
}

/** Deeper trees are a forger's: they are equal to nothing, and no recursion follows them. */
const DEEPEST = 8;

function shapesOf(entries: readonly ManagedFieldsEntry[]): readonly (Shape | undefined)[] {
  return entries.map(({ fieldsV1 }) => (isTree(fieldsV1) ? shapeOf(fieldsV1, DEEPEST) : undefined));
}

function shapeOf(tree: FieldTree, depth: number): Shape | undefined {
  const below = Object.values(tree).map((one) =>
    depth > 0 && isTree(one) ? shapeOf(one, depth - 1) : undefined,
  );
  const known = below.filter((one) => one !== undefined);
  return known.length === below.length ? { steps: Object.keys(tree), below: known } : undefined;
}

function isTree(tree: FieldTree | null | undefined): tree is FieldTree {
  return typeof tree === 'object' && tree !== null;
}

/** The time of an entry decides nothing. */
function sameEntries(
  { value, key: shapes }: Known<readonly ManagedFieldsEntry[], readonly (Shape | undefined)[]>,
  entries: readonly ManagedFieldsEntry[],
): boolean {
  return (
    value.length === entries.length &&
    value.every((entry, index) => sameEntry(entry, shapes[index], entries[index]))
  );
}

function sameEntry(
  a: ManagedFieldsEntry,
  shape: Shape | undefined,
  b: ManagedFieldsEntry | undefined,
): boolean {
  return (
    a.manager === b?.manager &&
    a.operation === b?.operation &&
    a.subresource === b?.subresource &&
    hasShape(b?.fieldsV1, shape)
  );
}

function hasShape(tree: FieldTree | undefined, shape: Shape | undefined): boolean {
  if (shape === undefined || !isTree(tree)) return false;
  const { steps, below } = shape;
  let place = 0;
  for (const step in tree) {
    if (step !== steps[place] || !hasShape(tree[step], below[place])) return false;
    place += 1;
  }
  return place === steps.length;
}
