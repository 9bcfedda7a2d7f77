import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shardOf } from '../../src/plan/shard.ts';
import { type Json, type Reported, TestCluster } from '../support/cluster.ts';
import { kubedSync } from '../support/program.ts';

/* `--shard I/N`: N runs at the same time do together what one run does. None reads the bodies of copies of another. */

const SHARDS = [0, 1, 2];
const TARGETS = Array.from({ length: 24 }, (_, each) => `n-${each}`);
const NOTHING = { list: 3, get: 0, create: 0, patch: 0, delete: 0 };

/** `ConfigMap src/omni` and `Secret src/word` for every target. */
async function prepare(cluster: TestCluster): Promise<void> {
  await cluster.namespace('src');
  await Promise.all(TARGETS.map((name) => cluster.namespace(name, { copies: 'here' })));
  await cluster.source('ConfigMap/src/omni', { data: { you: 'only' } }, 'copies=here');
  await cluster.source('Secret/src/word', { stringData: { word: 'x' } }, 'copies=here');
}

/** Runs all shards at the same time. */
function together(cluster: TestCluster, ...args: readonly string[]): Promise<readonly Reported[]> {
  return Promise.all(SHARDS.map((index) => cluster.reconcile('--shard', `${index}/3`, ...args)));
}

function targetsOf(cluster: TestCluster, index: number): readonly string[] {
  return TARGETS.filter((name) => shardOf(cluster.ns(name), 3) === index);
}

/** Changes of one kind in these namespaces, in the order of the report. */
function each(cluster: TestCluster, index: number, change: (namespace: string) => string): readonly string[] {
  return targetsOf(cluster, index).map(change).toSorted();
}

async function areQuiet(cluster: TestCluster): Promise<void> {
  for (const { changes, report, code } of await together(cluster))
    assert.deepEqual([changes, report.requests, code], [[], NOTHING, 0]);
}

test('three shards at the same time each do their part and no more, and then nothing is left to do', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  for (const [index, { changes, findings, report, code }] of (await together(cluster)).entries()) {
    const mine = targetsOf(cluster, index).length;
    assert.deepEqual(changes.toSorted(), [
      ...each(cluster, index, (name) => `create ConfigMap/${name}/omni missing done`),
      ...each(cluster, index, (name) => `create Secret/${name}/word missing done`),
    ]);
    assert.deepEqual([findings, code], [[], 0]);
    assert.deepEqual(report.requests, { ...NOTHING, get: mine > 0 ? 2 : 0, create: 2 * mine });
    assert.deepEqual([report.shard, report.summary.sources], [`${index}/3`, 2]);
  }
  for (const name of TARGETS)
    assert.deepEqual((await cluster.get(`ConfigMap/${name}/omni`)).data, { you: 'only' });
  await areQuiet(cluster);
  await cluster.isQuiet();
});

test('if a shard does not run its namespaces are late, and the others are not affected', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  for (const index of [0, 1]) await cluster.reconcile('--shard', `${index}/3`);
  const late = targetsOf(cluster, 2);
  for (const name of TARGETS)
    assert.equal((await cluster.get(`ConfigMap/${name}/omni`)) === undefined, late.includes(name), name);
  const { report } = await cluster.reconcile('--shard', '2/3');
  assert.equal(report.summary.create, 2 * late.length);
  await areQuiet(cluster);
});

test('after one edited copy its shard reads and repairs it, and the others do nothing', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await together(cluster);
  await cluster.merge('ConfigMap/n-7/omni', { data: { you: 'edited' } });
  for (const [index, { changes, report }] of (await together(cluster)).entries()) {
    const mine = targetsOf(cluster, index).includes('n-7');
    assert.deepEqual(changes, mine ? ['update ConfigMap/n-7/omni edited done'] : []);
    assert.deepEqual(report.requests, mine ? { ...NOTHING, get: 2, patch: 1 } : NOTHING);
  }
  await areQuiet(cluster);
});

test('if an annotation is removed each shard prunes its own copies', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await together(cluster);
  await cluster.annotate('ConfigMap/src/omni', { 'kubed.appscode.com/sync': null });
  for (const [index, { changes, report, code }] of (await together(cluster)).entries()) {
    const mine = targetsOf(cluster, index);
    assert.deepEqual(
      changes.toSorted(),
      each(cluster, index, (name) => `prune ConfigMap/${name}/omni annotation-removed done`),
    );
    // The origin is read before the first prune.
    assert.deepEqual(report.requests, {
      ...NOTHING,
      get: mine.length > 0 ? 1 : 0,
      delete: mine.length,
    });
    assert.equal(code, 0);
  }
  for (const name of TARGETS) assert.equal(await cluster.get(`ConfigMap/${name}/omni`), undefined);
  await areQuiet(cluster);
});

test('with --verify each shard reads only the bodies of its own copies', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await together(cluster);
  const places = await Promise.all(
    SHARDS.map((index) => cluster.reconcile('--shard', `${index}/3`, '--verify')),
  );
  for (const [index, { changes, report, code }] of places.entries()) {
    const mine = targetsOf(cluster, index).length;
    const bodies = { list: 3 + 2 * mine, get: mine > 0 ? 2 : 0 };
    assert.deepEqual([changes, report.requests, code], [[], { ...NOTHING, ...bodies }, 0]);
  }
});

test('a percentage of --max-prune counts the copies of the shard', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await together(cluster);
  await cluster.delete('ConfigMap/src/omni');
  for (const [index, { report, code, findings }] of (
    await together(cluster, '--max-prune', '49%')
  ).entries()) {
    const withheld = targetsOf(cluster, index).length > 0;
    assert.deepEqual([report.requests.delete, code], [0, withheld ? 1 : 0]);
    assert.deepEqual(findings, withheld ? ['prune-withheld'] : []);
  }
  const deleted = (await together(cluster, '--max-prune', '50%')).map(({ report }) => report.requests.delete);
  assert.deepEqual(
    deleted,
    SHARDS.map((index) => targetsOf(cluster, index).length),
  );
});

test('a conflict is reported by the shard of its namespace, and an invalid selector by shard 0', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.create('ConfigMap/n-3/omni', { data: { mine: 'yes' } });
  for (const [index, { findings, code }] of (await together(cluster)).entries()) {
    const mine = targetsOf(cluster, index).includes('n-3');
    assert.deepEqual([findings, code], mine ? [['conflict'], 1] : [[], 0]);
  }
  await cluster.delete('ConfigMap/n-3/omni');
  await together(cluster);
  await cluster.annotate('Secret/src/word', { 'kubed.appscode.com/sync': 'copies in (' });
  for (const [index, { findings, changes, code }] of (await together(cluster)).entries()) {
    assert.deepEqual([findings, changes, code], index === 0 ? [['invalid-selector'], [], 1] : [[], [], 0]);
  }
});

test('a purge with the index of the Job leaves no copy in any shard', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await together(cluster);
  const purged = await Promise.all(
    SHARDS.map((index) =>
      kubedSync(
        [
          'purge',
          '--kubeconfig',
          cluster.kubeconfig,
          '--include-namespace',
          `${cluster.prefix}-*`,
          '-o',
          'json',
        ],
        { env: { KUBED_SYNC_SHARD: 'auto/3', JOB_COMPLETION_INDEX: `${index}` } },
      ),
    ),
  );
  for (const [index, { stdout, code }] of purged.entries()) {
    const report: Json = JSON.parse(stdout);
    const mine = targetsOf(cluster, index).length;
    assert.deepEqual([report.shard, report.summary.prune, code], [`${index}/3`, 2 * mine, 0]);
    assert.deepEqual(report.requests, { ...NOTHING, delete: 2 * mine });
  }
  for (const name of TARGETS) assert.equal(await cluster.get(`Secret/${name}/word`), undefined);
});

/** A manifest of a source in a namespace that does not exist yet. */
function manifest(cluster: TestCluster): string {
  return [
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata:',
    '  name: plain',
    `  namespace: ${cluster.ns('src')}`,
    '  annotations:',
    '    kubed.appscode.com/sync: copies=here',
    'data:',
    '  a: b',
    '',
  ].join('\n');
}

test('with manifests, the previews of all shards together are the preview of one run', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.create('ConfigMap/src/plain', { data: { a: 'b' } });
  const preview = async (...args: readonly string[]): Promise<Json> => {
    const line = ['reconcile', '--kubeconfig', cluster.kubeconfig, ...cluster.own, '-o', 'json'];
    const { stdout, stderr } = await kubedSync([...line, '--dry-run', '-f', '-', ...args], {
      input: manifest(cluster),
    });
    assert.notEqual(stdout, '', stderr);
    return JSON.parse(stdout).changes;
  };
  const one = await preview();
  assert.equal(one.length, 3 * TARGETS.length);
  const shards = await Promise.all(SHARDS.map((index) => preview('--shard', `${index}/3`)));
  const texts = (changes: readonly Json[]): readonly string[] =>
    changes.map((change) => JSON.stringify(change)).toSorted();
  assert.deepEqual(texts(shards.flat()), texts(one));
});

test('--offline shows the same without a cluster, and the text names the shard', async () => {
  const listed = TARGETS.map((name) => `---\napiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n`);
  const source =
    '---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: omni, namespace: src, annotations: { kubed.appscode.com/sync: "" } }\n';
  for (const index of SHARDS) {
    const { stdout, code } = await kubedSync(
      [
        'reconcile',
        '--dry-run',
        '--offline',
        '-f',
        '-',
        '--shard',
        `${index}/3`,
        '--source-namespace',
        'src',
      ],
      { input: [...listed, source].join('') },
    );
    const count = (names: readonly string[]): number =>
      names.filter((name) => shardOf(name, 3) === index).length;
    const creates = `${count(TARGETS)} to create, 0 unchanged`;
    const namespaces = count([...TARGETS, 'src']);
    assert.equal(code, 0);
    assert.ok(
      stdout.endsWith(`${creates} (1 source, ${namespaces} namespaces of shard ${index}/3).\n`),
      stdout,
    );
  }
});

test('a shard with nothing to do names its shard', async () => {
  await using cluster = await TestCluster.open();
  await cluster.namespace('src');
  await cluster.source('ConfigMap/src/omni', {});
  const { stdout } = await cluster.run('reconcile', ...cluster.own, '--shard', '0/3');
  assert.match(stdout, /^Nothing to write in shard 0\/3: 0 copies of 1 source are up to date/m);
  const purged = await cluster.run('purge', ...cluster.own, '--shard', '2/3');
  assert.match(
    purged.stdout,
    /^Nothing to purge in shard 2\/3: there is no copy within the scope of the options/m,
  );
});
