import { type Decision, create, decideCopy } from './decide-copy.ts';
import { SYNC, isPlainCopy } from './annotations/markers.ts';
import { ACTIONS, type Change, type Prune } from '../model/change.ts';
import type { Plan } from '../model/plan.ts';
import type { Body, ObjectKey, ObjectMeta, ObjectName } from '../model/objects.ts';
import type { Finding, NotCopyable, SourceChange } from '../model/finding.ts';
import type { Settings } from '../model/settings.ts';
import type { DraftPlan, PendingCopy } from './draft.ts';
import { compareNames, compareText, get, keyFrom, keyOf, nameOf } from '../model/keys.ts';
import { typeOf } from './copy/desired.ts';
import { contentProblem } from './copy/limits.ts';

/*
 * The decision, second half: the draft and what was read for it become the plan.
 */

/** What was read for a draft. An object that was asked for and is not there is `undefined`. */
export interface ReadObjects {
  readonly sources: ReadonlyMap<ObjectKey, Body | undefined>;
  readonly origins: ReadonlyMap<ObjectKey, ObjectMeta | undefined>;
  /** By `judgePending`, as the bodies of copies came in; a copy without a verdict was not there any more. */
  readonly decisions: ReadonlyMap<ObjectKey, Decision>;
}

/** The verdict on the copy that a pending decision waited for. Nothing, where it is gone or its source cannot be used. */
export function decidePending(
  pending: PendingCopy,
  source: Body | undefined,
  there: Body | undefined,
  draft: DraftPlan,
): Decision | undefined {
  if (
    there === undefined ||
    source === undefined ||
    sourceTrouble(pending.source.meta, source) !== undefined ||
    notCopyable(source, draft) !== undefined
  ) {
    return undefined;
  }
  const { namespace, from, adopt } = pending;
  const want = { namespace, source, ...(from && { from }), ...(adopt !== undefined && { adopt }) };
  return decideCopy(want, there, draft.classified.scope);
}

/** Makes the plan. It says of each source that has to wait, or that cannot be copied, why. */
export function finalizePlan(draft: DraftPlan, answers: ReadObjects): Plan {
  const waiting = waitingSources(draft, answers);
  const refused = refusedSources(draft, answers);
  const left = waitingOrigins(draft, answers);
  const stays = (key: ObjectKey): boolean => waiting.has(key) || refused.has(key);
  const { changes, findings, unchanged } = settlePending(
    draft.pending.filter((pending) => !stays(keyOf(pending.source.meta)) && !leaves(pending, left)),
    answers,
  );
  const prunes = draft.prunes.filter(
    (prune) => !left.has(originKeyOf(prune)) && !refused.has(originKeyOf(prune)),
  );
  return {
    changes: [...changes, ...prunes].toSorted(compareChanges),
    findings: [
      ...draft.findings,
      ...findings,
      ...waiting.values(),
      ...refused.values(),
      ...withoutKeys(left, waiting),
    ].toSorted(compareFindings),
    sources: draft.classified.sources.length,
    namespaces: draft.classified.namespaces,
    unchanged: draft.unchanged + unchanged,
    copies: draft.copies,
  };
}

type Findings = ReadonlyMap<ObjectKey, Finding>;

function withoutKeys(findings: Findings, known: Findings): Finding[] {
  return [...findings].flatMap(([key, finding]) => (known.has(key) ? [] : [finding]));
}

/** Sources that were not what the list had shown when their bodies were read (design section 4.4). */
function waitingSources(draft: DraftPlan, { sources }: ReadObjects): Findings {
  const waiting = new Map<ObjectKey, Finding>();
  for (const { source } of draft.pending) {
    const key = keyOf(source.meta);
    const how =
      sources.has(key) && !waiting.has(key) ? sourceTrouble(source.meta, sources.get(key)) : undefined;
    if (how !== undefined) waiting.set(key, sourceChanged(source.meta, how));
  }
  return waiting;
}

function sourceTrouble(listed: ObjectMeta, body: ObjectMeta | undefined): SourceChange | undefined {
  if (body === undefined) return 'gone';
  if (body.uid !== listed.uid) return 'replaced';
  return get(body.annotations, SYNC) === get(listed.annotations, SYNC) ? undefined : 'annotation-changed';
}

function sourceChanged(source: ObjectName, how: SourceChange): Finding {
  return { reason: 'source-changed', ...nameOf(source), how };
}

/** Types of Secret whose content is the cluster's own business and is worthless or harmful elsewhere. */
const NEVER_COPIED: ReadonlySet<string> = new Set([
  'helm.sh/release.v1',
  'kubernetes.io/service-account-token',
  'bootstrap.kubernetes.io/token',
]);

function refusedSources(draft: DraftPlan, { sources }: ReadObjects): Findings {
  const refused = new Map<ObjectKey, Finding>();
  for (const [key, body] of sources) {
    const why = body && notCopyable(body, draft);
    if (body && why) refused.set(key, { reason: 'source-not-copyable', ...nameOf(body), why });
  }
  return refused;
}

/** By settings, as the answer depends on `--strip`. Cached: each copy asks, and the answer may mean to measure a megabyte. */
const judged = new WeakMap<Settings, WeakMap<Body, { readonly why: NotCopyable | undefined }>>();

function notCopyable(source: Body, { classified: { scope } }: DraftPlan): NotCopyable | undefined {
  const cache = judged.get(scope) ?? new WeakMap<Body, { readonly why: NotCopyable | undefined }>();
  judged.set(scope, cache);
  const known = cache.get(source);
  if (known !== undefined) return known.why;
  const type = typeOf(source.content);
  const never = source.kind === 'Secret' && NEVER_COPIED.has(type);
  const why = never ? ({ code: 'type', type } as const) : contentProblem(source, scope.strip);
  cache.set(source, { why });
  return why;
}

/** Origins whose copies have to wait: neither gone, nor what the list had shown (design section 4.5). */
function waitingOrigins(draft: DraftPlan, answers: ReadObjects): Findings {
  const waiting = new Map<ObjectKey, Finding>();
  const now = new Map<ObjectKey, ObjectMeta | undefined>([...answers.origins, ...answers.sources]);
  for (const [key, origin] of now) {
    const how = origin && originTrouble(draft.classified.index.find(origin), origin, draft.classified.scope);
    if (origin && how) waiting.set(key, sourceChanged(origin, how));
  }
  return waiting;
}

/** A plain copy asks for no copies, so one that the list had not shown is no reason to wait. */
function originTrouble(
  listed: ObjectMeta | undefined,
  now: ObjectMeta,
  settings: Pick<Settings, 'clusterName' | 'sha256'>,
): SourceChange | undefined {
  if (listed !== undefined) return sourceTrouble(listed, now);
  return isPlainCopy(now, settings) ? undefined : 'appeared';
}

/** Whether a copy would leave an origin that has to wait. */
function leaves({ source, from }: PendingCopy, waiting: Findings): boolean {
  return from !== undefined && waiting.has(keyFrom(source.meta.kind, from.namespace, from.name));
}

function originKeyOf({ kind, origin }: Prune): ObjectKey {
  return keyFrom(kind, origin.namespace, origin.name);
}

interface Settled {
  readonly changes: readonly Change[];
  readonly findings: readonly Finding[];
  readonly unchanged: number;
}

function settlePending(pending: readonly PendingCopy[], answers: ReadObjects): Settled {
  const [changes, findings]: [Change[], Finding[]] = [[], []];
  let unchanged = 0;
  for (const one of pending) {
    const verdict = verdictOn(one, answers);
    if (verdict?.verdict === 'change') changes.push(verdict.change);
    if (verdict?.verdict === 'finding') findings.push(verdict.finding);
    if (verdict?.verdict === 'current') {
      unchanged += 1;
      if (verdict.finding !== undefined) findings.push(verdict.finding);
    }
  }
  return { changes, findings, unchanged };
}

/** Nothing there to compare, or not any more: it is created, unless its source is about to go. */
function verdictOn(
  pending: PendingCopy,
  { sources, decisions: verdicts }: ReadObjects,
): Decision | undefined {
  const verdict = verdicts.get(pending.key);
  if (verdict !== undefined) return verdict;
  const source = sources.get(keyOf(pending.source.meta));
  if (source === undefined || pending.source.isTerminating || source.deletionTimestamp !== undefined)
    return undefined;
  return { verdict: 'change', change: create({ namespace: pending.namespace, source }) };
}

/** The order of writes: what takes nothing away comes first (design section 3). */
export function compareChanges(a: Change, b: Change): number {
  return ACTIONS.indexOf(a.action) - ACTIONS.indexOf(b.action) || compareNames(a, b);
}

/** The order of findings: by reason, then by the object; it does not depend on the order of the snapshot. */
export function compareFindings(a: Finding, b: Finding): number {
  return compareText(placeOf(a), placeOf(b));
}

function placeOf(finding: Finding): string {
  const { reason } = finding;
  const object = 'name' in finding ? keyOf(finding) : 'namespace' in finding ? finding.namespace : '';
  const rest =
    'clusterName' in finding
      ? finding.clusterName
      : 'keeper' in finding
        ? keyFrom(finding.kind, finding.keeper.namespace, '')
        : '';
  return `${reason} ${object} ${rest}`;
}
