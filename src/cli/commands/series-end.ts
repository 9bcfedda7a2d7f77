import { EventEmitter } from 'node:events';
import type { Stopped } from '../../model/run-report.ts';
import type { Signals } from '../signals.ts';
import type { Timer } from '../timer.ts';

/**
 * Milliseconds that a run under way has after SIGTERM or `--timeout`. Then it is stopped as a single run is. That takes
 * ten seconds more at most, and a pod has 30 between SIGTERM and SIGKILL.
 */
const TIME_TO_FINISH = 10_000;

/**
 * What ends a series of runs. SIGTERM and `--timeout` let the run under way finish, and start no other one. SIGINT also
 * stops the run under way, because a person is waiting. A second SIGTERM does the same.
 */
export class SeriesEnd {
  /** The signals for a run: a SIGTERM comes later than the series gets it. */
  readonly signals: Signals;
  readonly #own: Signals;
  readonly #timer: Timer;
  readonly #deadline: number;
  readonly #toRun = new EventEmitter();
  readonly #ended = new AbortController();
  readonly #disposed = new AbortController();
  #by: Stopped | undefined;

  constructor(signals: Signals, timer: Timer, timeout: number | undefined) {
    this.#own = signals;
    this.#timer = timer;
    this.#deadline = timer.now() + (timeout ?? Number.POSITIVE_INFINITY);
    const source = (signal: 'SIGINT' | 'SIGTERM'): Signals => (signal === 'SIGINT' ? signals : this.#toRun);
    this.signals = {
      on: (signal, listener) => source(signal).on(signal, listener),
      off: (signal, listener) => source(signal).off(signal, listener),
    };
    signals.on('SIGINT', this.#interrupt);
    signals.on('SIGTERM', this.#terminate);
  }

  /** Returns what ended the series, if anything did. */
  get by(): Stopped | undefined {
    return this.#by;
  }

  /** Returns the time limit of a run that starts now, in milliseconds. Undefined if it has none. */
  get timeLeft(): number | undefined {
    if (this.#deadline === Number.POSITIVE_INFINITY) return undefined;
    return Math.max(0, this.#deadline - this.#timer.now()) + TIME_TO_FINISH;
  }

  /** Waits so long. Returns false if no other run starts: at once if the time is up before the next one would start. */
  async pause(milliseconds: number): Promise<boolean> {
    if (this.#by !== undefined) return false;
    if (this.#timer.now() + milliseconds >= this.#deadline) this.#by = 'timeout';
    else await this.#timer.sleep(milliseconds, this.#ended.signal);
    return this.#by === undefined;
  }

  /** Removes all listeners and the timer. */
  dispose(): void {
    this.#own.off('SIGINT', this.#interrupt);
    this.#own.off('SIGTERM', this.#terminate);
    this.#disposed.abort();
  }

  readonly #interrupt = (): void => this.#end('SIGINT');

  readonly #terminate = (): void => {
    const isFirst = this.#by === undefined;
    this.#end('SIGTERM');
    if (isFirst) void this.#stopRunLater();
    else this.#toRun.emit('SIGTERM');
  };

  #end(by: Stopped): void {
    this.#by ??= by;
    this.#ended.abort();
  }

  async #stopRunLater(): Promise<void> {
    await this.#timer.sleep(TIME_TO_FINISH, this.#disposed.signal);
    this.#toRun.emit('SIGTERM');
  }
}
