import pMap from 'p-map';
import type { ContextFinding } from '../../model/context-finding.ts';
import { contextSources, heldSources } from '../../plan/contexts/context-sources.ts';
import type { DraftPlan } from '../../plan/draft.ts';
import { readRemoteKubeconfigs } from '../../kube/kubeconfig/remote-kubeconfig.ts';
import type { RequestCounts } from '../../model/run-report.ts';
import type { RemoteOptions } from '../run-options.ts';
import { CONCURRENCY, type OpeningAll, failedOf, openAll, selectContexts } from './open-contexts.ts';
import type { Opened } from './open-context.ts';
import { draftOneContext } from './plan-context.ts';

/** The draft of one context, or why there is none. */
export interface DraftedContext {
  readonly name: string;
  readonly server?: string;
  readonly reachable: boolean;
  readonly finding?: ContextFinding;
  readonly draft?: DraftPlan;
  readonly requests?: RequestCounts;
}

/** Drafts the plans of all contexts, for `explain`. It reads metadata only, and writes nothing. */
export async function draftContexts(
  opening: Omit<OpeningAll, 'sources' | 'isPurge'>,
  remotes: RemoteOptions,
): Promise<readonly DraftedContext[]> {
  const { home, options } = opening;
  const { classified } = home;
  if (classified.scope.clusterUid === undefined) return [];
  const { contexts } = readRemoteKubeconfigs(remotes.paths, remotes.allowed, options.connect);
  const sources = contextSources(classified);
  const known = new Set(contexts.map(({ context }) => context));
  const all = { ...opening, sources, isPurge: false };
  const opened = await openAll(selectContexts(contexts, remotes), known, all);
  const held = heldSources(sources, { known, failed: failedOf(opened) });
  const draft = async ([name, one]: readonly [string, Opened]): Promise<DraftedContext> => {
    if (!('open' in one)) return { name, ...one };
    const { client } = one.open;
    const drafted = await draftOneContext(one.open, { classified, sources, held });
    client.close();
    const base = { name, server: client.address, reachable: true, requests: client.counts() };
    return drafted.ok
      ? { ...base, draft: drafted.value }
      : { ...base, finding: { reason: 'context-failed', failure: drafted.failure, sources: [] } };
  };
  return pMap(opened, draft, { concurrency: CONCURRENCY });
}
