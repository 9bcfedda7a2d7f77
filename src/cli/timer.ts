import { setTimeout as wait } from 'node:timers/promises';

/** The clock of a series of runs (`--every`), and the wait between two runs. A parameter, so that tests do not wait. */
export interface Timer {
  /** Milliseconds of a clock that nobody sets. */
  readonly now: () => number;
  /** Resolves early when the signal is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** The clock of the system. */
export const SYSTEM_TIMER: Timer = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) => wait(milliseconds, undefined, { signal }).catch(() => undefined),
};
