import { setMaxListeners } from 'node:events';
import type { Attempt, Failure, Result } from '../../model/failure.ts';
import type { ReportTarget, RequestCounts } from '../../model/run-report.ts';
import type { Access } from '../auth/credentials.ts';
import { type HttpResponse, type HttpRequest, sendRequest } from './send-request.ts';
import { type Pacing, Retries, type Retrying, orAborted } from './retry.ts';
import { explainFailure } from '../auth/explain-failure.ts';
import type { Login } from '../auth/login.ts';
import { PROTOBUF } from '../read/protobuf-list.ts';
import type { ServerUrl } from '../transport/server-url.ts';
import {
  type Describe,
  type RequestError,
  connectionError,
  isNotAccepted,
  mayHaveActed,
  rejectedError,
  unexpectedBodyError,
} from './request-error.ts';

/** One request to the API server. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path and query, already encoded. */
  readonly path: string;
  /** What the request is for: it is counted, and a failure names it. */
  readonly attempt: Attempt;
  /** The caller serializes it, because it may send the same text to many namespaces. */
  readonly body?: string;
  readonly contentType?: string;
  readonly accept?: string;
  /** Parses a response by its content type, as JSON by default. It throws if the response is incomplete. Then a read is retried. */
  readonly parse?: (body: Buffer, contentType: string) => unknown;
  /** Returns what is shown of the `Status` of a rejection. By default its whole message. */
  readonly describe?: Describe;
  /** It must be sent even after a stop: only the end of the grace period ends its retries. */
  readonly mustFinish?: boolean;
}

/** A successful response of the API server. */
export interface ApiResponse {
  readonly status: number;
  readonly json: unknown;
}

/** What an {@link ApiClient} needs in addition to a login. */
export interface ClientSettings extends Pacing {
  readonly progress?: (event: Retrying) => void;
  /** Milliseconds that one try may take. 0 means no limit. */
  readonly requestTimeout: number;
  readonly userAgent: string;
  /** The names of the kubeconfig for the cluster. */
  readonly names?: Pick<ReportTarget, 'cluster' | 'context'>;
  /** Other runs use the login too. Its sockets stay open when the client is closed. */
  readonly isLoginShared?: boolean;
  readonly stop?: AbortSignal;
  /** Milliseconds that writes under way have after a stop. Then they are abandoned. */
  readonly grace?: number;
  /** Tries of one request. */
  readonly mostTries?: number;
  /** The first request has one try, of so many milliseconds: a server that is not there must not hold up the others. */
  readonly firstTimeout?: number;
  /** Returns what is shown of any rejection, whatever the request says. */
  readonly describe?: Describe;
}

/** A pod has 30 seconds between SIGTERM and SIGKILL, and the report must be written within them. */
const GRACE = 10_000;

type Try =
  | { readonly ok: true; readonly value: ApiResponse }
  | { readonly ok: false; readonly error: RequestError };

/** What the tries of one request have in common. */
interface Sending {
  readonly request: ApiRequest;
  /** Tries so far. */
  tries: number;
  /** The credentials were renewed after a 401. That helps once or never. */
  hasRenewed: boolean;
  /** An earlier try may have taken effect, although its response did not arrive. */
  mayHaveActed: boolean;
  lastFailure: Failure | undefined;
}

/** The connection of one run to the API server. It holds the open sockets, the credentials, the counts and the retries. */
export class ApiClient {
  readonly #target: ServerUrl;
  readonly #login: Login;
  readonly #settings: ClientSettings;
  readonly #counts = { list: 0, get: 0, create: 0, patch: 0, delete: 0 };
  #events = 0;
  readonly #common: readonly string[];
  #bytes = 0;
  /** The `Date` header of the latest response that had one. */
  #date: string | undefined;
  /** The server has responded before. So a refused connection may be a restart, and the address is right. */
  #hasResponded = false;
  readonly #retries: Retries;
  /** Aborted when the grace after a stop is over. */
  readonly #abandon = new AbortController();

  constructor(target: ServerUrl, login: Login, settings: ClientSettings) {
    const { hostHeader } = target;
    this.#target = target;
    this.#login = login;
    this.#settings = settings;
    this.#retries = new Retries(settings);
    this.#common = ['Host', hostHeader, 'User-Agent', settings.userAgent, 'Accept-Encoding', 'gzip'];
    if (settings.stop !== undefined) setMaxListeners(0, settings.stop, this.#abandon.signal);
    settings.stop?.addEventListener('abort', () => this.#startGrace(), { once: true });
  }

  /** Starts the time after which writes under way are abandoned. It does not keep the process alive. */
  #startGrace(): void {
    setTimeout(() => this.#abandon.abort(), this.#settings.grace ?? GRACE).unref();
  }

  /** Returns scheme, host and port of the API server. */
  get address(): string {
    return this.#target.address;
  }

  /** Returns the names of the kubeconfig for the cluster, and its address. */
  get target(): Omit<ReportTarget, 'at'> {
    return { ...this.#settings.names, server: this.address };
  }

  /** Returns the number of requests sent so far, with retries. */
  counts(): RequestCounts {
    return { ...this.#counts, ...(this.#events > 0 && { events: this.#events }) };
  }

  /** Returns the time of the API server, from the `Date` header of its latest response. Undefined if there is none. */
  get serverTime(): Date | undefined {
    const date = new Date(this.#date ?? '');
    return Number.isNaN(date.getTime()) ? undefined : date;
  }

  /** Returns the bytes of the bodies received so far, compressed as they were sent. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Closes the sockets, except those of a shared login. */
  close(): void {
    if (this.#settings.isLoginShared !== true) this.#login.close();
  }

  /** Waits as long as before retry number `tries`. It serves callers that send something again for their own reasons. */
  async pause(tries: number): Promise<void> {
    await this.#retries.pause(tries, this.#abandon.signal);
  }

  /** Sends a request until it succeeds or no retry may help. Returns the parsed response, or the last failure. */
  async send(request: ApiRequest): Promise<Result<ApiResponse>> {
    const sending: Sending = {
      request,
      tries: 0,
      hasRenewed: false,
      mayHaveActed: false,
      lastFailure: undefined,
    };
    for (;;) {
      await this.#retries.passGate();
      await this.#refreshLogin(request);
      const stop = this.#retryStop(request);
      if (stop?.aborted === true) return { ok: false, failure: stoppedFailure(sending) };
      const { access } = this.#login;
      const result = await this.#try(request, access);
      if (result.ok) return result;
      const failure = this.#noteFailure(sending, result.error, access);
      const isRetried =
        (await this.#renewLogin(sending, access)) ||
        (this.#mayRetry() && (await this.#retries.wait(result.error, sending.tries, stop)));
      if (!isRetried) return { ok: false, failure };
    }
  }

  /** Gets new credentials if the present ones are about to expire. */
  async #refreshLogin(request: ApiRequest): Promise<void> {
    if (this.#login.isStale) await orAborted(this.#login.refresh(), this.#stopSignal(request));
  }

  /** Gets new credentials after a 401, once for each request. Returns whether the request can be sent with them. */
  async #renewLogin(sending: Sending, access: Access): Promise<boolean> {
    if (!isNotAccepted(sending.lastFailure) || sending.hasRenewed) return false;
    const renewed = await orAborted(this.#login.renew(access), this.#stopSignal(sending.request));
    sending.hasRenewed = renewed ?? false;
    return sending.hasRenewed;
  }

  /** Counts a failed try, and returns its failure with all that is known. */
  #noteFailure(sending: Sending, { failure: known }: RequestError, access: Access): Failure {
    const explained = explainFailure(known, access, this.#target);
    const failure = { ...explained, ...(sending.mayHaveActed && { afterLost: true }) };
    sending.tries += 1;
    sending.lastFailure = failure;
    if (sending.request.method !== 'GET' && mayHaveActed(failure)) sending.mayHaveActed = true;
    return failure;
  }

  /** Returns what ends the retries of a request: the stop, or for one that must finish the end of the grace period. */
  #retryStop({ mustFinish = false }: ApiRequest): AbortSignal | undefined {
    return mustFinish ? this.#abandon.signal : this.#settings.stop;
  }

  /** Returns what ends the wait for a response: the stop itself for a read, the end of the grace period for all else. */
  #stopSignal({ method, mustFinish = false }: ApiRequest): AbortSignal | undefined {
    const { stop } = this.#settings;
    return method === 'GET' && !mustFinish ? stop : stop && this.#abandon.signal;
  }

  async #try(request: ApiRequest, access: Access): Promise<Try> {
    const { attempt } = request;
    if (attempt.resource === 'events') this.#events += 1;
    else this.#counts[attempt.verb] += 1;
    const outgoing = this.#outgoing(request, access);
    const deadline = { milliseconds: this.#timeout(), stop: this.#stopSignal(request) };
    let response: HttpResponse;
    try {
      response = await sendRequest(this.#target, access.agent, outgoing, deadline);
    } catch (error) {
      return { ok: false, error: connectionError(error, attempt, this.#hasResponded) };
    }
    this.#hasResponded = true;
    this.#bytes += response.bytes;
    this.#date = response.header('date') ?? this.#date;
    if (response.status !== 401) this.#login.accept();
    return response.status < 200 || response.status > 299
      ? this.#rejected(response, request)
      : this.#accepted(response, request);
  }

  /** A server with a time limit for its first response is tried again only after it has responded once. */
  #mayRetry(): boolean {
    return this.#hasResponded || this.#settings.firstTimeout === undefined;
  }

  #timeout(): number {
    const { requestTimeout, firstTimeout } = this.#settings;
    return this.#hasResponded ? requestTimeout : (firstTimeout ?? requestTimeout);
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

  #rejected(response: HttpResponse, { attempt, describe }: ApiRequest): Try {
    const error = rejectedError(response, attempt, this.#settings.describe ?? describe);
    if (!error.retryable) this.#retries.serverAnswered();
    return { ok: false, error };
  }

  #accepted(response: HttpResponse, { attempt, method, parse = parseJson }: ApiRequest): Try {
    this.#retries.serverAnswered();
    const contentType = response.header('content-type') ?? '';
    try {
      return { ok: true, value: { status: response.status, json: parse(response.body, contentType) } };
    } catch {
      const isFromServer = contentType.startsWith('application/json') || contentType.startsWith(PROTOBUF);
      const failure = unexpectedBodyError(response, attempt);
      return { ok: false, error: { retryable: isFromServer && method === 'GET', failure } };
    }
  }
}

function parseJson(body: Buffer): unknown {
  return JSON.parse(body.toString());
}

/** Returns the failure of a request that a stop ended. Of a write that was sent, its last failure is all that is known. */
function stoppedFailure({ request, lastFailure }: Sending): Failure {
  if (lastFailure !== undefined && request.method !== 'GET') return lastFailure;
  return { reason: 'stopped', message: 'stopped before the answer came', attempt: request.attempt };
}
