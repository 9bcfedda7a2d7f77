import { Malformed } from './malformed.ts';
import type { Node } from './nodes.ts';
import { type Token, tokensOf } from './tokens.ts';

/** The first document of a text. */
export interface FirstDocument {
  /** Undefined if the document is empty. */
  readonly root: Node | undefined;
  /** Where more than comments follows after the document. kubectl ignores it. */
  readonly rest?: number;
}

/** Reads the first document of a text. */
export function compose(text: string): FirstDocument {
  checkCharacters(text);
  const composer = new Composer(tokensOf(text));
  const root = composer.root();
  const end = composer.position + (text.startsWith('...', composer.position) ? 3 : 0);
  const more = /^[^\S\n]*[^\s#]/m.exec(text.slice(end));
  return { root, ...(more && { rest: end + more.index + more[0].length - 1 }) };
}

const REFUSED =
  // oxlint-disable-next-line no-control-regex -- the pattern finds control characters
  /[\0-\u0008\u000B\u000C\u000E-\u001F\u007F-\u0084\u0086-\u009F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

function checkCharacters(text: string): void {
  const found = REFUSED.exec(text);
  if (found !== null) throw new Malformed(found.index, 'it has a control character');
}

type TokenName = Token['is'];

/** Turns tokens into nodes, as the parser of libyaml does. */
class Composer {
  readonly #tokens: readonly Token[];
  readonly #anchors = new Map<string, Node>();
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  root(): Node | undefined {
    const isExplicit = this.#skipIf('document start');
    if (this.#sees('end')) return isExplicit ? this.#empty() : undefined;
    return this.#node(true, false);
  }

  /** Returns where the next token begins. */
  get position(): number {
    return this.#token.start;
  }

  get #token(): Token {
    return this.#tokens[this.#at] ?? { is: 'end', start: 0 };
  }

  #sees(...names: readonly TokenName[]): boolean {
    return names.includes(this.#token.is);
  }

  #skipIf(name: TokenName): boolean {
    const isThere = this.#sees(name);
    if (isThere) this.#at += 1;
    return isThere;
  }

  #fail(reason: string): Malformed {
    return new Malformed(this.#token.start, reason);
  }

  #empty(tag = '', start = this.#token.start): Node {
    return { is: 'scalar', start, text: '', plain: true, tag };
  }

  /** Reads a node. `inBlock`: indentation may open a collection. `inline`: so may a dash without indentation. */
  #node(inBlock: boolean, inline: boolean): Node {
    const { start } = this.#token;
    if (this.#token.is === 'alias') return this.#alias(this.#token.name);
    const { anchor, tag } = this.#properties();
    const build = this.#builder(inBlock, inline, tag, start);
    if (build !== undefined) return build(this.#store(anchor));
    if (anchor === undefined && tag === undefined) throw this.#fail('a value is missing or cannot be here');
    return this.#store(anchor)(this.#empty(tag, start));
  }

  #alias(name: string): Node {
    const { start } = this.#token;
    const of = this.#anchors.get(name);
    if (of === undefined) throw this.#fail('an alias has no anchor before it');
    this.#at += 1;
    return { is: 'alias', start, of };
  }

  /** Reads an anchor and a tag, each at most once, in any order. */
  #properties(): { readonly anchor?: string; readonly tag?: string } {
    const found: { anchor?: string; tag?: string } = {};
    for (;;) {
      const token = this.#token;
      if ((token.is !== 'anchor' && token.is !== 'tag') || found[token.is] !== undefined) return found;
      found[token.is] = token.name;
      this.#at += 1;
    }
  }

  /** Stores a node under its anchor before its content is read, so that an alias in it is found. */
  #store(anchor: string | undefined): <T extends Node>(node: T) => T {
    return (node) => {
      if (anchor !== undefined) this.#anchors.set(anchor, node);
      return node;
    };
  }

  #builder(
    inBlock: boolean,
    inline: boolean,
    tag: string | undefined,
    start: number,
  ): ((store: <T extends Node>(node: T) => T) => Node) | undefined {
    const token = this.#token;
    const list = (fill: (items: Node[]) => void) => (store: <T extends Node>(node: T) => T) => {
      const node = store({ is: 'list' as const, start, items: [] as Node[] });
      fill(node.items);
      return node;
    };
    const map = (fill: (pairs: [Node, Node][]) => void) => (store: <T extends Node>(node: T) => T) => {
      const node = store({ is: 'map' as const, start, pairs: [] as [Node, Node][] });
      fill(node.pairs);
      return node;
    };
    if (inline && token.is === '-') return list((items) => this.#inlineList(items));
    if (token.is === 'scalar') {
      this.#at += 1;
      const { text, plain } = token;
      return (store) => store({ is: 'scalar', start, text, plain, tag: tag ?? '' });
    }
    if (token.is === '[') return list((items) => this.#flowList(items));
    if (token.is === '{') return map((pairs) => this.#flowMap(pairs));
    if (inBlock && token.is === 'block list') return list((items) => this.#blockList(items));
    if (inBlock && token.is === 'block map') return map((pairs) => this.#blockMap(pairs));
    return undefined;
  }

  #blockList(items: Node[]): void {
    this.#at += 1;
    while (!this.#skipIf('block end')) {
      if (!this.#skipIf('-')) throw this.#fail('an item of a list does not begin with a dash');
      items.push(this.#sees('-', 'block end') ? this.#empty() : this.#node(true, false));
    }
  }

  #inlineList(items: Node[]): void {
    while (this.#skipIf('-'))
      items.push(this.#sees('-', 'key', 'value', 'block end') ? this.#empty() : this.#node(true, false));
  }

  #blockMap(pairs: [Node, Node][]): void {
    this.#at += 1;
    while (!this.#skipIf('block end')) {
      if (!this.#skipIf('key')) throw this.#fail('a key was expected here; check the indentation');
      const key = this.#blockNodeOrEmpty();
      pairs.push([key, this.#skipIf('value') ? this.#blockNodeOrEmpty() : this.#empty()]);
    }
  }

  #blockNodeOrEmpty(): Node {
    return this.#sees('key', 'value', 'block end') ? this.#empty() : this.#node(true, true);
  }

  #flowList(items: Node[]): void {
    this.#at += 1;
    for (let isFirst = true; !this.#skipIf(']'); isFirst = false) {
      if (!isFirst && !this.#skipIf(',')) throw this.#fail('a comma or ] was expected here');
      if (this.#skipIf(']')) return;
      const { start } = this.#token;
      if (this.#skipIf('key')) items.push({ is: 'map', start, pairs: [this.#pairInList()] });
      else items.push(this.#node(false, false));
    }
  }

  #pairInList(): [Node, Node] {
    const hasKey = !this.#sees('value', ',', ']');
    const key = hasKey ? this.#node(false, false) : this.#empty();
    if (!hasKey) this.#at += 1; // As libyaml does.
    return [key, this.#flowValue(']')];
  }

  #flowValue(end: ']' | '}'): Node {
    if (!this.#skipIf('value')) return this.#empty();
    return this.#sees(',', end) ? this.#empty() : this.#node(false, false);
  }

  #flowMap(pairs: [Node, Node][]): void {
    this.#at += 1;
    for (let isFirst = true; !this.#skipIf('}'); isFirst = false) {
      if (!isFirst && !this.#skipIf(',')) throw this.#fail('a comma or } was expected here');
      if (this.#skipIf('}')) return;
      if (this.#skipIf('key')) {
        const key = this.#sees('value', ',', '}') ? this.#empty() : this.#node(false, false);
        pairs.push([key, this.#flowValue('}')]);
      } else pairs.push([this.#node(false, false), this.#empty()]);
    }
  }
}
