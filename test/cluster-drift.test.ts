import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestCluster } from './support/cluster.ts';

test('smoke', async () => {
  await using cluster = await TestCluster.open();
  await cluster.namespace('src');
  await cluster.namespace('a');
  await cluster.create(
    'ConfigMap/src/omni',
    { data: { you: 'only' } },
    { annotations: { 'kubed.appscode.com/sync': '' } },
  );
  const { changes, findings, code } = await cluster.reconcile();
  assert.deepEqual([changes, findings, code], [['create ConfigMap/a/omni missing done'], [], 0]);
  await cluster.isQuiet();
});
