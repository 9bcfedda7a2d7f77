import { type Agent, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { gunzip } from 'node:zlib';
import type { Target } from './target.ts';

/** What goes over the wire once. */
export interface Outgoing {
  readonly method: string;
  readonly path: string;
  /** Name, value, name, value: node:http sends such a list as it is, which is half the work of an object. */
  readonly headers: string[];
  readonly body: string | undefined;
}

/** What came back, whole. */
export interface Incoming {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  readonly text: string;
  /** Bytes of the body on the wire. */
  readonly bytes: number;
}

/** The time that one try may take is over: the answer, or the rest of it, did not come. */
export class TryTimedOut extends Error {}

/** The run was stopped while an answer was awaited. */
export class TryStopped extends Error {}

/** How long to wait for the whole answer, and the signal that ends the wait. */
export interface Patience {
  /** Milliseconds; 0 is without end. */
  readonly timeout: number;
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
    const { secure, host, port } = target;
    const { method, path, headers, body } = outgoing;
    const protocol = secure ? 'https:' : 'http:';
    const request = (secure ? secureRequest : plainRequest)({
      agent,
      protocol,
      host,
      port,
      method,
      path,
      headers,
    });
    const fail = (error: Error): void => {
      release();
      reject(error);
    };
    const end = (error: Error): void => {
      // A request that still waits for its connection tells nobody that it was destroyed.
      fail(error);
      request.destroy(error);
    };
    const release = limit(end, patience);
    request.on('error', fail);
    request.on('response', (response) => {
      readWhole(response, fail, (bytes) => {
        release();
        incoming(response, bytes, resolve, reject);
      });
    });
    request.end(body);
  });
}

/** Ends the try when its time is over or the run is stopped; the function returned lifts both. */
function limit(end: (error: Error) => void, { timeout, stop }: Patience): () => void {
  const timer = timeout > 0 ? setTimeout(() => end(new TryTimedOut()), timeout) : undefined;
  if (stop === undefined) return () => clearTimeout(timer);
  const halt = (): void => end(new TryStopped());
  stop.addEventListener('abort', halt, { once: true });
  return () => {
    clearTimeout(timer);
    stop.removeEventListener('abort', halt);
  };
}

function readWhole(
  response: IncomingMessage,
  fail: (error: Error) => void,
  done: (body: Buffer) => void,
): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('error', fail);
  response.on('end', () => {
    const [first] = chunks;
    done(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
  });
}

function incoming(
  response: IncomingMessage,
  body: Buffer,
  resolve: (incoming: Incoming) => void,
  reject: (error: Error) => void,
): void {
  const { headers, statusCode = 0 } = response;
  const finish = (text: string): void =>
    resolve({
      status: statusCode,
      contentType: headers['content-type'] ?? '',
      retryAfter: headers['retry-after'],
      text,
      bytes: body.length,
    });
  if (headers['content-encoding'] !== 'gzip') return finish(body.toString());
  gunzip(body, (error, whole) => (error === null ? finish(whole.toString()) : reject(error)));
}
