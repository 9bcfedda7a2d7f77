import type { Finding, KeyHolder, StrayKey } from '../model/finding.ts';
import type { Namespace, ObjectMeta, StringMap } from '../model/objects.ts';
import { IGNORE, SYNC, SYNC_CONTEXTS, canBeSource } from './annotations/markers.ts';
import { invalidAnnotations } from './annotations/narrowing.ts';
import { isOurs, strayKeys } from './annotations/key-spelling.ts';
import type { Selector } from './annotations/selector.ts';
import type { ObjectIndex } from './object-index.ts';
import type { Scope } from './scope.ts';
import { get, has, nameOf } from '../model/keys.ts';
import { groupBy } from '../util/group-by.ts';

// What does a run say about keys that were probably misspelt (docs/design.md 3.4)?

/** A tenant can invent thousands of keys. The next run reports the rest. */
const MAX_KEYS = 5;

/** Whether an object asks for copies, here or in other clusters. */
export function isAnnotated(annotations: StringMap): boolean {
  return has(annotations, SYNC) || has(annotations, SYNC_CONTEXTS);
}

/**
 * The annotations with our prefix that we do not know, on an object that asks for copies. One of them may be an opt-out
 * that its author relies on, so the object is frozen.
 */
function unknownKeys(meta: ObjectMeta): readonly StrayKey[] {
  return strayKeys(meta.kind, { labels: {}, annotations: meta.annotations }).filter(({ key }) => isOurs(key));
}

/** Whether an object may ask for less than is understood: it has an unknown key, or an annotation with an invalid value. */
export function isMisunderstood(meta: ObjectMeta): boolean {
  return unknownKeys(meta).length + invalidAnnotations(meta.annotations).length > 0;
}

/** One error for each object that is frozen because of an unknown key. */
export function unknownKeyFindings(objects: readonly ObjectMeta[], scope: Scope): readonly Finding[] {
  return objects.flatMap((meta): Finding[] => {
    const keys = scope.isSourceNamespace(meta.namespace) ? unknownKeys(meta) : [];
    return keys.length === 0
      ? []
      : [{ reason: 'unknown-key', ...nameOf(meta), keys: keys.slice(0, MAX_KEYS) }];
  });
}

/** What is needed of a source here. */
interface Selecting {
  readonly selector: Selector | undefined;
}

/** A stray key, and the object that has it. */
interface Stray extends StrayKey {
  readonly holder: KeyHolder;
  readonly object: { readonly namespace: string; readonly name?: string };
}

/** One warning for each kind and key, with all objects in the shard that have it. */
export function suspiciousKeyFindings(
  index: ObjectIndex,
  sources: readonly Selecting[],
  scope: Scope,
): readonly Finding[] {
  const stray = [...strayOnObjects(index, scope), ...strayOnNamespaces(index, sources, scope)];
  const groups = groupBy(stray, ({ holder, part, key }) => `${holder} ${part} ${key}`);
  return [...groups.values()].map((group): Finding => {
    const [{ holder, part, key, meant }] = group;
    const objects = group.map(({ object }) => object);
    return {
      reason: 'suspicious-key',
      kind: holder,
      part,
      key,
      ...(meant !== undefined && { meant }),
      objects,
    };
  });
}

/** Outside of `--source-namespace` the right spelling would have no effect either. */
function strayOnObjects({ all }: ObjectIndex, scope: Scope): readonly Stray[] {
  return all.flatMap(({ meta }) => {
    const { kind, namespace, name } = meta;
    const keys = strayKeys(kind, meta);
    if (keys.length === 0 || !scope.isInShard(namespace) || !scope.isSourceNamespace(namespace)) return NONE;
    if (!canBeSource(kind, name)) return NONE;
    const isFrozen = isAnnotated(meta.annotations);
    const warned = keys.filter(({ part, key }) => !(isFrozen && part === 'annotation' && isOurs(key)));
    return warned.slice(0, MAX_KEYS).map((key) => ({ ...key, holder: kind, object: { namespace, name } }));
  });
}

const NONE: readonly Stray[] = [];

/** A label that a selector uses is in its place. */
function strayOnNamespaces(
  { namespaces }: ObjectIndex,
  sources: readonly Selecting[],
  scope: Scope,
): readonly Stray[] {
  const selecting = new Set(sources.flatMap(({ selector = [] }) => selector.map(({ key }) => key)));
  return [...namespaces.values()].flatMap((namespace) => {
    const { name } = namespace;
    if (!scope.isInShard(name) || !(scope.isTargetNamespace(name) || scope.isSourceNamespace(name)))
      return NONE;
    const keys = strayKeys('Namespace', namespace).filter(
      ({ part, key }) => part === 'annotation' || !selecting.has(key),
    );
    return keys
      .slice(0, MAX_KEYS)
      .map((key) => ({ ...key, holder: 'Namespace', object: { namespace: name } }) as const);
  });
}

/** One warning for each unclear value of the opt-out. It counts as `true`: this keeps copies out. */
export function suspiciousIgnoreFindings(namespaces: Iterable<Namespace>, scope: Scope): readonly Finding[] {
  const unclear = [...namespaces].flatMap(({ name, annotations }) => {
    const value = get(annotations, IGNORE);
    const isClear = value === undefined || value === 'true' || value === 'false';
    return isClear || !scope.isTargetNamespace(name) ? [] : [{ name, value }];
  });
  return [...groupBy(unclear, ({ value }) => value)].map(([value, group]): Finding => {
    return { reason: 'suspicious-ignore', value, namespaces: group.map(({ name }) => name) };
  });
}
