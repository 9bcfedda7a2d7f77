import { type ManifestProblem, type ManifestIssue, UNKNOWN_VALUE } from '../model/manifest.ts';
import { SYNC } from '../plan/annotations/markers.ts';
import type { StringMap } from '../model/objects.ts';
import { type Item, typeOf } from './items.ts';
import { type Json, isJson } from '../util/is-json.ts';
import type { Path } from './yaml/nodes.ts';
import { isTemplate } from './yaml/template.ts';

/** What SOPS writes instead of a value. */
const ENCRYPTED = /^ENC\[AES256_GCM,/;

/** Reads one object field by field, and collects all its issues. */
export class FieldReader {
  readonly #item: Item;
  readonly metadata: Json;
  readonly problems: ManifestProblem[] = [];
  /** The name of the object in problems: its kind, and its name once that is known. */
  about: string;

  constructor(item: Item) {
    this.#item = item;
    this.about = item.kind;
    if (item.apiVersion === undefined) this.complain([], { code: 'no-api-version' });
    const metadata = item.json['metadata'] ?? {};
    this.metadata = isJson(metadata) ? metadata : {};
    if (!isJson(metadata)) this.#wrong(['metadata'], 'map', metadata);
  }

  complain(path: Path, issue: ManifestIssue): void {
    this.problems.push({ at: this.#item.placeOf(path), object: this.about, issue });
  }

  /** Returns a name, `preset` if there is none, or `''` if there is no preset. Complains if `isValid` rejects it. */
  name(path: readonly string[], isValid: (name: string) => boolean, preset?: string): string {
    const text = this.text(path);
    const name = text === undefined || text === '' ? preset : text;
    const field = path.join('.');
    if (name === undefined) {
      if (!this.#isComplainedOf(field)) this.complain(path.slice(0, -1), { code: 'no-name' });
    } else if (isTemplate(name)) this.complain(path, { code: 'template', field });
    else if (!isValid(name)) this.complain(path, { code: 'bad-name', field, name });
    return name ?? '';
  }

  #isComplainedOf(field: string): boolean {
    return this.problems.some(
      ({ issue }) => 'field' in issue && (issue.field === field || issue.field === 'metadata'),
    );
  }

  text(path: readonly string[]): string | undefined {
    const value = this.#value(path);
    if (value === undefined) return undefined;
    if (typeof value !== 'string') this.#wrong(path, 'text', value);
    else if (!ENCRYPTED.test(value)) return value;
    else this.complain(path, { code: 'encrypted', field: path.join('.') });
    return undefined;
  }

  boolean(path: readonly string[]): boolean | undefined {
    const value = this.#value(path);
    if (value === undefined || typeof value === 'boolean') return value;
    this.#wrong(path, 'boolean', value);
    return undefined;
  }

  /**
   * Returns the labels or annotations. Complains about encrypted values: it is unknown which namespaces they select.
   */
  metadataMap(part: 'labels' | 'annotations'): StringMap | undefined {
    const path = ['metadata', part];
    const map = this.map(path);
    for (const [key, value] of Object.entries(map ?? {}))
      if (value === UNKNOWN_VALUE)
        this.complain([...path, key], { code: 'encrypted', field: [...path, key].join('.') });
    return map;
  }

  /**
   * Returns a map of texts. A key without a value becomes what kubectl apply 1.36 makes of it: `""` in annotations, and
   * nothing elsewhere. Other tools differ (seen with Kubernetes 1.36): kubectl create and server-side apply store `""`;
   * kubectl apply 1.32 drops all annotations of the object.
   */
  map(path: readonly string[]): StringMap | undefined {
    const value = this.#value(path);
    if (value === undefined) return undefined;
    if (!isJson(value)) {
      this.#wrong(path, 'map', value);
      return undefined;
    }
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, text]) => this.#entry([...path, key], text)),
    );
  }

  #entry(path: readonly string[], value: unknown): [string, string][] {
    const key = path.at(-1) ?? '';
    if (value === null) return this.#null(path);
    if (typeof value !== 'string') this.#wrong(path, 'text', value);
    else return [[key, ENCRYPTED.test(value) ? UNKNOWN_VALUE : value]];
    return [];
  }

  #null(path: readonly string[]): [string, string][] {
    const key = path.at(-1) ?? '';
    const isAnnotation = path[1] === 'annotations';
    const part = isAnnotation ? 'annotations' : 'others';
    this.complain(path, {
      code: 'null-value',
      field: path.join('.'),
      part,
      selects: isAnnotation && key === SYNC,
    });
    return isAnnotation ? [[key, '']] : [];
  }

  /** Returns a map of base64 values, in the form that the API server returns. */
  base64(path: readonly string[]): StringMap | undefined {
    const map = this.map(path);
    if (map === undefined) return undefined;
    const entries = Object.entries(map).flatMap(([key, text]): [string, string][] => {
      if (text === UNKNOWN_VALUE) return [[key, text]];
      const canonical = canonicalBase64(text);
      if (canonical !== undefined) return [[key, canonical]];
      this.complain([...path, key], { code: 'not-base64', field: [...path, key].join('.') });
      return [];
    });
    return Object.fromEntries(entries);
  }

  /**
   * Complains about fields that Kubernetes does not know. In a Secret, a wrong indentation can turn a value into a field:
   *
   *   stringData:
   *     password:
   *   hunter2: 8
   *
   * So a Secret's field is named only if it resembles a known one. The line shows where it is.
   */
  checkFields(path: readonly string[], known: readonly string[]): void {
    const json = path.length === 0 ? this.#item.json : this.metadata;
    const isSecret = this.#item.json['kind'] === 'Secret';
    for (const key of Object.keys(json)) {
      if (known.includes(key)) continue;
      const meant = known.find((one) => one.toLowerCase() === key.toLowerCase());
      this.complain([...path, key], {
        code: 'unknown-field',
        ...(meant === undefined && isSecret ? {} : { field: [...path, key].join('.') }),
        ...(meant !== undefined && { meant }),
      });
    }
  }

  /** Returns a field. For `null` it returns undefined, as if the field were absent. */
  #value(path: readonly string[]): unknown {
    const [first = '', second] = path;
    const json = second === undefined ? this.#item.json : this.metadata;
    const key = second ?? first;
    return Object.hasOwn(json, key) ? (json[key] ?? undefined) : undefined;
  }

  #wrong(path: Path, wanted: 'text' | 'boolean' | 'map', found: unknown): void {
    if (typeof found === 'string' && ENCRYPTED.test(found))
      this.complain(path, { code: 'encrypted', field: path.join('.') });
    else this.complain(path, { code: 'wrong-type', field: path.join('.'), wanted, found: typeOf(found) });
  }
}

/** Reads base64 as Go does: it ignores line breaks, and drops the surplus bits of the last character. */
function canonicalBase64(text: string): string | undefined {
  const compact = /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, '') : text;
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return undefined;
  return compact.endsWith('=') ? Buffer.from(compact, 'base64').toString('base64') : compact;
}
