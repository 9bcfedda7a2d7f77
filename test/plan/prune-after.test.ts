import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Body, StringMap } from '../../src/model/objects.ts';
import type { Plan } from '../../src/model/plan.ts';
import { planPurge } from '../../src/plan/purge.ts';
import { classify } from '../../src/plan/classify.ts';
import { scopeOf } from '../../src/plan/scope.ts';
import { configMap, copyOf, entry, namespace, settings, treeOf } from '../support/build.ts';
import { act, planOf, snapshotOf, worldOf } from '../support/world.ts';

const MARK = 'kubed.appscode.com/unwanted-since';
const source = configMap('demo/omni', { sync: 'env=prod', data: { k: 'v' } });
const NOW = '2026-01-03T12:00:00Z';
const waits = settings({ now: NOW, pruneAfter: 300 });

/** A copy with these marks, which kubed-sync wrote. */
function marked(text: string | undefined, target = 'a'): Body {
  const copy = copyOf(source, target);
  const annotations: StringMap = { ...copy.annotations, ...(text !== undefined && { [MARK]: text }) };
  const all = { ...copy, annotations };
  return { ...all, managedFields: [entry('kubed-sync', treeOf(all))] };
}

function clusterOf(env: string, ...copies: readonly Body[]): ReturnType<typeof worldOf> {
  const targets = copies.map((copy) => namespace(copy.namespace, { labels: { env } }));
  return worldOf([namespace('demo'), ...targets], [source, ...copies]);
}

/** The changes of a plan and the finding about what waits. */
function shown({ changes, findings }: Plan): readonly string[] {
  return [
    ...changes.map((change) =>
      change.action === 'mark'
        ? `mark ${change.namespace} since ${change.since} until ${change.until}`
        : `${change.action} ${change.namespace}`,
    ),
    ...findings.flatMap((one) =>
      one.reason === 'waiting-to-be-pruned' ? [`${one.copies} wait ${one.first} ${one.last}`] : [],
    ),
  ];
}

const FRESH = [
  `mark a since ${NOW} until 2026-01-03T12:05:00Z`,
  '1 wait 2026-01-03T12:05:00Z 2026-01-03T12:05:00Z',
];

const rows: readonly (readonly [name: string, mark: string | undefined, expected: readonly string[]])[] = [
  ['no mark', undefined, FRESH],
  ['marked now', NOW, ['1 wait 2026-01-03T12:05:00Z 2026-01-03T12:05:00Z']],
  ['marked a second too late', '2026-01-03T11:55:01Z', ['1 wait 2026-01-03T12:00:01Z 2026-01-03T12:00:01Z']],
  ['marked five minutes ago', '2026-01-03T11:55:00Z', ['prune a']],
  ['marked long ago', '2020-01-01T00:00:00Z', ['prune a']],
  ['a time in the future', '2026-01-03T12:00:01Z', FRESH],
  ['far in the future', '9999-12-31T23:59:59Z', FRESH],
  ['no time', 'yesterday', FRESH],
  ['an empty text', '', FRESH],
  ['a date that does not exist', '2025-13-41T00:00:00Z', FRESH],
  ['another way to write a time', '2025-01-01T00:00:00.000Z', FRESH],
  ['another time zone', '2025-01-01T00:00:00+02:00', FRESH],
];

suite('an unwanted copy, with --prune-after 5m', () => {
  for (const [name, mark, expected] of rows)
    test(name, () => assert.deepEqual(shown(planOf(clusterOf('dev', marked(mark)), waits)), expected));

  test('is marked by one run and deleted by a later one', () => {
    const world = clusterOf('dev', marked(undefined));
    const after = act(world, planOf(world, waits).changes, waits);
    assert.deepEqual(shown(planOf(after, waits)), ['1 wait 2026-01-03T12:05:00Z 2026-01-03T12:05:00Z']);
    const later = { ...waits, now: '2026-01-03T12:05:00Z' };
    assert.deepEqual(shown(planOf(after, later)), ['prune a']);
  });

  test('loses its mark when it is wanted again', () => {
    const world = clusterOf('prod', marked('2026-01-03T11:58:00Z'));
    const plan = planOf(world, waits);
    assert.deepEqual(shown(plan), ['refresh a']);
    const after = [...act(world, plan.changes, waits).objects.values()];
    const copy = after.find((one) => one.namespace === 'a');
    assert.equal(copy?.annotations[MARK], undefined);
  });

  test('is not marked again while another one is', () => {
    const world = clusterOf('dev', marked(undefined), marked('2026-01-03T11:59:00Z', 'b'));
    assert.deepEqual(shown(planOf(world, waits)), [
      FRESH[0],
      '2 wait 2026-01-03T12:04:00Z 2026-01-03T12:05:00Z',
    ]);
  });

  test('is neither marked nor deleted with --no-prune, or where nothing shows that it is ours', () => {
    const world = clusterOf('dev', marked(undefined));
    assert.deepEqual(shown(planOf(world, { ...waits, prune: false })), []);
    const copied = { ...marked('2020-01-01T00:00:00Z'), managedFields: [entry('kubectl', {})] };
    assert.deepEqual(shown(planOf(clusterOf('dev', copied), waits)), []);
  });
});

test('without --prune-after a copy is deleted at once, and a mark does not matter', () => {
  for (const mark of [undefined, NOW, '9999-12-31T23:59:59Z'])
    assert.deepEqual(shown(planOf(clusterOf('dev', marked(mark)), { ...waits, pruneAfter: 0 })), ['prune a']);
});

test('purge ignores --prune-after', () => {
  const snapshot = snapshotOf(clusterOf('prod', marked(undefined)), waits);
  assert.deepEqual(shown(planPurge(classify(snapshot, scopeOf(waits)))), ['prune a']);
});
