import { dump } from 'js-yaml';
import { type Json, TestCluster } from './cluster.ts';

/* A synced cluster with two sources, and what kubectl prints of it. */

/** The password of the Secret. No output may contain it. */
export const PASSWORD = 'hunter2';

/** What `kubectl get ns,cm,secret -A` prints: a List of objects, by default without managedFields. */
export async function dumpOf(cluster: TestCluster, managedFields = false): Promise<Json> {
  const lists = [
    ['Namespace', '/api/v1/namespaces'],
    ['ConfigMap', '/api/v1/configmaps'],
    ['Secret', '/api/v1/secrets'],
  ] as const;
  const items: Json[] = [];
  for (const [kind, path] of lists) {
    for (const item of (await cluster.must('GET', path)).items ?? []) {
      if (!managedFields) delete item.metadata.managedFields;
      items.push({ apiVersion: 'v1', kind, ...item });
    }
  }
  return { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items };
}

/** A cluster with two sources and all their copies. */
export async function syncedCluster(): Promise<TestCluster> {
  const cluster = await TestCluster.open();
  await cluster.namespace('demo');
  await cluster.namespace('team', { env: 'prod' });
  await cluster.namespace('other');
  await cluster.source('ConfigMap/demo/omni', { data: { leave: 'me' }, binaryData: { bin: 'AAE=' } });
  await cluster.source(
    'Secret/demo/creds',
    { data: { password: Buffer.from(PASSWORD).toString('base64') }, type: 'example.com/x' },
    'env=prod',
  );
  await cluster.reconcile();
  return cluster;
}

/** A manifest of a source `omni`, with `below` at its end. */
export function sourceManifest(namespace: string, below: string, kind = 'ConfigMap', selector = ''): string {
  const metadata = { name: 'omni', namespace, annotations: { 'kubed.appscode.com/sync': selector } };
  return `${dump({ apiVersion: 'v1', kind, metadata })}${below}\n`;
}
