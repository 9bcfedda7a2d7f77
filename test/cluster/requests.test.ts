import assert from 'node:assert/strict';
import { test } from 'node:test';
import pMap from 'p-map';
import { type Json, TestCluster } from '../support/cluster.ts';

/* How many requests a run sends: three lists if nothing has to be done, and few more for few changes. */

const MANY = 200;

/** Two sources for two hundred namespaces. */
async function prepare(cluster: TestCluster): Promise<void> {
  await cluster.namespace('src');
  const names = Array.from({ length: MANY }, (_, each) => `n-${each}`);
  await pMap(names, (name) => cluster.namespace(name, { copies: 'yes' }), { concurrency: 16 });
  await cluster.source('ConfigMap/src/omni', { data: { you: 'only' } }, 'copies');
  await cluster.source('Secret/src/word', { stringData: { word: 'x' } }, 'copies');
}

test('requests for two hundred namespaces: the first sync, a quiet run, one edit, one changed source', async (context) => {
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

  await context.test('a quiet run sends three lists, metadata only', () => cluster.isQuiet());

  await context.test('after one edited copy a run reads it and its source, and sends a patch', async () => {
    await cluster.merge('ConfigMap/n-17/omni', { data: { you: 'edited' } });
    const { report } = await cluster.heals(['update ConfigMap/n-17/omni edited done']);
    assert.deepEqual(report.requests, { list: 3, get: 2, create: 0, patch: 1, delete: 0 });
  });

  await context.test(
    'after a few edited copies a run reads them one by one, without the other two hundred',
    async () => {
      const few = ['n-101', 'n-17', 'n-5'].map((each) => `ConfigMap/${each}/omni`);
      for (const copy of few) await cluster.merge(copy, { data: { you: 'edited' } });
      const { report } = await cluster.heals(few.map((copy) => `update ${copy} edited done`));
      assert.deepEqual(report.requests, { list: 3, get: 4, create: 0, patch: 3, delete: 0 });
    },
  );

  await context.test(
    'after one changed source a run reads it, lists its copies, patches each, and reads no Secret',
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

  await context.test('--verify adds one list for each kind, and the sources', async () => {
    const { report } = await cluster.reconcile('--verify');
    assert.deepEqual(report.requests, { list: 5, get: 2, create: 0, patch: 0, delete: 0 });
    assert.equal(report.summary.unchanged, 2 * MANY);
  });

  await context.test('after one deleted source a run reads it once and deletes each copy', async () => {
    await cluster.delete('ConfigMap/src/omni');
    const { report } = await cluster.reconcile();
    assert.deepEqual(report.requests, { list: 3, get: 1, create: 0, patch: 0, delete: MANY });
    await cluster.isQuiet();
  });
});

test('after one changed source of six hundred copies a run reads them in two pages and patches each', async () => {
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

/** Returns the bytes of the answers to a quiet run. Sources and copies have values of this size. */
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

test('a quiet run receives as many bytes for large values as for small ones', async (context) => {
  const [small, large] = [await quietBytes(10), await quietBytes(220_000)];
  if (small === undefined || large === undefined)
    return context.skip('a real server does not count its bytes');
  // Resource versions may differ by a digit.
  assert.ok(Math.abs(large - small) < 500, `${small} bytes for small values, ${large} for large ones`);
});

test('the report counts the requests that the server saw, with retries', async (context) => {
  await using cluster = await TestCluster.open();
  const { simulated } = cluster;
  if (simulated === undefined) return context.skip('a real server has no faults and does not count requests');
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

test('requests name the program, and reads ask for the newest state', async (context) => {
  await using cluster = await TestCluster.open();
  const { simulated } = cluster;
  if (simulated === undefined) return context.skip('a real server keeps no log of requests');
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
