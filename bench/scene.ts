import { randomBytes } from 'node:crypto';
import pMap from 'p-map';
import type { Writes } from './baseline.ts';
import { MERGE_PATCH, type Send } from './client.ts';

/** The namespace of all sources. */
export const HOME = 'bench-source';
/** Copies in each namespace: as many as there are sources, ConfigMaps and Secrets in turn. */
export const SOURCES = 10;
const HELM_BYTES = 50_000;
const KEYS = 4;
const BUSY = { concurrency: 16 };
const PREFIX = 'kubed.appscode.com';
const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** What kube-controller-manager writes to each namespace. The servers of the benchmark run without it. */
const ROOT_CA = {
  metadata: {
    name: 'kube-root-ca.crt',
    annotations: {
      'kubernetes.io/description':
        'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the ' +
        'internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
    },
  },
  data: { 'ca.crt': 'x'.repeat(1100) },
};

interface Listed {
  readonly items: readonly { readonly metadata: { readonly namespace: string; readonly name: string } }[];
}

/** A cluster that is built through the API, so that it is the same on every server. */
export class Scene {
  readonly #send: Send;
  readonly #size: { readonly bytes: number; readonly helm: boolean };
  namespaces: readonly string[] = [];

  /** `bytes`: the size of the values of a source. `helm`: two Secrets of Helm releases in each namespace. */
  constructor(send: Send, size: { readonly bytes: number; readonly helm: boolean }) {
    this.#send = send;
    this.#size = size;
  }

  get copies(): number {
    return this.namespaces.length * SOURCES;
  }

  /** Adds namespaces until there are so many. The sources come with the first. */
  async grow(count: number): Promise<void> {
    if (this.namespaces.length === 0) await this.#createSources();
    const names = Array.from({ length: count }, (_, index) => `bench-${String(index).padStart(5, '0')}`);
    const release = randomBytes(HELM_BYTES).toString('base64');
    const add = async (name: string): Promise<void> => {
      await this.createNamespace(name, { bench: 'target' });
      for (const version of this.#size.helm ? ['v1', 'v2'] : []) {
        const metadata = { name: `sh.helm.release.v1.app.${version}`, labels: { owner: 'helm' } };
        await this.#post(pathOf(1, name), { metadata, type: 'helm.sh/release.v1', data: { release } });
      }
    };
    await pMap(names.slice(this.namespaces.length), add, BUSY);
    this.namespaces = names;
  }

  /** Creates a namespace with its `kube-root-ca.crt`. */
  async createNamespace(name: string, labels: object = {}): Promise<void> {
    await this.#post('/api/v1/namespaces', { metadata: { name, labels } });
    await this.#post(`${pathOf(0, name)}?fieldManager=kube-controller-manager`, ROOT_CA);
  }

  async #createSources(): Promise<void> {
    await this.createNamespace(HOME);
    const annotations = { [`${PREFIX}/sync`]: 'bench=target' };
    for (const index of Array(SOURCES).keys()) {
      const metadata = { name: nameOf(index), labels: { bench: 'source' }, annotations };
      await this.#post(pathOf(index, HOME), { metadata, ...this.#content(index) });
    }
  }

  /** Deletes every copy, no matter who created it. */
  async deleteCopies(): Promise<void> {
    const selector = encodeURIComponent(`${PREFIX}/origin.namespace=${HOME}`);
    for (const resource of ['configmaps', 'secrets']) {
      const path = `/api/v1/${resource}?labelSelector=${selector}`;
      const { body } = await this.#send('GET', path, { accept: METADATA });
      const remove = ({ metadata: { namespace, name } }: Listed['items'][number]): unknown =>
        this.#send('DELETE', `/api/v1/namespaces/${namespace}/${resource}/${name}`);
      await pMap((JSON.parse(body.toString()) as Listed).items, remove, BUSY);
    }
  }

  /** Gives the first source new values. */
  async changeSource(): Promise<void> {
    const patch = { contentType: MERGE_PATCH, body: JSON.stringify(this.#content(0)) };
    await this.#send('PATCH', `${pathOf(0, HOME)}/${nameOf(0)}`, patch);
  }

  /**
   * What the program writes as plain requests: a POST for each copy of the first sources, or a PATCH, each with values
   * that no copy had before.
   */
  writes(method: Writes['method'], sources: number): Writes {
    const bodies = Array.from({ length: sources }, (_, index) => ({
      path: `${pathOf(index, 'NAMESPACE')}${method === 'PATCH' ? `/${nameOf(index)}` : ''}?fieldManager=kubed-sync`,
      body: JSON.stringify({ metadata: marksOf(index), ...this.#content(index) }),
    }));
    return { job: 'writes', method, namespaces: this.namespaces, bodies };
  }

  async #post(path: string, body: object): Promise<void> {
    await this.#send('POST', path, { body: JSON.stringify(body) });
  }

  /** Fresh random values, of Secrets in base64. */
  #content(index: number): object {
    const random = (): string => randomBytes(Math.ceil(this.#size.bytes / KEYS / 2)).toString('hex');
    const value = index % 2 === 1 ? () => Buffer.from(random()).toString('base64') : random;
    return { data: Object.fromEntries(Array.from({ length: KEYS }, (_, key) => [`key-${key}`, value()])) };
  }
}

function nameOf(index: number): string {
  return `bench-${String(index).padStart(2, '0')}`;
}

function pathOf(index: number, namespace: string): string {
  return `/api/v1/namespaces/${namespace}/${index % 2 === 1 ? 'secrets' : 'configmaps'}`;
}

/** Metadata as long as that which the program writes. */
function marksOf(index: number): object {
  const name = nameOf(index);
  const uid = '00000000-0000-0000-0000-000000000000';
  const resourceVersion = String(randomBytes(3).readUIntBE(0, 3));
  const labels = {
    'app.kubernetes.io/managed-by': 'kubed-sync',
    [`${PREFIX}/origin.cluster`]: '',
    [`${PREFIX}/origin.name`]: name,
    [`${PREFIX}/origin.namespace`]: HOME,
  };
  const origin = JSON.stringify({ namespace: HOME, name, uid, resourceVersion });
  return {
    name,
    labels,
    annotations: { [`${PREFIX}/origin`]: origin, [`${PREFIX}/fields`]: '0123456789abcdef' },
  };
}
