/** The Table form, which `kubectl get` requests. */

import type { Json, JsonObject, KubeObject, ResourceName } from './model.ts';

const EXTRA_COLUMNS: Readonly<Record<ResourceName, readonly string[]>> = {
  configmaps: ['Data'],
  namespaces: ['Status'],
  secrets: ['Type', 'Data'],
};

/** A table of objects; `metadata` is the JSON text of its list metadata. */
export function tableOf(resource: ResourceName, objects: readonly KubeObject[], metadata: string): Json {
  const names = ['Name', ...EXTRA_COLUMNS[resource], 'Age'];
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: JSON.parse(metadata) as JsonObject,
    columnDefinitions: names.map(columnOf),
    rows: objects.map((object) => rowOf(object)),
  };
}

function columnOf(name: string): Json {
  const format = name === 'Name' ? 'name' : '';
  return { name, type: 'string', format, description: '', priority: 0 };
}

function rowOf(object: KubeObject): Json {
  const { metadata } = object;
  const cells = [metadata.name, ...cellsOf(object), ageOf(metadata.creationTimestamp)];
  const partial = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
  return { cells, object: partial as unknown as Json };
}

function cellsOf({ kind, data = {}, binaryData = {}, type = '', status }: KubeObject): Json[] {
  if (kind === 'Namespace') return [status?.phase ?? ''];
  const count = Object.keys(data).length + Object.keys(binaryData).length;
  return kind === 'Secret' ? [type, count] : [count];
}

function ageOf(since: string | undefined): string {
  if (since === undefined) return '<unknown>';
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(since)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
