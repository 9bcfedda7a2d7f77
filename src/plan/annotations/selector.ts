/*
 * Where is a selector parsed? `parseSync` turns the text of a sync annotation into a `Selector`. `matches` says whether it
 * selects a namespace with certain labels (docs/design.md 3.1).
 *
 * Example: `env in (dev, test), !frozen` → selects namespaces with `env=dev` or `env=test` and without a label `frozen`.
 */

import { get, has } from '../../model/keys.ts';
import type { SelectorProblem } from '../../model/finding.ts';
import type { StringMap } from '../../model/objects.ts';
import { isLabelKey, isLabelValue } from './name-syntax.ts';

/** One token of a label selector. `at` is its 0-based place in the text. */
export interface Token {
  readonly type: 'word' | '=' | '==' | '!=' | '!' | '>' | '<' | '(' | ')' | ',' | 'end';
  readonly text: string;
  readonly at: number;
}

const SYMBOLS: ReadonlySet<string> = new Set(['=', '==', '!=', '!', '>', '<', '(', ')', ',']);

/** White space is as in Kubernetes: blank, tab, line feed, carriage return. Any other character is part of a word. */
const TOKEN = /[ \t\r\n]+|==|!=|[=!<>(),]|[^ \t\r\n=!<>(),]+/g;

/** Cuts a selector into tokens. Every text can be cut; the parser decides whether it is valid. */
function tokenize(text: string): { readonly tokens: readonly Token[]; readonly end: Token } {
  const tokens: Token[] = [];
  for (const match of text.matchAll(TOKEN)) {
    if (/^[ \t\r\n]/.test(match[0])) continue;
    tokens.push({ type: isSymbol(match[0]) ? match[0] : 'word', text: match[0], at: match.index });
  }
  return { tokens, end: { type: 'end', text: '', at: text.length } };
}

function isSymbol(text: string): text is Exclude<Token['type'], 'word' | 'end'> {
  return SYMBOLS.has(text);
}

/*
 * Kubernetes label selectors, the whole grammar and its meaning (Kubernetes: Labels and Selectors; the reference is
 * `labels.Parse` of k8s.io/apimachinery, whose odd corners are kept: empty values in lists, `()` and `a=` for the
 * empty value, `in` and `notin` as keys or values).
 *
 *   selector    = [ requirement { "," requirement } ]
 *   requirement = "!" KEY | KEY | KEY ( "=" | "==" | "!=" | ">" | "<" ) [ VALUE ] | KEY ( "in" | "notin" ) "(" values ")"
 *   values      = [ VALUE ] { "," [ VALUE ] }
 */

/** One term of a selector. A selector matches if all of them hold. */
export type Requirement =
  | { readonly operator: 'exists' | 'not-exists'; readonly key: string }
  | { readonly operator: 'in' | 'not-in'; readonly key: string; readonly values: ReadonlySet<string> }
  | { readonly operator: 'greater' | 'less'; readonly key: string; readonly bound: bigint };

/** A parsed selector. Without requirements it matches everything. */
export type Selector = readonly Requirement[];

/** The selector, or what is wrong with it and where. */
export type ParsedSelector =
  | { readonly ok: true; readonly selector: Selector }
  | ({ readonly ok: false } & SelectorProblem);

/**
 * Parses a sync annotation. `"true"` selects every namespace, as for the old operator. Any other text is a selector. It
 * never throws, whatever a user wrote into an annotation.
 */
export function parseSync(text: string): ParsedSelector {
  try {
    return { ok: true, selector: new Parser(tokenize(text === 'true' ? '' : text)).selector() };
  } catch (error) {
    /* c8 ignore next -- any other error is a bug, and must not look like an invalid selector */
    if (!(error instanceof Stop)) throw error;
    return { ok: false, at: error.at, problem: error.problem };
  }
}

/**
 * Whether the labels satisfy every requirement. As in Kubernetes, `!=` and `notin` hold for labels without the key, and
 * `>` and `<` hold only for an integer.
 */
export function matches(selector: Selector, labels: StringMap): boolean {
  return selector.every((requirement) => satisfies(requirement, labels));
}

function satisfies(requirement: Requirement, labels: StringMap): boolean {
  const value = get(labels, requirement.key);
  switch (requirement.operator) {
    case 'exists':
      return has(labels, requirement.key);
    case 'not-exists':
      return value === undefined;
    case 'in':
      return value !== undefined && requirement.values.has(value);
    case 'not-in':
      return value === undefined || !requirement.values.has(value);
    case 'greater':
      return compares(value, (number) => number > requirement.bound);
    case 'less':
      return compares(value, (number) => number < requirement.bound);
  }
}

function compares(value: string | undefined, test: (number: bigint) => boolean): boolean {
  const number = value === undefined ? undefined : int64(value);
  return number !== undefined && test(number);
}

const LARGEST_INT64 = 9_223_372_036_854_775_807n;

/** The result of Go's `ParseInt(value, 10, 64)` for a label value, which has no sign. Undefined if that is an error. */
function int64(value: string): bigint | undefined {
  if (!/^\d+$/.test(value)) return undefined;
  const number = BigInt(value);
  return number <= LARGEST_INT64 ? number : undefined;
}

/** Ends the parsing at the first error. It never leaves this file. */
class Stop extends Error {
  readonly at: number;
  readonly problem: SelectorProblem['problem'];
  constructor(at: number, problem: SelectorProblem['problem']) {
    super('selector');
    this.at = at;
    this.problem = problem;
  }
}

/** A recursive descent parser: one method for each rule of the grammar above. */
class Parser {
  readonly #tokens: readonly Token[];
  readonly #end: Token;
  #next = 0;

  constructor(tokens: { readonly tokens: readonly Token[]; readonly end: Token }) {
    this.#tokens = tokens.tokens;
    this.#end = tokens.end;
  }

  selector(): Selector {
    const requirements: Requirement[] = [];
    if (this.#peek().type === 'end') return requirements;
    do requirements.push(this.#requirement());
    while (this.#take(','));
    if (this.#peek().type !== 'end') throw this.#expected('","', 'the end');
    return requirements;
  }

  #requirement(): Requirement {
    if (this.#take('!')) return { operator: 'not-exists', key: this.#key(['a label key']) };
    const key = this.#key(['a label key', '"!"']);
    const token = this.#peek();
    if (token.type === 'end' || token.type === ',') return { operator: 'exists', key };
    this.#next += 1;
    return this.#operation(key, token);
  }

  #operation(key: string, token: Token): Requirement {
    if (token.text === 'in') return { operator: 'in', key, values: this.#values() };
    if (token.text === 'notin') return { operator: 'not-in', key, values: this.#values() };
    switch (token.type) {
      case '=':
      case '==':
        return { operator: 'in', key, values: new Set([this.#value()]) };
      case '!=':
        return { operator: 'not-in', key, values: new Set([this.#value()]) };
      case '>':
        return { operator: 'greater', key, bound: this.#integer() };
      case '<':
        return { operator: 'less', key, bound: this.#integer() };
      default:
        this.#next -= 1;
        throw this.#expected('an operator', '","', 'the end');
    }
  }

  #key(expected: readonly string[]): string {
    const token = this.#peek();
    if (token.type !== 'word') throw this.#expectedOneOf(expected);
    if (!isLabelKey(token.text)) throw new Stop(token.at, { code: 'bad-key', key: token.text });
    this.#next += 1;
    return token.text;
  }

  /** The value after an operator. Nothing there means the empty value. */
  #value(): string {
    const token = this.#peek();
    if (token.type === 'end' || token.type === ',') return '';
    if (token.type !== 'word') throw this.#expected('a value');
    return this.#word();
  }

  #integer(): bigint {
    const token = this.#peek();
    const value = this.#value();
    const bound = int64(value);
    if (bound === undefined) throw new Stop(token.at, { code: 'not-an-integer', value });
    return bound;
  }

  /** The values of a list. Nothing before, between or after commas means the empty value, and so does `()`. */
  #values(): ReadonlySet<string> {
    if (!this.#take('(')) throw this.#expected('"("');
    const values = new Set<string>();
    do values.add(this.#item());
    while (this.#take(','));
    if (!this.#take(')')) throw this.#expected('","', '")"');
    return values;
  }

  #item(): string {
    const { type } = this.#peek();
    if (type === ',' || type === ')') return '';
    if (type !== 'word') throw this.#expected('a value', '","', '")"');
    return this.#word();
  }

  #word(): string {
    const token = this.#peek();
    if (!isLabelValue(token.text)) throw new Stop(token.at, { code: 'bad-value', value: token.text });
    this.#next += 1;
    return token.text;
  }

  #take(type: Token['type']): boolean {
    if (this.#peek().type !== type) return false;
    this.#next += 1;
    return true;
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? this.#end;
  }

  #expected(...expected: string[]): Stop {
    return this.#expectedOneOf(expected);
  }

  #expectedOneOf(expected: readonly string[]): Stop {
    const { at, text } = this.#peek();
    return new Stop(at, { code: 'expected', expected, found: text });
  }
}
