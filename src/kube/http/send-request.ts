import { type Agent, type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { gunzipSync } from 'node:zlib';
import { memoizeObject } from '../../util/memoize.ts';
import type { ServerUrl } from '../transport/server-url.ts';

/** One HTTP request. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** Name, value, name, value. node:http sends such a list unchanged, which takes half the time of an object. */
  readonly headers: string[];
  readonly body: string | undefined;
}

/** A complete HTTP response. */
export interface HttpResponse {
  readonly status: number;
  /** Returns the value of a header. The name is in lower case. */
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
  /** Bytes of the body as it was sent, which may be compressed. */
  readonly bytes: number;
}

/** The deadline is over, and the response is not complete. */
export class TryTimedOut extends Error {}

/** The run was stopped before the response was complete. */
export class TryStopped extends Error {}

/** What ends the wait for a complete response: milliseconds (0 means no limit), and a signal. */
export interface Deadline {
  readonly milliseconds: number;
  readonly stop: AbortSignal | undefined;
}

/**
 * Sends one request and reads the complete response. It does not follow redirects. The deadline covers everything from
 * opening the connection to the last byte, so it also ends a body that stalls.
 */
export function sendRequest(
  target: ServerUrl,
  agent: Agent,
  outgoing: HttpRequest,
  deadline: Deadline,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const request = open(target, agent, outgoing);
    const fail = (error: unknown): void => {
      release();
      reject(error);
    };
    const end = (error: Error): void => {
      // A request that still waits for its connection emits no error when it is destroyed.
      fail(error);
      request.destroy(error);
    };
    const release = watchDeadline(end, deadline);
    const finish = (response: HttpResponse): void => {
      release();
      resolve(response);
    };
    request.on('error', fail);
    request.on('response', (response) => readWhole(response, fail, finish));
    request.end(outgoing.body);
  });
}

function open({ secure, host, port }: ServerUrl, agent: Agent, outgoing: HttpRequest): ClientRequest {
  const { method, path, headers } = outgoing;
  const protocol = secure ? 'https:' : 'http:';
  return (secure ? secureRequest : plainRequest)({ agent, protocol, host, port, method, path, headers });
}

/** Calls `end` when the time is over or the run is stopped. The returned function ends the watch. */
function watchDeadline(end: (error: Error) => void, { milliseconds, stop }: Deadline): () => void {
  const timer = milliseconds > 0 ? setTimeout(() => end(new TryTimedOut()), milliseconds) : undefined;
  const onStop = (): void => end(new TryStopped());
  const calls = stop === undefined ? [] : calledOnAbort(stop);
  calls.push(onStop);
  return () => {
    clearTimeout(timer);
    // A request that is destroyed ends twice.
    const at = calls.indexOf(onStop);
    if (at >= 0) calls.splice(at, 1);
  };
}

/**
 * Returns the functions that a signal calls when it is aborted. One listener calls them all. With a listener for each
 * request, removed ones hold finished requests in memory: a first sync of 10,000 copies needs up to 15 MB more.
 */
const calledOnAbort = memoizeObject((signal: AbortSignal): (() => void)[] => {
  const calls: (() => void)[] = [];
  // A call removes itself from the list.
  signal.addEventListener('abort', () => [...calls].forEach((call) => call()));
  return calls;
});

function readWhole(
  response: IncomingMessage,
  fail: (error: unknown) => void,
  done: (response: HttpResponse) => void,
): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('error', fail);
  response.on('end', () => {
    // The response is in use while its body is decoded. It must not hold the compressed pieces as well.
    const received = joined(chunks.splice(0));
    try {
      done({
        status: response.statusCode ?? 0,
        header: (name) => headerOf(response, name),
        body: unzipped(received, headerOf(response, 'content-encoding')),
        bytes: received.length,
      });
    } catch (error) {
      fail(error);
    }
  });
}

/** A short response comes in one piece, which needs no copy. */
function joined(chunks: readonly Buffer[]): Buffer {
  const [first, ...rest] = chunks;
  return first !== undefined && rest.length === 0 ? first : Buffer.concat(chunks);
}

/**
 * Returns the body as the server meant it. It unzips one body at a time: two large lists that arrive together need not be
 * in memory together.
 */
function unzipped(received: Buffer, encoding: string | undefined): Buffer {
  return encoding === 'gzip' ? gunzipSync(received, { chunkSize: unzippedSize(received) }) : received;
}

/**
 * How much room to give the unzipped body at first. The last four bytes of gzip say how long it is (RFC 1952, 2.3.1), so
 * that a list of some megabytes is not put together from pieces of 16 KB. A wrong length only costs time.
 */
function unzippedSize(gzipped: Buffer): number {
  const size = gzipped.length < 4 ? 0 : gzipped.readUInt32LE(gzipped.length - 4) + 1;
  return Math.min(Math.max(size, LEAST_ROOM), MOST_ROOM);
}

const LEAST_ROOM = 16_384;
const MOST_ROOM = 33_554_432;

/** Returns the first value of a header. It reads the raw headers: `headers` would build an object for each response. */
function headerOf({ rawHeaders }: IncomingMessage, name: string): string | undefined {
  const at = rawHeaders.findIndex((one, place) => place % 2 === 0 && one.toLowerCase() === name);
  return at < 0 ? undefined : rawHeaders[at + 1];
}
