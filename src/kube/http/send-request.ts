import { type Agent, type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { gunzip } from 'node:zlib';
import type { ServerUrl } from '../auth/server-url.ts';

/** What goes over the wire once. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** Name, value, name, value: node:http sends such a list as it is, which is half the work of an object. */
  readonly headers: string[];
  readonly body: string | undefined;
}

/** What came back, whole. */
export interface HttpResponse {
  readonly status: number;
  /** The value of a header, its name in lower case. */
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
  /** Bytes of the body on the wire, where it may be zipped. */
  readonly bytes: number;
}

/** The time that one try may take is over: the answer, or the rest of it, did not come. */
export class TryTimedOut extends Error {}

/** The run was stopped while an answer was awaited. */
export class TryStopped extends Error {}

/** What ends the wait for the whole answer: the milliseconds that it may take (0 is without end), and a signal. */
export interface Deadline {
  readonly milliseconds: number;
  readonly stop: AbortSignal | undefined;
}

/**
 * Sends one request and reads the whole answer; redirects are answers like any other. The time-out covers everything
 * from looking for a connection to the last byte, so that a stalled body ends too.
 */
export function sendRequest(
  target: ServerUrl,
  agent: Agent,
  outgoing: HttpRequest,
  patience: Deadline,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
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
    const finish = (answer: HttpResponse): void => {
      release();
      resolve(answer);
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

/** Ends the try when its time is over or the run is stopped; the function returned lifts both. */
function bounded(end: (error: Error) => void, { milliseconds, stop }: Deadline): () => void {
  const timer = milliseconds > 0 ? setTimeout(() => end(new TryTimedOut()), milliseconds) : undefined;
  const onStop = (): void => end(new TryStopped());
  stop?.addEventListener('abort', onStop);
  return () => {
    clearTimeout(timer);
    stop?.removeEventListener('abort', onStop);
  };
}

function readWhole(
  response: IncomingMessage,
  fail: (error: Error) => void,
  done: (incoming: HttpResponse) => void,
): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('error', fail);
  response.on('end', () => {
    const received = Buffer.concat(chunks);
    const finish = (body: Buffer): void =>
      done({
        status: response.statusCode ?? 0,
        header: (name) => headerOf(response, name),
        body,
        bytes: received.length,
      });
    if (headerOf(response, 'content-encoding') !== 'gzip') finish(received);
    else gunzip(received, (error, body) => (error === null ? finish(body) : fail(error)));
  });
}

/** The first value of a header. Taken from the raw ones: `headers` makes an object of all, for every answer to a write. */
function headerOf({ rawHeaders }: IncomingMessage, name: string): string | undefined {
  const at = rawHeaders.findIndex((one, place) => place % 2 === 0 && one.toLowerCase() === name);
  return at < 0 ? undefined : rawHeaders[at + 1];
}
