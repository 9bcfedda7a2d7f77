// A server that plays a cluster of a few objects: enough for a run to find something to make, to change and to delete. What
// an API server refuses is not here; test/support/apiserver is what the program is tested against.

import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';

const TIME = '2026-01-01T00:00:00Z';
const SYNC = 'kubed.appscode.com/sync';
const KINDS = { configmaps: 'ConfigMap', secrets: 'Secret' };

const PARTIAL = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' };

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const STATUS = { kind: 'Status', apiVersion: 'v1', metadata: {} };
const NOT_FOUND = { ...STATUS, status: 'Failure', reason: 'NotFound', code: 404 };

/** A value as managedFields name it: what stands there, without what it is. */
function fieldsOf(value) {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [`f:${key}`, fieldsOf(part)]));
}

/** A merge patch (RFC 7386). */
function merge(there, patch) {
  const merged = { ...there };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = isObject(value) ? merge(there[key] ?? {}, value) : value;
  }
  return merged;
}

function pathOf(namespace, name) {
  return `/api/v1/namespaces/${namespace}/secrets/${name}`;
}

/** The cluster: two sources and six namespaces, at the paths where an API server has them. */
export class SmallCluster {
  #objects = new Map();
  #version = 1;

  constructor() {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const own = { name, uid: name, resourceVersion: '1', creationTimestamp: TIME };
      this.#objects.set(`/api/v1/namespaces/${name}`, { metadata: own, status: { phase: 'Active' } });
    }
    for (const name of ['kept', 'lost']) {
      const metadata = { name, namespace: 'a', labels: { team: 'a' }, annotations: { [SYNC]: '' } };
      this.#put(pathOf('a', name), { kind: 'Secret', metadata, data: { key: 'AAAA' }, type: 'Opaque' });
    }
  }

  /** Deletes a copy, edits some, and deletes a source: a run finds something to do of each kind, and copies in step. */
  disturb() {
    this.#objects.delete(pathOf('b', 'kept'));
    this.#objects.delete(pathOf('a', 'lost'));
    for (const namespace of ['c', 'd']) {
      const path = pathOf(namespace, 'kept');
      this.#put(path, merge(this.#objects.get(path), { data: { key: 'BBBB' } }), 'kubectl-edit');
    }
  }

  #put(path, { kind, metadata, data, type }, manager = 'kubed-sync') {
    this.#version += 1;
    const { name, namespace, labels, annotations } = metadata;
    const own = {
      name,
      namespace,
      uid: path,
      resourceVersion: String(this.#version),
      creationTimestamp: TIME,
    };
    const how = { manager, operation: 'Update', apiVersion: 'v1', time: TIME, fieldsType: 'FieldsV1' };
    const managed = { ...how, fieldsV1: fieldsOf({ data, metadata: { annotations, labels }, type }) };
    const object = {
      kind,
      apiVersion: 'v1',
      metadata: { ...own, labels, annotations, managedFields: [managed] },
      data,
      type,
    };
    this.#objects.set(path, object);
    return object;
  }

  /** All of a resource, whatever the query selects: so few are left for the program to sort out. */
  #list(path, accept) {
    const [, , , resource] = path.split('/');
    const items = [...this.#objects].flatMap(([at, object]) => (isOf(resource, at) ? [object] : []));
    const metadata = { resourceVersion: String(this.#version) };
    if (!accept.includes('PartialObjectMetadata'))
      return { kind: `${KINDS[resource]}List`, apiVersion: 'v1', metadata, items };
    const meta = (item) => ({ ...PARTIAL, metadata: item.metadata });
    return { ...PARTIAL, kind: `${PARTIAL.kind}List`, metadata, items: items.map(meta) };
  }

  /** What is answered; undefined is a 404. */
  answer(method, path, accept, body) {
    const [, , , , namespace, resource] = path.split('/');
    if (method === 'GET') return namespace === undefined ? this.#list(path, accept) : this.#objects.get(path);
    if (method === 'POST')
      return this.#put(`${path}/${body.metadata.name}`, { ...body, kind: KINDS[resource] });
    if (method === 'PATCH') return this.#put(path, merge(this.#objects.get(path), body));
    this.#objects.delete(path);
    return { ...STATUS, status: 'Success' };
  }
}

function isOf(resource, path) {
  const [, , , , , nested] = path.split('/');
  return (nested ?? 'namespaces') === resource;
}

/** Serves it over HTTP, zipped as a large answer of an API server is. */
export function serverOf(cluster) {
  const answer = async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const { pathname } = new URL(request.url, 'http://localhost');
    const { accept = '' } = request.headers;
    const said = cluster.answer(request.method, pathname, accept, body === '' ? undefined : JSON.parse(body));
    response.writeHead(said === undefined ? 404 : 200, {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    });
    response.end(gzipSync(JSON.stringify(said ?? NOT_FOUND)));
  };
  return createServer((request, response) => void answer(request, response));
}
