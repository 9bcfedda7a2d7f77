import pMap from 'p-map';
import { nameOf } from '../../model/keys.ts';
import type { ContextRun, Report } from '../../model/run-report.ts';
import type { RunHooks } from '../../model/progress.ts';
import type { ContextHome } from '../../plan/contexts/classify-context.ts';
import {
  type ContextSource,
  type KnownContexts,
  heldSources,
  sourcesOf,
} from '../../plan/contexts/context-sources.ts';
import { withoutDoubles } from '../../plan/contexts/one-place.ts';
import { guardContexts } from '../../plan/contexts/guard-contexts.ts';
import type { RemoteEntry } from '../../kube/kubeconfig/remote-kubeconfig.ts';
import type { RemoteOptions, RunOptions } from '../run-options.ts';
import { type Applying, applyContext, recordOf } from './apply-context.ts';
import { type Home, SourceBodies } from './home.ts';
import type { ServedContexts } from './merge-contexts.ts';
import type { OpenContext, Opened } from './open-context.ts';
import { contextsToServe } from './contexts-to-serve.ts';
import { CONCURRENCY, type OpenedByName, failedOf, openAll } from './open-contexts.ts';
import { type PlannedContext, planContext, withoutDeletesOf } from './plan-context.ts';

/*
 * Serves the other clusters of a run, after home (docs/design.md 11.7):  open -> plan -> guard -> apply, each step for all
 * contexts. A context has its own connection, plan and failures. An error in one changes nothing in another.
 */

/** What the work on all contexts shares. */
interface Serving {
  readonly home: Home;
  readonly options: RunOptions;
  readonly remotes: RemoteOptions;
  readonly hooks: RunHooks;
  readonly isPurge: boolean;
  readonly startedAt: Date;
  readonly sources: readonly ContextSource[];
  /** Called with what is known so far, for the report after a crash. */
  readonly unfinished: (served: () => ServedContexts) => void;
}

/** Serves every context of the remote kubeconfigs. */
export async function serveContexts(serving: Omit<Serving, 'sources'>): Promise<ServedContexts> {
  const { sources, known, selected, findings } = contextsToServe(serving, serving.remotes);
  const contexts = await serveAll(selected, known, { ...serving, sources });
  return { sources, findings, contexts };
}

async function serveAll(
  entries: readonly RemoteEntry[],
  known: ReadonlySet<string>,
  serving: Serving,
): Promise<readonly ContextRun[]> {
  const opened = await openAll(entries, known, serving);
  try {
    const planned = await planAll(opened, known, serving);
    return await applyAll(planned, serving);
  } finally {
    for (const one of opened.values()) if ('open' in one) one.open.client.close();
  }
}

/** The plan of a context, or why there is none. */
type Planned = { readonly planned: PlannedContext } | Unopened;

/** Why a context has no plan. */
type Unopened = Exclude<Opened, { readonly open: OpenContext }>;
type PlannedByName = ReadonlyMap<string, Planned>;

interface AllPlanned {
  readonly byName: PlannedByName;
  readonly bodies: SourceBodies;
  readonly plannedAt: number;
}

async function planAll(
  opened: OpenedByName,
  known: ReadonlySet<string>,
  { home, hooks, isPurge, sources }: Serving,
): Promise<AllPlanned> {
  const bodies = new SourceBodies(home.reader);
  const plannedAt = Date.now();
  const held = heldSources(sources, { known, failed: failedOf(opened) });
  const contextHome: ContextHome = { classified: home.classified, sources, held };
  const planning = { home: contextHome, homeReader: bodies.reader, hooks, isPurge };
  const all = await pMap(
    opened,
    async ([context, one]): Promise<readonly [string, Planned]> => {
      if (!('open' in one)) return [context, one];
      const plan = await planContext(one.open, planning);
      if (plan.ok) return [context, { planned: plan.value }];
      const finding = { reason: 'context-failed', failure: plan.failure, sources: [] } as const;
      const { client } = one.open;
      return [context, { finding, server: client.address, reachable: true, requests: client.counts() }];
    },
    { concurrency: CONCURRENCY },
  );
  const byName = new Map(all);
  return { byName: withoutUnsafe(byName, sources, { known, failed: failedOf(byName) }), bodies, plannedAt };
}

/** Returns the plans without doubles, and without deletes that a context which failed since then holds back. */
function withoutUnsafe(
  byName: PlannedByName,
  sources: readonly ContextSource[],
  contexts: KnownContexts,
): PlannedByName {
  const held = heldSources(sources, contexts);
  const plans = [...byName.values()].flatMap((one) => ('planned' in one ? [one.planned] : []));
  const own = plans.map(({ open, plan }) => {
    const { remote, cluster } = open;
    const { context, namespace } = remote;
    const kept = withoutDeletesOf(plan, held);
    return { context, cluster, plan: kept, ...(namespace !== undefined && { namespace }) };
  });
  const safe = withoutDoubles(own);
  const byContext = new Map(
    plans.map((one, at) => [one.open.remote.context, { ...one, plan: safe[at] ?? one.plan }]),
  );
  return new Map(
    [...byName].map(([context, one]) => {
      const planned = byContext.get(context);
      return [context, planned === undefined ? withSources(one, sources, context) : { planned }];
    }),
  );
}

/** A context that failed names the sources whose deletes it holds back. */
function withSources(one: Planned, sources: readonly ContextSource[], context: string): Planned {
  if (!('finding' in one) || one.finding.reason !== 'context-failed') return one;
  const names = sourcesOf(sources, context).map(({ meta }) => nameOf(meta));
  return { ...one, finding: { ...one.finding, sources: names } };
}

async function applyAll(
  { byName, bodies, plannedAt }: AllPlanned,
  serving: Serving,
): Promise<readonly ContextRun[]> {
  const { home, options, hooks, isPurge, startedAt, unfinished } = serving;
  const plans = [...byName.values()].flatMap((one) => ('planned' in one ? [one.planned.plan] : []));
  const withheldOf = guardContexts(plans, options.settings.maxPrune, home.prunes);
  const work = [...byName].map(([context, one]): ContextWork => {
    if (!('planned' in one)) {
      const failed = failedRun(context, one);
      return { soFar: () => failed, run: () => Promise.resolve(failed) };
    }
    const { planned } = one;
    const withheld = withheldOf(planned.plan);
    const applying: Applying = { options, hooks, isPurge, startedAt, withheld, bodies, plannedAt };
    const record = recordOf(planned, applying);
    return {
      soFar: () => servedRun(context, planned, record.report()),
      run: async () => servedRun(context, planned, await applyContext(planned, record, applying)),
    };
  });
  unfinished(() => ({
    sources: serving.sources,
    findings: [],
    contexts: work.map(({ soFar }) => soFar()),
  }));
  return pMap(work, ({ run }) => run(), { concurrency: CONCURRENCY });
}

/** The work on one context. */
interface ContextWork {
  /** Returns what is known so far. */
  readonly soFar: () => ContextRun;
  readonly run: () => Promise<ContextRun>;
}

function servedRun(context: string, { open, plan }: PlannedContext, report: Report): ContextRun {
  return {
    name: context,
    server: open.client.address,
    reachable: true,
    report: { ...report, findings: [...report.findings, ...open.findings] },
    unchanged: plan.unchanged,
  };
}

function failedRun(context: string, unopened: Unopened): ContextRun {
  return { name: context, ...unopened, unchanged: 0 };
}
