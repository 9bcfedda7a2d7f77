import type { ObjectName, Origin } from '../../model/objects.ts';

/** `1234` as `1,234`: large clusters have counts that are hard to read otherwise. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 namespace`, `2 namespaces`, `1,234 copies`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** The first `most` of them, then `and 7 more`. */
export function bounded(items: readonly string[], most: number): string {
  if (items.length <= most + 1) return items.join(', ');
  return `${items.slice(0, most).join(', ')} and ${grouped(items.length - most)} more`;
}

/** `in other`, `in 3 namespaces: a, b, c` or `in 212 namespaces: a, b, c, …`. */
export function inNamespaces(namespaces: readonly string[], most: number): string {
  const [only] = namespaces;
  if (only !== undefined && namespaces.length === 1) return `in ${only}`;
  const shown = namespaces.length <= most + 1 ? namespaces : [...namespaces.slice(0, most), '…'];
  return `in ${counted(namespaces.length, 'namespace')}: ${shown.join(', ')}`;
}

/** `"a" or "b"`, `"a", "b" or "c"`. */
export function either(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} or ${last}`;
}

/** The items by key, keys and items in the order in which they came. */
export function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** `ConfigMap demo/omni`. */
export function named(object: ObjectName): string {
  return `${object.kind} ${object.namespace}/${object.name}`;
}

/** `demo/omni`. */
export function origin({ namespace, name }: Origin): string {
  return `${namespace}/${name}`;
}
