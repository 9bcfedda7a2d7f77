/** Everything between a well-formed request and the store: namespace lifecycle, quota, and the hooks of tests. */

import { sortMaps, type KubeObject, type ResourceName, type ServedName } from './model.ts';
import { deniedByPolicy, forbidden, notFound } from './status.ts';
import type { Store } from './store.ts';

/** Changes an object in a request, as a mutating webhook does. The change has no owner. */
export type Mutator = (object: KubeObject) => KubeObject;

/** Rejects an object with a message, as a ValidatingAdmissionPolicy does. */
export type Validator = (object: KubeObject) => string | undefined;

/** How many objects a namespace may have: `count` of each kind, or of one kind. */
export interface Quota {
  readonly count?: number;
  readonly configmaps?: number;
  readonly secrets?: number;
}

/** Decides whether and how objects come in. */
export class Admission {
  readonly #store: Store;
  readonly #mutators = new Set<Mutator>();
  readonly #validators = new Set<Validator>();
  readonly #quotas = new Map<string, Quota>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Adds a hook. Returns a function that removes it. */
  addMutator(hook: Mutator): () => void {
    this.#mutators.add(hook);
    return () => this.#mutators.delete(hook);
  }

  /** Adds a hook. Returns a function that removes it. */
  addValidator(hook: Validator): () => void {
    this.#validators.add(hook);
    return () => this.#validators.delete(hook);
  }

  /** Limits a namespace. Without a quota it removes the limit. */
  setQuota(namespace: string, quota: Quota | undefined): void {
    if (quota === undefined) this.#quotas.delete(namespace);
    else this.#quotas.set(namespace, quota);
  }

  /** Returns the object after the mutating hooks. */
  mutate(object: KubeObject): KubeObject {
    let mutated = object;
    for (const hook of this.#mutators) mutated = hook(mutated);
    return this.#mutators.size === 0 ? object : sortMaps(mutated);
  }

  /** Throws 422 if a validating hook rejects the object. */
  validate(resource: ResourceName, object: KubeObject): void {
    for (const hook of this.#validators) {
      const refusal = hook(object);
      if (refusal !== undefined) throw deniedByPolicy(resource, object.metadata.name, refusal);
    }
  }

  /** Throws if nothing can be created in the namespace: 404 without it, 403 while it terminates. */
  checkNamespace(resource: ServedName, { metadata }: Pick<KubeObject, 'metadata'>): void {
    const { name, namespace } = metadata;
    if (namespace === undefined) return;
    const home = this.#store.get('namespaces', undefined, namespace);
    if (home === undefined) throw notFound('namespaces', namespace);
    if (home.metadata.deletionTimestamp === undefined) return;
    const cause = {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    };
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    throw forbidden(resource, name, why, [cause]);
  }

  /** Throws 403 if one more object is too many. It comes before the check that the name is free. */
  checkQuota(resource: ResourceName, { metadata }: KubeObject): void {
    const { name, namespace } = metadata;
    const quota = namespace === undefined ? undefined : this.#quotas.get(namespace);
    if (quota === undefined || resource === 'namespaces') return;
    const limit = quota[resource] ?? quota.count;
    const used = this.#store.count(resource, namespace);
    if (limit === undefined || used < limit) return;
    const of = `count/${resource}`;
    throw forbidden(
      resource,
      name,
      `exceeded quota: simulated, requested: ${of}=1, used: ${of}=${used}, limited: ${of}=${limit}`,
    );
  }
}
