import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiServer, Fault, Match } from '../support/apiserver.ts';
import { TestCluster } from '../support/cluster.ts';

/*
 * Reads that fail, on the simulated server. Temporary errors are retried. Other errors end the run with one line, exit
 * code 1, an empty stdout and no write.
 */

/** A source without copies, so every run writes if it can read. */
async function prepare(cluster: TestCluster): Promise<ApiServer> {
  const { simulated } = cluster;
  assert.ok(simulated, 'these tests need the simulated server');
  await cluster.namespace('src');
  await cluster.namespace('a');
  await cluster.source('ConfigMap/src/omni', { data: { you: 'only' } });
  await cluster.source('Secret/src/word', { stringData: { word: 'x' } });
  simulated.resetRequests();
  return simulated;
}

function writes({ requests }: ApiServer): number {
  return requests.filter(({ method }) => method !== 'GET').length;
}

/** Runs and checks that nothing was written and one line says why. */
async function isRefused(cluster: TestCluster, line: RegExp, ...args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await cluster.run('reconcile', ...cluster.own, ...args);
  assert.deepEqual([code, stdout], [1, ''], stderr);
  assert.match(stderr, line);
  assert.doesNotMatch(stderr, /\n\s+at /u, 'no stack');
  assert.ok(cluster.simulated !== undefined && writes(cluster.simulated) === 0);
}

const PASSING: readonly (readonly [what: string, match: Match, fault: Fault])[] = [
  ['a reset connection', { verb: 'list', resource: 'secrets' }, 'reset-before'],
  ['a lost answer', { verb: 'list', resource: 'configmaps' }, 'reset-after'],
  ['half an answer', { verb: 'list', resource: 'namespaces' }, 'half-body'],
  ['half a JSON text', { verb: 'list', resource: 'secrets' }, 'truncated-json'],
  ['an empty answer', { verb: 'list', resource: 'configmaps' }, 'empty-body'],
  ['HTML and 502', { verb: 'list', resource: 'secrets' }, { status: 502, html: true }],
  ['500', { verb: 'list', resource: 'namespaces' }, { status: 500 }],
  ['503', { verb: 'list', resource: 'configmaps' }, { status: 503 }],
  ['504', { verb: 'get', resource: 'configmaps' }, { status: 504 }],
  ['429 and Retry-After', { verb: 'get', resource: 'secrets' }, { status: 429, retryAfter: 1 }],
];

test('a temporary error of a read is retried, and the run succeeds', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  for (const [, match, fault] of PASSING) simulated.failNext(match, fault);
  const { changes, findings, code, report } = await cluster.reconcile();
  assert.deepEqual(changes, ['create ConfigMap/a/omni missing done', 'create Secret/a/word missing done']);
  assert.deepEqual([findings, code, simulated.pendingRules], [[], 0, 0]);
  const { list, get } = report.requests;
  assert.equal(list + get, 5 + PASSING.length, 'every try is counted');
});

test('-v reports what was retried', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  simulated.failNext({ verb: 'list', resource: 'secrets' }, { status: 503 });
  const { stderr, code } = await cluster.run('reconcile', ...cluster.own, '-v');
  assert.equal(code, 0);
  assert.match(stderr, /secrets/u);
});

const LASTING: readonly (readonly [what: string, match: Match, fault: Fault, line: RegExp])[] = [
  ['500', { verb: 'list', resource: 'secrets' }, { status: 500 }, /secrets/u],
  ['HTML and 502', { verb: 'list', resource: 'configmaps' }, { status: 502, html: true }, /configmaps/u],
  ['half a JSON text', { verb: 'list', resource: 'namespaces' }, 'truncated-json', /namespaces/u],
];

test('an error that lasts on one list ends the run, and nothing is written', async () => {
  const runs = LASTING.map(async ([, match, fault, line]) => {
    await using cluster = await TestCluster.open();
    const simulated = await prepare(cluster);
    simulated.failNext(match, fault, 100);
    await isRefused(cluster, line);
  });
  await Promise.all(runs); // each waits for some seconds between its tries
});

for (const resource of ['configmaps', 'secrets', 'namespaces'] as const)
  test(`without permission to list ${resource} the line names verb and resource, and nothing is written`, async () => {
    await using cluster = await TestCluster.open();
    const simulated = await prepare(cluster);
    simulated.deny({ verb: 'list', resource });
    await isRefused(cluster, new RegExp(`list ${resource}`, 'u'));
    await isRefused(cluster, new RegExp(`list ${resource}`, 'u'), '-o', 'json');
  });

test('a body that must not be read ends the run like a list', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  simulated.deny({ verb: 'get', resource: 'secrets' });
  await isRefused(cluster, /get.*secrets/u);
});

test('credentials that are rejected end the run', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  simulated.failNext({}, { status: 401 }, 100);
  await isRefused(cluster, /Unauthorized|credentials/iu);
});

test('a list of no namespaces ends the run, because every cluster has some', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  const nothing = {
    kind: 'PartialObjectMetadataList',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: '1' },
  };
  const body = JSON.stringify({ ...nothing, items: [] });
  simulated.failNext({ verb: 'list', resource: 'namespaces' }, { status: 200, body }, 100);
  await isRefused(cluster, /namespace/u);
});

test('a list of no objects prunes nothing if there are some, because each origin is read again', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  await cluster.reconcile();
  const [source] = simulated.store.list('configmaps', cluster.ns('src'));
  assert.ok(source);
  simulated.before(
    { verb: 'list', resource: 'configmaps' },
    () => void simulated.store.delete('configmaps', cluster.ns('src'), 'omni'),
  );
  simulated.after(
    { verb: 'list', resource: 'configmaps' },
    () => void simulated.store.put('configmaps', source),
  );
  assert.deepEqual((await cluster.reconcile()).changes, []);
});
