import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Json, TestCluster } from '../support/cluster.ts';

/*
 * Two sources of one kind and name ask for the same copy. The current owner keeps it. The copy is handed over without a
 * moment in which it is missing.
 */

const COPY = 'ConfigMap/a/omni';

/** The namespaces `one` and `two` for sources, which no source selects, and `a`, which sources select. */
async function prepare(cluster: TestCluster): Promise<void> {
  for (const name of ['one', 'two']) await cluster.namespace(name);
  await cluster.namespace('a', { copies: 'yes' });
}

function source(
  cluster: TestCluster,
  namespace: string,
  content: object = { data: { from: namespace } },
): Promise<Json> {
  return cluster.source(`ConfigMap/${namespace}/omni`, content, 'copies');
}

/** Returns whether the last run deleted or created anything on the simulated server. */
function inPlace({ simulated }: TestCluster): void {
  const verbs = simulated?.requests.flatMap(({ verb }) =>
    verb === 'create' || verb === 'delete' ? [verb] : [],
  );
  assert.deepEqual(verbs ?? [], []);
}

test('the older source gets the copy, the other gets a finding, and nothing changes over ten runs', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await source(cluster, 'two');
  await sleep(1100); // creationTimestamps are in seconds
  await source(cluster, 'one');
  const first = await cluster.reconcile();
  assert.deepEqual(
    [first.changes, first.findings, first.code],
    [[`create ${COPY} missing done`], ['contested'], 1],
  );
  const copy = await cluster.get(COPY);
  assert.equal(copy.data.from, 'two');
  const { namespace, message } = first.report.findings.find(({ reason }: Json) => reason === 'contested');
  assert.equal(namespace, cluster.ns('one'), 'the loser');
  assert.match(message, new RegExp(cluster.ns('two'), 'u'));

  for (let run = 0; run < 10; run += 1) {
    if (run === 3) await cluster.merge('ConfigMap/one/omni', { data: { from: 'one, changed' } });
    const { changes, findings, report } = await cluster.reconcile();
    assert.deepEqual([changes, findings, report.requests.get], [[], ['contested'], 0], `run ${run}`);
  }
  assert.deepEqual(await cluster.get(COPY), copy);
});

test('the current owner keeps the copy when an older source comes back', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.create('ConfigMap/one/omni', { data: { from: 'one' } });
  await sleep(1100);
  await source(cluster, 'two');
  await cluster.heals([`create ${COPY} missing done`]);
  await cluster.annotate('ConfigMap/one/omni', { 'kubed.appscode.com/sync': 'copies' });
  const { changes, findings } = await cluster.reconcile();
  assert.deepEqual([changes, findings], [[], ['contested']]);
  assert.equal((await cluster.get(COPY)).data.from, 'two');
});

/** How a source gives up its copies to one of the same name in another namespace. */
const GIVEN_UP: Readonly<Record<string, (cluster: TestCluster) => Promise<unknown>>> = {
  'is deleted': (cluster) => cluster.delete('ConfigMap/one/omni'),
  'loses its annotation': (cluster) =>
    cluster.annotate('ConfigMap/one/omni', { 'kubed.appscode.com/sync': null }),
  'selects others': (cluster) =>
    cluster.annotate('ConfigMap/one/omni', { 'kubed.appscode.com/sync': '!copies' }),
};

for (const [how, act] of Object.entries(GIVEN_UP))
  test(`a source ${how} while another asks for the copy, which is handed over in place`, async () => {
    await using cluster = await TestCluster.open();
    await prepare(cluster);
    await source(cluster, 'one');
    await cluster.heals([`create ${COPY} missing done`]);
    const before = await cluster.get(COPY);
    await act(cluster);
    await source(cluster, 'two');
    cluster.simulated?.resetRequests();
    const { changes } = await cluster.reconcile();
    inPlace(cluster);
    const made = how === 'selects others' ? ['create ConfigMap/two/omni missing done'] : [];
    assert.deepEqual(
      changes.filter((change) => !made.includes(change)),
      [`update ${COPY} handed-over done`],
    );
    const { data, metadata } = await cluster.get(COPY);
    assert.deepEqual([metadata.uid, data], [before.metadata.uid, { from: 'two' }]);
    assert.equal(metadata.labels['kubed.appscode.com/origin.namespace'], cluster.ns('two'));
  });

test('if a source moves with its content only marks change, and an immutable copy is replaced', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const content = { data: { you: 'only' } };
  await source(cluster, 'one', content);
  await cluster.source('ConfigMap/one/fixed', { ...content, immutable: true }, 'copies');
  await cluster.heals(['create ConfigMap/a/fixed missing done', `create ${COPY} missing done`]);
  const before = await cluster.get(COPY);
  for (const name of ['omni', 'fixed']) await cluster.delete(`ConfigMap/one/${name}`);
  await source(cluster, 'two', content);
  await cluster.source('ConfigMap/two/fixed', { data: { you: 'new' }, immutable: true }, 'copies');
  await cluster.heals(['replace ConfigMap/a/fixed handed-over done', `refresh ${COPY} handed-over done`]);
  assert.equal((await cluster.get(COPY)).metadata.uid, before.metadata.uid);
});

test('--source-namespace lets a source of that namespace take over, and never by a delete', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await source(cluster, 'one');
  await cluster.source('ConfigMap/one/fixed', { data: { from: 'one' }, immutable: true }, 'copies');
  await cluster.reconcile();
  const before = await cluster.get(COPY);
  const fixed = await cluster.get('ConfigMap/a/fixed');
  await source(cluster, 'two');
  await cluster.source('ConfigMap/two/fixed', { data: { from: 'two' }, immutable: true }, 'copies');
  const undecided = await cluster.reconcile();
  assert.deepEqual([undecided.changes, undecided.findings], [[], ['contested', 'contested']]);

  const scope = ['--source-namespace', cluster.ns('two'), '--include-namespace', cluster.ns('a')];
  const { changes, findings, code } = await cluster.reconcileWithin(scope);
  assert.deepEqual([changes, findings, code], [[`update ${COPY} handed-over done`], ['contested'], 1]);
  assert.equal((await cluster.get(COPY)).metadata.uid, before.metadata.uid);
  assert.deepEqual(await cluster.get('ConfigMap/a/fixed'), fixed);
});

test('a copy with a sync annotation stays a copy, is never pruned, and freezes the copies that name it', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await source(cluster, 'one');
  await cluster.heals([`create ${COPY} missing done`]);
  await cluster.annotate(COPY, { 'kubed.appscode.com/sync': '' });
  const posing = await cluster.reconcile();
  assert.deepEqual([posing.changes, posing.findings, posing.code], [[], ['copy-with-sync-annotation'], 1]);

  await cluster.merge('ConfigMap/one/omni', { data: { from: 'one, changed' } });
  const updated = await cluster.reconcile();
  assert.deepEqual(updated.changes, [`update ${COPY} source-changed done`], 'still kept in sync');

  await cluster.delete('ConfigMap/one/omni');
  const before = await cluster.get(COPY);
  const { changes, findings, code } = await cluster.reconcile();
  assert.deepEqual([changes, findings, code], [[], ['copy-with-sync-annotation'], 1]);
  assert.deepEqual(await cluster.get(COPY), before);
});
