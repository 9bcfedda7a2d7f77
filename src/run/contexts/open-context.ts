import type { ContextFinding } from '../../model/context-finding.ts';
import type { Failure, Result } from '../../model/failure.ts';
import type { Namespace, ObjectMeta } from '../../model/objects.ts';
import type { RequestCounts } from '../../model/run-report.ts';
import type { RemoteContext } from '../../model/settings.ts';
import {
  type ContextHome,
  type ContextState,
  sourcesWithTarget,
  targetOf,
} from '../../plan/contexts/classify-context.ts';
import { isNamed } from '../../plan/contexts/context-sources.ts';
import { connectContext } from '../../kube/connect.ts';
import type { ApiClient } from '../../kube/http/client.ts';
import { textAt } from '../../kube/api.ts';
import type { RemoteEntry } from '../../kube/kubeconfig/remote-kubeconfig.ts';
import { isForbidden, readMarked, readTargets, tryNamespace } from '../../kube/read/read-context.ts';
import { readMeta } from '../../kube/read/read-object.ts';
import type { RunOptions } from '../run-options.ts';
import { CLUSTER_NAMESPACE } from './home.ts';

/** A context whose cluster was identified and read. */
export interface OpenContext {
  readonly remote: RemoteContext;
  readonly client: ApiClient;
  /** Equal for two contexts that lead to one cluster, as far as that can be known. */
  readonly cluster: string;
  readonly state: ContextState;
  readonly findings: readonly ContextFinding[];
}

/** How the opening of a context ended. */
export type Opened =
  | { readonly open: OpenContext }
  | {
      readonly finding: ContextFinding;
      readonly server?: string;
      readonly reachable: boolean;
      readonly requests?: RequestCounts;
    };

/** What the opening of a context needs. */
export interface Opening {
  readonly home: ContextHome;
  readonly options: RunOptions;
  readonly isPurge: boolean;
  readonly stop: AbortSignal;
}

/** The first response of a server has to come within this time. */
const FIRST_TIMEOUT = 10_000;
const MOST_TRIES = 3;

/** Connects through a context, identifies its cluster, and reads what is ours there. */
export async function openContext(
  entry: RemoteEntry,
  remote: RemoteContext,
  opening: Opening,
): Promise<Opened> {
  const { chosen } = entry;
  if (chosen === undefined) return { finding: unusable(entry), reachable: false };
  const { options, stop } = opening;
  const { as: _, ...connect } = options.connect;
  const client = await connectContext(
    chosen,
    { ...connect, asGroups: [] },
    {
      stop,
      firstTimeout: FIRST_TIMEOUT,
      mostTries: MOST_TRIES,
      describe: (status) => ({ text: textAt(status, 'reason') ?? '' }),
    },
  );
  if (!client.ok) return { finding: failed(client.failure), reachable: false };
  const read = await readContext(client.value, remote, opening);
  if ('open' in read) return read;
  client.value.close();
  return { ...read, server: client.value.address, requests: client.value.counts() };
}

function unusable({ refused, failure, files }: RemoteEntry): ContextFinding {
  if (refused !== undefined) return { reason: 'context-refused', why: refused, files };
  return failed(failure ?? { reason: 'bad-kubeconfig', message: 'it cannot be used' });
}

function failed(failure: Failure): ContextFinding {
  return { reason: 'context-failed', failure, sources: [] };
}

async function readContext(client: ApiClient, remote: RemoteContext, opening: Opening): Promise<Opened> {
  const identified = await identify(client, remote, opening);
  if (!identified.ok) return { finding: failed(identified.failure), reachable: false };
  const { cluster, isHome, namespaces } = identified.value;
  if (isHome) {
    const named = isNamed(opening.home.sources, remote.context);
    return { finding: { reason: 'context-is-this-cluster', named }, reachable: true };
  }
  const marked = await readObjects(client, remote, opening);
  if (!marked.ok) return { finding: failed(marked.failure), reachable: true };
  const { objects, findings } = marked.value;
  return { open: { remote, client, cluster, state: { objects, namespaces }, findings } };
}

interface Identity {
  readonly cluster: string;
  readonly isHome: boolean;
  readonly namespaces: ContextState['namespaces'];
}

/**
 * Identifies the cluster of a context: by the uid of kube-system, else by those of the target namespaces, else by that of
 * the ConfigMap kube-root-ca.crt in the namespace of the context, which a Role there may read.
 */
async function identify(
  client: ApiClient,
  remote: RemoteContext,
  opening: Opening,
): Promise<Result<Identity>> {
  const system = await tryNamespace(client, CLUSTER_NAMESPACE);
  if (!system.ok) return system;
  const targets = await readTargets(client, targetNames(remote, opening));
  if (!targets.ok) return targets;
  const namespaces = targets.value;
  const uid = uidOf(system.value);
  const { classified } = opening.home;
  if (uid !== undefined)
    return { ok: true, value: { cluster: uid, isHome: uid === classified.scope.clusterUid, namespaces } };
  const uids = [...namespaces.values()].flatMap((one) => uidOf(one) ?? []);
  const atHome = new Set([...classified.index.namespaces.values()].flatMap((one) => one.uid ?? []));
  const [first] = uids;
  if (first !== undefined)
    return { ok: true, value: { cluster: first, isHome: uids.some((one) => atHome.has(one)), namespaces } };
  return identifyByRootCa(client, remote, opening, namespaces);
}

function uidOf(namespace: Namespace | 'missing' | 'unread'): string | undefined {
  return typeof namespace === 'string' ? undefined : namespace.uid;
}

function targetNames(remote: RemoteContext, { home, isPurge }: Opening): readonly string[] {
  if (isPurge) return remote.namespace === undefined ? [] : [remote.namespace];
  const wanted = sourcesWithTarget(home.sources, remote).map(({ meta }) => targetOf(meta, remote));
  return [...new Set(wanted)];
}

/** Every namespace has a ConfigMap of this name, and its uid is that of one cluster. */
async function identifyByRootCa(
  client: ApiClient,
  remote: RemoteContext,
  { home }: Opening,
  namespaces: ContextState['namespaces'],
): Promise<Result<Identity>> {
  const { index } = home.classified;
  const unknown = { cluster: client.address, isHome: false, namespaces };
  if (remote.namespace === undefined) return { ok: true, value: unknown };
  const name = { kind: 'ConfigMap', namespace: remote.namespace, name: 'kube-root-ca.crt' } as const;
  const there = await readMeta(client, name);
  if (!there.ok) return isForbidden(there.failure) ? { ok: true, value: unknown } : there;
  const isHome = there.value !== undefined && index.find(name)?.uid === there.value.uid;
  return { ok: true, value: { ...unknown, isHome } };
}

interface ReadObjects {
  readonly objects: readonly ObjectMeta[];
  readonly findings: readonly ContextFinding[];
}

/** Reads the objects with our label: in the namespace of the context, or in all. A purge reads all where it may. */
async function readObjects(
  client: ApiClient,
  { namespace }: RemoteContext,
  { options: { settings }, isPurge }: Opening,
): Promise<Result<ReadObjects>> {
  const read = await readMarked(client, settings.kinds, isPurge ? undefined : namespace);
  if (read.ok) return { ok: true, value: { objects: read.value, findings: [] } };
  if (!isPurge || namespace === undefined || !isForbidden(read.failure)) return read;
  const here = await readMarked(client, settings.kinds, namespace);
  if (!here.ok) return here;
  return {
    ok: true,
    value: { objects: here.value, findings: [{ reason: 'purged-one-namespace', namespace }] },
  };
}
