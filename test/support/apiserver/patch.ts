/** The three patch languages that work on JSON: merge patch, strategic merge patch, JSON patch. */

import { isObject, own, type Json, type JsonObject } from './model.ts';
import { badRequest, StatusError } from './status.ts';

/** RFC 7386. */
export function mergePatch(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined || value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key) ?? null, value));
  }
  return Object.fromEntries(merged);
}

/**
 * Strategic merge patch, as far as these kinds need it: maps merge, finalizers are joined, ownerReferences merge by
 * uid. It knows the directives `$patch`, `$retainKeys`, `$setElementOrder` and `$deleteFromPrimitiveList`.
 */
export function strategicMerge(target: Json, patch: Json, key = ''): Json {
  if (Array.isArray(patch)) return strategicList(Array.isArray(target) ? target : [], patch, key);
  if (!isObject(patch)) return patch;
  if (patch['$patch'] === 'replace') return withoutDirectives(patch);
  if (patch['$patch'] === 'delete') return {};
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  retainKeys(merged, patch['$retainKeys']);
  for (const [name, value] of Object.entries(patch)) strategicField(merged, name, value ?? null);
  return Object.fromEntries(merged);
}

function strategicField(merged: Map<string, Json | undefined>, name: string, value: Json): void {
  const [directive, list = ''] = name.split('/');
  if (directive === '$deleteFromPrimitiveList') removeItems(merged, list, value);
  else if (name === '$setElementOrder/finalizers') orderItems(merged, 'finalizers', value);
  else if (name.startsWith('$')) return;
  else if (value === null) merged.delete(name);
  else merged.set(name, strategicMerge(merged.get(name) ?? null, value, name));
}

function retainKeys(merged: Map<string, Json | undefined>, keys: Json | undefined): void {
  if (!Array.isArray(keys)) return;
  for (const key of merged.keys()) if (!keys.includes(key)) merged.delete(key);
}

function removeItems(merged: Map<string, Json | undefined>, name: string, items: Json): void {
  const list = merged.get(name);
  if (!Array.isArray(list) || !Array.isArray(items)) return;
  merged.set(
    name,
    list.filter((each: Json) => !items.includes(each)),
  );
}

function orderItems(merged: Map<string, Json | undefined>, name: string, order: Json): void {
  const list = merged.get(name);
  if (!Array.isArray(list) || !Array.isArray(order)) return;
  const rank = (each: Json): number => (order.includes(each) ? order.indexOf(each) : order.length);
  merged.set(
    name,
    list.toSorted((a: Json, b: Json) => rank(a) - rank(b)),
  );
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([key]) => !key.startsWith('$')));
}

function strategicList(target: readonly Json[], patch: readonly Json[], key: string): Json {
  if (key === 'finalizers')
    return [...new Set([...patch.filter((each) => !target.includes(each)), ...target])];
  return key === 'ownerReferences' ? mergeOwners(target, patch) : patch;
}

function mergeOwners(target: readonly Json[], patch: readonly Json[]): Json {
  const uidOf = (each: Json): Json => (isObject(each) ? (each['uid'] ?? '') : '');
  const known = new Map(target.map((each) => [uidOf(each), each]));
  const fresh: Json[] = [];
  for (const each of patch) {
    const there = known.get(uidOf(each));
    if (isObject(each) && each['$patch'] === 'delete') known.delete(uidOf(each));
    else if (there === undefined) fresh.push(each);
    else known.set(uidOf(each), strategicMerge(there, each));
  }
  return [...fresh, ...known.values()];
}

/** RFC 6902. A failed operation is the 422 without details of the real server. */
export function jsonPatch(target: Json, patch: Json): Json {
  if (!Array.isArray(patch)) throw badRequest('error decoding patch: a JSON patch is an array');
  return patch.reduce<Json>((document, operation: Json) => applyOperation(document, operation), target);
}

function applyOperation(document: Json, operation: Json): Json {
  if (!isObject(operation)) throw rejected();
  const { op, path, from, value = null } = operation;
  const target = pointer(path);
  if (op === 'add' || op === 'replace') return setAt(document, target, value, op === 'add');
  if (op === 'remove') return removeAt(document, target);
  if (op === 'copy') return setAt(document, target, getAt(document, pointer(from)), true);
  if (op === 'move') {
    const moved = getAt(document, pointer(from));
    return setAt(removeAt(document, pointer(from)), target, moved, true);
  }
  if (op === 'test' && sameJson(getAt(document, target), value)) return document;
  throw rejected();
}

function rejected(): StatusError {
  const message = 'the server rejected our request due to an error in our request';
  return new StatusError(422, 'Invalid', message, {});
}

function pointer(path: Json | undefined): string[] {
  if (path === '') return [];
  if (typeof path !== 'string' || !path.startsWith('/')) throw rejected();
  const parts = path.slice(1).split('/');
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A missing key is equal to null, as in the library of the real server. */
function getAt(document: Json, path: readonly string[]): Json {
  return path.reduce<Json>((node, key) => {
    if (Array.isArray(node)) return node[Number(key)] ?? null;
    if (isObject(node)) return own(node, key) ?? null;
    throw rejected();
  }, document);
}

function setAt(document: Json, path: readonly string[], value: Json, insert: boolean): Json {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(document)) return setInList(document, key, rest, value, insert);
  if (!isObject(document)) throw rejected();
  const next = rest.length === 0 ? value : setAt(own(document, key) ?? null, rest, value, insert);
  return Object.fromEntries([...Object.entries(document), [key, next]]);
}

function setInList(
  list: readonly Json[],
  key: string,
  rest: readonly string[],
  value: Json,
  insert: boolean,
): Json {
  const index = key === '-' ? list.length : Number(key);
  if (!Number.isInteger(index) || index < 0 || index > list.length) throw rejected();
  if (rest.length > 0) return list.with(index, setAt(list[index] ?? null, rest, value, insert));
  return insert ? list.toSpliced(index, 0, value) : list.with(index, value);
}

function removeAt(document: Json, path: readonly string[]): Json {
  const [key, ...rest] = path;
  if (key === undefined) throw rejected();
  if (Array.isArray(document)) {
    const index = Number(key);
    if (!(index in document)) throw rejected();
    if (rest.length === 0) return document.toSpliced(index, 1);
    return document.with(index, removeAt(document[index] ?? null, rest));
  }
  if (!isObject(document) || !Object.hasOwn(document, key)) throw rejected();
  const kept = Object.entries(document).filter(([each]) => each !== key);
  if (rest.length === 0) return Object.fromEntries(kept);
  return Object.fromEntries([...kept, [key, removeAt(own(document, key) ?? null, rest)]]);
}

function sameJson(a: Json, b: Json): boolean {
  return JSON.stringify(sortKeys(a)) === JSON.stringify(sortKeys(b));
}

function sortKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map((each: Json) => sortKeys(each));
  if (!isObject(value)) return value;
  const keys = Object.keys(value).toSorted();
  return Object.fromEntries(keys.map((key) => [key, sortKeys(value[key] ?? null)]));
}
