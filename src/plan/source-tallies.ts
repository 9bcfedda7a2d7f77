import type { ObjectKey } from '../model/objects.ts';
import type { SourceState } from '../model/plan.ts';
import { type Source } from './classify.ts';
import { narrowingTexts } from './annotations/narrowing.ts';
import { compareNames, nameOf } from '../model/keys.ts';

// How many copies does each source ask for, and how many of them need no write?

/** The counts of one source. */
export interface SourceTally {
  /** Namespaces in which it asks for a copy. */
  readonly reach: number;
  readonly unchanged: number;
}

interface Counts {
  reach: number;
  unchanged: number;
}

/** Counts by source. */
export class SourceTallies {
  readonly byKey = new Map<ObjectKey, Counts>();

  /** The counts of one source. The caller adds to them. */
  of(key: ObjectKey): Counts {
    const counts = this.byKey.get(key) ?? { reach: 0, unchanged: 0 };
    this.byKey.set(key, counts);
    return counts;
  }

  /** All copies that need no write. */
  get unchanged(): number {
    return [...this.byKey.values()].reduce((sum, { unchanged }) => sum + unchanged, 0);
  }
}

/** Returns the state of each source: the counts of its draft, and the copies that the reads showed to be equal. */
export function sourceStates(
  sources: readonly Source[],
  tally: ReadonlyMap<ObjectKey, SourceTally>,
  equal: ReadonlyMap<ObjectKey, number>,
): readonly SourceState[] {
  return sources
    .map(({ meta, key, text, selector }): SourceState => {
      const { reach = 0, unchanged = 0 } = tally.get(key) ?? {};
      const frozen = selector === undefined && ({ frozen: true } as const);
      return {
        ...nameOf(meta),
        selector: text,
        ...narrowingTexts(meta.annotations),
        ...frozen,
        reach,
        unchanged: unchanged + (equal.get(key) ?? 0),
      };
    })
    .toSorted(compareNames);
}
