import { setMaxListeners } from 'node:events';
import type { Attempt, Failure, Result } from '../../model/failure.ts';
import type { RequestCounts } from '../../model/run-report.ts';
import type { Access, Credentials } from '../auth/credentials.ts';
import { type HttpResponse, type HttpRequest, sendRequest } from './send-request.ts';
import { type Pacing, type Retrying, MOST_TRIES, delayOf, shouldRetry, orAborted } from './retry.ts';
import { Login } from '../auth/login.ts';
import { PROTOBUF } from '../read/protobuf-list.ts';
import type { ServerUrl } from '../auth/server-url.ts';
import {
  type Describe,
  type RequestError,
  connectionError,
  rejectedError,
  unexpectedBodyError,
} from './request-error.ts';

/** One request to the API server. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path and query, already encoded. */
  readonly path: string;
  /** What the request is for: counted, and told when it fails. */
  readonly attempt: Attempt;
  /** Serialised by the caller, who may send the same text to many namespaces. */
  readonly body?: string;
  readonly contentType?: string;
  readonly accept?: string;
  /**
   * Makes of the answer what its `json` is to be, by its content type; JSON where it is left out. It throws where the answer
   * is not whole: then a read is tried again.
   */
  readonly parse?: (body: Buffer, contentType: string) => unknown;
  /** Makes of a refusal what is shown of it; its whole message where it is left out. */
  readonly describe?: Describe;
  /** Has to be sent whatever happens: a stop does not end the waiting between its tries, but for the grace after it. */
  readonly mustFinish?: boolean;
}

/** What the API server answered. */
export interface ApiResponse {
  readonly status: number;
  readonly json: unknown;
}

/** What a {@link ApiClient} needs besides credentials. */
export interface ClientSettings extends Pacing {
  readonly progress?: (event: Retrying) => void;
  /** Milliseconds that one try may take; 0 is without end. */
  readonly requestTimeout: number;
  readonly userAgent: string;
  readonly stop?: AbortSignal;
  /** Milliseconds that writes under way have after a stop; then they are abandoned. */
  readonly grace?: number;
}

/** A pod has 30 seconds between SIGTERM and SIGKILL, and a report still has to be written. */
const GRACE = 10_000;

type Try =
  | { readonly ok: true; readonly value: ApiResponse }
  | { readonly ok: false; readonly trouble: RequestError };

/**
 * The connection of one run to the API server: it holds the kept-alive sockets, the credentials, the counts, and the
 * gate at which all requests wait when the server asks for less.
 */
export class ApiClient {
  readonly #target: ServerUrl;
  readonly #login: Login;
  readonly #settings: ClientSettings;
  readonly #counts = { list: 0, get: 0, create: 0, patch: 0, delete: 0 };
  #events = 0;
  readonly #common: readonly string[];
  #bytes = 0;
  /** The server has answered something, so that a refused connection may be a restart and no wrong address. */
  #answered = false;
  /** A request has used up its tries and no other has got through since: each of the rest gets one. */
  #givenUp = false;
  #gate: Promise<unknown> | undefined;
  /** Aborted when the grace after a stop is over. */
  readonly #abandon = new AbortController();

  constructor(credentials: Credentials, settings: ClientSettings) {
    const { hostHeader } = credentials.target;
    this.#target = credentials.target;
    this.#login = new Login(credentials, settings.now);
    this.#settings = settings;
    this.#common = ['Host', hostHeader, 'User-Agent', settings.userAgent, 'Accept-Encoding', 'gzip'];
    if (settings.stop !== undefined) setMaxListeners(0, settings.stop, this.#abandon.signal);
    settings.stop?.addEventListener('abort', () => this.#startGrace(), { once: true });
  }

  /** The clock does not keep the process: when nothing is under way there is nothing to abandon. */
  #startGrace(): void {
    setTimeout(() => this.#abandon.abort(), this.#settings.grace ?? GRACE).unref();
  }

  /** Scheme, host and port of the API server. */
  get address(): string {
    return this.#target.address;
  }

  /** Requests sent so far, retries included. */
  counts(): RequestCounts {
    return { ...this.#counts, ...(this.#events > 0 && { events: this.#events }) };
  }

  /** Bytes of the bodies received so far, as they came over the wire. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Lets go of the sockets. */
  close(): void {
    this.#login.close();
  }

  /** Waits as before a retry of this number, for callers that send something again for their own reasons. */
  async pause(tries: number): Promise<void> {
    const delay = delayOf(
      { again: 'yes', failure: { reason: 'status', message: '' } },
      tries,
      this.#settings,
    );
    await this.#settings.sleep(delay, this.#abandon.signal);
  }

  /** Sends a request, again where that may help, and parses the answer. */
  async send(request: ApiRequest): Promise<Result<ApiResponse>> {
    let [renewed, lost, last]: [boolean, boolean, Failure | undefined] = [false, false, undefined];
    for (let tries = 1; ; tries += 1) {
      while (this.#gate !== undefined) await this.#pass(this.#gate);
      if (this.#login.isStale) await orAborted(this.#login.refresh(), this.#endOf(request));
      if (this.#isStopped(request)) return { ok: false, failure: stopped(request, last) };
      const { access } = this.#login;
      const result = await this.#try(request, access);
      if (result.ok) return result;
      const failure: Failure = {
        ...result.trouble.failure,
        subject: this.#target.address,
        ...(lost && { afterLost: true }),
      };
      last = failure;
      lost ||= request.method !== 'GET' && mayHaveActed(failure);
      if (failure.reason === 'unauthorized' && !renewed && (await this.#renew(request, access)))
        renewed = true;
      else if (!(await this.#waitToRetry(request, result.trouble, tries))) return { ok: false, failure };
    }
  }

  /** Waits at the gate; the first to come through leaves it open, unless it was closed again meanwhile. */
  async #pass(gate: Promise<unknown>): Promise<void> {
    await gate;
    if (this.#gate === gate) this.#gate = undefined;
  }

  async #renew(request: ApiRequest, access: Access): Promise<boolean> {
    return (await orAborted(this.#login.renew(access), this.#endOf(request))) ?? false;
  }

  #isStopped(request: ApiRequest): boolean {
    const { stop } = this.#settings;
    return request.mustFinish === true ? this.#abandon.signal.aborted : stop?.aborted === true;
  }

  /** What ends the wait for an answer: of a read the stop itself, of anything else the end of the grace. */
  #endOf({ method, mustFinish: unstoppable }: ApiRequest): AbortSignal | undefined {
    const { stop } = this.#settings;
    return method === 'GET' && unstoppable !== true ? stop : stop && this.#abandon.signal;
  }

  async #try(request: ApiRequest, access: Access): Promise<Try> {
    const { attempt } = request;
    if (attempt.resource === 'events') this.#events += 1;
    else this.#counts[attempt.verb] += 1;
    let incoming: HttpResponse;
    try {
      const patience = { milliseconds: this.#settings.requestTimeout, stop: this.#endOf(request) };
      incoming = await sendRequest(this.#target, access.agent, this.#outgoing(request, access), patience);
    } catch (error) {
      return { ok: false, trouble: connectionError(error, attempt) };
    }
    this.#answered = true;
    this.#bytes += incoming.bytes;
    return this.#read(incoming, request);
  }

  #outgoing({ method, path, body, contentType, accept }: ApiRequest, access: Access): HttpRequest {
    const headers = [...this.#common, ...access.headers, 'Accept', accept ?? 'application/json'];
    if (body !== undefined)
      headers.push(
        'Content-Type',
        contentType ?? 'application/json',
        'Content-Length',
        String(Buffer.byteLength(body)),
      );
    return { method, path: this.#target.prefix + path, headers, body };
  }

  #read(incoming: HttpResponse, { attempt, describe, parse = parseJson }: ApiRequest): Try {
    const { status, body, header } = incoming;
    if (status < 200 || status > 299) {
      if (status !== 401) this.#login.accept();
      const trouble = rejectedError(incoming, attempt, describe);
      if (trouble.again === 'no') this.#givenUp = false;
      return { ok: false, trouble };
    }
    this.#login.accept();
    this.#givenUp = false;
    const contentType = header('content-type') ?? '';
    try {
      return { ok: true, value: { status, json: parse(body, contentType) } };
    } catch {
      const isOfServer = contentType.startsWith('application/json') || contentType.startsWith(PROTOBUF);
      return {
        ok: false,
        trouble: { again: isOfServer ? 'reads' : 'no', failure: unexpectedBodyError(incoming, attempt) },
      };
    }
  }

  async #waitToRetry(request: ApiRequest, trouble: RequestError, tries: number): Promise<boolean> {
    const circumstances = {
      tries,
      reads: request.method === 'GET',
      answered: this.#answered,
      givenUp: this.#givenUp,
    };
    if (!shouldRetry(trouble, circumstances)) {
      if (trouble.again !== 'no' && tries >= MOST_TRIES) this.#givenUp = true;
      return false;
    }
    if (this.#isStopped(request)) return true;
    const delay = delayOf(trouble, tries, this.#settings);
    this.#settings.progress?.({ phase: 'retrying', failure: trouble.failure, attempt: tries, delay });
    const { stop } = this.#settings;
    const slept = this.#settings.sleep(delay, request.mustFinish === true ? this.#abandon.signal : stop);
    if (trouble.slowDown === true) this.#closeGate(slept);
    await slept;
    return true;
  }

  /** Holds back every request until the time is over that the server asked one of them to wait. */
  #closeGate(until: Promise<void>): void {
    this.#gate = Promise.all([this.#gate, until]);
  }
}

function parseJson(body: Buffer): unknown {
  return JSON.parse(body.toString());
}

/** A read that a stop cuts short was stopped; of a write that was sent, its last failure is what is known. */
function stopped({ method, attempt }: ApiRequest, last: Failure | undefined): Failure {
  if (last !== undefined && method !== 'GET') return last;
  return { reason: 'stopped', message: 'stopped before the answer came', attempt };
}

/** Nobody knows whether a write was carried out whose answer did not come, or came from something in between. */
function mayHaveActed({ reason, status = 0 }: Failure): boolean {
  return reason === 'connection-lost' || reason === 'timed-out' || (status >= 500 && status !== 503);
}
