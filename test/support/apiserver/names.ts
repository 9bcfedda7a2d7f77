/** The grammar of names, labels, annotations and keys. */

import type { Kind, StringMap } from './model.ts';
import { invalidValue, requiredValue, tooLong, type FieldError } from './status.ts';

const MAX_ANNOTATIONS = 262_144;

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/u;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/u;
const NAME_PART = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/u;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/u;
const CONFIG_KEY = /^[-._a-zA-Z0-9]+$/u;

const SUBDOMAIN_WORDS =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_WORDS =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const NAME_PART_WORDS =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE_WORDS =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const CONFIG_KEY_WORDS =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/** `metadata.name`: a DNS label for namespaces, a DNS subdomain for the rest. */
export function nameErrors(kind: Kind, name: string): FieldError[] {
  const field = 'metadata.name';
  if (name === '') return [requiredValue(field, 'name or generateName is required')];
  const wrong = kind === 'Namespace' ? labelNameFlaws(name) : subdomainFlaws(name);
  return wrong.map((why) => invalidValue(field, name, why));
}

function labelNameFlaws(name: string): string[] {
  if (name.includes('.')) return ['must not contain dots'];
  return [...tooManyBytes(name, 63), ...(LABEL.test(name) ? [] : [LABEL_WORDS])];
}

function subdomainFlaws(name: string): string[] {
  return [...tooLongName(name), ...(SUBDOMAIN.test(name) ? [] : [SUBDOMAIN_WORDS])];
}

function tooManyBytes(text: string, max: number): string[] {
  return Buffer.byteLength(text) > max ? [`must be no more than ${max} bytes`] : [];
}

function tooLongName(text: string): string[] {
  return Buffer.byteLength(text) > 253 ? ['must be no more than 253 characters'] : [];
}

/** Keys and values of `metadata.labels`. */
export function labelErrors(labels: StringMap | undefined): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...qualifiedNameFlaws(key, 'label').map((why) => invalidValue('metadata.labels', key, why)),
    ...labelValueFlaws(value).map((why) => invalidValue('metadata.labels', value, why)),
  ]);
}

/** Why a text cannot be a label value. */
export function labelValueFlaws(value: string): string[] {
  return [...tooManyBytes(value, 63), ...(LABEL_VALUE.test(value) ? [] : [LABEL_VALUE_WORDS])];
}

/** Keys of `metadata.annotations` and their size in all. */
export function annotationErrors(annotations: StringMap | undefined): FieldError[] {
  const entries = Object.entries(annotations ?? {});
  const keys = entries.flatMap(([key]) =>
    qualifiedNameFlaws(key.toLowerCase()).map((why) => invalidValue('metadata.annotations', key, why)),
  );
  const size = entries.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  return size > MAX_ANNOTATIONS ? [...keys, tooLong('metadata.annotations', MAX_ANNOTATIONS)] : keys;
}

/** Why a text cannot be the key of a label or annotation. */
export function qualifiedNameFlaws(key: string, what = 'qualified name'): string[] {
  const parts = key.split('/');
  if (parts.length > 2)
    return [
      `a valid ${what === 'label' ? 'label key' : what} ${NAME_PART_WORDS} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? parts[0] : undefined;
  return [...prefixFlaws(prefix), ...namePartFlaws(name)];
}

function prefixFlaws(prefix: string | undefined): string[] {
  if (prefix === undefined) return [];
  if (prefix === '') return ['prefix part must be non-empty'];
  return subdomainFlaws(prefix).map((why) => `prefix part ${why}`);
}

function namePartFlaws(name: string): string[] {
  const empty = name === '' ? ['name part must be non-empty'] : [];
  const words = NAME_PART.test(name) ? [] : [`name part ${NAME_PART_WORDS}`];
  return [...empty, ...tooManyBytes(name, 63).map((why) => `name part ${why}`), ...words];
}

/** A key of `data` or `binaryData`. */
export function configKeyErrors(field: string, key: string): FieldError[] {
  const flaws = [...tooLongName(key), ...(CONFIG_KEY.test(key) ? [] : [CONFIG_KEY_WORDS])];
  if (key === '.') flaws.push("must not be '.'");
  else if (key === '..') flaws.push("must not be '..'");
  else if (key.startsWith('..')) flaws.push("must not start with '..'");
  return flaws.map((why) => invalidValue(field, key, why));
}
