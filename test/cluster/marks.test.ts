import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type Json, TestCluster, marksOf } from '../support/cluster.ts';

/*
 * What a copy contains: the marks, for any name of its source, and the labels and annotations of its source, except
 * those of the strip list (docs/design.md 3.3).
 */

async function prepare(cluster: TestCluster): Promise<void> {
  await cluster.namespace('src');
  await cluster.namespace('a');
}

function sha(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

test('a copy has exactly these marks', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const content = { data: { you: 'only', live: 'once' }, binaryData: { bytes: 'AA==' } };
  const { metadata: source } = await cluster.source('ConfigMap/src/omni', content);
  await cluster.heals(['create ConfigMap/a/omni missing done'], '--cluster-name', 'prod-1');
  const { metadata } = await cluster.get('ConfigMap/a/omni');
  const { uid, resourceVersion } = source;
  assert.deepEqual(metadata.labels, {
    'app.kubernetes.io/managed-by': 'kubed-sync',
    'kubed.appscode.com/origin.cluster': 'prod-1',
    'kubed.appscode.com/origin.name': 'omni',
    'kubed.appscode.com/origin.namespace': cluster.ns('src'),
  });
  assert.deepEqual(metadata.annotations, {
    'kubed.appscode.com/fields': sha('binaryData/bytes\ndata/live\ndata/you'),
    'kubed.appscode.com/origin': JSON.stringify({
      namespace: cluster.ns('src'),
      name: 'omni',
      uid,
      resourceVersion,
    }),
  });
  assert.deepEqual([metadata.ownerReferences, metadata.finalizers], [undefined, undefined]);
  assert.deepEqual(
    metadata.managedFields.map(({ manager, operation }: Json) => [manager, operation]),
    [['kubed-sync', 'Update']],
  );
});

test('owner references and finalizers of a source are never copied', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const owner = await cluster.create('ConfigMap/src/owner');
  const { uid, name } = owner.metadata;
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid }];
  await cluster.source('ConfigMap/src/omni', {});
  await cluster.merge('ConfigMap/src/omni', {
    metadata: { ownerReferences, finalizers: ['example.com/hold'] },
  });
  await cluster.heals(['create ConfigMap/a/omni missing done']);
  const { metadata } = await cluster.get('ConfigMap/a/omni');
  assert.deepEqual([metadata.ownerReferences, metadata.finalizers], [undefined, undefined]);
  await cluster.merge('ConfigMap/src/omni', { metadata: { finalizers: null } });
});

/**
 * Names that just fit into a label, names that do not, and the longest possible. Dots are at positions where a cut is
 * difficult.
 */
const NAMES = [
  'x',
  'a.b-c',
  'n'.repeat(63),
  'n'.repeat(64),
  `${'d'.repeat(45)}.${'e'.repeat(60)}`,
  'm'.repeat(253),
];

test('names of every length are marked, found again, and pruned', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  for (const name of NAMES) await cluster.source(`ConfigMap/src/${name}`, { data: { name } });
  const all = NAMES.toSorted();
  await cluster.heals(all.map((name) => `create ConfigMap/a/${name} missing done`));
  for (const name of NAMES) {
    const { labels, annotations } = (await cluster.get(`ConfigMap/a/${name}`)).metadata;
    const label = labels['kubed.appscode.com/origin.name'];
    assert.equal(label, name.length <= 63 ? name : `${name.slice(0, 46)}-${sha(name)}`);
    assert.equal(JSON.parse(annotations['kubed.appscode.com/origin']).name, name);
  }
  for (const name of NAMES) await cluster.merge(`ConfigMap/src/${name}`, { data: { more: '' } });
  await cluster.heals(all.map((name) => `update ConfigMap/a/${name} source-changed done`));
  for (const name of NAMES) await cluster.delete(`ConfigMap/src/${name}`);
  await cluster.heals(all.map((name) => `prune ConfigMap/a/${name} source-gone done`));
});

/** One key for every entry of the strip list. Those with `*` get an ending. */
const STRIPPED = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'app.kubernetes.io/managed-by',
  'app.kubernetes.io/instance',
  'helm.sh/chart',
  'meta.helm.sh/release-name',
  'argocd.argoproj.io/instance',
  'argocd.argoproj.io/tracking-id',
  'argocd.argoproj.io/installation-id',
  'argocd.argoproj.io/hook',
  'argocd.argoproj.io/hook-delete-policy',
  'argocd.argoproj.io/sync-wave',
  'kustomize.toolkit.fluxcd.io/name',
  'helm.toolkit.fluxcd.io/name',
  'cert-manager.io/certificate-name',
  'controller.cert-manager.io/fao',
  'kapp.k14s.io/app',
  'applyset.kubernetes.io/part-of',
  'config.kubernetes.io/owning-inventory',
  'objectset.rio.cattle.io/hash',
  'olm.managed',
  'reflector.v1.k8s.emberstack.com/reflects',
  'replicator.v1.mittwald.de/replicate-to',
  'hnc.x-k8s.io/inherited-from',
  'propagate.hnc.x-k8s.io/select',
  'generate.kyverno.io/clone-source',
  'reconcile.external-secrets.io/managed',
  'sealedsecrets.bitnami.com/managed',
  'operator.1password.io/item-path',
  'secretgen.carvel.dev/image-pull-secret',
  'management.cattle.io/project-scoped-secret',
  'strimzi.io/kind',
];

/** Similar keys, which users need on their copies. */
const COPIED = [
  'team',
  'app.kubernetes.io/name',
  'argocd.argoproj.io/secret-type',
  'argocd.argoproj.io/sync-options',
  'argocd.argoproj.io/sync-wave-of-mine',
  'app.kubernetes.io/managed-by-team',
  'kubectl.kubernetes.io/default-container',
  'my.helm.sh/chart',
  'olmec',
  'grafana_dashboard',
];

function all(keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.map((key) => [key, 'v']));
}

test('labels and annotations are copied, except those of other controllers', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const map = all([...STRIPPED, ...COPIED]);
  await cluster.source('ConfigMap/src/omni', {}, '', { labels: map, annotations: map });
  await cluster.heals(['create ConfigMap/a/omni missing done']);
  const { labels, annotations } = (await cluster.get('ConfigMap/a/omni')).metadata;
  for (const part of [labels, annotations]) {
    for (const key of COPIED) assert.equal(part[key], 'v', key);
    for (const key of STRIPPED) assert.notEqual(part[key], 'v', key);
  }
  const count = COPIED.length;
  assert.deepEqual([Object.keys(labels).length, Object.keys(annotations).length], [count + 4, count + 2]);
});

test('--strip adds keys and prefixes, and existing copies lose them', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const map = all(['team', 'team-2', 'example.com/a', 'example.com/b']);
  await cluster.source('ConfigMap/src/labels', {}, '', { labels: map });
  await cluster.source('ConfigMap/src/notes', {}, '', { annotations: map });
  const copies = ['ConfigMap/a/labels', 'ConfigMap/a/notes'] as const;
  await cluster.heals(copies.map((copy) => `create ${copy} missing done`));
  for (const copy of copies)
    await cluster.merge(copy, {
      metadata: { labels: { 'example.com/x': 'v' }, annotations: { 'example.com/x': 'v' } },
    });
  const strip = ['--strip', 'team', '--strip', 'example.com/*'];
  await cluster.heals(
    copies.map((copy) => `refresh ${copy} edited done`),
    ...strip,
  );
  for (const [each, copy] of copies.entries()) {
    const { labels, annotations } = (await cluster.get(copy)).metadata;
    const left = [labels, annotations].map((part) =>
      Object.keys(part)
        .filter((key) => part[key] === 'v')
        .join(' '),
    );
    const kept = ['example.com/x team-2', 'example.com/x'];
    assert.deepEqual(left, each === 0 ? kept : kept.toReversed(), 'annotations of other clients stay');
  }
});

test('two cluster names work side by side and see each other', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.source('ConfigMap/src/omni', {});
  await cluster.heals(['create ConfigMap/a/omni missing done'], '--cluster-name', 'one');
  const { changes, findings, code, report } = await cluster.reconcile('--cluster-name', 'two');
  assert.deepEqual([changes, findings, code], [[], ['conflict', 'other-cluster-name'], 1]);
  assert.equal(report.clusterName, 'two');
  await cluster.isQuiet('--cluster-name', 'one');
});

test('sync-contexts without a remote kubeconfig is an error, and the copies here are written all the same', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const annotations = { 'kubed.appscode.com/sync-contexts': 'here,there' };
  await cluster.create('ConfigMap/src/only', {}, { annotations });
  await cluster.source('ConfigMap/src/both', {}, '', { annotations });
  const { changes, findings, code, report } = await cluster.reconcile();
  assert.deepEqual([changes, code], [['create ConfigMap/a/both missing done'], 1]);
  assert.deepEqual(findings, ['no-remote-kubeconfig', 'no-remote-kubeconfig']);
  for (const { reason, severity } of report.findings)
    if (reason === 'no-remote-kubeconfig') assert.equal(severity, 'error');
});

test('kube-root-ca.crt is never a source, and old copies of it are deleted', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const source = 'ConfigMap/src/kube-root-ca.crt';
  const annotations = { 'kubed.appscode.com/sync': '' };
  await cluster.apply(source, { metadata: { name: 'kube-root-ca.crt', annotations } });
  await cluster.source('Secret/src/kube-root-ca.crt', {});
  await cluster.heals(['create Secret/a/kube-root-ca.crt missing done']);
  if (cluster.simulated === undefined) return; // A controller manager makes one in every namespace.
  const copy = 'ConfigMap/a/kube-root-ca.crt';
  await cluster.create(copy, {}, marksOf(await cluster.get(source)), { manager: 'kubed-sync' });
  await cluster.heals([`prune ${copy} not-a-source done`]);
});
