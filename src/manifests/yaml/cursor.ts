import { Malformed } from './malformed.ts';

const TAB = 9;
const LINE_FEED = 10;
const RETURN = 13;
const SPACE = 32;
const NEXT_LINE = 0x85;
const LINE_SEPARATOR = 0x2028;
const PARAGRAPH_SEPARATOR = 0x2029;

/** Whether a character is a space or a tab. */
function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** Whether a line ends with this character: YAML 1.1 knows five of them. */
function isBreak(code: number): boolean {
  return (
    code === LINE_FEED ||
    code === RETURN ||
    code === NEXT_LINE ||
    code === LINE_SEPARATOR ||
    code === PARAGRAPH_SEPARATOR
  );
}

/** A place in a text that moves forward. Behind the end it sees NaN. */
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

  /** Whether these characters come next. */
  sees(text: string): boolean {
    return this.text.startsWith(text, this.position);
  }

  isBlank(ahead = 0): boolean {
    return isBlank(this.code(ahead));
  }

  isBreak(ahead = 0): boolean {
    return isBreak(this.code(ahead));
  }

  /** A blank, the end of a line or of the text. */
  isGap(ahead = 0): boolean {
    const code = this.code(ahead);
    return isBlank(code) || isBreak(code) || Number.isNaN(code);
  }

  isLineEnd(): boolean {
    return this.isBreak() || this.isAtEnd;
  }

  /** `---` or `...` at the start of a line. */
  isAtDocumentMark(): boolean {
    return this.column === 0 && (this.sees('---') || this.sees('...')) && this.isGap(3);
  }

  skip(count = 1): void {
    this.position += count;
  }

  /** Takes one character, of which some are two UTF-16 units. */
  take(): string {
    const [character = ''] = this.text.slice(this.position, this.position + 2);
    this.position += character.length;
    return character;
  }

  /** Takes what is between a place and here. */
  since(start: number): string {
    return this.text.slice(start, this.position);
  }

  /** Takes the end of a line as it counts in a value: most are `\n`. */
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
