import { randomBytes } from 'node:crypto';
import type { Writes } from './baseline.ts';
import { type Client, each } from './client.ts';

/** How large the cluster is. */
export interface Size {
  /** Namespaces that every source asks to be copied to. */
  readonly namespaces: number;
  readonly sources: number;
  /** Bytes of the values of a source. */
  readonly bytes: number;
  readonly helmSecrets: number;
  readonly helmBytes: number;
}

/** Writes and deletes of the benchmark itself at a time. */
const BUSY = 32;
const HOME = 'bench-source';
/** A ConfigMap beside the sources, which is none. */
const BYSTANDER = 'bystander';
const KEYS = 4;
const PREFIX = 'kubed.appscode.com';
const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

interface Listed {
  readonly items:
    | readonly { readonly metadata: { readonly namespace: string; readonly name: string } }[]
    | null;
}

/** A cluster of this size, made through the API so that it is the same on every server. */
export class Scene {
  readonly size: Size;
  readonly #client: Client;

  constructor(client: Client, size: Size) {
    this.#client = client;
    this.size = size;
  }

  get copies(): number {
    return this.size.namespaces * this.size.sources;
  }

  get #namespaces(): readonly string[] {
    return numbered(this.size.namespaces, 'bench-');
  }

  /** Namespaces, sources, and Helm's Secrets, which are most of the bytes in many a cluster. */
  async build(): Promise<void> {
    await this.#createNamespace(HOME, {});
    await this.#must('POST', `/api/v1/namespaces/${HOME}/configmaps`, { metadata: { name: BYSTANDER } });
    await each(this.#namespaces, BUSY, (name) => this.#createNamespace(name, { bench: 'target' }));
    await each(numbered(this.size.sources, ''), BUSY, (index) => this.#createSource(Number(index)));
    const release = randomBytes(this.size.helmBytes).toString('base64');
    const releases = numbered(this.size.helmSecrets, 'sh.helm.release.v1.app-');
    await each([...releases.entries()], 8, ([index, name]) => this.#createRelease(index, name, release));
  }

  #createNamespace(name: string, labels: object): Promise<void> {
    return this.#must('POST', '/api/v1/namespaces', { metadata: { name, labels } });
  }

  #createSource(index: number): Promise<void> {
    const annotations = { [`${PREFIX}/sync`]: 'bench=target' };
    const body = { metadata: { name: nameOf(index), annotations }, ...contentOf(index, this.size.bytes) };
    return this.#must('POST', `/api/v1/namespaces/${HOME}/${resourceOf(index)}`, body);
  }

  #createRelease(index: number, name: string, release: string): Promise<void> {
    const namespace = this.#namespaces[index % this.size.namespaces];
    const body = {
      metadata: { name, labels: { owner: 'helm' } },
      type: 'helm.sh/release.v1',
      data: { release },
    };
    return this.#must('POST', `/api/v1/namespaces/${namespace}/secrets`, body);
  }

  /** Deletes every copy, by whomever it was made. */
  async deleteCopies(): Promise<void> {
    for (const resource of ['configmaps', 'secrets']) {
      const path = `/api/v1/${resource}?labelSelector=${encodeURIComponent(`${PREFIX}/origin.namespace=${HOME}`)}`;
      const { text } = await this.#client.send({ method: 'GET', path, headers: { accept: METADATA } });
      const { items } = JSON.parse(text) as Listed;
      await each(items ?? [], BUSY, ({ metadata: { namespace, name } }) =>
        this.#must('DELETE', `/api/v1/namespaces/${namespace}/${resource}/${name}`),
      );
    }
  }

  /** Gives the first source other values. */
  changeSource(): Promise<void> {
    return this.#merge(
      `/api/v1/namespaces/${HOME}/${resourceOf(0)}/${nameOf(0)}`,
      contentOf(0, this.size.bytes),
    );
  }

  /** Edits one copy, as somebody by hand. */
  editCopy(): Promise<void> {
    const namespace = this.#namespaces[Math.floor(this.size.namespaces / 2)];
    const path = `/api/v1/namespaces/${namespace}/${resourceOf(0)}/${nameOf(0)}`;
    return this.#merge(path, { data: { 'key-0': randomBytes(8).toString('hex') } });
  }

  /** Edits what is nobody's copy: nothing is to be done, but a server that kept its lists ready has to make them anew. */
  editBystander(): Promise<void> {
    const path = `/api/v1/namespaces/${HOME}/configmaps/${BYSTANDER}`;
    return this.#merge(path, { data: { text: randomBytes(8).toString('hex') } });
  }

  /** The first sync as plain requests: a POST for every copy, of the size that the program sends. */
  posts(): Writes {
    const bodies = Array.from({ length: this.size.sources }, (_, index) => ({
      path: `/api/v1/namespaces/NAMESPACE/${resourceOf(index)}?fieldManager=kubed-sync`,
      body: JSON.stringify({
        apiVersion: 'v1',
        kind: index % 2 === 1 ? 'Secret' : 'ConfigMap',
        metadata: { name: nameOf(index), ...marksOf(index) },
        ...contentOf(index, this.size.bytes),
      }),
    }));
    return { method: 'POST', contentType: 'application/json', namespaces: this.#namespaces, bodies };
  }

  /** The copies of the first two sources in the first namespaces, by a plain POST each. */
  somePosts(namespaces: number): Writes {
    const writes = this.posts();
    return {
      ...writes,
      namespaces: writes.namespaces.slice(0, namespaces),
      bodies: writes.bodies.slice(0, 2),
    };
  }

  /** A changed source as plain requests: a patch for every copy of the first one. */
  patches(): Writes {
    const path = `/api/v1/namespaces/NAMESPACE/${resourceOf(0)}/${nameOf(0)}?fieldManager=kubed-sync`;
    const { annotations } = marksOf(0);
    const body = JSON.stringify({ metadata: { annotations }, ...contentOf(0, this.size.bytes) });
    const contentType = 'application/merge-patch+json';
    return { method: 'PATCH', contentType, namespaces: this.#namespaces, bodies: [{ path, body }] };
  }

  #merge(path: string, patch: object): Promise<void> {
    return this.#must('PATCH', path, patch, 'application/merge-patch+json');
  }

  async #must(method: string, path: string, body?: object, contentType = 'application/json'): Promise<void> {
    const headers = { accept: 'application/json', 'content-type': contentType };
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await this.#client.send({ method, path, headers, ...text });
    if (answer.status > 299) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  }
}

function numbered(count: number, prefix: string): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(5, '0')}`);
}

function nameOf(index: number): string {
  return `bench-${String(index).padStart(2, '0')}`;
}

/** ConfigMaps and Secrets by turns. */
function resourceOf(index: number): string {
  return index % 2 === 1 ? 'secrets' : 'configmaps';
}

function contentOf(index: number, bytes: number): object {
  const value = (): string => {
    const text = randomBytes(Math.ceil(bytes / KEYS / 2)).toString('hex');
    return index % 2 === 1 ? Buffer.from(text).toString('base64') : text;
  };
  const data = Object.fromEntries(Array.from({ length: KEYS }, (_, key) => [`key-${key}`, value()]));
  return { data, ...(index % 2 === 1 && { type: 'Opaque' }) };
}

/** Marks as long as those that the program writes. */
function marksOf(index: number): { readonly labels: object; readonly annotations: object } {
  const [namespace, name, uid] = [HOME, nameOf(index), '00000000-0000-0000-0000-000000000000'];
  const labels = {
    'app.kubernetes.io/managed-by': 'kubed-sync',
    [`${PREFIX}/origin.cluster`]: '',
    [`${PREFIX}/origin.name`]: name,
    [`${PREFIX}/origin.namespace`]: namespace,
  };
  const origin = JSON.stringify({
    namespace,
    name,
    uid,
    resourceVersion: randomBytes(3).readUIntBE(0, 3).toString(),
  });
  return { labels, annotations: { [`${PREFIX}/origin`]: origin, [`${PREFIX}/fields`]: '0123456789abcdef' } };
}
