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
  type LabelsAndAnnotations,
} from './checks.ts';
import type { Item } from './items.ts';
import { isNamespaceName, isObjectName } from '../plan/annotations/name-syntax.ts';
import { type Json, isJson } from '../util/is-json.ts';
import { FieldReader } from './field-reader.ts';

/* Turns one object of a file into a manifest, and checks it as `kubectl apply` and the API server do. */

/** A decoded object and all its issues. If one of them is more than a warning, there is no object. */
export interface DecodeResult<T> {
  readonly value?: T;
  readonly problems: readonly ManifestProblem[];
}

/** Options for ConfigMaps and Secrets. */
export interface DecodeOptions {
  /** The namespace of objects that name none. */
  readonly defaultNamespace: string;
  /** Encrypted values are a problem. */
  readonly needsValues: boolean;
}

/** Decodes a Namespace. */
export function decodeNamespace(item: Item): DecodeResult<NamespaceManifest> {
  const reader = new FieldReader(item);
  const name = reader.name(['metadata', 'name'], isNamespaceName);
  reader.about = `Namespace ${name}`.trimEnd();
  const terminating = reader.metadata['deletionTimestamp'] !== undefined;
  const marked = metadataMaps(reader);
  checkFields(reader, 'Namespace');
  return resultOf(reader, { name, ...marked, terminating });
}

/** Decodes a ConfigMap or Secret. */
export function decodeObject(kind: Kind, item: Item, options: DecodeOptions): DecodeResult<Manifest> {
  const reader = new FieldReader(item);
  const name = reader.name(['metadata', 'name'], isObjectName);
  const namespace = reader.name(['metadata', 'namespace'], isNamespaceName, options.defaultNamespace);
  if (name !== '') reader.about = `${kind} ${namespace}/${name}`;
  const { metadata } = reader;
  const deletionTimestamp = textIn(metadata, 'deletionTimestamp');
  const marked = metadataMaps(reader);
  const content = kind === 'Secret' ? secretContent(reader, marked) : configMapContent(reader);
  checkFields(reader, kind);
  if (options.needsValues && hasUnknown(content)) reader.complain([], { code: 'values-encrypted' });
  return resultOf(reader, {
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

function resultOf<T>({ problems }: FieldReader, value: T): DecodeResult<T> {
  const isUsable = problems.every(({ issue }) => isWarning(issue));
  return { ...(isUsable && { value }), problems };
}

function metadataMaps(reader: FieldReader): LabelsAndAnnotations {
  const labels = reader.metadataMap('labels');
  const annotations = reader.metadataMap('annotations');
  const marked = { ...(labels && { labels }), ...(annotations && { annotations }) };
  checkMetadata(reader, marked);
  return marked;
}

type Content = Pick<Manifest, 'data' | 'binaryData' | 'type' | 'immutable'>;

function configMapContent(reader: FieldReader): Content {
  const data = reader.map(['data']);
  const binaryData = reader.base64(['binaryData']);
  checkKeys(reader, 'data', data);
  checkKeys(reader, 'binaryData', binaryData);
  checkOverlap(reader, data, binaryData);
  checkSize(reader, data, binaryData);
  return { ...(data && { data }), ...(binaryData && { binaryData }), ...immutable(reader) };
}

/** Returns the content of a Secret. `stringData` overrides `data`, as on the API server. */
function secretContent(reader: FieldReader, { annotations }: LabelsAndAnnotations): Content {
  const encoded = reader.base64(['data']);
  const plain = reader.map(['stringData']);
  checkKeys(reader, 'data', encoded);
  checkKeys(reader, 'stringData', plain);
  const folded = Object.entries(plain ?? {}).map(([key, text]) => [key, encodedText(text)] as const);
  const data =
    encoded || plain ? Object.fromEntries([...Object.entries(encoded ?? {}), ...folded]) : undefined;
  const type = reader.text(['type']);
  checkSize(reader, {}, data);
  // Only without other issues: an invalid key would be reported again, as a missing one.
  if (type && reader.problems.length === 0) checkType(reader, type, data ?? {}, annotations);
  return { ...(data && { data }), ...(type && { type }), ...immutable(reader) };
}

function encodedText(text: string): string {
  return text === UNKNOWN_VALUE ? text : Buffer.from(text).toString('base64');
}

function immutable(reader: FieldReader): Pick<Manifest, 'immutable'> {
  const value = reader.boolean(['immutable']);
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
