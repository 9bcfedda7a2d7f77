import type { Kind, ObjectKey, ObjectName, StringMap } from './objects.ts';

/** The value of an own key. Plain indexing would answer `constructor` and `__proto__` from the prototype. */
export function get(map: StringMap, key: string): string | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Whether the map has this key of its own. */
export function has(map: StringMap, key: string): boolean {
  return Object.hasOwn(map, key);
}

/** Whether all of one map is in another. */
export function contains(map: StringMap, part: StringMap): boolean {
  for (const key in part) if (get(map, key) !== part[key]) return false;
  return true;
}

/** The map key of an object. None of the parts can hold a `/`. */
export function keyOf(object: ObjectName): ObjectKey {
  return keyFrom(object.kind, object.namespace, object.name);
}

/** As {@link keyOf}, of parts. */
export function keyFrom(kind: Kind, namespace: string, name: string): ObjectKey {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one place where the brand is given
  return `${kind}/${namespace}/${name}` as ObjectKey;
}

/** Order by code unit, the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Order of objects in plans and reports: kind, namespace, name. */
export function compareNames(a: ObjectName, b: ObjectName): number {
  if (a.kind !== b.kind) return compareText(a.kind, b.kind);
  if (a.namespace !== b.namespace) return compareText(a.namespace, b.namespace);
  return compareText(a.name, b.name);
}

/** The name alone, without what else an object carries. */
export function nameOf(object: ObjectName): ObjectName {
  return { kind: object.kind, namespace: object.namespace, name: object.name };
}
