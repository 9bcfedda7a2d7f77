import type { Change } from '../../model/change.ts';
import type { Finding } from '../../model/finding.ts';
import type { Plan } from '../../model/plan.ts';
import { keyOf, nameOf, originOf } from '../../model/keys.ts';

/*
 * Which context may change a place that two contexts lead to (docs/design.md 11.4)? Their plans do not know each other.
 * Examples for the contexts `a` and `b` and one copy:
 *
 *   a        b        what is done
 *   -------  -------  ------------------------------------------------------
 *   create   create   a creates it: its name comes first. b gets a note
 *   prune    refresh  b takes it over. a does not delete it
 *   prune    nothing  a deletes it
 *
 * A copy that was written for `b` is not left behind if `b` leads to it: the plan of `b` decides about it.
 */

/** The plan of one context. */
export interface ContextPlan {
  readonly context: string;
  /** Equal for contexts that lead to one cluster. */
  readonly cluster: string;
  /** Where its copies go. Absent: to the namespace called like that of the source. */
  readonly namespace?: string;
  readonly plan: Plan;
}

/** Returns the plans, in their order, without the changes that another context makes or forbids. */
export function withoutDoubles(plans: readonly ContextPlan[]): readonly Plan[] {
  const writers = new Map<string, string>();
  for (const { context, cluster, plan } of plans)
    for (const change of plan.changes) {
      const place = placeOf(cluster, change);
      if (!isDelete(change) && !writers.has(place)) writers.set(place, context);
    }
  const byContext = new Map(plans.map((one) => [one.context, one]));
  return plans.map(({ context, cluster, plan }) => {
    const isOthers = (change: Change): boolean =>
      (writers.get(placeOf(cluster, change)) ?? context) !== context;
    const notes = plan.changes.flatMap((change): Finding[] => {
      const keptBy = writers.get(placeOf(cluster, change)) ?? context;
      if (keptBy === context || isDelete(change)) return [];
      return [{ reason: 'same-place', ...nameOf(change), origin: originOf(change.origin), keptBy }];
    });
    const changes = plan.changes.filter((change) => !isOthers(change));
    const findings = plan.findings.filter((finding) => !isDecidedByOther(finding, cluster, byContext));
    return { ...plan, changes, findings: [...findings, ...notes] };
  });
}

/** Whether a finding calls a copy left behind, and the context that the copy records leads to it. */
function isDecidedByOther(
  finding: Finding,
  cluster: string,
  plans: ReadonlyMap<string, ContextPlan>,
): boolean {
  if (finding.reason !== 'left-behind') return false;
  const recorded = plans.get(finding.recorded);
  if (recorded === undefined || recorded.cluster !== cluster) return false;
  return (recorded.namespace ?? finding.origin.namespace) === finding.namespace;
}

function placeOf(cluster: string, change: Change): string {
  return `${cluster} ${keyOf(change)}`;
}

function isDelete({ action }: Change): boolean {
  return action === 'prune' || action === 'mark';
}
