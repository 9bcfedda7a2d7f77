/** Kubeconfigs for the simulated server. */

import type { Json } from './model.ts';
import type { ApiServerOptions } from './options.ts';

/** Content of a kubeconfig in addition to the address of the server. */
export interface KubeconfigExtra {
  readonly context?: string;
  readonly namespace?: string;
  /** Keys to add to the user and the cluster. Null removes a key. */
  readonly user?: Readonly<Record<string, Json>>;
  readonly cluster?: Readonly<Record<string, Json>>;
}

/** The address of the server and the form of connections. */
export interface Endpoint {
  readonly url: string;
  readonly tls: ApiServerOptions['tls'] | undefined;
  readonly token: string | undefined;
}

/** The text of a kubeconfig: JSON, which is YAML. */
export function kubeconfigOf(endpoint: Endpoint, extra: KubeconfigExtra): string {
  const { context = 'simulated', namespace } = extra;
  const names = { cluster: context, user: context };
  const cluster = withoutNulls({ ...clusterEntry(endpoint), ...extra.cluster });
  const token = endpoint.token === undefined ? {} : { token: endpoint.token };
  const user = withoutNulls({ ...token, ...extra.user });
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': context,
    clusters: [{ name: context, cluster }],
    users: [{ name: context, user }],
    contexts: [{ name: context, context: namespace === undefined ? names : { ...names, namespace } }],
  });
}

/** client-node sends plain HTTP only to a cluster with `insecure-skip-tls-verify`. */
function clusterEntry({ url, tls }: Endpoint): Record<string, Json> {
  if (tls === undefined) return { server: url, 'insecure-skip-tls-verify': true };
  const ca = Buffer.from(tls.ca ?? tls.cert).toString('base64');
  return { server: url, 'certificate-authority-data': ca };
}

function withoutNulls(entries: Readonly<Record<string, Json>>): Record<string, Json> {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== null));
}
