import pMap from 'p-map';
import type { RunHooks } from '../../model/progress.ts';
import type { ContextFinding } from '../../model/context-finding.ts';
import type { ContextSource } from '../../plan/contexts/context-sources.ts';
import type { RemoteEntry } from '../../kube/kubeconfig/remote-kubeconfig.ts';
import type { RunOptions } from '../run-options.ts';
import type { Home } from './home.ts';
import { type Opened, openContext } from './open-context.ts';

// Opens the contexts of a run: connects, identifies the cluster, and reads what is ours there.

/** Contexts to work on at a time. */
export const CONCURRENCY = 8;

/** What the opening of contexts needs. */
export interface OpeningAll {
  readonly home: Pick<Home, 'classified'>;
  readonly options: RunOptions;
  readonly hooks: RunHooks;
  readonly isPurge: boolean;
  readonly sources: readonly ContextSource[];
}

/** How the opening of each context ended, sorted by name. */
export type OpenedByName = ReadonlyMap<string, Opened>;

/** Opens contexts, some at a time. One that fails changes nothing for the others. */
export async function openAll(
  entries: readonly RemoteEntry[],
  known: ReadonlySet<string>,
  { home, options, hooks, isPurge, sources }: OpeningAll,
): Promise<OpenedByName> {
  const { classified } = home;
  const uids = new Set(sources.map(({ meta }) => meta.uid));
  const isSourceUid = (uid: string): boolean => uid !== '' && uids.has(uid);
  const opening = {
    home: { classified, sources, held: new Set<never>() },
    options,
    isPurge,
    stop: hooks.stop,
  };
  const opened = await pMap(
    entries,
    async (entry) => {
      const { context, chosen } = entry;
      const namespace = chosen?.namespace;
      const remote = { context, ...(namespace !== undefined && { namespace }), known, isSourceUid };
      return [context, await openContext(entry, remote, opening)] as const;
    },
    { concurrency: CONCURRENCY },
  );
  return new Map(opened.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The contexts whose cluster could not be read. One that leads to this cluster was read: nothing of ours is there. */
export function failedOf(byName: ReadonlyMap<string, object>): ReadonlySet<string> {
  return new Set([...byName].flatMap(([context, one]) => (isFailed(one) ? [context] : [])));
}

function isFailed(one: object): boolean {
  return hasFinding(one) && one.finding.reason !== 'context-is-this-cluster';
}

function hasFinding(one: object): one is { readonly finding: ContextFinding } {
  return 'finding' in one;
}
