import type { ManifestTrouble, Place } from '../model/manifest.ts';
import type { Text } from './files.ts';
import { Trouble } from './manifest-error.ts';
import { type Path, parseDocuments } from './parse-yaml.ts';

/** A map of a manifest: nothing in it may be relied on before it was looked at. */
export interface Json {
  readonly [key: string]: unknown;
}

/** Whether a value of a manifest is a map. */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One object of a text, by itself or out of a list. */
export interface Item {
  readonly apiVersion: unknown;
  readonly kind: string;
  readonly json: Json;
  readonly placeOf: (path: Path) => Place;
}

/** Lists, and the kind of their items where these do not say it: a typed list of the API leaves it out. */
const LISTS: ReadonlyMap<string, string | undefined> = new Map([
  ['List', undefined],
  ['NamespaceList', 'Namespace'],
  ['ConfigMapList', 'ConfigMap'],
  ['SecretList', 'Secret'],
]);

/** The objects of a text: of all its documents, with lists opened. Empty documents are nothing. */
export function* itemsOf({ file, source }: Text): Generator<Item> {
  const documents = parseDocuments(source);
  if ('problem' in documents) {
    const { line, problem } = documents;
    throw new Trouble({ at: { file, line }, trouble: { code: 'malformed', problem } });
  }
  const opened = new Set<Json>();
  for (const [index, value] of documents.values.entries()) {
    const placeOf = (path: Path): Place => ({ file, line: documents.lineOf(index, path) });
    if (value !== null) yield* open(value, [], placeOf, opened);
  }
}

/** An alias can put a list into itself, or into so many others that opening it would never end. */
function* open(
  value: unknown,
  path: Path,
  placeOf: Item['placeOf'],
  opened: Set<Json>,
  assumed?: string,
): Generator<Item> {
  const at = (...more: Path): Place => placeOf([...path, ...more]);
  if (!isJson(value)) throw bad(at(), { code: 'not-an-object' });
  const kind = typeof value['kind'] === 'string' ? value['kind'] : (assumed ?? '');
  const apiVersion = value['apiVersion'] ?? (assumed === undefined ? undefined : 'v1');
  if (!LISTS.has(kind)) return yield { apiVersion, kind, json: value, placeOf: (below) => at(...below) };
  if (opened.has(value)) throw bad(at(), { code: 'list-in-itself' });
  opened.add(value);
  const items = value['items'] ?? [];
  if (!Array.isArray(items)) throw bad(at('items'), notAList(items));
  for (const [index, item] of items.entries())
    yield* open(item, [...path, 'items', index], placeOf, opened, LISTS.get(kind));
}

function notAList(found: unknown): ManifestTrouble {
  return { code: 'wrong-type', field: 'items', wanted: 'list', found: typeOf(found) };
}

function bad(at: Place, trouble: ManifestTrouble): Trouble {
  return new Trouble({ at, trouble });
}

/** What a value is, in the words of complaints. */
export function typeOf(value: unknown): 'text' | 'number' | 'boolean' | 'list' | 'map' {
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number' || typeof value === 'bigint') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  return typeof value === 'string' ? 'text' : 'map';
}
