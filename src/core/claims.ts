import { SYNC } from './marks.ts';
import type { Namespace, ObjectKey, ObjectMeta, Origin } from './model.ts';
import { compareText, get, keyFrom, keyOf } from './records.ts';
import { matches } from './selector.ts';
import { type Copy, type Source, type Survey, originKey } from './survey.ts';

/** One source that asks for its copy in one namespace, and what is there. */
export interface Claimed {
  readonly source: Source;
  readonly namespace: Namespace;
  readonly key: ObjectKey;
  readonly there?: ObjectMeta;
  /** What is there, if it is ours. */
  readonly copy?: Copy;
}

/** Who gets one name in one namespace. */
export type Claim =
  | ({ readonly claim: 'granted' } & Claimed)
  /** The namespace has a source of that kind and name of its own. */
  | ({ readonly claim: 'own-source-there'; readonly claimants: readonly Source[] } & Omit<Claimed, 'source'>)
  /** Another source has it, or keeps it. */
  | ({ readonly claim: 'contested'; readonly keeper: Origin } & Claimed);

/** Every claim of every source on every target, settled (design section 3, "Contested"). */
export function* settleClaims(survey: Survey): Generator<Claim> {
  for (const rivals of rivalries(survey.sources)) {
    for (const namespace of survey.targets) yield* settle(rivals, namespace, survey);
  }
}

/** Sources by kind and name, each group with the older one first. */
function rivalries(sources: readonly Source[]): Iterable<readonly Source[]> {
  const groups = new Map<string, Source[]>();
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

function* settle(rivals: readonly Source[], namespace: Namespace, survey: Survey): Generator<Claim> {
  const [first] = rivals;
  if (first === undefined) return;
  const key = keyFrom(first.meta.kind, namespace.name, first.meta.name);
  const [there, copy] = [survey.objects.get(key), survey.copies.get(key)];
  const claimants = rivals.filter((source) => wants(source, namespace, copy));
  if (claimants.length === 0) return;
  const at = { namespace, key, ...(there && { there }), ...(copy && { copy }) };
  if (there !== undefined && copy === undefined && get(there.annotations, SYNC) !== undefined) {
    yield { claim: 'own-source-there', claimants, ...at };
  } else {
    yield* award(claimants, at, survey);
  }
}

/** Whether a source outside `--source-namespace` asks for what is there: in a run without the option it might get it. */
export function isClaimedOutside(copy: Copy, namespace: Namespace, survey: Survey): boolean {
  return survey.outsiders.some(
    (source) =>
      source.meta.kind === copy.meta.kind &&
      source.meta.name === copy.meta.name &&
      wants(source, namespace, copy),
  );
}

/** Whether a source asks for its copy in a namespace. One that is being deleted asks only for what it has. */
function wants({ meta, selector, fading }: Source, namespace: Namespace, copy: Copy | undefined): boolean {
  if (selector === undefined || meta.namespace === namespace.name || !matches(selector, namespace.labels))
    return false;
  return !fading || (copy !== undefined && originKey(copy) === keyOf(meta));
}

function* award(claimants: readonly Source[], at: Omit<Claimed, 'source'>, survey: Survey): Generator<Claim> {
  const keeper = keeperOf(claimants, at.copy, survey);
  for (const source of claimants) {
    if (keeper === source.meta) yield { claim: 'granted', source, ...at };
    else yield { claim: 'contested', source, keeper, ...at };
  }
}

/** The origin of the copy that is there keeps it, if it is a claimant or frozen; else the oldest claimant gets it. */
function keeperOf(claimants: readonly Source[], copy: Copy | undefined, survey: Survey): Origin {
  const [oldest = { meta: { namespace: '', name: '' } }] = claimants;
  if (copy === undefined) return oldest.meta;
  const holder = claimants.find(({ meta }) => keyOf(meta) === originKey(copy));
  return holder?.meta ?? (isFrozen(copy, survey) ? copy.origin : oldest.meta);
}

/** Whether a copy has to stay exactly as it is, because of what its origin is. */
export function isFrozen(copy: Copy, survey: Survey): boolean {
  return survey.frozen.has(originKey(copy)) && survey.rules.isSourceNamespace(copy.origin.namespace);
}
