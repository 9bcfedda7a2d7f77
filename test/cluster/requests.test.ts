import assert from 'node:assert/strict';
import { test } from 'node:test';
import pMap from 'p-map';
import { type Json, TestCluster } from '../support/cluster.ts';

/*
 * How much a run asks of the API server: nothing but three lists where nothing is to be done, and little more where
 * little is.
 */

const MANY = 200;

/** Two sources for two hundred namespaces. */
async function prepare(cluster: TestCluster): Promise<void> {
  await cluster.namespace('src');
  const names = Array.from({ length: MANY }, (_, each) => `n-${each}`);
  await pMap(names, (name) => cluster.namespace(name, { copies: 'yes' }), { concurrency: 16 });
  await cluster.source('ConfigMap/src/omni', { data: { you: 'only' } }, 'copies');
  await cluster.source('Secret/src/word', { stringData: { word: 'x' } }, 'copies');
}

test('two hundred namespaces: the first sync, a quiet run, one edit, one changed source', async (context) => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);

  await context.test('a dry run sends no write', async () => {
    cluster.simulated?.resetRequests();
    const { report } = await cluster.reconcile('--dry-run');
    assert.deepEqual(report.requests, { list: 3, get: 2, create: 0, patch: 0, delete: 0 });
    assert.equal(report.summary.create, 2 * MANY);
    for (const { method } of cluster.simulated?.requests ?? []) assert.equal(method, 'GET');
    assert.equal(await cluster.get('ConfigMap/n-0/omni'), undefined);
  });

  await context.test('the first sync reads each source once and creates', async () => {
    const { report, code } = await cluster.reconcile();
    assert.deepEqual(
      [code, report.requests],
      [0, { list: 3, get: 2, create: 2 * MANY, patch: 0, delete: 0 }],
    );
  });

  await context.test('a quiet run: three lists, metadata only', () => cluster.isQuiet());

  await context.test('one copy edited: its body, its source’s, and a patch', async () => {
    await cluster.merge('ConfigMap/n-17/omni', { data: { you: 'edited' } });
    const { report } = await cluster.heals(['update ConfigMap/n-17/omni edited done']);
    assert.deepEqual(report.requests, { list: 3, get: 2, create: 0, patch: 1, delete: 0 });
  });

  await context.test('a few copies edited: read one by one, not with two hundred others', async () => {
    const few = ['n-101', 'n-17', 'n-5'].map((each) => `ConfigMap/${each}/omni`);
    for (const copy of few) await cluster.merge(copy, { data: { you: 'edited' } });
    const { report } = await cluster.heals(few.map((copy) => `update ${copy} edited done`));
    assert.deepEqual(report.requests, { list: 3, get: 4, create: 0, patch: 3, delete: 0 });
  });

  await context.test(
    'one source changed: its body, one list of its copies, a patch for each; no Secret is read',
    async () => {
      await cluster.merge('ConfigMap/src/omni', { data: { you: 'first' } });
      cluster.simulated?.resetRequests();
      const { report } = await cluster.reconcile();
      assert.deepEqual(report.requests, { list: 4, get: 1, create: 0, patch: MANY, delete: 0 });
      assert.equal(report.summary.update, MANY);
      const secrets = cluster.simulated?.requests.filter(({ resource }) => resource === 'secrets') ?? [];
      for (const { accept } of secrets) assert.equal(accept, 'metadata');
      await cluster.isQuiet();
    },
  );

  await context.test('--verify: one list per kind and the sources on top', async () => {
    const { report } = await cluster.reconcile('--verify');
    assert.deepEqual(report.requests, { list: 5, get: 2, create: 0, patch: 0, delete: 0 });
    assert.equal(report.summary.unchanged, 2 * MANY);
  });

  await context.test('one source deleted: one look at it, a delete for each copy', async () => {
    await cluster.delete('ConfigMap/src/omni');
    const { report } = await cluster.reconcile();
    assert.deepEqual(report.requests, { list: 3, get: 1, create: 0, patch: 0, delete: MANY });
    await cluster.isQuiet();
  });
});

test('one source of six hundred copies changed: its body, its copies in two pages, a patch for each', async () => {
  await using cluster = await TestCluster.open();
  await cluster.namespace('src');
  const names = Array.from({ length: 3 * MANY }, (_, each) => `n-${each}`);
  await pMap(names, (name) => cluster.namespace(name, { copies: 'yes' }), { concurrency: 16 });
  await cluster.source('ConfigMap/src/omni', { data: { you: 'only' } }, 'copies');
  await cluster.reconcile();
  await cluster.merge('ConfigMap/src/omni', { data: { you: 'first' } });
  const { report } = await cluster.reconcile();
  assert.deepEqual(report.requests, { list: 3 + 2, get: 1, create: 0, patch: 3 * MANY, delete: 0 });
  await cluster.isQuiet();
});

/** Bytes of the answers to a quiet run, in a cluster where sources and copies have values of this size. */
async function quietBytes(valueSize: number): Promise<number | undefined> {
  await using cluster = await TestCluster.open();
  const { simulated } = cluster;
  if (simulated === undefined) return undefined;
  await cluster.namespace('src');
  await pMap(Array.from({ length: 20 }).keys(), (each) => cluster.namespace(`n-${each}`), { concurrency: 4 });
  const value = 'v'.repeat(valueSize);
  await cluster.source('ConfigMap/src/bundle', { data: { value } });
  await cluster.source('Secret/src/bundle', { stringData: { value } });
  await cluster.reconcile();
  await cluster.isQuiet();
  return simulated.counts().bytesOut;
}

test('a quiet run receives as much for large values as for small ones', async (context) => {
  const [small, large] = [await quietBytes(10), await quietBytes(220_000)];
  if (small === undefined || large === undefined) return context.skip('on the simulated server only');
  // Resource versions may differ by a digit.
  assert.ok(Math.abs(large - small) < 500, `${small} bytes for small values, ${large} for large ones`);
});

test('what the report says of requests is what the server has seen, tries included', async (context) => {
  await using cluster = await TestCluster.open();
  const { simulated } = cluster;
  if (simulated === undefined) return context.skip('on the simulated server only');
  await cluster.namespace('src');
  for (const each of ['a', 'b', 'c']) await cluster.namespace(each);
  for (const name of ['omni', 'old', 'fixed'])
    await cluster.source(`ConfigMap/src/${name}`, { data: { name }, immutable: name === 'fixed' });
  await cluster.reconcile();
  await cluster.merge('ConfigMap/a/omni', { data: { name: 'edited' } });
  await cluster.delete('ConfigMap/src/old');
  await cluster.delete('ConfigMap/src/fixed');
  await cluster.source('ConfigMap/src/fixed', { data: { name: 'new' }, immutable: true });
  await cluster.source('Secret/src/new', {});
  simulated.failNext({ verb: 'patch' }, { status: 500 });
  simulated.failNext({ verb: 'create' }, 'reset-after');
  simulated.failNext({ verb: 'delete' }, 'reset-after');
  simulated.failNext({ verb: 'list', resource: 'secrets' }, { status: 503 });
  simulated.resetRequests();

  const { report, code } = await cluster.reconcile();

  assert.equal(code, 0);
  const { list, get, create, patch, delete: deletes } = simulated.counts();
  assert.deepEqual(report.requests, { list, get, create, patch, delete: deletes });
  assert.ok(patch === 2 && deletes > 3 && create > 3 && list > 3);
});

test('requests say who sends them, and reads ask for what is new', async (context) => {
  await using cluster = await TestCluster.open();
  const { simulated } = cluster;
  if (simulated === undefined) return context.skip('on the simulated server only');
  await cluster.namespace('src');
  await cluster.namespace('a');
  await cluster.source('ConfigMap/src/omni', {});
  simulated.resetRequests();
  await cluster.reconcile();
  for (const { userAgent, query, method } of simulated.requests) {
    assert.match(userAgent, /^kubed-sync\//u);
    assert.equal(query.resourceVersion, undefined, 'never a cached state');
    assert.equal(query.fieldManager, method === 'GET' ? undefined : 'kubed-sync');
  }
  const secrets: Json = simulated.requests.find(({ resource }) => resource === 'secrets')?.query;
  assert.equal(secrets.fieldSelector, 'type!=helm.sh/release.v1');
});
