/** The log of requests, and their sums. */

import type { LoggedRequest, Logging, Verb } from './request.ts';

/** How many requests of each verb were answered, and the bytes of their bodies (of answers: as sent, gzipped). */
export type Counts = Readonly<Record<Verb | 'bytesIn' | 'bytesOut', number>>;

const NOTHING: Counts = {
  list: 0,
  get: 0,
  create: 0,
  update: 0,
  patch: 0,
  apply: 0,
  delete: 0,
  finalize: 0,
  other: 0,
  unknown: 0,
  bytesIn: 0,
  bytesOut: 0,
};

/** Every request since the last reset. */
export class RequestLog {
  readonly #limit: number;
  #requests: Logging[] = [];
  #counts: Record<keyof Counts, number> = { ...NOTHING };
  #unexpected: string[] = [];
  /** Exceptions in the simulator. They are answered with 500 and make the test fail. */
  readonly mistakes: string[] = [];

  /** The most requests that are kept, so a long benchmark does not collect all. The counts go on. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The requests in the order of their arrival. */
  get requests(): readonly LoggedRequest[] {
    return this.#requests;
  }

  /** `METHOD path` of the requests without a route. */
  get unexpected(): readonly string[] {
    return [...this.#unexpected, ...this.mistakes];
  }

  /** The sums so far. */
  get counts(): Counts {
    return { ...this.#counts };
  }

  /** Records a request that has just arrived. */
  add(request: Logging): void {
    this.#counts[request.verb]++;
    if (request.verb === 'unknown') this.#unexpected.push(`${request.method} ${request.path}`);
    if (this.#requests.length < this.#limit) this.#requests.push(request);
  }

  /** Records how it was answered. A request without an answer keeps status 0. */
  finish(request: Logging, status: number, bytesOut: number): void {
    request.status = status;
    request.bytesOut = bytesOut;
    this.#counts.bytesIn += request.bytesIn;
    this.#counts.bytesOut += bytesOut;
  }

  /** Forgets the requests. Unexpected ones are kept. */
  reset(): void {
    this.#requests = [];
    this.#counts = { ...NOTHING };
  }
}
