import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guardContexts } from '../../../src/plan/contexts/guard-contexts.ts';
import type { Change } from '../../../src/model/change.ts';
import type { MaxPrune } from '../../../src/model/settings.ts';
import type { Plan } from '../../../src/model/plan.ts';

/* `--max-prune` over several clusters and over the runs of `--every`: what earlier runs deleted counts in all clusters. */

function plan(prunes: number): Plan {
  const change = { action: 'prune' } as Change;
  return {
    changes: Array.from({ length: prunes }, () => change),
    findings: [],
    sources: 0,
    bySource: [],
    namespaces: 1,
    unchanged: 0,
    copies: 10,
  };
}

const ROWS: readonly (readonly [what: string, maxPrune: MaxPrune, atHome: number, limit?: number])[] = [
  ['a number for all clusters', { count: 5 }, 1],
  ['a number that home has used up', { count: 5 }, 2, 3],
  ['a number that earlier runs have used up', { count: 5, used: 2 }, 0, 3],
  ['a number that both have used up', { count: 5, used: 4 }, 3, 0],
  ['a percentage of each cluster', { percent: 20 }, 0],
  ['a percentage, minus the deletes of earlier runs', { percent: 20, used: 1 }, 0, 1],
];

for (const [what, maxPrune, atHome, limit] of ROWS)
  test(what, () => {
    const plans = [plan(2), plan(2)];
    const findings = plans.map(guardContexts(plans, maxPrune, atHome));
    const deletes = 'count' in maxPrune ? 4 : 2;
    const finding = limit === undefined ? undefined : { reason: 'prune-withheld', deletes, limit, maxPrune };
    assert.deepEqual(findings, [finding, finding]);
  });
