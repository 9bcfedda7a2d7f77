/*
 * Who decides to prune? `planPrunes` here decides about every copy that is ours and that no source asks for: prune it, keep
 * it, or report it (docs/design.md 4, the row "no / ours"). Later steps can only take a prune back: `finalize.ts` if a read
 * does not confirm it, `guard.ts` if there are more than `--max-prune` allows.
 *
 * Example: the selector of `src/omni` changes from `env=dev` to `env=prod`. Its copy in a namespace with `env=dev` is pruned.
 */

import { SYNC, canBeSource, hasSyncAnnotation } from './annotations/markers.ts';
import { isWantedOutOfScope, isFrozen } from './resolve-conflicts.ts';
import type { Copy } from './object-index.ts';
import { isFromOldOperator } from './decide-copy.ts';
import type { Finding } from '../model/finding.ts';
import type { ObjectMeta } from '../model/objects.ts';
import type { Prune } from '../model/change.ts';
import { get, nameOf, originOf } from '../model/keys.ts';
import { type ClassifiedSnapshot, isIgnored } from './classify.ts';

/** The decision on all copies that no source asks for, and the number of copies in scope. */
export interface PrunePlan {
  readonly prunes: readonly Prune[];
  readonly findings: readonly Finding[];
  readonly copiesInScope: number;
}

/** Undefined: the copy stays, and there is nothing to report. */
type PruneOrFinding = Prune | Finding | undefined;

/** Decides on every copy of ours that is not wanted. */
export function planPrunes(classified: ClassifiedSnapshot, wanted: ReadonlySet<Copy>): PrunePlan {
  const inScope = (copy: Copy): boolean => wanted.has(copy) || isInScope(copy, classified);
  const decide = (copy: Copy): PruneOrFinding =>
    wanted.has(copy) ? undefined : decidePruneOf(copy, classified, () => causeOf(copy, classified));
  return decideCopies(classified, inScope, decide);
}

/** Decides on every copy of ours for `kubed-sync purge`, even if a source asks for it. */
export function planPurgePrunes(classified: ClassifiedSnapshot): PrunePlan {
  const { scope } = classified;
  const inScope = ({ meta, origin }: Copy): boolean =>
    scope.isTargetNamespace(meta.namespace) && scope.isSourceNamespace(origin.namespace);
  const decide = (copy: Copy): PruneOrFinding => decidePruneOf(copy, classified, () => ({ reason: 'purge' }));
  return decideCopies(classified, inScope, decide);
}

function decideCopies(
  classified: ClassifiedSnapshot,
  inScope: (copy: Copy) => boolean,
  decide: (copy: Copy) => PruneOrFinding,
): PrunePlan {
  const prunes: Prune[] = [];
  const findings: Finding[] = [];
  let [copiesInScope, outOfScope] = [0, 0];
  for (const copy of classified.index.copies) {
    if (!inScope(copy)) {
      outOfScope += 1;
      continue;
    }
    const decision = decide(copy);
    if (countsAsCopy(copy, decision)) copiesInScope += 1;
    if (decision === undefined) continue;
    if ('action' in decision) prunes.push(decision);
    else findings.push(decision);
  }
  if (outOfScope > 0) findings.push({ reason: 'out-of-scope', copies: outOfScope });
  return { prunes, findings, copiesInScope };
}

/**
 * Whether a percentage of `--max-prune` counts this copy. Copies that no run deletes do not count, such as one with a sync
 * annotation. Otherwise a user could forge thousands of them and so raise the limit.
 */
function countsAsCopy({ meta }: Copy, decision: PruneOrFinding): boolean {
  return decision === undefined ? !hasSyncAnnotation(meta) : 'action' in decision;
}

/** Whether an unwanted copy is in scope. It is not, if a source outside the scope asks for it: options never delete. */
function isInScope(copy: Copy, classified: ClassifiedSnapshot): boolean {
  const { scope, index } = classified;
  const { meta, origin } = copy;
  if (!scope.isTargetNamespace(meta.namespace) || !scope.isSourceNamespace(origin.namespace)) return false;
  const namespace = index.namespaces.get(meta.namespace);
  return namespace === undefined || !isWantedOutOfScope(copy, namespace, classified);
}

type Cause = Pick<Prune, 'reason' | 'selector'>;

/** Decides on one copy. The checks go from the strongest reason not to delete to the weakest. */
function decidePruneOf(copy: Copy, classified: ClassifiedSnapshot, findCause: () => Cause): PruneOrFinding {
  const { meta, origin } = copy;
  const namespace = classified.index.namespaces.get(meta.namespace);
  if (namespace === undefined || namespace.terminating) return undefined;
  const about = { ...nameOf(meta), origin: originOf(origin) };
  if (meta.deletionTimestamp !== undefined) return { reason: 'being-deleted', ...about };
  const cause = findCause();
  if (hasSyncAnnotation(meta)) return undefined;
  if (cause.reason !== 'purge' && isFrozen(copy, classified)) return undefined;
  if (isOrphan(copy, classified) && !classified.scope.pruneLegacy) return { reason: 'orphan', ...about };
  if (!classified.scope.prune) return undefined;
  const guard = { uid: meta.uid, resourceVersion: meta.resourceVersion };
  return { action: 'prune', ...about, guard, ...cause };
}

/** Whether we did not write a copy and its origin does not exist: another cluster or a person made it. */
function isOrphan(copy: Copy, classified: ClassifiedSnapshot): boolean {
  return isFromOldOperator(copy.meta) && originObject(copy, classified) === undefined;
}

/**
 * The object that a copy came from, whatever it is now. Undefined if there is none, or if a copy is there. A copy was never
 * a source: an earlier run may have made it.
 */
function originObject({ meta, origin }: Copy, { index }: ClassifiedSnapshot): ObjectMeta | undefined {
  const there = index.byName(meta.kind, origin.name).get(origin.namespace);
  return there?.copy === undefined ? there?.meta : undefined;
}

/** Why no source asks for a copy. */
function causeOf(copy: Copy, classified: ClassifiedSnapshot): Cause {
  const source = originObject(copy, classified);
  if (source === undefined) return { reason: 'source-gone' };
  if (!canBeSource(source.kind, source.name)) return { reason: 'not-a-source' };
  const selector = get(source.annotations, SYNC);
  if (selector === undefined) return { reason: 'annotation-removed' };
  const namespace = classified.index.namespaces.get(copy.meta.namespace);
  if (namespace !== undefined && isIgnored(namespace)) return { reason: 'namespace-ignored' };
  return { reason: 'namespace-not-selected', selector };
}
