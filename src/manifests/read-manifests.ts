import type { Manifest, ManifestProblem, Manifests, NamespaceManifest, Place } from '../model/manifest.ts';
import { decodeNamespace, decodeObject } from './decode-manifest.ts';
import { type Bytes, readTexts } from './files.ts';
import { type Item, itemsOf } from './items.ts';
import { Trouble } from './manifest-error.ts';

/** Either all manifests or the first thing that is wrong with them. */
export type ManifestsRead =
  | { readonly ok: true; readonly value: Manifests }
  | { readonly ok: false; readonly problem: ManifestProblem };

/** Reads everything that `-f` names. Nothing is laid over a cluster, or taken for one, that is wrong in any part. */
export async function readManifests(filenames: readonly string[], stdin: Bytes): Promise<ManifestsRead> {
  const collection = new Collection();
  try {
    for await (const text of readTexts(filenames, stdin)) {
      for (const item of itemsOf(text)) collection.take(item);
    }
    if (collection.isEmpty) throw nothingIn(filenames);
    const { namespaces, objects, passedOver } = collection;
    return { ok: true, value: { namespaces, objects, passedOver } };
  } catch (error) {
    if (error instanceof Trouble) return { ok: false, problem: error.problem };
    throw error;
  }
}

/** A pipe from a command that failed is no cluster without objects. */
function nothingIn(filenames: readonly string[]): Trouble {
  const file = filenames.map((name) => (name === '-' ? 'stdin' : name)).join(', ');
  return new Trouble({ at: { file }, trouble: { code: 'nothing-there' } });
}

const HELM_RELEASE = 'helm.sh/release.v1';

/** What was read so far. It holds on to the texts, for the places of what is there twice. */
class Collection implements Manifests {
  readonly namespaces: NamespaceManifest[] = [];
  readonly objects: Manifest[] = [];
  readonly passedOver = new Map<string, number>();
  readonly #places = new Map<string, () => Place>();
  #releases = 0;

  get isEmpty(): boolean {
    return this.#places.size === 0 && this.passedOver.size === 0 && this.#releases === 0;
  }

  take(item: Item): void {
    const { kind, apiVersion, json } = item;
    if (apiVersion !== undefined && apiVersion !== 'v1') return this.#passOver(kind);
    if (kind === 'Namespace') {
      const namespace = decodeNamespace(item);
      this.#note(`Namespace ${namespace.name}`, item);
      this.namespaces.push(namespace);
    } else if (kind === 'ConfigMap' || kind === 'Secret') {
      // No run lists releases of Helm, and in the dump of a cluster they are most of its bytes.
      if (kind === 'Secret' && json['type'] === HELM_RELEASE) this.#releases += 1;
      else this.#object(decodeObject(kind, item), item);
    } else this.#passOver(kind);
  }

  #object(manifest: Manifest, item: Item): void {
    this.#note(`${manifest.kind} ${manifest.namespace}/${manifest.name}`, item);
    this.objects.push(manifest);
  }

  #passOver(kind: string): void {
    this.passedOver.set(kind, (this.passedOver.get(kind) ?? 0) + 1);
  }

  /** Of two manifests of one object nobody can tell which is meant. */
  #note(object: string, { placeOf }: Item): void {
    const other = this.#places.get(object);
    if (other !== undefined)
      throw new Trouble({ at: placeOf([]), object, trouble: { code: 'twice', other: other() } });
    this.#places.set(object, () => placeOf([]));
  }
}
