import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asksFor, namesContext, parseContexts } from '../../../src/plan/annotations/sync-contexts.ts';
import { SYNC_CONTEXTS } from '../../../src/plan/annotations/markers.ts';

const PARSED: readonly (readonly [string, readonly string[], readonly string[]] | readonly [string])[] = [
  ['a', ['a'], []],
  ['a,b', ['a', 'b'], []],
  [' a ,\tb\n', ['a', 'b'], []],
  ['a,,b,', ['a', 'b'], []],
  ['*', [], ['*']],
  ['prod-?,dev,*-eu', ['dev'], ['prod-?', '*-eu']],
  ['arn:aws:eks:eu-west-1:1:cluster/x', ['arn:aws:eks:eu-west-1:1:cluster/x'], []],
  ['a b', ['a b'], []],
  [''],
  [' '],
  [','],
  [' , ,'],
];

for (const [text, names, wildcards] of PARSED)
  test(`the contexts of ${JSON.stringify(text)}`, () => {
    const expected = names && wildcards ? { names, wildcards } : undefined;
    assert.deepEqual(parseContexts(text), expected);
  });

const ASKS: readonly (readonly [string, string, 'name' | 'wildcard' | undefined])[] = [
  ['a,b', 'b', 'name'],
  ['a,b', 'c', undefined],
  ['a,*', 'a', 'name'],
  ['a,*', 'b', 'wildcard'],
  ['prod-*', 'prod-', 'wildcard'],
  ['prod-?', 'prod-', undefined],
  ['prod-*', 'xprod-1', undefined],
  ['A', 'a', undefined],
];

for (const [text, context, how] of ASKS)
  test(`"${text}" asks for the context "${context}": ${how ?? 'no'}`, () => {
    const patterns = parseContexts(text);
    assert.ok(patterns);
    assert.equal(asksFor(patterns, context), how);
  });

test('a wildcard stands only for contexts that a remote kubeconfig has', () => {
  const source = (text: string): { annotations: Record<string, string> } => ({
    annotations: { [SYNC_CONTEXTS]: text },
  });
  const known = new Set(['new']);
  const rows: readonly (readonly [string, string, boolean])[] = [
    ['old', 'old', true],
    ['*', 'old', false],
    ['*', 'new', true],
    ['o*,new', 'old', false],
    ['', 'new', false],
  ];
  for (const [text, context, expected] of rows)
    assert.equal(namesContext(source(text), context, known), expected, `${text} ${context}`);
  assert.equal(namesContext({ annotations: {} }, 'new', known), false);
});
