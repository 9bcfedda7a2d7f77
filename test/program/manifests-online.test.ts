import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { dump } from 'js-yaml';
import type { ApiServer } from '../support/apiserver.ts';
import type { Json, TestCluster } from '../support/cluster.ts';
import { dumpOf, syncedCluster, sourceManifest } from '../support/synced-cluster.ts';
import { type Ran, kubedSync } from '../support/program.ts';

/* The built program with manifests and the API server: whose namespace is the default, and `--dry-run=server`. */

function simulated(cluster: TestCluster): ApiServer {
  assert.ok(cluster.simulated);
  return cluster.simulated;
}

function preview(cluster: TestCluster, input: string, ...args: readonly string[]): Promise<Ran> {
  const all = ['reconcile', '--kubeconfig', cluster.kubeconfig, ...cluster.own, ...args, '-f', '-'];
  return kubedSync(all, { input });
}

const LOST =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: lost, annotations: {kubed.appscode.com/sync: ""}}\n';

test('a manifest without a namespace is placed where kubectl would apply it', async () => {
  await using cluster = await syncedCluster();
  const folder = await mkdtemp(join(tmpdir(), 'kubed-sync-test-'));
  const kubeconfig = join(folder, 'config');
  const [demo, other] = [cluster.ns('demo'), cluster.ns('other')];
  await writeFile(kubeconfig, simulated(cluster).kubeconfig({ namespace: demo }));
  const run = async (...args: readonly string[]): Promise<string> => {
    const all = ['reconcile', '--dry-run', ...args, '-f', '-'];
    return (await kubedSync(all, { input: LOST, env: { KUBECONFIG: kubeconfig } })).stdout;
  };
  const online = await run(...cluster.own);
  assert.ok(online.includes(`would create  ConfigMap ${demo}/lost in `), online);
  const says = (namespace: string): string =>
    `1 manifest names no namespace, so namespace ${namespace} is used (--default-namespace).`;
  assert.ok(online.includes(says(`${demo} of the context`)), online);
  assert.ok((await run(...cluster.own, '-n', other)).includes(says(other)));
  assert.ok((await run('--offline')).includes(says('default')));
  const rendered = await kubedSync(['render', '-f', '-'], { input: LOST, env: { KUBECONFIG: kubeconfig } });
  assert.ok(rendered.stderr.includes(says('default')), rendered.stderr);
  await rm(folder, { recursive: true });
});

const PASSWORD = 'n3w-passw0rd';

/** Changes of both sources, a namespace that the cluster does not have, and a copy that a manifest changes. */
function changes(cluster: TestCluster): string {
  const [demo, fresh] = [cluster.ns('demo'), cluster.ns('fresh')];
  return [
    sourceManifest(demo, 'data: {leave: you}'),
    dump({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'creds', namespace: demo, annotations: { 'kubed.appscode.com/sync': 'env=prod' } },
      type: 'example.com/x',
      stringData: { password: PASSWORD },
    }),
    dump({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: fresh, labels: { env: 'prod' } } }),
  ].join('---\n');
}

function writesOf(cluster: TestCluster): ApiServer['requests'] {
  return simulated(cluster).requests.filter(({ method }) => method !== 'GET');
}

test('-f with --dry-run=server asks about copies in namespaces that exist, and changes nothing', async () => {
  await using cluster = await syncedCluster();
  const before = await dumpOf(cluster, true);
  simulated(cluster).resetRequests();
  const { code, stdout, stderr } = await preview(cluster, changes(cluster), '--dry-run=server', '-o', 'json');
  assert.deepEqual([code, stderr], [0, '']);
  assert.deepEqual(await dumpOf(cluster, true), before);
  const report: Json = JSON.parse(stdout);
  const fresh = cluster.ns('fresh');
  assert.deepEqual(
    report.changes.map(
      (one: Json) =>
        `${one.action} ${one.kind} ${one.namespace.replace(`${cluster.prefix}-`, '')} ${one.outcome}`,
    ),
    [
      'create ConfigMap fresh planned',
      'create Secret fresh planned',
      'update ConfigMap other planned',
      'update ConfigMap team planned',
      'update Secret team planned',
    ],
  );
  assert.deepEqual(report.manifests.unchecked, [{ reason: 'namespace', changes: 2, namespaces: [fresh] }]);
  assert.deepEqual([report.dryRunBy, report.requests.patch, report.requests.create], ['server', 3, 0]);
  const writes = writesOf(cluster);
  assert.equal(writes.length, 3);
  for (const { query } of writes) assert.equal(query['dryRun'], 'All');
  const text = await preview(cluster, changes(cluster), '--dry-run=server');
  const says = `The API server was not asked about 2 changes in ${fresh} (only the manifests declare the namespace).`;
  assert.ok(text.stdout.includes(says), text.stdout);
});

test('what the API server would reject is a failure, without the values of the manifest', async () => {
  await using cluster = await syncedCluster();
  const quote = (object: Json): string | undefined =>
    object.kind === 'Secret'
      ? `no password ${Buffer.from(object.data.password, 'base64').toString()}`
      : undefined;
  simulated(cluster).validate(quote);
  for (const format of ['text', 'json', 'markdown']) {
    const input = changes(cluster);
    const { code, stdout, stderr } = await preview(cluster, input, '--dry-run=server', '-v', '-o', format);
    assert.equal(code, 1);
    assert.match(stdout + stderr, /denied request; the rest of the message is withheld/);
    for (const secret of [PASSWORD, Buffer.from(PASSWORD).toString('base64'), 'hunter2'])
      assert.ok(!(stdout + stderr).includes(secret), stdout);
  }
});

const ENC = 'ENC[AES256_GCM,data:Tr7o=,iv:1=,tag:2=,type:str]';

test('copies that a manifest changes, and those of encrypted sources, are planned and not asked about', async () => {
  await using cluster = await syncedCluster();
  const demo = cluster.ns('demo');
  const copy = await cluster.get('ConfigMap/team/omni');
  const input = [
    dump({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'omni', namespace: cluster.ns('team'), ...labelled(copy) },
      data: { leave: 'a change by hand' },
    }),
    dump({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'creds', namespace: demo, annotations: { 'kubed.appscode.com/sync': '' } },
      type: 'example.com/x',
      stringData: { password: ENC, unknown: ENC },
      sops: {},
    }),
  ].join('---\n');
  simulated(cluster).resetRequests();
  const { stdout } = await preview(cluster, input, '--dry-run=server', '-o', 'json');
  const { changes: planned, manifests }: Json = JSON.parse(stdout);
  for (const { outcome } of planned) assert.equal(outcome, 'planned');
  assert.deepEqual(manifests.unchecked, [
    { reason: 'copy', changes: 1, namespaces: [cluster.ns('team')] },
    { reason: 'values', changes: 2, namespaces: [cluster.ns('other'), cluster.ns('team')] },
  ]);
  assert.deepEqual(writesOf(cluster), []);
});

function labelled({ metadata: { labels, annotations } }: Json): Json {
  return { labels, annotations };
}

test('--offline has no API server to ask', async () => {
  const args = ['reconcile', '--offline', '--dry-run=server', '-f', '-'];
  const { code, stderr } = await kubedSync(args, { input: LOST });
  assert.equal(code, 2);
  assert.match(stderr, /--offline and --dry-run=server contradict each other/);
});

test('a sync annotation without a value is a warning that names both outcomes', async () => {
  const input = [
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: omni\n  namespace: demo\n  annotations:\n    kubed.appscode.com/sync:\n',
    dump({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } }),
  ].join('---\n');
  const { code, stdout } = await kubedSync(['reconcile', '--offline', '--dry-run', '-f', '-'], { input });
  assert.match(stdout, /would create +ConfigMap demo\/omni in team/);
  assert.match(
    stdout,
    /warning +stdin:7: ConfigMap demo\/omni: metadata\.annotations\.kubed\.appscode\.com\/sync/,
  );
  assert.match(stdout, /store "", which selects every namespace.*drops all annotations/);
  assert.equal(code, 0);
});
