import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../../../src/model/finding.ts';
import type { Plan } from '../../../src/model/plan.ts';
import { type ContextPlan, withoutDoubles } from '../../../src/plan/contexts/one-place.ts';

const EMPTY: Plan = {
  changes: [],
  findings: [],
  sources: 0,
  bySource: [],
  namespaces: 0,
  unchanged: 0,
  copies: 0,
};

/** The copy of `src/omni` in a namespace, which was written for a context. */
function leftBehind(namespace: string, recorded: string): Finding {
  const origin = { namespace: 'src', name: 'omni' };
  return { reason: 'left-behind', kind: 'ConfigMap', namespace, name: 'omni', origin, recorded };
}

/** Returns the findings of `east` about a copy of `west`, if `west` leads elsewhere as given. */
function found(finding: Finding, west: Partial<ContextPlan> | undefined): readonly Finding[] {
  const east: ContextPlan = { context: 'east', cluster: 'one', plan: { ...EMPTY, findings: [finding] } };
  const others = west === undefined ? [] : [{ context: 'west', cluster: 'one', plan: EMPTY, ...west }];
  return withoutDoubles([east, ...others])[0]?.findings ?? [];
}

test('a copy is not left behind if the context that it records leads to it', () => {
  assert.deepEqual(found(leftBehind('a', 'west'), { namespace: 'a' }), []);
  assert.deepEqual(found(leftBehind('src', 'west'), {}), []);
});

test('a copy is left behind if the context that it records is gone, or leads elsewhere', () => {
  const finding = leftBehind('a', 'west');
  for (const west of [undefined, {}, { namespace: 'b' }, { namespace: 'a', cluster: 'two' }])
    assert.deepEqual(found(finding, west), [finding]);
});

test('other findings stay', () => {
  const finding: Finding = { reason: 'context-timed-out' };
  assert.deepEqual(found(finding, { namespace: 'a' }), [finding]);
});
