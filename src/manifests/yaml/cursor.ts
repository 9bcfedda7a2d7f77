import { Malformed } from './malformed.ts';

const TAB = 9;
const LINE_FEED = 10;
const RETURN = 13;
const SPACE = 32;
const NEXT_LINE = 0x85;
const LINE_SEPARATOR = 0x2028;
const PARAGRAPH_SEPARATOR = 0x2029;

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** Returns whether this character ends a line. YAML 1.1 has five line ends. */
function isBreak(code: number): boolean {
  return (
    code === LINE_FEED ||
    code === RETURN ||
    code === NEXT_LINE ||
    code === LINE_SEPARATOR ||
    code === PARAGRAPH_SEPARATOR
  );
}

/** A position in a text that only moves forward. Codes after the end of the text are NaN. */
export class Cursor {
  readonly text: string;
  position = 0;
  line = 0;
  #lineStart = 0;

  constructor(text: string) {
    this.text = text;
  }

  get column(): number {
    return this.position - this.#lineStart;
  }

  get isAtEnd(): boolean {
    return this.position >= this.text.length;
  }

  code(ahead = 0): number {
    return this.text.charCodeAt(this.position + ahead);
  }

  /** Returns whether these characters come next. */
  sees(text: string): boolean {
    return this.text.startsWith(text, this.position);
  }

  isBlank(ahead = 0): boolean {
    return isBlank(this.code(ahead));
  }

  isBreak(ahead = 0): boolean {
    return isBreak(this.code(ahead));
  }

  /** Returns whether a blank, a line end or the end of the text comes next. */
  isGap(ahead = 0): boolean {
    const code = this.code(ahead);
    return isBlank(code) || isBreak(code) || Number.isNaN(code);
  }

  isLineEnd(): boolean {
    return this.isBreak() || this.isAtEnd;
  }

  /** Returns whether `---` or `...` comes next, at the start of a line. */
  isAtDocumentMark(): boolean {
    return this.column === 0 && (this.sees('---') || this.sees('...')) && this.isGap(3);
  }

  skip(count = 1): void {
    this.position += count;
  }

  /** Takes one character, which can be two UTF-16 units. */
  take(): string {
    const [character = ''] = this.text.slice(this.position, this.position + 2);
    this.position += character.length;
    return character;
  }

  /** Returns the text from `start` to here. */
  since(start: number): string {
    return this.text.slice(start, this.position);
  }

  /** Takes a line end. Returns it as it counts in a value, which is mostly `\n`. */
  takeBreak(): string {
    const code = this.code();
    this.position += this.sees('\r\n') ? 2 : 1;
    this.#lineStart = this.position;
    this.line += 1;
    return code === LINE_SEPARATOR || code === PARAGRAPH_SEPARATOR ? String.fromCharCode(code) : '\n';
  }

  skipToLineEnd(): void {
    while (!this.isLineEnd()) this.position += 1;
  }

  skipBlanks(): void {
    while (this.isBlank()) this.position += 1;
  }

  fail(reason: string, position = this.position): Malformed {
    return new Malformed(position, reason);
  }
}
