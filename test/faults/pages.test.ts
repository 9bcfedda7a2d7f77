import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiServer } from '../support/apiserver.ts';
import { TestCluster } from '../support/cluster.ts';

/*
 * Lists of several pages, on the simulated server: all pages or none. Pages have ten thousand objects, so the objects
 * are put into the store directly.
 */

const MANY = 10_050;

/** More ConfigMaps than fit on a page, and a source on the second page. */
async function prepare(cluster: TestCluster): Promise<ApiServer> {
  const { simulated } = cluster;
  assert.ok(simulated, 'these tests need the simulated server');
  const src = await cluster.namespace('src');
  await cluster.namespace('a');
  for (let each = 0; each < MANY; each += 1)
    simulated.store.put('configmaps', { metadata: { namespace: src, name: `filler-${each}` } });
  await cluster.source('ConfigMap/src/omni', { data: { you: 'only' } });
  simulated.resetRequests();
  return simulated;
}

const MADE = ['create ConfigMap/a/omni missing done'];

test('a source on the second page is found', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  const { changes, report } = await cluster.reconcile();
  assert.deepEqual([changes, report.requests.list], [MADE, 4]);
  assert.deepEqual(
    simulated.requests.map(({ page }) => page).filter((page) => page === 2),
    [2],
  );
});

test('a second page that fails once is requested again, and no other page is', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  simulated.failNext({ verb: 'list', resource: 'configmaps', page: 2 }, { status: 503 });
  const { changes, report } = await cluster.reconcile();
  assert.deepEqual([changes, report.requests.list], [MADE, 5]);
});

test('a second page that fails for good ends the run, without a decision on half a cluster', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  simulated.failNext({ verb: 'list', resource: 'configmaps', page: 2 }, { status: 500 }, 100);
  const { code, stdout, stderr } = await cluster.run('reconcile', ...cluster.own);
  assert.deepEqual([code, stdout, simulated.counts().create], [1, '', 0]);
  assert.match(stderr, /configmaps/u);
});

test('an expired continue token starts the list again, and the first pages are forgotten', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  await cluster.source('ConfigMap/src/a-passing-one', {});
  simulated.after({ verb: 'list', resource: 'configmaps', page: 1 }, async () => {
    simulated.expireContinueTokens();
    await cluster.delete('ConfigMap/src/a-passing-one');
  });
  const { changes, findings, report } = await cluster.reconcile();
  assert.deepEqual([changes, findings, report.summary.sources], [MADE, [], 1]);
  assert.deepEqual([report.requests.list, report.requests.get], [6, 1]);
});

test('tokens that expire again and again end the run', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  const expire = (): void => simulated.expireContinueTokens();
  simulated.after({ verb: 'list', resource: 'configmaps', page: 1 }, expire, 100);
  const { code, stdout } = await cluster.run('reconcile', ...cluster.own);
  assert.deepEqual([code, stdout, simulated.counts().create], [1, '', 0]);
});
