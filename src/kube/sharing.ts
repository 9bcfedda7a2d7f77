import type { ManagedFieldsEntry, StringMap } from '../core/model.ts';
import type { Sharing } from './decode.ts';

/**
 * Keeps one of the parts that the copies of a source have in common: their labels, annotations and field owners are
 * equal but for a copy that somebody touched. Ten thousand copies then hold a few maps between them. What is compared
 * are the ones seen last in a bucket, so that it costs the same whatever a list holds.
 */
export function sharing(): Sharing {
  const signed = shared<Signed>((a, b) => a.signature === b.signature);
  return {
    map: shared(sameMap),
    entries: (bucket, entries) => {
      const signature = signatureOf(entries);
      return signature === undefined ? entries : signed(bucket, { entries, signature }).entries;
    },
  };
}

interface Signed {
  readonly entries: readonly ManagedFieldsEntry[];
  readonly signature: string;
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

function sameMap(a: StringMap, b: StringMap): boolean {
  let keys = 0;
  for (const key in a) {
    if (a[key] !== b[key]) return false;
    keys += 1;
  }
  for (const _ in b) keys -= 1;
  return keys === 0;
}

/** All of the entries but their times, which decide nothing. A tree too deep to be written out is a forger's. */
function signatureOf(entries: readonly ManagedFieldsEntry[]): string | undefined {
  try {
    return entries
      .map(({ manager, operation, subresource, fieldsV1 }) =>
        JSON.stringify([manager, operation, subresource, fieldsV1]),
      )
      .join();
  } catch {
    return undefined;
  }
}
