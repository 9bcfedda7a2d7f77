import { type Json, isJson, textAt } from './json.ts';
import { type Stretch, standsAt, textIn } from './stretch.ts';

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
  readonly first: string;
  readonly others: readonly string[];
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
const CREATION = '"creationTimestamp":"';
const MANAGED_FIELDS = '"managedFields":[{';
/** The first after the beginning: in a string of an entry it may stand before the end, never behind it. */
const END_OF_LIST = '}]';
const TIME = '"time":"';
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
  own(stretch: Stretch, at: number): Own | undefined {
    const { chars } = stretch;
    const creation = chars.indexOf(CREATION, at);
    if (creation < 0 || creation > at + LONGEST_OWN) return undefined;
    const end = creation + CREATION.length + TIME_LENGTH + 1;
    if (chars.charCodeAt(end - 1) !== QUOTE) return undefined;
    const fields = parsed(`${textIn(stretch, at, end)}}`);
    const name = textAt(fields, 'name');
    return name === undefined ? undefined : { name, fields, end };
  }

  /** The item, if one with the same name and tail was kept. */
  find({ chars }: Stretch, { name, fields, end }: Own): Known<T> | undefined {
    for (const tail of this.#known.get(name) ?? []) {
      const itsEnd = endOf(tail, chars, end);
      const value = itsEnd === undefined ? undefined : this.#like(fields, tail.other);
      if (itsEnd !== undefined && value !== undefined) return { value, end: itsEnd };
    }
    return undefined;
  }

  /** Keeps the tail of an item, and the item. */
  keep(tail: string, { name, fields }: Own, other: T): void {
    if (tail.length > MOST_BYTES / 8 || this.#like(fields, other) === undefined) return;
    if (this.#bytes + tail.length > MOST_BYTES) this.#forget();
    const kept = this.#known.get(name) ?? [];
    if (kept.length === 0) this.#known.set(name, kept);
    kept.push({ ...cut(tail), size: tail.length, other });
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

/** A label, an annotation or a key may be called `time` too, and means something: only those of field owners are cut out. */
function cut(tail: string): Pick<Tail<unknown>, 'first' | 'others'> {
  const parts: string[] = [];
  let begin = 0;
  const from = tail.indexOf(MANAGED_FIELDS);
  const end = from < 0 ? -1 : tail.indexOf(END_OF_LIST, from);
  for (let time = nextTime(tail, from); time >= 0 && time < end; time = nextTime(tail, time)) {
    if (!isPlain(tail, time)) continue;
    parts.push(copied(tail.slice(begin, time)));
    begin = time + TIME_LENGTH;
  }
  const [first, ...others] = [...parts, copied(tail.slice(begin))];
  return { first, others };
}

/** A part of a string keeps all of it in memory. */
function copied(part: string): string {
  return Buffer.from(part, 'latin1').toString('latin1');
}

function nextTime(tail: string, from: number): number {
  const at = from < 0 ? -1 : tail.indexOf(TIME, from);
  return at < 0 ? -1 : at + TIME.length;
}

function endOf({ first, others }: Tail<unknown>, chars: string, from: number): number | undefined {
  if (!standsAt(chars, first, from)) return undefined;
  let at = from + first.length;
  for (const part of others) {
    if (!isPlain(chars, at) || !standsAt(chars, part, at + TIME_LENGTH)) return undefined;
    at += TIME_LENGTH + part.length;
  }
  return at;
}

/** Whether what stands in the place of a time is that much of one string. */
function isPlain(chars: string, at: number): boolean {
  for (let place = at; place < at + TIME_LENGTH; place += 1) {
    const code = chars.charCodeAt(place);
    // Behind the end there is none, and NaN is not more than anything.
    if (!(code >= SPACE) || code === QUOTE || code === BACKSLASH) return false;
  }
  return true;
}
