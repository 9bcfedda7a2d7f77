import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { dump } from 'js-yaml';
import type { Json, TestCluster } from '../support/cluster.ts';
import { matchesGolden } from '../support/golden.ts';
import { PASSWORD, syncedCluster, sourceManifest } from '../support/synced-cluster.ts';
import { kubedSync } from '../support/program.ts';
import { assertReport } from '../support/schema.ts';

/* The built program with manifests as they were before: `--base`, without a cluster and with one. */

/** A folder with files, which is deleted in the end. */
class Folder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async with(files: Readonly<Record<string, string>>): Promise<Folder> {
    const folder = new Folder(await mkdtemp(join(tmpdir(), 'kubed-sync-base-')));
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder.path, name)), { recursive: true });
      await writeFile(join(folder.path, name), text);
    }
    return folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true });
  }
}

const namespace = (name: string, labels: object = {}): string =>
  dump({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
const source = (name: string, selector: string, data: object, kind = 'ConfigMap'): string =>
  dump({
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace: 'demo', annotations: { 'kubed.appscode.com/sync': selector } },
    ...(kind === 'Secret' ? { stringData: data } : { data }),
  });

/** A repository with every sort of change between two states. */
const FILES = {
  'base/namespaces.yaml': [
    namespace('demo'),
    namespace('team-a', { env: 'prod' }),
    namespace('team-b'),
    namespace('kube-system'),
    namespace('old'),
  ].join('---\n'),
  'base/omni.yaml': source('omni', 'env=prod', { a: '1', b: '2' }),
  'base/lost.yaml': source('lost', '', { a: '1' }),
  'base/login.yaml': source('login', 'env=prod', { password: PASSWORD }, 'Secret'),
  'base/deep/deep.yaml': source('deep', 'env=prod', { a: '1' }),
  'head/namespaces.yaml': [
    namespace('demo'),
    namespace('team-a', { env: 'prod' }),
    namespace('team-b', { env: 'prod' }),
    namespace('kube-system'),
    namespace('team-c', { env: 'dev' }),
  ].join('---\n'),
  'head/omni.yaml': source('omni', '', { a: '1', b: '3' }),
  'head/login.yaml': source('login', 'env=prod', { password: `new ${PASSWORD}` }, 'Secret'),
  'head/added.yaml': source('added', 'env=dev', { a: '1' }),
  'head/deep/deep.yaml': source('deep', 'env=prod', { a: '1' }),
};

const OFFLINE = ['reconcile', '--dry-run', '--offline', '--source-namespace', 'demo'];

test('two sets of manifests without a cluster: what is created, updated and deleted, and why', async () => {
  await using folder = await Folder.with(FILES);
  const sets = ['--base', join(folder.path, 'base'), '-f', join(folder.path, 'head')];
  const run = async (...more: readonly string[]): ReturnType<typeof kubedSync> => {
    const ran = await kubedSync([...OFFLINE, ...sets, ...more], { env: { KUBECONFIG: '/nothing' } });
    assert.ok(!`${ran.stdout}${ran.stderr}`.includes(PASSWORD));
    return ran;
  };
  matchesGolden('base.txt', (await run()).stdout);
  matchesGolden('base.md', (await run('-o', 'markdown')).stdout);
  const { code, stdout } = await run('-o', 'json', '--exit-code');
  matchesGolden('base.json', stdout);
  assertReport(JSON.parse(stdout));
  assert.equal(code, 3);
  assert.match((await run('-R')).stdout, /team-b \(.*labels of namespace team-b changed/);
});

test('two equal sets of manifests have nothing to do', async () => {
  await using folder = await Folder.with(FILES);
  for (const set of ['base', 'head']) {
    const path = join(folder.path, set);
    const { code, stdout } = await kubedSync([...OFFLINE, '--exit-code', '-R', '--base', path, '-f', path]);
    assert.match(stdout, /^Nothing to write: \d+ copies of \d sources are up to date/m);
    assert.equal(code, 0);
  }
});

test('a base that cannot be read at all ends the preview, and one bad file makes it incomplete', async () => {
  await using folder = await Folder.with({ ...FILES, 'base/bad.yaml': `a: ${PASSWORD}: c\n` });
  const head = ['-f', join(folder.path, 'head')];
  const nothing = await kubedSync([...OFFLINE, '--base', join(folder.path, 'nothing'), ...head]);
  assert.deepEqual([nothing.code, nothing.stdout], [2, '']);
  assert.match(nothing.stderr, /^kubed-sync: .*nothing: .*\n$/);
  const base = ['--base', join(folder.path, 'base')];
  const bad = await kubedSync([...OFFLINE, ...base, ...head]);
  assert.match(bad.stdout, /^problem .*bad\.yaml:1: invalid YAML/m);
  assert.match(bad.stdout, /^Incomplete: 1 problem in the manifests\./m);
  assert.equal(bad.code, 2);
  assert.equal((await kubedSync([...OFFLINE, ...base, ...head, '--ignore-bad-manifests'])).code, 0);
  const neither = ['--base', join(folder.path, 'x'), '-f', join(folder.path, 'y')];
  assert.match((await kubedSync([...OFFLINE, ...neither])).stderr, /y: .*\n.*x: /);
});

/** A preview on a cluster, as JSON. It writes nothing. */
async function preview(cluster: TestCluster, files: Readonly<Record<string, string>>): Promise<Json> {
  await using folder = await Folder.with(files);
  cluster.simulated?.resetRequests();
  const args = ['reconcile', '--kubeconfig', cluster.kubeconfig, '--dry-run', '-o', 'json', ...cluster.own];
  const base = Object.keys(files).some((name) => name.startsWith('base/'))
    ? ['--base', join(folder.path, 'base')]
    : [];
  const { stdout, stderr } = await kubedSync([...args, ...base, '-f', join(folder.path, 'head')]);
  assert.notEqual(stdout, '', stderr);
  for (const { verb } of cluster.simulated?.requests ?? [])
    assert.ok(verb === 'list' || verb === 'get', verb);
  const report = JSON.parse(stdout);
  assertReport(report);
  return report;
}

/** `create other: namespace-added` for each change, with the short names of namespaces. */
function told(cluster: TestCluster, { changes }: Json): readonly string[] {
  return changes.map((change: Json) =>
    [
      `${change.action} ${change.kind} ${change.namespace.replace(`${cluster.prefix}-`, '')}:`,
      change.causes.map(({ code }: Json) => code).join(),
      ...(change.pendingAnyway ? ['anyway'] : []),
    ].join(' '),
  );
}

test('on a cluster, a manifest that the head does not have counts as deleted', async () => {
  await using cluster = await syncedCluster();
  const demo = cluster.ns('demo');
  const kept = namespace(demo);
  const omni = sourceManifest(demo, 'data: {leave: me}');
  const report = await preview(cluster, {
    'base/omni.yaml': omni,
    'base/ns.yaml': kept,
    'head/ns.yaml': kept,
  });
  assert.deepEqual(told(cluster, report), [
    'prune ConfigMap other: source-gone',
    'prune ConfigMap team: source-gone',
  ]);
  const lost = report.sources.find(({ kind }: Json) => kind === 'ConfigMap');
  assert.deepEqual([lost.deletes, lost.losesAllCopies, lost.selector], [2, true, undefined]);
  const unchanged = await preview(cluster, { 'base/omni.yaml': omni, 'head/omni.yaml': omni });
  assert.deepEqual(told(cluster, unchanged), []);
});

test('on a cluster, a namespace that the head does not have counts as deleted, with its copies and sources', async () => {
  await using cluster = await syncedCluster();
  const [demo, team] = [namespace(cluster.ns('demo')), namespace(cluster.ns('team'))];
  const gone = await preview(cluster, { 'base/a.yaml': team, 'base/b.yaml': demo, 'head/b.yaml': demo });
  assert.deepEqual(told(cluster, gone), []);
  const all = await preview(cluster, { 'base/a.yaml': demo, 'head/b.yaml': team });
  assert.deepEqual(told(cluster, all), [
    'prune ConfigMap other: source-gone',
    'prune ConfigMap team: source-gone',
    'prune Secret team: source-gone',
  ]);
});

test('on a cluster, a key of the base that the head does not have is removed', async () => {
  await using cluster = await syncedCluster();
  const demo = cluster.ns('demo');
  const report = await preview(cluster, {
    'base/omni.yaml': sourceManifest(demo, 'data: {leave: me}'),
    'head/omni.yaml': sourceManifest(demo, 'data: {other: me}'),
  });
  assert.deepEqual(told(cluster, report), [
    'update ConfigMap other: source-changed',
    'update ConfigMap team: source-changed',
  ]);
  assert.deepEqual(
    report.changes[0].causes[0].fields.map(({ name, op }: Json) => `${op} ${name}`),
    ['remove data.leave', 'add data.other'],
  );
});

test('on a cluster, what is pending without the manifests is apart, and an edit keeps its name', async () => {
  await using cluster = await syncedCluster();
  const demo = cluster.ns('demo');
  await cluster.merge('ConfigMap/team/omni', { data: { leave: 'mine' } }, { manager: 'kubectl-edit' });
  await cluster.delete('Secret/team/creds');
  const wider = { 'head/omni.yaml': sourceManifest(demo, 'data: {leave: me}', 'ConfigMap', 'env!=x') };
  const report = await preview(cluster, wider);
  assert.deepEqual(told(cluster, report), [
    'create Secret team: missing anyway',
    'update ConfigMap team: edited anyway',
    'refresh ConfigMap other: selector-changed',
  ]);
  const [, edited, refreshed] = report.changes;
  assert.deepEqual([edited.reason, edited.causes[0].by], ['edited', ['kubectl-edit']]);
  assert.deepEqual(refreshed.causes, [{ code: 'selector-changed', before: '', after: 'env!=x' }]);

  const both = { 'head/omni.yaml': sourceManifest(demo, 'data: {leave: it}') };
  assert.deepEqual(told(cluster, await preview(cluster, both)).slice(1), [
    'update ConfigMap other: source-changed',
    'update ConfigMap team: edited,source-changed',
  ]);

  await using folder = await Folder.with(wider);
  const args = ['reconcile', '--kubeconfig', cluster.kubeconfig, '--dry-run', ...cluster.own];
  const text = await kubedSync([...args, '-f', join(folder.path, 'head')]);
  const [caused = '', pending = ''] = text.stdout.split('Pending anyway, also without these manifests:\n');
  assert.match(caused, /would refresh +ConfigMap .*\(selector changed from all namespaces to "env!=x"\)/);
  assert.match(caused, /^source +ConfigMap .*: "env!=x", \d+ of \d+ namespaces/m);
  assert.match(pending, /would update +ConfigMap .*\(edited by kubectl-edit: data\.leave\)/);
  assert.match(pending, /^Cluster \S+ \(context \S+, http\S+\) at 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC\.$/m);
  assert.match(pending, /2 of these pending anyway/);
});

test('a run without manifests sends the requests that it always sent, and its report says where it was', async () => {
  await using cluster = await syncedCluster();
  await cluster.merge('ConfigMap/team/omni', { data: { leave: 'mine' } }, { manager: 'kubectl-edit' });
  cluster.simulated?.resetRequests();
  const { report } = await cluster.reconcile('--dry-run');
  assert.deepEqual(
    (cluster.simulated?.requests ?? []).map(({ verb }) => verb).toSorted(),
    cluster.simulated === undefined ? [] : ['get', 'get', 'list', 'list', 'list'],
  );
  assert.deepEqual(
    report.changes.map(({ causes }: Json) => causes[0].code),
    ['edited'],
  );
  assert.match(report.server, /^https?:\/\//);
  assert.match(report.at, /^20\d\d-.*Z$/);
  assert.equal(typeof report.context, 'string');
  const omni = report.sources.find(({ kind }: Json) => kind === 'ConfigMap');
  assert.deepEqual([omni.upToDate, omni.pending, omni.conflicts, omni.deletes], [omni.reach - 1, 1, 0, 0]);
});
