/** From a logged request to the answer of its verb, before any fault changes it. */

import { jsonAnswer, type Answer } from './answer.ts';
import type { PatchType, Target } from './bodies.ts';
import { finishNamespace, readDeleteOptions, remove } from './deletion.ts';
import { discover } from './discovery.ts';
import type { Events } from './events.ts';
import type { Lists } from './lists.ts';
import { isObject, RESOURCES, type Json, type KubeObject, type ResourceName } from './model.ts';
import { PROTOBUF } from './protobuf.ts';
import type { Registry, WriteOptions, Written } from './registry.ts';
import type { LoggedRequest } from './request.ts';
import {
  badRequest,
  forbiddenValue,
  invalid,
  noSuchPath,
  notFound,
  requiredValue,
  StatusError,
  tooLong,
} from './status.ts';
import { Entry, type Store } from './store.ts';
import { tableOf } from './table.ts';

/** What the verbs work with. */
export interface VerbParts {
  readonly store: Store;
  readonly registry: Registry;
  readonly lists: Lists;
  readonly events: Events;
  readonly holdNamespaces: boolean;
}

const PATCH_TYPES: ReadonlyMap<string, PatchType> = new Map([
  ['application/apply-patch+yaml', 'apply'],
  ['application/json-patch+json', 'json'],
  ['application/merge-patch+json', 'merge'],
  ['application/strategic-merge-patch+json', 'strategic'],
]);

/** The verbs over the state of the cluster. */
export class Verbs {
  readonly #parts: VerbParts;

  constructor(parts: VerbParts) {
    this.#parts = parts;
  }

  /** Returns the answer, or throws a {@link StatusError}. */
  answer(request: LoggedRequest): Answer {
    const { verb, resource, name } = request;
    if (verb === 'other') return discoveryAnswer(request.path);
    if (resource === undefined || verb === 'unknown') throw unserved(request);
    if (resource === 'events') return this.#parts.events.answer(request);
    if (verb === 'list') return this.#list(request, resource);
    if (verb === 'create') return this.#create(request, resource);
    if (name === undefined) throw noSuchPath();
    return this.#named(request, { resource, namespace: request.namespace, name });
  }

  #named(request: LoggedRequest, target: Target): Answer {
    switch (request.verb) {
      case 'get':
        return this.#get(request, target);
      case 'update':
        return this.#update(request, target);
      case 'patch':
      case 'apply':
        return this.#patch(request, target);
      case 'delete':
        return this.#delete(request, target);
      case 'finalize':
        return this.#finalize(request, target);
      default:
        throw noSuchPath();
    }
  }

  #list({ namespace, query, accept: form, encoding }: LoggedRequest, resource: ResourceName): Answer {
    const body = this.#parts.lists.body({ resource, namespace, query, form, encoding });
    return encoding === 'protobuf' ? { status: 200, body, type: PROTOBUF } : { status: 200, body };
  }

  #get(request: LoggedRequest, { resource, namespace, name }: Target): Answer {
    const entry = this.#parts.store.entry(resource, namespace, name);
    if (entry === undefined) throw notFound(resource, name);
    return objectAnswer(200, request, entry);
  }

  #create(request: LoggedRequest, resource: ResourceName): Answer {
    checkContentType(request);
    const options = writeOptions(request, 'CreateOptions');
    const body = parseObject(request, resource);
    return this.#written(request, this.#parts.registry.create(resource, request.namespace, body, options));
  }

  #update(request: LoggedRequest, target: Target): Answer {
    checkContentType(request);
    const options = writeOptions(request, 'UpdateOptions');
    const body = parseObject(request, target.resource);
    return this.#written(request, this.#parts.registry.update(target, body, options));
  }

  #patch(request: LoggedRequest, target: Target): Answer {
    const type = PATCH_TYPES.get(request.contentType);
    if (type === undefined) throw unsupportedType();
    const options = writeOptions(request, 'PatchOptions');
    checkPatchOptions(request);
    const body = parse(request.body, (why) => `error decoding patch: ${why}`);
    return this.#written(request, this.#parts.registry.patch(target, type, body, options));
  }

  #written(request: LoggedRequest, { object, created, warnings }: Written): Answer {
    const resource = storedResource(request);
    const { namespace, name } = object.metadata;
    const stored = this.#parts.store.entry(resource, namespace, name);
    const entry = stored?.object === object ? stored : new Entry(object);
    const answer = objectAnswer(created ? 201 : 200, request, entry);
    if (warnings.length === 0) return answer;
    const warning = warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(', ');
    return { ...answer, headers: { warning } };
  }

  #delete(request: LoggedRequest, target: Target): Answer {
    const text = request.body;
    const explain = (why: string): string => `couldn't get version/kind; json parse error: ${why}`;
    const body = text === '' ? undefined : parse(text, explain);
    const options = readDeleteOptions(body, new URLSearchParams(flatQuery(request)));
    const outcome = remove(this.#parts.store, target, options);
    if ('gone' in outcome) return goneAnswer(target, outcome.gone);
    if (target.resource === 'namespaces' && !this.#parts.holdNamespaces && !options.dryRun)
      finishNamespace(this.#parts.store, target.name);
    return objectAnswer(200, request, new Entry(outcome.waiting));
  }

  #finalize(request: LoggedRequest, target: Target): Answer {
    const { store } = this.#parts;
    const entry = store.entry('namespaces', undefined, target.name);
    if (entry === undefined) throw notFound('namespaces', target.name);
    if (entry.object.metadata.deletionTimestamp !== undefined) finishNamespace(store, target.name);
    return objectAnswer(200, request, entry);
  }
}

function discoveryAnswer(path: string): Answer {
  const body = discover(path);
  return typeof body === 'string'
    ? { status: 200, body, type: 'text/plain; charset=utf-8' }
    : jsonAnswer(200, body);
}

/**
 * Throws 405 for a method that the path does not have, and 404 for a path without a route. The log records both as
 * unexpected.
 */
function unserved({ resource }: LoggedRequest): StatusError {
  if (resource === undefined) return noSuchPath();
  const message = 'the server does not allow this method on the requested resource';
  return new StatusError(405, 'MethodNotAllowed', message, {});
}

/** Events have their own answers. This is for the kinds that are stored. */
function storedResource({ resource = 'configmaps' }: LoggedRequest): ResourceName {
  return resource === 'events' ? 'configmaps' : resource;
}

function objectAnswer(status: number, request: LoggedRequest, entry: Entry): Answer {
  const { accept } = request;
  if (accept === 'metadata') return { status, body: `${entry.metadataItemJson}\n` };
  const { kind, metadata } = entry.object;
  if (accept !== 'table')
    return { status, body: `{"kind":"${kind}","apiVersion":"v1",${entry.itemJson.slice(1)}\n` };
  const listMeta = JSON.stringify({ resourceVersion: metadata.resourceVersion });
  return jsonAnswer(status, tableOf(storedResource(request), [entry.object], listMeta));
}

function goneAnswer({ resource, name }: Target, { metadata }: KubeObject): Answer {
  const details = { name, kind: resource, ...(metadata.uid === undefined ? {} : { uid: metadata.uid }) };
  return jsonAnswer(200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details });
}

function flatQuery({ query }: LoggedRequest): Record<string, string> {
  return Object.fromEntries(Object.entries(query).map(([key, value]) => [key, value ?? '']));
}

function writeOptions({ query, userAgent }: LoggedRequest, kind: string): WriteOptions {
  const { fieldManager = '', dryRun = '', fieldValidation = '', force } = query;
  if (dryRun !== '' && dryRun !== 'All') {
    const message = `Unsupported value: [${JSON.stringify(dryRun)}]: supported values: "All"`;
    const error = { reason: 'FieldValueNotSupported', message, field: 'dryRun' };
    throw invalid(kind, '', [error], 'meta.k8s.io');
  }
  if (Buffer.byteLength(fieldManager) > 128)
    throw invalid(kind, '', [tooLong('fieldManager', 128)], 'meta.k8s.io');
  return {
    manager: fieldManager || userAgent.split('/', 1)[0] || 'unknown',
    dryRun: dryRun === 'All',
    fieldValidation,
    force: force === 'true' || force === '1',
  };
}

function checkPatchOptions({ verb, query }: LoggedRequest): void {
  const apply = verb === 'apply';
  if (apply && !query.fieldManager)
    throw invalid(
      'PatchOptions',
      '',
      [requiredValue('fieldManager', 'is required for apply patch')],
      'meta.k8s.io',
    );
  if (!apply && query.force !== undefined)
    throw invalid(
      'PatchOptions',
      '',
      [forbiddenValue('force', 'may not be specified for non-apply patch')],
      'meta.k8s.io',
    );
}

function checkContentType({ contentType }: LoggedRequest): void {
  if (['', 'application/json', PROTOBUF].includes(contentType)) return;
  const message =
    'the body of the request was in an unknown format - accepted media types include: application/json';
  throw new StatusError(415, 'UnsupportedMediaType', message);
}

function unsupportedType(): StatusError {
  return new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
}

function parseObject({ body }: LoggedRequest, resource: ResourceName): Json {
  const { kind } = RESOURCES[resource];
  const parsed = parse(
    body,
    (why) =>
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${why} (${body.slice(0, 1024)})`,
  );
  if (isObject(parsed)) return parsed;
  throw badRequest(
    `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: json: cannot unmarshal into Go value`,
  );
}

function parse(text: string, explain: (why: string) => string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw badRequest(explain(error instanceof Error ? error.message : String(error)));
  }
}
