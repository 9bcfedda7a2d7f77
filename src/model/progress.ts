import type { Failure } from './failure.ts';

/** What a run says while it is under way; `cli/` shows it on stderr. */
export type Progress =
  | { readonly phase: 'reading'; readonly resource: string; readonly items: number }
  | { readonly phase: 'comparing'; readonly done: number; readonly total: number }
  | { readonly phase: 'writing'; readonly done: number; readonly total: number }
  /** The API server is asked what it would say to a write. */
  | { readonly phase: 'rehearsing'; readonly done: number; readonly total: number }
  /** A request failed and is sent again after so many milliseconds. */
  | {
      readonly phase: 'retrying';
      readonly failure: Failure;
      readonly attempt: number;
      readonly delay: number;
    };

/** What a run needs from outside besides its options. */
export interface RunHooks {
  readonly progress: (event: Progress) => void;
  /** Aborted with a {@link Stopped} as its reason: no new writes, the ones under way finish. */
  readonly stop: AbortSignal;
}
