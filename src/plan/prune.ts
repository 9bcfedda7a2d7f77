/*
 * Who decides to prune? `planPrunes` here decides about every copy that is ours and that no source asks for: prune it, keep
 * it, or report it (docs/design.md 4, the row "no / ours"). Later steps can only take a prune back: `finalize.ts` if a read
 * does not confirm it, `guard.ts` if there are more than `--max-prune` allows.
 *
 * Example: the selector of `src/omni` changes from `env=dev` to `env=prod`. Its copy in a namespace with `env=dev` is pruned.
 */

import { leftBehind, newerThanHome } from './contexts/place.ts';
import {
  SYNC_NAMESPACES,
  UNWANTED_SINCE,
  canBeSource,
  hasSyncAnnotation,
  requestKey,
} from './annotations/markers.ts';
import { acceptFromProblem, consentOf } from './annotations/accept-from.ts';
import { namePatternsOf } from './annotations/narrowing.ts';
import { matchesNames } from './annotations/sync-namespaces.ts';
import { isFrozen, isWantedByFrozen, isWantedOutOfScope } from './resolve-conflicts.ts';
import type { Copy } from './object-index.ts';
import { isFromOldOperator } from './managed-fields/proof-of-ownership.ts';
import type { KeepReason } from '../model/explanation.ts';
import type { Finding, OrphanReason } from '../model/finding.ts';
import type { Namespace, ObjectMeta, ObjectName, Origin } from '../model/objects.ts';
import type { Mark, Prune } from '../model/change.ts';
import { get, nameOf, originOf } from '../model/keys.ts';
import { type ClassifiedSnapshot, isIgnored } from './classify.ts';
import type { Scope } from './scope.ts';
import { addSeconds, parseTimestamp } from '../util/timestamp.ts';
import { isProvenOurs } from './managed-fields/proof-of-ownership.ts';

/** A marked copy that is not deleted yet. */
export interface WaitingCopy extends ObjectName {
  readonly origin: Origin;
  /** When it is due: RFC 3339. */
  readonly until: string;
}

/** The decision on all copies that no source asks for, and the number of copies in scope. */
export interface PrunePlan {
  readonly prunes: readonly (Mark | Prune)[];
  readonly waiting: readonly WaitingCopy[];
  readonly findings: readonly Finding[];
  readonly copiesInScope: number;
}

/** What happens to a copy that no source asks for. With `keeps` it stays, and there is nothing to report. */
type PruneDecision =
  | Mark
  | Prune
  | Finding
  | { readonly waitsUntil: string }
  | { readonly keeps: KeepReason };

/** Decides on every copy of ours that is not wanted. */
export function planPrunes(classified: ClassifiedSnapshot, wanted: ReadonlySet<Copy>): PrunePlan {
  const inScope = (copy: Copy): boolean => wanted.has(copy) || isInScope(copy, classified);
  const decide = (copy: Copy): PruneDecision =>
    wanted.has(copy) ? { keeps: 'wanted' } : decideUnwanted(copy, classified);
  return decideCopies(classified, inScope, decide);
}

/** The decision on one copy that no source asks for, for `kubed-sync explain`. */
export function explainUnwanted(copy: Copy, classified: ClassifiedSnapshot): PruneDecision {
  return isInScope(copy, classified) ? decideUnwanted(copy, classified) : { keeps: 'out-of-scope' };
}

/** Decides on every copy of ours for `kubed-sync purge`, even if a source asks for it. */
export function planPurgePrunes(classified: ClassifiedSnapshot): PrunePlan {
  const { scope } = classified;
  const inScope = ({ meta, origin }: Copy): boolean =>
    scope.isTargetNamespace(meta.namespace) && scope.isSourceNamespace(origin.namespace);
  const decide = (copy: Copy): PruneDecision => decidePruneOf(copy, classified, () => ({ reason: 'purge' }));
  return decideCopies(classified, inScope, decide);
}

function decideCopies(
  classified: ClassifiedSnapshot,
  inScope: (copy: Copy) => boolean,
  decide: (copy: Copy) => PruneDecision,
): PrunePlan {
  const [prunes, waiting, findings]: [(Mark | Prune)[], WaitingCopy[], Finding[]] = [[], [], []];
  let [copiesInScope, outOfScope] = [0, 0];
  for (const copy of classified.index.copies) {
    if (!inScope(copy)) {
      outOfScope += 1;
      continue;
    }
    const decision = decide(copy);
    if (countsAsCopy(copy, decision, classified.scope)) copiesInScope += 1;
    if ('keeps' in decision) continue;
    if ('action' in decision) prunes.push(decision);
    else if ('waitsUntil' in decision)
      waiting.push({ ...nameOf(copy.meta), origin: originOf(copy.origin), until: decision.waitsUntil });
    else findings.push(decision);
  }
  if (outOfScope > 0) findings.push({ reason: 'out-of-scope', copies: outOfScope });
  return { prunes, waiting, findings, copiesInScope };
}

/**
 * Whether a percentage of `--max-prune` counts this copy. Copies that no run deletes do not count, such as one with a sync
 * annotation. Otherwise a user could forge thousands of them and so raise the limit.
 */
function countsAsCopy({ meta }: Copy, decision: PruneDecision, { remote }: Scope): boolean {
  if ('keeps' in decision) return remote !== undefined || !hasSyncAnnotation(meta);
  return 'action' in decision || 'waitsUntil' in decision;
}

/** Whether an unwanted copy is in scope. It is not, if a source outside the scope asks for it: options never delete. */
function isInScope(copy: Copy, classified: ClassifiedSnapshot): boolean {
  const { scope, index } = classified;
  const { meta, origin } = copy;
  if (!scope.isTargetNamespace(meta.namespace) || !scope.isSourceNamespace(origin.namespace)) return false;
  const namespace = index.namespaces.get(meta.namespace);
  return namespace === undefined || !isWantedOutOfScope(copy, namespace, classified);
}

type Cause = Pick<Prune, 'reason' | 'selector' | 'syncNamespaces'>;

/**
 * Decides on a copy that no source asks for. With `--prune-after 5m`, the first run marks it, and a later run deletes it:
 *
 * | annotation unwanted-since | now | decision |
 * |---|---|---|
 * | absent | 12:00 | mark with 12:00 |
 * | 12:00 | 12:03 | it waits, until 12:05 |
 * | 12:00 | 12:06 | prune |
 * | 13:00, or not a time | 12:06 | mark with 12:06: a mark must not shorten the time |
 */
function decideUnwanted(copy: Copy, classified: ClassifiedSnapshot): PruneDecision {
  const decision = decidePruneOf(copy, classified, (namespace) => causeOf(copy, namespace, classified));
  const { pruneAfter, now } = classified.scope;
  if (!('action' in decision) || pruneAfter === 0) return decision;
  const marked = get(copy.meta.annotations, UNWANTED_SINCE) ?? '';
  if (!isTimeUntil(marked, now))
    return { ...decision, action: 'mark', since: now, until: addSeconds(now, pruneAfter) };
  const until = addSeconds(marked, pruneAfter);
  return until > now ? { waitsUntil: until } : decision;
}

/** Whether a text is a time as we write it, and is not in the future. */
function isTimeUntil(text: string, now: string): boolean {
  return parseTimestamp(text) !== undefined && text <= now;
}

/** Decides on one copy. The checks go from the strongest reason not to delete to the weakest. */
function decidePruneOf(
  copy: Copy,
  classified: ClassifiedSnapshot,
  findCause: (namespace: Namespace) => Cause,
): Prune | Finding | { readonly keeps: KeepReason } {
  const { meta, origin } = copy;
  const namespace = classified.index.namespaces.get(meta.namespace);
  if (namespace === undefined || namespace.terminating) return { keeps: 'namespace-terminating' };
  const about = { ...nameOf(meta), origin: originOf(origin) };
  if (meta.deletionTimestamp !== undefined) return { reason: 'being-deleted', ...about };
  const cause = findCause(namespace);
  // In another cluster, a copy with a sync annotation is a source for that cluster alone.
  if (hasSyncAnnotation(meta) && classified.scope.remote === undefined) return { keeps: 'sync-annotation' };
  if (cause.reason !== 'purge') {
    if (isFrozen(copy, classified)) return { keeps: 'source-frozen' };
    if (acceptFromProblem(namespace, classified.scope) !== undefined) return { keeps: 'accept-from-invalid' };
    const kept = leftBehind(copy, classified) ?? newerThanHome(meta, origin, classified);
    if (kept !== undefined) return kept;
    if (classified.held.has(copy.originKey)) return { keeps: 'source-held' };
    if (isWantedByFrozen(copy, namespace, classified)) return { keeps: 'wanted-by-frozen' };
  }
  const why = orphanReason(copy, classified, cause.reason === 'purge');
  if (why !== undefined && !classified.scope.pruneLegacy) return { reason: 'orphan', ...about, why };
  if (!classified.scope.prune) return { keeps: 'no-prune' };
  const guard = { uid: meta.uid, resourceVersion: meta.resourceVersion };
  return { action: 'prune', ...about, guard, ...cause };
}

/**
 * Why it is not known that this copy is ours. The old operator also pushed copies into other clusters, so its copies need
 * an origin here.
 */
function orphanReason(
  copy: Copy,
  classified: ClassifiedSnapshot,
  isPurge: boolean,
): OrphanReason | undefined {
  if (copy.claim === 'former-cluster' && !isPurge) return 'former-cluster';
  if (copy.claim === 'old-operator') return 'unwanted';
  if (isFromOldOperator(copy.meta) && originObject(copy, classified) === undefined) return 'origin-missing';
  return isProvenOurs(copy.meta, classified.scope) ? undefined : 'unwanted';
}

/**
 * The object that a copy came from, whatever it is now. Undefined if there is none, or if a copy is there. A copy was never
 * a source: an earlier run may have made it.
 */
function originObject(
  { meta, origin }: Copy,
  { home: { index } }: ClassifiedSnapshot,
): ObjectMeta | undefined {
  const there = index.byName(meta.kind, origin.name).get(origin.namespace);
  return there?.copy === undefined ? there?.meta : undefined;
}

/** Why no source asks for a copy. */
function causeOf(copy: Copy, namespace: Namespace, classified: ClassifiedSnapshot): Cause {
  const source = originObject(copy, classified);
  if (source === undefined) return { reason: 'source-gone' };
  if (!canBeSource(source.kind, source.name)) return { reason: 'not-a-source' };
  const { remote } = classified.scope;
  const asked = get(source.annotations, requestKey(classified.scope));
  if (asked === undefined) return { reason: 'annotation-removed' };
  if (isIgnored(namespace)) return { reason: 'namespace-ignored' };
  if (remote !== undefined) return { reason: 'context-not-named' };
  if (consentOf(namespace, copy.origin.namespace, classified.scope) === 'refused')
    return { reason: 'namespace-refuses' };
  const names = namePatternsOf(source.annotations);
  const syncNamespaces = get(source.annotations, SYNC_NAMESPACES);
  if (syncNamespaces !== undefined && names !== undefined && !matchesNames(names, copy.meta.namespace))
    return { reason: 'namespace-not-named', syncNamespaces };
  return { reason: 'namespace-not-selected', selector: asked };
}
