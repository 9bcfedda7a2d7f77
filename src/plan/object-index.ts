import { type Marked, type OriginMark, readMarks, readOrigin } from './annotations/markers.ts';
import type { Kind, Namespace, ObjectKey, ObjectMeta, ObjectName, Snapshot } from '../model/objects.ts';
import { compareNames, compareText } from '../model/keys.ts';
import { remembered } from '../util/memoize.ts';
import type { Rules } from './scope.ts';

/** An object with our marks, all in order. */
export interface Copy {
  readonly meta: ObjectMeta;
  readonly origin: OriginMark;
  /** The key of its origin, which is of its own kind. */
  readonly from: ObjectKey;
}

/** One object of the snapshot, and what its marks make of it. */
export interface Found {
  readonly meta: ObjectMeta;
  readonly copy: Copy | undefined;
}

/** Objects of one kind and name, by namespace. */
export type Shelf = ReadonlyMap<string, Found>;

/**
 * The objects of a snapshot by kind and name, then by namespace: those are the only ones that can want, be or hinder
 * the same copy. A cluster has few such names and many namespaces, so that each look-up is by a short text.
 */
export interface Inventory {
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** In the order of kind, namespace and name. */
  readonly all: readonly Found[];
  /** Only those in the shard, as with the strangers: the others belong to other runs. */
  readonly copies: readonly Copy[];
  /** Objects whose marks are another cluster's, or disagree. */
  readonly strangers: readonly { readonly meta: ObjectMeta; readonly marks: Marked }[];
  readonly shelf: (kind: Kind, name: string) => Shelf;
  readonly find: (name: ObjectName) => ObjectMeta | undefined;
}

const EMPTY: Shelf = new Map();

/** Takes stock of a snapshot. The order of the snapshot does not matter. */
export function takeStock({ namespaces, objects }: Snapshot, rules: Rules): Inventory {
  const shelves: Shelves = { ConfigMap: new Map(), Secret: new Map() };
  const strangers: { meta: ObjectMeta; marks: Marked }[] = [];
  const copies: Copy[] = [];
  const read = remembered(readOrigin);
  const all = objects.toSorted(compareNames).map((meta): Found => {
    const marks = readMarks(meta, rules, read);
    const copy = marks.marked === 'ours' ? { meta, origin: marks.origin, from: marks.from } : undefined;
    if (rules.isInShard(meta.namespace)) {
      if (copy !== undefined) copies.push(copy);
      else if (marks.marked !== 'no') strangers.push({ meta, marks });
    }
    const found = { meta, copy };
    put(shelves, found);
    return found;
  });
  const shelf = (kind: Kind, name: string): Shelf => shelves[kind].get(name) ?? EMPTY;
  return {
    namespaces: new Map(
      namespaces.toSorted((a, b) => compareText(a.name, b.name)).map((one) => [one.name, one]),
    ),
    all,
    copies,
    strangers,
    shelf,
    find: ({ kind, namespace, name }) => shelf(kind, name).get(namespace)?.meta,
  };
}

type Shelves = Record<Kind, Map<string, Map<string, Found>>>;

function put(shelves: Shelves, found: Found): void {
  const { kind, name, namespace } = found.meta;
  const shelf = shelves[kind].get(name);
  if (shelf === undefined) shelves[kind].set(name, new Map([[namespace, found]]));
  else shelf.set(namespace, found);
}
