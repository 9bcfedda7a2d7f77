import type { Failure } from './failure.ts';
import type { Report } from './run-report.ts';

/** What a run reports while it is under way. `cli/` shows it on stderr. */
export type Progress =
  | { readonly phase: 'reading'; readonly resource: string; readonly items: number }
  | { readonly phase: 'comparing'; readonly done: number; readonly total: number }
  | { readonly phase: 'writing'; readonly done: number; readonly total: number }
  /** The API server is asked about each write (`--dry-run=server`). */
  | { readonly phase: 'server-dry-run'; readonly done: number; readonly total: number }
  /** A request failed. It is sent again after `delay` milliseconds. */
  | {
      readonly phase: 'retrying';
      readonly failure: Failure;
      readonly attempt: number;
      readonly delay: number;
    };

/** What a run needs from outside, in addition to its options. */
export interface RunHooks {
  readonly progress: (event: Progress) => void;
  /** Aborted with a {@link Stopped} as its reason: no new writes, the ones under way finish. */
  readonly stop: AbortSignal;
  /** Called before the first write with a function that returns the report of what was done so far. It serves a crash. */
  readonly unfinished?: (report: () => Report) => void;
}
