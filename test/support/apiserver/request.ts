/** Requests: what a path and its headers ask for, and the log entry that a test reads later. */

import type { IncomingMessage } from 'node:http';

import { RESOURCES, type ServedName } from './model.ts';

/** What a request does. `other` is discovery, health and version; `unknown` is a path without a route. */
export type Verb =
  | 'list'
  | 'get'
  | 'create'
  | 'update'
  | 'patch'
  | 'apply'
  | 'delete'
  | 'finalize'
  | 'other'
  | 'unknown';

/** Full objects, only metadata, or the table that `kubectl get` prints. */
export type Form = 'full' | 'metadata' | 'table';

/** How an answer is encoded. */
export type Encoding = 'json' | 'protobuf';

/** The requested form of an answer. */
export interface Wanted {
  readonly form: Form;
  /** Whether the form is for lists or for single objects. Undefined is for both. */
  readonly asList: boolean | undefined;
  readonly encoding: Encoding;
}

/** One request as the server saw it. */
export interface LoggedRequest {
  readonly verb: Verb;
  readonly method: string;
  readonly path: string;
  readonly resource: ServedName | undefined;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly query: {
    readonly fieldManager?: string;
    readonly dryRun?: string;
    readonly force?: string;
    readonly labelSelector?: string;
    readonly fieldSelector?: string;
    readonly limit?: string;
    readonly continue?: string;
    readonly resourceVersion?: string;
    readonly [other: string]: string | undefined;
  };
  /** For a list: 1 for the first page. */
  readonly page: number;
  readonly accept: Form;
  readonly encoding: Encoding;
  readonly contentType: string;
  readonly userAgent: string;
  /** The user, or the impersonated user if there is one. */
  readonly user: string;
  readonly groups: readonly string[];
  /** The text sent. */
  readonly body: string;
  /** 0 while there is no answer, and for good if there is none. */
  readonly status: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** The log entry while it is being written. */
export type Logging = { -readonly [Key in keyof LoggedRequest]: LoggedRequest[Key] };

interface Place {
  readonly verb: Verb;
  readonly resource?: ServedName;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

const OTHER_PATHS: ReadonlySet<string> = new Set([
  '/api',
  '/api/v1',
  '/apis',
  '/healthz',
  '/livez',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/api/v1',
  '/readyz',
  '/version',
]);

/** Reads everything of a request except its body. */
export function readRequest(message: IncomingMessage): Logging {
  const { method = 'GET', url = '/' } = message;
  const [path = '/', search = ''] = url.split('?', 2);
  const query = new URLSearchParams(search);
  const contentType = headerOf(message, 'content-type').split(';', 1)[0] ?? '';
  const place = placeOf(method, path, query, contentType);
  return {
    verb: place.verb,
    method,
    path,
    resource: place.resource,
    namespace: place.namespace,
    name: place.name,
    query: Object.fromEntries(query),
    page: pageOf(query.get('continue')),
    accept: 'full',
    encoding: 'json',
    contentType,
    userAgent: headerOf(message, 'user-agent'),
    user: '',
    groups: [],
    body: '',
    status: 0,
    bytesIn: 0,
    bytesOut: 0,
  };
}

/** A header as one text. */
export function headerOf(message: IncomingMessage, name: string): string {
  const value = message.headers[name];
  return (Array.isArray(value) ? value.join(', ') : value) ?? '';
}

function placeOf(method: string, path: string, query: URLSearchParams, contentType: string): Place {
  if (OTHER_PATHS.has(path) && method === 'GET') return { verb: 'other' };
  const where = locate(path);
  if (where === undefined || ['1', 'true'].includes(query.get('watch') ?? '')) return { verb: 'unknown' };
  return {
    ...where,
    verb: where.verb === 'finalize' ? finalizeVerb(method) : verbOf(method, where, contentType),
  };
}

function finalizeVerb(method: string): Verb {
  return method === 'PUT' ? 'finalize' : 'unknown';
}

/**
 * `/api/v1/{resource}`, `/api/v1/namespaces/{name}[/finalize]`, `/api/v1/namespaces/{namespace}/{resource}[/{name}]`.
 */
function locate(path: string): Place | undefined {
  const parts = path.startsWith('/api/v1/') ? decodeParts(path.slice('/api/v1/'.length)) : [];
  const [first, namespace, second, name, ...rest] = parts;
  if (first === undefined || rest.length > 0 || !isResource(first)) return undefined;
  if (namespace === undefined) return { verb: 'unknown', resource: first };
  if (first !== 'namespaces') return undefined;
  if (second === undefined) return { verb: 'unknown', resource: first, name: namespace };
  if (second === 'finalize' && name === undefined)
    return { verb: 'finalize', resource: first, name: namespace };
  if (!isResource(second) || second === 'namespaces') return undefined;
  return { verb: 'unknown', resource: second, namespace, name };
}

function decodeParts(path: string): string[] {
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    return [];
  }
}

function isResource(text: string): text is ServedName {
  return text === 'events' || Object.hasOwn(RESOURCES, text);
}

function verbOf(method: string, where: Place, contentType: string): Verb {
  const named = where.name !== undefined;
  if (method === 'GET') return named ? 'get' : 'list';
  if (method === 'POST' && !named && isCreatable(where)) return 'create';
  if (!named) return 'unknown';
  if (method === 'PUT') return 'update';
  if (method === 'DELETE') return 'delete';
  if (method !== 'PATCH') return 'unknown';
  return contentType === 'application/apply-patch+yaml' ? 'apply' : 'patch';
}

function isCreatable({ resource, namespace }: Place): boolean {
  return resource === 'namespaces' || namespace !== undefined;
}

/** The content of a continue token. */
export interface ContinueToken {
  /** The resourceVersion of the first page. 0 continues with the present state. */
  readonly rv: number;
  /** The key of the last object of the page. */
  readonly start: string;
  readonly page: number;
}

/** The opaque text of a token. */
export function writeToken(token: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', ...token })).toString('base64url');
}

/** The token of a text. Undefined if it is invalid. */
export function readToken(text: string): ContinueToken | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    const { rv, start, page } = parsed as Partial<ContinueToken>;
    if (typeof rv !== 'number' || typeof start !== 'string' || typeof page !== 'number') return undefined;
    return { rv, start, page };
  } catch {
    return undefined;
  }
}

function pageOf(token: string | null): number {
  return token === null || token === '' ? 1 : (readToken(token)?.page ?? 1);
}
