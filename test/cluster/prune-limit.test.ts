import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Json, TestCluster } from '../support/cluster.ts';

/*
 * `--max-prune`, the guard between plan and writes. If a run would delete more, it deletes nothing, writes everything
 * else, and fails.
 */

/** Copies of `old` in four namespaces, whose source is gone, and a source `new` without copies. */
async function prepare(cluster: TestCluster): Promise<void> {
  await cluster.namespace('src');
  for (const name of ['a', 'b', 'c', 'd']) await cluster.namespace(name);
  await cluster.source('ConfigMap/src/old', {});
  await cluster.source('ConfigMap/src/kept', {});
  assert.equal((await cluster.reconcile()).report.summary.create, 8);
  await cluster.delete('ConfigMap/src/old');
  await cluster.source('ConfigMap/src/new', {});
}

/** Four deletes of eight copies. */
const LIMITS: readonly (readonly [limit: string, allowed: boolean])[] = [
  ['0', false],
  ['3', false],
  ['4', true],
  ['0%', false],
  ['49%', false],
  ['50%', true],
  ['100%', true],
];

test('a dry run applies the limit as a number and as a percentage', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  for (const [limit, allowed] of LIMITS) {
    const { report, code, findings } = await cluster.reconcile('--max-prune', limit, '--dry-run');
    const { create, prune, skipped } = report.summary;
    assert.deepEqual([create, prune, skipped], allowed ? [4, 4, 0] : [4, 0, 4], limit);
    assert.deepEqual([code, findings], allowed ? [0, []] : [1, ['prune-withheld']], limit);
  }
});

test('over the limit nothing is deleted, everything else is written, and the exit code is 1', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const { changes, findings, code, report } = await cluster.reconcile('--max-prune', '3');
  const each = ['a', 'b', 'c', 'd'];
  assert.deepEqual(changes, [
    ...each.map((name) => `create ConfigMap/${name}/new missing done`),
    ...each.map((name) => `prune ConfigMap/${name}/old source-gone skipped`),
  ]);
  assert.deepEqual([findings, code, report.requests.delete], [['prune-withheld'], 1, 0]);
  for (const name of each) assert.notEqual(await cluster.get(`ConfigMap/${name}/old`), undefined);
  await cluster.heals(
    each.map((name) => `prune ConfigMap/${name}/old source-gone done`),
    '--max-prune',
    '4',
  );
});

test('a replace does not count: it is tried first, and a leaked key must be removable', async () => {
  await using cluster = await TestCluster.open();
  await cluster.namespace('src');
  await cluster.namespace('a');
  await cluster.source('ConfigMap/src/fixed', { data: { you: 'only' }, immutable: true });
  await cluster.source('ConfigMap/src/old', {});
  await cluster.reconcile();
  await cluster.delete('ConfigMap/src/old');
  await cluster.delete('ConfigMap/src/fixed');
  await cluster.source('ConfigMap/src/fixed', { data: { you: 'new' }, immutable: true });

  const { changes, code } = await cluster.reconcile('--max-prune', '0');

  assert.deepEqual(changes, [
    'replace ConfigMap/a/fixed source-changed done',
    'prune ConfigMap/a/old source-gone skipped',
  ]);
  assert.equal(code, 1);
  assert.deepEqual((await cluster.get('ConfigMap/a/fixed')).data, { you: 'new' });
});

test('forged copies in one namespace block deletes, and nothing else', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const { metadata } = await cluster.get('ConfigMap/a/old');
  const marks = { labels: metadata.labels, annotations: metadata.annotations };
  const forge = (name: string): Json => {
    const origin = JSON.parse(metadata.annotations['kubed.appscode.com/origin']);
    const labels = { ...marks.labels, 'kubed.appscode.com/origin.name': name };
    const annotations = { 'kubed.appscode.com/origin': JSON.stringify({ ...origin, name }) };
    return cluster.create(`ConfigMap/a/${name}`, {}, { labels, annotations }, { manager: 'kubed-sync' });
  };
  for (const name of ['forged-1', 'forged-2', 'forged-3']) await forge(name);
  const { report, code } = await cluster.reconcile('--max-prune', '5');
  assert.deepEqual([report.summary.create, report.summary.prune, report.summary.skipped, code], [4, 0, 7, 1]);
});
