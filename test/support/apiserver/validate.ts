/** Validation of objects, with the messages of the real server in the same order. */

import type { MapName } from './codec.ts';
import { own, type Kind, type KubeObject, type ObjectMeta } from './model.ts';
import { forbiddenValue, invalidValue, requiredValue, tooLong, type FieldError } from './status.ts';
import { annotationErrors, configKeyErrors, labelErrors, nameErrors } from './names.ts';

const MAX_DATA = 1_048_576;
const IMMUTABLE = 'field is immutable when `immutable` is set';
/** The map that is nil and not `{}` if there is none. Every ConfigMap gets its `data` by default. */
const NIL_MAPS: Readonly<Record<Kind, MapName | undefined>> = {
  ConfigMap: 'binaryData',
  Namespace: undefined,
  Secret: 'data',
};
const REDACTED = '<secret contents redacted>';

/** Why the object cannot be created. Empty if it can. */
export function validateNew(object: KubeObject): FieldError[] {
  return [...metadataErrors(object), ...contentErrors(object)];
}

/** Why the object cannot replace the old one. */
export function validateChange(
  object: KubeObject,
  old: KubeObject,
  emptyMaps: readonly MapName[],
): FieldError[] {
  return [
    ...identityErrors(object.metadata, old.metadata),
    ...metadataErrors(object),
    ...frozenErrors(object, old, emptyMaps),
    ...contentErrors(object),
  ];
}

function metadataErrors(object: KubeObject): FieldError[] {
  const { name, labels, annotations, finalizers, managedFields } = object.metadata;
  return [
    ...nameErrors(object.kind, name),
    ...labelErrors(labels),
    ...annotationErrors(annotations),
    ...finalizerErrors(finalizers ?? []),
    ...(managedFields ?? []).flatMap(({ manager = '' }, index) =>
      Buffer.byteLength(manager) > 128 ? [tooLong(`metadata.managedFields[${index}].manager`, 128)] : [],
    ),
    ...ownerErrors(object.metadata),
  ];
}

function finalizerErrors(finalizers: readonly string[]): FieldError[] {
  const standard = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);
  return finalizers.flatMap((each, index) =>
    each.includes('/') || standard.has(each)
      ? []
      : [
          invalidValue(
            `metadata.finalizers[${index}]`,
            each,
            'name is neither a standard finalizer name nor is it fully qualified',
          ),
        ],
  );
}

function ownerErrors({ ownerReferences = [] }: ObjectMeta): FieldError[] {
  return ownerReferences.flatMap((owner) =>
    ['apiVersion', 'kind', 'name', 'uid']
      .filter((key) => typeof owner[key] !== 'string' || owner[key] === '')
      .map((key) =>
        invalidValue(
          `metadata.ownerReferences.${key}`,
          '',
          key === 'apiVersion' ? 'version must not be empty' : 'must not be empty',
        ),
      ),
  );
}

function identityErrors(next: ObjectMeta, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  const same = 'field is immutable';
  if (next.uid !== old.uid) errors.push(invalidValue('metadata.uid', next.uid ?? '', same));
  if (next.deletionTimestamp !== old.deletionTimestamp)
    errors.push(invalidValue('metadata.deletionTimestamp', next.deletionTimestamp ?? '', same));
  const fresh = (next.finalizers ?? []).filter((each) => !(old.finalizers ?? []).includes(each));
  if (old.deletionTimestamp !== undefined && fresh.length > 0)
    errors.push(
      forbiddenValue(
        'metadata.finalizers',
        `no new finalizers can be added if the object is being deleted, found new finalizers []string{${fresh.map((each) => JSON.stringify(each)).join(', ')}}`,
      ),
    );
  return errors;
}

function frozenErrors(next: KubeObject, old: KubeObject, emptyMaps: readonly MapName[]): FieldError[] {
  const errors: FieldError[] = [];
  if (next.type !== old.type) errors.push(invalidValue('type', next.type ?? '', 'field is immutable'));
  if (old.immutable !== true) return errors;
  if (next.immutable !== true) errors.push(forbiddenValue('immutable', IMMUTABLE));
  for (const name of ['data', 'binaryData'] as const) {
    const emptied = NIL_MAPS[next.kind] === name && old[name] === undefined && emptyMaps.includes(name);
    if (emptied || differs(next[name], old[name])) errors.push(forbiddenValue(name, IMMUTABLE));
  }
  return errors;
}

function differs(a: object | undefined, b: object | undefined): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}

function contentErrors(object: KubeObject): FieldError[] {
  if (object.kind === 'ConfigMap') return configMapErrors(object);
  return object.kind === 'Secret' ? secretErrors(object) : [];
}

function configMapErrors({ data = {}, binaryData = {} }: KubeObject): FieldError[] {
  const keys = Object.keys(data).flatMap((key) => [
    ...configKeyErrors(`data[${key}]`, key),
    ...(Object.hasOwn(binaryData, key)
      ? [invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData')]
      : []),
  ]);
  const binaryKeys = Object.keys(binaryData).flatMap((key) => configKeyErrors(`binaryData[${key}]`, key));
  const texts = Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value), 0);
  const size = texts + decodedSize(binaryData);
  return [...keys, ...binaryKeys, ...(size > MAX_DATA ? [tooLong('[]', MAX_DATA)] : [])];
}

function secretErrors(secret: KubeObject): FieldError[] {
  const { data = {} } = secret;
  const keys = Object.keys(data).flatMap((key) => configKeyErrors(`data[${key}]`, key));
  const size = decodedSize(data) > MAX_DATA ? [tooLong('data', MAX_DATA)] : [];
  return [...keys, ...size, ...secretTypeErrors(secret)];
}

function decodedSize(data: Readonly<Record<string, string>>): number {
  return Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value, 'base64'), 0);
}

function secretTypeErrors(secret: KubeObject): FieldError[] {
  switch (secret.type) {
    case 'kubernetes.io/service-account-token':
      return serviceAccountErrors(secret);
    case 'kubernetes.io/dockercfg':
      return jsonKeyErrors(secret, '.dockercfg');
    case 'kubernetes.io/dockerconfigjson':
      return jsonKeyErrors(secret, '.dockerconfigjson');
    case 'kubernetes.io/basic-auth':
      return basicAuthErrors(secret);
    case 'kubernetes.io/ssh-auth':
      return own(secret.data, 'ssh-privatekey') ? [] : [requiredValue('data[ssh-privatekey]')];
    case 'kubernetes.io/tls':
      return ['tls.crt', 'tls.key']
        .filter((key) => own(secret.data, key) === undefined)
        .map((key) => requiredValue(`data[${key}]`));
    default:
      return [];
  }
}

function serviceAccountErrors({ metadata }: KubeObject): FieldError[] {
  const key = 'kubernetes.io/service-account.name';
  return own(metadata.annotations, key) ? [] : [requiredValue(`metadata.annotations[${key}]`)];
}

function basicAuthErrors({ data }: KubeObject): FieldError[] {
  const keys = ['username', 'password'];
  if (keys.some((key) => own(data, key) !== undefined)) return [];
  return keys.map((key) => requiredValue(`data[${key}]`));
}

function jsonKeyErrors({ data }: KubeObject, key: string): FieldError[] {
  const value = own(data, key);
  if (value === undefined) return [requiredValue(`data[${key}]`)];
  try {
    const parsed: unknown = JSON.parse(Buffer.from(value, 'base64').toString());
    if (typeof parsed === 'object' && !Array.isArray(parsed)) return [];
    const type = Array.isArray(parsed) ? 'array' : typeof parsed;
    const text = `json: cannot unmarshal ${type} into Go value of type map[string]interface {}`;
    return [invalidValue(`data[${key}]`, REDACTED, text)];
  } catch {
    const text = 'invalid character looking for beginning of value';
    return [invalidValue(`data[${key}]`, REDACTED, text)];
  }
}
