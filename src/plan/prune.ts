import { SYNC, canBeSource, hasSyncAnnotation } from './annotations/markers.ts';
import { isWantedOutOfScope, isFrozen } from './resolve-conflicts.ts';
import type { Copy } from './object-index.ts';
import { isFromOldOperator } from './decide-copy.ts';
import type { Finding } from '../model/finding.ts';
import type { ObjectMeta } from '../model/objects.ts';
import type { Prune } from '../model/change.ts';
import { get, nameOf, originOf } from '../model/keys.ts';
import { type ClassifiedSnapshot, isIgnored } from './classify.ts';

/** What becomes of the copies that nobody asks for, and how many copies there are in scope at all. */
export interface PrunePlan {
  readonly prunes: readonly Prune[];
  readonly findings: readonly Finding[];
  readonly copiesInScope: number;
}

/** Judges every copy of ours that is not wanted (the row "no / ours" of the decision table and its exceptions). */
export function planPrunes(classified: ClassifiedSnapshot, wanted: ReadonlySet<Copy>): PrunePlan {
  const inScope = (copy: Copy): boolean => wanted.has(copy) || isInScope(copy, classified);
  const judged = (copy: Copy): Prune | Finding | undefined =>
    wanted.has(copy) ? undefined : judge(copy, classified, () => reasonOf(copy, classified));
  return judgeAll(classified, inScope, judged);
}

/** Judges every copy of ours as one that is to go, whatever its source asks for (`kubed-sync purge`). */
export function planPurgePrunes(classified: ClassifiedSnapshot): PrunePlan {
  const { scope } = classified;
  const inScope = ({ meta, origin }: Copy): boolean =>
    scope.isTargetNamespace(meta.namespace) && scope.isSourceNamespace(origin.namespace);
  return judgeAll(classified, inScope, (copy) => judge(copy, classified, () => ({ reason: 'purge' })));
}

function judgeAll(
  classified: ClassifiedSnapshot,
  inScope: (copy: Copy) => boolean,
  judged: (copy: Copy) => Prune | Finding | undefined,
): PrunePlan {
  const prunes: Prune[] = [];
  const findings: Finding[] = [];
  let [copiesInScope, outOfScope] = [0, 0];
  for (const copy of classified.index.copies) {
    if (!inScope(copy)) {
      outOfScope += 1;
      continue;
    }
    const decision = judged(copy);
    if (counts(copy, decision)) copiesInScope += 1;
    if (decision === undefined) continue;
    if ('action' in decision) prunes.push(decision);
    else findings.push(decision);
  }
  if (outOfScope > 0) findings.push({ reason: 'out-of-scope', copies: outOfScope });
  return { prunes, findings, copiesInScope };
}

/**
 * Whether a copy is one of those that a percentage of `--max-prune` is of. What nobody would ever delete, such as a copy
 * with a sync annotation, is not: anyone can forge thousands of such, and the limit with them.
 */
function counts({ meta }: Copy, decision: Prune | Finding | undefined): boolean {
  return decision === undefined ? !hasSyncAnnotation(meta) : 'action' in decision;
}

/** An option never causes a delete: a copy that a source outside the scope would take over is left to it. */
function isInScope(copy: Copy, classified: ClassifiedSnapshot): boolean {
  const { scope, index } = classified;
  const { meta, origin } = copy;
  if (!scope.isTargetNamespace(meta.namespace) || !scope.isSourceNamespace(origin.namespace)) return false;
  const namespace = index.namespaces.get(meta.namespace);
  return namespace === undefined || !isWantedOutOfScope(copy, namespace, classified);
}

type Why = Pick<Prune, 'reason' | 'selector'>;

/** The order of the questions is the order of what forbids a delete most. */
function judge(copy: Copy, classified: ClassifiedSnapshot, why: () => Why): Prune | Finding | undefined {
  const { meta, origin } = copy;
  const namespace = classified.index.namespaces.get(meta.namespace);
  if (namespace === undefined || namespace.terminating) return undefined;
  const about = { ...nameOf(meta), origin: originOf(origin) };
  if (meta.deletionTimestamp !== undefined) return { reason: 'being-deleted', ...about };
  const reason = why();
  if (hasSyncAnnotation(meta)) return undefined;
  if (reason.reason !== 'purge' && isFrozen(copy, classified)) return undefined;
  if (isNobodys(copy, classified) && !classified.scope.pruneLegacy) return { reason: 'orphan', ...about };
  if (!classified.scope.prune) return undefined;
  const guard = { uid: meta.uid, resourceVersion: meta.resourceVersion };
  return { action: 'prune', ...about, guard, ...reason };
}

/** Not written by us, and its origin is not here: pushed by another cluster, or copied by hand. */
function isNobodys(copy: Copy, classified: ClassifiedSnapshot): boolean {
  return isFromOldOperator(copy.meta) && originObject(copy, classified) === undefined;
}

/**
 * The object that a copy came from, whatever it is now. Undefined if there is none, or if the object there is a copy
 * itself: that was never the source of anything, since the run before this one may have made it.
 */
function originObject({ meta, origin }: Copy, { index }: ClassifiedSnapshot): ObjectMeta | undefined {
  const there = index.byName(meta.kind, origin.name).get(origin.namespace);
  return there?.copy === undefined ? there?.meta : undefined;
}

function reasonOf(copy: Copy, classified: ClassifiedSnapshot): Why {
  const source = originObject(copy, classified);
  if (source === undefined) return { reason: 'source-gone' };
  if (!canBeSource(source.kind, source.name)) return { reason: 'not-a-source' };
  const selector = get(source.annotations, SYNC);
  if (selector === undefined) return { reason: 'annotation-removed' };
  const namespace = classified.index.namespaces.get(copy.meta.namespace);
  if (namespace !== undefined && isIgnored(namespace)) return { reason: 'namespace-ignored' };
  return { reason: 'namespace-not-selected', selector };
}
