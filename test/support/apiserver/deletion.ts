/** DELETE: preconditions, finalizers, and namespaces that wait for a controller that does not exist here. */

import type { Target } from './bodies.ts';
import { isObject, tidy, withMeta, type Json, type KubeObject } from './model.ts';
import { badRequest, conflict, forbidden, notFound } from './status.ts';
import type { Store } from './store.ts';

/** The options of a DELETE. */
export interface DeleteOptions {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly dryRun: boolean;
  readonly propagation?: string | undefined;
}

/** The result of a DELETE: the object if it waits for finalizers, or its uid if it is gone. */
export type Deleted = { readonly waiting: KubeObject } | { readonly gone: KubeObject };

const IMMORTAL: ReadonlySet<string> = new Set(['default', 'kube-public', 'kube-system']);
const POLICIES: Readonly<Record<string, string>> = { Foreground: 'foregroundDeletion', Orphan: 'orphan' };

/** Reads the body of a DELETE. Without a body, the `dryRun` of the query is used. */
export function readDeleteOptions(body: Json | undefined, query: URLSearchParams): DeleteOptions {
  if (body === undefined)
    return {
      dryRun: query.get('dryRun') === 'All',
      propagation: query.get('propagationPolicy') ?? undefined,
    };
  if (!isObject(body)) throw badRequest('decoded object cannot be converted to DeleteOptions');
  const preconditions = isObject(body['preconditions']) ? body['preconditions'] : {};
  const { dryRun, propagationPolicy } = body;
  return {
    uid: textOf(preconditions['uid']),
    resourceVersion: textOf(preconditions['resourceVersion']),
    dryRun: Array.isArray(dryRun) && dryRun.includes('All'),
    propagation: textOf(propagationPolicy),
  };
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Deletes an object, or marks it if a finalizer holds it. */
export function remove(store: Store, target: Target, options: DeleteOptions): Deleted {
  const { resource, namespace, name } = target;
  if (resource === 'namespaces' && IMMORTAL.has(name))
    throw forbidden(resource, name, 'this namespace may not be deleted');
  const live = store.get(resource, namespace, name);
  if (live === undefined) throw notFound(resource, name);
  if (resource === 'namespaces') checkNamespaceUid(live, options.uid);
  checkPreconditions(live, options);
  if (resource === 'namespaces') return { waiting: markNamespace(store, live, options.dryRun) };
  const finalizers = finalizersAfter(live, options.propagation);
  if (finalizers.length > 0) return { waiting: mark(store, target, withMeta(live, { finalizers }), options) };
  if (!options.dryRun) store.delete(resource, namespace, name);
  return { gone: live };
}

/** For a namespace, the real server has another message for a wrong uid. */
function checkNamespaceUid({ metadata }: KubeObject, uid: string | undefined): void {
  if (uid === undefined || uid === metadata.uid) return;
  const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`;
  throw conflict('namespaces', metadata.name, why);
}

function checkPreconditions({ kind, metadata }: KubeObject, { uid, resourceVersion }: DeleteOptions): void {
  if (uid !== undefined && uid !== metadata.uid)
    throw conflict(
      kind,
      metadata.name,
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    );
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw conflict(
      kind,
      metadata.name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    );
}

function finalizersAfter({ metadata }: KubeObject, propagation: string | undefined): string[] {
  const { finalizers = [] } = metadata;
  if (propagation === undefined) return [...finalizers];
  const others = finalizers.filter((each) => !Object.values(POLICIES).includes(each));
  const added = POLICIES[propagation];
  return added === undefined ? others : [...others, added];
}

function mark(store: Store, { resource }: Target, live: KubeObject, { dryRun }: DeleteOptions): KubeObject {
  if (live.metadata.deletionTimestamp !== undefined) return live;
  const marked = withMeta(live, { deletionTimestamp: store.now(), deletionGracePeriodSeconds: 0 });
  return dryRun ? marked : store.write(resource, marked);
}

function markNamespace(store: Store, live: KubeObject, dryRun: boolean): KubeObject {
  if (live.metadata.deletionTimestamp !== undefined) return live;
  const terminating = { ...live, status: { phase: 'Terminating' } };
  const marked = tidy(withMeta(terminating, { deletionTimestamp: store.now() }));
  return dryRun ? marked : store.write('namespaces', marked);
}

/** Does what the namespace controller does: removes the namespace and its content, with or without finalizers. */
export function finishNamespace(store: Store, name: string): void {
  for (const resource of ['configmaps', 'secrets'] as const)
    for (const { metadata } of store.list(resource, name)) store.delete(resource, name, metadata.name);
  store.delete('namespaces', undefined, name);
}
