import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TwoClusters } from '../support/two-clusters.ts';

/*
 * The guide of the old operator for copies in other clusters, step by step: a context without and one with a namespace, a
 * change of the data, a context taken out of the annotation, and the annotation taken away.
 */

const SYNC_CONTEXTS = 'kubed.appscode.com/sync-contexts';

test('the guide: copies appear, follow, and go with the context, the annotation and the source', async (context) => {
  if (TwoClusters.isMissing) return context.skip('needs two control planes');
  await using two = await TwoClusters.open();
  const { home, there } = two;
  const demo = await home.namespace('demo');
  await there.namespace('demo');
  const second = await there.namespace('demo-cluster-2');
  const path = await two.kubeconfig({
    'context-1': { cluster: there },
    'context-2': { cluster: there, namespace: second },
  });
  const run = (): ReturnType<TwoClusters['reconcile']> => two.reconcile(path, '--source-namespace', demo);
  const annotations = { [SYNC_CONTEXTS]: 'context-1,context-2' };
  await home.create('ConfigMap/demo/omni', { data: { you: 'only', leave: 'once' } }, { annotations });

  const first = await run();
  assert.deepEqual(two.remoteChanges(first), [
    'context-1 create ConfigMap/demo/omni missing done',
    'context-2 create ConfigMap/demo-cluster-2/omni missing done',
  ]);
  assert.deepEqual([first.findings, first.code], [[], 0]);
  for (const copy of ['ConfigMap/demo/omni', 'ConfigMap/demo-cluster-2/omni'])
    assert.deepEqual((await there.get(copy)).data, { you: 'only', leave: 'once' });
  assert.deepEqual(two.remoteChanges(await run()), []);

  await home.merge('ConfigMap/demo/omni', { data: { leave: 'twice' } });
  assert.deepEqual(two.remoteChanges(await run()), [
    'context-1 update ConfigMap/demo/omni source-changed done',
    'context-2 update ConfigMap/demo-cluster-2/omni source-changed done',
  ]);
  assert.deepEqual((await there.get('ConfigMap/demo-cluster-2/omni')).data, { you: 'only', leave: 'twice' });

  await home.annotate('ConfigMap/demo/omni', { [SYNC_CONTEXTS]: 'context-1' });
  assert.deepEqual(two.remoteChanges(await run()), [
    'context-1 refresh ConfigMap/demo/omni source-changed done',
    'context-2 prune ConfigMap/demo-cluster-2/omni context-not-named done',
  ]);
  assert.equal(await there.get('ConfigMap/demo-cluster-2/omni'), undefined);

  await home.annotate('ConfigMap/demo/omni', { [SYNC_CONTEXTS]: null });
  assert.deepEqual(two.remoteChanges(await run()), [
    'context-1 prune ConfigMap/demo/omni annotation-removed done',
  ]);

  await home.annotate('ConfigMap/demo/omni', annotations);
  assert.equal(two.remoteChanges(await run()).length, 2);
  await home.delete('ConfigMap/demo/omni');
  assert.deepEqual(two.remoteChanges(await run()), [
    'context-1 prune ConfigMap/demo/omni source-gone done',
    'context-2 prune ConfigMap/demo-cluster-2/omni source-gone done',
  ]);
  assert.equal(await there.get('ConfigMap/demo/omni'), undefined);
});
