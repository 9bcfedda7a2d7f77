import { type ReadObjects, finalizePlan } from '../plan/finalize.ts';
import type { Result } from '../model/failure.ts';
import { guard } from '../plan/guard.ts';
import type { DeclaredObjects } from '../model/manifest.ts';
import type { Snapshot } from '../model/objects.ts';
import type { Plan } from '../model/plan.ts';
import type { Report } from '../model/run-report.ts';
import type { RunHooks } from '../model/progress.ts';
import { eventSubjects } from '../plan/source-events.ts';
import { draftPlan } from '../plan/draft.ts';
import { planPurge } from '../plan/purge.ts';
import { planReads } from '../plan/read-plan.ts';
import { type Scope, scopeOf } from '../plan/scope.ts';
import { isNeededBy } from '../plan/shard.ts';
import { connect } from '../kube/connect.ts';
import type { ApiClient } from '../kube/http/client.ts';
import { formatTimestamp } from '../util/timestamp.ts';
import { offlineReader } from '../readers/offline-reader.ts';
import { overlayReader } from '../readers/overlay-reader.ts';
import { type Reader, liveReader } from '../readers/reader.ts';
import { type EventSubjects, applyPlan, recordSourceEvents } from './apply-plan.ts';
import { decideCopies, readSources } from './read-for-draft.ts';
import type { RunOptions } from './run-options.ts';
import { RunRecord } from './run-record.ts';

/*
 * One run (docs/design.md 9.1):  list -> draft -> read -> decide -> finalize -> guard -> apply -> report
 */

/** What all steps of a run need. */
interface Run {
  readonly options: RunOptions;
  readonly hooks: RunHooks;
  readonly scope: Scope;
  readonly reader: Reader;
  /** Undefined in a run without a cluster (`--offline`). */
  readonly connection: ApiClient | undefined;
}

/** The plan of a run, and what the writes and the Events need. */
interface Decided {
  /** The scope with the time of the API server. */
  readonly scope: Scope;
  readonly plan: Plan;
  readonly sources: ReadObjects['sources'];
  readonly subjects: EventSubjects;
}

/** Makes the copies what their sources ask for. If a read fails, returns the failure and writes nothing. */
export function reconcile(options: RunOptions, hooks: RunHooks): Promise<Result<Report>> {
  return withRun(options, hooks, async (run) => {
    const decided = await decideReconcile(run);
    return decided.ok ? { ok: true, value: await carryOut(run, decided.value) } : decided;
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
  const { reader, options, hooks } = run;
  // list
  const listed = await reader.snapshot(run.scope.kinds, isNeededBy(run.scope));
  if (!listed.ok) return listed;
  const scope = withServerTime(run);
  // draft
  const draft = draftPlan(listed.value, scope);
  // read
  const reads = planReads(draft);
  const read = await readSources(reader, reads);
  if (!read.ok) return read;
  const { sources } = read.value;
  // decide: a page of copies is read, decided and dropped before the next one is read
  const { values = false } = options;
  const decided = await decideCopies(reader, { draft, reads, sources, progress: hooks.progress, values });
  if (!decided.ok) return decided;
  // finalize
  const plan = finalizePlan(draft, { ...read.value, decisions: decided.value });
  return { ok: true, value: { scope, plan, sources, subjects: subjectsOf(options, plan, listed.value) } };
}

async function decidePurge({ reader, scope, options }: Run): Promise<Result<Decided>> {
  const listed = await reader.snapshot(scope.kinds, isNeededBy(scope));
  if (!listed.ok) return listed;
  const plan = planPurge(listed.value, scope);
  const subjects = subjectsOf(options, plan, listed.value);
  return { ok: true, value: { scope, plan, sources: new Map(), subjects } };
}

/** Returns the scope with the time of the latest answer. A proxy may drop that, so the own clock replaces it. */
function withServerTime({ scope, connection }: Run): Scope {
  const date = connection?.serverTime;
  return date === undefined ? scope : { ...scope, now: formatTimestamp(date) };
}

/** Returns the objects that Events may be about. After that, nothing needs the snapshot any more. */
function subjectsOf({ events, dryRun }: RunOptions, plan: Plan, snapshot: Snapshot): EventSubjects {
  return events === undefined || dryRun ? new Map() : eventSubjects(plan, snapshot);
}

async function carryOut(run: Run, decided: Decided, isPurge = false): Promise<Report> {
  const { options, hooks, connection } = run;
  const { scope, plan, sources, subjects } = decided;
  // guard
  const withheld = guard(plan, scope.maxPrune);
  const record = new RunRecord({ options, plan, withheld, connection, stop: hooks.stop, isPurge });
  hooks.unfinished?.(() => record.report());
  // apply
  if (connection === undefined || isPreview(options)) record.keepPlanned();
  else await applyPlan(connection, { options, plan, withheld, scope, sources }, record, hooks);
  if (connection !== undefined) await recordSourceEvents(connection, options, subjects, record, hooks);
  // report
  return record.report();
}

/** Returns whether nothing is sent: a plain dry run, or a plan for another state than that of the cluster. */
function isPreview({ manifests, dryRun, serverDryRun = false }: RunOptions): boolean {
  return manifests !== undefined || (dryRun && !serverDryRun);
}

type Steps = (run: Run) => Promise<Result<Report>>;

/** Connects to the cluster, if there is one, runs the steps, and closes the connection. */
async function withRun(options: RunOptions, hooks: RunHooks, steps: Steps): Promise<Result<Report>> {
  const { manifests = NO_MANIFESTS } = options;
  const settings = { ...options.settings, now: formatTimestamp(new Date()) };
  if (options.offline) {
    const scope = scopeOf({ ...settings, ownership: 'unknown' });
    return steps({ options, hooks, scope, reader: offlineReader(manifests), connection: undefined });
  }
  const connected = await connect(options.connect, hooks);
  if (!connected.ok) return connected;
  const connection = connected.value;
  try {
    const reader = readerOf(connection, options, hooks);
    return await steps({ options, hooks, scope: scopeOf(settings), reader, connection });
  } finally {
    connection.close();
  }
}

const NO_MANIFESTS: DeclaredObjects = { namespaces: [], objects: [] };

function readerOf(connection: ApiClient, { manifests, settings }: RunOptions, hooks: RunHooks): Reader {
  const live = liveReader(connection, hooks, settings.namespaces);
  return manifests === undefined ? live : overlayReader(live, manifests, formatTimestamp(new Date()));
}
