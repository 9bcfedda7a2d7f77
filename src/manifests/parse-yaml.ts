import {
  type Event,
  CORE_SCHEMA,
  EVENT_ID,
  NOT_RESOLVED,
  YAMLException,
  boolYaml11Tag,
  constructFromEvents,
  defineScalarTag,
  getScalarValue,
  mergeTag,
  parseEvents,
} from 'js-yaml';

/** A way from a document to something in it: keys and positions. */
export type Path = readonly (string | number)[];

/** The documents of a text, and where in it their parts stand. */
export interface Documents {
  readonly values: readonly unknown[];
  /** The line, from 1, of what a path leads to in a document, or of the nearest that is there. */
  readonly lineOf: (document: number, path: Path) => number;
}

/** What is not YAML: where, and why in the words of the library without anything from the text itself. */
export interface Malformed {
  readonly line: number;
  readonly problem: string;
}

/**
 * Takes text apart as kubectl does: JSON is YAML, `yes` and `on` are no text, `<<` merges, `!!binary` is decoded. In
 * one thing it is stricter: the same key twice is an error.
 */
export function parseDocuments(source: string): Documents | Malformed {
  try {
    const events = parseEvents(source, {});
    const values = constructFromEvents(events, { source, schema: SCHEMA });
    return { values, lineOf: (document, path) => lineAt(source, find(events, source, document, path)) };
  } catch (error) {
    return malformed(error);
  }
}

const binaryTag = defineScalarTag('tag:yaml.org,2002:binary', {
  resolve: (text) => {
    const bytes = Buffer.from(text, 'base64');
    const decoded = bytes.toString('utf8');
    return Buffer.from(decoded).equals(bytes) ? decoded : NOT_RESOLVED;
  },
  identify: () => false,
});

const SCHEMA = CORE_SCHEMA.withTags(boolYaml11Tag, mergeTag, binaryTag);

function malformed(error: unknown): Malformed {
  if (!(error instanceof YAMLException)) return { line: 1, problem: 'not readable as YAML' };
  return { line: (error.mark?.line ?? 0) + 1, problem: withoutQuotes(error.reason) };
}

/** Some reasons quote a tag or an alias, which in a Secret may be part of a value: `password: *hunter2`. */
function withoutQuotes(reason: string): string {
  return reason.replace(/\s*(?:"[^]*"|!<[^]*>|:\s[^]*$)/, '');
}

/** Where in the text a path of a document leads, or as far as it leads. */
function find(events: readonly Event[], source: string, document: number, path: Path): number {
  let at = nthDocument(events, document);
  let position = startOf(events[at]) ?? 0;
  for (const step of path) {
    const next = stepInto(events, source, at, step);
    if (next === undefined) return position;
    position = startOf(events[next.value]) ?? startOf(events[next.key]) ?? position;
    at = next.value;
  }
  return position;
}

function nthDocument(events: readonly Event[], document: number): number {
  let at = 0;
  for (let count = 0; count < document; count += 1) at = after(events, at);
  return at + 1;
}

interface Entry {
  /** Index of the event of the key; of the item itself in a list. */
  readonly key: number;
  readonly value: number;
}

function stepInto(
  events: readonly Event[],
  source: string,
  at: number,
  step: string | number,
): Entry | undefined {
  const type = events[at]?.type;
  if (type === EVENT_ID.SEQUENCE && typeof step === 'number') return itemOf(events, at, step);
  return type === EVENT_ID.MAPPING ? entryOf(events, source, at, String(step)) : undefined;
}

function itemOf(events: readonly Event[], list: number, index: number): Entry | undefined {
  let at = list + 1;
  for (let count = 0; count < index && !closes(events[at]); count += 1) at = after(events, at);
  return closes(events[at]) ? undefined : { key: at, value: at };
}

function entryOf(events: readonly Event[], source: string, map: number, name: string): Entry | undefined {
  for (let key = map + 1; !closes(events[key]);) {
    const value = after(events, key);
    const event = events[key];
    if (event?.type === EVENT_ID.SCALAR && event.valueStart >= 0 && getScalarValue(source, event) === name)
      return { key, value };
    key = after(events, value);
  }
  return undefined;
}

function closes(event: Event | undefined): boolean {
  return event === undefined || event.type === EVENT_ID.POP;
}

/** The index after a whole node. */
function after(events: readonly Event[], at: number): number {
  let [index, depth] = [at, 0];
  do {
    const type = events[index]?.type;
    if (type === undefined) return index;
    if (type === EVENT_ID.POP) depth -= 1;
    else if (type !== EVENT_ID.SCALAR && type !== EVENT_ID.ALIAS) depth += 1;
    index += 1;
  } while (depth > 0);
  return index;
}

function startOf(event: Event | undefined): number | undefined {
  if (event === undefined || !('anchorStart' in event)) return undefined;
  const { anchorStart, tagStart } = { tagStart: -1, ...event };
  const start = event.type === EVENT_ID.SCALAR ? event.valueStart : 'start' in event ? event.start : -1;
  const found = [anchorStart, tagStart, start].filter((position) => position >= 0);
  return found.length === 0 ? undefined : Math.min(...found);
}

function lineAt(source: string, position: number): number {
  let line = 1;
  for (let at = source.indexOf('\n'); at !== -1 && at < position; at = source.indexOf('\n', at + 1))
    line += 1;
  return line;
}
