import { type ReadObjects, finalizePlan } from '../plan/finalize.ts';
import type { Result } from '../model/failure.ts';
import { guard, isPrune } from '../plan/guard.ts';
import type { Snapshot } from '../model/objects.ts';
import type { Plan } from '../model/plan.ts';
import type { Report } from '../model/run-report.ts';
import type { RunHooks } from '../model/progress.ts';
import { eventSubjects } from '../plan/source-events.ts';
import { draftPlan } from '../plan/draft.ts';
import { type PlannedState, comparePlans } from '../plan/preview/compare-plans.ts';
import { planPurge } from '../plan/purge.ts';
import { type ClassifiedSnapshot, classify } from '../plan/classify.ts';
import { planReads } from '../plan/read-plan.ts';
import { type WhyUnchecked, uncheckedReasons } from '../plan/preview/server-checks.ts';
import { type Scope, scopeOf } from '../plan/scope.ts';
import { isNeededBy } from '../plan/shard.ts';
import { connect } from '../kube/connect.ts';
import type { ApiClient } from '../kube/http/client.ts';
import { formatTimestamp } from '../util/timestamp.ts';
import type { Reader } from '../readers/reader.ts';
import { type EventSubjects, applyPlan, recordSourceEvents } from './apply-plan.ts';
import { decideCopies, readSources } from './read-for-draft.ts';
import { type Readers, offlineReaders, onlineReaders } from './run-readers.ts';
import type { RemoteOptions, RunOptions } from './run-options.ts';
import { scopeOfHome } from './home-scope.ts';
import { leftOutFindings, servedRemotes } from './contexts/left-out.ts';
import { mergeContexts } from './contexts/merge-contexts.ts';
import { serveContexts } from './contexts/serve-contexts.ts';
import { RunRecord } from './run-record.ts';

/*
 * One run (docs/design.md 9.1):  list -> draft -> read -> decide -> finalize -> guard -> apply -> report
 */

/** What all steps of a run need. */
export interface Run extends Readers {
  readonly options: RunOptions;
  readonly hooks: RunHooks;
  readonly scope: Scope;
  readonly startedAt: Date;
  /** Undefined in a run without a cluster (`--offline`). */
  readonly connection: ApiClient | undefined;
}

/** The plan of a run, and what the writes and the Events need. */
interface Decided {
  /** The scope with the time of the API server. */
  readonly scope: Scope;
  readonly classified: ClassifiedSnapshot;
  readonly plan: Plan;
  readonly sources: ReadObjects['sources'];
  readonly subjects: EventSubjects;
  readonly whyUnchecked: WhyUnchecked;
}

/** Makes the copies what their sources ask for. If a read fails, returns the failure and writes nothing. */
export function reconcile(options: RunOptions, hooks: RunHooks): Promise<Result<Report>> {
  return withRun(options, hooks, async (run) => {
    const decided = await decideReconcile(run);
    return decided.ok ? { ok: true, value: await carryOut(run, decided.value, false) } : decided;
  });
}

/** Deletes every copy that is ours and in scope. Guard, preview and report are those of a reconcile. */
export function purge(options: RunOptions, hooks: RunHooks): Promise<Result<Report>> {
  return withRun(options, hooks, async (run) => {
    const decided = await decidePurge(run);
    return decided.ok ? { ok: true, value: await carryOut(run, decided.value, true) } : decided;
  });
}

async function decideReconcile(run: Run): Promise<Result<Decided>> {
  const { reader, before, options } = run;
  if (options.clusters === 'remote') return decideByLists(run, planNothing);
  const after = await planState(run, reader, options.values ?? false);
  if (!after.ok) return after;
  const { scope, snapshot, sources, classified } = after.value;
  const plan = await explainPlan(run, after.value, before);
  if (!plan.ok) return plan;
  const subjects = subjectsOf(options, plan.value, snapshot);
  const whyUnchecked = uncheckedReasons(snapshot.namespaces, sources);
  return { ok: true, value: { scope, classified, plan: plan.value, sources, subjects, whyUnchecked } };
}

/** Decides by the lists of home alone: nothing there (`--clusters remote`), or a purge. */
async function decideByLists(
  run: Run,
  planOf: (classified: ClassifiedSnapshot) => Plan,
): Promise<Result<Decided>> {
  const listed = await run.reader.snapshot(run.scope.kinds, isNeededBy(run.scope));
  if (!listed.ok) return listed;
  const scope = await scopeOfHome(run, listed.value);
  const classified = classify(listed.value, scope);
  const plan = planOf(classified);
  const subjects = subjectsOf(run.options, plan, listed.value);
  return {
    ok: true,
    value: { scope, classified, plan, sources: new Map(), subjects, whyUnchecked: () => undefined },
  };
}

/** The plan of a run that decides nothing at home. */
function planNothing({ namespaces }: ClassifiedSnapshot): Plan {
  return { ...NO_PLAN, namespaces };
}

const NO_PLAN: Plan = {
  changes: [],
  findings: [],
  sources: 0,
  bySource: [],
  namespaces: 0,
  unchanged: 0,
  copies: 0,
};

/** Returns the plan with the causes that a preview of manifests shows. Without a change there is nothing to explain. */
async function explainPlan(run: Run, after: PlannedState, before: Readers['before']): Promise<Result<Plan>> {
  if (before === undefined || after.plan.changes.length === 0) return { ok: true, value: after.plan };
  const planned = await planState(run, before.reader, false);
  if (!planned.ok) return planned;
  return { ok: true, value: comparePlans(planned.value, after, before.declared()) };
}

/** A planned state, and what it was made from. */
interface ReadState extends PlannedState {
  readonly scope: Scope;
  readonly snapshot: Snapshot;
  readonly sources: ReadObjects['sources'];
}

/** Plans for what a reader shows. */
async function planState(run: Run, reader: Reader, values: boolean): Promise<Result<ReadState>> {
  const { hooks } = run;
  // list
  const listed = await reader.snapshot(run.scope.kinds, isNeededBy(run.scope));
  if (!listed.ok) return listed;
  const scope = await scopeOfHome(run, listed.value);
  // draft
  const draft = draftPlan(listed.value, scope);
  // read
  const reads = planReads(draft);
  const read = await readSources(reader, reads);
  if (!read.ok) return read;
  const { sources } = read.value;
  // decide: a page of copies is read, decided and dropped before the next one is read
  const decided = await decideCopies(reader, { draft, reads, sources, progress: hooks.progress, values });
  if (!decided.ok) return decided;
  // finalize
  const plan = finalizePlan(draft, { ...read.value, decisions: decided.value });
  return { ok: true, value: { scope, classified: draft.classified, plan, snapshot: listed.value, sources } };
}

function decidePurge(run: Run): Promise<Result<Decided>> {
  return decideByLists(run, run.options.clusters === 'remote' ? () => NO_PLAN : planPurge);
}

/** Returns the objects that Events may be about. After that, nothing needs the snapshot any more. */
function subjectsOf({ events, dryRun }: RunOptions, plan: Plan, snapshot: Snapshot): EventSubjects {
  return events === undefined || dryRun ? new Map() : eventSubjects(plan, snapshot);
}

async function carryOut(run: Run, decided: Decided, isPurge: boolean): Promise<Report> {
  const { options, hooks, connection, startedAt } = run;
  const { scope, plan, subjects } = decided;
  // guard
  const withheld = guard(plan, scope.maxPrune);
  const record = new RunRecord({
    options,
    plan,
    withheld,
    connection,
    stop: hooks.stop,
    isPurge,
    startedAt,
  });
  hooks.unfinished?.(() => record.report());
  const remotes = servedRemotes(options);
  if (remotes === undefined && !isPurge) record.found(leftOutFindings(options, decided.classified));
  // apply
  if (connection === undefined || isPreview(options)) record.keepPlanned();
  else await applyPlan(connection, { ...decided, options, withheld, scope }, record, hooks);
  const isServed = remotes !== undefined && !hooks.stop.aborted;
  const report = isServed ? await withContexts(run, decided, record, remotes) : record.report();
  // report
  return connection === undefined ? report : recordSourceEvents(connection, options, subjects, report, hooks);
}

/** Serves the other clusters, after home. Returns the report of all. */
async function withContexts(
  { reader, options, hooks, startedAt }: Run,
  { classified }: Decided,
  record: RunRecord,
  remotes: RemoteOptions,
): Promise<Report> {
  const home = record.report();
  const prunes = home.changes.filter(
    ({ change, outcome }) => isPrune(change) && (outcome.outcome === 'done' || outcome.outcome === 'planned'),
  );
  const served = await serveContexts({
    home: { classified, reader, prunes: prunes.length },
    options,
    remotes,
    hooks,
    isPurge: home.purge === true,
    startedAt,
    unfinished: (soFar) => hooks.unfinished?.(() => mergeContexts(record.report(), soFar())),
  });
  return mergeContexts(record.report(), served);
}

/** Returns whether no write is sent, not even with `dryRun=All`. With manifests nothing is ever written. */
function isPreview({ manifests, dryRun, serverDryRun = false }: RunOptions): boolean {
  return (dryRun || manifests !== undefined) && !serverDryRun;
}

/** Connects to the cluster, if there is one, runs the steps, and closes the connection. */
export async function withRun<T>(
  options: RunOptions,
  hooks: RunHooks,
  steps: (run: Run) => Promise<Result<T>>,
): Promise<Result<T>> {
  const startedAt = new Date();
  const settings = { ...options.settings, now: formatTimestamp(startedAt) };
  if (options.offline) {
    const scope = scopeOf({ ...settings, ownership: 'unknown' });
    const readers = offlineReaders(options, scope, startedAt);
    return steps({ options, hooks, scope, startedAt, ...readers, connection: undefined });
  }
  const connected = await connect(options.connect, hooks);
  if (!connected.ok) return connected;
  const connection = connected.value;
  try {
    const readers = onlineReaders(connection, options, hooks, startedAt);
    return await steps({ options, hooks, scope: scopeOf(settings), startedAt, ...readers, connection });
  } finally {
    connection.close();
  }
}
