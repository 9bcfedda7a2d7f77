import type { Snapshot } from '../model/objects.ts';
import type { Scope } from '../plan/scope.ts';
import type { ApiClient } from '../kube/http/client.ts';
import { readNamespace } from '../kube/read/read-snapshot.ts';
import { formatTimestamp } from '../util/timestamp.ts';
import { CLUSTER_NAMESPACE } from './contexts/home.ts';
import { servedRemotes } from './contexts/left-out.ts';
import type { RunOptions } from './run-options.ts';

/** What the scope of the home cluster depends on. */
interface HomeRun {
  readonly scope: Scope;
  /** Undefined in a run without a cluster. */
  readonly connection: ApiClient | undefined;
  readonly options: RunOptions;
}

/**
 * Returns the scope with what the lists show: the time of the latest answer, and the uid of the cluster. A proxy may drop the
 * time, so the own clock replaces it. Lists of single namespaces do not show the uid: it is read for other clusters only.
 */
export async function scopeOfHome(
  { scope, connection, options }: HomeRun,
  { namespaces }: Snapshot,
): Promise<Scope> {
  const listed = namespaces.find(({ name }) => name === CLUSTER_NAMESPACE)?.uid;
  const isNeeded = listed === undefined && servedRemotes(options) !== undefined;
  const read = isNeeded && connection !== undefined ? await clusterUid(connection) : undefined;
  const uid = listed ?? read;
  const date = connection?.serverTime;
  const known = uid === undefined ? scope : { ...scope, clusterUid: uid };
  return date === undefined ? known : { ...known, now: formatTimestamp(date) };
}

/** The uid of the home cluster. Undefined if it may not be read: then no other cluster is touched. */
async function clusterUid(connection: ApiClient): Promise<string | undefined> {
  const read = await readNamespace(connection, CLUSTER_NAMESPACE);
  return read.ok ? read.value?.uid : undefined;
}
