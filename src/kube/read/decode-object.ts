import { FIELDS, ORIGIN, SYNC, SYNC_CONTEXTS } from '../../plan/annotations/markers.ts';
import type {
  Body,
  Content,
  Kind,
  ManagedFieldsEntry,
  Namespace,
  ObjectMeta,
  StringMap,
} from '../../model/objects.ts';
import { has } from '../../model/keys.ts';
import { type Json, isJson, objectAt, textAt } from '../api.ts';

/*
 * JSON of the API server to the nouns of core/. What is used is checked, since an answer may come from anything that
 * calls itself an API server; undefined is an object that cannot be one. Nothing is copied: the maps are the parsed ones.
 */

const EMPTY_MAP: StringMap = Object.freeze({});
const NO_ENTRIES: readonly ManagedFieldsEntry[] = Object.freeze([]);
const ORIGIN_LABELS = 'kubed.appscode.com/origin.';

/** A namespace, read as metadata only: terminating is one that has a deletionTimestamp. */
export function decodeNamespace(item: unknown): Namespace | undefined {
  const metadata = isJson(item) ? objectAt(item, 'metadata') : {};
  const name = textAt(metadata, 'name');
  const labels = stringMap(metadata['labels']);
  const annotations = stringMap(metadata['annotations']);
  if (!name || labels === undefined || annotations === undefined) return undefined;
  const terminating = textAt(metadata, 'deletionTimestamp') !== undefined;
  const entries = managedFields(metadata);
  const applied = entries.some(({ operation }) => operation === 'Apply');
  return { name, labels, annotations, terminating, ...(applied && { managedFields: entries }) };
}

/** The metadata of an object, with the kind of the list or address that it came from. */
export function decodeMeta(kind: Kind, item: unknown): ObjectMeta | undefined {
  const metadata = isJson(item) ? objectAt(item, 'metadata') : {};
  const name = textAt(metadata, 'name');
  const namespace = textAt(metadata, 'namespace');
  const uid = textAt(metadata, 'uid');
  const resourceVersion = textAt(metadata, 'resourceVersion');
  const creationTimestamp = textAt(metadata, 'creationTimestamp');
  const deletionTimestamp = textAt(metadata, 'deletionTimestamp');
  const labels = stringMap(metadata['labels']);
  const annotations = stringMap(metadata['annotations']);
  if (!name || !namespace || !uid || !resourceVersion || creationTimestamp === undefined) return undefined;
  if (labels === undefined || annotations === undefined) return undefined;
  const kept = keptFor(labels, annotations, metadata);
  const meta = { kind, namespace, name, uid, resourceVersion, creationTimestamp, ...kept };
  return deletionTimestamp === undefined ? meta : { ...meta, deletionTimestamp };
}

/**
 * A whole object, with all that is known of who owns its fields and what was applied last: it may be somebody else's
 * that is adopted, or one that a manifest is laid over.
 */
export function decodeBody(kind: Kind, item: unknown): Body | undefined {
  const meta = decodeMeta(kind, item);
  const content = isJson(item) ? decodeContent(kind, item) : undefined;
  if (!isJson(item) || meta === undefined || content === undefined) return undefined;
  const metadata = objectAt(item, 'metadata');
  const [labels, annotations] = [stringMap(metadata['labels']), stringMap(metadata['annotations'])];
  if (labels === undefined || annotations === undefined) return undefined;
  return { ...meta, labels, annotations, managedFields: managedFields(metadata), content };
}

/** What an answer to a write says of the object written. */
export type WrittenObject = Pick<
  Body,
  'namespace' | 'name' | 'labels' | 'annotations' | 'content' | 'managedFields'
>;

/** An object that was written: one that a dry run created is stored nowhere, and has no resourceVersion. */
export function decodeWritten(kind: Kind, item: unknown): WrittenObject | undefined {
  if (!isJson(item)) return undefined;
  const metadata = objectAt(item, 'metadata');
  const [namespace, name] = [textAt(metadata, 'namespace'), textAt(metadata, 'name')];
  const content = decodeContent(kind, item);
  const [labels, annotations] = [stringMap(metadata['labels']), stringMap(metadata['annotations'])];
  if (!namespace || !name || !textAt(metadata, 'uid') || content === undefined) return undefined;
  if (labels === undefined || annotations === undefined) return undefined;
  return { namespace, name, labels, annotations, content, managedFields: managedFields(metadata) };
}

function decodeContent(kind: Kind, item: Json): Content | undefined {
  const data = stringMap(item['data']);
  const binaryData = stringMap(kind === 'ConfigMap' ? item['binaryData'] : undefined);
  if (data === undefined || binaryData === undefined) return undefined;
  const type = kind === 'Secret' ? textAt(item, 'type') : undefined;
  return { data, binaryData, immutable: item['immutable'] === true, ...(type !== undefined && { type }) };
}

type Kept = Pick<ObjectMeta, 'labels' | 'annotations' | 'managedFields'>;

const NOTHING_KEPT: Kept = Object.freeze({
  labels: EMPTY_MAP,
  annotations: EMPTY_MAP,
  managedFields: NO_ENTRIES,
});

/**
 * Objects without marks of ours are only in the way: neither their labels and annotations nor who owns which of their
 * fields decides anything, and what kubectl applied last is the object once more, values of Secrets included. None of
 * it is kept in memory.
 */
function keptFor(labels: StringMap, annotations: StringMap, metadata: Json): Kept {
  if (!isOfInterest(labels, annotations)) return NOTHING_KEPT;
  return { labels, annotations, managedFields: managedFields(metadata) };
}

const INTERESTING: readonly string[] = [ORIGIN, SYNC, FIELDS, SYNC_CONTEXTS];

function isOfInterest(labels: StringMap, annotations: StringMap): boolean {
  for (const key of INTERESTING) if (has(annotations, key)) return true;
  for (const key in labels) if (key.startsWith(ORIGIN_LABELS)) return true;
  return false;
}

/** Entries as they are: core/ expects any shape inside of them. */
function managedFields(metadata: Json): readonly ManagedFieldsEntry[] {
  const entries = metadata['managedFields'];
  return Array.isArray(entries) && entries.length > 0 ? entries.filter(isEntry) : NO_ENTRIES;
}

function isEntry(entry: unknown): entry is ManagedFieldsEntry {
  return isJson(entry);
}

/** A map of texts, absent and null being an empty one; undefined where something else is in it. */
function stringMap(value: unknown): StringMap | undefined {
  if (value === undefined || value === null) return EMPTY_MAP;
  return isStringMap(value) ? value : undefined;
}

function isStringMap(value: unknown): value is StringMap {
  if (!isJson(value)) return false;
  for (const key in value) if (typeof value[key] !== 'string') return false;
  return true;
}
