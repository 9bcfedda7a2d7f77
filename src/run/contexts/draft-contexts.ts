import pMap from 'p-map';
import type { ContextFinding } from '../../model/context-finding.ts';
import { heldSources } from '../../plan/contexts/context-sources.ts';
import type { DraftPlan } from '../../plan/draft.ts';
import type { RequestCounts } from '../../model/run-report.ts';
import type { RemoteOptions } from '../run-options.ts';
import { contextsToServe } from './contexts-to-serve.ts';
import { CONCURRENCY, type OpeningAll, failedOf, openAll } from './open-contexts.ts';
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

/** The drafts of all contexts. */
export interface DraftedContexts {
  readonly drafted: readonly DraftedContext[];
  /** About the kubeconfigs, and about the annotations of the sources. */
  readonly findings: readonly ContextFinding[];
}

/** Drafts the plans of all contexts, for `explain`. It reads metadata only, and writes nothing. */
export async function draftContexts(
  opening: Omit<OpeningAll, 'sources' | 'isPurge'>,
  remotes: RemoteOptions,
): Promise<DraftedContexts> {
  const all = { ...opening, isPurge: false };
  const { sources, known, selected, findings } = contextsToServe(all, remotes);
  const opened = await openAll(selected, known, { ...all, sources });
  const held = heldSources(sources, { known, failed: failedOf(opened) });
  const home = { classified: opening.home.classified, sources, held };
  const draft = async ([name, one]: readonly [string, Opened]): Promise<DraftedContext> => {
    if (!('open' in one)) return { name, ...one };
    const { client } = one.open;
    const drafted = await draftOneContext(one.open, home);
    client.close();
    const base = { name, server: client.address, reachable: true, requests: client.counts() };
    return drafted.ok
      ? { ...base, draft: drafted.value }
      : { ...base, finding: { reason: 'context-failed', failure: drafted.failure, sources: [] } };
  };
  return { drafted: await pMap(opened, draft, { concurrency: CONCURRENCY }), findings };
}
