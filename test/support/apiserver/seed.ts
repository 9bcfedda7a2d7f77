/** Fills a cluster with many objects at once, for benchmarks. */

import { randomBytes } from 'node:crypto';

import { ownByUpdate } from './ownership.ts';
import type { KubeObject, ResourceName, StringMap } from './model.ts';
import type { Store } from './store.ts';

/** How many of which objects. Absent means none. */
export interface SeedSpec {
  /** Namespaces `ns-00000` …, labelled `team=team-0` … `team-9` and `tier=even|odd`. */
  readonly namespaces?: number;
  /** Annotated sources in `demo`, ConfigMaps and Secrets by turns. */
  readonly sources?: number;
  /** The value of their sync annotation. */
  readonly selector?: string;
  /** Keys of each source, and bytes of each value. */
  readonly keys?: number;
  readonly bytes?: number;
  /** Helm release Secrets, spread over the namespaces, with so many random bytes each. */
  readonly helmSecrets?: number;
  readonly helmBytes?: number;
  /** Plain ConfigMaps without annotations and marks, spread over the namespaces. */
  readonly bystanders?: number;
}

/** Adds the objects to the cluster. */
export function seed(store: Store, spec: SeedSpec): void {
  const { namespaces = 0, sources = 0, helmSecrets = 0, bystanders = 0 } = spec;
  times(namespaces, (index) => addNamespace(store, index));
  if (sources > 0) store.put('namespaces', { metadata: { name: 'demo' } });
  times(sources, (index) => addSource(store, spec, index));
  const release = randomBytes(spec.helmBytes ?? 20_000).toString('base64');
  const home = (index: number): string => (namespaces === 0 ? 'default' : nameOf('ns', index % namespaces));
  times(helmSecrets, (index) => addRelease(store, home(index), index, release));
  times(bystanders, (index) => addBystander(store, home(index), index));
}

function times(count: number, each: (index: number) => void): void {
  for (let index = 0; index < count; index++) each(index);
}

function nameOf(prefix: string, index: number): string {
  return `${prefix}-${String(index).padStart(5, '0')}`;
}

function addNamespace(store: Store, index: number): void {
  const labels = { team: `team-${index % 10}`, tier: index % 2 === 0 ? 'even' : 'odd' };
  store.put('namespaces', { metadata: { name: nameOf('ns', index), labels } });
}

function addSource(store: Store, spec: SeedSpec, index: number): void {
  const { keys = 3, bytes = 200, selector = '' } = spec;
  const secret = index % 2 === 1;
  const text = randomBytes(Math.ceil(bytes / 2))
    .toString('hex')
    .slice(0, bytes);
  const value = secret ? Buffer.from(text).toString('base64') : text;
  const data = Object.fromEntries(Array.from({ length: keys }, (_, key) => [`key-${key}`, value]));
  const annotations = { 'kubed.appscode.com/sync': selector };
  const name = nameOf(secret ? 'secret' : 'config', index);
  add(store, secret ? 'secrets' : 'configmaps', 'demo', name, { data, annotations });
}

function addRelease(store: Store, namespace: string, index: number, release: string): void {
  const labels = { owner: 'helm', name: `app-${index}`, status: 'deployed', version: '1' };
  const name = `sh.helm.release.v1.app-${index}.v1`;
  const type = 'helm.sh/release.v1';
  add(store, 'secrets', namespace, name, { data: { release }, labels, type });
}

function addBystander(store: Store, namespace: string, index: number): void {
  add(store, 'configmaps', namespace, nameOf('other', index), { data: { setting: 'on' } });
}

interface Content {
  readonly data: StringMap;
  readonly labels?: StringMap;
  readonly annotations?: StringMap;
  readonly type?: string;
}

function add(store: Store, resource: ResourceName, namespace: string, name: string, content: Content): void {
  const { data, type, labels, annotations } = content;
  const secret = resource === 'secrets';
  const object: KubeObject = {
    kind: secret ? 'Secret' : 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name, namespace, labels, annotations },
    data,
    ...(secret ? { type: type ?? 'Opaque' } : {}),
  };
  const owned = ownByUpdate({
    live: undefined,
    next: object,
    given: undefined,
    manager: 'seed',
    now: store.now(),
  });
  store.put(resource, owned);
}
