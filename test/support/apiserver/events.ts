/**
 * Events of core v1, as far as a client needs them: create and list in a namespace. The messages of validation come
 * from a real API server. An Event with an eventTime is validated more strictly.
 */

import type { Admission } from './admission.ts';
import { jsonAnswer, type Answer } from './answer.ts';
import { asText, isObject, timestamp, type Json, type JsonObject } from './model.ts';
import type { LoggedRequest } from './request.ts';
import {
  alreadyExists,
  badRequest,
  invalid,
  invalidValue,
  noSuchPath,
  requiredValue,
  type FieldError,
} from './status.ts';
import { qualifiedNameFlaws } from './names.ts';

const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(?:Z|[+-]\d\d:\d\d)$/u;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/u;

/** The Events of the cluster. They are kept as long as the server runs. */
export class Events {
  readonly #admission: Admission;
  readonly #now: () => Date;
  readonly #events = new Map<string, JsonObject>();
  #version = 1_000_000;

  constructor(admission: Admission, now: () => Date) {
    this.#admission = admission;
    this.#now = now;
  }

  /** Every Event, in the order of creation. */
  get all(): readonly JsonObject[] {
    return [...this.#events.values()];
  }

  /** Forgets them, as the API server does after an hour. */
  expire(): void {
    this.#events.clear();
  }

  /** Returns the answer, or throws a StatusError. */
  answer(request: LoggedRequest): Answer {
    if (request.verb === 'create') return this.#create(request);
    if (request.verb === 'list') return this.#list(request);
    throw noSuchPath();
  }

  #list({ namespace }: LoggedRequest): Answer {
    const items = this.all.filter(
      ({ metadata }) => isObject(metadata) && metadata['namespace'] === namespace,
    );
    const metadata = { resourceVersion: String(this.#version) };
    return jsonAnswer(200, { kind: 'EventList', apiVersion: 'v1', metadata, items });
  }

  #create({ body, namespace = '', query }: LoggedRequest): Answer {
    const event = decode(body);
    const metadata = isObject(event['metadata']) ? event['metadata'] : {};
    const name = asText(metadata['name']);
    if ((metadata['namespace'] ?? namespace) !== namespace)
      throw badRequest(
        'the namespace of the provided object does not match the namespace sent on the request',
      );
    this.#admission.checkNamespace('events', { metadata: { name, namespace } });
    const errors = eventErrors(event, name, namespace);
    if (errors.length > 0) throw invalid('Event', name, errors);
    const key = `${namespace}/${name}`;
    if (this.#events.has(key)) throw alreadyExists('events', name, false);
    const creationTimestamp = timestamp(this.#now());
    this.#version += 1;
    const resourceVersion = String(this.#version);
    const stored = {
      ...event,
      metadata: { ...metadata, name, namespace, creationTimestamp, resourceVersion },
    };
    if (query.dryRun === undefined) this.#events.set(key, stored);
    return jsonAnswer(201, stored);
  }
}

function decode(body: string): JsonObject {
  const event: Json = JSON.parse(body) as Json;
  if (!isObject(event)) throw badRequest('the object provided is unrecognized');
  checkTime(event['eventTime'], MICRO_TIME, '2006-01-02T15:04:05.000000Z07:00');
  for (const key of ['firstTimestamp', 'lastTimestamp'])
    checkTime(event[key], TIME, '2006-01-02T15:04:05Z07:00');
  return event;
}

function checkTime(time: Json | undefined, form: RegExp, layout: string): void {
  if (time === undefined || time === null || form.test(asText(time))) return;
  const why = `parsing time ${JSON.stringify(time)} as ${JSON.stringify(layout)}: cannot parse`;
  throw badRequest(`Event in version "v1" cannot be handled as a Event: ${why}`);
}

function eventErrors(event: JsonObject, name: string, namespace: string): readonly FieldError[] {
  const missing = name === '' ? [requiredValue('metadata.name', 'name or generateName is required')] : [];
  const involved = isObject(event['involvedObject']) ? asText(event['involvedObject']['namespace']) : '';
  const hasTime = asText(event['eventTime']) !== '';
  const elsewhere =
    involved === namespace || (hasTime && involved !== '')
      ? []
      : [invalidValue('involvedObject.namespace', involved, 'does not match event.namespace')];
  return [...missing, ...elsewhere, ...(hasTime ? newEventErrors(event) : [])];
}

function newEventErrors(event: JsonObject): readonly FieldError[] {
  const component = asText(event['reportingComponent']);
  return [
    ...required('reportingComponent', component),
    ...qualifiedNameFlaws(component).map((why) => invalidValue('reportingComponent', component, why)),
    ...['reportingInstance', 'action', 'reason'].flatMap((field) => [
      ...required(field, asText(event[field])),
      ...atMost(field, asText(event[field]), 128),
    ]),
    ...atMost('message', asText(event['message']), 1024),
  ];
}

function required(field: string, value: string): readonly FieldError[] {
  return value === '' ? [requiredValue(field)] : [];
}

/** Counts bytes, as Go's `len` does, although the message of the real server says characters. */
function atMost(field: string, value: string, most: number): readonly FieldError[] {
  return Buffer.byteLength(value) > most
    ? [invalidValue(field, '', `can have at most ${most} characters`)]
    : [];
}
