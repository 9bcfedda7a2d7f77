import { type MarkReading, type OriginMark, readMarks, readOrigin } from './annotations/markers.ts';
import type { Kind, Namespace, ObjectKey, ObjectMeta, ObjectName, Snapshot } from '../model/objects.ts';
import { compareNames, compareText } from '../model/keys.ts';
import { memoize } from '../util/memoize.ts';
import type { Scope } from './scope.ts';

/** An object with our marks, all in order. */
export interface Copy {
  readonly meta: ObjectMeta;
  readonly origin: OriginMark;
  /** The key of its origin, which is of its own kind. */
  readonly originKey: ObjectKey;
}

/** One object of the snapshot, and what its marks make of it. */
export interface IndexedObject {
  readonly meta: ObjectMeta;
  readonly copy: Copy | undefined;
}

/** Objects of one kind and name, by namespace. */
export type ObjectsByNamespace = ReadonlyMap<string, IndexedObject>;

/**
 * The objects of a snapshot by kind and name, then by namespace: those are the only ones that can want, be or hinder
 * the same copy. A cluster has few such names and many namespaces, so that each look-up is by a short text.
 */
export interface ObjectIndex {
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** In the order of kind, namespace and name. */
  readonly all: readonly IndexedObject[];
  /** Only those in the shard, as with the strangers: the others belong to other runs. */
  readonly copies: readonly Copy[];
  /** Objects whose marks are another cluster's, or disagree. */
  readonly unrecognized: readonly { readonly meta: ObjectMeta; readonly marks: MarkReading }[];
  readonly byName: (kind: Kind, name: string) => ObjectsByNamespace;
  readonly find: (name: ObjectName) => ObjectMeta | undefined;
}

const EMPTY: ObjectsByNamespace = new Map();

/** Takes stock of a snapshot. The order of the snapshot does not matter. */
export function buildIndex({ namespaces, objects }: Snapshot, scope: Scope): ObjectIndex {
  const shelves: Shelves = { ConfigMap: new Map(), Secret: new Map() };
  const strangers: { meta: ObjectMeta; marks: MarkReading }[] = [];
  const copies: Copy[] = [];
  const read = memoize(readOrigin);
  const all = objects.toSorted(compareNames).map((meta): IndexedObject => {
    const marks = readMarks(meta, scope, read);
    const copy = marks.marked === 'ours' ? { meta, origin: marks.origin, originKey: marks.from } : undefined;
    if (scope.isInShard(meta.namespace)) {
      if (copy !== undefined) copies.push(copy);
      else if (marks.marked !== 'no') strangers.push({ meta, marks });
    }
    const found = { meta, copy };
    put(shelves, found);
    return found;
  });
  const byName = (kind: Kind, name: string): ObjectsByNamespace => shelves[kind].get(name) ?? EMPTY;
  return {
    namespaces: new Map(
      namespaces.toSorted((a, b) => compareText(a.name, b.name)).map((one) => [one.name, one]),
    ),
    all,
    copies,
    unrecognized: strangers,
    byName,
    find: ({ kind, namespace, name }) => byName(kind, name).get(namespace)?.meta,
  };
}

type Shelves = Record<Kind, Map<string, Map<string, IndexedObject>>>;

function put(shelves: Shelves, found: IndexedObject): void {
  const { kind, name, namespace } = found.meta;
  const byNamespace = shelves[kind].get(name);
  if (byNamespace === undefined) shelves[kind].set(name, new Map([[namespace, found]]));
  else byNamespace.set(namespace, found);
}
