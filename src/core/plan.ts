import { type Claim, type Claimed, settleClaims } from './claims.ts';
import { isTakenAsCurrent } from './current.ts';
import { type Desired, desiredFromMetadata } from './desired.ts';
import { adoptRefusal, conflict, originOf } from './judge.ts';
import type { Finding, ObjectKey, ObjectMeta, Origin, Prune, Snapshot } from './model.ts';
import { keyFrom, keyOf, nameOf } from './records.ts';
import type { Rules } from './rules.ts';
import { matches } from './selector.ts';
import { type Source, type Survey, originKey, survey } from './survey.ts';
import { judgeUnwanted } from './unwanted.ts';

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
  for (const claim of settleClaims(surveyed)) decisions.take(claim);
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
    ],
    unchanged: decisions.unchanged,
    copies: unwanted.copiesInScope,
  };
}

/** Collects what becomes of the claims, one after the other. */
class Decisions {
  readonly #survey: Survey;
  readonly #desired = new Map<Source, Desired>();
  readonly #contested = new Map<
    string,
    Extract<Finding, { reason: 'contested' }> & { namespaces: string[] }
  >();
  readonly #findings: Finding[] = [];
  readonly pending: Pending[] = [];
  /** Keys that somebody asks for, whether granted or not. */
  readonly wanted = new Set<ObjectKey>();
  unchanged = 0;

  constructor(surveyed: Survey) {
    this.#survey = surveyed;
  }

  take(claim: Claim): void {
    this.wanted.add(claim.key);
    switch (claim.claim) {
      case 'granted':
        return this.#grant(claim);
      case 'contested':
        return this.#contest(claim.source, claim.namespace.name, claim.keeper);
      case 'own-source-there':
        this.#findings.push({
          reason: 'own-source-there',
          kind: claim.claimants[0]?.meta.kind ?? 'ConfigMap',
          namespace: claim.namespace.name,
          name: claim.claimants[0]?.meta.name ?? '',
          origins: claim.claimants.map(({ meta }) => originOf(meta)),
        });
    }
  }

  findings(): Finding[] {
    return [...this.#findings, ...this.#contested.values()];
  }

  #grant(claimed: Claimed): void {
    const { source, namespace, key, there, copy } = claimed;
    const pending = { key, namespace: namespace.name, source };
    if (there === undefined) this.pending.push(pending);
    else if (copy === undefined) this.#foreign(claimed, there);
    else if (there.deletionTimestamp !== undefined) {
      this.#findings.push({ reason: 'being-deleted', ...nameOf(there), origin: originOf(copy.origin) });
    } else if (originKey(copy) !== keyOf(source.meta)) {
      this.pending.push({ ...pending, there, from: originOf(copy.origin) });
    } else if (this.#isCurrent(there, source)) this.unchanged += 1;
    else this.pending.push({ ...pending, there });
  }

  #foreign({ source, namespace, key }: Claimed, there: ObjectMeta): void {
    const { rules } = this.#survey;
    const adopt = rules.onConflict === 'adopt' ? there.uid : undefined;
    const refusal = adoptRefusal(adopt, there);
    if (adopt !== undefined && refusal === undefined)
      this.pending.push({ key, namespace: namespace.name, source, there, adopt });
    else this.#findings.push(conflict(nameOf(there), source.meta, rules, refusal));
  }

  #isCurrent(there: ObjectMeta, source: Source): boolean {
    const { rules } = this.#survey;
    if (rules.verify) return false;
    const wanted = this.#desired.get(source) ?? desiredFromMetadata(source.meta, rules);
    this.#desired.set(source, wanted);
    return isTakenAsCurrent(there, wanted, rules);
  }

  /** One finding for each pair of rivals, however many namespaces they meet in. */
  #contest(loser: Source, namespace: string, keeper: Origin): void {
    const pair = `${keyOf(loser.meta)} ${keyFrom(loser.meta.kind, keeper.namespace, keeper.name)}`;
    const known = this.#contested.get(pair);
    if (known !== undefined) known.namespaces.push(namespace);
    else {
      const finding = { reason: 'contested', ...nameOf(loser.meta), keeper: originOf(keeper) } as const;
      this.#contested.set(pair, { ...finding, namespaces: [namespace] });
    }
  }
}

/** Findings about selectors that can be seen only next to the namespaces, and the warning of an open door. */
function sourceFindings({ sources, namespaces, rules }: Survey): Finding[] {
  const findings: Finding[] = [];
  if (rules.sourceNamespaces.length === 0) findings.push({ reason: 'any-namespace-is-a-source' });
  const all = [...namespaces.values()];
  for (const { meta, text, selector } of sources) {
    if (selector === undefined || selector.length === 0) continue;
    if (all.some((namespace) => matches(selector, namespace.labels))) continue;
    findings.push({ reason: 'no-namespace-selected', ...nameOf(meta), selector: text });
  }
  return findings;
}
