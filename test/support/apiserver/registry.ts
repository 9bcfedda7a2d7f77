/**
 * The verbs that write: create, update, patch, apply, delete, each with the checks of the real server in the same
 * order.
 */

import { randomUUID } from 'node:crypto';

import type { Admission } from './admission.ts';
import {
  applyPatch,
  checkIdentity,
  decodeBody,
  decodeConfig,
  decodePatched,
  inNamespace,
  warningsOf,
  type PatchType,
  type Target,
} from './bodies.ts';
import { withDefaults, type Decoded } from './codec.ts';
import { emptyMapsOf, withLeaves } from './fieldset.ts';
import { asJson, RESOURCES, tidy, withMeta, type Json, type KubeObject, type ResourceName } from './model.ts';
import { ownByApply, ownByUpdate } from './ownership.ts';
import { alreadyExists, conflict, invalid, MODIFIED, notFound, StatusError } from './status.ts';
import type { Store } from './store.ts';
import { validateChange, validateNew } from './validate.ts';

/** The options of a write. */
export interface WriteOptions {
  /** The field manager. */
  readonly manager: string;
  readonly dryRun?: boolean;
  /** `Strict` rejects unknown fields. */
  readonly fieldValidation?: string;
  /** Server-side apply: take over the fields of others. */
  readonly force?: boolean;
}

/** The result of a write. */
export interface Written {
  readonly object: KubeObject;
  readonly created: boolean;
  readonly warnings: readonly string[];
}

/** Writes objects to the store, or throws the {@link StatusError} of the real server. */
export class Registry {
  readonly #store: Store;
  readonly #admission: Admission;

  constructor(store: Store, admission: Admission) {
    this.#store = store;
    this.#admission = admission;
  }

  /** POST. */
  create(resource: ResourceName, namespace: string | undefined, body: Json, options: WriteOptions): Written {
    const decoded = decodeBody(resource, body, isStrict(options));
    const named = inNamespace(decoded.object, namespace);
    const { managedFields: given } = decoded;
    const { manager } = options;
    const object = ownByUpdate({ live: undefined, next: named, given, manager, now: this.#store.now() });
    return this.#createOwned(resource, object, options, warningsOf(decoded));
  }

  #createOwned(
    resource: ResourceName,
    object: KubeObject,
    options: WriteOptions,
    warnings: readonly string[],
  ): Written {
    this.#admission.checkNamespace(resource, object);
    const fresh = this.#prepareNew(resource, this.#admission.mutate(object));
    const { name, namespace } = fresh.metadata;
    const errors = validateNew(fresh);
    if (errors.length > 0) throw invalid(fresh.kind, name, errors);
    this.#admission.validate(resource, fresh);
    this.#admission.checkQuota(resource, fresh);
    const there = this.#store.get(resource, namespace, name);
    if (there !== undefined)
      throw alreadyExists(resource, name, there.metadata.deletionTimestamp !== undefined);
    if (options.dryRun === true) return { object: fresh, created: true, warnings };
    if (fresh.metadata.resourceVersion !== undefined) throw versionOnCreate();
    return { object: this.#store.write(resource, fresh), created: true, warnings };
  }

  #prepareNew(resource: ResourceName, object: KubeObject): KubeObject {
    const fresh = withMeta(object, {
      uid: randomUUID(),
      creationTimestamp: this.#store.now(),
      deletionTimestamp: undefined,
      deletionGracePeriodSeconds: undefined,
    });
    if (resource !== 'namespaces') return fresh;
    return tidy({ ...fresh, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } });
  }

  /** PUT. */
  update(target: Target, body: Json, options: WriteOptions): Written {
    const decoded = decodeBody(target.resource, body, isStrict(options));
    const sent = checkIdentity(target, decoded.object);
    const live = this.#live(target);
    const { uid } = sent.metadata;
    if (uid !== undefined && uid !== live.metadata.uid) throw staleUid(target, uid, live);
    const next = withMeta(sent, { uid: live.metadata.uid });
    const { managedFields: given } = decoded;
    const { manager } = options;
    const owned = ownByUpdate({ live, next, given, manager, now: this.#store.now() });
    return this.#replace(target, live, owned, options, decoded);
  }

  /** PATCH. An apply creates a missing object. */
  patch(target: Target, type: PatchType, patch: Json, options: WriteOptions): Written {
    if (type === 'apply') return this.#apply(target, patch, options);
    const live = this.#live(target);
    const patched = applyPatch(type, asJson(live), patch);
    const decoded = decodePatched(target.resource, patched, isStrict(options));
    const next = checkIdentity(target, decoded.object);
    const { managedFields: given } = decoded;
    const { manager } = options;
    const owned = ownByUpdate({ live, next, given, manager, now: this.#store.now() });
    return this.#replace(target, live, owned, options, decoded);
  }

  #apply(target: Target, body: Json, options: WriteOptions): Written {
    const { resource, namespace, name } = target;
    const live = this.#store.get(resource, namespace, name);
    const config = decodeConfig(resource, body);
    checkIdentity(target, config.object);
    const { manager, force = false } = options;
    const now = this.#store.now();
    const applied = ownByApply({ live, config: config.leaves, manager, force, now });
    const base = live ?? emptyObject(target);
    const merged = applied.leaves === undefined ? base : withLeaves(base, applied.leaves);
    const owned = withMeta(withDefaults(merged), { managedFields: applied.managedFields });
    if (live === undefined) return this.#createApplied(target, config.object, owned, options);
    const { uid = live.metadata.uid, resourceVersion = live.metadata.resourceVersion } =
      config.object.metadata;
    const sent = { unknownFields: [], emptyMaps: emptyMapsOf(applied.leaves) };
    return this.#replace(target, live, withMeta(owned, { uid, resourceVersion }), options, sent);
  }

  #createApplied(target: Target, sent: KubeObject, object: KubeObject, options: WriteOptions): Written {
    const { uid } = sent.metadata;
    if (uid === undefined) return this.#createOwned(target.resource, object, options, []);
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(target.resource, target.name, why);
  }

  #live({ resource, namespace, name }: Target): KubeObject {
    const live = this.#store.get(resource, namespace, name);
    if (live === undefined) throw notFound(resource, name);
    return live;
  }

  #replace(
    target: Target,
    live: KubeObject,
    owned: KubeObject,
    options: WriteOptions,
    sent: Pick<Decoded, 'emptyMaps' | 'unknownFields'>,
  ): Written {
    const admitted = this.#admission.mutate(owned);
    checkVersion(target, admitted, live);
    const next = keepServerFields(admitted, live);
    const errors = validateChange(next, live, sent.emptyMaps);
    if (errors.length > 0) throw invalid(next.kind, target.name, errors);
    this.#admission.validate(target.resource, next);
    const object = this.#commit(target, next, live, options.dryRun === true);
    return { object, created: false, warnings: warningsOf(sent) };
  }

  #commit(target: Target, next: KubeObject, live: KubeObject, dryRun: boolean): KubeObject {
    if (sameButTimes(next, live)) return live;
    const { deletionTimestamp, finalizers = [] } = next.metadata;
    if (dryRun) return next;
    if (deletionTimestamp === undefined || finalizers.length > 0 || target.resource === 'namespaces')
      return this.#store.write(target.resource, next);
    this.#store.delete(target.resource, target.namespace, target.name);
    return next;
  }
}

function isStrict({ fieldValidation }: WriteOptions): boolean {
  return fieldValidation === 'Strict';
}

function checkVersion(target: Target, next: KubeObject, live: KubeObject): void {
  const { resourceVersion = '0' } = next.metadata;
  if (!/^\d+$/u.test(resourceVersion))
    throw new StatusError(
      500,
      '',
      `strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`,
    );
  if (resourceVersion !== '0' && resourceVersion !== live.metadata.resourceVersion)
    throw conflict(target.resource, target.name, MODIFIED);
}

function staleUid({ resource, namespace, name }: Target, uid: string, live: KubeObject): StatusError {
  const path = namespace === undefined ? name : `${namespace}/${name}`;
  const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`;
  return conflict(
    resource,
    name,
    `StorageError: invalid object, Code: 4, Key: /registry/${resource}/${path}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`,
  );
}

function versionOnCreate(): StatusError {
  return new StatusError(500, '', 'resourceVersion should not be set on objects to be created');
}

/** Restores what an update cannot change, before validation, as the real server does. */
function keepServerFields(next: KubeObject, live: KubeObject): KubeObject {
  const { creationTimestamp, resourceVersion, deletionGracePeriodSeconds } = live.metadata;
  const uid = next.metadata.uid ?? live.metadata.uid;
  const deletionTimestamp = next.metadata.deletionTimestamp ?? live.metadata.deletionTimestamp;
  const kept = { uid, creationTimestamp, resourceVersion, deletionTimestamp, deletionGracePeriodSeconds };
  const object = withMeta(next, kept);
  return live.kind === 'Namespace' ? tidy({ ...object, spec: live.spec, status: live.status }) : object;
}

/** A write that changes only the times of managers changes nothing. */
function sameButTimes(next: KubeObject, live: KubeObject): boolean {
  return withoutTimes(next) === withoutTimes(live);
}

function withoutTimes(object: KubeObject): string {
  const managedFields = (object.metadata.managedFields ?? []).map((entry) => ({ ...entry, time: undefined }));
  return JSON.stringify(withMeta(object, { managedFields }));
}

function emptyObject({ resource, namespace, name }: Target): KubeObject {
  return tidy({ kind: RESOURCES[resource].kind, apiVersion: 'v1', metadata: { name, namespace } });
}
