import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Json, TestCluster, marksOf } from '../support/cluster.ts';
import type { Ran } from '../support/program.ts';

/* `kubed-sync purge` deletes every copy that is ours and in scope. It deletes and writes nothing else. */

interface Purged extends Ran {
  readonly report: Json;
  /** `Kind/namespace/name outcome`, with short namespaces. */
  readonly gone: readonly string[];
}

/** `purge -o json` in the namespaces of the test. */
async function purge(cluster: TestCluster, ...args: readonly string[]): Promise<Purged> {
  const scope = ['--include-namespace', `${cluster.prefix}-*`];
  const ran = await cluster.run('purge', ...scope, '-o', 'json', ...args);
  assert.notEqual(ran.stdout, '', ran.stderr);
  const report: Json = JSON.parse(ran.stdout);
  const gone = report.changes.map(({ action, reason, kind, namespace, name, outcome }: Json) => {
    assert.deepEqual([action, reason], ['prune', 'purge']);
    return `${kind}/${namespace.replace(`${cluster.prefix}-`, '')}/${name} ${outcome}`;
  });
  return { ...ran, report, gone };
}

const TARGETS = ['a', 'b'];
const COPIES = ['ConfigMap/a/omni', 'ConfigMap/b/omni', 'Secret/a/tls', 'Secret/b/tls'];
const SOURCES = ['ConfigMap/src/omni', 'Secret/other/tls'];

/** `ConfigMap src/omni` and `Secret other/tls` with copies in `a` and `b`, and another object in `a`. */
async function prepare(cluster: TestCluster): Promise<void> {
  for (const name of ['src', 'other']) await cluster.namespace(name);
  for (const name of TARGETS) await cluster.namespace(name, { copies: 'here' });
  await cluster.source('ConfigMap/src/omni', { data: { key: 'value' } }, 'copies=here');
  await cluster.source('Secret/other/tls', { stringData: { key: 'value' } }, 'copies=here');
  await cluster.create('ConfigMap/a/foreign', { data: { mine: 'yes' } });
  assert.equal((await cluster.reconcile()).report.summary.create, 4);
}

async function all(cluster: TestCluster, objects: readonly string[]): Promise<readonly Json[]> {
  return Promise.all(objects.map((object) => cluster.get(object)));
}

/** Returns the copies that still exist. */
async function left(cluster: TestCluster): Promise<readonly string[]> {
  const there = await all(cluster, COPIES);
  return COPIES.filter((_, at) => there[at] !== undefined);
}

test('every copy is deleted, and sources and other objects stay as they are', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const untouched = [...SOURCES, 'ConfigMap/a/foreign'];
  const before = await all(cluster, untouched);
  const { gone, code, report } = await purge(cluster);
  assert.deepEqual([gone, code], [COPIES.map((copy) => `${copy} done`), 0]);
  assert.deepEqual(report.requests, { list: 3, get: 0, create: 0, patch: 0, delete: 4 });
  assert.deepEqual(await left(cluster), []);
  assert.deepEqual(await all(cluster, untouched), before);
  const again = await purge(cluster);
  assert.deepEqual([again.gone, again.code, again.report.requests.delete], [[], 0, 0]);
  const reported = await cluster.run('purge', '--include-namespace', `${cluster.prefix}-*`);
  assert.match(reported.stdout, /Nothing to purge: there is no copy within the scope of the options/);
});

test('a dry run reports the same and writes nothing', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const before = await all(cluster, COPIES);
  const { gone, code, report } = await purge(cluster, '--dry-run');
  assert.deepEqual([gone, code], [COPIES.map((copy) => `${copy} planned`), 0]);
  assert.deepEqual(report.requests, { list: 3, get: 0, create: 0, patch: 0, delete: 0 });
  assert.equal((await purge(cluster, '--dry-run', '--exit-code')).code, 3);
  assert.deepEqual(await all(cluster, COPIES), before);
});

const NARROWED: readonly (readonly [
  string,
  (cluster: TestCluster) => readonly string[],
  readonly string[],
])[] = [
  ['--kind', () => ['--kind', 'secret'], ['Secret/a/tls', 'Secret/b/tls']],
  [
    '--source-namespace',
    (cluster) => ['--source-namespace', cluster.ns('src')],
    ['ConfigMap/a/omni', 'ConfigMap/b/omni'],
  ],
  [
    '--exclude-namespace',
    (cluster) => ['--exclude-namespace', cluster.ns('a')],
    ['ConfigMap/b/omni', 'Secret/b/tls'],
  ],
  ['--cluster-name', () => ['--cluster-name', 'elsewhere'], []],
];

for (const [option, args, expected] of NARROWED)
  test(`${option} limits a purge`, async () => {
    await using cluster = await TestCluster.open();
    await prepare(cluster);
    const { gone, code } = await purge(cluster, ...args(cluster));
    assert.deepEqual([gone, code], [expected.map((copy) => `${copy} done`), 0]);
    assert.deepEqual(
      await left(cluster),
      COPIES.filter((copy) => !expected.includes(copy)),
    );
  });

test('--include-namespace limits a purge', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const ran = await cluster.run('purge', '--include-namespace', cluster.ns('b'));
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(await left(cluster), ['ConfigMap/a/omni', 'Secret/a/tls']);
});

test('what prevents a prune prevents a purge: --max-prune, a sync annotation on the copy, an orphan', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const limited = await purge(cluster, '--max-prune', '3');
  assert.deepEqual([limited.gone, limited.code], [COPIES.map((copy) => `${copy} skipped`), 1]);
  assert.equal(limited.report.requests.delete, 0);

  await cluster.annotate('ConfigMap/a/omni', { 'kubed.appscode.com/sync': '' });
  const gone = {
    kind: 'ConfigMap',
    metadata: { namespace: cluster.ns('src'), name: 'lost', uid: 'u', resourceVersion: '1' },
  };
  await cluster.create('ConfigMap/b/lost', {}, marksOf(gone), { manager: 'kubed' });
  const { report } = await purge(cluster);
  const reasons = report.findings.map(({ reason }: Json) => reason);
  assert.ok(reasons.includes('copy-with-sync-annotation') && reasons.includes('orphan'), reasons.join());
  assert.deepEqual(await left(cluster), ['ConfigMap/a/omni']);
  assert.notEqual(await cluster.get('ConfigMap/b/lost'), undefined);

  const legacy = await purge(cluster, '--prune-legacy');
  assert.deepEqual(legacy.gone, ['ConfigMap/b/lost done']);
});

test('copies of an invalid source, or of one that no longer asks for them, are deleted too', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.annotate('ConfigMap/src/omni', { 'kubed.appscode.com/sync': 'not a ( selector' });
  await cluster.delete('Secret/other/tls');
  const { code } = await purge(cluster);
  assert.equal(code, 0);
  assert.deepEqual(await left(cluster), []);
});
