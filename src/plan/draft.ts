import { type Resolution, resolveConflicts } from './resolve-conflicts.ts';
import { changedByAdmission } from './copy/admission.ts';
import { newerThanHome, samePlace } from './contexts/place.ts';
import { isUpToDate } from './copy/up-to-date.ts';
import { SYNC_KEYS, SYNC_NAMESPACES, writeFields } from './annotations/markers.ts';
import { type DesiredMetadata, desiredFromMetadata } from './copy/desired.ts';
import type { Copy } from './object-index.ts';
import { adoptRefusal, conflict } from './decide-copy.ts';
import type { Finding } from '../model/finding.ts';
import type { Namespace, ObjectKey, ObjectMeta, Origin, Snapshot } from '../model/objects.ts';
import type { Mark, Prune } from '../model/change.ts';
import { get, isSameOrigin, keyFrom, nameOf, originOf } from '../model/keys.ts';
import { adopts } from '../model/settings.ts';
import { memoize, memoizeObject } from '../util/memoize.ts';
import { groupBy } from '../util/group-by.ts';
import type { Scope } from './scope.ts';
import { isReported } from './shard.ts';
import { guessSelector } from './annotations/guess-selector.ts';
import { missingConsentFindings } from './annotations/missing-consent.ts';
import { selects } from './annotations/narrowing.ts';
import { matches } from './annotations/selector.ts';
import { type Source, type ClassifiedSnapshot, classify } from './classify.ts';
import { type WaitingCopy, planPrunes } from './prune.ts';
import { type SourceTally, SourceTallies } from './source-tallies.ts';

/*
 * The decision table (docs/design.md 4), and which file decides each row. This file decides what metadata alone can
 * decide. The other copies are pending: `read-plan.ts` says what to read for them, and `finalize.ts` makes the plan.
 *
 *   wanted  there                                          decision                                        file
 *   ------  ---------------------------------------------  ----------------------------------------------  -----------------
 *   yes     nothing                                        create                                          finalize
 *   yes     ours, up to date by metadata                   unchanged                                       copy/up-to-date
 *   yes     ours, else; content is equal when read         refresh if marks or ownership change, or        decide-copy
 *                                                          unchanged
 *   yes     ours, content differs                          update, by uid and resourceVersion              decide-copy
 *   yes     ours, other type, or immutable and different   replace                                         decide-copy
 *   yes     ours, of another origin that gave it up        handed over: update, refresh or replace,        decide-copy,
 *                                                          confirmed                                       finalize
 *   yes     ours, of another origin that still wants it    finding: contested                              resolve-conflicts
 *   yes     not ours                                       finding: conflict (fail | skip | adopt)         draft, decide-copy
 *   no      ours                                           prune or mark, confirmed, by uid and            prune, finalize
 *                                                          resourceVersion; without proof: orphan
 *   no      not ours                                       nothing
 *   any     ours, has a deletionTimestamp                  finding: being-deleted                          draft, prune
 */

/** A wanted copy that metadata alone cannot decide. */
export interface PendingCopy {
  readonly key: ObjectKey;
  readonly namespace: string;
  readonly source: Source;
  /** What is there. Absent: nothing is there, and the copy is created. */
  readonly there?: ObjectMeta;
  /** The origin that gives the copy up, if that is not the source. */
  readonly from?: Origin;
  /** The uid of the object to adopt, if it is not ours. */
  readonly adopt?: string;
}

/** What metadata decides, and which copies are pending. */
export interface DraftPlan {
  readonly classified: ClassifiedSnapshot;
  readonly pending: readonly PendingCopy[];
  /** Not confirmed yet (docs/design.md 5.5). */
  readonly prunes: readonly (Mark | Prune)[];
  readonly waiting: readonly WaitingCopy[];
  readonly findings: readonly Finding[];
  readonly unchanged: number;
  /** The same counts by source. */
  readonly tally: ReadonlyMap<ObjectKey, SourceTally>;
  /** Copies of ours in scope. */
  readonly copies: number;
}

/** Decides everything that a snapshot decides by itself. */
export function draftPlan(snapshot: Snapshot, scope: Scope): DraftPlan {
  const classified = classify(snapshot, scope);
  return draftOf(classified, [...sourceFindings(classified), ...missingConsentFindings(classified)]);
}

/** Decides everything that the classified snapshot of a context decides by itself (docs/design.md 11). */
export function draftContext(classified: ClassifiedSnapshot): DraftPlan {
  return draftOf(classified, []);
}

function draftOf(classified: ClassifiedSnapshot, more: readonly Finding[]): DraftPlan {
  const { scope } = classified;
  const wanted = decideWanted(classified);
  const unwanted = planPrunes(classified, wanted.copies);
  const findings = [...classified.findings, ...wanted.findings, ...unwanted.findings, ...more];
  return {
    classified,
    pending: wanted.pending,
    prunes: unwanted.prunes,
    waiting: unwanted.waiting,
    findings: findings.filter((finding) => isReported(finding, scope)),
    unchanged: wanted.unchanged,
    tally: wanted.tally,
    copies: unwanted.copiesInScope,
  };
}

interface WantedPlan {
  readonly pending: readonly PendingCopy[];
  readonly findings: readonly Finding[];
  readonly unchanged: number;
  readonly tally: ReadonlyMap<ObjectKey, SourceTally>;
  /** Existing copies that a source asks for, even if another source owns them. */
  readonly copies: ReadonlySet<Copy>;
}

/** Decides on every copy that a source asks for. */
function decideWanted(classified: ClassifiedSnapshot): WantedPlan {
  const { scope } = classified;
  const [pending, findings, contested]: [PendingCopy[], Finding[], Contest[]] = [[], [], []];
  const copies = new Set<Copy>();
  const compare = metadataComparison(scope);
  const tallies = new SourceTallies();
  for (const resolution of resolveConflicts(classified)) {
    const { namespace, there, contenders, owner } = resolution;
    for (const { key } of contenders) tallies.of(key).reach += 1;
    if (owner === undefined) {
      findings.push(ownSourceThere(resolution));
      continue;
    }
    // The copy of an origin that the run cannot see is out of scope, even if a visible source asks for it.
    if (there?.copy !== undefined && scope.isVisible(owner.namespace)) copies.add(there.copy);
    for (const source of contenders) {
      if (isSameOrigin(source.meta, owner)) {
        const decision = decideByMetadata(source, resolution, classified, compare);
        if (decision === 'unchanged' || isUnchanged(decision)) tallies.of(source.key).unchanged += 1;
        if (decision === 'unchanged') continue;
        if ('reason' in decision) findings.push(decision);
        else pending.push(decision);
      } else contested.push({ source, owner, namespace: namespace.name });
    }
  }
  return {
    pending,
    findings: [...findings, ...contestedFindings(contested, scope)],
    unchanged: tallies.unchanged,
    tally: tallies.byKey,
    copies,
  };
}

const UNCHANGED: ReadonlySet<string> = new Set(['changed-by-admission', 'same-place']);

/** Whether a finding is about a copy that needs no write. */
function isUnchanged(decision: PendingCopy | Finding): boolean {
  return 'reason' in decision && UNCHANGED.has(decision.reason);
}

/** Compares a copy with its source by metadata. Undefined if it may need a write. */
type MetadataComparison = (copy: ObjectMeta, source: Source) => 'unchanged' | Finding | undefined;

/** The decision on the copy of a source that owns its name here. */
function decideByMetadata(
  source: Source,
  { namespace, there }: Resolution,
  classified: ClassifiedSnapshot,
  compare: MetadataComparison,
): 'unchanged' | PendingCopy | Finding {
  const { scope } = classified;
  if (there === undefined) return pendingCopy(source, namespace, {});
  const { meta, copy } = there;
  if (copy === undefined) return decideForeign(source, namespace, meta, scope);
  if (meta.deletionTimestamp !== undefined)
    return { reason: 'being-deleted', ...nameOf(meta), origin: originOf(copy.origin) };
  const newer = newerThanHome(meta, copy.origin, classified);
  if (newer !== undefined) return newer;
  if (copy.originKey !== source.key)
    return pendingCopy(source, namespace, { there: meta, from: originOf(copy.origin) });
  return (
    samePlace(meta, source.meta, scope) ??
    compare(meta, source) ??
    pendingCopy(source, namespace, { there: meta })
  );
}

/** The decision on an object that is not ours and has the name of a copy. */
function decideForeign(
  source: Source,
  namespace: Namespace,
  there: ObjectMeta,
  scope: Scope,
): PendingCopy | Finding {
  const adopt = adopts(scope.onConflict) ? there.uid : undefined;
  const refusal = adoptRefusal(adopt, there);
  return adopt !== undefined && refusal === undefined
    ? pendingCopy(source, namespace, { there, adopt })
    : conflict(there, source.meta, scope, refusal);
}

function pendingCopy(
  source: Source,
  { name: namespace }: Namespace,
  more: Pick<PendingCopy, 'there' | 'from' | 'adopt'>,
): PendingCopy {
  const { kind, name } = source.meta;
  return { key: keyFrom(kind, namespace, name), namespace, source, ...more };
}

/** Returns a comparison that computes the wanted metadata of each source once. */
function metadataComparison(scope: Scope): MetadataComparison {
  if (scope.verify) return () => undefined;
  const markFor = marksBySyncKeys(memoize(scope.sha256));
  const known = new Map<Source, DesiredMetadata>();
  return (copy, source) => {
    const wanted = known.get(source) ?? desiredFromMetadata(source.meta, scope);
    known.set(source, wanted);
    const markOf = markFor(get(source.meta.annotations, SYNC_KEYS));
    return isUpToDate(copy, wanted, markOf) ? 'unchanged' : changedByAdmission(copy, wanted, markOf);
  };
}

type MarkOf = (content: readonly string[]) => string;

/** Returns a function that returns for each text of `sync-keys` how the mark `fields` is computed. */
function marksBySyncKeys(sha256: (text: string) => string): (syncKeys: string | undefined) => MarkOf {
  const known = new Map<string | undefined, MarkOf>();
  return (syncKeys) => {
    const markOf =
      known.get(syncKeys) ??
      memoizeObject((content: readonly string[]) => writeFields(content, sha256, syncKeys));
    known.set(syncKeys, markOf);
    return markOf;
  };
}

function ownSourceThere({ contenders, namespace }: Resolution): Finding {
  const { kind, name } = contenders[0].meta;
  const origins = contenders.map(({ meta }) => originOf(meta));
  return { reason: 'own-source-there', kind, namespace: namespace.name, name, origins };
}

/** A source that asks for a name which another origin owns. */
interface Contest {
  readonly source: Source;
  readonly owner: Origin;
  readonly namespace: string;
}

/** One finding for each pair of source and owner, with all namespaces in which they meet. */
function contestedFindings(contested: readonly Contest[], scope: Scope): Finding[] {
  const pairs = groupBy(contested, ({ source, owner }) => `${source.key} ${owner.namespace}`);
  return [...pairs.values()].map((contests): Finding => {
    const [{ source, owner }] = contests;
    const namespaces = contests.map(({ namespace }) => namespace);
    const partial = !scope.isVisible(owner.namespace) && ({ partial: true } as const);
    const currentOwner = originOf(owner);
    return { reason: 'contested', ...nameOf(source.meta), currentOwner, namespaces, ...partial };
  });
}

/** Warns of selectors that match no namespace, and of a run that accepts sources in every namespace. */
function sourceFindings({ sources, index, scope }: ClassifiedSnapshot): Finding[] {
  const findings: Finding[] = [];
  const partial = scope.namespaces.length > 0 && { partial: true as const };
  // A run that looks at one namespace copies nothing into another.
  if (scope.sourceNamespaces.length === 0 && scope.namespaces.length !== 1)
    findings.push({ reason: 'any-namespace-is-a-source', ...partial });
  const all = [...index.namespaces.values()];
  for (const source of sources) {
    const { meta, text, selector, names } = source;
    if (selector === undefined || (selector.length === 0 && names === undefined)) continue;
    if (all.some((namespace) => selects(source, namespace))) continue;
    const byLabels = all.some(({ labels }) => matches(selector, labels));
    const guess = byLabels ? undefined : guessSelector(text, index.namespaces);
    const syncNamespaces = get(meta.annotations, SYNC_NAMESPACES);
    findings.push({
      reason: 'no-namespace-selected',
      ...nameOf(meta),
      selector: text,
      ...(syncNamespaces !== undefined && { syncNamespaces }),
      ...(guess && { guess }),
      ...partial,
    });
  }
  return findings;
}
