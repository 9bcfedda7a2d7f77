import type { Kind, ObjectName } from '../model/objects.ts';
import type { Attempt } from '../model/failure.ts';

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
