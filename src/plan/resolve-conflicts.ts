import type { Copy, IndexedObject, ObjectsByNamespace } from './object-index.ts';
import { SYNC } from './annotations/markers.ts';
import type { Namespace, Origin } from '../model/objects.ts';
import { compareText, has } from '../model/keys.ts';
import { matches } from './annotations/selector.ts';
import type { Source, ClassifiedSnapshot } from './classify.ts';

/** Hears who gets a place, which is a name in a namespace (design section 3, "Contested"); `there` is what is in it now. */
export interface Verdicts {
  readonly granted: (source: Source, namespace: Namespace, there: IndexedObject | undefined) => void;
  /** Another source has it, or keeps it. */
  readonly contested: (
    source: Source,
    namespace: Namespace,
    there: IndexedObject | undefined,
    keeper: Origin,
  ) => void;
  /** The namespace has a source of that kind and name of its own. */
  readonly ownSourceThere: (claimants: Contenders, namespace: Namespace) => void;
}

/** Settles every claim of every source on every target. */
export function resolveConflicts(classified: ClassifiedSnapshot, verdicts: Verdicts): void {
  const selected = selections(classified.targets);
  for (const rivals of rivalries(classified.sources)) {
    const { kind, name } = rivals[0].meta;
    const byNamespace: ObjectsByNamespace = classified.index.byName(kind, name);
    // Nearly every name has one source: then nothing is to be asked in a namespace that it does not select.
    const targets = rivals.length === 1 ? selected(rivals[0]) : classified.targets;
    for (const namespace of targets)
      settle(rivals, namespace, byNamespace.get(namespace.name), classified, verdicts);
  }
}

/** What a source selects of some namespaces: sources whose annotations are the same text share the answer. */
function selections(targets: readonly Namespace[]): (source: Source) => readonly Namespace[] {
  const known = new Map<string, readonly Namespace[]>();
  return (source) => {
    // This may be for reasons that are not in the text.
    if (source.selector === undefined) return [];
    const before = known.get(source.text);
    if (before !== undefined) return before;
    const selected = targets.filter((namespace) => selects(source, namespace));
    known.set(source.text, selected);
    return selected;
  };
}

/** Sources of one kind and name, the older one first. */
export type Contenders = readonly [Source, ...Source[]];

/** Sources by kind and name, each group with the older one first. */
function rivalries(sources: readonly Source[]): Iterable<Contenders> {
  const groups = new Map<string, [Source, ...Source[]]>();
  for (const source of sources) {
    const name = `${source.meta.kind}/${source.meta.name}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [source]);
    else group.push(source);
  }
  for (const group of groups.values()) group.sort(olderFirst);
  return groups.values();
}

function olderFirst({ meta: a }: Source, { meta: b }: Source): number {
  return compareText(a.creationTimestamp, b.creationTimestamp) || compareText(a.namespace, b.namespace);
}

function settle(
  rivals: Contenders,
  namespace: Namespace,
  there: IndexedObject | undefined,
  classified: ClassifiedSnapshot,
  verdicts: Verdicts,
): void {
  const claimants = claimantsOf(rivals, namespace, there?.copy);
  if (!isAny(claimants)) return;
  if (there !== undefined && there.copy === undefined && has(there.meta.annotations, SYNC)) {
    verdicts.ownSourceThere(claimants, namespace);
    return;
  }
  // Nearly every place: what is there is the copy of the only one that asks for it.
  if (claimants.length === 1 && there?.copy?.originKey === claimants[0].key) {
    verdicts.granted(claimants[0], namespace, there);
    return;
  }
  const keeper = keeperOf(claimants, there?.copy, classified);
  for (const source of claimants) {
    if (keeper === source.meta) verdicts.granted(source, namespace, there);
    else verdicts.contested(source, namespace, there, keeper);
  }
}

/** No list is made for each namespace of a name that has one source, whose selected namespaces these are. */
function claimantsOf(rivals: Contenders, namespace: Namespace, copy: Copy | undefined): readonly Source[] {
  if (rivals.length === 1) return asks(rivals[0], namespace, copy) ? rivals : NOBODY;
  return rivals.filter((source) => wants(source, namespace, copy));
}

const NOBODY: readonly Source[] = [];

function isAny(sources: readonly Source[]): sources is Contenders {
  return sources.length > 0;
}

/** Whether a source outside `--source-namespace` asks for what is there: in a run without the option it might get it. */
export function isWantedOutOfScope(
  copy: Copy,
  namespace: Namespace,
  { outOfScopeSources }: ClassifiedSnapshot,
): boolean {
  const { kind, name } = copy.meta;
  return outOfScopeSources.some(
    (source) => source.meta.kind === kind && source.meta.name === name && wants(source, namespace, copy),
  );
}

/** Whether a source asks for its copy in a namespace. */
function wants(source: Source, namespace: Namespace, copy: Copy | undefined): boolean {
  return selects(source, namespace) && asks(source, namespace, copy);
}

function selects({ selector }: Source, { labels }: Namespace): boolean {
  return selector !== undefined && matches(selector, labels);
}

/** Whether a source asks for a copy in a namespace that it selects. One that is being deleted asks only for what it has. */
function asks({ meta, key, isTerminating }: Source, namespace: Namespace, copy: Copy | undefined): boolean {
  return meta.namespace !== namespace.name && (!isTerminating || copy?.originKey === key);
}

/**
 * The origin of the copy that is there keeps it, if it is a claimant or frozen, or where nobody can see what it is;
 * else the oldest claimant gets it.
 */
function keeperOf(claimants: Contenders, copy: Copy | undefined, classified: ClassifiedSnapshot): Origin {
  const oldest = claimants[0];
  if (copy === undefined || copy.originKey === oldest.key) return oldest.meta;
  if (!classified.scope.isVisible(copy.origin.namespace)) return copy.origin;
  const holder = claimants.find(({ key }) => key === copy.originKey);
  return holder?.meta ?? (isFrozen(copy, classified) ? copy.origin : oldest.meta);
}

/** Whether a copy has to stay exactly as it is, because of what its origin is. */
export function isFrozen({ originKey: from, origin }: Copy, { frozen, scope }: ClassifiedSnapshot): boolean {
  return frozen.has(from) && scope.isSourceNamespace(origin.namespace);
}
