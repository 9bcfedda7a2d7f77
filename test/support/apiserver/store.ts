/** The state of the cluster: objects by key, one growing resourceVersion, and their JSON ready for lists. */

import { randomUUID } from 'node:crypto';

import {
  compareText,
  RESOURCES,
  sortMaps,
  stringMap,
  tidy,
  timestamp,
  withMeta,
  type Kind,
  type KubeObject,
  type ObjectMeta,
  type ResourceName,
} from './model.ts';
import { protobufItem } from './protobuf-list.ts';

/** A stored object. Entries are replaced and never changed, so an array of them is a snapshot. */
export class Entry {
  readonly key: string;
  readonly object: KubeObject;
  #metadata: string | undefined;
  #content: string | undefined;
  #protobuf: Buffer | undefined;

  constructor(object: KubeObject) {
    this.key = keyOf(object.metadata.namespace, object.metadata.name);
    this.object = object;
  }

  /** The metadata as JSON, serialized once for all lists. */
  get metadataJson(): string {
    this.#metadata ??= JSON.stringify(this.object.metadata);
    return this.#metadata;
  }

  /** The object as an item of a metadata list. */
  get metadataItemJson(): string {
    return `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":${this.metadataJson}}`;
  }

  /** The same in protobuf. */
  get metadataItemProtobuf(): Buffer {
    this.#protobuf ??= protobufItem(this.object.metadata);
    return this.#protobuf;
  }

  /** The object as an item of a list: without kind and apiVersion. */
  get itemJson(): string {
    this.#content ??= contentJson(this.object);
    return `{"metadata":${this.metadataJson}${this.#content}`;
  }
}

function contentJson({
  kind: _kind,
  apiVersion: _version,
  metadata: _metadata,
  ...content
}: KubeObject): string {
  const json = JSON.stringify(content);
  return json === '{}' ? '}' : `,${json.slice(1)}`;
}

/** An object as a test writes it. Everything that the store can fill in may be absent. */
export interface PutObject extends Partial<Omit<KubeObject, 'kind' | 'metadata'>> {
  readonly kind?: Kind;
  readonly metadata: Partial<ObjectMeta> & { readonly name: string };
}

/** The objects of the cluster. Reads and writes here pass no validation, admission or log. */
export class Store {
  readonly #objects: Readonly<Record<ResourceName, Map<string, Entry>>>;
  readonly #sorted = new Map<ResourceName, readonly Entry[]>();
  readonly #now: () => Date;
  #version = 100;

  constructor(now: () => Date) {
    this.#now = now;
    this.#objects = { configmaps: new Map(), namespaces: new Map(), secrets: new Map() };
  }

  /** The resourceVersion of the last write. */
  get version(): number {
    return this.#version;
  }

  /** The present time as the server writes it. */
  now(): string {
    return timestamp(this.#now());
  }

  /** The object, if it exists. Do not change it in place. */
  get(resource: ResourceName, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.entry(resource, namespace, name)?.object;
  }

  /** The object with its serialised forms. */
  entry(resource: ResourceName, namespace: string | undefined, name: string): Entry | undefined {
    return this.#objects[resource].get(keyOf(namespace, name));
  }

  /** All objects of a resource, or those of one namespace, in the order of the real server. */
  list(resource: ResourceName, namespace?: string): readonly KubeObject[] {
    return this.entries(resource, namespace).map(({ object }) => object);
  }

  /** The entries of {@link list}: a snapshot that later writes do not change. */
  entries(resource: ResourceName, namespace?: string): readonly Entry[] {
    const sorted = this.#sortedEntries(resource);
    if (namespace === undefined) return sorted;
    return sorted.filter(({ object }) => object.metadata.namespace === namespace);
  }

  /** How many objects of a resource a namespace has. */
  count(resource: ResourceName, namespace?: string): number {
    return namespace === undefined ? this.#objects[resource].size : this.entries(resource, namespace).length;
  }

  /**
   * Stores an object as it is given. It adds what is missing: uid (that of the existing object, if there is one),
   * creationTimestamp, and what every namespace has. The object gets a new resourceVersion and only the `managedFields`
   * given.
   */
  put(resource: ResourceName, object: PutObject): KubeObject {
    const { name, namespace } = object.metadata;
    const old = this.get(resource, namespace, name)?.metadata;
    const metadata: ObjectMeta = {
      ...object.metadata,
      uid: object.metadata.uid ?? old?.uid ?? randomUUID(),
      creationTimestamp: object.metadata.creationTimestamp ?? old?.creationTimestamp ?? this.now(),
    };
    const filled = fillIn(resource, {
      ...object,
      kind: RESOURCES[resource].kind,
      apiVersion: 'v1',
      metadata,
    });
    return this.write(resource, filled);
  }

  /** Stores an object with the next resourceVersion. */
  write(resource: ResourceName, object: KubeObject): KubeObject {
    const stored = withMeta(object, { resourceVersion: this.#next(resource) });
    const entry = new Entry(stored);
    this.#objects[resource].set(entry.key, entry);
    return stored;
  }

  /** Removes an object, with or without finalizers. Returns false if there is none. */
  delete(resource: ResourceName, namespace: string | undefined, name: string): boolean {
    const removed = this.#objects[resource].delete(keyOf(namespace, name));
    if (removed) this.#next(resource);
    return removed;
  }

  /** Removes everything. The resourceVersion goes on growing. */
  clear(): void {
    for (const resource of ['configmaps', 'namespaces', 'secrets'] as const) {
      this.#objects[resource].clear();
      this.#next(resource);
    }
  }

  #next(resource: ResourceName): string {
    this.#sorted.delete(resource);
    return String(++this.#version);
  }

  #sortedEntries(resource: ResourceName): readonly Entry[] {
    const known = this.#sorted.get(resource);
    if (known !== undefined) return known;
    const sorted = [...this.#objects[resource].values()].toSorted((a, b) => compareText(a.key, b.key));
    this.#sorted.set(resource, sorted);
    return sorted;
  }
}

/** The key in the order of etcd. */
function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

function fillIn(resource: ResourceName, object: KubeObject): KubeObject {
  const sorted = sortMaps(object);
  if (resource === 'secrets') return tidy({ type: 'Opaque', ...sorted });
  return resource === 'namespaces' ? fillInNamespace(sorted) : sorted;
}

function fillInNamespace(namespace: KubeObject): KubeObject {
  const { name, labels } = namespace.metadata;
  const withName = { ...labels, 'kubernetes.io/metadata.name': name };
  const filled = { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' }, ...namespace };
  return withMeta(filled, { labels: stringMap(Object.entries(withName)) });
}
