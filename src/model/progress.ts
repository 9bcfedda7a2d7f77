import type { Failure } from './failure.ts';
import type { Report } from './run-report.ts';

/** An event of a run that is under way. `cli/` shows it on stderr. */
export type Progress =
  | { readonly phase: 'reading'; readonly resource: string; readonly items: number }
  | { readonly phase: 'comparing'; readonly done: number; readonly total: number }
  | { readonly phase: 'writing'; readonly done: number; readonly total: number }
  /** Each write is sent as a dry run (`--dry-run=server`). */
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
  /** Aborted with a {@link Stopped} as its reason. No new write starts, and writes under way finish. */
  readonly stop: AbortSignal;
  /** Called before the first write. `report` returns what was done so far, for the report after a crash. */
  readonly unfinished?: (report: () => Report) => void;
}
