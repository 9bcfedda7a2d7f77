import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import pMap from 'p-map';
import { PROGRAM } from '../test/support/program.ts';
import type { Case } from './cases.ts';
import type { Server } from './servers.ts';

/** The name of the case. */
export const CONTEXTS = 'other clusters';

const CLUSTERS = 20;
const COPIES = 100;
const HOME = 'bench-contexts';
const [ALL, ONE] = [`${CLUSTERS} contexts`, '1 context'];

/** A home, and another server with a namespace for each context. */
export interface ContextPlace {
  readonly home: Server;
  readonly there: Server;
  readonly folder: string;
}

/** Quiet runs through many contexts, against one. Each context has as many copies. */
export async function manyContexts({ home, there, folder }: ContextPlace): Promise<Case> {
  const names = Array.from({ length: CLUSTERS }, (_, index) => `bench-context-${index}`);
  await createNamespace(home, HOME);
  for (const name of names) await createNamespace(there, name);
  const annotations = { 'kubed.appscode.com/sync-contexts': names.join() };
  const create = async (index: number): Promise<void> => {
    const body = { metadata: { name: `source-${index}`, annotations }, data: { key: 'value'.repeat(200) } };
    await home.send('POST', `/api/v1/namespaces/${HOME}/configmaps`, { body: JSON.stringify(body) });
  };
  await pMap([...Array(COPIES).keys()], create, { concurrency: 16 });
  const path = join(folder, 'contexts.json');
  await writeFile(path, await kubeconfigOf(there, names));
  const common = ['reconcile', '--kubeconfig', home.kubeconfig, '--remote-kubeconfig', path];
  const args = [PROGRAM, ...common, '--remote-allow', 'insecure', '--source-namespace', HOME];
  return {
    name: CONTEXTS,
    runs: 15,
    contenders: {
      [ONE]: { args: [...args, '--remote-context', names[0] ?? ''], writes: 0 },
      [ALL]: { args, writes: 0 },
    },
    rows: [{ metric: 'time', of: ALL, against: ONE, atMost: 3 }],
  };
}

async function createNamespace({ send }: Server, name: string): Promise<void> {
  await send('POST', '/api/v1/namespaces', { body: JSON.stringify({ metadata: { name } }) });
}

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: object }[];
  readonly users: readonly { readonly user: object }[];
}

/** A kubeconfig with a context for each namespace of a server. */
async function kubeconfigOf({ kubeconfig }: Server, namespaces: readonly string[]): Promise<string> {
  const { clusters, users } = load(await readFile(kubeconfig, 'utf8')) as Kubeconfig;
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'there', cluster: clusters[0]?.cluster }],
    users: [{ name: 'there', user: users[0]?.user }],
    contexts: namespaces.map((namespace) => ({
      name: namespace,
      context: { cluster: 'there', user: 'there', namespace },
    })),
  });
}
