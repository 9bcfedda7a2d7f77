/** The log of requests and their sums. */

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
  /** Exceptions inside the simulator: answered with 500, and a reason to fail the test. */
  readonly mistakes: string[] = [];

  /** A limit keeps a long benchmark from collecting every request; the counts go on. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The requests in the order of their arrival. */
  get requests(): readonly LoggedRequest[] {
    return this.#requests;
  }

  /** `METHOD path` of the requests that no route served. */
  get unexpected(): readonly string[] {
    return [...this.#unexpected, ...this.mistakes];
  }

  /** The sums so far. */
  get counts(): Counts {
    return { ...this.#counts };
  }

  /** Notes a request that has just arrived. */
  add(request: Logging): void {
    this.#counts[request.verb]++;
    if (request.verb === 'unknown') this.#unexpected.push(`${request.method} ${request.path}`);
    if (this.#requests.length < this.#limit) this.#requests.push(request);
  }

  /** Notes how it was answered; a request without an answer stays at status 0. */
  finish(request: Logging, status: number, bytesOut: number): void {
    request.status = status;
    request.bytesOut = bytesOut;
    this.#counts.bytesIn += request.bytesIn;
    this.#counts.bytesOut += bytesOut;
  }

  /** Forgets the requests; what was unexpected stays unexpected. */
  reset(): void {
    this.#requests = [];
    this.#counts = { ...NOTHING };
  }
}
