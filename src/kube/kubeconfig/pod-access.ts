import { existsSync, readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import type { ChosenContext } from './chosen-context.ts';

/** Where a pod finds its credentials (Kubernetes: "Accessing the Kubernetes API from a Pod"). */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The pod's own way to the API server, in the form of a kubeconfig: its CA and a token file that the kubelet renews.
 * Undefined outside a pod. Its namespace is the one that kubectl takes: `POD_NAMESPACE`, then the file. The directory is an
 * argument for the tests.
 */
export function podAccess(
  env: Readonly<Record<string, string | undefined>>,
  directory: string = SERVICE_ACCOUNT,
): ChosenContext | undefined {
  const [host, port] = [env['KUBERNETES_SERVICE_HOST'], env['KUBERNETES_SERVICE_PORT']];
  const tokenFile = join(directory, 'token');
  if (!host || !port || !existsSync(tokenFile)) return undefined;
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const name = 'service account';
  const namespace = env['POD_NAMESPACE'] || namespaceIn(directory);
  return {
    context: name,
    file: directory,
    cluster: { name, directory, fields: { server, 'certificate-authority': join(directory, 'ca.crt') } },
    user: { name, directory, fields: { tokenFile } },
    ...(namespace !== undefined && { namespace }),
    isPod: true,
  };
}

/** Why there is no {@link podAccess}. A pod has the address of the API server, also where it has no token. */
export function whyNoPodAccess(env: Readonly<Record<string, string | undefined>>): string {
  return env['KUBERNETES_SERVICE_HOST']
    ? 'this pod has no token of a service account: set automountServiceAccountToken: true in its spec'
    : 'no service account of a pod';
}

function namespaceIn(directory: string): string | undefined {
  try {
    return readFileSync(join(directory, 'namespace'), 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
