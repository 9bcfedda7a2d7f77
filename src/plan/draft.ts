import { type Rivals, type Verdicts, settleClaims } from './resolve-conflicts.ts';
import { isTakenAsCurrent } from './copy/up-to-date.ts';
import { writeFields } from './annotations/markers.ts';
import { type Desired, desiredFromMetadata } from './copy/desired.ts';
import type { Copy, Found } from './object-index.ts';
import { adoptRefusal, conflict, originOf } from './decide-copy.ts';
import type { Finding } from '../model/finding.ts';
import type { Namespace, ObjectKey, ObjectMeta, Origin, Snapshot } from '../model/objects.ts';
import type { Prune } from '../model/change.ts';
import { keyFrom, nameOf } from '../model/keys.ts';
import { remembered } from '../util/memoize.ts';
import type { Rules } from './scope.ts';
import { isReported } from './shard.ts';
import { matches } from './annotations/selector.ts';
import { type Source, type Survey, survey } from './classify.ts';
import { judgeUnwanted } from './prune.ts';

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
export interface Pending {
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
export interface Draft {
  readonly survey: Survey;
  readonly pending: readonly Pending[];
  /** Subject to confirmation of their origins. */
  readonly prunes: readonly Prune[];
  readonly findings: readonly Finding[];
  readonly unchanged: number;
  /** Copies of ours in scope. */
  readonly copies: number;
}

/** Decides all that a snapshot decides by itself. */
export function draft(snapshot: Snapshot, rules: Rules): Draft {
  const surveyed = survey(snapshot, rules);
  const decisions = new Decisions(surveyed);
  settleClaims(surveyed, decisions);
  const unwanted = judgeUnwanted(surveyed, decisions.wanted);
  return {
    survey: surveyed,
    pending: decisions.pending,
    prunes: unwanted.prunes,
    findings: [
      ...surveyed.findings,
      ...decisions.findings(),
      ...unwanted.findings,
      ...sourceFindings(surveyed),
    ].filter((finding) => isReported(finding, rules)),
    unchanged: decisions.unchanged,
    copies: unwanted.copiesInScope,
  };
}

/** Collects what becomes of the claims, one after the other. */
class Decisions implements Verdicts {
  readonly #survey: Survey;
  readonly #desired = new Map<Source, Desired>();
  readonly #contested = new Map<
    string,
    Extract<Finding, { reason: 'contested' }> & { namespaces: string[] }
  >();
  readonly #findings: Finding[] = [];
  readonly #markOf: (content: readonly string[]) => string;
  readonly pending: Pending[] = [];
  /** Copies that somebody asks for, whether granted or not. */
  readonly wanted = new Set<Copy>();
  unchanged = 0;

  constructor(surveyed: Survey) {
    this.#survey = surveyed;
    const sha256 = remembered(surveyed.rules.sha256);
    this.#markOf = (content) => writeFields(content, sha256);
  }

  findings(): Finding[] {
    return [...this.#findings, ...this.#contested.values()];
  }

  granted(source: Source, namespace: Namespace, there: Found | undefined): void {
    if (there === undefined) this.#wait(source, namespace, {});
    else if (there.copy === undefined) this.#foreign(source, namespace, there.meta);
    else this.#ours(source, namespace, there.copy);
  }

  #ours(source: Source, namespace: Namespace, copy: Copy): void {
    const { meta, origin, from } = copy;
    this.wanted.add(copy);
    if (meta.deletionTimestamp !== undefined) {
      this.#findings.push({ reason: 'being-deleted', ...nameOf(meta), origin: originOf(origin) });
    } else if (from !== source.key) this.#wait(source, namespace, { there: meta, from: originOf(origin) });
    else if (this.#isCurrent(meta, source)) this.unchanged += 1;
    else this.#wait(source, namespace, { there: meta });
  }

  #foreign(source: Source, namespace: Namespace, there: ObjectMeta): void {
    const { rules } = this.#survey;
    const adopt = rules.onConflict === 'adopt' ? there.uid : undefined;
    const refusal = adoptRefusal(adopt, there);
    if (adopt !== undefined && refusal === undefined) this.#wait(source, namespace, { there, adopt });
    else this.#findings.push(conflict(nameOf(there), source.meta, rules, refusal));
  }

  #wait(source: Source, { name: namespace }: Namespace, more: Partial<Pending>): void {
    const { kind, name } = source.meta;
    this.pending.push({ key: keyFrom(kind, namespace, name), namespace, source, ...more });
  }

  #isCurrent(there: ObjectMeta, source: Source): boolean {
    return !this.#survey.rules.verify && isTakenAsCurrent(there, this.#desiredOf(source), this.#markOf);
  }

  #desiredOf(source: Source): Desired {
    const known = this.#desired.get(source) ?? desiredFromMetadata(source.meta, this.#survey.rules);
    this.#desired.set(source, known);
    return known;
  }

  ownSourceThere(claimants: Rivals, namespace: Namespace): void {
    const { kind, name } = claimants[0].meta;
    const origins = claimants.map(({ meta }) => originOf(meta));
    this.#findings.push({ reason: 'own-source-there', kind, namespace: namespace.name, name, origins });
  }

  contested(loser: Source, namespace: Namespace, there: Found | undefined, keeper: Origin): void {
    // The copy of an origin that cannot be seen is out of scope, whoever asks for it.
    if (there?.copy !== undefined && this.#survey.rules.isVisible(keeper.namespace))
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
      const partial = !this.#survey.rules.isVisible(keeper.namespace);
      this.#contested.set(pair, { ...finding, namespaces: [namespace], ...(partial && { partial }) });
    }
  }
}

/** Findings about selectors that can be seen only next to the namespaces, and the warning of an open door. */
function sourceFindings({ sources, inventory, rules }: Survey): Finding[] {
  const findings: Finding[] = [];
  const partial = rules.namespaces.length > 0 && { partial: true as const };
  // Of one namespace that is all there is nothing leads to another.
  if (rules.sourceNamespaces.length === 0 && rules.namespaces.length !== 1)
    findings.push({ reason: 'any-namespace-is-a-source', ...partial });
  const all = [...inventory.namespaces.values()];
  for (const { meta, text, selector } of sources) {
    if (selector === undefined || selector.length === 0) continue;
    if (all.some((namespace) => matches(selector, namespace.labels))) continue;
    findings.push({ reason: 'no-namespace-selected', ...nameOf(meta), selector: text, ...partial });
  }
  return findings;
}
