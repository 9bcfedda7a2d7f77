import type { Failure } from './failure.ts';
import type { ManifestNotes } from './manifest.ts';
import type { Change } from './change.ts';
import type { Plan } from './plan.ts';
import type { Finding } from './finding.ts';
import type { Shard } from './settings.ts';

/** Why a change was skipped, which is not a failure. */
export type SkipReason =
  /** The namespace is terminating or gone, so it needs no copy. */
  | 'namespace-terminating'
  | 'namespace-gone'
  /** The object is not ours, or is no longer ours. A finding reports it. */
  | 'conflict'
  | 'changed-meanwhile'
  /** Other copies of its source were rejected as too large. A finding reports it. */
  | 'source-not-copyable'
  /** The cluster removed the marks of another object of this kind. A failed change reports it. */
  | 'marks-lost'
  /** `--max-prune` withholds every delete of the run. */
  | 'prune-withheld'
  /** A signal or `--timeout` came before the write was sent. */
  | 'interrupted'
  | 'timed-out'
  /** The program crashed before the outcome was known. The change may have been written. */
  | 'crashed';

/** What happened to a change (docs/design.md 2). */
export type Outcome =
  | { readonly outcome: 'planned' }
  | { readonly outcome: 'done'; readonly waitsForFinalizers?: boolean }
  /** `message` comes from the API server or the connection. About a Secret, it has only words of the API server itself. */
  | {
      readonly outcome: 'failed';
      readonly message: string;
      /** A part of the message is not shown, since it may quote values of a Secret. */
      readonly withheld?: true;
      readonly status?: number;
      readonly missing?: boolean;
    }
  | { readonly outcome: 'skipped'; readonly why: SkipReason };

/** A change and its outcome. */
export interface AppliedChange {
  readonly change: Change;
  readonly outcome: Outcome;
}

/** How many requests of each verb a run sent, with retries. */
export interface RequestCounts {
  readonly list: number;
  readonly get: number;
  readonly create: number;
  readonly patch: number;
  readonly delete: number;
  /** Creates of Events, which `create` does not count. Absent if none was sent. */
  readonly events?: number;
}

/** How many Events of a run were sent (`--events`). */
export interface EventCounts {
  readonly sent: number;
  /** Warnings that an earlier run has recorded already. */
  readonly known: number;
  readonly failed: number;
  /** The first failure. The others usually have the same cause, such as a missing permission. */
  readonly failure?: Failure;
}

/** Why metrics could not be written or pushed. */
export type PublishProblem =
  | { readonly at: 'metrics-file'; readonly file: string; readonly code: string }
  | {
      readonly at: 'pushgateway';
      /** Without user and password. */
      readonly url: string;
      readonly problem: 'timed-out' | 'stopped' | { readonly code: string } | PushRejection;
    };

/** The Pushgateway answered with an error. */
export interface PushRejection {
  readonly status: number;
  readonly message: string;
}

/** The cluster that a run read, and when. */
export interface ReportTarget {
  /** Names of the kubeconfig. Absent in a pod, which has no kubeconfig. */
  readonly cluster?: string;
  readonly context?: string;
  /** The address of the API server. */
  readonly server: string;
  /** When the run began to read, in RFC 3339. */
  readonly at: string;
}

/** What stopped a run before its end. */
export type Stopped = 'SIGINT' | 'SIGTERM' | 'timeout';

/** Changes of a preview of manifests that the API server was not asked about (`plan/preview/server-checks.ts`). */
export interface Unchecked {
  readonly reason: 'namespace' | 'copy' | 'values';
  readonly changes: number;
  readonly namespaces: readonly string[];
}

/** What happened through one context of a remote kubeconfig. */
export interface ContextRun {
  readonly name: string;
  /** The address of the API server. Absent if it is not known. */
  readonly server?: string;
  /** Whether the API server there answered, and was identified. */
  readonly reachable: boolean;
  /** Why nothing was done there. */
  readonly finding?: Finding;
  /** The requests that were sent before it failed. A report has those of the whole run. */
  readonly requests?: RequestCounts;
  /** What was done there. Its changes and findings do not name the context yet. */
  readonly report?: Report;
  /** Copies that are up to date there. */
  readonly unchanged: number;
}

/** One context in the report of a run. Its changes and findings are among those of the report, and name it. */
export interface ContextSummary {
  readonly name: string;
  readonly server?: string;
  readonly reachable: boolean;
  readonly unchanged: number;
}

/** The result of a run. The text, JSON and YAML reports are made from it. */
export interface Report {
  readonly dryRun: boolean;
  /** A dry run that sent each write to the API server as a dry run. */
  readonly serverDryRun?: boolean;
  readonly clusterName: string;
  /** Absent without a cluster (`--offline`). */
  readonly target?: ReportTarget;
  /** The shard of the run. Its plan counts only namespaces and copies of this shard. */
  readonly shard?: Shard;
  readonly plan: Plan;
  /** One entry for each change of the plan, in the same order. */
  readonly changes: readonly AppliedChange[];
  /** The findings of the plan and of the writes, sorted. */
  readonly findings: readonly Finding[];
  readonly requests: RequestCounts;
  /** Absent without `--events`. */
  readonly events?: EventCounts;
  readonly stopped?: Stopped;
  /** Present if the run read manifests (`-f`). */
  readonly manifests?: ManifestNotes;
  /** With `-f` and `--dry-run=server`: what the API server was not asked about. */
  readonly unchecked?: readonly Unchecked[];
  /** The other clusters, sorted by context. Absent if the run served none. */
  readonly contexts?: readonly ContextSummary[];
  /** The run was a purge, which deletes all copies. */
  readonly purge?: boolean;
}

/** Returns whether some manifests are missing in a report, because they could not be read or would be rejected. */
export function isIncomplete({ manifests }: Pick<Report, 'manifests'>): boolean {
  return manifests !== undefined && manifests.problems.length > 0;
}
