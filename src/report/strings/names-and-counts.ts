/* How counts, lists of names and objects are written in sentences. */

import type { ObjectName, Origin } from '../../model/objects.ts';

/** Returns a count with commas: 1234 → `1,234`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Returns a count with its noun: `1 namespace`, `2 namespaces`, `1,234 copies`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Returns the first `most` items, then `and 7 more`. */
export function joinFirst(items: readonly string[], most: number): string {
  if (items.length <= most + 1) return items.join(', ');
  return `${items.slice(0, most).join(', ')} and ${formatCount(items.length - most)} more`;
}

/** Returns `in other`, `in 3 namespaces: a, b, c` or `in 212 namespaces: a, b, c, …`. */
export function inNamespaces(namespaces: readonly string[], most: number): string {
  const [only] = namespaces;
  if (only !== undefined && namespaces.length === 1) return `in ${only}`;
  const shown = namespaces.length <= most + 1 ? namespaces : [...namespaces.slice(0, most), '…'];
  return `in ${countOf(namespaces.length, 'namespace')}: ${shown.join(', ')}`;
}

/** Returns `"a" or "b"`, or `"a", "b" or "c"`. */
export function joinWithOr(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} or ${last}`;
}

/** Returns the name of an object with its kind: `ConfigMap demo/omni`. */
export function objectName(object: ObjectName): string {
  return `${object.kind} ${object.namespace}/${object.name}`;
}

/** Returns the name of an origin: `demo/omni`. */
export function originName({ namespace, name }: Origin): string {
  return `${namespace}/${name}`;
}
