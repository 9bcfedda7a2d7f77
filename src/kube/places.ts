/**
 * Things that come and go, in places that are used again. In a list, or in a Set, each one that is gone would point at the
 * next: once the first is old, all behind it grow old too, with the requests and answers that they hold.
 */
export class Places<T> {
  readonly #places: (T | undefined)[] = [];
  readonly #free: number[] = [];

  /** How many things are there. */
  get size(): number {
    return this.#places.length - this.#free.length;
  }

  /** Puts in a thing; the function returned takes it out again. */
  add(thing: T): () => void {
    const place = this.#free.pop() ?? this.#places.length;
    this.#places[place] = thing;
    return () => {
      if (this.#places[place] !== thing) return;
      this.#places[place] = undefined;
      this.#free.push(place);
    };
  }

  /** Calls for each thing that is there when its turn comes. Each may take itself out, and others. */
  forEach(act: (thing: T) => unknown): void {
    for (const thing of this.#places) if (thing !== undefined) act(thing);
  }
}
