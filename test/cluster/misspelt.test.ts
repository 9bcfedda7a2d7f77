import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Json, TestCluster } from '../support/cluster.ts';
import { ROOT } from '../support/program.ts';

/* Misspelt requests and opt-outs are never silent, and a source with an unknown annotation stays as it is. */

async function prepare(cluster: TestCluster): Promise<void> {
  for (const name of ['src', 'a', 'b']) await cluster.namespace(name);
}

const DATA = { data: { k: 'dg==' } };

test('an unknown annotation freezes its source: nothing is created, updated or deleted', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.source('Secret/src/kept', DATA);
  await cluster.source('Secret/src/free', DATA);
  await cluster.heals([
    'create Secret/a/free missing done',
    'create Secret/a/kept missing done',
    'create Secret/b/free missing done',
    'create Secret/b/kept missing done',
  ]);
  await cluster.delete('Secret/b/kept');
  await cluster.merge('Secret/src/kept', { data: { k: 'bmV3' } });
  await cluster.annotate('Secret/src/kept', {
    'kubed.appscode.com/sync': 'kubernetes.io/metadata.name=none',
    'kubed.appscode.com/sync-context': 'east',
  });
  const { changes, findings, code, report } = await cluster.reconcile();
  assert.deepEqual([changes, findings, code], [[], ['unknown-key'], 1]);
  const finding = report.findings.find(({ reason }: Json) => reason === 'unknown-key');
  assert.deepEqual(finding.keys, [
    { key: 'kubed.appscode.com/sync-context', meant: 'kubed.appscode.com/sync-contexts' },
  ]);
  assert.match(
    finding.message,
    /^Secret t\w+-src\/kept has an unknown annotation: kubed\.appscode\.com\/sync-context \(probably meant: kubed\.appscode\.com\/sync-contexts\)\. Its copies were not changed\. Remove it: kubectl annotate secret kept -n t\w+-src kubed\.appscode\.com\/sync-context-$/u,
  );
  await cluster.annotate('Secret/src/kept', {
    'kubed.appscode.com/sync': '',
    'kubed.appscode.com/sync-context': null,
  });
  await cluster.heals(['create Secret/b/kept missing done', 'update Secret/a/kept source-changed done']);
});

test('an unknown annotation beside sync-contexts alone keeps the copies of the object', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.source('ConfigMap/src/omni', { data: { k: 'v' } });
  await cluster.heals(['create ConfigMap/a/omni missing done', 'create ConfigMap/b/omni missing done']);
  await cluster.annotate('ConfigMap/src/omni', {
    'kubed.appscode.com/sync': null,
    'kubed.appscode.com/Sync': '',
    'kubed.appscode.com/sync-contexts': 'east',
  });
  const { changes, findings, code } = await cluster.reconcile();
  assert.deepEqual([changes, findings, code], [[], ['no-remote-kubeconfig', 'unknown-key'], 1]);
});

const KEYS = ['kubed.appscode.com/Sync', 'kubed.appscode.com/synced', 'kubernetes.appscode.com/sync'];

test('misspelt keys are named with the right spelling, and copy nothing', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const values = { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"k":"VALUE"}}' };
  for (const [at, key] of KEYS.entries())
    await cluster.create(`Secret/src/s${at}`, DATA, { annotations: { ...values, [key]: '' } });
  await cluster.create('ConfigMap/src/labelled', {}, { labels: { 'kubed.appscode.com/sync': 'true' } });
  await cluster.create('ConfigMap/a/labelled', {}, { labels: { 'kubed.appscode.com/sync': 'true' } });
  await cluster.namespace(
    'wrong',
    { 'kubed.appscode.com/ignore': 'true' },
    { 'kubed.appscode.com/sync': '' },
  );
  const { changes, findings, code, report, stdout } = await cluster.reconcile();
  assert.deepEqual([changes, code], [[], 0]);
  assert.deepEqual(
    findings,
    Array.from({ length: 6 }, () => 'suspicious-key'),
  );
  assert.ok(!stdout.includes('VALUE'));
  const told: readonly Json[] = report.findings.filter(({ reason }: Json) => reason === 'suspicious-key');
  assert.deepEqual(
    told.map(({ kind, part, key, meant, count }) => [kind, part, key, meant, count]),
    [
      ['ConfigMap', 'label', 'kubed.appscode.com/sync', 'kubed.appscode.com/sync', 2],
      ['Namespace', 'annotation', 'kubed.appscode.com/sync', undefined, 1],
      ['Namespace', 'label', 'kubed.appscode.com/ignore', 'kubed.appscode.com/ignore', 1],
      ...KEYS.map((key) => ['Secret', 'annotation', key, 'kubed.appscode.com/sync', 1]),
    ],
  );
});

test('any value of ignore but true and false keeps copies out and is reported', async () => {
  await using cluster = await TestCluster.open();
  await cluster.namespace('src');
  for (const [name, value] of Object.entries({ t: 'true', f: 'false', u: 'True', y: 'yes', e: '' }))
    await cluster.namespace(name, {}, { 'kubed.appscode.com/ignore': value });
  await cluster.source('ConfigMap/src/omni', {});
  const { changes, findings, code, report } = await cluster.reconcile();
  assert.deepEqual([changes, code], [['create ConfigMap/f/omni missing done'], 0]);
  assert.deepEqual(findings, ['suspicious-ignore', 'suspicious-ignore', 'suspicious-ignore']);
  const values = report.findings.flatMap(({ reason, value }: Json) =>
    reason === 'suspicious-ignore' ? [value] : [],
  );
  assert.deepEqual(values, ['', 'True', 'yes']);
});

test('a label of a namespace that a selector uses is in its place', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.namespace('c', { 'kubed.appscode.com/ignore': 'true' });
  await cluster.source('ConfigMap/src/omni', {}, 'kubed.appscode.com/ignore=true');
  await cluster.heals(['create ConfigMap/c/omni missing done']);
});

/** Follows commands such as `kubectl label secret NAME -n NAMESPACE KEY- KEY=VALUE`, as kubectl would. */
async function follow(cluster: TestCluster, object: string, commands: readonly string[]): Promise<void> {
  for (const command of commands) {
    const [program, verb, , , dash, , ...changes] = command.trim().split(' ');
    assert.deepEqual([program, dash], ['kubectl', '-n'], command);
    const patch = Object.fromEntries(
      changes.map((change) => {
        assert.match(change, /^[\w./-]+-$/u);
        return [change.slice(0, -1), null];
      }),
    );
    assert.ok(verb === 'label' || verb === 'annotate', command);
    await cluster.merge(object, { metadata: { [verb === 'label' ? 'labels' : 'annotations']: patch } });
  }
}

test('the recipe to keep copies leaves ordinary objects: the next run reports nothing', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.source('Secret/src/omni', DATA);
  await cluster.heals(['create Secret/a/omni missing done', 'create Secret/b/omni missing done']);
  const page = readFileSync(join(ROOT, 'docs/troubleshooting.md'), 'utf8');
  const [, block = ''] = /^## Remove the marks$[^]*?```sh\n([^]*?)```/mu.exec(page) ?? [];
  for (const copy of ['Secret/a/omni', 'Secret/b/omni'])
    await follow(cluster, copy, block.trim().split('\n'));
  await cluster.annotate('Secret/src/omni', { 'kubed.appscode.com/sync': null });
  await cluster.heals([]);
  const { labels = {}, annotations = {} } = (await cluster.get('Secret/a/omni')).metadata;
  assert.deepEqual([labels, annotations], [{}, {}]);
});

test('the hint about a copy with a sync annotation makes it a source, without a trace of the copy', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const only = 'kubernetes.io/metadata.name=';
  await cluster.source('Secret/src/omni', DATA, `${only}${cluster.ns('a')}`);
  await cluster.heals(['create Secret/a/omni missing done']);
  await cluster.annotate('Secret/a/omni', { 'kubed.appscode.com/sync': `${only}${cluster.ns('b')}` });
  const { report, findings } = await cluster.reconcile();
  assert.deepEqual(findings, ['copy-with-sync-annotation']);
  const { message } = report.findings.find(({ reason }: Json) => reason === 'copy-with-sync-annotation');
  const [, commands = ''] = /remove its marks: (kubectl label .*)$/u.exec(message) ?? [];
  await follow(cluster, 'Secret/a/omni', commands.split(' && '));
  await cluster.annotate('Secret/src/omni', { 'kubed.appscode.com/sync': null });
  await cluster.heals(['create Secret/b/omni missing done']);
});
