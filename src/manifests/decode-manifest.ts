import type { Manifest, ManifestTrouble, NamespaceManifest, Place } from '../model/manifest.ts';
import type { Kind, ManagedFieldsEntry, StringMap } from '../model/objects.ts';
import { type Item, type Json, isJson, typeOf } from './items.ts';
import { Trouble } from './manifest-error.ts';
import type { Path } from './parse-yaml.ts';

/*
 * One object of a text to the nouns of core/, checked as `kubectl apply` and the API server would: what they refuse
 * would make a preview of something that cannot come to be.
 */

/** Values of one object together (Kubernetes: `MaxSecretSize`; the same for ConfigMaps). */
const CONTENT_LIMIT = 1024 * 1024;

const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const LONGEST_NAME = 253;
const DEFAULT_NAMESPACE = 'default';

/** A Namespace. */
export function decodeNamespace(item: Item): NamespaceManifest {
  const reading = new Reading(item);
  const name = reading.name((text) => LABEL.test(text));
  reading.about = `Namespace ${name}`;
  return {
    name,
    ...reading.metadataMaps(),
    terminating: reading.metadata['deletionTimestamp'] !== undefined,
  };
}

/** A ConfigMap or Secret. */
export function decodeObject(kind: Kind, item: Item): Manifest {
  const reading = new Reading(item);
  const name = reading.name((text) => text.length <= LONGEST_NAME && SUBDOMAIN.test(text));
  const namespace = reading.namespace();
  reading.about = `${kind} ${namespace}/${name}`;
  const { metadata } = reading;
  const deletionTimestamp = textIn(metadata, 'deletionTimestamp');
  return {
    kind,
    namespace,
    name,
    uid: textIn(metadata, 'uid') ?? '',
    resourceVersion: textIn(metadata, 'resourceVersion') ?? '',
    creationTimestamp: textIn(metadata, 'creationTimestamp') ?? '',
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...reading.metadataMaps(),
    managedFields: entriesOf(metadata['managedFields']),
    ...(kind === 'Secret' ? secretContent(reading) : configMapContent(reading)),
  };
}

type Declared = Pick<Manifest, 'data' | 'binaryData' | 'type' | 'immutable'>;

function configMapContent(reading: Reading): Declared {
  const data = reading.map(['data']);
  const binaryData = reading.base64(['binaryData']);
  reading.checkSize(utf8Length(data) + decodedLength(binaryData));
  return { ...(data && { data }), ...(binaryData && { binaryData }), ...reading.immutable() };
}

/** `stringData` wins over `data`, as on the API server. */
function secretContent(reading: Reading): Declared {
  const encoded = reading.base64(['data']);
  const plain = reading.map(['stringData']);
  const folded = Object.entries(plain ?? {}).map(
    ([key, text]) => [key, Buffer.from(text).toString('base64')] as const,
  );
  const data =
    encoded || plain ? Object.fromEntries([...Object.entries(encoded ?? {}), ...folded]) : undefined;
  const type = reading.text(['type']);
  reading.checkSize(decodedLength(data));
  return { ...(data && { data }), ...(type && { type }), ...reading.immutable() };
}

/** Looks at one object field by field; the first that is wrong ends it. */
class Reading {
  readonly #item: Item;
  readonly metadata: Json;
  /** Names the object in complaints, once its name is known. */
  about: string;

  constructor(item: Item) {
    this.#item = item;
    this.about = item.kind;
    if (item.apiVersion === undefined) throw this.#bad([], { code: 'no-api-version', kind: item.kind });
    const metadata = item.json['metadata'] ?? {};
    if (!isJson(metadata)) throw this.#wrong(['metadata'], 'map', metadata);
    this.metadata = metadata;
  }

  name(isValid: (name: string) => boolean): string {
    const name = this.text(['metadata', 'name']);
    if (!name) throw this.#bad(['metadata'], { code: 'no-name', kind: this.#item.kind });
    if (isValid(name)) return name;
    throw this.#bad(['metadata', 'name'], { code: 'bad-name', field: 'metadata.name', name });
  }

  namespace(): string {
    const path = ['metadata', 'namespace'];
    const namespace = this.text(path) || DEFAULT_NAMESPACE;
    if (LABEL.test(namespace)) return namespace;
    throw this.#bad(path, { code: 'bad-name', field: 'metadata.namespace', name: namespace });
  }

  metadataMaps(): Pick<Manifest, 'labels' | 'annotations'> {
    const labels = this.map(['metadata', 'labels']);
    const annotations = this.map(['metadata', 'annotations']);
    return { ...(labels && { labels }), ...(annotations && { annotations }) };
  }

  text(path: readonly string[]): string | undefined {
    const value = this.#value(path);
    if (value === undefined || typeof value === 'string') return value;
    throw this.#wrong(path, 'text', value);
  }

  immutable(): Pick<Manifest, 'immutable'> {
    const value = this.#value(['immutable']);
    if (value === undefined) return {};
    if (typeof value === 'boolean') return { immutable: value };
    throw this.#wrong(['immutable'], 'boolean', value);
  }

  /** A map of texts. A key with nothing behind it is not there, as for the API server. */
  map(path: readonly string[]): StringMap | undefined {
    const value = this.#value(path);
    if (value === undefined) return undefined;
    if (!isJson(value)) throw this.#wrong(path, 'map', value);
    const entries = Object.entries(value).filter(([, text]) => text !== null);
    for (const [key, text] of entries)
      if (typeof text !== 'string') throw this.#wrong([...path, key], 'text', text);
    return Object.fromEntries(entries.map(([key, text]) => [key, String(text)]));
  }

  /** A map of base64, written as the API server writes it. */
  base64(path: readonly string[]): StringMap | undefined {
    const map = this.map(path);
    if (map === undefined) return undefined;
    const entries = Object.entries(map).map(([key, text]) => {
      const canonical = canonicalBase64(text);
      if (canonical !== undefined) return [key, canonical] as const;
      throw this.#bad([...path, key], { code: 'not-base64', field: [...path, key].join('.') });
    });
    return Object.fromEntries(entries);
  }

  checkSize(bytes: number): void {
    if (bytes > CONTENT_LIMIT)
      throw this.#bad([], { code: 'content-too-large', bytes, limit: CONTENT_LIMIT });
  }

  /** `null` is nothing. */
  #value(path: readonly string[]): unknown {
    const [first = '', second] = path;
    const json = second === undefined ? this.#item.json : this.metadata;
    const key = second ?? first;
    return Object.hasOwn(json, key) ? (json[key] ?? undefined) : undefined;
  }

  #wrong(path: Path, wanted: 'text' | 'boolean' | 'map', found: unknown): Trouble {
    return this.#bad(path, { code: 'wrong-type', field: path.join('.'), wanted, found: typeOf(found) });
  }

  #bad(path: Path, trouble: ManifestTrouble): Trouble {
    const at: Place = this.#item.placeOf(path);
    return new Trouble({ at, object: this.about, trouble });
  }
}

function textIn(json: Json, key: string): string | undefined {
  const value = json[key];
  return typeof value === 'string' ? value : undefined;
}

function entriesOf(value: unknown): readonly ManagedFieldsEntry[] {
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  return entries.filter((entry): entry is ManagedFieldsEntry => isJson(entry));
}

/** As Go reads it: line breaks do not count, and the bits that a last character has too many are dropped. */
function canonicalBase64(text: string): string | undefined {
  const compact = /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, '') : text;
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return undefined;
  return compact.endsWith('=') ? Buffer.from(compact, 'base64').toString('base64') : compact;
}

function utf8Length(map: StringMap = {}): number {
  return Object.values(map).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function decodedLength(map: StringMap = {}): number {
  return Object.values(map).reduce((sum, text) => sum + Buffer.byteLength(text, 'base64'), 0);
}
