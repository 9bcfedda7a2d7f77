import type { ServerUrl } from '../transport/server-url.ts';
import type { Login } from './login.ts';

/** The way to one cluster, as a run left it. */
export interface OpenLogin {
  readonly target: ServerUrl;
  readonly login: Login;
}

/**
 * What stays open between two runs of `--every`: sockets and credentials, and nothing that was read from a cluster. The key
 * is the kubeconfig itself, so that a changed one makes a new login. It stays in memory.
 */
export class LoginStore {
  readonly #logins = new Map<string, OpenLogin>();

  /** Returns the login that was kept under this key. */
  get(key: string): OpenLogin | undefined {
    return this.#logins.get(key);
  }

  /** Keeps a login for the next run. */
  keep(key: string, opened: OpenLogin): void {
    this.#logins.set(key, opened);
  }

  /** Closes the sockets and forgets the credentials. */
  close(): void {
    for (const { login } of this.#logins.values()) login.close();
    this.#logins.clear();
  }
}
