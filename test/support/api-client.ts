import assert from 'node:assert/strict';
import type { Json, KubeObject, ManagedFieldsEntry } from './apiserver.ts';

/* A client that sends requests as they are, to a simulated or to a real API server. */

export const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
export const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const MERGE = 'application/merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

/** An answer as it came. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends one request. */
export type Transport = (
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: string,
) => Promise<Answer>;

/** Returns a transport to a server over plain HTTP. */
export function transportTo(url: string): Transport {
  return async (method, path, headers, body) => {
    const response = await fetch(url + path, { method, headers, ...(body !== undefined && { body }) });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
}

/** Whatever came back; a body that is no JSON is its text. */
export interface Reply extends Answer {
  readonly body: Loose;
  /** Of a refusal. */
  readonly message: string;
  /** Of a list, or of a 410, the continue token. */
  readonly token: string;
}

/** JSON that a test looks into without declaring its shape. */
export interface Loose {
  readonly [key: string]: Loose;
}

interface Sending {
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client that works in one namespace. */
export class Client {
  readonly namespace: string;
  readonly #transport: Transport;

  constructor(transport: Transport, namespace = 'default') {
    this.#transport = transport;
    this.namespace = namespace;
  }

  get configmaps(): string {
    return `/api/v1/namespaces/${this.namespace}/configmaps`;
  }

  get secrets(): string {
    return `/api/v1/namespaces/${this.namespace}/secrets`;
  }

  async send(method: string, path: string, body?: Json, sending: Sending = {}): Promise<Reply> {
    const { type = 'application/json', headers = {} } = sending;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const all = {
      'user-agent': 'tester/1.0',
      ...(body !== undefined && { 'content-type': type }),
      ...headers,
    };
    return reply(await this.#transport(method, path, all, text));
  }

  get(path: string, accept = 'application/json'): Promise<Reply> {
    return this.send('GET', path, undefined, { headers: { accept } });
  }

  post(path: string, body: Json): Promise<Reply> {
    return this.send('POST', path, body);
  }

  merge(path: string, body: Json): Promise<Reply> {
    return this.send('PATCH', path, body, { type: MERGE });
  }

  apply(path: string, body: Json): Promise<Reply> {
    return this.send('PATCH', path, body, { type: APPLY });
  }

  /** Creates an object, which must succeed. */
  async create(resource: 'configmaps' | 'secrets', body: Json, manager = 'test'): Promise<KubeObject> {
    const created = await this.post(`${this[resource]}?fieldManager=${manager}`, body);
    assert.equal(created.status, 201, created.message);
    return created.body as unknown as KubeObject;
  }
}

function parse(text: string): Loose {
  try {
    return JSON.parse(text) as Loose;
  } catch {
    return text as unknown as Loose;
  }
}

function reply(answer: Answer): Reply {
  const body = parse(answer.text);
  const { message = '', metadata } = body as unknown as {
    readonly message?: string;
    readonly metadata?: { readonly continue?: string };
  };
  return { ...answer, body, message, token: metadata?.continue ?? '' };
}

/** A ConfigMap to send. */
export function configMap(
  name: string,
  data: Json = {},
  metadata: Readonly<Record<string, Json>> = {},
): Json {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

/** A Secret to send. */
export function secret(
  name: string,
  rest: Readonly<Record<string, Json>> = {},
  metadata: Readonly<Record<string, Json>> = {},
): Json {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, ...metadata }, ...rest };
}

/** A text in base64. */
export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** The names of a list, without what a controller manager puts into every namespace. */
export function names(list: Reply): unknown {
  return (list.body['items'] as unknown as KubeObject[])
    .map(({ metadata }) => metadata.name)
    .filter((name) => name !== 'kube-root-ca.crt');
}

/** `manager operation: fields`, the fields as dotted paths without `f:`, sorted: the order depends on the second of a write. */
export function owners(from: Reply | KubeObject): string[] {
  const object = ('body' in from ? from.body : from) as unknown as KubeObject;
  return (object.metadata.managedFields ?? []).map(owner).toSorted();
}

function owner({ manager = '', operation = '', fieldsV1 }: ManagedFieldsEntry): string {
  return `${manager} ${operation}: ${paths(fieldsV1 as unknown as Loose).join(' ')}`;
}

function paths(fields: Loose, prefix = ''): string[] {
  return Object.entries(fields).flatMap(([key, inner]) => {
    const path =
      key === '.' ? `${prefix}.` : `${prefix === '' ? '' : `${prefix}/`}${key.replace(/^f:/u, '')}`;
    return Object.keys(inner).length === 0 ? [path] : paths(inner, path);
  });
}
