import { type FirstDocument, compose } from './compose.ts';
import { Malformed } from './malformed.ts';
import { type Path, find, jsonOf } from './nodes.ts';
import { templateLine } from './template.ts';

/** One document of a text. */
export interface Document {
  readonly value: unknown;
  /** Returns the line of a path, from 1. If the path does not exist, it returns the line of its nearest parent. */
  readonly lineOf: (path: Path) => number;
  /** From this line on, kubectl ignores the text up to the next `---`. */
  readonly ignoredFrom?: number;
}

/** A document that kubectl cannot read. */
export interface BadDocument {
  readonly line: number;
  /** Why, without any part of the text. `template`: it is a template that was not rendered. */
  readonly problem: { readonly template: true } | { readonly reason: string };
}

/**
 * Yields the documents of a text, split as kubectl splits it: first JSON objects, one after the other, then YAML
 * documents between lines of `---`. After a bad document, it goes on with the next one.
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
    if (count > 1) return yield bad(text, from, 'the text after the last JSON object is not JSON');
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

/** Returns where the JSON object that begins here ends. Undefined if it does not end. */
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

/** Returns a document of JSON. To find the line of a path, it parses the text again as YAML, only when asked. */
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

/**
 * Yields the documents between lines of `---`. Other text on such a line is an error in kubectl, so that document is
 * skipped.
 */
function* yamlDocuments(text: string, from: number): Generator<Document | BadDocument> {
  let [begin, isReadable] = [from, true];
  SEPARATOR.lastIndex = from;
  for (let mark = SEPARATOR.exec(text); mark !== null; mark = SEPARATOR.exec(text)) {
    const { index, 0: line, 1: behind = '' } = mark;
    if (isReadable) yield* yamlDocument(text, begin, index);
    begin = index + line.length;
    isReadable = !/^\s*[^\s#]/.test(behind);
    if (!isReadable) yield bad(text, index, 'a line that begins with --- has other text on it');
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

function* yamlValue(text: string, start: number, { root, rest }: FirstDocument): Generator<Document> {
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
