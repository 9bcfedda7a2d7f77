import { type Contenders, type Verdicts, resolveConflicts } from './resolve-conflicts.ts';
import { changedByAdmission } from './copy/admission.ts';
import { isUpToDate } from './copy/up-to-date.ts';
import { writeFields } from './annotations/markers.ts';
import { type DesiredMetadata, desiredFromMetadata } from './copy/desired.ts';
import type { Copy, IndexedObject } from './object-index.ts';
import { adoptRefusal, conflict, originOf } from './decide-copy.ts';
import type { Finding } from '../model/finding.ts';
import type { Namespace, ObjectKey, ObjectMeta, Origin, Snapshot } from '../model/objects.ts';
import type { Prune } from '../model/change.ts';
import { keyFrom, nameOf } from '../model/keys.ts';
import { memoize } from '../util/memoize.ts';
import type { Scope } from './scope.ts';
import { isReported } from './shard.ts';
import { matches } from './annotations/selector.ts';
import { type Source, type ClassifiedSnapshot, classify } from './classify.ts';
import { planPrunes } from './prune.ts';

/*
 * The decision, first half: from metadata alone. What it cannot decide so is pending until bodies are read
 * (`reads.ts`), and `conclude.ts` makes the plan of both.
 *
 *   wanted  there                                          decision                                           where
 *   ------  ---------------------------------------------  -------------------------------------------------  -------------
 *   yes     nothing                                        create                                             conclude
 *   yes     ours, taken as current                         unchanged                                          current
 *   yes     ours, not so; content the same when read       refresh if marks or ownership change, or unchanged judge
 *   yes     ours, content different                        update, by uid and resourceVersion                 judge
 *   yes     ours, other type, or immutable and different   replace                                            judge
 *   yes     ours, of another origin that lets it go        handed over: update or replace, confirmed          judge, conclude
 *   yes     ours, of another origin that still claims it   finding: contested                                 claims
 *   yes     not ours                                       finding: conflict (fail | skip | adopt)            here, judge
 *   no      ours                                           prune, confirmed, by uid and resourceVersion       unwanted, conclude
 *   no      not ours                                       nothing
 *   any     ours, has a deletionTimestamp                  finding: being-deleted                             here, unwanted
 */

/** A wanted copy that metadata cannot settle. */
export interface PendingCopy {
  readonly key: ObjectKey;
  readonly namespace: string;
  readonly source: Source;
  /** What is there; nothing means that it is to be created. */
  readonly there?: ObjectMeta;
  /** The origin whose marks it bears, where that is not the source. */
  readonly from?: Origin;
  /** The uid of somebody else's object that is to be adopted. */
  readonly adopt?: string;
}

/** What metadata decides, and what is left open. */
export interface DraftPlan {
  readonly classified: ClassifiedSnapshot;
  readonly pending: readonly PendingCopy[];
  /** Subject to confirmation of their origins. */
  readonly prunes: readonly Prune[];
  readonly findings: readonly Finding[];
  readonly unchanged: number;
  /** Copies of ours in scope. */
  readonly copies: number;
}

/** Decides all that a snapshot decides by itself. */
export function draftPlan(snapshot: Snapshot, scope: Scope): DraftPlan {
  const surveyed = classify(snapshot, scope);
  const decisions = new Decisions(surveyed);
  resolveConflicts(surveyed, decisions);
  const unwanted = planPrunes(surveyed, decisions.wanted);
  return {
    classified: surveyed,
    pending: decisions.pending,
    prunes: unwanted.prunes,
    findings: [
      ...surveyed.findings,
      ...decisions.findings(),
      ...unwanted.findings,
      ...sourceFindings(surveyed),
    ].filter((finding) => isReported(finding, scope)),
    unchanged: decisions.unchanged,
    copies: unwanted.copiesInScope,
  };
}

/** Collects what becomes of the claims, one after the other. */
class Decisions implements Verdicts {
  readonly #classified: ClassifiedSnapshot;
  readonly #desired = new Map<Source, DesiredMetadata>();
  readonly #contested = new Map<
    string,
    Extract<Finding, { reason: 'contested' }> & { namespaces: string[] }
  >();
  readonly #findings: Finding[] = [];
  readonly #markOf: (content: readonly string[]) => string;
  readonly pending: PendingCopy[] = [];
  /** Copies that somebody asks for, whether granted or not. */
  readonly wanted = new Set<Copy>();
  unchanged = 0;

  constructor(surveyed: ClassifiedSnapshot) {
    this.#classified = surveyed;
    const sha256 = memoize(surveyed.scope.sha256);
    this.#markOf = (content) => writeFields(content, sha256);
  }

  findings(): Finding[] {
    return [...this.#findings, ...this.#contested.values()];
  }

  granted(source: Source, namespace: Namespace, there: IndexedObject | undefined): void {
    if (there === undefined) this.#wait(source, namespace, {});
    else if (there.copy === undefined) this.#foreign(source, namespace, there.meta);
    else this.#ours(source, namespace, there.copy);
  }

  #ours(source: Source, namespace: Namespace, copy: Copy): void {
    const { meta, origin, originKey: from } = copy;
    this.wanted.add(copy);
    if (meta.deletionTimestamp !== undefined) {
      this.#findings.push({ reason: 'being-deleted', ...nameOf(meta), origin: originOf(origin) });
    } else if (from !== source.key) this.#wait(source, namespace, { there: meta, from: originOf(origin) });
    else if (this.#isCurrent(meta, source) || this.#isChangedByAdmission(meta, source)) this.unchanged += 1;
    else this.#wait(source, namespace, { there: meta });
  }

  #foreign(source: Source, namespace: Namespace, there: ObjectMeta): void {
    const { scope } = this.#classified;
    const adopt = scope.onConflict === 'adopt' ? there.uid : undefined;
    const refusal = adoptRefusal(adopt, there);
    if (adopt !== undefined && refusal === undefined) this.#wait(source, namespace, { there, adopt });
    else this.#findings.push(conflict(nameOf(there), source.meta, scope, refusal));
  }

  #wait(source: Source, { name: namespace }: Namespace, more: Partial<PendingCopy>): void {
    const { kind, name } = source.meta;
    this.pending.push({ key: keyFrom(kind, namespace, name), namespace, source, ...more });
  }

  #isCurrent(there: ObjectMeta, source: Source): boolean {
    return !this.#classified.scope.verify && isUpToDate(there, this.#desiredOf(source), this.#markOf);
  }

  /** Whether only admission keeps a copy from being up to date; a finding says so. */
  #isChangedByAdmission(there: ObjectMeta, source: Source): boolean {
    if (this.#classified.scope.verify) return false;
    const finding = changedByAdmission(there, this.#desiredOf(source), this.#markOf);
    if (finding !== undefined) this.#findings.push(finding);
    return finding !== undefined;
  }

  #desiredOf(source: Source): DesiredMetadata {
    const known = this.#desired.get(source) ?? desiredFromMetadata(source.meta, this.#classified.scope);
    this.#desired.set(source, known);
    return known;
  }

  ownSourceThere(claimants: Contenders, namespace: Namespace): void {
    const { kind, name } = claimants[0].meta;
    const origins = claimants.map(({ meta }) => originOf(meta));
    this.#findings.push({ reason: 'own-source-there', kind, namespace: namespace.name, name, origins });
  }

  contested(loser: Source, namespace: Namespace, there: IndexedObject | undefined, keeper: Origin): void {
    // The copy of an origin that cannot be seen is out of scope, whoever asks for it.
    if (there?.copy !== undefined && this.#classified.scope.isVisible(keeper.namespace))
      this.wanted.add(there.copy);
    this.#contest(loser, namespace.name, keeper);
  }

  /** One finding for each pair of rivals, however many namespaces they meet in. */
  #contest(loser: Source, namespace: string, keeper: Origin): void {
    const pair = `${loser.key} ${keeper.namespace}`;
    const known = this.#contested.get(pair);
    if (known !== undefined) known.namespaces.push(namespace);
    else {
      const finding = { reason: 'contested', ...nameOf(loser.meta), keeper: originOf(keeper) } as const;
      const partial = !this.#classified.scope.isVisible(keeper.namespace);
      this.#contested.set(pair, { ...finding, namespaces: [namespace], ...(partial && { partial }) });
    }
  }
}

/** Findings about selectors that can be seen only next to the namespaces, and the warning of an open door. */
function sourceFindings({ sources, index, scope }: ClassifiedSnapshot): Finding[] {
  const findings: Finding[] = [];
  const partial = scope.namespaces.length > 0 && { partial: true as const };
  // Of one namespace that is all there is nothing leads to another.
  if (scope.sourceNamespaces.length === 0 && scope.namespaces.length !== 1)
    findings.push({ reason: 'any-namespace-is-a-source', ...partial });
  const all = [...index.namespaces.values()];
  for (const { meta, text, selector } of sources) {
    if (selector === undefined || selector.length === 0) continue;
    if (all.some((namespace) => matches(selector, namespace.labels))) continue;
    findings.push({ reason: 'no-namespace-selected', ...nameOf(meta), selector: text, ...partial });
  }
  return findings;
}
