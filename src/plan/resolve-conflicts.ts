import type { Copy, IndexedObject } from './object-index.ts';
import { SYNC, SYNC_NAMESPACES } from './annotations/markers.ts';
import type { Namespace, Origin } from '../model/objects.ts';
import { compareText, get, has } from '../model/keys.ts';
import { groupBy } from '../util/group-by.ts';
import { letsIn } from './annotations/accept-from.ts';
import { selects } from './annotations/narrowing.ts';
import { keepsRecordedContext } from './contexts/place.ts';
import { type ClassifiedSnapshot, type Source, takesCopies } from './classify.ts';
import type { Scope } from './scope.ts';

/*
 * Which source may have its copy in a namespace, if several ask for it (docs/design.md 4.3)? Examples for the name `omni`
 * in the namespace `team`:
 *
 *   asked for by           there now                        owner
 *   ---------------------  -------------------------------  -----------------------------------------------------
 *   a (2020)               nothing                          a
 *   a (2020), b (2021)     nothing                          a: it is older
 *   a (2020), b (2021)     the copy of b                    b: the origin of the copy keeps the name
 *   a (2020)               the copy of b, not wanted by b   a: the copy is handed over
 *   a (2020)               the copy of b, b is frozen       b: copies of a frozen source stay (4.4)
 *   a (2020)               the copy of b, b is not visible  b: it may still want the copy (4.2)
 *   a (2020)               a source                         none: no copy may replace a source
 */

/** Sources that ask for the same name in one namespace, the oldest first. */
export type Contenders = readonly [Source, ...Source[]];

/** One name in one namespace: who asks for it, what is there, and who owns it. */
export interface Resolution {
  readonly namespace: Namespace;
  readonly there: IndexedObject | undefined;
  readonly contenders: Contenders;
  /** The origin that the copy here has or gets: a contender or not. Undefined if a source is there. */
  readonly owner: Origin | undefined;
}

/** Resolves every name that sources ask for, one after the other. They are too many to hold in memory. */
export function* resolveConflicts(classified: ClassifiedSnapshot): Generator<Resolution, void> {
  const selectedBy = targetSelection(classified.targets);
  for (const sources of sourcesByName(classified.sources)) {
    const [{ meta }] = sources;
    const objects = classified.index.byName(meta.kind, meta.name);
    // Nearly every name has one source. Then only the namespaces that it selects matter.
    const targets = sources.length === 1 ? selectedBy(sources[0]) : classified.targets;
    for (const namespace of targets) {
      const there = objects.get(namespace.name);
      const contenders = contendersFor(sources, namespace, there?.copy, classified.scope);
      if (isSome(contenders))
        yield { namespace, there, contenders, owner: ownerOf(contenders, there, classified) };
    }
  }
}

/** Returns the targets that a source selects. Sources with the same annotations share the result. */
function targetSelection(targets: readonly Namespace[]): (source: Source) => readonly Namespace[] {
  const known = new Map<string, readonly Namespace[]>();
  return (source) => {
    // A source can be frozen although its annotation is valid.
    if (source.selector === undefined) return [];
    const texts = JSON.stringify([source.text, get(source.meta.annotations, SYNC_NAMESPACES)]);
    const before = known.get(texts);
    if (before !== undefined) return before;
    const selected = targets.filter((namespace) => selects(source, namespace));
    known.set(texts, selected);
    return selected;
  };
}

/** Groups sources by kind and name, each group with the oldest first. */
function sourcesByName(sources: readonly Source[]): Iterable<Contenders> {
  const groups = groupBy(sources, ({ meta }) => `${meta.kind}/${meta.name}`);
  for (const group of groups.values()) group.sort(olderFirst);
  return groups.values();
}

function olderFirst({ meta: a }: Source, { meta: b }: Source): number {
  return compareText(a.creationTimestamp, b.creationTimestamp) || compareText(a.namespace, b.namespace);
}

const NONE: readonly Source[] = [];

/** The sources of one name that ask for a copy here. A single source is known to select the namespace. */
function contendersFor(
  sources: Contenders,
  namespace: Namespace,
  copy: Copy | undefined,
  scope: Scope,
): readonly Source[] {
  if (sources.length === 1) return asksFor(sources[0], namespace, copy, scope) ? sources : NONE;
  return sources.filter((source) => wants(source, namespace, copy, scope));
}

function isSome(sources: readonly Source[]): sources is Contenders {
  return sources.length > 0;
}

/** The origin that owns the name. See the table above. */
function ownerOf(
  contenders: Contenders,
  there: IndexedObject | undefined,
  classified: ClassifiedSnapshot,
): Origin | undefined {
  const oldest = contenders[0];
  if (there === undefined) return oldest.meta;
  const { copy, meta } = there;
  // In another cluster, an object that is a source there is in the way like any other.
  const isSourceHere = classified.scope.remote === undefined && has(meta.annotations, SYNC);
  if (copy === undefined) return isSourceHere ? undefined : oldest.meta;
  const current = contenders.find(({ key }) => key === copy.originKey);
  if (current !== undefined) return current.meta;
  return keepsOrigin(copy, classified) ? copy.origin : oldest.meta;
}

/** Whether a copy stays with its origin, although that origin does not ask for it as far as the run can see. */
function keepsOrigin(copy: Copy, classified: ClassifiedSnapshot): boolean {
  return (
    !classified.scope.isVisible(copy.origin.namespace) ||
    isFrozen(copy, classified) ||
    classified.held.has(copy.originKey) ||
    keepsRecordedContext(copy, classified)
  );
}

/** Whether a copy has to stay exactly as it is, because its origin is frozen (docs/design.md 4.4). */
export function isFrozen({ originKey, origin }: Copy, { frozen, scope }: ClassifiedSnapshot): boolean {
  return frozen.has(originKey) && scope.isSourceNamespace(origin.namespace);
}

/**
 * Whether a run without `--source-namespace` and `--require-consent` might give this copy to a source. Then a run with these
 * options leaves it alone: options never delete.
 */
export function isWantedOutOfScope(
  copy: Copy,
  namespace: Namespace,
  { outOfScopeSources, sources, scope }: ClassifiedSnapshot,
): boolean {
  const others = scope.requireConsent ? [...outOfScopeSources, ...sources] : outOfScopeSources;
  return isWantedBy(others, copy, namespace, scope);
}

/**
 * Whether a frozen source may ask for this copy once it is corrected. Until then the copy stays, although its own origin gave
 * it up: a misspelt annotation must not delete what the corrected one keeps.
 */
export function isWantedByFrozen(
  copy: Copy,
  namespace: Namespace,
  { frozenSources, scope }: ClassifiedSnapshot,
): boolean {
  return takesCopies(namespace, scope) && isWantedBy(frozenSources, copy, namespace, scope);
}

/** Whether one of these sources asks for a copy, with or without `--require-consent`. */
function isWantedBy(sources: readonly Source[], copy: Copy, namespace: Namespace, scope: Scope): boolean {
  const { kind, name } = copy.meta;
  const withoutOption = { ...scope, requireConsent: false };
  return sources.some(
    (source) =>
      source.meta.kind === kind && source.meta.name === name && wants(source, namespace, copy, withoutOption),
  );
}

/** Whether a source asks for a copy in a namespace. */
function wants(source: Source, namespace: Namespace, copy: Copy | undefined, scope: Scope): boolean {
  return selects(source, namespace) && asksFor(source, namespace, copy, scope);
}

/**
 * Whether a source asks for a copy in a namespace that it selects, and the namespace lets it in. While the source is being
 * deleted it only keeps its copies.
 */
function asksFor(
  { meta, ownNamespace, key, isTerminating }: Source,
  namespace: Namespace,
  copy: Copy | undefined,
  scope: Scope,
): boolean {
  const hasCopy = copy?.originKey === key;
  if (ownNamespace === namespace.name || (isTerminating && !hasCopy)) return false;
  return letsIn(namespace, meta.namespace, hasCopy, scope);
}
