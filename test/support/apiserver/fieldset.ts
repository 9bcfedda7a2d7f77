/**
 * Sets of field paths, the arithmetic of `managedFields`.
 *
 * A path is a chain of FieldsV1 elements joined by NUL: `f:data␀f:key`. `f:data` (the map) and `f:data␀f:key` (one
 * entry) are separate members, like `"."` and `"f:key"` in FieldsV1.
 */

import {
  compareText,
  isObject,
  stringMap,
  tidy,
  type Json,
  type JsonObject,
  type KubeObject,
  type StringMap,
} from './model.ts';

const SEPARATOR = '\0';

/** A set of paths. */
export type FieldSet = ReadonlySet<string>;

/** The fields of an object with a text of each value. Containers have the value null. */
export type Leaves = ReadonlyMap<string, string | null>;

/** The differences between two objects. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** The path of the given elements. */
export function pathOf(...elements: readonly string[]): string {
  return elements.join(SEPARATOR);
}

/** The elements of a path. */
export function elementsOf(path: string): string[] {
  return path.split(SEPARATOR);
}

/** Every path of one set that is not in the other. */
export function difference(a: FieldSet, b: FieldSet): Set<string> {
  const kept = new Set<string>();
  for (const path of a) if (!b.has(path)) kept.add(path);
  return kept;
}

/** Every path that is in one of the sets. */
export function union(...sets: readonly FieldSet[]): Set<string> {
  const all = new Set<string>();
  for (const set of sets) for (const path of set) all.add(path);
  return all;
}

/** Every path that is in both sets. */
export function intersection(a: FieldSet, b: FieldSet): Set<string> {
  const both = new Set<string>();
  for (const path of a) if (b.has(path)) both.add(path);
  return both;
}

/** The fields that managers can own: not the name, uid and similar ones, and not the status of a namespace. */
export function leavesOf(object: KubeObject | undefined): Leaves {
  const leaves: LeafMap = new Map();
  if (object === undefined) return leaves;
  addMap(leaves, 'f:data', object.data);
  addMap(leaves, 'f:binaryData', object.binaryData);
  addMap(leaves, 'f:stringData', object.stringData);
  if (object.type !== undefined) leaves.set('f:type', object.type);
  if (object.immutable !== undefined) leaves.set('f:immutable', String(object.immutable));
  const { finalizers } = object.spec ?? {};
  if (finalizers !== undefined) leaves.set(pathOf('f:spec', 'f:finalizers'), JSON.stringify(finalizers));
  addMetadata(leaves, object);
  return leaves;
}

function addMetadata(leaves: LeafMap, { metadata }: KubeObject): void {
  for (const key of ['deletionTimestamp', 'deletionGracePeriodSeconds'] as const)
    if (metadata[key] !== undefined) leaves.set(pathOf('f:metadata', `f:${key}`), String(metadata[key]));
  addMap(leaves, pathOf('f:metadata', 'f:labels'), metadata.labels);
  addMap(leaves, pathOf('f:metadata', 'f:annotations'), metadata.annotations);
  const finalizers = (metadata.finalizers ?? []).map((each) => [`v:${JSON.stringify(each)}`, each] as const);
  addAll(leaves, pathOf('f:metadata', 'f:finalizers'), finalizers);
  const owners = (metadata.ownerReferences ?? []).map(
    (each) => [`k:${JSON.stringify({ uid: each['uid'] })}`, JSON.stringify(each)] as const,
  );
  addAll(leaves, pathOf('f:metadata', 'f:ownerReferences'), owners);
}

function addMap(leaves: LeafMap, path: string, map: Readonly<Record<string, string>> | undefined): void {
  if (map === undefined) return;
  addAll(
    leaves,
    path,
    Object.entries(map).map(([key, value]) => [`f:${key}`, value] as const),
  );
}

function addAll(leaves: LeafMap, path: string, entries: readonly (readonly [string, string])[]): void {
  if (entries.length === 0) return;
  leaves.set(path, null);
  for (const [element, value] of entries) leaves.set(path + SEPARATOR + element, value);
}

type LeafMap = Map<string, string | null>;

/** What changed from one object to the next. */
export function compare(before: Leaves, after: Leaves): Comparison {
  const added = new Set<string>();
  const modified = new Set<string>();
  for (const [path, value] of after) {
    const old = before.get(path);
    if (old === undefined) added.add(path);
    else if (old !== value) modified.add(path);
  }
  const removed = new Set([...before.keys()].filter((path) => !after.has(path)));
  return { added, modified, removed };
}

/** The set with every map and list above its paths, which pruning needs. `metadata` and `spec` always stay. */
export function withContainers(set: FieldSet): Set<string> {
  const all = new Set(set);
  for (const path of set) {
    const elements = elementsOf(path);
    for (let depth = isStruct(elements[0]) ? 2 : 1; depth < elements.length; depth++)
      all.add(pathOf(...elements.slice(0, depth)));
  }
  return all;
}

function isStruct(element: string | undefined): boolean {
  return element === 'f:metadata' || element === 'f:spec';
}

/** The object with its ownable fields set to the leaves. The reverse of {@link leavesOf}. */
export function withLeaves(object: KubeObject, leaves: Leaves): KubeObject {
  const metadata = (name: string): string => pathOf('f:metadata', `f:${name}`);
  const owners = [...childrenOf(leaves, metadata('ownerReferences')).values()];
  const finalizers = [...childrenOf(leaves, metadata('finalizers')).values()];
  const immutable = leaves.get('f:immutable');
  return tidy({
    ...object,
    metadata: {
      ...object.metadata,
      labels: mapAt(leaves, metadata('labels')),
      annotations: mapAt(leaves, metadata('annotations')),
      ownerReferences: owners.map((text) => JSON.parse(text) as JsonObject),
      finalizers,
    },
    data: mapAt(leaves, 'f:data'),
    binaryData: mapAt(leaves, 'f:binaryData'),
    stringData: mapAt(leaves, 'f:stringData'),
    type: leaves.get('f:type') ?? undefined,
    immutable: typeof immutable === 'string' ? immutable === 'true' : undefined,
  });
}

/** The maps that an apply leaves without an entry: they are `{}`, which differs from a missing one. */
export function emptyMapsOf(leaves: Leaves | undefined): ('binaryData' | 'data')[] {
  const names = ['data', 'binaryData'] as const;
  return names.filter((name) => leaves?.has(`f:${name}`) && mapAt(leaves, `f:${name}`) === undefined);
}

function mapAt(leaves: Leaves, path: string): StringMap | undefined {
  return stringMap(
    [...childrenOf(leaves, path)].map(([element, value]) => [element.slice(2), value] as const),
  );
}

function childrenOf(leaves: Leaves, path: string): Map<string, string> {
  const children = new Map<string, string>();
  const prefix = path + SEPARATOR;
  for (const [each, value] of leaves)
    if (value !== null && each.startsWith(prefix)) children.set(each.slice(prefix.length), value);
  return children;
}

/** The `fieldsV1` text of a set. */
export function toFieldsV1(set: FieldSet): JsonObject {
  const root: Tree = new Map();
  for (const path of [...set].toSorted(compareText)) {
    let node = root;
    for (const element of elementsOf(path)) node = childOf(node, element);
    node.set('.', new Map());
  }
  return asFields(root);
}

type Tree = Map<string, Tree>;

function childOf(node: Tree, element: string): Tree {
  const child = node.get(element) ?? new Map();
  node.set(element, child);
  return child;
}

function asFields(node: Tree): JsonObject {
  const inner = [...node].filter(([element]) => element !== '.' || node.size > 1);
  return Object.fromEntries(inner.map(([element, child]) => [element, asFields(child)]));
}

/** The set of a `fieldsV1`. Undefined if it is malformed. */
export function fromFieldsV1(fields: Json | undefined): Set<string> | undefined {
  const set = new Set<string>();
  if (fields === undefined) return set;
  return isObject(fields) && readFields(fields, '', set) ? set : undefined;
}

function readFields(fields: JsonObject, prefix: string, set: Set<string>): boolean {
  for (const [element, child] of Object.entries(fields)) {
    if (!isObject(child)) return false;
    if (element === '.') {
      if (prefix !== '') set.add(prefix);
    } else if (!readElement(element, child, prefix, set)) return false;
  }
  return true;
}

function readElement(element: string, child: JsonObject, prefix: string, set: Set<string>): boolean {
  if (!isElement(element)) return false;
  const path = prefix === '' ? element : prefix + SEPARATOR + element;
  if (Object.keys(child).length === 0) set.add(path);
  return readFields(child, path, set);
}

function isElement(element: string): boolean {
  if (element.startsWith('f:')) return true;
  if (/^i:-?\d+$/u.test(element)) return true;
  if (!/^[vk]:/u.test(element)) return false;
  try {
    JSON.parse(element.slice(2));
    return true;
  } catch {
    return false;
  }
}
