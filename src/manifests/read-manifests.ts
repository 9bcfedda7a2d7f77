import {
  type Maker,
  type Manifest,
  type ManifestProblem,
  type Manifests,
  type NamespaceManifest,
  type Place,
  isWarning,
} from '../model/manifest.ts';
import { SYNC } from '../plan/annotations/markers.ts';
import type { Kind, ObjectName } from '../model/objects.ts';
import { compareText, has, nameOf } from '../model/keys.ts';
import { type DecodeOptions, type DecodeResult, decodeNamespace, decodeObject } from './decode-manifest.ts';
import { type Bytes, readTexts } from './files.ts';
import { type FileEntry, type Item, type KindlessDocument, itemsOf } from './items.ts';
import { isJson } from '../util/is-json.ts';
import { makerName, makerPath } from './makers.ts';

/** Options for reading manifests. */
export interface ReadOptions {
  /** Also read the directories in directories (`-R`). */
  readonly recursive?: boolean;
  /** The namespace of objects that name none (`--default-namespace`). */
  readonly defaultNamespace?: string;
  /** Encrypted values are a problem, because copies are written with the values. */
  readonly needsValues?: boolean;
}

/** Either what was read, or why nothing was. */
export type ManifestsRead =
  | { readonly ok: true; readonly value: Manifests }
  | { readonly ok: false; readonly problems: readonly ManifestProblem[] };

/** Reads everything that `-f` names. It collects all problems and reads the rest all the same. */
export async function readManifests(
  filenames: readonly string[],
  stdin: Bytes,
  { recursive = false, defaultNamespace = 'default', needsValues = false }: ReadOptions = {},
): Promise<ManifestsRead> {
  const collection = new Collection({ defaultNamespace, needsValues });
  for await (const text of readTexts(filenames, stdin, recursive)) {
    if ('issue' in text) collection.complain(text);
    else for (const found of itemsOf(text)) collection.take(found, text.isFound);
  }
  if (!collection.isEmpty) return { ok: true, value: collection.manifests() };
  const { problems } = collection;
  return { ok: false, problems: problems.length > 0 ? problems : [nothingIn(filenames)] };
}

/** Returns the problem of empty input. The command before a pipe may have failed, so it is not an empty cluster. */
function nothingIn(filenames: readonly string[]): ManifestProblem {
  const file = filenames.map((name) => (name === '-' ? 'stdin' : name)).join(', ');
  return { at: { file }, issue: { code: 'nothing-there' } };
}

const HELM_RELEASE = 'helm.sh/release.v1';
const OURS: ReadonlySet<string> = new Set(['Namespace', 'ConfigMap', 'Secret']);

/** Collects what was read. It keeps the texts, to find the places of objects that come twice. */
class Collection {
  readonly #options: DecodeOptions;
  readonly #namespaces = new Map<string, NamespaceManifest>();
  readonly #objects = new Map<string, Manifest>();
  readonly #ignored = new Map<string, number>();
  readonly problems: ManifestProblem[] = [];
  readonly #warnings: ManifestProblem[] = [];
  readonly #makers: Maker[] = [];
  readonly #placed: string[] = [];
  readonly #places = new Map<string, () => Place>();
  #releases = 0;

  constructor(options: DecodeOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#places.size === 0 && this.#ignored.size === 0 && this.#releases === 0;
  }

  manifests(): Manifests {
    const placed = new Set(this.#placed);
    const sources = [...this.#objects].filter(
      ([key, { annotations = {} }]) => placed.has(key) && has(annotations, SYNC),
    );
    return {
      namespaces: [...this.#namespaces.values()],
      objects: [...this.#objects.values()],
      ignored: this.#ignored,
      problems: this.problems,
      warnings: this.#warnings,
      makers: this.#makers,
      placed: {
        namespace: this.#options.defaultNamespace,
        objects: placed.size,
        sources: sources.map(([, object]) => nameOf(object)),
      },
    };
  }

  complain(problem: ManifestProblem): void {
    (isWarning(problem.issue) ? this.#warnings : this.problems).push(problem);
  }

  /** Adds an entry of a file. In a file from a directory, a document that is not an object is ignored, not reported. */
  take(found: FileEntry, isFoundFile: boolean): void {
    if ('issue' in found) this.complain(found);
    else if ('other' in found) this.#takeOther(found, isFoundFile);
    else this.#takeItem(found, isFoundFile);
  }

  #takeOther({ other, at }: KindlessDocument, isFoundFile: boolean): void {
    const path = isJson(other) ? makerPath(other) : undefined;
    if (path !== undefined && isJson(other)) this.#makers.push({ at, object: makerName(other) });
    if (isFoundFile || path !== undefined) this.#ignore('');
    else this.complain({ at, issue: { code: 'not-an-object' } });
  }

  #takeItem(item: Item, isFoundFile: boolean): void {
    const { kind, apiVersion, json } = item;
    if (apiVersion === undefined && isFoundFile && !OURS.has(kind)) return this.#ignore('');
    if (apiVersion !== undefined && apiVersion !== 'v1') return this.#ignoreItem(item);
    if (kind === 'Namespace') this.#namespace(item);
    else if (kind !== 'ConfigMap' && kind !== 'Secret') this.#ignoreItem(item);
    // No run lists Helm releases. In the dump of a cluster they are most of the bytes.
    else if (kind === 'Secret' && json['type'] === HELM_RELEASE) this.#releases += 1;
    else this.#object(kind, item);
  }

  #namespace(item: Item): void {
    const namespace = this.#decoded(decodeNamespace(item));
    if (namespace === undefined) return;
    const key = `Namespace ${namespace.name}`;
    this.#checkTwice(key, item, this.#namespaces.get(key), namespace);
    this.#namespaces.set(key, namespace);
  }

  #object(kind: Kind, item: Item): void {
    const object = this.#decoded(decodeObject(kind, item, this.#options));
    if (object === undefined) return;
    const key = keyIn(object);
    this.#checkTwice(key, item, this.#objects.get(key), object);
    this.#objects.set(key, object);
    const { metadata } = item.json;
    if (isJson(metadata) && (metadata['namespace'] ?? '') === '') this.#placed.push(key);
  }

  #decoded<T>({ value, problems }: DecodeResult<T>): T | undefined {
    for (const problem of problems) this.complain(problem);
    return value;
  }

  #ignoreItem({ kind, json, placeOf }: Item): void {
    this.#ignore(kind);
    const path = makerPath(json);
    if (path !== undefined) this.#makers.push({ at: placeOf(path), object: makerName(json) });
  }

  #ignore(kind: string): void {
    this.#ignored.set(kind, (this.#ignored.get(kind) ?? 0) + 1);
  }

  /** Warns if an object comes twice with different content. The later manifest counts, as for `kubectl apply`. */
  #checkTwice(object: string, { placeOf }: Item, before: object | undefined, now: object): void {
    const other = this.#places.get(object);
    if (before !== undefined && other !== undefined && canonical(before) !== canonical(now))
      this.complain({ at: placeOf([]), object, issue: { code: 'twice', other: other() } });
    this.#places.set(object, () => placeOf([]));
  }
}

function keyIn({ kind, namespace, name }: ObjectName): string {
  return `${kind} ${namespace}/${name}`;
}

/** Returns the same text for objects that are equal except for the order of keys. */
function canonical(value: object): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isJson(part) ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => compareText(a, b))) : part,
  );
}
