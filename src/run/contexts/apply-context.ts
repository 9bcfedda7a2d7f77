import type { Change } from '../../model/change.ts';
import type { Finding } from '../../model/finding.ts';
import type { Report } from '../../model/run-report.ts';
import type { RunHooks } from '../../model/progress.ts';
import { keyOf } from '../../model/keys.ts';
import { groupBy } from '../../util/group-by.ts';
import { applyPlan } from '../apply-plan.ts';
import type { RunOptions } from '../run-options.ts';
import { RunRecord } from '../run-record.ts';
import type { SourceBodies } from './home.ts';
import type { PlannedContext } from './plan-context.ts';

/** What the writes of a context need. */
export interface Applying {
  readonly options: RunOptions;
  readonly hooks: RunHooks;
  readonly isPurge: boolean;
  readonly startedAt: Date;
  /** The finding of the guard, if it withholds the deletes. */
  readonly withheld: Finding | undefined;
  readonly bodies: SourceBodies;
  /** When the plans were made, in milliseconds. */
  readonly plannedAt: number;
}

/** The record of a context, which can make a report at any time. */
export function recordOf({ open, plan }: PlannedContext, applying: Applying): RunRecord {
  const { options, hooks, isPurge, startedAt, withheld } = applying;
  return new RunRecord({
    options,
    plan,
    withheld,
    connection: open.client,
    stop: hooks.stop,
    isPurge,
    startedAt,
  });
}

/** How long the work on one context may take. */
const BUDGET = 300_000;

/** Writes the changes of a context into its record, or keeps them planned in a dry run. Returns the report. */
export async function applyContext(
  planned: PlannedContext,
  record: RunRecord,
  applying: Applying,
): Promise<Report> {
  const { options, hooks } = applying;
  if (options.dryRun && options.serverDryRun !== true) {
    record.keepPlanned();
    return record.report();
  }
  const { stop, isOver, dispose } = stopAfter(BUDGET, hooks.stop);
  try {
    const changes = await stillWanted(planned, record, applying);
    const { open, plan, scope, sources } = planned;
    const work = { options, plan: { ...plan, changes }, withheld: applying.withheld, scope, sources };
    await applyPlan(open.client, { ...work, whyUnchecked: () => undefined }, record, {
      ...hooks,
      progress: () => undefined,
      stop,
    });
  } finally {
    dispose();
  }
  record.found([
    ...missingNamespaces(record),
    ...(isOver() ? [{ reason: 'context-timed-out' } as const] : []),
  ]);
  return record.report();
}

/** A signal that is aborted like another one, or when the time is over. */
function stopAfter(
  milliseconds: number,
  outer: AbortSignal,
): { readonly stop: AbortSignal; readonly isOver: () => boolean; readonly dispose: () => void } {
  const own = new AbortController();
  const timer = setTimeout(() => own.abort('timeout'), milliseconds);
  return {
    stop: AbortSignal.any([outer, own.signal]),
    isOver: () => own.signal.aborted,
    dispose: () => clearTimeout(timer),
  };
}

/** Returns the changes whose origins at home are still as planned. The others are left to the next run. */
async function stillWanted(
  { plan, sources, origins }: PlannedContext,
  record: RunRecord,
  { bodies, plannedAt, isPurge }: Applying,
): Promise<readonly Change[]> {
  if (isPurge) return plan.changes;
  const wanted: Change[] = [];
  for (const changes of groupBy(plan.changes, ({ kind, origin }) => keyOf({ kind, ...origin })).values()) {
    const [{ kind, origin }] = changes;
    const key = keyOf({ kind, ...origin });
    const name = { kind, namespace: origin.namespace, name: origin.name };
    if (await bodies.isUnchanged(name, sources.get(key) ?? origins.get(key), plannedAt))
      for (const change of changes) wanted.push(change);
    else
      for (const change of changes)
        record.applied({ change, outcome: { outcome: 'skipped', why: 'changed-meanwhile' } });
  }
  return wanted;
}

/** At home a copy goes with its namespace, and nothing is wrong. In another cluster the namespace was asked for. */
function missingNamespaces(record: RunRecord): readonly Finding[] {
  const gone = record.changes.filter(
    ({ outcome }) => outcome.outcome === 'skipped' && outcome.why === 'namespace-gone',
  );
  const byNamespace = groupBy(gone, ({ change }) => change.namespace);
  return [...byNamespace].map(([namespace, changes]) => {
    return { reason: 'remote-namespace-not-found', namespace, copies: changes.length };
  });
}
