import type { Agent } from 'node:http';
import type { Access, Credentials } from './credentials.ts';

/** Credentials that are older than this are read again, as client-go does with token files. */
const FRESH_FOR = 60_000;

/**
 * The present access to the API server: an agent with its open sockets, and headers. It renews credentials in a long run,
 * once, however many requests find them expired.
 */
export class Login {
  readonly #credentials: Credentials;
  readonly #now: () => number;
  readonly #agents = new Set<Agent>();
  #access: Access;
  #since: number;
  #renewal: Promise<void> | undefined;
  /** The server has accepted these credentials. So a 401 means that they have expired. */
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

  /** Whether the next request must wait for credentials. */
  get isStale(): boolean {
    return this.#renewal !== undefined || this.#now() - this.#since > FRESH_FOR;
  }

  /** Reads a token again that may have changed. */
  refresh(): Promise<void> {
    return this.#take(this.#credentials.refresh);
  }

  /** Notes that a request was let in. */
  accept(): void {
    this.#accepted = true;
  }

  /** Gets new credentials after a 401. Returns false if the last new ones were rejected too. */
  async renew(refused: Access): Promise<boolean> {
    if (this.#renewal !== undefined) await this.#renewal;
    if (this.#access !== refused) return true;
    if (!this.#accepted) return false;
    this.#accepted = false;
    await this.#take(this.#credentials.renew);
    return this.#access !== refused;
  }

  /** Closes the sockets. */
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
