import { Cursor } from './cursor.ts';
import { DEEPEST, PossibleKeys } from './possible-keys.ts';
import { scanBlock } from './scan-block.ts';
import { scanPlain, scanQuoted } from './scan-scalar.ts';
import { scanAnchor, scanTag } from './scan-property.ts';

/** A token of a document, as in libyaml. */
export type Token =
  | { readonly is: Mark; readonly start: number }
  | { readonly is: 'anchor' | 'alias' | 'tag'; readonly start: number; readonly name: string }
  | { readonly is: 'scalar'; readonly start: number; readonly text: string; readonly plain: boolean };

type Mark =
  | 'document start'
  | 'end'
  | 'block list'
  | 'block map'
  | 'block end'
  | '['
  | ']'
  | '{'
  | '}'
  | ','
  | '-'
  | 'key'
  | 'value';

/** Returns the tokens of the first document of a text. The last one is `end`. */
export function tokensOf(text: string): readonly Token[] {
  return new Scanner(text).all();
}

const NEVER_FIRST = '-?:,[]{}#&*!|>\'"%@`';

/** Splits a text into tokens. It accepts and rejects the same texts as libyaml, because kubectl uses a port of it. */
class Scanner {
  readonly #cursor: Cursor;
  readonly #tokens: Token[] = [];
  /** Columns of the open blocks. */
  readonly #indents: number[] = [];
  #indent = -1;
  readonly #keys: PossibleKeys;
  #keyAllowed = true;

  constructor(text: string) {
    this.#cursor = new Cursor(text);
    this.#keys = new PossibleKeys(this.#cursor);
  }

  all(): readonly Token[] {
    while (this.#next());
    return this.#tokens;
  }

  get #inFlow(): boolean {
    return this.#keys.inFlow;
  }

  /** Adds the next tokens. Returns false after the last one. */
  #next(): boolean {
    const cursor = this.#cursor;
    this.#skipSpace();
    this.#unroll(cursor.column);
    if (cursor.isAtEnd || this.#isAtNextDocument()) return this.#end();
    if (cursor.column === 0 && cursor.sees('%'))
      throw cursor.fail('kubectl rejects a line that begins with %');
    if (cursor.isAtDocumentMark()) this.#documentStart();
    else this.#token(cursor.text.charAt(cursor.position));
    return true;
  }

  /** Returns whether a second document begins. kubectl reads only the first one of a chunk. */
  #isAtNextDocument(): boolean {
    const cursor = this.#cursor;
    return cursor.isAtDocumentMark() && (this.#tokens.length > 0 || cursor.sees('...'));
  }

  #end(): false {
    this.#unroll(-1);
    this.#keys.drop();
    this.#mark('end');
    return false;
  }

  /** Adds the token of a `---` after a byte order mark. Any other `---` was removed when the text was split. */
  #documentStart(): void {
    this.#mark('document start');
    this.#cursor.skip(3);
    this.#keyAllowed = false;
  }

  #token(character: string): void {
    const cursor = this.#cursor;
    switch (character) {
      case '[':
      case '{':
        return this.#openFlow(character);
      case ']':
      case '}':
        return this.#closeFlow(character);
      case ',':
        return this.#comma();
      case '*':
      case '&':
        return this.#property(character === '*' ? 'alias' : 'anchor', scanAnchor);
      case '!':
        return this.#property('tag', scanTag);
      case "'":
      case '"':
        return this.#scalar(false, scanQuoted);
      default:
        if (character === '-' && cursor.isGap(1)) return this.#entry();
        if (character === '?' && (this.#inFlow || cursor.isGap(1))) return this.#explicitKey();
        if (character === ':' && (this.#inFlow || cursor.isGap(1))) return this.#value();
        if ((character === '|' || character === '>') && !this.#inFlow) return this.#block();
        return this.#plain(character);
    }
  }

  /** Skips space and comments. A tab counts as space, except where a block can begin. */
  #skipSpace(): void {
    const cursor = this.#cursor;
    for (;;) {
      while (cursor.sees(' ') || (cursor.sees('\t') && (this.#inFlow || !this.#keyAllowed))) cursor.skip();
      if (cursor.sees('#')) cursor.skipToLineEnd();
      if (!cursor.isBreak()) return;
      cursor.takeBreak();
      if (!this.#inFlow) this.#keyAllowed = true;
    }
  }

  #openFlow(is: '[' | '{'): void {
    this.#saveKey();
    this.#keys.openFlow();
    this.#keyAllowed = true;
    this.#mark(is, 1);
  }

  #closeFlow(is: ']' | '}'): void {
    this.#keys.closeFlow();
    this.#keyAllowed = false;
    this.#mark(is, 1);
  }

  #comma(): void {
    this.#keys.drop();
    this.#keyAllowed = true;
    this.#mark(',', 1);
  }

  #entry(): void {
    this.#openBlock('block list', 'a list cannot begin here');
    this.#keys.drop();
    this.#keyAllowed = true;
    this.#mark('-', 1);
  }

  #explicitKey(): void {
    this.#openBlock('block map', 'a key cannot begin here');
    this.#keys.drop();
    this.#keyAllowed = !this.#inFlow;
    this.#mark('key', 1);
  }

  #value(): void {
    const key = this.#keys.take();
    if (key === undefined) {
      this.#openBlock('block map', 'there is no key before this colon');
      this.#keyAllowed = !this.#inFlow;
    } else {
      this.#tokens.splice(key.token, 0, { is: 'key', start: key.position });
      this.#roll(key.column, { is: 'block map', start: key.position }, key.token);
      this.#keyAllowed = false;
    }
    this.#mark('value', 1);
  }

  #property(is: 'anchor' | 'alias' | 'tag', scan: (cursor: Cursor) => string): void {
    this.#saveKey();
    this.#keyAllowed = false;
    const start = this.#cursor.position;
    this.#tokens.push({ is, start, name: scan(this.#cursor) });
  }

  #scalar(plain: boolean, scan: (cursor: Cursor) => string): void {
    this.#saveKey();
    this.#keyAllowed = false;
    const start = this.#cursor.position;
    this.#tokens.push({ is: 'scalar', start, text: scan(this.#cursor), plain });
  }

  #block(): void {
    this.#keys.drop();
    this.#keyAllowed = true;
    const start = this.#cursor.position;
    const text = scanBlock(this.#cursor, this.#indent);
    this.#tokens.push({ is: 'scalar', start, text, plain: false });
  }

  #plain(first: string): void {
    const cursor = this.#cursor;
    const isDash = first === '-' && !cursor.isBlank(1);
    const isOther = (first === '?' || first === ':') && !this.#inFlow && !cursor.isGap(1);
    if (!isDash && !isOther && (NEVER_FIRST.includes(first) || cursor.isBlank()))
      throw cursor.fail(
        first === '\t' ? 'a tab is used for indentation' : 'a value cannot begin with this character',
      );
    let endedLine = false;
    this.#scalar(true, () => {
      const plain = scanPlain(cursor, this.#inFlow, this.#indent + 1);
      endedLine = plain.endedLine;
      return plain.text;
    });
    if (endedLine) this.#keyAllowed = true;
  }

  #openBlock(is: 'block list' | 'block map', reason: string): void {
    if (this.#inFlow) return;
    if (!this.#keyAllowed) throw this.#cursor.fail(reason);
    this.#roll(this.#cursor.column, { is, start: this.#cursor.position }, this.#tokens.length);
  }

  /** Opens a block if the column is deeper than the block around it. */
  #roll(column: number, token: Token, at: number): void {
    if (this.#inFlow || this.#indent >= column) return;
    if (this.#indents.push(this.#indent) > DEEPEST) throw this.#cursor.fail('it is nested too deeply');
    this.#indent = column;
    this.#tokens.splice(at, 0, token);
  }

  /** Closes the blocks that are deeper than the column. */
  #unroll(column: number): void {
    if (this.#inFlow && column >= 0) return;
    while (this.#indent > column) {
      this.#mark('block end');
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  #mark(is: Mark, length = 0): void {
    this.#tokens.push({ is, start: this.#cursor.position });
    this.#cursor.skip(length);
  }

  #saveKey(): void {
    if (this.#keyAllowed) this.#keys.save(this.#tokens.length, this.#indent);
  }
}
