import type { Copy, Inventory } from './object-index.ts';

/** Some of the copies of an inventory, by their places: a Set would have to make a hash for each of ten thousand. */
export class CopySet {
  readonly #has: Uint8Array;

  constructor({ all }: Pick<Inventory, 'all'>) {
    this.#has = new Uint8Array(all.length);
  }

  add({ place }: Copy): void {
    this.#has[place] = 1;
  }

  has({ place }: Copy): boolean {
    return this.#has[place] === 1;
  }
}
