import type { Cursor } from './cursor.ts';

/* Reads scalars as libyaml does, which kubectl uses. Each function begins at the first character of a scalar. */

const QUOTE = 39;
const DOUBLE_QUOTE = 34;
const BACKSLASH = 92;
const TAB = 9;
const HASH = 35;
const COLON = 58;

/** The white space between two words of a scalar. It may contain line ends. */
class Fold {
  #blanks = '';
  #first = '';
  #more = '';
  hasBreak = false;

  /** Takes all white space at the cursor. */
  take(cursor: Cursor, checkTab?: () => void): void {
    for (;;) {
      if (cursor.isBreak()) this.#takeBreak(cursor.takeBreak());
      else if (cursor.isBlank()) {
        if (this.hasBreak) checkTab?.();
        else this.#blanks += cursor.text.charAt(cursor.position);
        cursor.skip();
      } else return;
    }
  }

  /** Handles a `\` at the end of a line, which adds nothing to the text. */
  joinLines(): void {
    this.hasBreak = true;
  }

  /** Returns its part of the text. A single line end becomes a space. */
  text(): string {
    if (!this.hasBreak) return this.#blanks;
    if (this.#first !== '\n') return this.#first + this.#more;
    return this.#more === '' ? ' ' : this.#more;
  }

  #takeBreak(text: string): void {
    if (this.hasBreak) this.#more += text;
    else this.#first = text;
    this.hasBreak = true;
  }
}

/** A scalar without quotes, and whether a line ended after it. */
export interface Plain {
  readonly text: string;
  readonly endedLine: boolean;
}

/** Reads a plain scalar. In a block, its lines must be indented by `indent`. */
export function scanPlain(cursor: Cursor, inFlow: boolean, indent: number): Plain {
  let text = '';
  let fold = new Fold();
  while (!cursor.isAtDocumentMark() && cursor.code() !== HASH) {
    const start = cursor.position;
    while (!cursor.isGap() && !endsPlain(cursor, inFlow)) cursor.skip();
    if (cursor.position > start) {
      text += fold.text() + cursor.since(start);
      fold = new Fold();
    }
    if (!cursor.isBlank() && !cursor.isBreak()) break;
    fold.take(cursor, () => {
      if (cursor.column < indent && cursor.code() === TAB) throw cursor.fail('a tab is used for indentation');
    });
    if (!inFlow && cursor.column < indent) break;
  }
  return { text, endedLine: fold.hasBreak };
}

function endsPlain(cursor: Cursor, inFlow: boolean): boolean {
  const code = cursor.code();
  if (code === COLON) return cursor.isGap(1);
  return inFlow && isFlowIndicator(code);
}

function isFlowIndicator(code: number): boolean {
  return !Number.isNaN(code) && ',?[]{}'.includes(String.fromCharCode(code));
}

/** Reads a scalar in quotes. */
export function scanQuoted(cursor: Cursor): string {
  const quote = cursor.code();
  const begin = cursor.position;
  let text = '';
  cursor.skip();
  for (;;) {
    if (cursor.isAtDocumentMark()) throw cursor.fail('a quoted text does not end before the document', begin);
    if (cursor.isAtEnd) throw cursor.fail('a quoted text does not end', begin);
    const fold = new Fold();
    text += quote === QUOTE ? singleQuoted(cursor) : doubleQuoted(cursor, fold);
    if (cursor.code() === quote) break;
    fold.take(cursor);
    text += fold.text();
  }
  cursor.skip();
  return text;
}

function singleQuoted(cursor: Cursor): string {
  let text = '';
  let start = cursor.position;
  while (!cursor.isGap()) {
    if (cursor.code() !== QUOTE) cursor.skip();
    else if (cursor.code(1) === QUOTE) {
      cursor.skip();
      text += cursor.since(start);
      cursor.skip();
      start = cursor.position;
    } else break;
  }
  return text + cursor.since(start);
}

/** Reads up to white space, or up to a line end after `\`. */
function doubleQuoted(cursor: Cursor, fold: Fold): string {
  let text = '';
  let start = cursor.position;
  while (!cursor.isGap() && cursor.code() !== DOUBLE_QUOTE) {
    if (cursor.code() !== BACKSLASH) {
      cursor.skip();
      continue;
    }
    text += cursor.since(start);
    cursor.skip();
    if (cursor.isBreak()) {
      cursor.takeBreak();
      fold.joinLines();
      return text;
    }
    text += escaped(cursor);
    start = cursor.position;
  }
  return text + cursor.since(start);
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['a', '\u0007'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\u001B'],
  [' ', ' '],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['N', '\u0085'],
  ['_', '\u00A0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
]);

const DIGITS: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

/** Returns the character for the escape after a `\`. */
function escaped(cursor: Cursor): string {
  const character = cursor.take();
  const simple = ESCAPES.get(character);
  if (simple !== undefined) return simple;
  const length = DIGITS.get(character);
  if (length === undefined) throw cursor.fail('a quoted text has an unknown escape');
  const digits = cursor.text.slice(cursor.position, cursor.position + length);
  const code = Number.parseInt(digits, 16);
  if (digits.length < length || !/^[0-9a-fA-F]+$/.test(digits) || !isCharacter(code))
    throw cursor.fail('a quoted text has an invalid character escape');
  cursor.skip(length);
  return String.fromCodePoint(code);
}

function isCharacter(code: number): boolean {
  return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}
