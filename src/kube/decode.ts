import { FIELDS, ORIGIN, SYNC } from '../core/marks.ts';
import type {
  Body,
  Content,
  Kind,
  ManagedFieldsEntry,
  Namespace,
  ObjectMeta,
  StringMap,
} from '../core/model.ts';
import { has } from '../core/records.ts';
import { type Json, isJson, objectAt, textAt } from './json.ts';

/*
 * JSON of the API server to the nouns of core/. What is used is checked, since an answer may come from anything that
 * calls itself an API server; undefined is an object that cannot be one. Nothing is copied: the maps are the parsed ones.
 */

const EMPTY_MAP: StringMap = Object.freeze({});
const NO_ENTRIES: readonly ManagedFieldsEntry[] = Object.freeze([]);
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
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
  if (!isJson(item)) return undefined;
  const metadata = objectAt(item, 'metadata');
  const name = textAt(metadata, 'name');
  const namespace = textAt(metadata, 'namespace');
  const uid = textAt(metadata, 'uid');
  const resourceVersion = textAt(metadata, 'resourceVersion');
  const creationTimestamp = textAt(metadata, 'creationTimestamp');
  const labels = stringMap(metadata['labels']);
  const annotations = stringMap(metadata['annotations']);
  if (!name || !namespace || !uid || !resourceVersion || creationTimestamp === undefined) return undefined;
  if (labels === undefined || annotations === undefined) return undefined;
  const deletionTimestamp = textAt(metadata, 'deletionTimestamp');
  return {
    kind,
    namespace,
    name,
    uid,
    resourceVersion,
    labels,
    creationTimestamp,
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...keptFor(labels, annotations, metadata),
  };
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
  const annotations = stringMap(metadata['annotations']) ?? meta.annotations;
  return { ...meta, annotations, managedFields: managedFields(metadata), content };
}

function decodeContent(kind: Kind, item: Json): Content | undefined {
  const data = stringMap(item['data']);
  const binaryData = stringMap(kind === 'ConfigMap' ? item['binaryData'] : undefined);
  if (data === undefined || binaryData === undefined) return undefined;
  const type = kind === 'Secret' ? textAt(item, 'type') : undefined;
  return { data, binaryData, immutable: item['immutable'] === true, ...(type !== undefined && { type }) };
}

/**
 * Of objects without marks of ours, who owns which field decides nothing, and what kubectl applied last is the object
 * once more, values of Secrets included: neither is kept in memory.
 */
function keptFor(
  labels: StringMap,
  annotations: StringMap,
  metadata: Json,
): Pick<ObjectMeta, 'annotations' | 'managedFields'> {
  if (isOfInterest(labels, annotations)) return { annotations, managedFields: managedFields(metadata) };
  if (!has(annotations, LAST_APPLIED)) return { annotations, managedFields: NO_ENTRIES };
  const { [LAST_APPLIED]: _, ...others } = annotations;
  return { annotations: others, managedFields: NO_ENTRIES };
}

function isOfInterest(labels: StringMap, annotations: StringMap): boolean {
  if (has(annotations, ORIGIN) || has(annotations, SYNC) || has(annotations, FIELDS)) return true;
  return Object.keys(labels).some((key) => key.startsWith(ORIGIN_LABELS));
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
  if (!isStringMap(value)) return undefined;
  for (const _ in value) return value;
  return EMPTY_MAP;
}

function isStringMap(value: unknown): value is StringMap {
  return isJson(value) && Object.values(value).every((text) => typeof text === 'string');
}
