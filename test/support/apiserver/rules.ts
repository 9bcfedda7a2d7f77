/** Rules that tests set for later requests: faults, rejections, and callbacks for races. */

import type { ServedName } from './model.ts';
import type { LoggedRequest, Verb } from './request.ts';

/** Which requests a rule matches: all given fields must be equal. */
export interface Match {
  /** `patch` includes server-side apply, as in RBAC. `write` is everything except reads. */
  readonly verb?: Verb | 'write' | readonly (Verb | 'write')[];
  readonly resource?: ServedName;
  readonly namespace?: string;
  readonly name?: string;
  /** For a list: 1 for the first page. */
  readonly page?: number;
  readonly dryRun?: boolean;
  readonly user?: string;
  readonly accept?: LoggedRequest['accept'];
}

/** What a fault answers instead of, or after, the real answer. */
export interface StatusFault {
  readonly status: number;
  /** Seconds, as a header and in the body. */
  readonly retryAfter?: number;
  /** A page of HTML, as a proxy sends it. */
  readonly html?: boolean;
  /** The message of the Status, instead of the usual one. */
  readonly message?: string;
  /** The complete body. */
  readonly body?: string;
  /** The write is done all the same, and only its answer is this. */
  readonly acts?: boolean;
}

/**
 * A way to fail.
 *
 * - `reset-before`: the connection breaks and nothing was done.
 * - `reset-after`: the write is done and the connection breaks instead of an answer.
 * - `half-body`: done, and the answer ends in the middle of what `Content-Length` announced.
 * - `truncated-json`: done, and the answer is complete HTTP with half a JSON text.
 * - `empty-body`: done, and the answer is 200 with an empty body.
 * - `stall`: no answer at all; `stall-body`: headers and half a body, then nothing more.
 * - `{ delay }`: done and answered after that many milliseconds.
 */
export type Fault =
  | StatusFault
  | { readonly delay: number }
  | 'empty-body'
  | 'half-body'
  | 'reset-after'
  | 'reset-before'
  | 'stall'
  | 'stall-body'
  | 'truncated-json';

interface Rule<T> {
  readonly match: Match;
  readonly value: T;
  left: number;
}

/** Rules in the order in which they were set. */
export class Rules<T> {
  readonly #rules = new Set<Rule<T>>();

  /** Adds a rule for so many requests. Returns a function that removes it. */
  add(match: Match, value: T, times: number): () => void {
    const rule = { match, value, left: times };
    this.#rules.add(rule);
    return () => this.#rules.delete(rule);
  }

  /** The first rule that matches, with one use of it spent. */
  take(request: LoggedRequest): T | undefined {
    for (const rule of this.#rules) {
      if (!fits(rule.match, request)) continue;
      if (--rule.left <= 0) this.#rules.delete(rule);
      return rule.value;
    }
    return undefined;
  }

  /** Returns whether rules are left that are not used up. */
  get size(): number {
    return this.#rules.size;
  }

  /** Forgets every rule. */
  clear(): void {
    this.#rules.clear();
  }
}

function fits(match: Match, request: LoggedRequest): boolean {
  const { verb, dryRun } = match;
  if (verb !== undefined && ![verb].flat().some((each) => verbFits(each, request.verb))) return false;
  if (dryRun !== undefined && dryRun !== (request.query.dryRun === 'All')) return false;
  const keys = ['resource', 'namespace', 'name', 'page', 'user', 'accept'] as const;
  return keys.every((key) => match[key] === undefined || match[key] === request[key]);
}

const READS: ReadonlySet<Verb> = new Set(['list', 'get', 'other', 'unknown']);

function verbFits(wanted: Verb | 'write', verb: Verb): boolean {
  if (wanted === 'write') return !READS.has(verb);
  return wanted === verb || (wanted === 'patch' && verb === 'apply');
}
