import type { Intake } from './intake.ts';
import { type Json, isJson } from './json.ts';
import { type Stretch, standsAt, stretchOf, textIn } from './stretch.ts';
import type { Own, Tails } from './tails.ts';

/** How the items of a list are written, and what is made of each. */
export interface ItemForm<T> {
  /** What the text of an item begins with, where an API server wrote it: all up to the first field of its metadata. */
  readonly start: string;
  /** Undefined is an item that cannot be one. */
  readonly decode: (item: unknown) => T | undefined;
  /** What was decoded of these items before, in this list or in others. */
  readonly tails?: Tails<T>;
}

/** What a list says besides its items. */
export interface ListTaken {
  /** The list without its items; of any shape. */
  readonly list: unknown;
  /** How many items it had. */
  readonly items: number;
  /** The first item that could not be decoded; nothing behind it was. */
  readonly bad?: number;
}

/** The text of a list up to its items is short; where it is not, the list is of another form. */
const LONGEST_HEAD = 65_536;
const ITEMS = '"items":[';
const [COMMA, BRACKET] = [0x2c, 0x5d];
const NOTHING = Buffer.alloc(0);

/**
 * Takes a list apart while it comes in, item by item: so it is read while the API server still writes, neither its
 * text nor its tree is ever in memory as a whole, and no list is too long for a string (V8: 512 MB).
 *
 * Items are found by how the API server writes them, compactly and kind first. Between two of them stands `},` and the
 * start of the next one. Inside of a string every quotation mark has a backslash before it, so no value looks like that,
 * and what is cut out there is parsed as JSON: a wrong cut is an error, never another object. A list that is written in
 * another way is parsed when all of it is there.
 */
export class ListIntake<T> implements Intake {
  readonly #form: ItemForm<T>;
  readonly #take: (value: T) => void;
  readonly #onHead: ((list: Json) => void) | undefined;
  readonly #between: string;
  /** Pieces of a list of another form. */
  #whole: Buffer[] | undefined;
  #rest: Buffer = NOTHING;
  /** How much of the rest was searched for the end of its first item. */
  #searched = 0;
  #list: Json | undefined;
  #ended = false;
  #items = 0;
  #bad: number | undefined;
  #taken: ListTaken | undefined;

  /** @param onHead - Gets what a list says before its items, where it says all of it there. */
  constructor(form: ItemForm<T>, take: (value: T) => void, onHead?: (list: Json) => void) {
    this.#form = form;
    this.#take = take;
    this.#onHead = onHead;
    this.#between = `},${form.start}`;
  }

  /** What the list said; undefined before its end. */
  get taken(): ListTaken | undefined {
    return this.#taken;
  }

  /** @throws SyntaxError where an item is no JSON. */
  take(piece: Buffer): void {
    if (this.#whole !== undefined) return void this.#whole.push(piece);
    this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    if (this.#list === undefined) this.#begin();
    if (this.#list !== undefined) this.#takeItems();
  }

  /** @throws SyntaxError where the list is no JSON, or not whole. */
  end(): ListTaken {
    const list = this.#list === undefined ? this.#endWhole() : this.#endItems(this.#list);
    this.#taken = { list, items: this.#items, ...(this.#bad !== undefined && { bad: this.#bad }) };
    return this.#taken;
  }

  #endItems(list: Json): Json {
    const rest = this.#rest.toString().trimEnd();
    if (!rest.endsWith(']}')) throw new SyntaxError('the list does not end');
    const last = rest.slice(0, -2);
    if (last !== '') {
      if (this.#ended) throw new SyntaxError('something stands behind the items');
      this.#decode(JSON.parse(last));
    }
    return list;
  }

  #endWhole(): unknown {
    const json: unknown = JSON.parse(Buffer.concat([...(this.#whole ?? []), this.#rest]).toString());
    const items = isJson(json) ? (json['items'] ?? []) : undefined;
    if (!Array.isArray(items)) return undefined;
    for (const item of items) this.#decode(item);
    return json;
  }

  /** Reads up to the first item, or finds that the list is of another form. */
  #begin(): void {
    const rest = this.#rest;
    const at = rest.indexOf(ITEMS);
    const first = at + ITEMS.length;
    if (at < 0 ? rest.length < LONGEST_HEAD : rest.length < first + this.#form.start.length) return;
    const list = at < 0 ? undefined : listOf(rest.toString('utf8', 0, first));
    const isKnown = rest.toString('latin1', first, first + this.#form.start.length) === this.#form.start;
    if (list === undefined || !isKnown) return void ([this.#whole, this.#rest] = [[rest], NOTHING]);
    [this.#list, this.#rest] = [list, rest.subarray(first)];
    this.#onHead?.(list);
  }

  #takeItems(): void {
    const stretch = stretchOf(this.#rest);
    let [at, next]: [number, number | undefined] = [0, 0];
    while (next !== undefined && !this.#ended) {
      at = next;
      next = this.#takeItem(stretch, at);
      if (next !== undefined) this.#searched = 0;
    }
    at = next ?? at;
    this.#rest = this.#rest.subarray(at);
  }

  /** Takes the item that begins there and says where the next one does; undefined while the end is not there yet. */
  #takeItem(stretch: Stretch, at: number): number | undefined {
    const own = this.#ownAt(stretch, at);
    return this.#takeKnown(stretch, own) ?? this.#takeNew(stretch, at, own);
  }

  /** Metadata is the last thing that the start of an item begins. */
  #ownAt(stretch: Stretch, at: number): Own | undefined {
    const { start, tails } = this.#form;
    return standsAt(stretch.chars, start, at) ? tails?.own(stretch, at + start.length - 1) : undefined;
  }

  #takeKnown(stretch: Stretch, own: Own | undefined): number | undefined {
    if (own === undefined || this.#bad !== undefined) return undefined;
    const known = this.#form.tails?.find(stretch, own);
    const behind = known === undefined ? undefined : stretch.chars.charCodeAt(known.end);
    if (known === undefined || (behind !== COMMA && behind !== BRACKET)) return undefined;
    this.#items += 1;
    this.#take(known.value);
    this.#ended = behind === BRACKET;
    return this.#ended ? known.end : known.end + 1;
  }

  #takeNew(stretch: Stretch, at: number, own: Own | undefined): number | undefined {
    const { chars } = stretch;
    const from = at + Math.max(0, this.#searched - this.#between.length);
    const between = chars.indexOf(this.#between, from);
    if (between < 0) {
      this.#searched = chars.length - at;
      return undefined;
    }
    const end = between + 1;
    const value = this.#decode(JSON.parse(textIn(stretch, at, end)));
    if (value !== undefined && own !== undefined)
      this.#form.tails?.keep(chars.slice(own.end, end), own, value);
    return end + 1;
  }

  #decode(item: unknown): T | undefined {
    this.#items += 1;
    if (this.#bad !== undefined) return undefined;
    const value = this.#form.decode(item);
    if (value === undefined) this.#bad = this.#items - 1;
    else this.#take(value);
    return value;
  }
}

/** The list that this text begins, if it is one that says all before its items. */
function listOf(text: string): Json | undefined {
  try {
    const list: unknown = JSON.parse(`${text}]}`);
    return isJson(list) && isJson(list['metadata']) ? list : undefined;
  } catch {
    return undefined;
  }
}
