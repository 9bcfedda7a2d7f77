import { type Decision, create, decideCopy } from './decide-copy.ts';
import type { AnnotationProblem } from '../model/annotation-problem.ts';
import { SYNC_KEYS } from './annotations/markers.ts';
import { letsIn } from './annotations/accept-from.ts';
import { asksTheSame } from './annotations/narrowing.ts';
import { isPlainCopy } from './annotations/read-marks.ts';
import { ACTIONS, type Change, type Mark, type Prune } from '../model/change.ts';
import type { Plan } from '../model/plan.ts';
import type { Body, ObjectKey, ObjectMeta, ObjectName } from '../model/objects.ts';
import type { Finding, NotCopyable, SourceChange } from '../model/finding.ts';
import type { DraftPlan, PendingCopy } from './draft.ts';
import type { WaitingCopy } from './prune.ts';
import type { Scope } from './scope.ts';
import { compareNames, compareText, keyFrom, keyOf, nameOf, originKeyOf } from '../model/keys.ts';
import { memoizePair } from '../util/memoize.ts';
import { typeOf } from './copy/desired.ts';
import { missingKeyFindings } from './copy/missing-keys.ts';
import { narrowContent } from './copy/narrow-content.ts';
import { contentProblem } from './copy/limits.ts';
import { sourceStates } from './source-tallies.ts';

/*
 * Which of the drafted changes does a run make, after its reads? The draft and what was read for it become the plan.
 * A source that is not what the list showed blocks changes, and so does one that cannot be copied:
 *
 *   the source or origin, when read        new copies and writes  copies that leave it  prunes    finding
 *   -------------------------------------  ---------------------  --------------------  --------  -------------------
 *   as listed                              yes                    yes                   yes
 *   gone                                   blocked                yes                   yes       source-changed
 *   other uid or annotation, or appeared   blocked                blocked               blocked   source-changed
 *   cannot be copied                       blocked                yes                   blocked   source-not-copyable
 *
 * Example: ConfigMap `src/omni` lost its annotation between list and read. The list had shown it, so the draft updates
 * `a/omni`. The plan does not: it has the finding `source-changed` and leaves the copy to the next run.
 */

/** What was read for a draft. An object that was asked for and does not exist is `undefined`. */
export interface ReadObjects {
  readonly sources: ReadonlyMap<ObjectKey, Body | undefined>;
  readonly origins: ReadonlyMap<ObjectKey, ObjectMeta | undefined>;
  /** Made by `decidePending` as the bodies of copies arrived. A copy without a decision does not exist any more. */
  readonly decisions: ReadonlyMap<ObjectKey, Decision>;
}

/** Decides on a pending copy whose body was read. Undefined if it is gone, or if its source is blocked. */
export function decidePending(
  pending: PendingCopy,
  source: Body | undefined,
  there: Body | undefined,
  { classified: { scope } }: DraftPlan,
): Decision | undefined {
  if (there === undefined || source === undefined) return undefined;
  if (changeSinceList(pending.source.meta, source, scope) !== undefined) return undefined;
  if (notCopyable(scope, source) !== undefined) return undefined;
  const { namespace, from, adopt } = pending;
  const want = { namespace, source, ...(from && { from }), ...(adopt !== undefined && { adopt }) };
  return decideCopy(want, there, scope);
}

/** Makes the plan of a draft and of what was read for it. */
export function finalizePlan(draft: DraftPlan, read: ReadObjects): Plan {
  const blocks = findBlocks(draft, read);
  const allowed = draft.pending.filter((pending) => !isBlocked(pending, blocks));
  const decided = decideAll(allowed, read, draft);
  const prunes = draft.prunes.filter((prune) => !isPruneBlocked(prune, blocks));
  const findings = [
    ...draft.findings,
    ...decided.findings,
    ...blockFindings(blocks),
    ...waitingFindings(draft.waiting, prunes),
    ...missingKeyFindings(draft.classified, withoutBlocked(read.sources, blocks)),
  ];
  return {
    changes: [...decided.changes, ...prunes].toSorted(compareChanges),
    findings: findings.toSorted(compareFindings),
    sources: draft.classified.sources.length,
    bySource: sourceStates(draft.classified.sources, draft.tally, decided.equal),
    namespaces: draft.classified.namespaces,
    unchanged: draft.unchanged + sum(decided.equal),
    copies: draft.copies,
  };
}

/** The annotation `sync-keys` does not fit the keys of the source. */
interface InvalidKeys extends AnnotationProblem {
  readonly code: 'sync-keys';
  readonly value: string;
}

/** Why copies of one source or origin stay as they are. At least one of the reasons is there. */
interface Block {
  readonly name: ObjectName;
  readonly changed: SourceChange | undefined;
  readonly notCopyable: NotCopyable | InvalidKeys | undefined;
}

/** The bodies of sources that block nothing. The others are there without a body. */
function withoutBlocked(sources: ReadObjects['sources'], blocks: Blocks): ReadObjects['sources'] {
  return new Map([...sources].map(([key, body]) => [key, blocks.has(key) ? undefined : body]));
}

type Blocks = ReadonlyMap<ObjectKey, Block>;

/** All sources and origins that block a change, and why. */
function findBlocks({ pending, classified }: DraftPlan, { sources, origins }: ReadObjects): Blocks {
  const blocks = new Map<ObjectKey, Block>();
  const block = (name: ObjectName, changed?: SourceChange, why?: Block['notCopyable']): void => {
    if (changed !== undefined || why !== undefined)
      blocks.set(keyOf(name), { name, changed, notCopyable: why });
  };
  for (const { source } of pending)
    if (sources.has(source.key) && sources.get(source.key) === undefined) block(source.meta, 'gone');
  for (const origin of origins.values()) if (origin) block(origin, changeOfOrigin(origin, classified));
  for (const source of sources.values())
    if (source) block(source, changeOfOrigin(source, classified), notCopyable(classified.scope, source));
  return blocks;
}

/** How an origin differs from what the list showed. */
function changeOfOrigin(now: ObjectMeta, classified: DraftPlan['classified']): SourceChange | undefined {
  const { home } = classified;
  const listed = home.index.find(now);
  if (listed !== undefined) return changeSinceList(listed, now, classified.scope);
  // A plain copy asks for no copies, so it does not matter that the list did not show it.
  return isPlainCopy(now, home.scope) ? undefined : 'appeared';
}

function changeSinceList(listed: ObjectMeta, now: ObjectMeta, scope: Scope): SourceChange | undefined {
  if (now.uid !== listed.uid) return 'replaced';
  return asksTheSame(now, listed, scope) ? undefined : 'annotation-changed';
}

/** Types of Secret that belong to the cluster or namespace they are in. A copy would be useless or harmful. */
const NEVER_COPIED: ReadonlySet<string> = new Set([
  'helm.sh/release.v1',
  'kubernetes.io/service-account-token',
  'bootstrap.kubernetes.io/token',
]);

/** Why the content of a source cannot be copied. Every copy asks for it, and the answer may need a megabyte measured. */
const notCopyable = memoizePair((scope: Scope, source: Body): Block['notCopyable'] => {
  const type = typeOf(source.content);
  const isNeverCopied = source.kind === 'Secret' && NEVER_COPIED.has(type);
  if (isNeverCopied) return { code: 'type', type };
  const narrowed = narrowContent(source);
  return narrowed.ok
    ? contentProblem(source, scope.strip)
    : { code: 'sync-keys', value: narrowed.value, at: narrowed.at, problem: narrowed.problem };
});

/** Whether a pending copy must not be written: its source is blocked, or it must not leave its origin yet. */
function isBlocked({ source, from }: PendingCopy, blocks: Blocks): boolean {
  if (blocks.has(source.key)) return true;
  if (from === undefined) return false;
  return mustStayWith(blocks.get(originKeyOf({ kind: source.meta.kind, origin: from })));
}

function isPruneBlocked(prune: Mark | Prune, blocks: Blocks): boolean {
  const block = blocks.get(originKeyOf(prune));
  return mustStayWith(block) || block?.notCopyable !== undefined;
}

/** Whether copies must not leave an origin: it exists, and is not what the list showed (docs/design.md 5.5). */
function mustStayWith(block: Block | undefined): boolean {
  return block?.changed !== undefined && block.changed !== 'gone';
}

function blockFindings(blocks: Blocks): Finding[] {
  return [...blocks.values()].flatMap(({ name, changed, notCopyable: why }): Finding[] => [
    ...(changed === undefined ? [] : [{ reason: 'source-changed', ...nameOf(name), how: changed } as const]),
    ...(why === undefined ? [] : [notCopyableFinding(name, why)]),
  ]);
}

function notCopyableFinding(name: ObjectName, why: NotCopyable | InvalidKeys): Finding {
  if (why.code !== 'sync-keys') return { reason: 'source-not-copyable', ...nameOf(name), why };
  const { value, at, problem } = why;
  return { reason: 'invalid-annotation', ...nameOf(name), annotation: SYNC_KEYS, value, at, problem };
}

/** One finding about all copies that wait to be deleted, those that this run marks included. */
function waitingFindings(
  waiting: readonly WaitingCopy[],
  prunes: readonly (Mark | Prune)[],
): readonly Finding[] {
  const marks = prunes.flatMap((change) => (change.action === 'mark' ? [change.until] : []));
  const due = [...waiting.map(({ until }) => until), ...marks].toSorted(compareText);
  const [first, last] = [due[0], due.at(-1)];
  if (first === undefined || last === undefined) return [];
  return [{ reason: 'waiting-to-be-pruned', copies: due.length, first, last }];
}

interface Decided extends Pick<Plan, 'changes' | 'findings'> {
  /** How many copies turned out to be as they should be, by source. */
  readonly equal: ReadonlyMap<ObjectKey, number>;
}

function sum(counts: ReadonlyMap<ObjectKey, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

function decideAll(pending: readonly PendingCopy[], read: ReadObjects, draft: DraftPlan): Decided {
  const [changes, findings]: [Change[], Finding[]] = [[], []];
  const equal = new Map<ObjectKey, number>();
  for (const one of pending) {
    const decision = read.decisions.get(one.key) ?? decideMissing(one, read, draft);
    if (decision?.result === 'change') changes.push(decision.change);
    if (decision?.result === 'current') equal.set(one.source.key, (equal.get(one.source.key) ?? 0) + 1);
    if (decision !== undefined && 'finding' in decision) findings.push(decision.finding);
  }
  return { changes, findings, equal };
}

/**
 * Creates a copy that is not there, or not any more. A source that is being deleted gets no new copies, nor does a namespace
 * that must consent to them.
 */
function decideMissing(
  { source, namespace }: PendingCopy,
  { sources }: ReadObjects,
  { classified: { index, scope } }: DraftPlan,
): Decision | undefined {
  const body = sources.get(source.key);
  if (body === undefined || source.isTerminating || body.deletionTimestamp !== undefined) return undefined;
  const target = index.namespaces.get(namespace);
  if (target !== undefined && !letsIn(target, source.meta.namespace, false, scope)) return undefined;
  return { result: 'change', change: create({ namespace, source: body }) };
}

/** The order of writes: deletes come last (docs/design.md 4.6). */
export function compareChanges(a: Change, b: Change): number {
  return ACTIONS.indexOf(a.action) - ACTIONS.indexOf(b.action) || compareNames(a, b);
}

/** The order of findings: by reason, then by object. It does not depend on the order of the snapshot. */
export function compareFindings(a: Finding, b: Finding): number {
  return compareText(sortTextOf(a), sortTextOf(b));
}

function sortTextOf(finding: Finding): string {
  const { reason } = finding;
  const object = 'name' in finding ? keyOf(finding) : 'namespace' in finding ? finding.namespace : '';
  if (reason === 'suspicious-key') return `${reason} ${finding.kind} ${finding.part} ${finding.key}`;
  if (reason === 'suspicious-ignore') return `${reason} ${finding.value}`;
  const rest =
    'clusterName' in finding
      ? finding.clusterName
      : 'currentOwner' in finding
        ? keyFrom(finding.kind, finding.currentOwner.namespace, '')
        : '';
  return `${reason} ${object} ${rest}`;
}
