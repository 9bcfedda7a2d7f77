import type { Failure, Result } from './core/failure.ts';
import type { Settings } from './core/model.ts';
import type { Report, Stopped } from './core/outcome.ts';
import type { ConnectOptions } from './kube/connect.ts';

/** All that one run depends on, checked by `cli/`. */
export interface RunOptions {
  readonly settings: Settings;
  readonly connect: ConnectOptions;
  readonly dryRun: boolean;
  /** Writes under way at a time. */
  readonly concurrency: number;
}

/** What a run says while it is under way; `cli/` shows it on stderr. */
export type Progress =
  | { readonly phase: 'reading'; readonly resource: string; readonly items: number }
  | { readonly phase: 'comparing'; readonly done: number; readonly total: number }
  | { readonly phase: 'writing'; readonly done: number; readonly total: number }
  /** A request failed and is sent again after so many milliseconds. */
  | { readonly phase: 'retrying'; readonly failure: Failure; readonly attempt: number; readonly delay: number };

/** What a run needs from outside besides its options. */
export interface RunHooks {
  readonly progress: (event: Progress) => void;
  /** Aborted with a {@link Stopped} as its reason: no new writes, the ones under way finish. */
  readonly stop: AbortSignal;
}

/** One reconcile: read, decide, guard, write, report. A failed read is a failure and nothing is written. */
export declare function reconcile(options: RunOptions, hooks: RunHooks): Promise<Result<Report>>;

export type { Stopped };
