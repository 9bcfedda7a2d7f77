import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { causesOf } from '../../../src/model/change.ts';
import type { Body, Namespace } from '../../../src/model/objects.ts';
import { comparePlans } from '../../../src/plan/preview/compare-plans.ts';
import { changed, configMap, copyOf, entry, namespace, ourEntry, tree } from '../../support/build.ts';
import { cluster, narrowing } from '../../support/clusters.ts';
import { causeWords, compared, plannedState } from '../../support/preview-world.ts';
import { settingsWith, worldOf } from '../../support/world.ts';

/* Why a preview of manifests makes each change: what differs between the state before and the state after. */

const SETTINGS = settingsWith({ sourceNamespaces: ['demo'] });
const IGNORED = { annotations: { 'kubed.appscode.com/ignore': 'true' } };
const [demo, prod, dev] = [
  namespace('demo'),
  namespace('prod', { labels: { env: 'prod' } }),
  namespace('dev', { labels: { env: 'dev' } }),
];
const ALL = [demo, prod, dev];

const omni = configMap('demo/omni', { sync: 'env=prod', data: { a: '1', b: '2' } });
const other = (parts: Partial<Body> & { readonly data?: Body['content']['data'] }): Body =>
  changed(omni, { resourceVersion: '2', ...parts });
const withSync = (sync: string, body: Body = omni): Body =>
  changed(body, { resourceVersion: '2', annotations: { 'kubed.appscode.com/sync': sync } });
const named = (names: string, sync = 'env=prod'): Body =>
  changed(omni, {
    resourceVersion: '2',
    annotations: { 'kubed.appscode.com/sync': sync, 'kubed.appscode.com/sync-namespaces': names },
  });
const keyed = (keys: string): Body =>
  changed(omni, {
    resourceVersion: '2',
    annotations: { 'kubed.appscode.com/sync': 'env=prod', 'kubed.appscode.com/sync-keys': keys },
  });
const accepting = (to: Namespace, from: string): Namespace => ({
  ...to,
  annotations: { 'kubed.appscode.com/accept-from': from },
});
const inProd = copyOf(omni, 'prod');
const edited = changed(inProd, {
  data: { a: '1', b: 'mine' },
  managedFields: [
    ourEntry(tree('{"f:data":{"f:a":{}}}')),
    entry('kubectl-edit', tree('{"f:data":{"f:b":{}}}')),
  ],
});

type Side = readonly [objects: readonly Body[], namespaces?: readonly Namespace[]];

interface Row {
  readonly name: string;
  readonly before: Side;
  readonly after: Side;
  readonly changes: readonly string[];
}

const rows: readonly Row[] = [
  {
    name: 'a new source',
    before: [[]],
    after: [[omni]],
    changes: ['create prod: source-added'],
  },
  {
    name: 'an object that gets the annotation',
    before: [[changed(omni, { annotations: {} })]],
    after: [[omni]],
    changes: ['create prod: source-added'],
  },
  {
    name: 'a wider selector',
    before: [[omni, inProd]],
    after: [[withSync(''), inProd]],
    changes: ['create dev: selector-changed "env=prod" ""', 'refresh prod: selector-changed "env=prod" ""'],
  },
  {
    name: 'a wider selector, and a copy that is missing anyway',
    before: [[omni]],
    after: [[withSync('')]],
    changes: ['create dev: selector-changed "env=prod" ""', 'create prod: missing (anyway)'],
  },
  {
    name: 'a wider selector, and a copy that was edited',
    before: [[omni, edited]],
    after: [[withSync(''), edited]],
    changes: ['create dev: selector-changed "env=prod" ""', 'update prod: edited by kubectl-edit (anyway)'],
  },
  {
    name: 'a namespace that accepts the source now',
    before: [[omni], [demo, accepting(prod, '')]],
    after: [[omni], [demo, accepting(prod, 'demo')]],
    changes: ['create prod: namespace-accepts'],
  },
  {
    name: 'another selector',
    before: [[omni, inProd]],
    after: [[withSync('env=dev'), inProd]],
    changes: [
      'create dev: selector-changed "env=prod" "env=dev"',
      'prune prod: selector-changed "env=prod" "env=dev"',
    ],
  },
  {
    name: 'names that a source excludes now',
    before: [[omni, inProd]],
    after: [[named('!prod'), inProd]],
    changes: ['prune prod: sync-namespaces-changed undefined "!prod"'],
  },
  {
    name: 'names that a source allows now',
    before: [[named('dev', ''), copyOf(named('dev', ''), 'dev')]],
    after: [[named('*', ''), copyOf(named('dev', ''), 'dev')]],
    changes: ['create prod: sync-namespaces-changed "dev" "*"'],
  },
  {
    name: 'another selector, and names that do not matter to the copy',
    before: [[omni, inProd]],
    after: [[named('prod,dev', 'env=dev'), inProd]],
    changes: [
      'create dev: selector-changed "env=prod" "env=dev"',
      'prune prod: selector-changed "env=prod" "env=dev"',
    ],
  },
  {
    name: 'keys that a source leaves out now',
    before: [[omni, inProd]],
    after: [[keyed('a'), inProd]],
    changes: ['update prod: sync-keys-changed undefined "a" data.b'],
  },
  {
    name: 'keys that a source leaves out now, and another value',
    before: [[omni, inProd]],
    after: [[changed(keyed('a'), { data: { a: '9', b: '2' } }), inProd]],
    changes: ['update prod: sync-keys-changed undefined "a" data.b source-changed data.a'],
  },
  {
    name: 'other words for the same keys',
    before: [[omni, inProd]],
    after: [[keyed('*'), inProd]],
    changes: ['refresh prod: sync-keys-changed undefined "*"'],
  },
  {
    name: 'other keys than before',
    before: [[keyed('a'), copyOf(changed(keyed('a'), { data: { a: '1' } }), 'prod')]],
    after: [
      [
        changed(keyed('b'), { resourceVersion: '3' }),
        copyOf(changed(keyed('a'), { data: { a: '1' } }), 'prod'),
      ],
    ],
    changes: ['update prod: sync-keys-changed "a" "b" data.a,data.b'],
  },
  {
    name: 'a new namespace',
    before: [[omni], [demo]],
    after: [[omni], [demo, prod]],
    changes: ['create prod: namespace-added'],
  },
  {
    name: 'a new source in a cluster with a new namespace',
    before: [[], [demo]],
    after: [[omni], [demo, prod]],
    changes: ['create prod: source-added namespace-added'],
  },
  {
    name: 'a new namespace that the old selector selects too',
    before: [[omni], [demo]],
    after: [[withSync('env in (prod,dev)')], [demo, prod]],
    changes: ['create prod: namespace-added'],
  },
  {
    name: 'a new namespace that only the new selector selects',
    before: [[omni], [demo]],
    after: [[withSync('env=dev')], [demo, dev]],
    changes: ['create dev: namespace-added selector-changed "env=prod" "env=dev"'],
  },
  {
    name: 'labels of a namespace that lead to a copy',
    before: [[omni], [demo, namespace('prod')]],
    after: [[omni], [demo, prod]],
    changes: ['create prod: namespace-labels-changed'],
  },
  {
    name: 'labels of a namespace that end a copy',
    before: [[omni, inProd]],
    after: [
      [omni, inProd],
      [demo, namespace('prod')],
    ],
    changes: ['prune prod: namespace-labels-changed'],
  },
  {
    name: 'labels of a namespace that do not matter',
    before: [[withSync('')], [demo]],
    after: [[withSync('')], [demo, namespace('prod', { labels: { env: 'prod', x: 'y' } })]],
    changes: ['create prod: namespace-added'],
  },
  {
    name: 'selector and labels, each of which is enough',
    before: [[withSync('a=b')], [demo, namespace('x', { labels: { c: 'd' } })]],
    after: [[withSync('a')], [demo, namespace('x', { labels: { a: 'b' } })]],
    changes: ['create x: namespace-labels-changed'],
  },
  {
    name: 'selector and labels, of which neither would undo it alone',
    before: [[withSync('a=b')], [demo, namespace('x', { labels: { a: 'c' } })]],
    after: [[withSync('a in (b,c)')], [demo, namespace('x', { labels: { a: 'b' } })]],
    changes: ['create x: selector-changed "a=b" "a in (b,c)" namespace-labels-changed'],
  },
  {
    name: 'a namespace that loses its opt-out',
    before: [[omni], [demo, { ...prod, ...IGNORED }]],
    after: [[omni]],
    changes: ['create prod: namespace-allowed'],
  },
  {
    name: 'a namespace that gets the opt-out',
    before: [[omni, inProd]],
    after: [
      [omni, inProd],
      [demo, { ...prod, ...IGNORED }],
    ],
    changes: ['prune prod: namespace-ignored'],
  },
  {
    name: 'a source that is deleted',
    before: [[omni, inProd]],
    after: [[inProd]],
    changes: ['prune prod: source-gone'],
  },
  {
    name: 'a source that loses its annotation',
    before: [[omni, inProd]],
    after: [[changed(omni, { annotations: {} }), inProd]],
    changes: ['prune prod: annotation-removed'],
  },
  {
    name: 'a copy that nobody asks for, before and after',
    before: [[omni, inProd, copyOf(omni, 'dev')]],
    after: [[other({ data: { a: '2', b: '2' } }), inProd, copyOf(omni, 'dev')]],
    changes: ['update prod: source-changed data.a', 'prune dev: namespace-not-selected "env=prod" (anyway)'],
  },
  {
    name: 'other content of the source',
    before: [[omni, inProd]],
    after: [[other({ data: { a: '1', c: '3' }, labels: { app: 'x' } }), inProd]],
    changes: ['update prod: source-changed data.b,data.c,labels.app'],
  },
  {
    name: 'other content, and a copy that was edited in another key',
    before: [[omni, edited]],
    after: [[other({ data: { a: '2', b: '2' } }), edited]],
    changes: ['update prod: edited by kubectl-edit data.b source-changed data.a'],
  },
  {
    name: 'other content, and a copy that was edited in the same key',
    before: [[omni, edited]],
    after: [[other({ data: { a: '1', b: '3' } }), edited]],
    changes: ['update prod: edited by kubectl-edit data.b source-changed data.b'],
  },
  {
    name: 'content that the copy has already, and an edit that is right now',
    before: [[omni, edited]],
    after: [[other({ data: { a: '1', b: 'mine' } }), edited]],
    changes: ['refresh prod: source-changed'],
  },
  {
    name: 'a write to the source that changes nothing',
    before: [[omni, inProd]],
    after: [[other({}), inProd]],
    changes: ['refresh prod: source-changed'],
  },
  {
    name: 'a copy that the manifests change',
    before: [[omni, inProd]],
    after: [[omni, edited]],
    changes: ['update prod: edited data.b'],
  },
  {
    name: 'a copy that the manifests change, of a copy that is edited anyway',
    before: [[omni, edited]],
    after: [[omni, changed(edited, { data: { a: 'x', b: 'mine' } })]],
    changes: ['update prod: edited by kubectl-edit data.b edited data.a'],
  },
  {
    name: 'a source whose copies were about to be deleted',
    before: [[changed(omni, { annotations: {} }), inProd]],
    after: [[other({}), inProd]],
    changes: ['refresh prod: source-added'],
  },
  {
    name: 'a copy that is created instead of updated',
    before: [[omni, edited]],
    after: [[omni]],
    changes: ['create prod: missing'],
  },
  {
    name: 'a copy that is updated instead of created',
    before: [[omni]],
    after: [[omni, edited]],
    changes: ['update prod: edited data.b'],
  },
];

for (const { name, before, after, changes } of rows)
  test(`causes of ${name}`, () => {
    const [old, now] = [before, after].map(([objects, namespaces = ALL]) => worldOf(namespaces, objects));
    assert.ok(old && now);
    const plan = compared(old, now, SETTINGS);
    const words = plan.changes.map((change) =>
      [
        `${change.action} ${change.namespace}:`,
        ...causesOf(change).map(causeWords),
        ...(change.pendingAnyway ? ['(anyway)'] : []),
      ].join(' '),
    );
    assert.deepEqual(words, changes);
  });

test('a change of a source that no manifest declares has no cause in the manifests', () => {
  const [old, now] = [
    worldOf(ALL, [omni, inProd]),
    worldOf(ALL, [other({ data: { a: '9', b: '2' } }), inProd]),
  ];
  const plan = comparePlans(plannedState(old, SETTINGS), plannedState(now, SETTINGS), new Map());
  assert.deepEqual(plan.changes.flatMap(causesOf).map(causeWords), ['source-changed data.a']);
});

test('a copy that another origin gives up is handed over, whatever else differs', () => {
  const old = configMap('old/omni', { sync: '', data: omni.content.data });
  const given = copyOf(old, 'prod');
  const namespaces = [...ALL, namespace('old')];
  const everywhere = settingsWith({ kinds: ['ConfigMap'] });
  const young = changed(omni, { creationTimestamp: '2026-05-01T00:00:00Z' });
  const plan = compared(
    worldOf(namespaces, [old, young, given]),
    worldOf(namespaces, [changed(old, { annotations: {} }), young, given]),
    everywhere,
  );
  const [change] = plan.changes;
  assert.deepEqual(change && [change.action, change.reason], ['refresh', 'handed-over']);
});

test('the reason follows the causes: an edit is never called a change of the source', () => {
  const noOwners = changed(edited, { managedFields: [] });
  const before = worldOf(ALL, [omni, noOwners]);
  const reasons = (after: Body): readonly string[] =>
    compared(before, worldOf(ALL, [after, noOwners]), SETTINGS).changes.map(({ reason }) => reason);
  assert.deepEqual(reasons(other({})), ['edited']);
  assert.deepEqual(reasons(other({ data: { a: '3', b: '2' } })), ['edited']);
  assert.deepEqual(reasons(other({ data: { a: '3', b: 'mine' } })), ['source-changed']);
});

const RUNS = { numRuns: Number(process.env['LAW_RUNS'] ?? 300) };

test('without any difference every change is pending anyway, with the causes that it has', () => {
  let changes = 0;
  fc.assert(
    fc.property(cluster, fc.oneof(fc.constant({}), narrowing), (world, options) => {
      const state = plannedState(world, settingsWith(options));
      const plan = comparePlans(state, state, new Map());
      assert.deepEqual(
        plan.changes,
        state.plan.changes.map((one) => ({ ...one, causes: causesOf(one), pendingAnyway: true })),
      );
      changes += plan.changes.length;
    }),
    RUNS,
  );
  assert.ok(changes > RUNS.numRuns / 30, String(changes));
});

test('a comparison changes nothing but causes and reasons', () => {
  fc.assert(
    fc.property(cluster, cluster, narrowing, (before, after, options) => {
      const settings = settingsWith(options);
      const { changes, ...plan } = compared(before, after, settings);
      const { changes: planned, ...rest } = plannedState(after, settings).plan;
      assert.deepEqual(plan, rest);
      const made = (all: typeof changes): unknown[] =>
        all.map(({ action, kind, namespace: at, name, origin }) => [action, kind, at, name, origin]);
      assert.deepEqual(made(changes), made(planned));
      for (const change of changes) assert.ok(causesOf(change).length > 0);
    }),
    RUNS,
  );
});
