import {
  type Manifest,
  type ManifestProblem,
  type NamespaceManifest,
  UNKNOWN_VALUE,
  isWarning,
} from '../model/manifest.ts';
import type { Kind, ManagedFieldsEntry } from '../model/objects.ts';
import {
  checkFields,
  checkKeys,
  checkMetadata,
  checkOverlap,
  checkSize,
  checkType,
  type Marked,
} from './checks.ts';
import type { Item } from './items.ts';
import { isNamespaceName, isObjectName } from '../plan/annotations/name-syntax.ts';
import { type Json, isJson } from '../util/is-json.ts';
import { Reading } from './reading.ts';

/* Turns one object of a text into a manifest, and checks it as `kubectl apply` and the API server would. */

/** An object, and everything that is wrong with it. With a problem there is no object. */
export interface Decoded<T> {
  readonly value?: T;
  readonly troubles: readonly ManifestProblem[];
}

/** How ConfigMaps and Secrets are read. */
export interface DecodeOptions {
  /** Where an object is that names no namespace. */
  readonly defaultNamespace: string;
  /** Encrypted values are of no use. */
  readonly needsValues: boolean;
}

/** A Namespace. */
export function decodeNamespace(item: Item): Decoded<NamespaceManifest> {
  const reading = new Reading(item);
  const name = reading.name(['metadata', 'name'], isNamespaceName);
  reading.about = `Namespace ${name}`.trimEnd();
  const terminating = reading.metadata['deletionTimestamp'] !== undefined;
  const marked = metadataMaps(reading);
  checkFields(reading, 'Namespace');
  return ended(reading, { name, ...marked, terminating });
}

/** A ConfigMap or Secret. */
export function decodeObject(kind: Kind, item: Item, options: DecodeOptions): Decoded<Manifest> {
  const reading = new Reading(item);
  const name = reading.name(['metadata', 'name'], isObjectName);
  const namespace = reading.name(['metadata', 'namespace'], isNamespaceName, options.defaultNamespace);
  if (name !== '') reading.about = `${kind} ${namespace}/${name}`;
  const { metadata } = reading;
  const deletionTimestamp = textIn(metadata, 'deletionTimestamp');
  const marked = metadataMaps(reading);
  const content = kind === 'Secret' ? secretContent(reading, marked) : configMapContent(reading);
  checkFields(reading, kind);
  if (options.needsValues && hasUnknown(content)) reading.complain([], { code: 'values-encrypted' });
  return ended(reading, {
    kind,
    namespace,
    name,
    uid: textIn(metadata, 'uid') ?? '',
    resourceVersion: textIn(metadata, 'resourceVersion') ?? '',
    creationTimestamp: textIn(metadata, 'creationTimestamp') ?? '',
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...marked,
    managedFields: entriesOf(metadata['managedFields']),
    ...content,
  });
}

function ended<T>({ troubles }: Reading, value: T): Decoded<T> {
  const isUsable = troubles.every(({ trouble }) => isWarning(trouble));
  return { ...(isUsable && { value }), troubles };
}

function metadataMaps(reading: Reading): Marked {
  const labels = reading.metadataMap('labels');
  const annotations = reading.metadataMap('annotations');
  const marked = { ...(labels && { labels }), ...(annotations && { annotations }) };
  checkMetadata(reading, marked);
  return marked;
}

type Content = Pick<Manifest, 'data' | 'binaryData' | 'type' | 'immutable'>;

function configMapContent(reading: Reading): Content {
  const data = reading.map(['data']);
  const binaryData = reading.base64(['binaryData']);
  checkKeys(reading, 'data', data);
  checkKeys(reading, 'binaryData', binaryData);
  checkOverlap(reading, data, binaryData);
  checkSize(reading, data, binaryData);
  return { ...(data && { data }), ...(binaryData && { binaryData }), ...immutable(reading) };
}

/** `stringData` wins over `data`, as on the API server. */
function secretContent(reading: Reading, { annotations }: Marked): Content {
  const encoded = reading.base64(['data']);
  const plain = reading.map(['stringData']);
  checkKeys(reading, 'data', encoded);
  checkKeys(reading, 'stringData', plain);
  const folded = Object.entries(plain ?? {}).map(([key, text]) => [key, encodedText(text)] as const);
  const data =
    encoded || plain ? Object.fromEntries([...Object.entries(encoded ?? {}), ...folded]) : undefined;
  const type = reading.text(['type']);
  checkSize(reading, {}, data);
  // A key that is wrong, or has no value, would be reported as missing too.
  if (type && reading.troubles.length === 0) checkType(reading, type, data ?? {}, annotations);
  return { ...(data && { data }), ...(type && { type }), ...immutable(reading) };
}

function encodedText(text: string): string {
  return text === UNKNOWN_VALUE ? text : Buffer.from(text).toString('base64');
}

function immutable(reading: Reading): Pick<Manifest, 'immutable'> {
  const value = reading.boolean(['immutable']);
  return value === undefined ? {} : { immutable: value };
}

function hasUnknown({ data = {}, binaryData = {} }: Content): boolean {
  return [...Object.values(data), ...Object.values(binaryData)].includes(UNKNOWN_VALUE);
}

function textIn(json: Json, key: string): string | undefined {
  const value = json[key];
  return typeof value === 'string' ? value : undefined;
}

function entriesOf(value: unknown): readonly ManagedFieldsEntry[] {
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  return entries.filter((entry): entry is ManagedFieldsEntry => isJson(entry));
}
