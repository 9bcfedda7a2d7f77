import pMap from 'p-map';
import { MANAGER } from '../plan/annotations/markers.ts';
import type { SourceEvent, Subject } from '../plan/source-events.ts';
import type { Failure } from '../model/failure.ts';
import type { EventCounts } from '../model/run-report.ts';
import type { ApiClient } from './http/client.ts';
import { eventsPath, secondsOf } from './api.ts';

/** What leaving Events needs besides the Events. */
export interface EventContext {
  /** The words of an Event; `report/` has them. */
  readonly message: (event: SourceEvent) => string;
  readonly sha256: (text: string) => string;
  /** Aborted: nothing more is sent. */
  readonly stop: AbortSignal;
  readonly now: () => Date;
}

/** Events under way at a time. They come when all copies are written, and nobody waits for them. */
const CONCURRENCY = 8;

type Left = 'sent' | 'known' | 'nowhere' | Failure;

/**
 * Leaves Events on the sources (Kubernetes: Event v1 core). The sync is done by then, and nothing that goes wrong here
 * undoes it. A warning that was told before and is still the same has the same name: the API server then answers
 * AlreadyExists for as long as it keeps the Event, an hour by default, and nothing piles up run after run.
 */
export async function recordEvents(
  connection: ApiClient,
  events: readonly SourceEvent[],
  context: EventContext,
): Promise<EventCounts> {
  const left = await pMap(events, (event) => leave(connection, event, context), { concurrency: CONCURRENCY });
  const failures = left.filter((one) => typeof one === 'object');
  const [failure] = failures;
  return {
    sent: left.filter((one) => one === 'sent').length,
    known: left.filter((one) => one === 'known').length,
    failed: failures.length,
    ...(failure !== undefined && { failure }),
  };
}

async function leave(connection: ApiClient, event: SourceEvent, context: EventContext): Promise<Left> {
  if (context.stop.aborted) return 'nowhere';
  const { namespace } = event.subject;
  const answer = await connection.send({
    method: 'POST',
    path: `${eventsPath(namespace)}?fieldManager=${MANAGER}`,
    attempt: { verb: 'create', resource: 'events', namespace },
    body: JSON.stringify(eventBody(event, context)),
  });
  return answer.ok ? 'sent' : settle(answer.failure, event);
}

/** A namespace on its way out has nobody left to be told; a lost answer to a POST looks like AlreadyExists. */
function settle(failure: Failure, { reason }: SourceEvent): Left {
  switch (failure.reason) {
    case 'already-exists':
      return reason === 'Synced' ? 'sent' : 'known';
    case 'namespace-terminating':
    case 'namespace-gone':
    case 'stopped':
      return 'nowhere';
    default:
      return failure;
  }
}

function eventBody(event: SourceEvent, context: EventContext): object {
  const message = context.message(event);
  const now = context.now();
  const [time, seconds] = [now.toISOString(), secondsOf(now)];
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
 * The name of an Event. What a warning says is hashed without its numbers, since a quota's message counts what is used:
 * the same trouble is told once an hour, and not in every run.
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
