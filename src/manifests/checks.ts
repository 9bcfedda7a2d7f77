import { UNKNOWN_VALUE } from '../model/manifest.ts';
import type { StringMap } from '../model/objects.ts';
import { get, has } from '../model/keys.ts';
import { isDataKey, isLabelKey, isLabelValue } from '../plan/annotations/name-syntax.ts';
import { REQUIRED_KEYS } from '../plan/copy/secret-types.ts';
import type { FieldReader } from './field-reader.ts';

/*
 * The checks of the API server for a ConfigMap, a Secret or a Namespace (Kubernetes: `ValidateConfigMap`,
 * `ValidateSecret`, `ValidateObjectMeta`). Unknown fields are rejected too, as `kubectl apply` asks for it.
 */

/** The most bytes of all values of one object (Kubernetes: `MaxSecretSize`; the same for ConfigMaps). */
const CONTENT_LIMIT = 1024 * 1024;

/** The most bytes of all annotations of one object, keys and values (Kubernetes: `TotalAnnotationSizeLimitB`). */
const ANNOTATIONS_LIMIT = 256 * 1024;

const METADATA = [
  'annotations',
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'finalizers',
  'generateName',
  'generation',
  'labels',
  'managedFields',
  'name',
  'namespace',
  'ownerReferences',
  'resourceVersion',
  'selfLink',
  'uid',
];

const FIELDS = {
  ConfigMap: ['apiVersion', 'kind', 'metadata', 'data', 'binaryData', 'immutable', 'sops'],
  Secret: ['apiVersion', 'kind', 'metadata', 'data', 'stringData', 'type', 'immutable', 'sops'],
  Namespace: ['apiVersion', 'kind', 'metadata', 'spec', 'status', 'sops'],
};

/** Checks that all fields are known. The field `sops` is allowed, because SOPS removes it when it decrypts. */
export function checkFields(reader: FieldReader, kind: keyof typeof FIELDS): void {
  reader.checkFields([], FIELDS[kind]);
  reader.checkFields(['metadata'], METADATA);
}

/** Labels and annotations. */
export interface LabelsAndAnnotations {
  readonly labels?: StringMap;
  readonly annotations?: StringMap;
}

/** Checks labels and annotations. */
export function checkMetadata(
  reader: FieldReader,
  { labels = {}, annotations = {} }: LabelsAndAnnotations,
): void {
  for (const [key, value] of Object.entries(labels)) {
    const path = ['metadata', 'labels', key];
    const field = path.join('.');
    if (!isLabelKey(key)) reader.complain(path, { code: 'bad-label-key', field });
    else if (value !== UNKNOWN_VALUE && !isLabelValue(value))
      reader.complain(path, { code: 'bad-label-value', field });
  }
  for (const key of Object.keys(annotations)) {
    const path = ['metadata', 'annotations', key];
    if (!isLabelKey(key.toLowerCase()))
      reader.complain(path, { code: 'bad-label-key', field: path.join('.') });
  }
  const bytes = Object.entries(annotations).reduce(
    (sum, entry) => sum + Buffer.byteLength(entry.join('')),
    0,
  );
  if (bytes > ANNOTATIONS_LIMIT)
    reader.complain(['metadata', 'annotations'], {
      code: 'annotations-too-large',
      bytes,
      limit: ANNOTATIONS_LIMIT,
    });
}

/** Checks the keys of a map of values. */
export function checkKeys(reader: FieldReader, part: string, map: StringMap = {}): void {
  for (const key of Object.keys(map))
    if (!isDataKey(key)) reader.complain([part, key], { code: 'bad-key', field: `${part}.${key}` });
}

/** Checks that no key is in both `data` and `binaryData`. */
export function checkOverlap(reader: FieldReader, data: StringMap = {}, binaryData: StringMap = {}): void {
  for (const key of Object.keys(binaryData))
    if (has(data, key)) reader.complain(['binaryData', key], { code: 'key-twice', key });
}

/** Checks the size of an object. An encrypted value counts as almost nothing, because its size is not known. */
export function checkSize(reader: FieldReader, texts: StringMap = {}, base64: StringMap = {}): void {
  const bytes = sizeOf(texts, 'utf8') + sizeOf(base64, 'base64');
  if (bytes > CONTENT_LIMIT) reader.complain([], { code: 'content-too-large', bytes, limit: CONTENT_LIMIT });
}

function sizeOf(map: StringMap, encoding: 'utf8' | 'base64'): number {
  return Object.values(map).reduce((sum, text) => sum + Buffer.byteLength(text, encoding), 0);
}

const NOT_EMPTY = 'kubernetes.io/ssh-auth';
const TOKEN = 'kubernetes.io/service-account-token';
const ACCOUNT = 'kubernetes.io/service-account.name';

/** Checks what the type of a Secret requires. */
export function checkType(
  reader: FieldReader,
  type: string,
  data: StringMap,
  annotations: StringMap = {},
): void {
  const path = ['type'];
  if (type === TOKEN && (get(annotations, ACCOUNT) ?? '') === '')
    reader.complain(path, { code: 'type-needs-annotation', type, key: ACCOUNT });
  const { all = [], any = [] } = REQUIRED_KEYS.get(type) ?? {};
  const isThere = (key: string): boolean => has(data, key) && (type !== NOT_EMPTY || get(data, key) !== '');
  for (const key of all) {
    if (!isThere(key)) reader.complain(path, { code: 'type-needs-key', type, keys: [key] });
    else if (key.startsWith('.') && !holdsJson(get(data, key)))
      reader.complain(['data', key], { code: 'type-needs-json', type, key });
  }
  if (any.length > 0 && !any.some(isThere))
    reader.complain(path, { code: 'type-needs-key', type, keys: any });
}

function holdsJson(base64 = ''): boolean {
  if (base64 === UNKNOWN_VALUE) return true;
  try {
    const value: unknown = JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
    return typeof value === 'object' && !Array.isArray(value);
  } catch {
    return false;
  }
}
