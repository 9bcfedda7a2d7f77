import { Malformed } from './malformed.ts';
import { type ScalarText, TagMismatch, keyText, resolveScalar } from './resolve.ts';

/** A part of a YAML document. `start` is where it begins in the text. */
export type Node = ScalarNode | ListNode | MapNode | AliasNode;

/** A scalar. */
export interface ScalarNode extends ScalarText {
  readonly is: 'scalar';
  readonly start: number;
}

/** A list. */
export interface ListNode {
  readonly is: 'list';
  readonly start: number;
  readonly items: Node[];
}

/** A map. The same key may come twice. */
export interface MapNode {
  readonly is: 'map';
  readonly start: number;
  readonly pairs: (readonly [key: Node, value: Node])[];
}

/** A reference to another node of the document. */
export interface AliasNode {
  readonly is: 'alias';
  readonly start: number;
  readonly of: Node;
}

/**
 * Returns the JSON value of a document, as kubectl does. Later keys win; keys that `<<` merges count at its position.
 */
export function jsonOf(node: Node): unknown {
  return new Conversion().value(node);
}

const MERGE = 'tag:yaml.org,2002:merge';
const RATIO_RANGE_LOW = 400_000;
const RATIO_RANGE_HIGH = 4_000_000;

/** Turns nodes into values. It counts them, because a few aliases can expand to more than fits into memory. */
class Conversion {
  readonly #openAliases = new Set<Node>();
  #decoded = 0;
  #aliased = 0;

  value(node: Node): unknown {
    this.#count(node);
    switch (node.is) {
      case 'scalar':
        return scalarOf(node);
      case 'list':
        return node.items.map((item) => this.value(item));
      case 'map':
        return this.#map(node);
      case 'alias':
        return this.#within(node, (of) => this.value(of));
    }
  }

  #map(node: MapNode): object {
    const entries = new Map<string, unknown>();
    this.#fill(entries, node);
    return Object.fromEntries(entries);
  }

  #fill(entries: Map<string, unknown>, { pairs }: MapNode): void {
    for (const [key, value] of pairs) {
      if (isMerge(key)) this.#merge(entries, value);
      else entries.set(this.#key(key), this.value(value));
    }
  }

  /** Merges a map or a list of maps. In a list, earlier maps win. */
  #merge(entries: Map<string, unknown>, value: Node): void {
    const maps = value.is === 'list' ? value.items.toReversed() : [value];
    for (const one of maps) {
      this.#count(one);
      if (one.is === 'map') this.#fill(entries, one);
      else if (one.is === 'alias') this.#within(one, (of) => this.#mergeMap(entries, of));
      else throw new Malformed(one.start, 'only maps can be merged');
    }
  }

  #mergeMap(entries: Map<string, unknown>, node: Node): void {
    if (node.is !== 'map') throw new Malformed(node.start, 'only maps can be merged');
    this.#fill(entries, node);
  }

  #key(node: Node): string {
    const key = node.is === 'alias' ? node.of : node;
    if (key.is !== 'scalar') throw new Malformed(node.start, 'a map or list cannot be a key');
    const text = keyText(valueOfScalar(key));
    if (text === undefined) throw new Malformed(node.start, 'a key must be text, true, false or a number');
    return text;
  }

  #within<T>(node: AliasNode, use: (of: Node) => T): T {
    if (this.#openAliases.has(node.of))
      throw new Malformed(node.start, 'an alias refers to a node that contains it');
    this.#openAliases.add(node.of);
    const value = use(node.of);
    this.#openAliases.delete(node.of);
    return value;
  }

  /** Throws if more nodes come from aliases than kubectl accepts. In a larger document, a smaller share is accepted. */
  #count(node: Node): void {
    this.#decoded += 1;
    if (this.#openAliases.size > 0) this.#aliased += 1;
    if (this.#aliased <= 100 || this.#decoded <= 1000) return;
    const beyond = Math.min(
      1,
      Math.max(0, (this.#decoded - RATIO_RANGE_LOW) / (RATIO_RANGE_HIGH - RATIO_RANGE_LOW)),
    );
    if (this.#aliased / this.#decoded > 0.99 - 0.89 * beyond)
      throw new Malformed(node.start, 'aliases expand to too much');
  }
}

function isMerge(key: Node): boolean {
  return (
    key.is === 'scalar' &&
    key.text === '<<' &&
    (key.tag === MERGE || key.tag === '!' || (key.tag === '' && key.plain))
  );
}

function scalarOf(node: ScalarNode): unknown {
  const value = valueOfScalar(node);
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new Malformed(node.start, 'JSON cannot hold infinity or NaN');
  return value;
}

function valueOfScalar(node: ScalarNode): ReturnType<typeof resolveScalar> {
  try {
    return resolveScalar(node);
  } catch (error) {
    if (error instanceof TagMismatch) throw new Malformed(node.start, 'a value does not match its tag');
    throw error;
  }
}

/** The path to a value in a document: keys and indexes. */
export type Path = readonly (string | number)[];

/** Returns the position of a path in the text. If the path does not exist, it returns that of its nearest parent. */
export function find(root: Node, path: Path): number {
  let [node, position] = [root, root.start];
  for (const step of path) {
    const next = stepInto(node, step);
    if (next === undefined) return position;
    position = next.start;
    node = next.value;
  }
  return position;
}

function stepInto(
  node: Node,
  step: string | number,
): { readonly start: number; readonly value: Node } | undefined {
  if (node.is === 'alias') return stepInto(node.of, step);
  if (node.is === 'list') {
    const item = typeof step === 'number' ? node.items[step] : undefined;
    return item && { start: item.start, value: item };
  }
  if (node.is === 'scalar') return undefined;
  const pair = node.pairs.findLast(
    ([key]) => key.is === 'scalar' && keyText(resolveScalar(key)) === String(step),
  );
  return pair && { start: pair[0].start, value: pair[1] };
}
