import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Json, TestCluster } from '../support/cluster.ts';

/* The annotations that narrow what a source sends and what a namespace takes. */

const SYNC_KEYS = 'kubed.appscode.com/sync-keys';
const SYNC_NAMESPACES = 'kubed.appscode.com/sync-namespaces';
const ACCEPT_FROM = 'kubed.appscode.com/accept-from';
const TLS = { type: 'kubernetes.io/tls', data: { 'ca.crt': 'Q0E=', 'tls.crt': 'Q1JU', 'tls.key': 'S0VZ' } };

async function prepare(cluster: TestCluster): Promise<void> {
  for (const name of ['src', 'team-a', 'team-b']) await cluster.namespace(name);
}

async function annotateNamespace(cluster: TestCluster, name: string, value: string | null): Promise<void> {
  const patch = { metadata: { annotations: { [ACCEPT_FROM]: value } } };
  const contentType = 'application/merge-patch+json';
  await cluster.must('PATCH', `/api/v1/namespaces/${cluster.ns(name)}`, patch, { contentType });
}

test('sync-keys copies a CA without its key, and takes a key out of copies that have it', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.source('Secret/src/ca', TLS);
  await cluster.heals(['create Secret/team-a/ca missing done', 'create Secret/team-b/ca missing done']);
  await cluster.annotate('Secret/src/ca', { [SYNC_KEYS]: 'ca.crt' });
  const { report, code } = await cluster.reconcile();
  assert.equal(code, 0);
  assert.deepEqual(
    report.changes.map(({ action, because, copiedAs }: Json) => [action, because, copiedAs]),
    [
      ['replace', 'type', 'Opaque'],
      ['replace', 'type', 'Opaque'],
    ],
  );
  for (const place of ['Secret/team-a/ca', 'Secret/team-b/ca']) {
    const { type, data } = await cluster.get(place);
    assert.deepEqual([type, data], ['Opaque', { 'ca.crt': 'Q0E=' }]);
  }
  const quiet = await cluster.reconcile();
  assert.deepEqual([quiet.changes, quiet.findings, quiet.code], [[], [], 0]);
  const { get, list } = quiet.report.requests;
  assert.deepEqual([get, list], [0, 3]);
});

test('sync-keys that fit no key change nothing, and the next correct value does', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.source('ConfigMap/src/omni', { data: { a: '1', b: '2' } });
  await cluster.heals([
    'create ConfigMap/team-a/omni missing done',
    'create ConfigMap/team-b/omni missing done',
  ]);
  await cluster.annotate('ConfigMap/src/omni', { [SYNC_KEYS]: '!c' });
  const { changes, findings, code } = await cluster.reconcile();
  assert.deepEqual([changes, findings, code], [[], ['invalid-annotation'], 1]);
  await cluster.annotate('ConfigMap/src/omni', { [SYNC_KEYS]: 'b=only' });
  await cluster.heals([
    'update ConfigMap/team-a/omni source-changed done',
    'update ConfigMap/team-b/omni source-changed done',
  ]);
  assert.deepEqual((await cluster.get('ConfigMap/team-a/omni')).data, { only: '2' });
});

test('sync-namespaces narrows a source, and an invalid value freezes it', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.source('ConfigMap/src/omni', { data: { a: '1' } }, '', {
    annotations: { [SYNC_NAMESPACES]: `${cluster.ns('team-')}*` },
  });
  await cluster.heals([
    'create ConfigMap/team-a/omni missing done',
    'create ConfigMap/team-b/omni missing done',
  ]);
  await cluster.annotate('ConfigMap/src/omni', { [SYNC_NAMESPACES]: 'Team' });
  const { changes, findings, code } = await cluster.reconcile();
  assert.deepEqual([changes, findings, code], [[], ['invalid-annotation'], 1]);
  await cluster.annotate('ConfigMap/src/omni', { [SYNC_NAMESPACES]: `*,!${cluster.ns('team-b')}` });
  await cluster.heals([
    'refresh ConfigMap/team-a/omni source-changed done',
    'prune ConfigMap/team-b/omni namespace-not-named done',
  ]);
});

test('a namespace that refuses copies loses them, and an invalid value changes nothing', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.source('ConfigMap/src/omni', { data: { a: '1' } });
  await cluster.heals([
    'create ConfigMap/team-a/omni missing done',
    'create ConfigMap/team-b/omni missing done',
  ]);
  await annotateNamespace(cluster, 'team-b', 'Somewhere');
  const { changes, findings, code } = await cluster.reconcile();
  assert.deepEqual([changes, findings, code], [[], ['invalid-accept-from'], 1]);
  await annotateNamespace(cluster, 'team-b', 'elsewhere');
  await cluster.heals(['prune ConfigMap/team-b/omni namespace-refuses done']);
  await annotateNamespace(cluster, 'team-b', cluster.ns('src'));
  await cluster.heals(['create ConfigMap/team-b/omni missing done']);
});

test('--require-consent creates nothing where nobody agreed', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.source('ConfigMap/src/omni', { data: { a: '1' } });
  await annotateNamespace(cluster, 'team-a', cluster.ns('src'));
  const { changes, findings, code } = await cluster.reconcile('--require-consent');
  assert.deepEqual(
    [changes, findings, code],
    [['create ConfigMap/team-a/omni missing done'], ['consent-missing'], 0],
  );
});
