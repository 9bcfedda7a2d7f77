import type { Kind } from '../model/objects.ts';
import { type Written, decodeWritten, writtenLike } from './read/decode-object.ts';
import type { Intake } from './intake.ts';
import { standsAt, stretchOf } from './stretch.ts';
import { Tails } from './tails.ts';

/** What answers to writes said before, by the kind of the objects: the copies of a source are alike. */
export type WrittenTails = Readonly<Record<Kind, Tails<Written>>>;

/** Nothing was answered yet. */
export function writtenTails(): WrittenTails {
  return { ConfigMap: new Tails(writtenLike), Secret: new Tails(writtenLike) };
}

/** How an API server begins the object that it answers a write with. */
const STARTS: Readonly<Record<Kind, string>> = {
  ConfigMap: '{"kind":"ConfigMap","apiVersion":"v1","metadata":{',
  Secret: '{"kind":"Secret","apiVersion":"v1","metadata":{',
};

/**
 * Reads the answer to a write. A thousand copies of a source are answered a thousand times with the same labels, values
 * and field owners, so only the first is parsed as a whole, as of the items of a list.
 */
export class WrittenIntake implements Intake {
  readonly #kind: Kind;
  readonly #tails: Tails<Written>;
  readonly #pieces: Buffer[] = [];
  #written: Written | undefined;

  constructor(kind: Kind, tails: WrittenTails) {
    this.#kind = kind;
    this.#tails = tails[kind];
  }

  /** The object that was written; undefined before the end, and where the answer is none. */
  get written(): Written | undefined {
    return this.#written;
  }

  take(piece: Buffer): void {
    this.#pieces.push(piece);
  }

  /** @throws SyntaxError where the answer is no JSON. */
  end(): WrittenIntake {
    const [first] = this.#pieces;
    const bytes = this.#pieces.length === 1 && first !== undefined ? first : Buffer.concat(this.#pieces);
    this.#written = this.#read(bytes);
    return this;
  }

  #read(bytes: Buffer): Written | undefined {
    const stretch = stretchOf(bytes);
    const { chars } = stretch;
    const start = STARTS[this.#kind];
    const own = standsAt(chars, start, 0) ? this.#tails.own(stretch, start.length - 1) : undefined;
    const known = own && this.#tails.find(stretch, own);
    if (known?.end === chars.length) return known.value;
    const written = decodeWritten(this.#kind, JSON.parse(bytes.toString()));
    if (written !== undefined && own !== undefined) this.#tails.keep(chars.slice(own.end), own, written);
    return written;
  }
}
