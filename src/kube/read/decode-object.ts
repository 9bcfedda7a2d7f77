import { FIELDS, ORIGIN, SYNC, SYNC_CONTEXTS, ORIGIN_CLUSTER_UID } from '../../plan/annotations/markers.ts';
import { resemblesOurs } from '../../plan/annotations/key-spelling.ts';
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
 * Turns JSON of the API server into the types of model/. Everything that is used is checked, because a response may come
 * from anything that claims to be an API server. Undefined means that the object is invalid. The maps are not copied.
 */

const EMPTY_MAP: StringMap = Object.freeze({});
const NO_ENTRIES: readonly ManagedFieldsEntry[] = Object.freeze([]);
const ORIGIN_LABELS = 'kubed.appscode.com/origin.';

/** Decodes the metadata of a namespace. It is terminating if it has a deletionTimestamp. */
export function decodeNamespace(item: unknown): Namespace | undefined {
  const metadata = isJson(item) ? objectAt(item, 'metadata') : {};
  const name = textAt(metadata, 'name');
  const labels = stringMap(metadata['labels']);
  const annotations = stringMap(metadata['annotations']);
  if (!name || labels === undefined || annotations === undefined) return undefined;
  const terminating = textAt(metadata, 'deletionTimestamp') !== undefined;
  const uid = textAt(metadata, 'uid');
  const entries = managedFields(metadata);
  const applied = entries.some(({ operation }) => operation === 'Apply');
  const base = { name, ...(uid !== undefined && { uid }), labels, annotations, terminating };
  return { ...base, ...(applied && { managedFields: entries }) };
}

/**
 * Decodes the metadata of an object. The kind is that of the list or of the request. An object without our marks or
 * annotations loses its managedFields, labels and annotations, to save memory: only its name matters, and keys that may be
 * ours and misspelt. Its last-applied annotation would even hold values of Secrets.
 */
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
  const isKept = isOfInterest(labels, annotations);
  const meta = {
    kind,
    namespace,
    name,
    uid,
    resourceVersion,
    creationTimestamp,
    labels: isKept ? labels : similarToOurs(labels),
    annotations: isKept ? annotations : similarToOurs(annotations),
    managedFields: isKept ? managedFields(metadata) : NO_ENTRIES,
  };
  return deletionTimestamp === undefined ? meta : { ...meta, deletionTimestamp };
}

/**
 * Decodes a whole object, with all its metadata: it may be an object of another owner that is adopted, or one that a
 * manifest is laid over.
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

/** What the response to a write says about the object. */
export type WrittenObject = Pick<
  Body,
  'namespace' | 'name' | 'labels' | 'annotations' | 'content' | 'managedFields'
>;

/** Decodes an object that was written. After a dry run it has no resourceVersion. */
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

const INTERESTING: readonly string[] = [ORIGIN, SYNC, FIELDS, SYNC_CONTEXTS, ORIGIN_CLUSTER_UID];

function isOfInterest(labels: StringMap, annotations: StringMap): boolean {
  for (const key of INTERESTING) if (has(annotations, key)) return true;
  for (const key in labels) if (key.startsWith(ORIGIN_LABELS)) return true;
  return false;
}

/** Returns the entries whose keys may be ours and misspelt. Most objects have none. */
function similarToOurs(map: StringMap): StringMap {
  for (const key in map)
    if (resemblesOurs(key))
      return Object.fromEntries(Object.entries(map).filter(([one]) => resemblesOurs(one)));
  return EMPTY_MAP;
}

/** Returns the entries unchanged, with their times. plan/ expects any shape inside of them. */
function managedFields(metadata: Json): readonly ManagedFieldsEntry[] {
  const entries = metadata['managedFields'];
  if (!Array.isArray(entries) || entries.length === 0) return NO_ENTRIES;
  return entries.every(isEntry) ? entries : entries.filter(isEntry);
}

function isEntry(entry: unknown): entry is ManagedFieldsEntry {
  return isJson(entry);
}

/** Returns a map of texts, empty for null and for nothing. Undefined if it has other values. */
function stringMap(value: unknown): StringMap | undefined {
  if (value === undefined || value === null) return EMPTY_MAP;
  return isStringMap(value) ? value : undefined;
}

function isStringMap(value: unknown): value is StringMap {
  if (!isJson(value)) return false;
  for (const key in value) if (typeof value[key] !== 'string') return false;
  return true;
}
