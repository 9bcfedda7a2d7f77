import { UNKNOWN_VALUE } from '../model/manifest.ts';
import type { StringMap } from '../model/objects.ts';
import { get, has } from '../model/keys.ts';
import { isLabelKey, isLabelValue } from '../plan/annotations/name-syntax.ts';
import type { Reading } from './reading.ts';

/*
 * What the API server checks in a ConfigMap, a Secret or a Namespace (Kubernetes: `ValidateConfigMap`,
 * `ValidateSecret`, `ValidateObjectMeta`), and what `kubectl apply` asks it to reject: fields that it does not know.
 */

/** Values of one object together (Kubernetes: `MaxSecretSize`; the same for ConfigMaps). */
const CONTENT_LIMIT = 1024 * 1024;

/** Annotations of one object together, keys and values (Kubernetes: `TotalAnnotationSizeLimitB`). */
const ANNOTATIONS_LIMIT = 256 * 1024;

const KEY = /^(?!\.$)(?!\.\.)[-._a-zA-Z0-9]{1,253}$/;

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

/** Checks that all fields are known. SOPS takes its own field away when it decrypts. */
export function checkFields(reading: Reading, kind: keyof typeof FIELDS): void {
  reading.checkFields([], FIELDS[kind]);
  reading.checkFields(['metadata'], METADATA);
}

/** Labels and annotations. */
export interface Marked {
  readonly labels?: StringMap;
  readonly annotations?: StringMap;
}

/** Checks labels and annotations. */
export function checkMetadata(reading: Reading, { labels = {}, annotations = {} }: Marked): void {
  for (const [key, value] of Object.entries(labels)) {
    const path = ['metadata', 'labels', key];
    const field = path.join('.');
    if (!isLabelKey(key)) reading.complain(path, { code: 'bad-label-key', field });
    else if (value !== UNKNOWN_VALUE && !isLabelValue(value))
      reading.complain(path, { code: 'bad-label-value', field });
  }
  for (const key of Object.keys(annotations)) {
    const path = ['metadata', 'annotations', key];
    if (!isLabelKey(key.toLowerCase()))
      reading.complain(path, { code: 'bad-label-key', field: path.join('.') });
  }
  const bytes = Object.entries(annotations).reduce(
    (sum, entry) => sum + Buffer.byteLength(entry.join('')),
    0,
  );
  if (bytes > ANNOTATIONS_LIMIT)
    reading.complain(['metadata', 'annotations'], {
      code: 'annotations-too-large',
      bytes,
      limit: ANNOTATIONS_LIMIT,
    });
}

/** Checks the keys of a map of values. */
export function checkKeys(reading: Reading, part: string, map: StringMap = {}): void {
  for (const key of Object.keys(map))
    if (!KEY.test(key)) reading.complain([part, key], { code: 'bad-key', field: `${part}.${key}` });
}

/** Checks that no key is both text and bytes. */
export function checkOverlap(reading: Reading, data: StringMap = {}, binaryData: StringMap = {}): void {
  for (const key of Object.keys(binaryData))
    if (has(data, key)) reading.complain(['binaryData', key], { code: 'key-twice', key });
}

/** Checks how many bytes an object has. The size of encrypted values is not known. */
export function checkSize(reading: Reading, texts: StringMap = {}, base64: StringMap = {}): void {
  const bytes = sizeOf(texts, 'utf8') + sizeOf(base64, 'base64');
  if (bytes > CONTENT_LIMIT) reading.complain([], { code: 'content-too-large', bytes, limit: CONTENT_LIMIT });
}

function sizeOf(map: StringMap, encoding: 'utf8' | 'base64'): number {
  return Object.values(map).reduce((sum, text) => sum + Buffer.byteLength(text, encoding), 0);
}

/** Keys that a type asks for: all of them, or one of them. */
const NEEDED: ReadonlyMap<string, { readonly all?: readonly string[]; readonly any?: readonly string[] }> =
  new Map([
    ['kubernetes.io/tls', { all: ['tls.crt', 'tls.key'] }],
    ['kubernetes.io/basic-auth', { any: ['username', 'password'] }],
    ['kubernetes.io/ssh-auth', { all: ['ssh-privatekey'] }],
    ['kubernetes.io/dockerconfigjson', { all: ['.dockerconfigjson'] }],
    ['kubernetes.io/dockercfg', { all: ['.dockercfg'] }],
  ]);

const NOT_EMPTY = 'kubernetes.io/ssh-auth';
const TOKEN = 'kubernetes.io/service-account-token';
const ACCOUNT = 'kubernetes.io/service-account.name';

/** Checks what the type of a Secret asks for. */
export function checkType(
  reading: Reading,
  type: string,
  data: StringMap,
  annotations: StringMap = {},
): void {
  const path = ['type'];
  if (type === TOKEN && (get(annotations, ACCOUNT) ?? '') === '')
    reading.complain(path, { code: 'type-needs-annotation', type, key: ACCOUNT });
  const { all = [], any = [] } = NEEDED.get(type) ?? {};
  const isThere = (key: string): boolean => has(data, key) && (type !== NOT_EMPTY || get(data, key) !== '');
  for (const key of all) {
    if (!isThere(key)) reading.complain(path, { code: 'type-needs-key', type, keys: [key] });
    else if (key.startsWith('.') && !holdsJson(get(data, key)))
      reading.complain(['data', key], { code: 'type-needs-json', type, key });
  }
  if (any.length > 0 && !any.some(isThere))
    reading.complain(path, { code: 'type-needs-key', type, keys: any });
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
