import type { Kind } from './objects.ts';

/** Why a request failed. It decides which hint the report gives. */
export type FailureReason =
  | 'no-kubeconfig'
  | 'bad-kubeconfig'
  | 'unknown-context'
  /** An exec plugin or auth provider of the kubeconfig did not give credentials. */
  | 'no-credentials'
  | 'unreachable'
  /** The certificate of the API server is not valid or not trusted. */
  | 'bad-certificate'
  /** The API server rejected our client certificate. */
  | 'client-certificate-refused'
  /** The server does not use TLS, or a version or cipher that we do not support. */
  | 'tls-failed'
  /** The proxy cannot be reached, or it rejected the request. */
  | 'proxy-failed'
  | 'timed-out'
  | 'connection-lost'
  /** No credentials were sent, and the API server requires them. */
  | 'anonymous'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'already-exists'
  | 'namespace-terminating'
  | 'namespace-gone'
  /** The answer was not JSON, was cut, was a redirect, or was of another kind. */
  | 'malformed-answer'
  /** The object is larger than the API server or its etcd accepts. */
  | 'too-large'
  /** The list contradicts itself: it has no namespace at all, or fewer items than announced. */
  | 'implausible-list'
  /** A signal or `--timeout` ended the wait. */
  | 'stopped'
  /** Any other status of the API server. */
  | 'status';

/** The request that failed: its verb and its object. */
export interface Attempt {
  readonly verb: 'list' | 'get' | 'create' | 'patch' | 'delete';
  readonly resource: 'namespaces' | 'configmaps' | 'secrets' | 'events';
  readonly kind?: Kind;
  readonly namespace?: string;
  readonly name?: string;
}

/** An expected error as data: what failed, why, and the message of the server without control characters and values. */
export interface Failure {
  readonly reason: FailureReason;
  readonly message: string;
  /** HTTP status, if there was an answer. */
  readonly status?: number;
  /** A part of the message is not shown, since it may quote values of a Secret. */
  readonly withheld?: true;
  readonly attempt?: Attempt;
  /** An earlier try of the same write lost its answer. The write may have been done. */
  readonly afterLost?: boolean;
  /** What the error is about: the address of the API server, a file or a context. */
  readonly subject?: string;
}

/** Either the value, or why there is none. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };

/**
 * Returns the code of an error of Node.js, or `otherwise`. The message is not used: it may contain a certificate, a
 * password in an address, or a long path.
 */
export function codeOf(error: unknown, otherwise = 'unknown'): string {
  if (error instanceof AggregateError && !('code' in error)) return codeOf(error.errors[0], otherwise);
  return error instanceof Error && 'code' in error ? String(error.code) : otherwise;
}
