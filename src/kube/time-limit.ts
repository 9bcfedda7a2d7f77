import { Places } from './places.ts';

interface Wait {
  /** By the clock of performance.now(). */
  readonly until: number;
  readonly end: () => void;
}

/**
 * The milliseconds that each of many waits may take. They share one timer, which is set for the wait that began first: one
 * for each would cost a write a fortieth of the program's processor time.
 */
export class TimeLimit {
  readonly #milliseconds: number;
  readonly #waits = new Places<Wait>();
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  /** Begins a wait and says what ends it when its time is over; the function returned is for when it is over by itself. */
  add(end: () => void): () => void {
    const over = this.#waits.add({ until: performance.now() + this.#milliseconds, end });
    this.#timer ??= this.#set(this.#milliseconds);
    return () => {
      over();
      if (this.#waits.size === 0) this.#clear();
    };
  }

  /** Nothing keeps the process that nobody waits for. */
  #clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #set(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => this.#endLate(), milliseconds);
  }

  /** Ends the waits whose time is over; the one that the timer was set for may be long over by itself. */
  #endLate(): void {
    const now = performance.now();
    this.#waits.forEach(({ until, end }) => {
      if (until <= now) end();
    });
    this.#clear();
    let next = Infinity;
    this.#waits.forEach(({ until }) => (next = Math.min(next, until)));
    if (next < Infinity) this.#timer = this.#set(next - now);
  }
}
