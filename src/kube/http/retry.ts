import { setTimeout as wait } from 'node:timers/promises';
import type { Failure } from '../../model/failure.ts';
import type { RequestError } from './request-error.ts';

/** Tries of one request in all. */
export const MOST_TRIES = 6;
const BASE_DELAY = 250;
const LONGEST_DELAY = 10_000;
/** A `Retry-After` beyond this is a server that should be asked again by the next run. */
const LONGEST_WISH = 60_000;

/** Told when a request failed and is going to be sent again. */
export interface Retrying {
  readonly phase: 'retrying';
  readonly failure: Failure;
  /** The number of the try that failed, from 1. */
  readonly attempt: number;
  /** Milliseconds until the next. */
  readonly delay: number;
}

/** Time and chance: handed in, so that tests are instant and repeatable. */
export interface Pacing {
  /** Resolves early when the signal is aborted. */
  readonly sleep: (milliseconds: number, stop: AbortSignal | undefined) => Promise<void>;
  /** As Math.random. */
  readonly random: () => number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The real thing. */
export const SYSTEM_PACING: Pacing = {
  sleep: (milliseconds, stop) => wait(milliseconds, undefined, { signal: stop }).catch(() => undefined),
  random: Math.random,
  now: Date.now,
};

/** What a promise comes to, or nothing where the signal is aborted first; then nobody waits for it any more. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve(undefined);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** What decides on a next try besides the trouble itself. */
export interface Circumstances {
  /** Tries so far. */
  readonly tries: number;
  /** A read can be sent again whatever became of it. */
  readonly reads: boolean;
  /** The server has answered something on this connection before. */
  readonly answered: boolean;
  /** Another request has used up its tries and the server has not answered since. */
  readonly givenUp: boolean;
}

/** Whether the same request is to be sent again. */
export function shouldRetry(
  trouble: RequestError,
  { tries, reads, answered, givenUp }: Circumstances,
): boolean {
  if (tries >= MOST_TRIES || givenUp) return false;
  switch (trouble.again) {
    case 'no':
      return false;
    case 'yes':
      return true;
    case 'reads':
      return reads;
    case 'if-answered':
      return answered;
  }
}

/**
 * Milliseconds to wait: doubling with every try, the upper half of it by chance, so that requests that failed together
 * do not come back together; at least what the server asked for.
 */
export function delayOf(
  trouble: RequestError,
  tries: number,
  { random, now }: Pick<Pacing, 'random' | 'now'>,
): number {
  const backoff = Math.min(LONGEST_DELAY, BASE_DELAY * 2 ** (tries - 1));
  const wish = readRetryAfter(trouble.retryAfter, now()) ?? 0;
  return Math.round(Math.max(wish, backoff / 2) + (random() * backoff) / 2);
}

/** `Retry-After` as seconds or as a date (RFC 9110, 10.2.3), in milliseconds and bounded. */
export function readRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const delay = /^\d+$/u.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(delay) ? undefined : Math.min(LONGEST_WISH, Math.max(0, delay));
}
