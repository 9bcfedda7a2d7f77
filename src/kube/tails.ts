import { type Json, isJson, textAt } from './json.ts';

/** The part of an item that is its own: name, namespace, uid, resource version, time of creation. */
export interface Own {
  readonly name: string;
  readonly fields: Json;
  /** Where the rest of the item begins. */
  readonly end: number;
}

/** Text of an item behind its own fields, and the item that it is of. */
interface Tail<T> {
  /** Up to the first time of a manager, and behind each of them. */
  readonly first: Buffer;
  readonly others: readonly Buffer[];
  readonly size: number;
  readonly other: T;
}

/** An item whose tail is known. */
export interface Known<T> {
  readonly value: T;
  /** Where the item ends. */
  readonly end: number;
}

/** Makes of the fields of its own an item that equals another one but for these; undefined where that is not all. */
export type Like<T> = (own: Json, other: T) => T | undefined;

/** The API server writes the fields of metadata in one order: what is an object's own stands up to here. */
const CREATION = Buffer.from('"creationTimestamp":"');
const MANAGED_FIELDS = Buffer.from('"managedFields":[{');
const TIME = Buffer.from('"time":"');
/** Seconds in UTC, as in `2006-01-02T15:04:05Z`. */
const TIME_LENGTH = 20;
const LONGEST_OWN = 2048;
const [SPACE, QUOTE, BACKSLASH] = [0x20, 0x22, 0x5c];

/** Tails kept for one name: those of the copies of a source differ only where somebody touched one. */
const MOST_PER_NAME = 4;
/** Bytes of text kept for all names. */
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * Knows the tails of items that were decoded. The copies of a source are equal but for what is their own, and for the
 * times at which managers last wrote, which decide nothing: their labels, annotations and field owners need to be
 * parsed once and held in memory once. An item is its own fields and a tail; both parse by themselves, so where a tail
 * is known byte for byte, what it parses to is too.
 */
export class Tails<T> {
  readonly #like: Like<T>;
  readonly #known = new Map<string, Tail<T>[]>();
  #bytes = 0;

  constructor(like: Like<T>) {
    this.#like = like;
  }

  /** The own fields in metadata that begins there; undefined where it is written in another way, or cut off. */
  own(text: Buffer, at: number): Own | undefined {
    const creation = text.indexOf(CREATION, at);
    if (creation < 0 || creation > at + LONGEST_OWN) return undefined;
    const end = creation + CREATION.length + TIME_LENGTH + 1;
    if (text[end - 1] !== QUOTE) return undefined;
    const fields = parsed(`${text.toString('utf8', at, end)}}`);
    const name = textAt(fields, 'name');
    return name === undefined ? undefined : { name, fields, end };
  }

  /** The item, if one with the same name and tail was kept. */
  find(text: Buffer, { name, fields, end }: Own): Known<T> | undefined {
    for (const tail of this.#known.get(name) ?? []) {
      const itsEnd = endOf(tail, text, end);
      const value = itsEnd === undefined ? undefined : this.#like(fields, tail.other);
      if (itsEnd !== undefined && value !== undefined) return { value, end: itsEnd };
    }
    return undefined;
  }

  /** Keeps the tail of an item, and the item. */
  keep(tail: Buffer, { name, fields }: Own, other: T): void {
    if (tail.length > MOST_BYTES / 8 || this.#like(fields, other) === undefined) return;
    if (this.#bytes + tail.length > MOST_BYTES) this.#forget();
    const kept = this.#known.get(name) ?? [];
    if (kept.length === 0) this.#known.set(name, kept);
    kept.push({ ...cut(Buffer.from(tail)), size: tail.length, other });
    this.#bytes += tail.length;
    if (kept.length > MOST_PER_NAME) this.#bytes -= kept.shift()?.size ?? 0;
  }

  #forget(): void {
    this.#known.clear();
    this.#bytes = 0;
  }
}

function parsed(metadata: string): Json {
  try {
    const json: unknown = JSON.parse(metadata);
    return isJson(json) ? json : {};
  } catch {
    return {};
  }
}

/** A label or annotation may be called `time` too, and means something: only those of field owners are cut out. */
function cut(tail: Buffer): Pick<Tail<unknown>, 'first' | 'others'> {
  const parts: Buffer[] = [];
  let begin = 0;
  for (let time = nextTime(tail, tail.indexOf(MANAGED_FIELDS)); time >= 0; time = nextTime(tail, time)) {
    if (!isPlain(tail, time)) continue;
    parts.push(tail.subarray(begin, time));
    begin = time + TIME_LENGTH;
  }
  const [first, ...others] = [...parts, tail.subarray(begin)];
  return { first, others };
}

function nextTime(tail: Buffer, from: number): number {
  const at = from < 0 ? -1 : tail.indexOf(TIME, from);
  return at < 0 ? -1 : at + TIME.length;
}

function endOf({ first, others }: Tail<unknown>, text: Buffer, from: number): number | undefined {
  let at = behind(text, first, from);
  for (const part of others) {
    if (at === undefined || !isPlain(text, at)) return undefined;
    at = behind(text, part, at + TIME_LENGTH);
  }
  return at;
}

/** Where a part ends that stands there; undefined where something else does. */
function behind(text: Buffer, part: Buffer, at: number): number | undefined {
  const end = at + part.length;
  return end <= text.length && text.compare(part, 0, part.length, at, end) === 0 ? end : undefined;
}

/** Whether what stands in the place of a time is that much of one string. */
function isPlain(text: Buffer, at: number): boolean {
  for (let place = at; place < at + TIME_LENGTH; place += 1) {
    const byte = text[place];
    if (byte === undefined || byte < SPACE || byte === QUOTE || byte === BACKSLASH) return false;
  }
  return true;
}
