import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { guard, isPrune } from '../../src/plan/guard.ts';
import { ACTIONS, type Action, type Change } from '../../src/model/change.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { MaxPrune } from '../../src/model/settings.ts';

const TIME = '2026-01-02T03:04:05Z';

function change(action: Action): Change {
  const at = {
    kind: 'ConfigMap',
    namespace: 'team-a',
    name: 'omni',
    origin: { namespace: 'demo', name: 'omni' },
  } as const;
  const rewrite = { fields: [], guard: { uid: 'u', resourceVersion: '1' }, editors: [] } as const;
  switch (action) {
    case 'create':
      return { action, ...at, reason: 'missing' };
    case 'update':
    case 'refresh':
      return { action, ...at, ...rewrite, reason: 'edited' };
    case 'replace':
      return { action, ...at, ...rewrite, reason: 'edited', because: 'type' };
    case 'mark':
      return { action, ...at, guard: rewrite.guard, reason: 'source-gone', since: TIME, until: TIME };
    case 'prune':
      return { action, ...at, guard: rewrite.guard, reason: 'source-gone' };
  }
}

function plan(copies: number, actions: Partial<Record<Action, number>>): Plan {
  const changes = ACTIONS.flatMap((action) =>
    Array.from({ length: actions[action] ?? 0 }, () => change(action)),
  );
  return { changes, copies, findings: [], sources: 1, bySource: [], namespaces: 1, unchanged: 0 };
}

const rows: readonly {
  readonly name: string;
  readonly plan: Plan;
  readonly maxPrune?: MaxPrune;
  readonly withheld?: readonly [deletes: number, limit: number];
}[] = [
  { name: 'no limit', plan: plan(3, { prune: 3 }) },
  { name: 'as many as allowed', plan: plan(9, { prune: 3 }), maxPrune: { count: 3 } },
  { name: 'one too many', plan: plan(9, { prune: 4 }), maxPrune: { count: 3 }, withheld: [4, 3] },
  { name: 'none allowed, none planned', plan: plan(9, { create: 5 }), maxPrune: { count: 0 } },
  { name: 'none allowed', plan: plan(9, { prune: 1 }), maxPrune: { count: 0 }, withheld: [1, 0] },
  {
    name: 'replaces do not count: they are tried first, and leave the copy there',
    plan: plan(9, { replace: 2, prune: 3 }),
    maxPrune: { count: 3 },
  },
  {
    name: 'changes that delete nothing do not count',
    plan: plan(9, { create: 9, update: 9, refresh: 9, mark: 9 }),
    maxPrune: { count: 1 },
  },
  { name: 'percent, as many as allowed', plan: plan(10, { prune: 5 }), maxPrune: { percent: 50 } },
  {
    name: 'percent, one too many',
    plan: plan(10, { prune: 6 }),
    maxPrune: { percent: 50 },
    withheld: [6, 5],
  },
  {
    name: 'percent is rounded down',
    plan: plan(9, { prune: 5 }),
    maxPrune: { percent: 50 },
    withheld: [5, 4],
  },
  { name: 'percent of few copies', plan: plan(9, { prune: 1 }), maxPrune: { percent: 10 }, withheld: [1, 0] },
  {
    name: 'percent of the copies, not of the changes',
    plan: plan(100, { prune: 10 }),
    maxPrune: { percent: 10 },
  },
  { name: 'all of them', plan: plan(3, { prune: 3 }), maxPrune: { percent: 100 } },
  { name: 'no percent', plan: plan(3, { prune: 1 }), maxPrune: { percent: 0 }, withheld: [1, 0] },
  { name: 'what earlier runs left', plan: plan(10, { prune: 3 }), maxPrune: { count: 5, used: 2 } },
  {
    name: 'one more than earlier runs left',
    plan: plan(10, { prune: 4 }),
    maxPrune: { count: 5, used: 2 },
    withheld: [4, 3],
  },
  {
    name: 'earlier runs made more than the percentage of the copies that are left',
    plan: plan(9, { prune: 1 }),
    maxPrune: { percent: 50, used: 6 },
    withheld: [1, 0],
  },
  { name: 'percent of nothing', plan: plan(0, {}), maxPrune: { percent: 10 } },
];

suite('--max-prune', () => {
  for (const { name, plan: planned, maxPrune, withheld } of rows) {
    test(name, () => {
      const finding = guard(planned, maxPrune);
      if (withheld === undefined || maxPrune === undefined) return assert.equal(finding, undefined);
      const [wouldDelete, limit] = withheld;
      assert.deepEqual(finding, { reason: 'prune-withheld', deletes: wouldDelete, limit, maxPrune });
    });
  }

  const kinds: readonly (readonly [action: Action, is: boolean])[] = [
    ['create', false],
    ['update', false],
    ['replace', false],
    ['refresh', false],
    ['mark', false],
    ['prune', true],
  ];
  for (const [action, is] of kinds)
    test(`${action} ${is ? 'is a prune' : 'is not a prune'}`, () =>
      assert.equal(isPrune(change(action)), is));
});
