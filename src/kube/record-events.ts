import pMap from 'p-map';
import { MANAGER } from '../plan/annotations/markers.ts';
import type { SourceEvent, Subject } from '../plan/source-events.ts';
import type { Failure } from '../model/failure.ts';
import type { EventCounts } from '../model/run-report.ts';
import type { ApiClient } from './http/client.ts';
import { eventsPath } from './api.ts';
import { formatTimestamp } from '../util/timestamp.ts';

/** What recording Events needs in addition to the Events. */
export interface EventContext {
  /** Returns the message of an Event. It comes from `report/`. */
  readonly message: (event: SourceEvent) => string;
  readonly sha256: (text: string) => string;
  /** After an abort, no more Events are sent. */
  readonly stop: AbortSignal;
  readonly now: () => Date;
}

/** Events to send at a time. They are sent after all copies are written, so they need not be fast. */
const CONCURRENCY = 8;

/** `known`: the Event exists already. `unsent`: its namespace is gone, or the run was stopped. */
type EventOutcome = 'sent' | 'known' | 'unsent' | Failure;

/**
 * Records Events on the sources (Kubernetes: Event v1 core), and counts what happened to them. A warning that has not
 * changed has the same name in each run. The API server answers AlreadyExists while it keeps the Event, an hour by default.
 * So Events do not pile up.
 */
export async function recordEvents(
  connection: ApiClient,
  events: readonly SourceEvent[],
  context: EventContext,
): Promise<EventCounts> {
  const outcomes = await pMap(events, (event) => recordEvent(connection, event, context), {
    concurrency: CONCURRENCY,
  });
  const failures = outcomes.filter((one) => typeof one === 'object');
  const [failure] = failures;
  return {
    sent: outcomes.filter((one) => one === 'sent').length,
    known: outcomes.filter((one) => one === 'known').length,
    failed: failures.length,
    ...(failure !== undefined && { failure }),
  };
}

async function recordEvent(
  connection: ApiClient,
  event: SourceEvent,
  context: EventContext,
): Promise<EventOutcome> {
  if (context.stop.aborted) return 'unsent';
  const { namespace } = event.subject;
  const response = await connection.send({
    method: 'POST',
    path: `${eventsPath(namespace)}?fieldManager=${MANAGER}`,
    attempt: { verb: 'create', resource: 'events', namespace },
    body: JSON.stringify(eventBody(event, context)),
  });
  return response.ok ? 'sent' : outcomeOf(response.failure, event);
}

/** Returns the outcome of a failed POST. After a lost response, the retry gets AlreadyExists although the Event is new. */
function outcomeOf(failure: Failure, { reason }: SourceEvent): EventOutcome {
  switch (failure.reason) {
    case 'already-exists':
      return reason === 'Synced' ? 'sent' : 'known';
    case 'namespace-terminating':
    case 'namespace-gone':
    case 'stopped':
      return 'unsent';
    default:
      return failure;
  }
}

function eventBody(event: SourceEvent, context: EventContext): object {
  const message = context.message(event);
  const now = context.now();
  const [time, seconds] = [now.toISOString(), formatTimestamp(now)];
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: nameOf(event, message, time, context), namespace: event.subject.namespace },
    involvedObject: reference(event.subject),
    type: event.reason === 'Synced' ? 'Normal' : 'Warning',
    reason: event.reason,
    action: 'Sync',
    message,
    count: 1,
    firstTimestamp: seconds,
    lastTimestamp: seconds,
    eventTime: `${time.slice(0, 23)}000Z`,
    source: { component: MANAGER },
    reportingComponent: MANAGER,
    reportingInstance: MANAGER,
  };
}

function reference({ kind, namespace, name, uid }: Subject): object {
  return { apiVersion: 'v1', kind, namespace, name, uid };
}

/** Room for the hash and the dot before it within the 253 characters of a name. */
const MOST_OF_NAME = 236;

/**
 * Returns the name of an Event. For a warning it is a hash of the message without its numbers, because the message of a
 * quota counts what is used. So the same problem is reported once an hour, and not in each run.
 */
function nameOf(
  { reason, subject }: SourceEvent,
  message: string,
  time: string,
  { sha256 }: EventContext,
): string {
  const once = reason === 'Synced' ? time : '';
  const hash = sha256(
    JSON.stringify([subject.uid, reason, message.replace(/(?<![\w-])\d+(?![\w-])/gu, '#'), once]),
  );
  const name = subject.name.slice(0, MOST_OF_NAME).replace(/[-.]+$/u, '');
  return `${name}.${hash.slice(0, 16)}`;
}
