import type { ManifestProblem, ManifestIssue, Place } from '../model/manifest.ts';
import type { Text } from './files.ts';
import { type BadDocument, documentsOf } from './yaml/documents.ts';
import type { Path } from './yaml/nodes.ts';
import { type Json, isJson } from '../util/is-json.ts';

/** One object of a file, by itself or from a list. */
export interface Item {
  readonly apiVersion: unknown;
  readonly kind: string;
  readonly json: Json;
  readonly placeOf: (path: Path) => Place;
}

/** A document without a kind. */
export interface KindlessDocument {
  readonly other: unknown;
  readonly at: Place;
}

/** One entry of a file: an object, a document without a kind, or a problem. */
export type FileEntry = Item | KindlessDocument | ManifestProblem;

/** Yields the objects of all documents of a file, and the items of lists one by one. It ignores empty documents. */
export function* itemsOf({ file, source, isRepaired }: Text): Generator<FileEntry> {
  if (isRepaired) yield { at: { file }, issue: { code: 'not-utf8' } };
  for (const document of documentsOf(source)) {
    if ('problem' in document) {
      yield { at: { file, line: document.line }, issue: issueOf(document) };
      continue;
    }
    const placeOf = (path: Path): Place => ({ file, line: document.lineOf(path) });
    if (document.value !== null) yield* open(document.value, placeOf);
    if (document.ignoredFrom !== undefined)
      yield { at: { file, line: document.ignoredFrom }, issue: { code: 'rest-ignored' } };
  }
}

function issueOf({ problem }: BadDocument): ManifestIssue {
  return 'template' in problem ? { code: 'template' } : { code: 'malformed', problem: problem.reason };
}

/**
 * Yields the items of a list. As in kubectl, a list is an object with `items`. A typed list gives its items their kind.
 */
function* open(value: unknown, placeOf: Item['placeOf']): Generator<FileEntry> {
  const item = itemOf(value, placeOf);
  if (item === undefined) return yield { other: value, at: placeOf([]) };
  const { json, kind } = item;
  if (!Object.hasOwn(json, 'items')) return yield item;
  const items: unknown = json['items'] ?? [];
  if (!Array.isArray(items)) return yield { at: placeOf(['items']), issue: notAList(items) };
  const assumed = kind.endsWith('List') ? kind.slice(0, -'List'.length) : '';
  for (const [index, one] of items.entries())
    yield inList(one, assumed, item.apiVersion, (below) => placeOf(['items', index, ...below]));
}

function itemOf(value: unknown, placeOf: Item['placeOf']): Item | undefined {
  if (!isJson(value)) return undefined;
  const { kind, apiVersion } = value;
  if (typeof kind !== 'string' || kind === '') return undefined;
  return { apiVersion: apiVersion ?? undefined, kind, json: value, placeOf };
}

function inList(value: unknown, assumed: string, apiVersion: unknown, placeOf: Item['placeOf']): FileEntry {
  const hasNoKind = isJson(value) && (value['kind'] ?? '') === '';
  const item = itemOf(hasNoKind ? { ...value, apiVersion, kind: assumed } : value, placeOf);
  if (item === undefined) return { at: placeOf([]), issue: { code: 'not-an-object' } };
  if (Object.hasOwn(item.json, 'items')) return { at: placeOf([]), issue: { code: 'list-in-list' } };
  return item;
}

function notAList(found: unknown): ManifestIssue {
  return { code: 'wrong-type', field: 'items', wanted: 'list', found: typeOf(found) };
}

/** Returns the type of a value, as problems name it. */
export function typeOf(value: unknown): 'text' | 'number' | 'boolean' | 'list' | 'map' {
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number' || typeof value === 'bigint') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  return typeof value === 'string' ? 'text' : 'map';
}
