import { setTimeout as wait } from 'node:timers/promises';
import type { Failure } from '../../model/failure.ts';
import type { RequestError } from './request-error.ts';

/** The most tries of one request. */
export const MOST_TRIES = 6;
const BASE_DELAY = 250;
const LONGEST_DELAY = 10_000;
/** A longer `Retry-After` is cut to this. The next run can try again. */
const LONGEST_RETRY_AFTER = 60_000;

/** Reported when a request failed and will be sent again. */
export interface Retrying {
  readonly phase: 'retrying';
  readonly failure: Failure;
  /** The number of the try that failed, starting at 1. */
  readonly attempt: number;
  /** Milliseconds until the next try. */
  readonly delay: number;
}

/** Time and randomness. They are parameters, so that tests are fast and repeatable. */
export interface Pacing {
  /** Resolves early when the signal is aborted. */
  readonly sleep: (milliseconds: number, stop: AbortSignal | undefined) => Promise<void>;
  /** Like Math.random. */
  readonly random: () => number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The clock and the random numbers of the system. */
export const SYSTEM_PACING: Pacing = {
  sleep: (milliseconds, stop) => wait(milliseconds, undefined, { signal: stop }).catch(() => undefined),
  random: Math.random,
  now: Date.now,
};

/** Returns the value of a promise, or undefined as soon as the signal is aborted. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve(undefined);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/**
 * Returns the milliseconds to wait before the next try, at least what `Retry-After` asks for. The time doubles with each
 * try. Half of it is random, so that requests which failed together are not sent again together.
 */
export function delayOf(
  error: Pick<RequestError, 'retryAfter'>,
  tries: number,
  { random, now }: Pick<Pacing, 'random' | 'now'>,
): number {
  const backoff = Math.min(LONGEST_DELAY, BASE_DELAY * 2 ** (tries - 1));
  const least = readRetryAfter(error.retryAfter, now()) ?? 0;
  return Math.round(Math.max(least, backoff / 2) + (random() * backoff) / 2);
}

/** Returns the milliseconds of a `Retry-After`, which has seconds or a date (RFC 9110, 10.2.3). */
export function readRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const delay = /^\d+$/u.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(delay) ? undefined : Math.min(LONGEST_RETRY_AFTER, Math.max(0, delay));
}
