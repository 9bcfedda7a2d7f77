import type { Result } from '../model/failure.ts';
import type { ConnectOptions } from './kubeconfig/connect-options.ts';
import { ApiClient, type ClientSettings } from './http/client.ts';
import type { ChosenContext } from './kubeconfig/chosen-context.ts';
import { openCredentials } from './auth/credentials.ts';
import { readKubeconfig } from './kubeconfig/kubeconfig.ts';
import { type Pacing, type Retrying, SYSTEM_PACING, orAborted } from './http/retry.ts';

export type { ConnectOptions };

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
  options: ConnectOptions,
  hooks: ConnectHooks & RemoteSettings,
): Promise<Result<ApiClient>> {
  return open(chosen, options, hooks);
}

/**
 * Reads the kubeconfig as kubectl does, and gets credentials. It sends nothing to the API server: the first list shows
 * whether the server is there.
 */
export async function connect(options: ConnectOptions, hooks: ConnectHooks = {}): Promise<Result<ApiClient>> {
  const config = readKubeconfig(options);
  return config.ok ? open(config.value, options, hooks) : config;
}

async function open(
  chosen: ChosenContext,
  options: ConnectOptions,
  hooks: ConnectHooks & RemoteSettings,
): Promise<Result<ApiClient>> {
  const credentials = await orAborted(openCredentials(chosen, options, hooks.stop), hooks.stop);
  if (credentials === undefined)
    return { ok: false, failure: { reason: 'stopped', message: 'stopped while logging in' } };
  if (!credentials.ok) return credentials;
  const { requestTimeout, userAgent } = options;
  const { context, cluster, isPod = false } = chosen;
  const names = isPod ? {} : { cluster: cluster.name, context };
  const settings = { ...SYSTEM_PACING, ...hooks, requestTimeout, userAgent, names };
  return { ok: true, value: new ApiClient(credentials.value, settings) };
}
