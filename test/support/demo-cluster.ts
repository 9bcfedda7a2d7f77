import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiServer } from './apiserver.ts';
import { PROGRAM } from './program.ts';

/** Where the demonstration prints. */
export interface Stage {
  /** A command line after its `$`, before it runs. */
  readonly command: (line: string) => void;
  /** What the command printed. */
  readonly output: (text: string) => void;
}

interface Table {
  readonly rows: readonly {
    readonly cells: readonly (string | number)[];
    readonly object: { readonly metadata: { readonly namespace: string } };
  }[];
}

interface WithMetadata {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}

const MERGE = 'application/merge-patch+json';
const AS_TABLE = 'application/json;as=Table;g=meta.k8s.io;v=v1';

/**
 * A simulated cluster for a user with kubectl and kubed-sync. kubed-sync is the real program in its own process, with
 * the same terminal. kubectl is imitated: its requests are sent and its output is printed.
 */
export class DemoCluster {
  readonly #server: ApiServer;
  readonly #folder: string;
  readonly #stage: Stage;

  private constructor(server: ApiServer, folder: string, stage: Stage) {
    this.#server = server;
    this.#folder = folder;
    this.#stage = stage;
  }

  /** Starts a cluster with the four namespaces that every cluster has. */
  static async start(stage: Stage): Promise<DemoCluster> {
    const server = await ApiServer.start({ holdNamespaces: false });
    const folder = await mkdtemp(join(tmpdir(), 'kubed-sync-demo-'));
    await writeFile(join(folder, 'kubeconfig'), server.kubeconfig());
    return new DemoCluster(server, folder, stage);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop();
    await rm(this.#folder, { recursive: true });
    this.#server.assertNoUnexpected();
  }

  /** Runs the program with the stdout and stderr of this process. Returns its exit code. */
  async kubedSync(...args: readonly string[]): Promise<number | null> {
    this.#command('kubed-sync', ...args);
    const foreign = Object.entries(process.env).filter(([name]) => !name.startsWith('KUBED_SYNC_'));
    const env = { ...Object.fromEntries(foreign), KUBECONFIG: join(this.#folder, 'kubeconfig') };
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  }

  /** `kubectl create namespace` */
  async createNamespace(name: string): Promise<void> {
    this.#command(`kubectl create namespace ${name}`);
    await this.#send('POST', '/api/v1/namespaces', { metadata: { name } });
    this.#stage.output(`namespace/${name} created`);
  }

  /** `kubectl delete namespace`, which also deletes its content. */
  async deleteNamespace(name: string): Promise<void> {
    this.#command(`kubectl delete namespace ${name}`);
    await this.#send('DELETE', `/api/v1/namespaces/${name}`);
    this.#stage.output(`namespace "${name}" deleted`);
  }

  /** `kubectl label namespace` */
  async labelNamespace(name: string, key: string, value: string): Promise<void> {
    this.#command(`kubectl label namespace ${name} ${key}=${value}`);
    await this.#send(
      'PATCH',
      `/api/v1/namespaces/${name}`,
      { metadata: { labels: { [key]: value } } },
      MERGE,
    );
    this.#stage.output(`namespace/${name} labeled`);
  }

  /** `kubectl create configmap --from-literal` */
  async createConfigMap(namespace: string, name: string, data: Record<string, string>): Promise<void> {
    const literals = Object.entries(data).map(([key, value]) => `--from-literal=${key}=${value}`);
    this.#command('kubectl create configmap', name, '-n', namespace, ...literals);
    await this.#send('POST', `/api/v1/namespaces/${namespace}/configmaps`, { metadata: { name }, data });
    this.#stage.output(`configmap/${name} created`);
  }

  /** `kubectl patch configmap --type merge` */
  async patchData(namespace: string, name: string, data: Record<string, string | null>): Promise<void> {
    const patch = `-p '${JSON.stringify({ data })}'`;
    this.#command(`kubectl patch configmap ${name} -n ${namespace} --type merge`, patch);
    await this.#send('PATCH', `/api/v1/namespaces/${namespace}/configmaps/${name}`, { data }, MERGE);
    this.#stage.output(`configmap/${name} patched`);
  }

  /** `kubectl annotate configmap`. Null removes the annotation. */
  async annotate(namespace: string, name: string, key: string, value: string | null): Promise<void> {
    const change = value === null ? `${key}-` : `${key}="${value}"`;
    const path = `/api/v1/namespaces/${namespace}/configmaps/${name}`;
    const { metadata } = (await this.#send('GET', path)) as WithMetadata;
    const overwrite = value !== null && metadata.annotations?.[key] !== undefined ? ['--overwrite'] : [];
    this.#command(`kubectl annotate configmap ${name}`, change, `-n ${namespace}`, ...overwrite);
    const patch = { metadata: { annotations: { [key]: value } } };
    await this.#send('PATCH', path, patch, MERGE);
    this.#stage.output(`configmap/${name} annotated`);
  }

  /** `kubectl get configmaps -A | grep NAME`. Returns `namespace/name` of each row. */
  async getConfigMaps(pattern: string): Promise<readonly string[]> {
    this.#command(`kubectl get configmaps -A | grep ${pattern}`);
    const table = (await this.#send('GET', '/api/v1/configmaps')) as unknown as Table;
    const rows = table.rows.map(({ cells, object }) => [object.metadata.namespace, ...cells.map(String)]);
    const lines = layOut([['NAMESPACE', 'NAME', 'DATA', 'AGE'], ...rows]);
    const found = lines.filter((line) => line.includes(pattern));
    if (found.length > 0) this.#stage.output(found.join('\n'));
    return found.map((line) => line.split(/ +/u).slice(0, 2).join('/'));
  }

  /** `kubectl get configmap -o jsonpath='{.data}'` */
  async getData(namespace: string, name: string): Promise<string> {
    this.#command(`kubectl get configmap ${name} -n ${namespace} -o jsonpath='{.data}'`);
    const object = await this.#send('GET', `/api/v1/namespaces/${namespace}/configmaps/${name}`);
    const data = JSON.stringify((object as { readonly data?: object }).data);
    this.#stage.output(data);
    return data;
  }

  #command(...words: readonly string[]): void {
    this.#stage.command(fold(words));
  }

  async #send(
    method: string,
    path: string,
    body?: object,
    contentType = 'application/json',
  ): Promise<object> {
    const accept = path === '/api/v1/configmaps' ? AS_TABLE : 'application/json';
    const answer = await fetch(this.#server.url + path, {
      method,
      headers: { accept, 'content-type': contentType },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as object;
  }
}

const WIDTH = 80;

/** A long command line with line breaks: a backslash at the end, and the rest indented. */
function fold(words: readonly string[]): string {
  const lines = ['$'];
  for (const word of words) {
    const last = lines.at(-1) ?? '';
    if (last.length + word.length + ' \\'.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`    ${word}`);
  }
  return lines.join(' \\\n');
}

/** Columns as kubectl prints them: three spaces after the widest cell. */
function layOut(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map(
    (_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)) + 3,
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('')
      .trimEnd(),
  );
}
