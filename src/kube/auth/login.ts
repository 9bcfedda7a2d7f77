import type { Agent } from 'node:http';
import type { Access, Credentials } from './credentials.ts';

/** Credentials older than this are looked at again, as client-go does with token files. */
const FRESH_FOR = 60_000;

/**
 * Who we are to the API server at the moment: the agent with its kept-alive sockets and the headers, kept fresh during
 * a long run. However many requests find them old, they are renewed once.
 */
export class Login {
  readonly #credentials: Credentials;
  readonly #now: () => number;
  readonly #agents = new Set<Agent>();
  #access: Access;
  #since: number;
  #renewal: Promise<void> | undefined;
  /** The server has accepted what we have: a 401 means that it has run out, not that it never was any good. */
  #accepted = true;

  constructor(credentials: Credentials, now: () => number) {
    this.#credentials = credentials;
    this.#now = now;
    this.#access = credentials.access;
    this.#since = now();
    this.#agents.add(credentials.access.agent);
  }

  /** What the next request goes with. */
  get access(): Access {
    return this.#access;
  }

  /** Whether credentials have to be waited for before the next request. */
  get isStale(): boolean {
    return this.#renewal !== undefined || this.#now() - this.#since > FRESH_FOR;
  }

  /** Takes up a token that has changed meanwhile. */
  refresh(): Promise<void> {
    return this.#take(this.#credentials.refresh);
  }

  /** Notes that a request was let in. */
  accept(): void {
    this.#accepted = true;
  }

  /** Gets new credentials after a 401; false where that does not help, since the last new ones were refused as well. */
  async renew(refused: Access): Promise<boolean> {
    if (this.#renewal !== undefined) await this.#renewal;
    if (this.#access !== refused) return true;
    if (!this.#accepted) return false;
    this.#accepted = false;
    await this.#take(this.#credentials.renew);
    return this.#access !== refused;
  }

  /** Lets go of the sockets. */
  close(): void {
    for (const agent of this.#agents) agent.destroy();
  }

  #take(get: Credentials['refresh']): Promise<void> {
    this.#renewal ??= this.#takeOnce(get);
    return this.#renewal;
  }

  async #takeOnce(get: Credentials['refresh']): Promise<void> {
    const result = await get(this.#access);
    this.#since = this.#now();
    if (result.ok) this.#access = result.value;
    this.#agents.add(this.#access.agent);
    this.#renewal = undefined;
  }
}
