import { type Json, isJson, objectAt, textAt } from '../api.ts';
import { type HttpResponse, TryStopped, TryTimedOut } from './send-request.ts';
import { codeOf, type Attempt, type Failure, type FailureReason } from '../../model/failure.ts';

/** A try that failed, and whether another one makes sense (design section 5). */
export interface RequestError {
  readonly failure: Failure;
  readonly again:
    | 'no'
    | 'yes'
    /** Only what changes nothing is sent again: nobody knows what the answer would have said. */
    | 'reads'
    /** Only to a server that was there before: a wrong address stays wrong. */
    | 'if-answered';
  /** The `Retry-After` header: a wish of the server that concerns every request. */
  readonly retryAfter?: string;
  readonly slowDown?: boolean;
}

/** What is shown of an answer that refuses a request. */
export interface ServerMessage {
  readonly text: string;
  /** A part of it is not shown, since it may quote values. */
  readonly withheld?: true;
}

/** Makes of a Status what is shown of it. */
export type Describe = (status: Json) => ServerMessage;

/** Statuses that pass (Kubernetes: API conventions, "HTTP Status codes"; 502 and 504 come from what is in between). */
const PASSING: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

const UNREACHABLE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'ETIMEDOUT',
]);

/** The connection broke: before, during or after the request was carried out. */
export function connectionError(error: unknown, attempt: Attempt): RequestError {
  if (error instanceof TryTimedOut)
    return {
      again: 'yes',
      failure: { reason: 'timed-out', message: 'no whole answer in time', attempt },
    };
  if (error instanceof TryStopped) return { again: 'no', failure: abandoned(attempt) };
  const code = codeOf(error, '');
  const message = code === '' ? 'the connection failed' : code;
  const failure = (reason: FailureReason): Failure => ({ reason, message, attempt });
  if (UNREACHABLE.has(code)) return { again: 'if-answered', failure: failure('unreachable') };
  if (isCertificateTrouble(code)) return { again: 'no', failure: failure('bad-certificate') };
  if (code.startsWith('Z_')) return { again: 'reads', failure: failure('malformed-answer') };
  return { again: 'yes', failure: failure('connection-lost') };
}

/** A read that was cut short is nothing; of a write nobody knows whether it was carried out. */
function abandoned(attempt: Attempt): Failure {
  if (attempt.verb === 'list' || attempt.verb === 'get')
    return { reason: 'stopped', message: 'stopped while waiting', attempt };
  return { reason: 'timed-out', message: 'no answer soon enough after the stop', attempt };
}

/** Codes of OpenSSL's certificate verification and of node:tls (Node.js: "X509 certificate error codes"). */
function isCertificateTrouble(code: string): boolean {
  return /CERT|^ERR_TLS_|^ERR_SSL_|^ERR_OSSL|SELF_SIGNED|HOSTNAME_MISMATCH|^(?:INVALID_(?:CA|PURPOSE)|PATH_LENGTH_EXCEEDED|CRL_)|^EPROTO$/u.test(
    code,
  );
}

/** The status of the answer is none of success. */
export function rejectedError(
  incoming: HttpResponse,
  attempt: Attempt,
  describe: Describe = wholeMessage,
): RequestError {
  const { status, body, header } = incoming;
  const answer = parseStatus(body);
  if (status < 400) return { again: 'no', failure: unexpectedBodyError(incoming, attempt) };
  const retryAfter = header('retry-after');
  const slowDown = status === 429 || (status === 503 && retryAfter !== undefined);
  const failure =
    answer === undefined
      ? unexpectedBodyError(incoming, attempt)
      : rejection(status, answer, attempt, describe);
  const again = PASSING.has(status) && failure.reason !== 'too-large' ? 'yes' : 'no';
  return { again, failure, slowDown, ...(retryAfter !== undefined && { retryAfter }) };
}

/** Whether a refusal is about the size of an object; etcd's is handed on as an internal error. */
function isTooLarge(status: number, message: string): boolean {
  if (status === 413) return true;
  return status === 500 && /etcdserver: request is too large|message larger than max/u.test(message);
}

/** An answer that is not from a Kubernetes API server, or not whole. Nothing of its text is repeated. */
export function unexpectedBodyError({ status, header }: HttpResponse, attempt: Attempt): Failure {
  const contentType = header('content-type') ?? '';
  const what = status >= 300 && status < 400 ? 'a redirect' : cleanMessage(contentType) || 'no content type';
  return {
    reason: reasonOfStray(status),
    message: `HTTP ${status} with ${what} in place of an answer of the API server`,
    status,
    attempt,
  };
}

/** A 404 of something in between must not be taken for an object that is gone. */
function reasonOfStray(status: number): FailureReason {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  return PASSING.has(status) ? 'status' : 'malformed-answer';
}

function parseStatus(body: Buffer): Json | undefined {
  try {
    const json: unknown = JSON.parse(body.toString());
    return isJson(json) && json['kind'] === 'Status' ? json : undefined;
  } catch {
    return undefined;
  }
}

function rejection(status: number, answer: Json, attempt: Attempt, describe: Describe): Failure {
  const { text, withheld } = describe(answer);
  const message = cleanMessage(text) || `HTTP ${status}`;
  return { reason: reasonOf(status, answer), message, status, attempt, ...(withheld && { withheld }) };
}

function wholeMessage(status: Json): ServerMessage {
  return { text: textAt(status, 'message') ?? textAt(status, 'reason') ?? '' };
}

/** What a `Status` means to us (Kubernetes: API conventions, "Response Status Kind"; design section 8). */
function reasonOf(status: number, answer: Json): FailureReason {
  const details = objectAt(answer, 'details');
  if (isDenial(answer)) return status === 403 ? 'forbidden' : 'status';
  switch (status) {
    case 401:
      return 'unauthorized';
    case 403:
      return hasCause(details, 'NamespaceTerminating') ? 'namespace-terminating' : 'forbidden';
    case 404:
      return details['kind'] === 'namespaces' ? 'namespace-gone' : 'not-found';
    case 409:
      return answer['reason'] === 'AlreadyExists' ? 'already-exists' : 'conflict';
    default:
      return isTooLarge(status, textAt(answer, 'message') ?? '') ? 'too-large' : 'status';
  }
}

/** A webhook chooses status, reason and details itself: its 404 or 409 says nothing about the object. */
function isDenial(answer: Json): boolean {
  return (textAt(answer, 'message') ?? '').startsWith('admission webhook "');
}

function hasCause(details: Json, reason: string): boolean {
  const causes = details['causes'];
  return (
    Array.isArray(causes) && causes.some((cause: unknown) => isJson(cause) && cause['reason'] === reason)
  );
}

/** More of a message nobody reads; a webhook may send megabytes. */
const LONGEST = 1000;

/**
 * A message of the other side made fit to be shown: whatever steers a terminal or reorders text is a space, and it is
 * bounded.
 */
export function cleanMessage(message: string): string {
  const text = message.replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trim();
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST).replace(/\p{Cs}$/u, '')}…`;
}
