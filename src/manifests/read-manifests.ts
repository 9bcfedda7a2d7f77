import {
  type Maker,
  type Manifest,
  type ManifestProblem,
  type Manifests,
  type NamespaceManifest,
  type Place,
  type Placed,
  isWarning,
} from '../model/manifest.ts';
import { SYNC } from '../plan/annotations/markers.ts';
import type { Kind, ObjectName } from '../model/objects.ts';
import { compareText, has, nameOf } from '../model/keys.ts';
import { type DecodeOptions, type Decoded, decodeNamespace, decodeObject } from './decode-manifest.ts';
import { type Bytes, readTexts } from './files.ts';
import { type Found, type Item, type Other, itemsOf } from './items.ts';
import { isJson } from '../util/is-json.ts';
import { makerName, makerPath } from './makers.ts';

/** The namespace of objects that name none, and who chose it. */
export type DefaultNamespace = Pick<Placed, 'namespace' | 'chosenBy'>;

const NOBODY_CHOSE: DefaultNamespace = { namespace: 'default', chosenBy: 'none' };

/** How manifests are read. */
export interface ReadOptions {
  /** Directories in directories too (`-R`). */
  readonly recursive?: boolean;
  /** Where an object is that names no namespace. */
  readonly defaultNamespace?: DefaultNamespace;
  /** Encrypted values are of no use: copies are written with them. */
  readonly needsValues?: boolean;
}

/** Either what could be read, or why there is nothing. */
export type ManifestsRead =
  | { readonly ok: true; readonly value: Manifests }
  | { readonly ok: false; readonly problems: readonly ManifestProblem[] };

/** Reads everything that `-f` names. What is wrong is collected, and the rest is read all the same. */
export async function readManifests(
  filenames: readonly string[],
  stdin: Bytes,
  { recursive = false, defaultNamespace = NOBODY_CHOSE, needsValues = false }: ReadOptions = {},
): Promise<ManifestsRead> {
  const collection = new Collection(defaultNamespace, needsValues);
  for await (const text of readTexts(filenames, stdin, recursive)) {
    if ('trouble' in text) collection.complain(text);
    else for (const found of itemsOf(text)) collection.take(found, text.isFound);
  }
  if (!collection.isEmpty) return { ok: true, value: collection.manifests() };
  const { problems } = collection;
  return { ok: false, problems: problems.length > 0 ? problems : [nothingIn(filenames)] };
}

/** A pipe from a command that failed is not a cluster without objects. */
function nothingIn(filenames: readonly string[]): ManifestProblem {
  const file = filenames.map((name) => (name === '-' ? 'stdin' : name)).join(', ');
  return { at: { file }, trouble: { code: 'nothing-there' } };
}

const HELM_RELEASE = 'helm.sh/release.v1';
const OURS: ReadonlySet<string> = new Set(['Namespace', 'ConfigMap', 'Secret']);

/** What was read so far. It holds on to the texts, for the places of what is there twice. */
class Collection {
  readonly #options: DecodeOptions;
  readonly #default: DefaultNamespace;
  readonly #namespaces = new Map<string, NamespaceManifest>();
  readonly #objects = new Map<string, Manifest>();
  readonly #ignored = new Map<string, number>();
  readonly problems: ManifestProblem[] = [];
  readonly #warnings: ManifestProblem[] = [];
  readonly #makers: Maker[] = [];
  readonly #placed: string[] = [];
  readonly #places = new Map<string, () => Place>();
  #releases = 0;

  constructor(defaultNamespace: DefaultNamespace, needsValues: boolean) {
    this.#default = defaultNamespace;
    this.#options = { defaultNamespace: defaultNamespace.namespace, needsValues };
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
        ...this.#default,
        objects: placed.size,
        sources: sources.map(([, object]) => nameOf(object)),
      },
    };
  }

  complain(problem: ManifestProblem): void {
    (isWarning(problem.trouble) ? this.#warnings : this.problems).push(problem);
  }

  /** Takes what was found. In a file that nobody named, what is not an object is something else. */
  take(found: Found, isFoundFile: boolean): void {
    if ('trouble' in found) this.complain(found);
    else if ('other' in found) this.#takeOther(found, isFoundFile);
    else this.#takeItem(found, isFoundFile);
  }

  #takeOther({ other, at }: Other, isFoundFile: boolean): void {
    const path = isJson(other) ? makerPath(other) : undefined;
    if (path !== undefined && isJson(other)) this.#makers.push({ at, object: makerName(other) });
    if (isFoundFile || path !== undefined) this.#ignore('');
    else this.complain({ at, trouble: { code: 'not-an-object' } });
  }

  #takeItem(item: Item, isFoundFile: boolean): void {
    const { kind, apiVersion, json } = item;
    if (apiVersion === undefined && isFoundFile && !OURS.has(kind)) return this.#ignore('');
    if (apiVersion !== undefined && apiVersion !== 'v1') return this.#passBy(item);
    if (kind === 'Namespace') this.#namespace(item);
    else if (kind !== 'ConfigMap' && kind !== 'Secret') this.#passBy(item);
    // No run lists releases of Helm, and in the dump of a cluster they are most of its bytes.
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

  #decoded<T>({ value, troubles }: Decoded<T>): T | undefined {
    for (const trouble of troubles) this.complain(trouble);
    return value;
  }

  #passBy({ kind, json, placeOf }: Item): void {
    this.#ignore(kind);
    const path = makerPath(json);
    if (path !== undefined) this.#makers.push({ at: placeOf(path), object: makerName(json) });
  }

  #ignore(kind: string): void {
    this.#ignored.set(kind, (this.#ignored.get(kind) ?? 0) + 1);
  }

  /** Of two manifests of one object the later one counts, as for `kubectl apply`. Where both say the same, it does not matter. */
  #checkTwice(object: string, { placeOf }: Item, before: object | undefined, now: object): void {
    const other = this.#places.get(object);
    if (before !== undefined && other !== undefined && canonical(before) !== canonical(now))
      this.complain({ at: placeOf([]), object, trouble: { code: 'twice', other: other() } });
    this.#places.set(object, () => placeOf([]));
  }
}

function keyIn({ kind, namespace, name }: ObjectName): string {
  return `${kind} ${namespace}/${name}`;
}

/** The same text for objects that say the same. */
function canonical(value: object): string {
  return JSON.stringify(value, (_, part: unknown) =>
    isJson(part) ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => compareText(a, b))) : part,
  );
}
