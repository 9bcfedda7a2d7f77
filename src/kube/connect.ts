import type { Result } from '../model/failure.ts';
import type { ConnectOptions } from './kubeconfig/connect-options.ts';
import { ApiClient, type ClientSettings } from './http/client.ts';
import type { ChosenContext } from './kubeconfig/chosen-context.ts';
import { openCredentials } from './auth/credentials.ts';
import { Login } from './auth/login.ts';
import type { LoginStore, OpenLogin } from './auth/login-store.ts';
import { readKubeconfig } from './kubeconfig/kubeconfig.ts';
import { type Pacing, type Retrying, SYSTEM_PACING, orAborted } from './http/retry.ts';

export type { ConnectOptions };

/** How to connect, and what earlier runs left open. */
export interface ReconnectOptions extends ConnectOptions {
  readonly logins?: LoginStore;
}

/** What a connection needs in addition to its options. */
export interface ConnectHooks extends Partial<Pacing> {
  readonly progress?: (event: Retrying) => void;
  /** Ends reads at once, and the wait before a write is retried. */
  readonly stop?: AbortSignal;
  /** Milliseconds that writes under way have after a stop. */
  readonly grace?: number;
}

/** What only a connection to another cluster has. */
export type RemoteSettings = Pick<ClientSettings, 'firstTimeout' | 'mostTries' | 'describe'>;

/** Opens a connection through one context of a remote kubeconfig. It sends nothing yet. */
export async function connectContext(
  chosen: ChosenContext,
  options: ReconnectOptions,
  hooks: ConnectHooks & RemoteSettings,
): Promise<Result<ApiClient>> {
  return open(chosen, options, hooks);
}

/**
 * Reads the kubeconfig as kubectl does, and gets credentials. It sends nothing to the API server: the first list shows
 * whether the server is there.
 */
export async function connect(
  options: ReconnectOptions,
  hooks: ConnectHooks = {},
): Promise<Result<ApiClient>> {
  const config = readKubeconfig(options);
  return config.ok ? open(config.value, options, hooks) : config;
}

async function open(
  chosen: ChosenContext,
  options: ReconnectOptions,
  hooks: ConnectHooks & RemoteSettings,
): Promise<Result<ApiClient>> {
  const opened = await loginFor(chosen, options, hooks);
  if (!opened.ok) return opened;
  const { target, login } = opened.value;
  const { requestTimeout, userAgent, logins } = options;
  const { context, cluster, isPod = false } = chosen;
  const names = isPod ? {} : { cluster: cluster.name, context };
  const isLoginShared = logins !== undefined;
  const settings = { ...SYSTEM_PACING, ...hooks, requestTimeout, userAgent, names, isLoginShared };
  return { ok: true, value: new ApiClient(target, login, settings) };
}

/** Returns the login that an earlier run left, if the kubeconfig has not changed since. Otherwise makes one. */
async function loginFor(
  chosen: ChosenContext,
  options: ReconnectOptions,
  hooks: ConnectHooks,
): Promise<Result<OpenLogin>> {
  const { as, asGroups, logins } = options;
  const key = JSON.stringify([chosen, as, asGroups]);
  const kept = logins?.get(key);
  if (kept !== undefined) return { ok: true, value: kept };
  const credentials = await orAborted(openCredentials(chosen, options, hooks.stop), hooks.stop);
  if (credentials === undefined)
    return { ok: false, failure: { reason: 'stopped', message: 'stopped while logging in' } };
  if (!credentials.ok) return credentials;
  const login = new Login(credentials.value, hooks.now ?? SYSTEM_PACING.now);
  const opened = { target: credentials.value.target, login };
  logins?.keep(key, opened);
  return { ok: true, value: opened };
}
