import type { Kind, ObjectKey, ObjectName, Origin, StringMap } from './objects.ts';

// How objects are named, compared and found in maps.

/** The value of an own key. Plain indexing would return inherited values for `constructor` and `__proto__`. */
export function get(map: StringMap, key: string): string | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Whether the map has this key itself. */
export function has(map: StringMap, key: string): boolean {
  return Object.hasOwn(map, key);
}

/** Whether a map has every entry of `part`. */
export function contains(map: StringMap, part: StringMap): boolean {
  for (const key in part) if (get(map, key) !== part[key]) return false;
  return true;
}

/** The map key of an object. */
export function keyOf(object: ObjectName): ObjectKey {
  return keyFrom(object.kind, object.namespace, object.name);
}

/** The map key of an origin. A copy has the kind of its origin. */
export function originKeyOf({ kind, origin }: { readonly kind: Kind; readonly origin: Origin }): ObjectKey {
  return keyFrom(kind, origin.namespace, origin.name);
}

/** As {@link keyOf}, from the parts. No part can contain a `/`. */
export function keyFrom(kind: Kind, namespace: string, name: string): ObjectKey {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the only place that makes an ObjectKey
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

/** Only the name of an object, without its other fields. */
export function nameOf(object: ObjectName): ObjectName {
  return { kind: object.kind, namespace: object.namespace, name: object.name };
}

/** Only the two names of an origin, without other fields of the value. */
export function originOf({ namespace, name }: Origin): Origin {
  return { namespace, name };
}

/** Whether two origins of one kind are the same. */
export function isSameOrigin(a: Origin, b: Origin | undefined): boolean {
  return b !== undefined && a.namespace === b.namespace && a.name === b.name;
}
