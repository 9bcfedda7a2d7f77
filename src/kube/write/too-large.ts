import type { Change } from '../../model/change.ts';
import type { Finding } from '../../model/finding.ts';
import type { ObjectKey } from '../../model/objects.ts';
import { keyFrom, nameOf } from '../../model/keys.ts';
import { type WriteResult, skipped } from './write-outcome.ts';

/** So many copies are tried: a single namespace may have an admission policy that makes its objects larger. */
const ENOUGH = 3;

/**
 * Ends the creates of a source whose copies the API server, or the etcd behind it, refuses as too large: ten thousand
 * more of a megabyte each would fare no better. One create that is accepted clears the source.
 */
export class TooLargeBreaker {
  readonly #refusals = new Map<ObjectKey, number>();
  readonly #accepted = new Set<ObjectKey>();

  /** What becomes of a change without trying; undefined where it is to be tried. */
  settle(change: Change): WriteResult | undefined {
    if (change.action !== 'create') return undefined;
    const key = sourceOf(change);
    const isOver = !this.#accepted.has(key) && (this.#refusals.get(key) ?? 0) >= ENOUGH;
    return isOver ? skipped('source-not-copyable') : undefined;
  }

  /** Takes note of how a create ended. */
  note(change: Change, { outcome, tooLarge }: WriteResult): void {
    if (change.action !== 'create') return;
    const key = sourceOf(change);
    if (outcome.outcome === 'done') this.#accepted.add(key);
    else if (tooLarge) this.#refusals.set(key, (this.#refusals.get(key) ?? 0) + 1);
  }

  /** One finding for each source whose creates were given up. */
  findings(changes: readonly Change[], settled: ReadonlyMap<Change, WriteResult>): readonly Finding[] {
    const found = new Map<ObjectKey, Finding>();
    for (const change of changes) {
      const outcome = settled.get(change)?.outcome;
      if (outcome?.outcome !== 'skipped' || outcome.why !== 'source-not-copyable') continue;
      const name = nameOf({ ...change.origin, kind: change.kind });
      found.set(sourceOf(change), {
        reason: 'source-not-copyable',
        ...name,
        why: { code: 'refused-as-too-large' },
      });
    }
    return [...found.values()];
  }
}

function sourceOf({ kind, origin }: Change): ObjectKey {
  return keyFrom(kind, origin.namespace, origin.name);
}
