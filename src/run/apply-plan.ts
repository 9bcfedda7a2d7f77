import type { ReadObjects } from '../plan/finalize.ts';
import { isPrune } from '../plan/guard.ts';
import type { Body, ObjectKey } from '../model/objects.ts';
import type { Plan } from '../model/plan.ts';
import type { Finding } from '../model/finding.ts';
import type { Report } from '../model/run-report.ts';
import type { RunHooks } from '../model/progress.ts';
import { type Subject, sourceEvents } from '../plan/source-events.ts';
import type { WhyUnchecked } from '../plan/preview/server-checks.ts';
import type { Scope } from '../plan/scope.ts';
import { type ApplyContext, applyChanges } from '../kube/write/apply-changes.ts';
import type { ApiClient } from '../kube/http/client.ts';
import { recordEvents } from '../kube/record-events.ts';
import type { RunOptions } from './run-options.ts';
import type { RunRecord } from './run-record.ts';

/** The objects that Events may be about. */
export type EventSubjects = ReadonlyMap<ObjectKey, Subject>;

/** A plan and what its writes need. */
export interface PlanToApply {
  readonly options: RunOptions;
  readonly plan: Plan;
  readonly withheld: Finding | undefined;
  readonly scope: Scope;
  readonly sources: ReadObjects['sources'];
  /** Says which changes the API server cannot be asked about. They stay planned. */
  readonly whyUnchecked: WhyUnchecked;
}

/** Writes the changes that the guard allows, or asks the API server about them (`--dry-run=server`), into the record. */
export async function applyPlan(
  connection: ApiClient,
  { options, plan, withheld, scope, sources, whyUnchecked }: PlanToApply,
  record: RunRecord,
  { stop, progress }: RunHooks,
): Promise<void> {
  const { serverDryRun = false, showServerMessages = false, concurrency } = options;
  const phase = serverDryRun ? 'server-dry-run' : 'writing';
  const context: ApplyContext = {
    sources: withoutMissing(sources),
    settings: scope,
    concurrency,
    serverDryRun,
    showServerMessages,
    stop,
    progress: ({ done, total }) => progress({ phase, done, total }),
    onApplied: (applied) => record.applied(applied),
  };
  const allowed = plan.changes.filter((change) => withheld === undefined || !isPrune(change));
  record.unchecked(allowed, whyUnchecked);
  const checked = allowed.filter((change) => whyUnchecked(change) === undefined);
  const { findings } = await applyChanges(connection, checked, context);
  record.found(findings);
}

/** Records Events on the sources, if they are asked for, and returns the report with their counts. A dry run records none. */
export async function recordSourceEvents(
  connection: ApiClient,
  { events: message, settings, dryRun }: RunOptions,
  subjects: EventSubjects,
  report: Report,
  { stop }: RunHooks,
): Promise<Report> {
  if (message === undefined || dryRun) return report;
  const events = sourceEvents(report.changes, report.findings, subjects);
  const context = { message, sha256: settings.sha256, stop, now: () => new Date() };
  const recorded = await recordEvents(connection, events, context);
  const { events: sent } = connection.counts();
  const requests = { ...report.requests, ...(sent !== undefined && { events: sent }) };
  return { ...report, events: recorded, requests };
}

function withoutMissing(sources: ReadObjects['sources']): ReadonlyMap<ObjectKey, Body> {
  return new Map([...sources].flatMap(([key, body]) => (body === undefined ? [] : [[key, body] as const])));
}
