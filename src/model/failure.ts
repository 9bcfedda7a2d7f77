import type { Kind } from './objects.ts';

/** Whose fault a failed request is; decides the remedy that the reader is told. */
export type FailureReason =
  | 'no-kubeconfig'
  | 'bad-kubeconfig'
  | 'unknown-context'
  /** An exec plugin or auth provider of the kubeconfig did not give credentials. */
  | 'no-credentials'
  | 'unreachable'
  /** The certificate of the API server does not pass. */
  | 'bad-certificate'
  /** The API server does not take our client certificate. */
  | 'client-certificate-refused'
  /** The other side does not speak TLS, or not as we do. */
  | 'tls-failed'
  /** The proxy on the way cannot be reached, or does not let us through. */
  | 'proxy-failed'
  | 'timed-out'
  | 'connection-lost'
  /** No credentials were sent, and the API server wants some. */
  | 'anonymous'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'already-exists'
  | 'namespace-terminating'
  | 'namespace-gone'
  /** The answer was no JSON, cut short, a redirect, or not what was asked for. */
  | 'malformed-answer'
  /** The object is more than the API server, or the etcd behind it, takes. */
  | 'too-large'
  /** A list that cannot be true: no namespace at all, or fewer items than promised. */
  | 'implausible-list'
  /** A signal or `--timeout` ended the wait. */
  | 'stopped'
  /** Any other status of the API server. */
  | 'status';

/** What was being done to what when a request failed. */
export interface Attempt {
  readonly verb: 'list' | 'get' | 'create' | 'patch' | 'delete';
  readonly resource: 'namespaces' | 'configmaps' | 'secrets' | 'events';
  readonly kind?: Kind;
  readonly namespace?: string;
  readonly name?: string;
}

/** Expected trouble as data: what failed, why, and what the other side said of it (cleaned, without values). */
export interface Failure {
  readonly reason: FailureReason;
  readonly message: string;
  /** HTTP status, where there was an answer. */
  readonly status?: number;
  /** A part of the message is not shown, since it may quote values of a Secret. */
  readonly withheld?: true;
  readonly attempt?: Attempt;
  /** An earlier try of the same write may have been carried out, its answer was lost. */
  readonly afterLost?: boolean;
  /** The address of the API server, or the file or context that the trouble is with. */
  readonly subject?: string;
}

/** Either what was asked for or why not. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };

/**
 * The code of an error of Node, or what is said where it has none. Its message is told to nobody: it may quote a
 * certificate, an address with a password, or a path at length.
 */
export function codeOf(error: unknown, otherwise = 'unknown'): string {
  if (error instanceof AggregateError && !('code' in error)) return codeOf(error.errors[0], otherwise);
  return error instanceof Error && 'code' in error ? String(error.code) : otherwise;
}
