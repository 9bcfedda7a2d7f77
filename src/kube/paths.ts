import type { Kind, ObjectName } from '../core/model.ts';
import type { Attempt } from '../core/failure.ts';

/** The part of a path that names a kind (Kubernetes: API concepts, "Resource URIs"). */
export const RESOURCES = { ConfigMap: 'configmaps', Secret: 'secrets' } as const satisfies Record<
  Kind,
  Attempt['resource']
>;

/** What a list is of. */
export type Resource = Attempt['resource'];

/** All objects of a resource, in every namespace. */
export function listPath(resource: Resource): string {
  return `/api/v1/${resource}`;
}

/** Where objects of a kind are made. Names come from the API server, but a path is no place to rely on that. */
export function collectionPath(kind: Kind, namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/${RESOURCES[kind]}`;
}

/** Where the Events about the objects of a namespace are made. */
export function eventsPath(namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`;
}

/** One object. */
export function objectPath({ kind, namespace, name }: ObjectName): string {
  return `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;
}
