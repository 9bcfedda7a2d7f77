import type { Attempt } from '../model/failure.ts';
import type { Kind, ObjectName } from '../model/objects.ts';
import { type Json, isJson } from '../util/is-json.ts';

export { type Json, isJson };

/** Returns the text under a key. Undefined if the value is not a text. */
export function textAt(json: Json, key: string): string | undefined {
  const value = json[key];
  return typeof value === 'string' ? value : undefined;
}

/** Returns the object under a key. It is empty if the value is not an object. */
export function objectAt(json: Json, key: string): Json {
  const value = json[key];
  return isJson(value) ? value : NOTHING;
}

const NOTHING: Json = Object.freeze({});

/*
 * Accept headers that request metadata only (Kubernetes: API concepts, "Metadata-only fetches").
 */

/** The Accept header for one object. */
export const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

const LIST = 'as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/**
 * The Accept header for a list. Protobuf needs half the bytes and less than half the work of the API server. A server may
 * still respond in JSON.
 */
export const METADATA_LIST = `application/vnd.kubernetes.protobuf;${LIST}, application/json;${LIST}`;

/** The part of a path that stands for a kind (Kubernetes: API concepts, "Resource URIs"). */
export const RESOURCES = { ConfigMap: 'configmaps', Secret: 'secrets' } as const satisfies Record<
  Kind,
  Attempt['resource']
>;

/** The resource in the path of a list. */
export type Resource = Attempt['resource'];

/** Returns the path of a list, in one namespace or in all namespaces. */
export function listPath(resource: Resource, namespace?: string): string {
  return namespace === undefined ? `/api/v1/${resource}` : `${namespacePath(namespace)}/${resource}`;
}

/** Returns the path of a namespace. The name is encoded, although names from the API server need no encoding. */
export function namespacePath(name: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(name)}`;
}

/** Returns the path to create objects of a kind. */
export function collectionPath(kind: Kind, namespace: string): string {
  return listPath(RESOURCES[kind], namespace);
}

/** Returns the path to create Events in a namespace. */
export function eventsPath(namespace: string): string {
  return `${namespacePath(namespace)}/events`;
}

/** Returns the path of one object. */
export function objectPath({ kind, namespace, name }: ObjectName): string {
  return `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;
}
