import type { Copy, Found, Shelf } from './inventory.ts';
import { SYNC } from './marks.ts';
import type { Kind, Namespace, Origin } from './model.ts';
import { compareText, has } from './records.ts';
import { matches } from './selector.ts';
import type { Source, Survey } from './survey.ts';

/** One name in one namespace, and what is there. */
export interface Place {
  readonly kind: Kind;
  readonly name: string;
  readonly namespace: Namespace;
  readonly there: Found | undefined;
}

/** Hears who gets a place (design section 3, "Contested"). */
export interface Verdicts {
  readonly granted: (source: Source, place: Place) => void;
  /** Another source has it, or keeps it. */
  readonly contested: (source: Source, place: Place, keeper: Origin) => void;
  /** The namespace has a source of that kind and name of its own. */
  readonly ownSourceThere: (claimants: readonly Source[], place: Place) => void;
}

/** Settles every claim of every source on every target. */
export function settleClaims(survey: Survey, verdicts: Verdicts): void {
  for (const rivals of rivalries(survey.sources)) {
    const { kind, name } = rivals[0].meta;
    const shelf: Shelf = survey.inventory.shelf(kind, name);
    for (const namespace of survey.targets) {
      const there = shelf.get(namespace.name);
      settle(rivals, { kind, name, namespace, there }, survey, verdicts);
    }
  }
}

type Rivals = readonly [Source, ...Source[]];

/** Sources by kind and name, each group with the older one first. */
function rivalries(sources: readonly Source[]): Iterable<Rivals> {
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

function settle(rivals: Rivals, place: Place, survey: Survey, verdicts: Verdicts): void {
  const { there, namespace } = place;
  const claimants = claimantsOf(rivals, namespace, there?.copy);
  const [oldest] = claimants;
  if (oldest === undefined) return;
  if (there !== undefined && there.copy === undefined && has(there.meta.annotations, SYNC)) {
    verdicts.ownSourceThere(claimants, place);
    return;
  }
  const keeper = keeperOf(oldest, claimants, there?.copy, survey);
  for (const source of claimants) {
    if (keeper === source.meta) verdicts.granted(source, place);
    else verdicts.contested(source, place, keeper);
  }
}

/** Nearly every name has one source: no list is made for each namespace of those. */
function claimantsOf(rivals: Rivals, namespace: Namespace, copy: Copy | undefined): readonly Source[] {
  if (rivals.length === 1) return wants(rivals[0], namespace, copy) ? rivals : NOBODY;
  return rivals.filter((source) => wants(source, namespace, copy));
}

const NOBODY: readonly Source[] = [];

/** Whether a source outside `--source-namespace` asks for what is there: in a run without the option it might get it. */
export function isClaimedOutside(copy: Copy, namespace: Namespace, { outsiders }: Survey): boolean {
  const { kind, name } = copy.meta;
  return outsiders.some(
    (source) => source.meta.kind === kind && source.meta.name === name && wants(source, namespace, copy),
  );
}

/** Whether a source asks for its copy in a namespace. One that is being deleted asks only for what it has. */
function wants(
  { meta, key, selector, fading }: Source,
  namespace: Namespace,
  copy: Copy | undefined,
): boolean {
  if (selector === undefined || meta.namespace === namespace.name || !matches(selector, namespace.labels))
    return false;
  return !fading || copy?.from === key;
}

/**
 * The origin of the copy that is there keeps it, if it is a claimant or frozen, or where nobody can see what it is;
 * else the oldest claimant gets it.
 */
function keeperOf(
  oldest: Source,
  claimants: readonly Source[],
  copy: Copy | undefined,
  survey: Survey,
): Origin {
  if (copy === undefined || copy.from === oldest.key) return oldest.meta;
  if (!survey.rules.isVisible(copy.origin.namespace)) return copy.origin;
  const holder = claimants.find(({ key }) => key === copy.from);
  return holder?.meta ?? (isFrozen(copy, survey) ? copy.origin : oldest.meta);
}

/** Whether a copy has to stay exactly as it is, because of what its origin is. */
export function isFrozen({ from, origin }: Copy, { frozen, rules }: Survey): boolean {
  return frozen.has(from) && rules.isSourceNamespace(origin.namespace);
}
