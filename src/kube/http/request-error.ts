import { type Json, isJson, objectAt, textAt } from '../api.ts';
import { type HttpResponse, TryStopped, TryTimedOut } from './send-request.ts';
import { ProxyError } from '../transport/proxy-agent.ts';
import { tlsProblem } from '../transport/tls-errors.ts';
import { codeOf, type Attempt, type Failure, type FailureReason } from '../../model/failure.ts';

/** A try that failed, and whether the same request may succeed later (docs/design.md 6, "errors"). */
export interface RequestError {
  readonly failure: Failure;
  readonly retryable: boolean;
  /** The `Retry-After` header. */
  readonly retryAfter?: string;
  /** The server asks for fewer requests: all requests wait, not only this one. */
  readonly slowDown?: boolean;
}

/** What is shown of a response that rejects a request. */
export interface ServerMessage {
  readonly text: string;
  /** A part of it is not shown, since it may quote values. */
  readonly withheld?: true;
}

/** Returns what is shown of a `Status`. */
export type Describe = (status: Json) => ServerMessage;

/** Statuses of a problem that passes (Kubernetes: API conventions, "HTTP Status codes"). 502 and 504 come from proxies. */
const TRANSIENT: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

const UNREACHABLE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'ETIMEDOUT',
]);

/**
 * Returns the error of a connection that broke: before, during or after the request took effect. A server that is not
 * reachable is tried again only if it has responded before: a wrong address stays wrong.
 */
export function connectionError(error: unknown, attempt: Attempt, hasResponded: boolean): RequestError {
  if (error instanceof TryTimedOut)
    return {
      retryable: true,
      failure: { reason: 'timed-out', message: 'no whole answer in time', attempt },
    };
  if (error instanceof TryStopped) return { retryable: false, failure: abandoned(attempt) };
  const code = codeOf(error, '');
  const message = code === '' ? 'the connection failed' : code;
  const failure = (reason: FailureReason, text = message): Failure => ({ reason, message: text, attempt });
  if (error instanceof ProxyError)
    return { retryable: hasResponded, failure: failure('proxy-failed', error.message) };
  if (UNREACHABLE.has(code)) return { retryable: hasResponded, failure: failure('unreachable') };
  const tls = tlsProblem(error, code);
  if (tls !== undefined) return { retryable: false, failure: failure(tls.reason, cleanMessage(tls.message)) };
  if (code.startsWith('Z_')) return { retryable: isRead(attempt), failure: failure('malformed-answer') };
  return { retryable: true, failure: failure('connection-lost') };
}

function isRead({ verb }: Attempt): boolean {
  return verb === 'list' || verb === 'get';
}

/** Returns the failure of a request that a stop cut off. A write may have taken effect, so it counts as timed out. */
function abandoned(attempt: Attempt): Failure {
  if (isRead(attempt)) return { reason: 'stopped', message: 'stopped while waiting', attempt };
  return { reason: 'timed-out', message: 'no answer soon enough after the stop', attempt };
}

/** Returns the error of a response whose status is not 2xx. `describe` returns what is shown of its `Status`. */
export function rejectedError(
  response: HttpResponse,
  attempt: Attempt,
  describe: Describe = wholeMessage,
): RequestError {
  const { status, body, header } = response;
  if (status < 400) return { retryable: false, failure: unexpectedBodyError(response, attempt) };
  const json = parseStatus(body);
  const retryAfter = header('retry-after');
  const slowDown = status === 429 || (status === 503 && retryAfter !== undefined);
  const failure =
    json === undefined
      ? unexpectedBodyError(response, attempt)
      : statusFailure(status, json, attempt, describe);
  const retryable = TRANSIENT.has(status) && failure.reason !== 'too-large';
  return { retryable, failure, slowDown, ...(retryAfter !== undefined && { retryAfter }) };
}

/** Returns whether the object is too large. The API server passes on the error of etcd as an internal error. */
function isTooLarge(status: number, message: string): boolean {
  if (status === 413) return true;
  return status === 500 && /etcdserver: request is too large|message larger than max/u.test(message);
}

/** Returns the failure of a response that is incomplete or not from a Kubernetes API server. It quotes nothing of its text. */
export function unexpectedBodyError({ status, header }: HttpResponse, attempt: Attempt): Failure {
  const contentType = header('content-type') ?? '';
  const what = status >= 300 && status < 400 ? 'a redirect' : cleanMessage(contentType) || 'no content type';
  return {
    reason: reasonWithoutStatus(status),
    message: `HTTP ${status} with ${what} in place of an answer of the API server`,
    status,
    attempt,
  };
}

/** Returns the reason for a response without a `Status`. A 404 of a proxy must not mean that an object is gone. */
function reasonWithoutStatus(status: number): FailureReason {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  return TRANSIENT.has(status) ? 'status' : 'malformed-answer';
}

function parseStatus(body: Buffer): Json | undefined {
  try {
    const json: unknown = JSON.parse(body.toString());
    return isJson(json) && json['kind'] === 'Status' ? json : undefined;
  } catch {
    return undefined;
  }
}

function statusFailure(status: number, json: Json, attempt: Attempt, describe: Describe): Failure {
  const { text, withheld } = describe(json);
  const message = cleanMessage(text) || `HTTP ${status}`;
  return { reason: reasonOf(status, json), message, status, attempt, ...(withheld && { withheld }) };
}

function wholeMessage(status: Json): ServerMessage {
  return { text: textAt(status, 'message') ?? textAt(status, 'reason') ?? '' };
}

/** Returns what a `Status` means (Kubernetes: API conventions, "Response Status Kind"; docs/design.md 10). */
function reasonOf(status: number, json: Json): FailureReason {
  const details = objectAt(json, 'details');
  if (isWebhookDenial(json)) return status === 403 ? 'forbidden' : 'status';
  switch (status) {
    case 401:
      return 'unauthorized';
    case 403:
      return hasCause(details, 'NamespaceTerminating') ? 'namespace-terminating' : 'forbidden';
    case 404:
      return details['kind'] === 'namespaces' ? 'namespace-gone' : 'not-found';
    case 409:
      return json['reason'] === 'AlreadyExists' ? 'already-exists' : 'conflict';
    default:
      return isTooLarge(status, textAt(json, 'message') ?? '') ? 'too-large' : 'status';
  }
}

/** A webhook chooses status, reason and details itself. Its 404 or 409 says nothing about the object. */
function isWebhookDenial(json: Json): boolean {
  return (textAt(json, 'message') ?? '').startsWith('admission webhook "');
}

function hasCause(details: Json, reason: string): boolean {
  const causes = details['causes'];
  return (
    Array.isArray(causes) && causes.some((cause: unknown) => isJson(cause) && cause['reason'] === reason)
  );
}

/** Characters of a message that are shown. A webhook may send megabytes. */
const LONGEST = 1000;

/**
 * Returns a message of the server that is safe to show: control characters become spaces, and a long text is cut.
 *
 * @internal for tests
 */
export function cleanMessage(message: string): string {
  const text = message.replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trim();
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST).replace(/\p{Cs}$/u, '')}…`;
}

/** Returns whether fresh credentials may help. */
export function isNotAccepted(failure: Failure | undefined): boolean {
  const reason = failure?.reason;
  return reason === 'unauthorized' || reason === 'anonymous' || reason === 'client-certificate-refused';
}

/**
 * Returns whether a write may have taken effect although it failed: its response did not arrive, or came from a proxy. Some
 * proxies answer 503 when they lose the connection to the API server.
 */
export function mayHaveActed({ reason, status = 0 }: Failure): boolean {
  return (
    reason === 'connection-lost' || reason === 'timed-out' || reason === 'malformed-answer' || status >= 500
  );
}
