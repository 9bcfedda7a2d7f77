import { type ReadObjects, compareFindings, finalizePlan } from '../plan/finalize.ts';
import type { Result } from '../model/failure.ts';
import { deletes, guard } from '../plan/guard.ts';
import { type Declared, type Manifests, notesOf } from '../model/manifest.ts';
import type { Body, ObjectKey, Snapshot } from '../model/objects.ts';
import type { Change } from '../model/change.ts';
import type { Plan } from '../model/plan.ts';
import type { Finding } from '../model/finding.ts';
import type { Settings } from '../model/settings.ts';
import type {
  AppliedChange,
  EventCounts,
  Outcome,
  Report,
  RequestCounts,
  Stopped,
} from '../model/run-report.ts';
import { type SourceEvent, sourceEvents, eventSubjects } from '../plan/source-events.ts';
import { draftPlan } from '../plan/draft.ts';
import { planPurge } from '../plan/purge.ts';
import { type Scope, scopeOf } from '../plan/scope.ts';
import { isNeededBy } from '../plan/shard.ts';
import { applyChanges, type WritingProgress } from '../kube/write/apply-changes.ts';
import type { ConnectOptions } from '../kube/auth/connect-options.ts';
import { connect } from '../kube/connect.ts';
import type { ApiClient } from '../kube/http/client.ts';
import { recordEvents } from '../kube/record-events.ts';
import { secondsOf } from '../kube/api.ts';
import { offlineReader } from '../readers/offline-reader.ts';
import { overlayReader } from '../readers/overlay-reader.ts';
import { readForDraft } from './read-for-draft.ts';
import type { RunHooks } from '../model/progress.ts';
import { type Reader, liveReader } from '../readers/reader.ts';

/** All that one run depends on, checked by `cli/`. */
export interface RunOptions {
  readonly settings: Settings;
  readonly connect: ConnectOptions;
  readonly dryRun: boolean;
  /** A dry run that sends its writes all the same, for the API server to say what it would do (`--dry-run=server`). */
  readonly serverDryRun?: boolean;
  /** Show whole messages of the API server, also about Secrets (`--show-server-messages`). */
  readonly showServerMessages?: boolean;
  /** Put the values that change beside the changes of the plan, for a report that shows them. */
  readonly values?: boolean;
  /** Writes under way at a time. */
  readonly concurrency: number;
  /** Laid over the cluster (`-f`); for a dry run only. */
  readonly manifests?: Manifests;
  /** The manifests stand for the cluster, and none is connected to (`--offline`). */
  readonly offline?: boolean;
  /** Leave Events on the sources, in these words (`--events`). */
  readonly events?: (event: SourceEvent) => string;
}

/** What a run decided, and the bodies that its writes take their content from. */
interface Decision {
  readonly plan: Plan;
  readonly sources: ReadObjects['sources'];
}

type Decide = (reader: Reader, scope: Scope, snapshot: Snapshot) => Promise<Result<Decision>>;

/** One reconcile: read, decide, guard, write, report. A failed read is a failure, and nothing is written. */
export function reconcile(options: RunOptions, hooks: RunHooks): Promise<Result<Report>> {
  return run(options, hooks, async (reader, scope, snapshot) => {
    const drafted = draftPlan(snapshot, scope);
    const answers = await readForDraft(reader, drafted, hooks, options);
    if (!answers.ok) return answers;
    return {
      ok: true,
      value: { plan: finalizePlan(drafted, answers.value), sources: answers.value.sources },
    };
  });
}

/** Removes every copy that is ours and in scope; guarded, previewed and reported as a reconcile is. */
export async function purge(options: RunOptions, hooks: RunHooks): Promise<Result<Report>> {
  const purged = await run(options, hooks, (_, scope, snapshot) =>
    Promise.resolve({ ok: true, value: { plan: planPurge(snapshot, scope), sources: new Map() } }),
  );
  return purged.ok ? { ok: true, value: { ...purged.value, purge: true } } : purged;
}

async function run(options: RunOptions, hooks: RunHooks, decide: Decide): Promise<Result<Report>> {
  if (options.offline) return runOver(undefined, options, hooks, decide);
  const connected = await connect(options.connect, hooks);
  if (!connected.ok) return connected;
  const connection = connected.value;
  try {
    return await runOver(connection, options, hooks, decide);
  } finally {
    connection.close();
  }
}

/** Where a plan is not of a cluster as it is, nothing is written, whatever the options say. */
async function runOver(
  connection: ApiClient | undefined,
  options: RunOptions,
  hooks: RunHooks,
  decide: Decide,
): Promise<Result<Report>> {
  const scope = scopeOf({ ...options.settings, ...(connection === undefined && { ownership: 'unknown' }) });
  const reader = readerOf(connection, options, hooks);
  const snapshot = await reader.snapshot(scope.kinds, isNeededBy(scope));
  if (!snapshot.ok) return snapshot;
  const decision = await decide(reader, scope, snapshot.value);
  if (!decision.ok) return decision;
  const { plan, sources } = decision.value;
  const withheld = guard(plan, scope.maxPrune);
  const tell = teller(options, plan, snapshot.value, hooks);
  const { dryRun, serverDryRun: rehearse = false, showServerMessages = false, concurrency } = options;
  const work = { plan, withheld, scope, sources, concurrency, rehearse, showServerMessages };
  const isPreview = options.manifests !== undefined || (dryRun && !rehearse);
  const written =
    connection === undefined || isPreview
      ? {
          carried: plan.changes.map((change) => keep(change, withheld, { outcome: 'planned' })),
          findings: [],
        }
      : await write(connection, work, hooks);
  const events = connection && (await tell?.(connection, written));
  const requests = connection?.counts() ?? NO_REQUESTS;
  const told = report(options, plan, written, withheld, requests, hooks);
  return { ok: true, value: events === undefined ? told : { ...told, events } };
}

type Tell = (connection: ApiClient, written: Written) => Promise<EventCounts>;

/** Nothing is told of a dry run. Of the snapshot only what Events may be about is kept until the writes are done. */
function teller(
  { events: message, settings, dryRun }: RunOptions,
  plan: Plan,
  snapshot: Snapshot,
  hooks: RunHooks,
): Tell | undefined {
  if (message === undefined || dryRun) return undefined;
  const subjects = eventSubjects(plan, snapshot);
  const { sha256 } = settings;
  const context = { message, sha256, stop: hooks.stop, now: () => new Date() };
  return (connection, { carried, findings }) =>
    recordEvents(connection, sourceEvents(carried, [...plan.findings, ...findings], subjects), context);
}

const NO_REQUESTS: RequestCounts = { list: 0, get: 0, create: 0, patch: 0, delete: 0 };
const NO_MANIFESTS: Declared = { namespaces: [], objects: [] };

function readerOf(
  connection: ApiClient | undefined,
  { manifests, settings }: RunOptions,
  hooks: RunHooks,
): Reader {
  if (connection === undefined) return offlineReader(manifests ?? NO_MANIFESTS);
  const live = liveReader(connection, hooks, settings.namespaces);
  return manifests === undefined ? live : overlayReader(live, manifests, secondsOf(new Date()));
}

interface Written {
  readonly carried: readonly AppliedChange[];
  readonly findings: readonly Finding[];
}

interface Work {
  readonly plan: Plan;
  readonly withheld: Finding | undefined;
  readonly scope: Scope;
  readonly sources: ReadObjects['sources'];
  readonly concurrency: number;
  readonly rehearse: boolean;
  readonly showServerMessages: boolean;
}

/** Carries out or rehearses what the guard lets through; the rest is kept in its place in the plan. */
async function write(connection: ApiClient, work: Work, hooks: RunHooks): Promise<Written> {
  const { plan, withheld, scope, sources, concurrency, rehearse, showServerMessages } = work;
  const phase = rehearse ? 'rehearsing' : 'writing';
  const allowed = plan.changes.filter((change) => withheld === undefined || !deletes(change));
  const context = {
    sources: present(sources),
    settings: scope,
    concurrency,
    serverDryRun: rehearse,
    showServerMessages,
    stop: hooks.stop,
    progress: ({ done, total }: WritingProgress): void => hooks.progress({ phase, done, total }),
    now: () => new Date(),
  };
  const { applied, findings } = await applyChanges(connection, allowed, context);
  const outcomes = new Map(applied.map(({ change, outcome }) => [change, outcome]));
  return {
    carried: plan.changes.map((change) => keep(change, withheld, outcomes.get(change) ?? LOST)),
    findings,
  };
}

/** A change without an outcome is a mistake of the program. It must not look like one that was held back. */
const LOST: Outcome = { outcome: 'failed', message: 'nothing is known about this change; this is a bug' };

function keep(change: Change, withheld: Finding | undefined, outcome: Outcome): AppliedChange {
  return withheld !== undefined && deletes(change)
    ? { change, outcome: { outcome: 'skipped', why: 'prune-withheld' } }
    : { change, outcome };
}

function present(sources: ReadObjects['sources']): ReadonlyMap<ObjectKey, Body> {
  return new Map([...sources].flatMap(([key, body]) => (body === undefined ? [] : [[key, body] as const])));
}

function report(
  options: RunOptions,
  plan: Plan,
  written: Written,
  withheld: Finding | undefined,
  requests: RequestCounts,
  hooks: RunHooks,
): Report {
  const findings = [...plan.findings, ...written.findings, ...(withheld ? [withheld] : [])];
  const stopped = stoppedBy(hooks.stop);
  return {
    dryRun: options.dryRun,
    ...(options.serverDryRun && { serverDryRun: true }),
    clusterName: options.settings.clusterName,
    ...(options.settings.shard && { shard: options.settings.shard }),
    plan,
    changes: written.carried,
    findings: findings.toSorted(compareFindings),
    requests,
    ...(stopped !== undefined && { stopped }),
    ...(options.manifests && { manifests: notesOf(options.manifests, options.settings) }),
  };
}

const STOPPED: readonly unknown[] = ['SIGINT', 'SIGTERM', 'timeout'] satisfies Stopped[];

function isStopped(reason: unknown): reason is Stopped {
  return STOPPED.includes(reason);
}

/** What told a run to stop, if anything did. */
function stoppedBy({ aborted, reason }: AbortSignal): Stopped | undefined {
  return aborted && isStopped(reason) ? reason : undefined;
}
