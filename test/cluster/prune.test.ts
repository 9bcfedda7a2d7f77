import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Json, TestCluster, marksOf } from '../support/cluster.ts';

/*
 * Which copies a run deletes: those that no source asks for, as the cluster shows. `prune-not.test.ts` has what it
 * keeps.
 */

const SOURCE = 'ConfigMap/src/omni';

/** A source in `src` for the namespaces with team=red, `a` and `b`, and its copies there. */
async function prepare(cluster: TestCluster): Promise<Json> {
  await cluster.namespace('src');
  for (const name of ['a', 'b']) await cluster.namespace(name, { team: 'red' });
  const source = await cluster.source(SOURCE, { data: { you: 'only' } }, 'team=red');
  await cluster.heals(['create ConfigMap/a/omni missing done', 'create ConfigMap/b/omni missing done']);
  return source;
}

function patchNamespace(cluster: TestCluster, short: string, metadata: object): Promise<Json> {
  const contentType = 'application/merge-patch+json';
  return cluster.must('PATCH', `/api/v1/namespaces/${cluster.ns(short)}`, { metadata }, { contentType });
}

/** What ends a copy, the reason in the report, and the copies that it ends. */
const ENDS: readonly (readonly [
  what: string,
  act: (cluster: TestCluster) => Promise<unknown>,
  reason: string,
  copies: string,
])[] = [
  ['its source is deleted', (cluster) => cluster.delete(SOURCE), 'source-gone', 'a b'],
  [
    'its source loses the annotation',
    (cluster) => cluster.annotate(SOURCE, { 'kubed.appscode.com/sync': null }),
    'annotation-removed',
    'a b',
  ],
  [
    'its source selects other namespaces',
    (cluster) => cluster.annotate(SOURCE, { 'kubed.appscode.com/sync': 'team=blue,!old' }),
    'namespace-not-selected',
    'a b',
  ],
  [
    'its namespace loses the label',
    (cluster) => patchNamespace(cluster, 'a', { labels: { team: null } }),
    'namespace-not-selected',
    'a',
  ],
  [
    'its namespace is ignored',
    (cluster) => patchNamespace(cluster, 'b', { annotations: { 'kubed.appscode.com/ignore': 'true' } }),
    'namespace-ignored',
    'b',
  ],
];

for (const [what, act, reason, copies] of ENDS)
  test(`a copy is pruned when ${what}`, async () => {
    await using cluster = await TestCluster.open();
    await prepare(cluster);
    await cluster.namespace('blue', { team: 'red', old: 'yes' }, { 'kubed.appscode.com/ignore': 'true' });
    await act(cluster);

    const { changes, code, report } = await cluster.reconcile();

    assert.deepEqual(
      changes,
      copies.split(' ').map((each) => `prune ConfigMap/${each}/omni ${reason} done`),
    );
    assert.deepEqual([code, report.summary.prune], [0, changes.length]);
    assert.equal(report.requests.get, 1, 'its origin is read once more');
    for (const each of ['a', 'b'])
      assert.equal((await cluster.get(`ConfigMap/${each}/omni`)) === undefined, copies.includes(each));
    await cluster.isQuiet();
  });

test('an ignored namespace gets no copies, but its own source is still copied', async () => {
  await using cluster = await TestCluster.open();
  await cluster.namespace('src', {}, { 'kubed.appscode.com/ignore': 'true' });
  await cluster.namespace('a');
  await cluster.namespace('b', {}, { 'kubed.appscode.com/ignore': 'false' });
  await cluster.source(SOURCE, {});
  await cluster.heals(['create ConfigMap/a/omni missing done', 'create ConfigMap/b/omni missing done']);
});

test('while the namespace of a source terminates there are no new copies, and when it is gone there are none', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.must('DELETE', `/api/v1/namespaces/${cluster.ns('src')}`);
  await cluster.isQuiet();
  await cluster.namespace('late', { team: 'red' });
  await cluster.delete('ConfigMap/b/omni');
  await cluster.isQuiet();
  assert.equal(await cluster.get('ConfigMap/late/omni'), undefined);
  assert.equal(await cluster.get('ConfigMap/b/omni'), undefined);

  await cluster.merge('ConfigMap/a/omni', { data: { you: 'edited' } });
  await cluster.heals(['update ConfigMap/a/omni edited done']);

  await cluster.finishNamespace(cluster.ns('src'));
  await cluster.heals(['prune ConfigMap/a/omni source-gone done']);
});

test('a source that waits for a finalizer keeps its copies until it is gone', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.merge(SOURCE, { metadata: { finalizers: ['example.com/hold'] } });
  await cluster.delete(SOURCE);
  await cluster.namespace('late', { team: 'red' });
  const { changes } = await cluster.reconcile();
  assert.deepEqual(
    changes,
    ['a', 'b'].map((each) => `refresh ConfigMap/${each}/omni source-changed done`),
  );
  assert.equal(await cluster.get('ConfigMap/late/omni'), undefined);
  await cluster.merge(SOURCE, { metadata: { finalizers: null } });
  await cluster.heals(['a', 'b'].map((each) => `prune ConfigMap/${each}/omni source-gone done`));
});

test('the delete of a copy with a finalizer is done, and the copy is left alone while it waits', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.merge('ConfigMap/a/omni', { metadata: { finalizers: ['example.com/hold'] } });
  await cluster.annotate(SOURCE, { 'kubed.appscode.com/sync': 'none=such' });
  const { changes, report } = await cluster.reconcile();
  assert.deepEqual(
    changes,
    ['a', 'b'].map((each) => `prune ConfigMap/${each}/omni namespace-not-selected done`),
  );
  assert.equal(report.changes[0].message, 'waits for finalizers');
  assert.equal(report.changes[1].message, undefined);

  const waiting = await cluster.reconcile();
  assert.deepEqual([waiting.changes, waiting.code], [[], 0]);
  assert.deepEqual(waiting.findings, ['being-deleted', 'no-namespace-selected']);

  await cluster.annotate(SOURCE, { 'kubed.appscode.com/sync': 'team=red' });
  const wanted = await cluster.reconcile();
  assert.deepEqual(
    [wanted.changes, wanted.findings],
    [['create ConfigMap/b/omni missing done'], ['being-deleted']],
  );

  await cluster.merge('ConfigMap/a/omni', { metadata: { finalizers: null } });
  await cluster.heals(['create ConfigMap/a/omni missing done']);
});

test('a copy of the old operator without its source is an orphan, which only --prune-legacy prunes', async () => {
  await using cluster = await TestCluster.open();
  const source = await prepare(cluster);
  const marks = marksOf({ ...source, metadata: { ...source.metadata, name: 'gone' } }, true);
  await cluster.create('ConfigMap/a/gone', {}, marks, { manager: 'config-syncer' });
  const plain = await cluster.reconcile();
  assert.deepEqual([plain.changes, plain.findings, plain.code], [[], ['orphan'], 0]);
  const { severity, message } = plain.report.findings.find(({ reason }: Json) => reason === 'orphan');
  assert.equal(severity, 'warning');
  assert.match(message, /--prune-legacy/u);

  await cluster.heals(['prune ConfigMap/a/gone source-gone done'], '--prune-legacy');
});

test('a copy of the old operator is pruned like any other while its origin exists', async () => {
  await using cluster = await TestCluster.open();
  const source = await prepare(cluster);
  await cluster.namespace('c', { team: 'blue' });
  await cluster.create('ConfigMap/c/omni', {}, marksOf(source, true), { manager: 'config-syncer' });
  await cluster.heals(['prune ConfigMap/c/omni namespace-not-selected done']);
});
