/*
 * Where is the retry? `ApiClient.send` in `client.ts` sends a request in a loop. After each failed try, `Retries.wait` here
 * decides whether there is another one, and waits for it. `request-error.ts` decides which errors are `retryable`.
 *
 * Example: a list gets 503 → wait about 0.2 s → 503 → wait about 0.4 s → 200. After six tries, the request has failed.
 */

import { setTimeout as wait } from 'node:timers/promises';
import type { Failure } from '../../model/failure.ts';
import type { RequestError } from './request-error.ts';

/** The most tries of one request. */
const MOST_TRIES = 6;
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
function delayOf(
  error: Pick<RequestError, 'retryAfter'>,
  tries: number,
  { random, now }: Pick<Pacing, 'random' | 'now'>,
): number {
  const backoff = Math.min(LONGEST_DELAY, BASE_DELAY * 2 ** (tries - 1));
  const least = readRetryAfter(error.retryAfter, now());
  return Math.round(Math.max(least, backoff / 2) + (random() * backoff) / 2);
}

/** Returns the milliseconds of a `Retry-After`, which has seconds or a date (RFC 9110, 10.2.3). Without one, returns 0. */
function readRetryAfter(value: string | undefined, now: number): number {
  if (value === undefined) return 0;
  const delay = /^\d+$/u.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(delay) ? 0 : Math.min(LONGEST_RETRY_AFTER, delay);
}

/** What {@link Retries} needs: time, randomness, and who hears of a retry. */
interface RetrySettings extends Pacing {
  readonly progress?: (event: Retrying) => void;
  /** Tries of one request. */
  readonly mostTries?: number;
}

/** The retries of all requests of one run. They share a gate, where all wait while the server asks for fewer requests. */
export class Retries {
  readonly #settings: RetrySettings;
  /** A request has used up its tries, and none has succeeded since. Until then each request gets one try. */
  #isServerDown = false;
  #gate: Promise<unknown> | undefined;

  constructor(settings: RetrySettings) {
    this.#settings = settings;
  }

  /** Waits until the gate is open. The first request that passes opens it, unless it was closed again meanwhile. */
  async passGate(): Promise<void> {
    while (this.#gate !== undefined) {
      const gate = this.#gate;
      await gate;
      if (this.#gate === gate) this.#gate = undefined;
    }
  }

  /** Notes that the server has answered a request. */
  serverAnswered(): void {
    this.#isServerDown = false;
  }

  /**
   * Waits before the next try, or until `stop` is aborted. Returns false if there is no next try, because it cannot help or
   * has not helped. `tries` is the number of tries so far.
   */
  async wait(error: RequestError, tries: number, stop: AbortSignal | undefined): Promise<boolean> {
    if (!error.retryable) return false;
    if (tries >= (this.#settings.mostTries ?? MOST_TRIES)) this.#isServerDown = true;
    if (this.#isServerDown) return false;
    // The loop of `send` sees the stop before it sends anything.
    if (stop?.aborted === true) return true;
    const delay = delayOf(error, tries, this.#settings);
    this.#settings.progress?.({ phase: 'retrying', failure: error.failure, attempt: tries, delay });
    const slept = this.#settings.sleep(delay, stop);
    if (error.slowDown === true) this.#closeGate(slept);
    await slept;
    return true;
  }

  /** Waits as long as before retry number `tries`, for callers that send something again for their own reasons. */
  async pause(tries: number, stop: AbortSignal): Promise<void> {
    await this.#settings.sleep(delayOf({}, tries, this.#settings), stop);
  }

  /** Holds back all requests for the time that the server asked one of them to wait. */
  #closeGate(until: Promise<void>): void {
    this.#gate = Promise.all([this.#gate, until]);
  }
}
