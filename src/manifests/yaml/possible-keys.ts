import type { Cursor } from './cursor.ts';
import type { Malformed } from './malformed.ts';

/** A possible key. It is a key if its colon follows on the same line, within {@link LONGEST_KEY} characters. */
interface PossibleKey {
  readonly token: number;
  readonly position: number;
  readonly line: number;
  readonly column: number;
  /** Only a key can be here. */
  readonly required: boolean;
}

const LONGEST_KEY = 1024;

/** How many blocks or flows may be open inside each other. */
export const DEEPEST = 1000;

/** The keys that a colon may still come for: one for each flow that is open, and one for the block around them. */
export class PossibleKeys {
  readonly #cursor: Cursor;
  readonly #keys: (PossibleKey | undefined)[] = [undefined];

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  /** Whether a flow is open. */
  get inFlow(): boolean {
    return this.#keys.length > 1;
  }

  openFlow(): void {
    if (this.#keys.push(undefined) > DEEPEST) throw this.#cursor.fail('it is nested too deeply');
  }

  closeFlow(): void {
    this.drop();
    if (this.inFlow) this.#keys.pop();
  }

  /** Notes that the token here may be a key. `indent` is the column of the block around it. */
  save(token: number, indent: number): void {
    this.drop();
    const { position, line, column } = this.#cursor;
    const required = !this.inFlow && indent === column;
    this.#keys[this.#keys.length - 1] = { token, position, line, column, required };
  }

  /** Notes that no colon can come any more. */
  drop(): void {
    const key = this.#keys.at(-1);
    if (key?.required) throw this.#withoutColon(key);
    this.#keys[this.#keys.length - 1] = undefined;
  }

  /** Returns the key that a colon here belongs to. */
  take(): PossibleKey | undefined {
    const key = this.#keys.at(-1);
    const { line, position } = this.#cursor;
    const isValid = key !== undefined && key.line === line && position <= key.position + LONGEST_KEY;
    if (key?.required && !isValid) throw this.#withoutColon(key);
    this.#keys[this.#keys.length - 1] = undefined;
    return isValid ? key : undefined;
  }

  #withoutColon({ position }: PossibleKey): Malformed {
    return this.#cursor.fail('a key is not followed by a colon and a space on its line', position);
  }
}
