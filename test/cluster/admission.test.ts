import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiServer } from '../support/apiserver.ts';
import { TestCluster } from '../support/cluster.ts';

/*
 * What mutating admission does to copies: a changed label is not written again in every run, and a kind that loses its
 * marks is not written any more.
 */

function simulatedOf({ simulated }: TestCluster): ApiServer {
  assert.ok(simulated, 'these tests are for the simulated server alone');
  return simulated;
}

async function prepare(cluster: TestCluster, kind: 'ConfigMap' | 'Secret' = 'ConfigMap'): Promise<void> {
  for (const each of ['src', 'a', 'b']) await cluster.namespace(each);
  await cluster.source(`${kind}/src/omni`, {}, '', { labels: { team: 'one' } });
}

test('a label that admission overwrites is written once, and then reported in every run', async (context) => {
  await using cluster = await TestCluster.open();
  if (cluster.simulated === undefined) return context.skip('needs a mutating hook');
  await prepare(cluster);
  const src = cluster.ns('src');
  simulatedOf(cluster).mutate((object) =>
    object.metadata.namespace === src
      ? object
      : { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, team: 'two' } } },
  );
  const first = await cluster.reconcile();
  assert.deepEqual([first.changes.length, first.code], [2, 0]);
  assert.deepEqual(first.findings, ['changed-by-admission', 'changed-by-admission']);
  for (const options of [[], ['--verify']]) {
    const { changes, findings, code, report } = await cluster.reconcile(...options);
    assert.deepEqual([changes, code, report.summary.unchanged], [[], 0, 2]);
    assert.deepEqual(findings, ['changed-by-admission', 'changed-by-admission']);
    assert.deepEqual(report.requests.patch, 0);
  }
});

test('a label that another manager edits is still written back', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.reconcile();
  await cluster.merge('ConfigMap/a/omni', { metadata: { labels: { team: 'edited' } } });
  await cluster.heals(['refresh ConfigMap/a/omni edited done']);
});

test('a new state of the source is written although admission changed the copy', async (context) => {
  await using cluster = await TestCluster.open();
  if (cluster.simulated === undefined) return context.skip('needs a mutating hook');
  await prepare(cluster);
  const a = cluster.ns('a');
  simulatedOf(cluster).mutate((object) =>
    object.metadata.namespace === a
      ? { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, team: 'two' } } }
      : object,
  );
  await cluster.reconcile();
  await cluster.merge('ConfigMap/src/omni', { data: { you: 'twice' } });
  await cluster.reconcile();
  assert.deepEqual((await cluster.get('ConfigMap/a/omni')).data['you'], 'twice');
});

test('a policy that removes marks leaves no unmarked copies behind: exit 1, one kind stops, the other goes on', async (context) => {
  await using cluster = await TestCluster.open();
  if (cluster.simulated === undefined) return context.skip('needs a mutating hook');
  await prepare(cluster, 'Secret');
  await cluster.source('ConfigMap/src/other', {});
  const targets = new Set([cluster.ns('a'), cluster.ns('b')]);
  simulatedOf(cluster).mutate((object) =>
    object.kind === 'Secret' && targets.has(object.metadata.namespace ?? '')
      ? { ...object, metadata: { ...object.metadata, annotations: {} } }
      : object,
  );
  const { changes, code } = await cluster.reconcile();
  assert.deepEqual(
    [changes, code],
    [
      [
        'create ConfigMap/a/other missing done',
        'create ConfigMap/b/other missing done',
        'create Secret/a/omni missing failed',
        'create Secret/b/omni missing skipped',
      ],
      1,
    ],
  );
  assert.equal(await cluster.get('Secret/a/omni'), undefined);
});
