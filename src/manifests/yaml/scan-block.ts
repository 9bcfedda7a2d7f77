import type { Cursor } from './cursor.ts';

const SPACE = 32;
const TAB = 9;
const HASH = 35;

/** Reads a block scalar. Its parent is indented by `parent` (-1: the document). */
export function scanBlock(cursor: Cursor, parent: number): string {
  const isFolded = cursor.sees('>');
  const { chomping, increment } = header(cursor);
  const lines = new BlockLines(cursor, parent, increment === 0 ? 0 : Math.max(parent, 0) + increment);
  let [text, lineBreak, wasBlank] = ['', '', false];
  let empty = lines.skipEmpty();
  while (cursor.column === lines.indent && !cursor.isAtEnd) {
    const isIndented = cursor.isBlank();
    const folds = isFolded && lineBreak === '\n' && !wasBlank && !isIndented;
    text += (folds ? (empty === '' ? ' ' : '') : lineBreak) + empty;
    wasBlank = isIndented;
    const start = cursor.position;
    cursor.skipToLineEnd();
    text += cursor.since(start);
    lineBreak = cursor.isAtEnd ? '' : cursor.takeBreak();
    empty = lines.skipEmpty();
  }
  if (chomping === '-') return text;
  return text + lineBreak + (chomping === '+' ? empty : '');
}

const HEADER = /[|>](?:([-+])([0-9])?|([0-9])([-+])?)?/y;

function header(cursor: Cursor): { readonly chomping: string; readonly increment: number } {
  HEADER.lastIndex = cursor.position;
  const [all = '', first = '', digit, other, last = ''] = HEADER.exec(cursor.text) ?? [];
  const increment = digit ?? other;
  if (increment === '0') throw cursor.fail('the indentation of a block text cannot be 0');
  cursor.skip(all.length);
  cursor.skipBlanks();
  if (cursor.code() === HASH) cursor.skipToLineEnd();
  if (!cursor.isLineEnd()) throw cursor.fail('a line must end after | or >');
  if (!cursor.isAtEnd) cursor.takeBreak();
  return { chomping: first + last, increment: Number(increment ?? 0) };
}

/** Reads the empty lines of a block scalar. The first line that is not empty sets the indentation. */
class BlockLines {
  readonly #cursor: Cursor;
  readonly #parent: number;
  indent: number;

  constructor(cursor: Cursor, parent: number, indent: number) {
    this.#cursor = cursor;
    this.#parent = parent;
    this.indent = indent;
  }

  skipEmpty(): string {
    const cursor = this.#cursor;
    const isKnown = this.indent > 0;
    const most = isKnown ? this.indent : Infinity;
    let [breaks, deepest] = ['', 0];
    for (;;) {
      while (cursor.column < most && cursor.code() === SPACE) cursor.skip();
      deepest = Math.max(deepest, cursor.column);
      if (cursor.column < most && cursor.code() === TAB) throw cursor.fail('a tab is used for indentation');
      if (!cursor.isBreak()) break;
      breaks += cursor.takeBreak();
    }
    if (!isKnown) this.indent = Math.max(deepest, this.#parent + 1, 1);
    return breaks;
  }
}
