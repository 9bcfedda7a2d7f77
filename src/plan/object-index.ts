import { type OriginMark, readOrigin } from './annotations/markers.ts';
import { type MarkReading, type WeakClaim, readMarks } from './annotations/read-marks.ts';
import type { Kind, Namespace, ObjectKey, ObjectMeta, ObjectName, Snapshot } from '../model/objects.ts';
import { compareNames, compareText } from '../model/keys.ts';
import { memoize } from '../util/memoize.ts';
import type { Scope } from './scope.ts';

// Which objects does a snapshot have under one kind and name, and which of them are copies?

/** An object whose marks are ours and in order. */
export interface Copy {
  readonly meta: ObjectMeta;
  readonly origin: OriginMark;
  /** The key of its origin. */
  readonly originKey: ObjectKey;
  /** It is ours only where a source asks for it. */
  readonly claim?: WeakClaim;
}

/** One object of the snapshot. It has a `copy` if its marks say that it is one. */
export interface IndexedObject {
  readonly meta: ObjectMeta;
  readonly copy: Copy | undefined;
}

/** Objects of one kind and name, by namespace. */
export type ObjectsByNamespace = ReadonlyMap<string, IndexedObject>;

/**
 * The objects of a snapshot by kind and name, then by namespace. Only objects of one kind and name can ask for the same
 * copy, be it, or conflict with it. A cluster has few such names and many namespaces, so each key is a short text.
 */
export interface ObjectIndex {
  readonly namespaces: ReadonlyMap<string, Namespace>;
  /** Sorted by kind, namespace and name. */
  readonly all: readonly IndexedObject[];
  /** Only those in the shard, as `unrecognized`. The others belong to other runs. */
  readonly copies: readonly Copy[];
  /** Objects whose marks name another cluster or contradict each other. */
  readonly unrecognized: readonly { readonly meta: ObjectMeta; readonly marks: MarkReading }[];
  readonly byName: (kind: Kind, name: string) => ObjectsByNamespace;
  readonly find: (name: ObjectName) => ObjectMeta | undefined;
}

const EMPTY: ObjectsByNamespace = new Map();

/** Builds the index of a snapshot. The order of the snapshot does not matter. */
export function buildIndex({ namespaces, objects }: Snapshot, scope: Scope): ObjectIndex {
  const kinds: ObjectsByKind = { ConfigMap: new Map(), Secret: new Map() };
  const unrecognized: { meta: ObjectMeta; marks: MarkReading }[] = [];
  const copies: Copy[] = [];
  const read = memoize(readOrigin);
  const all = objects.toSorted(compareNames).map((meta): IndexedObject => {
    const marks = readMarks(meta, scope, read);
    const copy = marks.marked === 'ours' ? copyOf(meta, marks) : undefined;
    if (scope.isInShard(meta.namespace)) {
      if (copy !== undefined) copies.push(copy);
      else if (marks.marked !== 'no') unrecognized.push({ meta, marks });
    }
    const indexed = { meta, copy };
    addTo(kinds, indexed);
    return indexed;
  });
  const byName = (kind: Kind, name: string): ObjectsByNamespace => kinds[kind].get(name) ?? EMPTY;
  return {
    namespaces: new Map(
      namespaces.toSorted((a, b) => compareText(a.name, b.name)).map((one) => [one.name, one]),
    ),
    all,
    copies,
    unrecognized,
    byName,
    find: ({ kind, namespace, name }) => byName(kind, name).get(namespace)?.meta,
  };
}

function copyOf(meta: ObjectMeta, marks: Extract<MarkReading, { readonly marked: 'ours' }>): Copy {
  const { origin, originKey, claim } = marks;
  return claim === undefined ? { meta, origin, originKey } : { meta, origin, originKey, claim };
}

type ObjectsByKind = Record<Kind, Map<string, Map<string, IndexedObject>>>;

function addTo(kinds: ObjectsByKind, indexed: IndexedObject): void {
  const { kind, name, namespace } = indexed.meta;
  const byNamespace = kinds[kind].get(name);
  if (byNamespace === undefined) kinds[kind].set(name, new Map([[namespace, indexed]]));
  else byNamespace.set(namespace, indexed);
}
