import { compareFindings } from '../plan/finalize.ts';
import { isPrune } from '../plan/guard.ts';
import { notesOf } from '../model/manifest.ts';
import type { Change } from '../model/change.ts';
import type { Plan } from '../model/plan.ts';
import type { Finding } from '../model/finding.ts';
import type {
  AppliedChange,
  Outcome,
  Report,
  RequestCounts,
  Stopped,
  Unchecked,
} from '../model/run-report.ts';
import { type WhyUnchecked, summarizeUnchecked } from '../plan/preview/server-checks.ts';
import type { ApiClient } from '../kube/http/client.ts';
import type { RunOptions } from './run-options.ts';

/** What is known of a run before its first write. */
export interface RunFacts {
  readonly options: RunOptions;
  readonly plan: Plan;
  /** The finding of the guard, if it withholds the deletes. */
  readonly withheld: Finding | undefined;
  readonly connection: ApiClient | undefined;
  readonly stop: AbortSignal;
  readonly isPurge: boolean;
  /** When the run began. */
  readonly startedAt: Date;
}

const NO_REQUESTS: RequestCounts = { list: 0, get: 0, create: 0, patch: 0, delete: 0 };

/** Collects what happens to the changes of a plan, as it happens. It can make a report at any time, also after a crash. */
export class RunRecord {
  readonly #facts: RunFacts;
  readonly #outcomes = new Map<Change, Outcome>();
  readonly #findings: Finding[] = [];
  #unchecked: readonly Unchecked[] = [];

  constructor(facts: RunFacts) {
    this.#facts = facts;
    if (facts.withheld === undefined) return;
    for (const change of facts.plan.changes)
      if (isPrune(change)) this.#outcomes.set(change, { outcome: 'skipped', why: 'prune-withheld' });
  }

  /** Records that every change which the guard allows stays planned. */
  keepPlanned(): void {
    for (const change of this.#facts.plan.changes)
      if (!this.#outcomes.has(change)) this.#outcomes.set(change, { outcome: 'planned' });
  }

  /** Records that the changes with a reason stay planned, because the API server cannot be asked about them. */
  unchecked(changes: readonly Change[], reasonOf: WhyUnchecked): void {
    const unchecked = changes.filter((change) => reasonOf(change) !== undefined);
    for (const change of unchecked) this.#outcomes.set(change, { outcome: 'planned' });
    this.#unchecked = summarizeUnchecked(unchecked, reasonOf);
  }

  /** Records the outcome of one change. */
  applied({ change, outcome }: AppliedChange): void {
    this.#outcomes.set(change, outcome);
  }

  /** Records findings that came up while writing. */
  found(findings: readonly Finding[]): void {
    for (const finding of findings) this.#findings.push(finding);
  }

  /** Returns every change of the plan with its outcome. A change without one was cut off by a crash. */
  get changes(): readonly AppliedChange[] {
    return this.#facts.plan.changes.map((change) => ({
      change,
      outcome: this.#outcomes.get(change) ?? { outcome: 'skipped', why: 'crashed' },
    }));
  }

  /** Returns the findings of the plan and those that came up while writing. */
  get findings(): readonly Finding[] {
    return [...this.#facts.plan.findings, ...this.#findings];
  }

  /** Returns the report of what is known so far. */
  report(): Report {
    const { options, plan, withheld, connection, stop, isPurge, startedAt } = this.#facts;
    const { dryRun, serverDryRun, settings, manifests } = options;
    const stopped = stoppedBy(stop);
    return {
      dryRun,
      ...(serverDryRun && { serverDryRun }),
      clusterName: settings.clusterName,
      ...(connection && { target: { ...connection.target, at: startedAt.toISOString() } }),
      ...(settings.shard && { shard: settings.shard }),
      plan,
      changes: this.changes,
      findings: [...this.findings, ...(withheld ? [withheld] : [])].toSorted(compareFindings),
      requests: connection?.counts() ?? NO_REQUESTS,
      ...(stopped !== undefined && { stopped }),
      ...(manifests && { manifests: notesOf(manifests, settings) }),
      ...(this.#unchecked.length > 0 && { unchecked: this.#unchecked }),
      ...(isPurge && { purge: true }),
    };
  }
}

const STOPPED: readonly unknown[] = ['SIGINT', 'SIGTERM', 'timeout'] satisfies Stopped[];

function isStopped(reason: unknown): reason is Stopped {
  return STOPPED.includes(reason);
}

/** Returns what stopped a run, if anything did. */
function stoppedBy({ aborted, reason }: AbortSignal): Stopped | undefined {
  return aborted && isStopped(reason) ? reason : undefined;
}
