import type { FieldTree, ManagedFieldsEntry, StringMap } from '../core/model.ts';
import type { Sharing } from './decode.ts';

/**
 * Keeps one of the parts that the copies of a source have in common: their labels, annotations and field owners are
 * equal but for a copy that somebody touched. Ten thousand copies then hold a few maps between them. What is compared
 * are the ones seen last in a bucket, so that it costs the same whatever a list holds.
 */
export function sharing(): Sharing {
  return { map: shared(sameMap), entries: shared(sameEntries) };
}

/** Labels and annotations share buckets but not values. */
const MOST_KEPT = 4;

function shared<T>(same: (a: T, b: T) => boolean): (bucket: string, value: T) => T {
  const seen = new Map<string, T[]>();
  return (bucket, value) => {
    const known = seen.get(bucket);
    if (known === undefined) {
      seen.set(bucket, [value]);
      return value;
    }
    for (const one of known) if (same(one, value)) return one;
    if (known.push(value) > MOST_KEPT) known.shift();
    return value;
  };
}

/** Equal and in the same order, which is how one server writes equal maps. */
function sameMap(a: StringMap, b: StringMap): boolean {
  const keys = Object.keys(a);
  let place = 0;
  for (const key in b) {
    if (key !== keys[place] || a[key] !== b[key]) return false;
    place += 1;
  }
  return place === keys.length;
}

/** The time of an entry decides nothing. */
function sameEntries(a: readonly ManagedFieldsEntry[], b: readonly ManagedFieldsEntry[]): boolean {
  return a.length === b.length && a.every((entry, index) => sameEntry(entry, b[index]));
}

function sameEntry(a: ManagedFieldsEntry, b: ManagedFieldsEntry | undefined): boolean {
  return (
    a.manager === b?.manager &&
    a.operation === b?.operation &&
    a.subresource === b?.subresource &&
    sameTree(a.fieldsV1, b?.fieldsV1, DEEPEST)
  );
}

/** Deeper trees are a forger's: they are equal to nothing, and no recursion follows them. */
const DEEPEST = 8;

function sameTree(a: FieldTree | undefined, b: FieldTree | undefined, depth: number): boolean {
  if (a === undefined || b === undefined || a === null || b === null || depth === 0) return false;
  const steps = Object.keys(a);
  let place = 0;
  for (const step in b) {
    if (step !== steps[place] || !sameTree(a[step], b[step], depth - 1)) return false;
    place += 1;
  }
  return place === steps.length;
}
