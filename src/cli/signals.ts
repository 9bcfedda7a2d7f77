import { once } from 'node:events';
import type { Stopped } from '../model/run-report.ts';

type Signal = 'SIGINT' | 'SIGTERM';

/** Where signals come from: the process, or a stand-in. */
export interface Signals {
  readonly on: (signal: Signal, listener: () => void) => unknown;
  readonly off: (signal: Signal, listener: () => void) => unknown;
}

/** Where exceptions that no code caught come from, such as those thrown in a callback of a stream. */
export interface Crashes {
  readonly on: (event: 'crash', listener: (error: unknown) => void) => unknown;
  readonly off: (event: 'crash', listener: (error: unknown) => void) => unknown;
}

/** What ends a run early. */
export interface Stop {
  readonly signal: AbortSignal;
  /** Returns what stopped the run, if anything did. */
  readonly by: () => Stopped | undefined;
  /** Settles as the run does, or rejects at the first exception that no code caught. That also stops the run. */
  readonly orCrash: <T>(run: Promise<T>) => Promise<T>;
  /** Removes all listeners and the timer. */
  readonly dispose: () => void;
}

/** What to do when a run is stopped. */
export interface StopHooks {
  readonly stopping: (by: Stopped) => void;
  /** A SIGINT while the run is stopping: the user does not want to wait. */
  readonly impatient: () => void;
}

/**
 * Stops a run at SIGINT, at SIGTERM or after a time. It starts no new writes, finishes those under way, and reports
 * everything. A second SIGINT ends the program at once.
 */
export function stopBy(
  signals: Signals,
  crashes: Crashes,
  timeout: number | undefined,
  hooks: StopHooks,
): Stop {
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
  const timer = timeout === undefined ? undefined : setTimeout(() => stop('timeout'), timeout);
  signals.on('SIGINT', interrupt);
  signals.on('SIGTERM', terminate);
  const crash = watchCrashes(crashes, () => controller.abort());
  const dispose = (): void => {
    clearTimeout(timer);
    signals.off('SIGINT', interrupt);
    signals.off('SIGTERM', terminate);
    crash.dispose();
  };
  return { signal: controller.signal, by: () => reason, orCrash: crash.orCrash, dispose };
}

/** The first crash ends a run. More may follow from the same run: they are ignored until it is disposed. */
function watchCrashes(crashes: Crashes, abort: () => void): Pick<Stop, 'orCrash' | 'dispose'> {
  const first = new AbortController();
  const listener = (error: unknown): void => {
    first.abort(error);
    abort();
  };
  const dispose = (): void => void crashes.off('crash', listener);
  const orCrash = async <T>(run: Promise<T>): Promise<T> => {
    const result = await Promise.race([run, rejectedBy(first.signal)]);
    first.signal.throwIfAborted();
    dispose();
    return result;
  };
  crashes.on('crash', listener);
  return { orCrash, dispose };
}

/** Rejects with the reason of the signal once it is aborted. */
async function rejectedBy(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}
