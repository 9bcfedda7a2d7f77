import type { Attempt } from '../model/failure.ts';
import type { Kind, ObjectName } from '../model/objects.ts';

/** A JSON object of the API server: nothing in it may be relied on before it was looked at. */
export interface Json {
  readonly [key: string]: unknown;
}

/** Whether a value of an answer is a JSON object. */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text under a key, if there is one. */
export function textAt(json: Json, key: string): string | undefined {
  const value = json[key];
  return typeof value === 'string' ? value : undefined;
}

/** The object under a key; an empty one where there is none. */
export function objectAt(json: Json, key: string): Json {
  const value = json[key];
  return isJson(value) ? value : NOTHING;
}

const NOTHING: Json = Object.freeze({});

/*
 * What asks for metadata only (Kubernetes: API concepts, "Metadata-only fetches").
 */

/** The Accept header of one object. */
export const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

const LIST = 'as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/**
 * The Accept header of a list: protobuf is half the bytes and less than half the work of an API server. What answers may
 * still choose JSON.
 */
export const METADATA_LIST = `application/vnd.kubernetes.protobuf;${LIST}, application/json;${LIST}`;

/** The part of a path that names a kind (Kubernetes: API concepts, "Resource URIs"). */
export const RESOURCES = { ConfigMap: 'configmaps', Secret: 'secrets' } as const satisfies Record<
  Kind,
  Attempt['resource']
>;

/** What a list is of. */
export type Resource = Attempt['resource'];

/** All objects of a resource, in one namespace or in every one. */
export function listPath(resource: Resource, namespace?: string): string {
  return namespace === undefined ? `/api/v1/${resource}` : `${namespacePath(namespace)}/${resource}`;
}

/** A namespace. Names come from the API server, but a path is no place to rely on that. */
export function namespacePath(name: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(name)}`;
}

/** Where objects of a kind are made. */
export function collectionPath(kind: Kind, namespace: string): string {
  return listPath(RESOURCES[kind], namespace);
}

/** Where the Events about the objects of a namespace are made. */
export function eventsPath(namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`;
}

/** One object. */
export function objectPath({ kind, namespace, name }: ObjectName): string {
  return `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;
}

/** RFC 3339 with seconds, the only precision that `metav1.Time` keeps. */
export function secondsOf(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
