import type { Stopped } from '../core/outcome.ts';

/** Where signals come from: the process, or a stand-in. */
export interface Signals {
  readonly on: (signal: 'SIGINT' | 'SIGTERM', listener: () => void) => unknown;
  readonly off: (signal: 'SIGINT' | 'SIGTERM', listener: () => void) => unknown;
}

/** A run's way to learn that it should stop. */
export interface Stop {
  readonly signal: AbortSignal;
  /** What it was told to stop by, if it was. */
  readonly by: () => Stopped | undefined;
  /** Gives signals back to the system and ends the clock. */
  readonly dispose: () => void;
}

/** What happens besides stopping. */
export interface StopHooks {
  readonly stopping: (by: Stopped) => void;
  /** A SIGINT while stopping: the user will not wait. */
  readonly impatient: () => void;
}

/**
 * Stops a run by SIGINT, SIGTERM or after a time: no new writes, the ones under way finish and the report is complete
 * (design section 5). A SIGINT after that ends at once.
 */
export function stopBy(signals: Signals, timeout: number | undefined, hooks: StopHooks): Stop {
  const controller = new AbortController();
  let reason: Stopped | undefined;
  const stop = (by: Stopped): void => {
    if (reason !== undefined) return;
    reason = by;
    hooks.stopping(by);
    controller.abort(by);
  };
  const interrupt = (): void => (reason === undefined ? stop('SIGINT') : hooks.impatient());
  const terminate = (): void => stop('SIGTERM');
  const clock = timeout === undefined ? undefined : setTimeout(() => stop('timeout'), timeout);
  signals.on('SIGINT', interrupt);
  signals.on('SIGTERM', terminate);
  const dispose = (): void => {
    clearTimeout(clock);
    signals.off('SIGINT', interrupt);
    signals.off('SIGTERM', terminate);
  };
  return { signal: controller.signal, by: () => reason, dispose };
}
