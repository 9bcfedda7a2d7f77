import type { Result } from '../model/failure.ts';
import type { ConnectOptions } from './kubeconfig/connect-options.ts';
import { ApiClient } from './http/client.ts';
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

/**
 * Reads the kubeconfig as kubectl does, and gets credentials. It sends nothing to the API server: the first list shows
 * whether the server is there.
 */
export async function connect(options: ConnectOptions, hooks: ConnectHooks = {}): Promise<Result<ApiClient>> {
  const config = readKubeconfig(options);
  if (!config.ok) return config;
  const credentials = await orAborted(openCredentials(config.value, options, hooks.stop), hooks.stop);
  if (credentials === undefined)
    return { ok: false, failure: { reason: 'stopped', message: 'stopped while logging in' } };
  if (!credentials.ok) return credentials;
  const { requestTimeout, userAgent } = options;
  return {
    ok: true,
    value: new ApiClient(credentials.value, { ...SYSTEM_PACING, ...hooks, requestTimeout, userAgent }),
  };
}
