import type { Change } from '../model/change.ts';
import type { Plan } from '../model/plan.ts';
import type { Finding } from '../model/finding.ts';
import type { MaxPrune } from '../model/settings.ts';

/** Whether a change deletes something: what `--max-prune` counts. */
export function deletes(change: Change): boolean {
  return change.action === 'prune' || change.action === 'replace';
}

/**
 * The guard between plan and writes (design section 5): a finding where the plan would delete more than `--max-prune`
 * allows. Then no delete is made and everything else is written.
 */
export function guard(plan: Plan, maxPrune: MaxPrune | undefined): Finding | undefined {
  if (maxPrune === undefined) return undefined;
  const wouldDelete = plan.changes.filter(deletes).length;
  const limit = 'count' in maxPrune ? maxPrune.count : Math.floor((plan.copies * maxPrune.percent) / 100);
  return wouldDelete > limit
    ? { reason: 'prune-withheld', deletes: wouldDelete, limit, maxPrune }
    : undefined;
}
