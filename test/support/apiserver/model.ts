/** The types of the simulated API server: objects as they are stored and sent. */

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object of unknown shape. Read its keys with {@link own}, since `__proto__` is a legal data key. */
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** A map of strings such as labels or `data`, with keys sorted as Go prints them. */
export type StringMap = Readonly<Record<string, string>>;

/** The kinds that this server serves. */
export type Kind = 'ConfigMap' | 'Namespace' | 'Secret';

/** The plural names in URLs. */
export type ResourceName = 'configmaps' | 'namespaces' | 'secrets';

/** The resources of requests. Of events, only their own file knows more. */
export type ServedName = ResourceName | 'events';

/** What discovery and routing need to know about a resource. */
export interface ResourceInfo {
  readonly kind: Kind;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
}

/** All resources, in the order in which discovery lists them. */
export const RESOURCES: Readonly<Record<ResourceName, ResourceInfo>> = {
  configmaps: { kind: 'ConfigMap', singular: 'configmap', shortNames: ['cm'], namespaced: true },
  namespaces: { kind: 'Namespace', singular: 'namespace', shortNames: ['ns'], namespaced: false },
  secrets: { kind: 'Secret', singular: 'secret', shortNames: [], namespaced: true },
};

/** The fields of one manager, as in `metadata.managedFields`. */
export interface ManagedFieldsEntry {
  readonly manager?: string | undefined;
  readonly operation?: string | undefined;
  readonly apiVersion?: string | undefined;
  readonly time?: string | undefined;
  readonly fieldsType?: string | undefined;
  readonly fieldsV1?: Json | undefined;
  readonly subresource?: string | undefined;
}

/** Object metadata, with its keys in the order of the real server. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly generation?: number | undefined;
  readonly creationTimestamp?: string | undefined;
  readonly deletionTimestamp?: string | undefined;
  readonly deletionGracePeriodSeconds?: number | undefined;
  readonly labels?: StringMap | undefined;
  readonly annotations?: StringMap | undefined;
  readonly ownerReferences?: readonly JsonObject[] | undefined;
  readonly finalizers?: readonly string[] | undefined;
  readonly managedFields?: readonly ManagedFieldsEntry[] | undefined;
}

/** Any of the three kinds. Which of the optional parts can be there depends on the kind. */
export interface KubeObject {
  readonly kind: Kind;
  readonly apiVersion: 'v1';
  readonly metadata: ObjectMeta;
  readonly immutable?: boolean | undefined;
  readonly data?: StringMap | undefined;
  readonly binaryData?: StringMap | undefined;
  readonly stringData?: StringMap | undefined;
  readonly type?: string | undefined;
  readonly spec?: { readonly finalizers?: readonly string[] | undefined } | undefined;
  readonly status?: { readonly phase?: string | undefined } | undefined;
}

const META_ORDER: readonly (keyof ObjectMeta)[] = [
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
];

const CONTENT_ORDER: readonly (keyof KubeObject)[] = [
  'immutable',
  'data',
  'binaryData',
  'stringData',
  'type',
  'spec',
  'status',
];

/** The value of an own key. `{}['__proto__']` is not a value. */
export function own<T>(object: { readonly [key: string]: T } | undefined, key: string): T | undefined {
  return object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Whether a value is an object, not an array or a scalar. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text, or the empty one for anything else. */
export function asText(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** A typed object as plain JSON, for code that reads it by key. */
export function asJson(object: object): JsonObject {
  // The interfaces above contain only JSON. TypeScript needs an index signature to accept that.
  return object as JsonObject;
}

/** A map with sorted keys, or undefined if it is empty. `Object.fromEntries` keeps `__proto__` as a key. */
export function stringMap(entries: Iterable<readonly [string, string]>): StringMap | undefined {
  const sorted = [...entries].toSorted(([a], [b]) => compareText(a, b));
  return sorted.length === 0 ? undefined : Object.fromEntries(sorted);
}

/** Byte order for ASCII, which is how etcd sorts keys. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Metadata without absent and empty parts, in the server's order. */
function tidyMeta(meta: ObjectMeta): ObjectMeta {
  return { name: meta.name, ...inOrder(META_ORDER, meta) };
}

/** An object without absent and empty parts, in the server's order. */
export function tidy(object: KubeObject): KubeObject {
  const { kind, apiVersion } = object;
  return { kind, apiVersion, metadata: tidyMeta(object.metadata), ...inOrder(CONTENT_ORDER, object) };
}

/** Runs for every object several times. It is a loop, because array methods took half of the time of a bulk load. */
function inOrder<T extends object>(order: readonly (keyof T)[], source: T): Partial<T> {
  const kept: Partial<T> = {};
  for (const key of order) if (isPresent(source[key])) kept[key] = source[key];
  return kept;
}

/** An object that code created, with its maps in the order of the server, so that equal objects have equal JSON. */
export function sortMaps(object: KubeObject): KubeObject {
  const { labels, annotations } = object.metadata;
  const metadata = { ...object.metadata, labels: sorted(labels), annotations: sorted(annotations) };
  return tidy({ ...object, metadata, data: sorted(object.data), binaryData: sorted(object.binaryData) });
}

function sorted(map: StringMap | undefined): StringMap | undefined {
  return map === undefined ? undefined : stringMap(Object.entries(map));
}

/** The object with some of its metadata replaced. */
export function withMeta(object: KubeObject, changes: Partial<ObjectMeta>): KubeObject {
  return tidy({ ...object, metadata: { ...object.metadata, ...changes } });
}

/** The time as Kubernetes writes it: RFC 3339 in whole seconds. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

function isPresent(value: unknown): boolean {
  if (value === undefined || value === '') return false;
  return !Array.isArray(value) || value.length > 0;
}
