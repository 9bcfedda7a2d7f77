import type { Answer, CopyAnswer } from '../../model/explanation.ts';
import type { Change } from '../../model/change.ts';
import type { Finding } from '../../model/finding.ts';
import { isSameOrigin, keyFrom, keyOf, originOf } from '../../model/keys.ts';
import type { ObjectKey, ObjectName } from '../../model/objects.ts';
import type { Source } from '../classify.ts';
import { explainUnwanted } from '../prune.ts';
import { type Resolution, resolveConflicts } from '../resolve-conflicts.ts';
import type { Copy } from '../object-index.ts';
import type { ExplainablePlan } from './explainable-plan.ts';
import { whyNoCopy } from './why-no-copy.ts';

/*
 * Which rule decided about the copy of one source in one namespace? Everything is looked up in the plan:
 *
 *   the source asks for a copy there    what the plan says about that copy: a change, a finding, or nothing to do
 *   it does not, and has a copy there   the prune, the hand-over, or why the copy stays
 *   it does not, and has none there     the first rule that keeps it from asking
 */

/** Returns what answers for an origin, which may be a source or not. */
export function explainerFor(origin: ObjectName, plan: ExplainablePlan): (namespace: string) => CopyAnswer {
  const lookup = new Lookup(origin, plan);
  return (namespace) => ({ namespace, ...lookup.answerIn(namespace) });
}

/** The parts of a plan that are about the copies of one origin. */
class Lookup {
  readonly #origin: ObjectName;
  readonly #key: ObjectKey;
  readonly #plan: ExplainablePlan;
  readonly #source: Source | undefined;
  /** These are all by namespace. */
  readonly #resolutions: ReadonlyMap<string, Resolution>;
  readonly #changes: ReadonlyMap<string, Change>;
  readonly #contested: ReadonlyMap<string, Finding>;
  readonly #findings: ReadonlyMap<string, Finding>;
  readonly #waiting: ReadonlyMap<string, string>;
  readonly #pending: ReadonlySet<string>;
  /** Present if what was read of the source blocks its changes. */
  readonly #block: Finding | undefined;

  constructor(origin: ObjectName, plan: ExplainablePlan) {
    const { classified, pending } = plan.draft;
    const { findings } = plan;
    const isNamed = ({ kind, name }: ObjectName): boolean => kind === origin.kind && name === origin.name;
    const sources = classified.sources.filter(({ meta }) => isNamed(meta));
    this.#origin = origin;
    this.#key = keyOf(origin);
    this.#plan = plan;
    this.#source = sources.find(({ key }) => key === this.#key);
    const resolutions = [...resolveConflicts({ ...classified, sources })];
    this.#resolutions = new Map(resolutions.map((one) => [one.namespace.name, one]));
    this.#changes = new Map(plan.changes.filter(isNamed).map((one) => [one.namespace, one]));
    this.#contested = contestedIn(findings, this.#key);
    this.#findings = new Map(
      findings.flatMap((one) => (isAboutCopy(one) && isNamed(one) ? [[one.namespace, one]] : [])),
    );
    this.#waiting = new Map(plan.waiting.filter(isNamed).map((one) => [one.namespace, one.until]));
    this.#pending = new Set(
      pending.flatMap(({ source, namespace }) => (source.key === this.#key ? [namespace] : [])),
    );
    this.#block = findings.find((one) => isBlock(one) && keyOf(one) === this.#key);
  }

  answerIn(namespace: string): Answer {
    const resolution = this.#resolutions.get(namespace);
    if (resolution?.contenders.some(({ key }) => key === this.#key)) return this.#wanted(namespace);
    const { kind, name } = this.#origin;
    const { classified } = this.#plan.draft;
    const copy = classified.index.byName(kind, name).get(namespace)?.copy;
    if (copy?.originKey === this.#key) return this.#unwanted(copy, resolution);
    return { state: 'no-copy', why: whyNoCopy(this.#origin, this.#source, namespace, classified) };
  }

  /** The answer on a copy that the source asks for. */
  #wanted(namespace: string): Answer {
    const contested = this.#contested.get(namespace);
    if (contested !== undefined) return findingAnswer(contested);
    const change = this.#changes.get(namespace);
    if (change !== undefined) return this.#changeAnswer(change);
    const found = this.#findings.get(namespace);
    if (found !== undefined) return findingAnswer(found);
    if (!this.#pending.has(namespace)) return { state: 'up-to-date' };
    const { kind, name } = this.#origin;
    const decision = this.#plan.decisions.get(keyFrom(kind, namespace, name));
    return decision?.result === 'current' ? { state: 'up-to-date' } : this.#kept();
  }

  #changeAnswer(change: Change): Answer {
    switch (change.action) {
      case 'create':
        return { state: 'missing' };
      case 'mark':
      case 'prune':
        return { state: 'to-prune', change };
      default:
        return this.#plan.notCompared.has(keyOf(change))
          ? { state: 'not-compared' }
          : { state: 'behind', change };
    }
  }

  /** The copy stays as it is, because of its source or until the next run. */
  #kept(): Answer {
    return { state: 'kept', why: this.#block ?? 'later' };
  }

  /** The answer on a copy that its origin does not ask for. */
  #unwanted(copy: Copy, resolution: Resolution | undefined): Answer {
    const { namespace } = copy.meta;
    const change = this.#changes.get(namespace);
    if (change !== undefined)
      return isSameOrigin(change.origin, this.#origin)
        ? this.#changeAnswer(change)
        : { state: 'handed-over', to: originOf(change.origin) };
    const until = this.#waiting.get(namespace);
    if (until !== undefined) return { state: 'waiting', until };
    const found = this.#findings.get(namespace);
    if (found !== undefined) return findingAnswer(found);
    // Another source owns the copy, and it is not handed over yet.
    if (resolution !== undefined && !isSameOrigin(copy.origin, resolution.owner)) return this.#kept();
    const decision = explainUnwanted(copy, this.#plan.draft.classified);
    return 'keeps' in decision ? { state: 'kept', why: decision.keeps } : this.#kept();
  }
}

/** The namespaces in which another origin has the copy that a source asks for. */
function contestedIn(findings: readonly Finding[], key: ObjectKey): ReadonlyMap<string, Finding> {
  return new Map(
    findings.flatMap((finding) =>
      finding.reason === 'contested' && keyOf(finding) === key
        ? finding.namespaces.map((namespace) => [namespace, finding] as const)
        : [],
    ),
  );
}

function findingAnswer(finding: Finding): Answer {
  switch (finding.reason) {
    case 'changed-by-admission':
      return { state: 'up-to-date', finding };
    case 'conflict':
    case 'contested':
    case 'own-source-there':
      return { state: 'conflict', finding };
    default:
      return { state: 'kept', why: finding };
  }
}

/** A finding about one copy, or about what has its name. */
type CopyFinding = Extract<
  Finding,
  {
    readonly reason:
      | 'conflict'
      | 'own-source-there'
      | 'being-deleted'
      | 'orphan'
      | 'internal-error'
      | 'changed-by-admission'
      | 'newer-than-home'
      | 'replace-needed'
      | 'left-behind'
      | 'same-place';
  }
>;

function isAboutCopy(finding: Finding): finding is CopyFinding {
  switch (finding.reason) {
    case 'conflict':
    case 'own-source-there':
    case 'being-deleted':
    case 'orphan':
    case 'internal-error':
    case 'changed-by-admission':
    case 'newer-than-home':
    case 'replace-needed':
    case 'left-behind':
    case 'same-place':
      return true;
    default:
      return false;
  }
}

function isBlock(
  finding: Finding,
): finding is Extract<
  Finding,
  { readonly reason: 'source-changed' | 'source-not-copyable' | 'invalid-annotation' }
> {
  return ['source-changed', 'source-not-copyable', 'invalid-annotation'].includes(finding.reason);
}
