import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Json, TestCluster } from '../support/cluster.ts';

/*
 * What may be deleted: only copies whose managedFields show that kubed-sync or the old operator wrote them. Labels and
 * annotations travel with `kubectl get -o yaml`, with backups, and between clusters.
 */

async function withCopy(cluster: TestCluster, source: object = {}): Promise<Json> {
  for (const each of ['src', 'a', 'b']) await cluster.namespace(each);
  await cluster.source(
    'Secret/src/omni',
    { stringData: { k: 'v' }, ...source },
    'kubernetes.io/metadata.name=' + cluster.ns('a'),
  );
  assert.equal((await cluster.reconcile()).report.summary.create, 1);
  return cluster.get('Secret/a/omni');
}

/** The object as `kubectl get -o yaml` shows it, without what belongs to the old place. */
function carried({
  metadata,
  kind: _,
  apiVersion: __,
  ...content
}: Json): [content: object, metadata: object] {
  const {
    uid: _uid,
    resourceVersion: _version,
    creationTimestamp: _time,
    namespace: _namespace,
    name: _name,
    ...rest
  } = metadata;
  return [content, rest];
}

test('a copy that kubectl carried to another namespace is not deleted, and the command is named', async () => {
  await using cluster = await TestCluster.open();
  const [content, { managedFields: _, ...metadata }] = carried(await withCopy(cluster)) as [object, Json];
  await cluster.create('Secret/b/omni', content, metadata, { manager: 'kubectl-client-side-apply' });
  const { changes, findings, report, code } = await cluster.reconcile();
  assert.deepEqual([changes, findings, code], [[], ['orphan'], 0]);
  const { message, why } = report.findings.find(({ reason }: Json) => reason === 'orphan');
  assert.equal(why, 'unwanted');
  assert.ok(message.includes(`kubectl delete secret --namespace ${cluster.ns('b')} omni`), message);
  const legacy = await cluster.reconcile('--prune-legacy');
  assert.deepEqual(legacy.changes, ['prune Secret/b/omni namespace-not-selected done']);
});

test('a restore that brings back old managedFields proves nothing, and purge keeps the object too', async () => {
  await using cluster = await TestCluster.open();
  const [content, metadata] = carried(await withCopy(cluster)) as [object, Json];
  const managedFields = metadata.managedFields.map((entry: Json) => ({
    ...entry,
    time: '2020-01-01T00:00:00Z',
  }));
  await cluster.delete('Secret/src/omni');
  await cluster.delete('Secret/a/omni');
  await cluster.create(
    'Secret/a/omni',
    content,
    { ...metadata, managedFields: undefined },
    { manager: 'velero' },
  );
  await cluster.merge('Secret/a/omni', { metadata: { managedFields } }, { manager: 'velero' });
  assert.deepEqual((await cluster.reconcile()).findings, ['orphan']);
  const purged = await cluster.run('purge', ...cluster.own, '-o', 'json');
  assert.deepEqual(JSON.parse(purged.stdout).summary.prune, 0);
  assert.notEqual(await cluster.get('Secret/a/omni'), undefined);
});

test('a carried copy that is wanted is refreshed, and is ours from then on', async () => {
  await using cluster = await TestCluster.open();
  const [content, { managedFields: _, ...metadata }] = carried(await withCopy(cluster)) as [object, Json];
  await cluster.delete('Secret/a/omni');
  await cluster.create('Secret/a/omni', content, metadata, { manager: 'kubectl-create' });
  await cluster.heals(['refresh Secret/a/omni ownership done']);
  await cluster.annotate('Secret/src/omni', { 'kubed.appscode.com/sync': null });
  await cluster.heals(['prune Secret/a/omni annotation-removed done']);
});

test('a carried copy is not deleted for a replace', async () => {
  await using cluster = await TestCluster.open();
  const [content, { managedFields: _, ...metadata }] = carried(await withCopy(cluster)) as [object, Json];
  await cluster.delete('Secret/a/omni');
  await cluster.create('Secret/a/omni', { ...content, type: 'example.com/other' }, metadata, {
    manager: 'helm',
  });
  const before = await cluster.get('Secret/a/omni');
  const { changes, report } = await cluster.reconcile();
  assert.deepEqual(
    [
      changes,
      report.findings.at(-1)?.why ?? report.findings.find(({ reason }: Json) => reason === 'orphan').why,
    ],
    [[], 'replace'],
  );
  assert.equal((await cluster.get('Secret/a/omni')).metadata.uid, before.metadata.uid);
});

const MARK = 'kubed.appscode.com/unwanted-since';

test('with --prune-after a copy is marked, kept, freed of its mark when wanted again, and deleted when the time is over', async () => {
  await using cluster = await TestCluster.open();
  const { metadata } = await withCopy(cluster);
  const sync = 'kubed.appscode.com/sync';
  await cluster.annotate('Secret/src/omni', { [sync]: null });
  const patient = ['--prune-after', '5m'];
  const marked = await cluster.reconcile(...patient);
  assert.deepEqual(
    [marked.changes, marked.findings],
    [['mark Secret/a/omni annotation-removed done'], ['waiting-to-be-pruned']],
  );
  const since = Date.parse((await cluster.get('Secret/a/omni')).metadata.annotations[MARK]);
  assert.ok(Math.abs(since - Date.now()) < 60_000);
  const { first } = marked.report.findings.find(({ reason }: Json) => reason === 'waiting-to-be-pruned');
  assert.equal(Date.parse(first), since + 300_000);
  assert.deepEqual((await cluster.reconcile(...patient)).changes, []);
  await cluster.annotate('Secret/src/omni', { [sync]: '' });
  await cluster.reconcile(...patient);
  const again = await cluster.get('Secret/a/omni');
  assert.deepEqual([again.metadata.annotations[MARK], again.metadata.uid], [undefined, metadata.uid]);
  await cluster.annotate('Secret/src/omni', { [sync]: null });
  await cluster.reconcile(...patient);
  await cluster.annotate('Secret/a/omni', { [MARK]: '2020-01-01T00:00:00Z' });
  const { changes } = await cluster.reconcile(...patient);
  assert.ok(changes.includes('prune Secret/a/omni annotation-removed done'), changes.join());
  assert.equal(await cluster.get('Secret/a/omni'), undefined);
});

test('the time of a mark is that of the API server, not of this machine', async (context) => {
  await using cluster = await TestCluster.open({ now: () => new Date('2031-02-03T04:05:06Z') });
  if (cluster.simulated === undefined) return context.skip('needs a server with another clock');
  await withCopy(cluster);
  await cluster.annotate('Secret/src/omni', { 'kubed.appscode.com/sync': null });
  await cluster.reconcile('--prune-after', '5m');
  assert.equal((await cluster.get('Secret/a/omni')).metadata.annotations[MARK], '2031-02-03T04:05:06Z');
});
