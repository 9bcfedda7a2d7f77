import type {
  Body,
  Content,
  FieldTree,
  Kind,
  ManagedFieldsEntry,
  Namespace,
  ObjectName,
  StringMap,
} from '../../src/model/objects.ts';
import type { Settings } from '../../src/model/settings.ts';
import { copied } from '../../src/plan/copy/strip.ts';
import { settingsWith, sha256 } from './world.ts';

/*
 * Objects of a cluster in one line each. The marks are literal here and not taken from `src/`: a changed key or hash
 * breaks every cluster that has copies.
 */

export { settingsWith as settings, sha256 } from './world.ts';

/** Fields of an object in addition to its name. The rest gets defaults. */
export type Parts = Partial<Omit<Body, keyof ObjectName | 'content'>> &
  Partial<Content> & {
    /** The annotation that makes a source. */
    readonly sync?: string;
  };

/** A ConfigMap. Its place is `namespace/name`. */
export function configMap(place: string, parts: Parts = {}): Body {
  return object('ConfigMap', place, parts);
}

/** A Secret. Its place is `namespace/name`. */
export function secret(place: string, parts: Parts = {}): Body {
  return object('Secret', place, { type: 'Opaque', ...parts });
}

function object(kind: Kind, place: string, parts: Parts): Body {
  const [namespace = '', name = ''] = place.split('/');
  const { data = {}, binaryData = {}, immutable = false, type, sync, annotations, ...meta } = parts;
  return {
    kind,
    namespace,
    name,
    uid: `uid-${namespace}-${name}`,
    resourceVersion: '1',
    labels: {},
    creationTimestamp: '2026-01-01T00:00:00Z',
    managedFields: [],
    ...meta,
    annotations: { ...(sync !== undefined && { 'kubed.appscode.com/sync': sync }), ...annotations },
    content: { data, binaryData, immutable, ...(type !== undefined && { type }) },
  };
}

/** A namespace that takes copies. */
export function namespace(name: string, parts: Partial<Omit<Namespace, 'name'>> = {}): Namespace {
  return { name, labels: {}, annotations: {}, terminating: false, ...parts };
}

/** A copy as kubed-sync wrote it and the API server stores it: our field manager owns everything. */
export function copyOf(source: Body, target: string, settings: Settings = settingsWith()): Body {
  const copy: Body = {
    kind: source.kind,
    namespace: target,
    name: source.name,
    uid: `uid-${target}-${source.name}`,
    resourceVersion: '1',
    creationTimestamp: '2026-01-02T00:00:00Z',
    labels: {
      ...copied(source.labels, settings.strip),
      ...markLabels(source, settings.clusterName),
      'app.kubernetes.io/managed-by': 'kubed-sync',
    },
    annotations: {
      ...copied(source.annotations, settings.strip),
      'kubed.appscode.com/origin': originOf(source),
      'kubed.appscode.com/fields': fieldsMark(source),
    },
    managedFields: [],
    content: source.content,
  };
  return { ...copy, managedFields: [ourEntry(treeOf(copy))] };
}

/** A copy of Kubed or config-syncer: without our field manager and without the label `managed-by`. */
export function oldCopyOf(source: Body, target: string): Body {
  const copy = copyOf(source, target);
  const { 'app.kubernetes.io/managed-by': _, ...labels } = copy.labels;
  const { 'kubed.appscode.com/fields': __, ...annotations } = copy.annotations;
  const old = { ...copy, labels, annotations };
  return { ...old, managedFields: [entry('kubed', treeOf(old))] };
}

/** The same object with some changed parts. managedFields do not show who changed it. */
export function changed(body: Body, changes: Partial<Body> & { readonly data?: StringMap }): Body {
  const { data, ...others } = changes;
  return { ...body, ...others, ...(data && { content: { ...body.content, data } }) };
}

/** The three labels of a copy of this source. */
export function markLabels(source: { name: string; namespace: string }, clusterName = ''): StringMap {
  const { name } = source;
  return {
    'kubed.appscode.com/origin.name':
      name.length > 63 ? `${name.slice(0, 46)}-${sha256(name).slice(0, 16)}` : name,
    'kubed.appscode.com/origin.namespace': source.namespace,
    'kubed.appscode.com/origin.cluster': clusterName,
  };
}

function originOf({ namespace: from, name, uid, resourceVersion }: Body): string {
  return `{"namespace":"${from}","name":"${name}","uid":"${uid}","resourceVersion":"${resourceVersion}"}`;
}

function fieldsMark(source: Body): string {
  return sha256(contentNames(source).toSorted().join('\n')).slice(0, 16);
}

/** `data/KEY`, `binaryData/KEY`, `type`, `immutable` of an object. */
export function contentNames({ kind, content }: Body): string[] {
  return [
    ...Object.keys(content.data).map((key) => `data/${key}`),
    ...Object.keys(content.binaryData).map((key) => `binaryData/${key}`),
    ...(kind === 'Secret' ? ['type'] : []),
    ...(content.immutable ? ['immutable'] : []),
  ];
}

/** All fields of an object, as a manager that wrote it owns them. */
export function treeOf({ kind, content, labels, annotations }: Body): FieldTree {
  return {
    ...(Object.keys(content.data).length > 0 && { 'f:data': leaves(content.data) }),
    ...(Object.keys(content.binaryData).length > 0 && { 'f:binaryData': leaves(content.binaryData) }),
    ...(content.immutable && { 'f:immutable': {} }),
    ...(kind === 'Secret' && { 'f:type': {} }),
    'f:metadata': { 'f:annotations': leaves(annotations), 'f:labels': leaves(labels) },
  };
}

function leaves(map: StringMap): FieldTree {
  return Object.fromEntries([['.', {}], ...Object.keys(map).map((key) => [`f:${key}`, {}])]);
}

/** An entry of `metadata.managedFields`. */
export function entry(
  manager: string,
  fieldsV1: FieldTree,
  parts: Partial<ManagedFieldsEntry> = {},
): ManagedFieldsEntry {
  return {
    manager,
    operation: 'Update',
    apiVersion: 'v1',
    time: '2026-01-02T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...parts,
  };
}

/** The entry of our own writes. */
export function ourEntry(fieldsV1: FieldTree, parts: Partial<ManagedFieldsEntry> = {}): ManagedFieldsEntry {
  return entry('kubed-sync', fieldsV1, parts);
}

/** A field tree from JSON. Any client can send any tree, also with values of wrong types. */
export function tree(json: string): FieldTree {
  const value: FieldTree = JSON.parse(json);
  return value;
}

/** The object after another manager set or removed these labels: they are taken away from its other managers. */
export function relabeled(body: Body, labels: StringMap): Body {
  const keys = new Set([...Object.keys(labels), ...Object.keys(body.labels)]);
  const touched = [...keys].filter((key) => labels[key] !== body.labels[key]);
  const given = Object.fromEntries(touched.flatMap((key) => (key in labels ? [[`f:${key}`, {}]] : [])));
  return {
    ...body,
    labels,
    managedFields: [
      ...body.managedFields.map((one) => ({ ...one, fieldsV1: withoutLabels(one.fieldsV1 ?? {}, touched) })),
      entry('kubectl-edit', { 'f:metadata': { 'f:labels': given } }),
    ],
  };
}

function withoutLabels(fields: FieldTree, keys: readonly string[]): FieldTree {
  const metadata = fields['f:metadata'] ?? {};
  const labels = Object.entries(metadata['f:labels'] ?? {}).filter(([key]) => !keys.includes(key.slice(2)));
  return { ...fields, 'f:metadata': { ...metadata, 'f:labels': Object.fromEntries(labels) } };
}

/** A map with one key that plain objects treat specially. */
export function mapWith(key: string, value: string): StringMap {
  return Object.fromEntries([[key, value]]);
}
