import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiServer } from '../support/apiserver.ts';
import { type Json, type Reported, TestCluster } from '../support/cluster.ts';

/*
 * Changes during a run, on the simulated server, where a callback can run between any two requests. No wanted copy is
 * lost, no object of others is changed, and the next quiet run repairs everything.
 */

const SOURCE = 'ConfigMap/src/omni';
const COPY = 'ConfigMap/a/omni';
const DATA = { data: { you: 'only' } };

/** Namespaces `src` and `a`, and a source that the first run copies. */
async function prepare(cluster: TestCluster): Promise<ApiServer> {
  const { simulated } = cluster;
  assert.ok(simulated, 'these tests need the simulated server');
  await cluster.namespace('src');
  await cluster.namespace('a', { team: 'red' });
  await cluster.source(SOURCE, DATA);
  await cluster.heals([`create ${COPY} missing done`]);
  return simulated;
}

/** Does something after the last list and before the next request. */
function afterLists(simulated: ApiServer, act: () => Promise<unknown>): void {
  simulated.after({ verb: 'list', resource: 'namespaces' }, async () => void (await act()));
}

/** Returns the changes, the findings and the exit code of a run. */
function reported({ changes, findings, code }: Reported): Json {
  return [changes, findings, code];
}

/** Changes the selector of the source, so that the next run prunes the copy. */
async function unselect(cluster: TestCluster): Promise<void> {
  await cluster.annotate(SOURCE, { 'kubed.appscode.com/sync': 'team=blue' });
}

async function again(cluster: TestCluster, content: object, selector = ''): Promise<void> {
  await cluster.delete(SOURCE);
  await cluster.source(SOURCE, content, selector);
}

test('a source deleted and created again between the lists and the writes loses no copy', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  const { metadata } = await cluster.get(COPY);
  await unselect(cluster);
  afterLists(simulated, () => again(cluster, DATA));
  assert.deepEqual(reported(await cluster.reconcile()), [[], ['no-namespace-selected', 'source-changed'], 0]);
  assert.equal((await cluster.get(COPY)).metadata.uid, metadata.uid);
  await cluster.heals([`refresh ${COPY} source-changed done`]);
});

test('a source that is missing only in the list loses no copy', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  const { metadata } = await cluster.get(COPY);
  await cluster.delete(SOURCE);
  afterLists(simulated, () => cluster.source(SOURCE, DATA));
  assert.deepEqual(reported(await cluster.reconcile()), [[], ['source-changed'], 0]);
  assert.equal((await cluster.get(COPY)).metadata.uid, metadata.uid);
  await cluster.heals([`refresh ${COPY} source-changed done`]);
});

test('an origin that a proxy hides from the list but not from a read keeps its copies', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  const hidden = await cluster.get(SOURCE);
  simulated.before(
    { verb: 'list', resource: 'configmaps' },
    () => void simulated.store.delete('configmaps', cluster.ns('src'), 'omni'),
  );
  simulated.after(
    { verb: 'list', resource: 'configmaps' },
    () => void simulated.store.put('configmaps', hidden),
  );
  assert.deepEqual(reported(await cluster.reconcile()), [[], ['source-changed'], 0]);
  assert.notEqual(await cluster.get(COPY), undefined);
});

test('an origin that comes back while its copy is about to be handed over keeps it', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  await cluster.namespace('two');
  await cluster.delete(SOURCE);
  await cluster.source('ConfigMap/two/omni', { data: { from: 'two' } }, 'team=red');
  const before = await cluster.get(COPY);
  afterLists(simulated, () => cluster.source(SOURCE, DATA, 'team=red'));
  assert.deepEqual(reported(await cluster.reconcile()), [[], ['source-changed'], 0]);
  assert.deepEqual(await cluster.get(COPY), before);
  assert.deepEqual(reported(await cluster.reconcile()), [
    [`refresh ${COPY} source-changed done`],
    ['contested'],
    1,
  ]);
});

/** What happens to the source between the list and the read of its body. */
const SOURCE_CHANGES: Readonly<Record<string, (cluster: TestCluster) => Promise<unknown>>> = {
  'is deleted': (cluster) => cluster.delete(SOURCE),
  'is recreated': (cluster) => again(cluster, DATA),
  'selects others': unselect,
  'loses its annotation': (cluster) => cluster.annotate(SOURCE, { 'kubed.appscode.com/sync': null }),
};

for (const [what, act] of Object.entries(SOURCE_CHANGES))
  test(`a source that ${what} between the list and the read waits for the next run`, async () => {
    await using cluster = await TestCluster.open();
    const simulated = await prepare(cluster);
    await cluster.namespace('new');
    await cluster.merge(COPY, { data: { you: 'edited' } });
    const before = await cluster.get(COPY);
    afterLists(simulated, () => act(cluster));
    assert.deepEqual(reported(await cluster.reconcile()), [[], ['source-changed'], 0]);
    assert.deepEqual(await cluster.get(COPY), before);
    assert.equal(await cluster.get('ConfigMap/new/omni'), undefined);
  });

test('a source whose content changes between the list and the read is copied as it was read', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  await cluster.merge(COPY, { data: { you: 'edited' } });
  afterLists(simulated, () => cluster.merge(SOURCE, { data: { you: 'newer' } }));
  const { changes } = await cluster.reconcile();
  assert.equal(changes.length, 1);
  assert.deepEqual((await cluster.get(COPY)).data, { you: 'newer' });
  await cluster.isQuiet();
});

test('a copy in a namespace that is younger than the list of namespaces is left alone', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  await cluster.delete(SOURCE);
  simulated.before(
    { verb: 'list', resource: 'namespaces' },
    () => void simulated.store.delete('namespaces', undefined, cluster.ns('a')),
  );
  simulated.after({ verb: 'list', resource: 'namespaces' }, () => void simulated.namespace(cluster.ns('a')));
  assert.deepEqual(reported(await cluster.reconcile()), [[], [], 0]);
  assert.notEqual(await cluster.get(COPY), undefined);
  await cluster.heals([`prune ${COPY} source-gone done`]);
});

test('objects are listed before namespaces', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  simulated.resetRequests();
  await cluster.reconcile();
  const order = simulated.requests.map(({ resource = '' }) => resource);
  assert.deepEqual(new Set(order.slice(0, 2)), new Set(['configmaps', 'secrets']));
  assert.deepEqual(order.slice(2), ['namespaces']);
});

test('two runs at the same time give the result of one run', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  for (const each of ['b', 'c', 'd', 'e', 'f']) await cluster.namespace(each);
  await cluster.source('Secret/src/word', { stringData: { word: 'x' } });
  await cluster.source('ConfigMap/src/fixed', { data: { you: 'only' }, immutable: true });
  await cluster.merge(COPY, { data: { you: 'edited' } });
  const runs = await Promise.all([cluster.reconcile(), cluster.reconcile(), cluster.reconcile()]);
  for (const { code, findings, report } of runs)
    assert.deepEqual([code, findings, report.summary.failed], [0, [], 0]);
  await cluster.isQuiet();
  await again(cluster, { data: { you: 'new' } });
  await cluster.delete('Secret/src/word');
  await cluster.delete('ConfigMap/src/fixed');
  await cluster.source('ConfigMap/src/fixed', { data: { you: 'new' }, immutable: true });
  for (const { code } of await Promise.all([cluster.reconcile(), cluster.reconcile()])) assert.equal(code, 0);
  await cluster.reconcile();
  await cluster.isQuiet();
  for (const each of ['a', 'b', 'f'])
    for (const name of ['omni', 'fixed'])
      assert.deepEqual((await cluster.get(`ConfigMap/${each}/${name}`)).data, { you: 'new' });
});
