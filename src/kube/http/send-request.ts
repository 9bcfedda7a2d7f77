import { type Agent, type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { gunzip } from 'node:zlib';
import { type Intake, headerOf, isZipped, readPieces } from '../intake.ts';
import type { Target } from '../auth/server-url.ts';
import type { TimeLimit } from '../time-limit.ts';
import { waitsOn } from '../waits.ts';

/** What goes over the wire once. */
export interface Outgoing {
  readonly method: string;
  readonly path: string;
  /** Name, value, name, value: node:http sends such a list as it is, which is half the work of an object. */
  readonly headers: string[];
  readonly body: string | undefined;
  /** What takes an answer of success apart while it comes in. */
  readonly intake: Intake | undefined;
}

/** What came back, whole. */
export interface Incoming {
  readonly status: number;
  /** The value of a header, its name in lower case; asked for where something went wrong. */
  readonly header: (name: string) => string | undefined;
  readonly text: string;
  /** What an {@link Intake} made of it; undefined where none was at work, or could not make sense of it. */
  readonly taken: unknown;
  /** Bytes of the body on the wire. */
  readonly bytes: number;
}

/** The time that one try may take is over: the answer, or the rest of it, did not come. */
export class TryTimedOut extends Error {}

/** The run was stopped while an answer was awaited. */
export class TryStopped extends Error {}

/** What ends the wait for the whole answer: the time that it may take, and a signal. */
export interface Patience {
  readonly limit: TimeLimit | undefined;
  readonly stop: AbortSignal | undefined;
}

/**
 * Sends one request and reads the whole answer; redirects are answers like any other. The time-out covers everything
 * from looking for a connection to the last byte, so that a stalled body ends too.
 */
export function exchange(
  target: Target,
  agent: Agent,
  outgoing: Outgoing,
  patience: Patience,
): Promise<Incoming> {
  return new Promise((resolve, reject) => {
    const { body, intake } = outgoing;
    const request = open(target, agent, outgoing);
    const fail = (error: Error): void => {
      release();
      reject(error);
    };
    const end = (error: Error): void => {
      // A request that still waits for its connection tells nobody that it was destroyed.
      fail(error);
      request.destroy(error);
    };
    const release = bounded(end, patience);
    request.on('error', fail);
    const finish = (answer: Incoming): void => {
      release();
      resolve(answer);
    };
    request.on('response', (response) => {
      if (intake === undefined || !isSuccess(response)) readWhole(response, fail, finish);
      else
        readPieces(response, intake, fail, (taken, bytes) => finish(incomingOf(response, '', taken, bytes)));
    });
    request.end(body);
  });
}

function open({ secure, host, port }: Target, agent: Agent, outgoing: Outgoing): ClientRequest {
  const { method, path, headers } = outgoing;
  const protocol = secure ? 'https:' : 'http:';
  return (secure ? secureRequest : plainRequest)({ agent, protocol, host, port, method, path, headers });
}

/** Ends the try when its time is over or the run is stopped; the function returned lifts both. */
function bounded(end: (error: Error) => void, { limit, stop }: Patience): () => void {
  const inTime = limit?.add(() => end(new TryTimedOut()));
  const goOn = stop && waitsOn(stop).add(() => end(new TryStopped()));
  return () => {
    inTime?.();
    goOn?.();
  };
}

function readWhole(
  response: IncomingMessage,
  fail: (error: Error) => void,
  done: (incoming: Incoming) => void,
): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('error', fail);
  response.on('end', () => {
    const [first] = chunks;
    const body = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
    const finish = (text: string): void => done(incomingOf(response, text, undefined, body.length));
    if (!isZipped(response)) finish(body.toString());
    else gunzip(body, (error, whole) => (error === null ? finish(whole.toString()) : fail(error)));
  });
}

function incomingOf(response: IncomingMessage, text: string, taken: unknown, bytes: number): Incoming {
  const header = (name: string): string | undefined => headerOf(response, name);
  return { status: response.statusCode ?? 0, header, text, taken, bytes };
}

function isSuccess({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode <= 299;
}
