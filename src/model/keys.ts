import type { Kind, ObjectKey, ObjectName, Origin, StringMap } from './objects.ts';

// Keys, names and order of objects.

/** Returns the value of an own key. Plain indexing returns inherited values for `constructor` and `__proto__`. */
export function get(map: StringMap, key: string): string | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Returns whether the map has this own key. */
export function has(map: StringMap, key: string): boolean {
  return Object.hasOwn(map, key);
}

/** Returns whether a map has every entry of `part`. */
export function contains(map: StringMap, part: StringMap): boolean {
  for (const key in part) if (get(map, key) !== part[key]) return false;
  return true;
}

/** Returns the map key of an object. */
export function keyOf(object: ObjectName): ObjectKey {
  return keyFrom(object.kind, object.namespace, object.name);
}

/** Returns the map key of the origin of a copy. A copy has the kind of its origin. */
export function originKeyOf({ kind, origin }: { readonly kind: Kind; readonly origin: Origin }): ObjectKey {
  return keyFrom(kind, origin.namespace, origin.name);
}

/** As {@link keyOf}, from the parts. No part can contain a `/`. */
export function keyFrom(kind: Kind, namespace: string, name: string): ObjectKey {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the only place that makes an ObjectKey
  return `${kind}/${namespace}/${name}` as ObjectKey;
}

/** Compares by code unit, so the order is the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Compares objects for plans and reports: by kind, namespace, name. */
export function compareNames(a: ObjectName, b: ObjectName): number {
  if (a.kind !== b.kind) return compareText(a.kind, b.kind);
  if (a.namespace !== b.namespace) return compareText(a.namespace, b.namespace);
  return compareText(a.name, b.name);
}

/** Returns only kind, namespace and name of an object. */
export function nameOf(object: ObjectName): ObjectName {
  return { kind: object.kind, namespace: object.namespace, name: object.name };
}

/** Returns only namespace and name of an origin. */
export function originOf({ namespace, name }: Origin): Origin {
  return { namespace, name };
}

/** Returns whether two origins of the same kind are the same. */
export function isSameOrigin(a: Origin, b: Origin | undefined): boolean {
  return b !== undefined && a.namespace === b.namespace && a.name === b.name;
}
