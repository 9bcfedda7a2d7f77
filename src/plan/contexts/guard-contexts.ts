import type { Finding } from '../../model/finding.ts';
import type { Plan } from '../../model/plan.ts';
import type { MaxPrune } from '../../model/settings.ts';
import { guard, isPrune } from '../guard.ts';

/**
 * Does a run delete too much in other clusters (docs/design.md 11.6)? A percentage is of the copies of each cluster. A
 * number counts over all clusters, home included, and withholds the deletes of all contexts together. Returns the finding
 * for the plan of one context.
 *
 * Example: `--max-prune 5`, 3 deletes at home and 2 in each of two contexts → the contexts may delete 2, so none is made.
 */
export function guardContexts(
  plans: readonly Plan[],
  maxPrune: MaxPrune | undefined,
  atHome: number,
): (plan: Plan) => Finding | undefined {
  if (maxPrune === undefined || 'percent' in maxPrune) return (plan) => guard(plan, maxPrune);
  const deletes = plans.reduce((sum, { changes }) => sum + changes.filter(isPrune).length, 0);
  const limit = Math.max(0, maxPrune.count - (maxPrune.used ?? 0) - atHome);
  return ({ changes }) =>
    deletes > limit && changes.some(isPrune)
      ? { reason: 'prune-withheld', deletes, limit, maxPrune }
      : undefined;
}
