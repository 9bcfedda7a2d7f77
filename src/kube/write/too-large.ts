import type { Change } from '../../model/change.ts';
import type { Finding } from '../../model/finding.ts';
import type { ObjectKey } from '../../model/objects.ts';
import { keyFrom, nameOf } from '../../model/keys.ts';
import { type WriteResult, skipped } from './write-outcome.ts';

/** So many copies are tried: an admission policy of one namespace may make its objects larger. */
const MOST_REJECTIONS = 3;

/**
 * Stops the creates of a source whose copies the API server or etcd rejects as too large. Otherwise a run might send a
 * megabyte to each of ten thousand namespaces in vain. One accepted create clears the source.
 */
export class TooLargeBreaker {
  readonly #rejections = new Map<ObjectKey, number>();
  readonly #accepted = new Set<ObjectKey>();

  /** The result of a change that is not tried; undefined where it is to be tried. */
  skip(change: Change): WriteResult | undefined {
    if (change.action !== 'create') return undefined;
    const key = sourceOf(change);
    const isOver = !this.#accepted.has(key) && (this.#rejections.get(key) ?? 0) >= MOST_REJECTIONS;
    return isOver ? skipped('source-not-copyable') : undefined;
  }

  /** Records how a create ended. */
  record(change: Change, { outcome, tooLarge }: WriteResult): void {
    if (change.action !== 'create') return;
    const key = sourceOf(change);
    if (outcome.outcome === 'done') this.#accepted.add(key);
    else if (tooLarge) this.#rejections.set(key, (this.#rejections.get(key) ?? 0) + 1);
  }

  /** One finding for each source whose creates were stopped. */
  findings(changes: readonly Change[], results: ReadonlyMap<Change, WriteResult>): readonly Finding[] {
    const found = new Map<ObjectKey, Finding>();
    for (const change of changes) {
      const outcome = results.get(change)?.outcome;
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
