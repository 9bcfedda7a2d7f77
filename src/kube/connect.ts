import type { Result } from '../model/failure.ts';
import type { ConnectOptions } from './kubeconfig/connect-options.ts';
import { ApiClient } from './http/client.ts';
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

/**
 * Reads the kubeconfig as kubectl does, and gets credentials, unless an earlier run left them. It sends nothing to the API
 * server: the first list shows whether the server is there.
 */
export async function connect(
  options: ReconnectOptions,
  hooks: ConnectHooks = {},
): Promise<Result<ApiClient>> {
  const { requestTimeout, userAgent, logins } = options;
  const key = JSON.stringify([options.kubeconfig, options.context, options.as, options.asGroups]);
  const kept = logins?.get(key);
  const opened: Result<OpenLogin> =
    kept === undefined ? await openLogin(options, hooks) : { ok: true, value: kept };
  if (!opened.ok) return opened;
  const { target, login, names } = opened.value;
  logins?.keep(key, opened.value);
  const isLoginShared = logins !== undefined;
  const settings = { ...SYSTEM_PACING, ...hooks, requestTimeout, userAgent, names, isLoginShared };
  return { ok: true, value: new ApiClient(target, login, settings) };
}

async function openLogin(options: ConnectOptions, hooks: ConnectHooks): Promise<Result<OpenLogin>> {
  const config = readKubeconfig(options);
  if (!config.ok) return config;
  const credentials = await orAborted(openCredentials(config.value, options, hooks.stop), hooks.stop);
  if (credentials === undefined)
    return { ok: false, failure: { reason: 'stopped', message: 'stopped while logging in' } };
  if (!credentials.ok) return credentials;
  const { context, cluster, isPod = false } = config.value;
  const names = isPod ? {} : { cluster: cluster.name, context };
  const login = new Login(credentials.value, hooks.now ?? SYSTEM_PACING.now);
  return { ok: true, value: { target: credentials.value.target, login, names } };
}
