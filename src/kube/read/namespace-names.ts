import { connect } from '../connect.ts';
import type { ConnectOptions } from '../kubeconfig/connect-options.ts';
import { readNamespaces } from './read-snapshot.ts';

/** Returns the names of all namespaces. If they cannot be read before `stop`, there are none. */
export async function namespaceNames(options: ConnectOptions, stop: AbortSignal): Promise<readonly string[]> {
  const client = await connect(options, { stop });
  if (!client.ok) return [];
  const namespaces = await readNamespaces(client.value, () => undefined);
  client.value.close();
  return namespaces.ok ? namespaces.value.map(({ name }) => name) : [];
}
