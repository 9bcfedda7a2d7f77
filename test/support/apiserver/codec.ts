/** Decodes JSON of clients to an object of one of the three kinds, as strictly as the real server. */

import {
  asText,
  compareText,
  isObject,
  RESOURCES,
  stringMap,
  tidy,
  withMeta,
  type Json,
  type JsonObject,
  type Kind,
  type KubeObject,
  type ManagedFieldsEntry,
  type ObjectMeta,
  type ResourceName,
  type StringMap,
  timestamp,
} from './model.ts';

/** A body that does not fit the kind. The callers add the words of POST, PUT or PATCH. */
export class DecodeError extends Error {}

/** The maps that `immutable` freezes. */
export type MapName = 'binaryData' | 'data';

const MAP_NAMES: readonly MapName[] = ['data', 'binaryData'];

/** The object, and facts that it does not contain itself. */
export interface Decoded {
  readonly object: KubeObject;
  /** Unknown fields: a warning, or an error with `fieldValidation=Strict`. */
  readonly unknownFields: readonly string[];
  /**
   * Those of `data` and `binaryData` that were sent as `{}`. For an immutable object that differs from a missing one.
   */
  readonly emptyMaps: readonly MapName[];
  /** `managedFields` as sent. An empty list differs from a missing one. */
  readonly managedFields: readonly ManagedFieldsEntry[] | undefined;
}

const TOP = ['kind', 'apiVersion', 'metadata'];
const FIELDS: Readonly<Record<Kind, readonly string[]>> = {
  ConfigMap: [...TOP, 'immutable', 'data', 'binaryData'],
  Namespace: [...TOP, 'spec', 'status'],
  Secret: [...TOP, 'immutable', 'data', 'stringData', 'type'],
};

/** Reads an object of the kind of the resource, sets its defaults and merges `stringData` into `data`. */
export function decode(resource: ResourceName, raw: JsonObject): Decoded {
  const decoded = decodeAsSent(resource, raw);
  return { ...decoded, object: withDefaults(decoded.object) };
}

/** Reads an object and leaves it as it was sent, because an apply needs to know its fields. */
export function decodeAsSent(resource: ResourceName, raw: JsonObject): Decoded {
  const { kind } = RESOURCES[resource];
  checkType(kind, raw);
  const unknownFields = Object.keys(raw).filter((key) => !FIELDS[kind].includes(key));
  const metadata = decodeMeta(raw['metadata']);
  const emptyMaps = MAP_NAMES.filter((name) => JSON.stringify(raw[name]) === '{}');
  const object: KubeObject = { kind, apiVersion: 'v1', metadata, ...decodeContent(kind, raw) };
  return { object: tidy(object), unknownFields, emptyMaps, managedFields: metadata.managedFields };
}

function checkType(kind: Kind, raw: JsonObject): void {
  const given = asText(raw['kind']) || kind;
  const version = asText(raw['apiVersion']) || 'v1';
  if (version !== 'v1')
    throw new DecodeError(`no kind "${given}" is registered for version "${version}" in scheme`);
  if (given !== kind) throw new DecodeError(`converting (v1.${given}) to (core.${kind}): unknown conversion`);
}

function decodeContent(kind: Kind, raw: JsonObject): Partial<KubeObject> {
  if (kind === 'Namespace') return decodeNamespace(raw);
  const immutable = scalar(raw['immutable'], 'boolean', `${kind}.immutable`);
  if (kind === 'ConfigMap') {
    const data = texts(raw['data'], `${kind}.data`);
    return { immutable, data, binaryData: bytes(raw['binaryData'], `${kind}.binaryData`) };
  }
  const data = bytes(raw['data'], `${kind}.data`);
  const stringData = texts(raw['stringData'], `${kind}.stringData`);
  return { immutable, data, stringData, type: scalar(raw['type'], 'string', `${kind}.type`) };
}

function decodeNamespace(raw: JsonObject): Partial<KubeObject> {
  const spec = isObject(raw['spec']) ? raw['spec'] : {};
  const status = isObject(raw['status']) ? raw['status'] : {};
  return {
    spec: { finalizers: list(spec['finalizers'], 'NamespaceSpec.spec.finalizers') },
    status: { phase: scalar(status['phase'], 'string', 'NamespaceStatus.status.phase') },
  };
}

/** Sets the defaults of the kind. They are part of the object as it was read, so the client owns them. */
export function withDefaults(object: KubeObject): KubeObject {
  if (object.kind === 'Secret') return tidy({ ...foldStringData(object), type: object.type ?? 'Opaque' });
  if (object.kind === 'ConfigMap') return object;
  const labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
  return withMeta(object, { labels: stringMap(Object.entries(labels)) });
}

function foldStringData(secret: KubeObject): KubeObject {
  const { stringData, ...rest } = secret;
  if (stringData === undefined) return rest;
  const encoded = Object.entries(stringData).map(
    ([key, value]) => [key, Buffer.from(value).toString('base64')] as const,
  );
  return { ...rest, data: stringMap([...Object.entries(rest.data ?? {}), ...encoded]) };
}

function decodeMeta(raw: Json | undefined): ObjectMeta {
  const meta = isObject(raw) ? raw : {};
  const text = (key: string): string | undefined => scalar(meta[key], 'string', `ObjectMeta.metadata.${key}`);
  return {
    name: text('name') ?? '',
    namespace: text('namespace'),
    uid: text('uid'),
    resourceVersion: text('resourceVersion'),
    generation: scalar(meta['generation'], 'number', 'ObjectMeta.metadata.generation') || undefined,
    creationTimestamp: time(meta['creationTimestamp']),
    deletionTimestamp: time(meta['deletionTimestamp']),
    deletionGracePeriodSeconds: scalar(
      meta['deletionGracePeriodSeconds'],
      'number',
      'ObjectMeta.metadata.deletionGracePeriodSeconds',
    ),
    labels: texts(meta['labels'], 'ObjectMeta.metadata.labels'),
    annotations: texts(meta['annotations'], 'ObjectMeta.metadata.annotations'),
    ownerReferences: objects(meta['ownerReferences'], 'ObjectMeta.metadata.ownerReferences'),
    finalizers: list(meta['finalizers'], 'ObjectMeta.metadata.finalizers'),
    managedFields: objects(meta['managedFields'], 'ObjectMeta.metadata.managedFields')?.map(entry),
  };
}

function entry(raw: JsonObject): ManagedFieldsEntry {
  const text = (key: string): string | undefined =>
    scalar(raw[key], 'string', `ManagedFieldsEntry.metadata.managedFields.${key}`) || undefined;
  const read: ManagedFieldsEntry = {
    manager: text('manager'),
    operation: text('operation'),
    apiVersion: text('apiVersion'),
    time: time(raw['time']),
    fieldsType: text('fieldsType'),
    fieldsV1: raw['fieldsV1'] ?? undefined,
    subresource: text('subresource'),
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}

interface Scalars {
  string: string;
  number: number;
  boolean: boolean;
}

function scalar<T extends keyof Scalars>(
  value: Json | undefined,
  type: T,
  field: string,
): Scalars[T] | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === type) return value as Scalars[T];
  throw mismatch(value, field, type === 'number' ? 'int64' : type.replace('boolean', 'bool'));
}

function mismatch(value: Json, field: string, type: string): DecodeError {
  const given = Array.isArray(value) ? 'array' : typeof value;
  return new DecodeError(
    `json: cannot unmarshal ${given.replace('boolean', 'bool')} into Go struct field ${field} of type ${type}`,
  );
}

function time(value: Json | undefined): string | undefined {
  const text = scalar(value, 'string', 'Time');
  if (text === undefined) return undefined;
  const date = new Date(text);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/u.test(text) || Number.isNaN(date.getTime()))
    throw new DecodeError(
      `parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(text)} as "2006"`,
    );
  return timestamp(date);
}

function list(value: Json | undefined, field: string): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw mismatch(value, field, '[]string');
  return value.map((each: Json) => scalar(each, 'string', field) ?? '');
}

function objects(value: Json | undefined, field: string): readonly JsonObject[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw mismatch(value, field, '[]struct');
  return value.map((each: Json) => {
    if (isObject(each)) return each;
    throw mismatch(each, field, 'struct');
  });
}

function texts(value: Json | undefined, field: string): StringMap | undefined {
  return mapOf(value, field, (each) => scalar(each, 'string', field) ?? '');
}

function bytes(value: Json | undefined, field: string): StringMap | undefined {
  return mapOf(value, field, (each) => {
    if (each === null) return '';
    if (typeof each !== 'string') throw mismatch(each, field, '[]uint8');
    return canonicalBase64(each);
  });
}

function mapOf(value: Json | undefined, field: string, read: (value: Json) => string): StringMap | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw mismatch(value, field, 'map[string]string');
  const keys = Object.keys(value).toSorted(compareText);
  return stringMap(keys.map((key) => [key, read(value[key] ?? null)] as const));
}

/** Reads base64 as Go does (newlines allowed, padding required) and writes it again. */
function canonicalBase64(text: string): string {
  const bare = /[\r\n]/u.test(text) ? text.replaceAll(/[\r\n]/gu, '') : text;
  const bad = bare.search(/[^A-Za-z0-9+/=]/u);
  const pad = bare.indexOf('=');
  const padOk = pad === -1 || (pad >= bare.length - 2 && bare.endsWith('='));
  if (bad !== -1 || !padOk || bare.length % 4 !== 0) {
    const at = bad !== -1 ? bad : Math.max(0, (pad === -1 ? bare.length : pad) - (bare.length % 4));
    throw new DecodeError(`illegal base64 data at input byte ${at}`);
  }
  return pad === -1 ? bare : Buffer.from(bare, 'base64').toString('base64');
}
