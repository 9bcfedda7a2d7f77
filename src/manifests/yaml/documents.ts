import { type Composed, compose } from './compose.ts';
import { Malformed } from './malformed.ts';
import { type Path, find, jsonOf } from './nodes.ts';
import { templateLine } from './template.ts';

/** One document of a text. */
export interface Document {
  readonly value: unknown;
  /** The line, from 1, of what a path leads to, or of the nearest that is there. */
  readonly lineOf: (path: Path) => number;
  /** The line from which on kubectl ignores what follows, up to the next `---`. */
  readonly ignoredFrom?: number;
}

/** A document that kubectl cannot read. */
export interface BadDocument {
  readonly line: number;
  /** Why, without anything from the text itself; `template` where it is one that nobody filled in. */
  readonly problem: { readonly template: true } | { readonly reason: string };
}

/**
 * The documents of a text as kubectl takes it apart: JSON values one after the other as long as they are JSON, then
 * YAML documents between lines of `---`. What is wrong with one does not keep the others back.
 */
export function* documentsOf(text: string): Generator<Document | BadDocument> {
  let [from, count] = [0, 0];
  if (/^\s*\{/.test(text)) {
    for (let end = endOfJson(text, from); end !== undefined; end = endOfJson(text, from)) {
      const value = parsedJson(text.slice(from, end));
      if (value === undefined) break;
      yield jsonDocument(text, from, end, value.json);
      [from, count] = [end, count + 1];
    }
    if (text.slice(from).trim() === '') return;
    if (count > 1) return yield bad(text, from, 'behind the last object comes something that is not JSON');
    if (count > 0) from += /^[^\S\n]*\n?/.exec(text.slice(from))?.[0].length ?? 0;
  }
  yield* yamlDocuments(text, from);
}

function parsedJson(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

const BRACKET_OR_QUOTE = /[{}[\]]|"(?:[^"\\]|\\[^])*"/g;

/** Where the object that begins here ends, if it is one of JSON. */
function endOfJson(text: string, from: number): number | undefined {
  if (!/^\s*[{[]/.test(text.slice(from, from + 1000))) return undefined;
  let depth = 0;
  BRACKET_OR_QUOTE.lastIndex = from;
  for (let found = BRACKET_OR_QUOTE.exec(text); found !== null; found = BRACKET_OR_QUOTE.exec(text)) {
    if ('{['.includes(found[0])) depth += 1;
    else if ('}]'.includes(found[0])) depth -= 1;
    if (depth === 0) return found.index + 1;
  }
  return undefined;
}

/** JSON is YAML: that is how lines are found in it, when one is asked for. */
function jsonDocument(text: string, from: number, end: number, value: unknown): Document {
  const begin = from + (/^\s*/.exec(text.slice(from, end))?.[0].length ?? 0);
  const lineOf = (path: Path): number => {
    try {
      const { root } = compose(text.slice(begin, end));
      return lineAt(text, begin + (root === undefined ? 0 : find(root, path)));
    } catch {
      return lineAt(text, begin);
    }
  };
  return { value, lineOf };
}

const SEPARATOR = /^---(.*)$\n?/gm;

/** What stands on a line of `---` besides a comment makes kubectl stop; what follows it is left out here as well. */
function* yamlDocuments(text: string, from: number): Generator<Document | BadDocument> {
  let [begin, isReadable] = [from, true];
  SEPARATOR.lastIndex = from;
  for (let mark = SEPARATOR.exec(text); mark !== null; mark = SEPARATOR.exec(text)) {
    const { index, 0: line, 1: behind = '' } = mark;
    if (isReadable) yield* yamlDocument(text, begin, index);
    begin = index + line.length;
    isReadable = !/^\s*[^\s#]/.test(behind);
    if (!isReadable) yield bad(text, index, 'the line of --- has something else on it');
    SEPARATOR.lastIndex = begin;
  }
  if (isReadable) yield* yamlDocument(text, begin, text.length);
}

function* yamlDocument(text: string, begin: number, end: number): Generator<Document | BadDocument> {
  const [marks = ''] = /^\uFEFF{0,2}/.exec(text.slice(begin, begin + 2)) ?? [];
  const start = begin + marks.length;
  const source = withLineEnd(text.slice(start, end));
  try {
    yield* yamlValue(text, start, compose(source));
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    const template = templateLine(source, error.position);
    if (template === undefined) yield bad(text, start + error.position, error.message);
    else yield { line: lineAt(text, start) + template, problem: { template: true } };
  }
}

function* yamlValue(text: string, start: number, { root, rest }: Composed): Generator<Document> {
  if (root === undefined) return;
  yield {
    value: jsonOf(root),
    lineOf: (path) => lineAt(text, start + find(root, path)),
    ...(rest !== undefined && { ignoredFrom: lineAt(text, start + rest) }),
  };
}

function withLineEnd(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

function bad(text: string, position: number, reason: string): BadDocument {
  return { line: lineAt(text, position), problem: { reason } };
}

function lineAt(text: string, position: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < position; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}
