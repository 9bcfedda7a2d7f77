import type { Failure } from './failure.ts';
import type { ManifestNotes } from './manifest.ts';
import type { Change } from './change.ts';
import type { Plan } from './plan.ts';
import type { Finding } from './finding.ts';
import type { Shard } from './settings.ts';

/** Why a change was left undone though nothing went wrong with it. */
export type SkipReason =
  /** The namespace is terminating, or gone: there is nothing to keep in step any more. */
  | 'namespace-terminating'
  | 'namespace-gone'
  /** A foreign object is there, or the copy was taken out of our hands meanwhile: see the finding. */
  | 'conflict'
  | 'changed-meanwhile'
  /** Other copies of its source were refused as too large: see the finding. */
  | 'source-not-copyable'
  /** The cluster removed the marks of another object of this kind: see the change that failed. */
  | 'marks-lost'
  /** `--max-prune` withholds every delete of the run. */
  | 'prune-withheld'
  /** A signal or `--timeout` came before the write was sent. */
  | 'interrupted'
  | 'timed-out'
  /** The program crashed before the outcome was known. The change may have been written. */
  | 'crashed';

/** What became of a change (design section 6). */
export type Outcome =
  | { readonly outcome: 'planned' }
  | { readonly outcome: 'done'; readonly waitsForFinalizers?: boolean }
  /** `message` is from the API server or the connection. Of a Secret it holds only words of the API server itself. */
  | {
      readonly outcome: 'failed';
      readonly message: string;
      /** A part of the message is not shown, since it may quote values of a Secret. */
      readonly withheld?: true;
      readonly status?: number;
      readonly missing?: boolean;
    }
  | { readonly outcome: 'skipped'; readonly why: SkipReason };

/** A change together with what became of it. */
export interface AppliedChange {
  readonly change: Change;
  readonly outcome: Outcome;
}

/** How many requests of each kind a run sent, retries included. */
export interface RequestCounts {
  readonly list: number;
  readonly get: number;
  readonly create: number;
  readonly patch: number;
  readonly delete: number;
  /** Events, which are creates too; absent where none was sent. */
  readonly events?: number;
}

/** What became of the Events of a run (`--events`). */
export interface EventCounts {
  readonly sent: number;
  /** Warnings that are there already: an earlier run told the same. */
  readonly known: number;
  readonly failed: number;
  /** The first that failed stands for all: where one permission is missing, it is missing for each. */
  readonly failure?: Failure;
}

/** What was asked for besides the sync and could not be done: metrics that reached nobody. */
export type PublishProblem =
  | { readonly at: 'metrics-file'; readonly file: string; readonly code: string }
  | {
      readonly at: 'pushgateway';
      /** Without user and password. */
      readonly url: string;
      readonly problem: 'timed-out' | 'stopped' | { readonly code: string } | PushRejection;
    };

/** The Pushgateway answered, and not with success. */
export interface PushRejection {
  readonly status: number;
  readonly message: string;
}

/** How a run ended: `stopped` says that it was told to, and by what. */
export type Stopped = 'SIGINT' | 'SIGTERM' | 'timeout';

/** All that a run has to tell: what the text, JSON and YAML reports are made from. */
export interface Report {
  readonly dryRun: boolean;
  /** A dry run in which the API server was asked what it would say to each write. */
  readonly serverDryRun?: boolean;
  readonly clusterName: string;
  /** What the run looked at, where that was a part: its plan counts namespaces and copies of it alone. */
  readonly shard?: Shard;
  readonly plan: Plan;
  /** One entry per change of the plan, in the plan's order. */
  readonly changes: readonly AppliedChange[];
  /** The plan's findings and those that came up while writing, sorted. */
  readonly findings: readonly Finding[];
  readonly requests: RequestCounts;
  /** Absent where no Events were asked for. */
  readonly events?: EventCounts;
  readonly stopped?: Stopped;
  /** It is about manifests (`-f`). With problems it is incomplete. */
  readonly manifests?: ManifestNotes;
  /** It was a purge: no copy was to be left. */
  readonly purge?: boolean;
}

/** Whether manifests are missing in a report, since they could not be read or would be rejected. */
export function isIncomplete({ manifests }: Pick<Report, 'manifests'>): boolean {
  return manifests !== undefined && manifests.problems.length > 0;
}
