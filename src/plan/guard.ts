import type { Change } from '../model/change.ts';
import type { Plan } from '../model/plan.ts';
import type { Finding } from '../model/finding.ts';
import type { MaxPrune } from '../model/settings.ts';

/**
 * Whether `--max-prune` counts a change: prunes only. A replace is tried as a server dry run first, and leaves the copy
 * there, so a leaked key can always be removed.
 */
export function isPrune(change: Change): boolean {
  return change.action === 'prune';
}

/**
 * Does a plan delete too much (docs/design.md 6, "guard")? A finding if it would delete more than `--max-prune` allows.
 * The run then deletes nothing and writes everything else. Example: 10% of 27 copies allows 2 deletes.
 * If earlier runs of `--every` made one of them, this run may make one more.
 */
export function guard(plan: Plan, maxPrune: MaxPrune | undefined): Finding | undefined {
  if (maxPrune === undefined) return undefined;
  const wouldDelete = plan.changes.filter(isPrune).length;
  const { used = 0 } = maxPrune;
  const all = 'count' in maxPrune ? maxPrune.count : Math.floor((plan.copies * maxPrune.percent) / 100);
  const limit = Math.max(0, all - used);
  return wouldDelete > limit
    ? { reason: 'prune-withheld', deletes: wouldDelete, limit, maxPrune }
    : undefined;
}
