type End = () => void;

const known = new WeakMap<AbortSignal, Waits>();

/** The waits that the abort of a signal ends. They share one listener, for each would cost more than its time limit does. */
export function waitsOn(signal: AbortSignal): Waits {
  const before = known.get(signal);
  if (before !== undefined) return before;
  const waits = new Waits();
  signal.addEventListener('abort', () => waits.endAll(), { once: true });
  known.set(signal, waits);
  return waits;
}

/**
 * Whoever waits, in places that are used again. In a list, or in a Set, each one that is gone would point at the next:
 * once the first is old, all behind it grow old too, with the requests and answers that they hold.
 */
class Waits {
  readonly #places: (End | undefined)[] = [];
  readonly #free: number[] = [];

  /** Puts in what ends a wait; the function returned takes it out again, when the wait is over by itself. */
  add(end: End): () => void {
    const place = this.#free.pop() ?? this.#places.length;
    this.#places[place] = end;
    return () => {
      if (this.#places[place] !== end) return;
      this.#places[place] = undefined;
      this.#free.push(place);
    };
  }

  /** Each may take itself out meanwhile: the places stay where they are. */
  endAll(): void {
    for (const end of this.#places) end?.();
  }
}
