import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { dump } from 'js-yaml';
import { readManifests } from '../../src/manifests/read-manifests.ts';
import { type Json, TestCluster } from '../support/cluster.ts';
import { PASSWORD, dumpOf, syncedCluster, sourceManifest } from '../support/synced-cluster.ts';
import { kubedSync } from '../support/program.ts';

/*
 * Manifests and a cluster: a dump instead of the cluster, manifests that change it, and rendered copies that are
 * applied.
 */

const SYNC = 'kubed.appscode.com/sync';
const OFFLINE = ['reconcile', '--dry-run', '--exit-code', '--offline', '-f', '-'];

test('the dump of a synced cluster, in YAML or JSON, needs no change and no cluster', async () => {
  await using cluster = await syncedCluster();
  const plain = await dumpOf(cluster);
  const full = await dumpOf(cluster, true);
  cluster.simulated?.resetRequests();
  const env = { KUBECONFIG: cluster.kubeconfig };
  for (const input of [dump(plain, { noRefs: true }), JSON.stringify(plain), dump(full, { noRefs: true })]) {
    const { code, stdout } = await kubedSync([...OFFLINE, ...cluster.own], { input, env });
    assert.match(stdout, /^Nothing to write: 3 copies of 2 sources are up to date\b/m);
    assert.equal(code, 0);
  }
  assert.deepEqual(cluster.simulated?.requests ?? [], []);
});

test('the dump of a cluster with changes gives the same plan as the cluster', async () => {
  await using cluster = await syncedCluster();
  await cluster.merge('ConfigMap/demo/omni', { data: { leave: 'it' } });
  await cluster.annotate('Secret/demo/creds', { [SYNC]: 'env=dev' });
  await cluster.merge('ConfigMap/team/omni', { data: { extra: 'x' } });
  const live = await cluster.reconcile('--dry-run');
  const args = [...OFFLINE, '-o', 'json', ...cluster.own];
  const { code, stdout } = await kubedSync(args, { input: JSON.stringify(await dumpOf(cluster, true)) });
  const { requests, manifests, ...report } = JSON.parse(stdout);
  const { requests: _, ...expected } = live.report;
  assert.deepEqual(report, expected);
  assert.deepEqual([manifests.problems, manifests.warnings], [[], []]);
  assert.deepEqual([code, requests], [3, { list: 0, get: 0, create: 0, patch: 0, delete: 0 }]);
});

test('a preview with manifests shows what the next run will do after they are applied, and writes nothing', async () => {
  await using cluster = await syncedCluster();
  const [demo, team, other] = [cluster.ns('demo'), cluster.ns('team'), cluster.ns('other')];
  const preview = async (input: string): Promise<readonly string[]> => {
    cluster.simulated?.resetRequests();
    const args = [
      'reconcile',
      '--kubeconfig',
      cluster.kubeconfig,
      '--dry-run',
      '-o',
      'json',
      ...cluster.own,
      '-f',
      '-',
    ];
    const { stdout, stderr } = await kubedSync(args, { input });
    assert.notEqual(stdout, '', stderr);
    for (const { verb } of cluster.simulated?.requests ?? [])
      assert.ok(verb === 'list' || verb === 'get', verb);
    return JSON.parse(stdout).changes.map((change: Json) =>
      [
        change.action,
        `${change.kind}/${change.namespace.replace(`${cluster.prefix}-`, '')}`,
        change.reason,
      ].join(' '),
    );
  };
  const namespace = (name: string, labels: object): string =>
    dump({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  const metadata = { name: 'creds', namespace: demo, annotations: { [SYNC]: 'env=prod' } };
  const creds = (password: string): string =>
    dump({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { password } });

  assert.deepEqual(await preview(sourceManifest(demo, 'data: {leave: me}')), [], 'unchanged');
  assert.deepEqual(await preview(creds(PASSWORD)), [], 'unchanged');
  assert.deepEqual(await preview(creds('other')), ['update Secret/team source-changed']);
  assert.deepEqual(await preview(sourceManifest(demo, 'data: {leave: it}')), [
    'update ConfigMap/other source-changed',
    'update ConfigMap/team source-changed',
  ]);
  assert.deepEqual(await preview(sourceManifest(demo, '', 'ConfigMap', 'env=prod')), [
    'refresh ConfigMap/team source-changed',
    'prune ConfigMap/other namespace-not-selected',
  ]);
  assert.deepEqual(await preview(namespace(other, { env: 'prod' })), ['create Secret/other missing']);
  assert.deepEqual(await preview(namespace(team, { env: 'dev' })), [
    'prune Secret/team namespace-not-selected',
  ]);
  assert.deepEqual(await preview(namespace(cluster.ns('new'), { env: 'prod' })), [
    'create ConfigMap/new missing',
    'create Secret/new missing',
  ]);
  assert.deepEqual(
    await preview(sourceManifest(other, 'data: {a: b}').replace('name: omni', 'name: fresh')),
    ['create ConfigMap/demo missing', 'create ConfigMap/team missing'],
  );
});

test('rendered copies that are applied are ours: one refresh, and then nothing', async () => {
  await using cluster = await TestCluster.open();
  const demo = await cluster.namespace('demo');
  await cluster.namespace('team');
  const namespaces = dump({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: cluster.ns('team') } });
  const texts = [
    sourceManifest(demo, 'data: {a: "1"}'),
    sourceManifest(demo, 'stringData: {a: x}', 'Secret'),
  ];
  const sources = texts.join('---\n');
  const input = `${namespaces}---\n${sources}`;
  const { stdout } = await kubedSync(['render', '-f', '-', '--include-secrets'], { input });
  const read = await readManifests(['-'], Readable.from([Buffer.from(`${sources}---\n${stdout}`)]));
  assert.ok(read.ok);
  for (const { kind, namespace, name, labels, annotations, data, type } of read.value.objects) {
    const short = namespace === demo ? 'demo' : 'team';
    await cluster.create(
      `${kind}/${short}/${name}`,
      { data, ...(type && { type }) },
      { labels, annotations },
      { manager: 'kubectl-client-side-apply' },
    );
  }
  await cluster.heals([
    'refresh ConfigMap/team/omni source-changed done',
    'refresh Secret/team/omni source-changed done',
  ]);
  await cluster.delete('ConfigMap/demo/omni');
  await cluster.heals(['prune ConfigMap/team/omni source-gone done']);
});
