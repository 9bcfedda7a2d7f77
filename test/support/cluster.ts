import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import pMap from 'p-map';
import { type Answer, Client, type Transport } from './api-client.ts';
import { ApiServer, type ApiServerOptions } from './apiserver.ts';
import { type Ran, kubedSync } from './program.ts';
import { assertReport } from './schema.ts';

/*
 * A cluster for a test: the simulated API server, or the real one that `real.test.ts` names in KUBED_SYNC_TEST_REAL.
 * Tests use only the HTTP API, so the same files run on both. They assume nothing about other namespaces, or about a
 * controller manager.
 */

/** A JSON object of the API, as tests read it. */
// oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of every shape
export type Json = any;

/** The report of a run as `-o json` prints it, with the exit of the program. */
export interface Reported extends Ran {
  readonly report: Json;
  /** `action kind/namespace/name reason outcome`, with short names for the namespaces of the test. */
  readonly changes: readonly string[];
  /** Reasons of findings, without notes about other namespaces. */
  readonly findings: readonly string[];
}

/** Parts of a request in addition to method, path and body. */
export interface RequestSettings {
  readonly manager?: string;
  readonly contentType?: string;
}

/** The labels and the annotation of a copy of this source. `older` is the form with a kind. */
export function marksOf(source: Json, older = false): { labels: Json; annotations: Json } {
  const { namespace, name, uid, resourceVersion } = source.metadata;
  const origin = older
    ? { apiVersion: 'v1', kind: source.kind, name, namespace, resourceVersion, uid }
    : { namespace, name, uid, resourceVersion };
  const labels = { name, namespace, cluster: '' };
  return {
    labels: Object.fromEntries(
      Object.entries(labels).map(([key, value]) => [`kubed.appscode.com/origin.${key}`, value]),
    ),
    annotations: { 'kubed.appscode.com/origin': JSON.stringify(origin) },
  };
}

const OUTSIDE: ReadonlySet<string> = new Set(['any-namespace-is-a-source', 'out-of-scope']);

/** One cluster, and the part of it that belongs to one test. */
export class TestCluster {
  /** Only the simulated cluster can have faults and show its requests. */
  readonly simulated: ApiServer | undefined;
  /** Path of a kubeconfig file for it. */
  readonly kubeconfig: string;
  /** The prefix of every namespace that the test makes. */
  readonly prefix: string;
  readonly #folder: string;
  readonly #options: https.RequestOptions;
  readonly #url: URL;
  readonly #namespaces: string[] = [];

  private constructor(
    folder: string,
    kubeconfig: string,
    url: string,
    options: https.RequestOptions,
    simulated?: ApiServer,
    prefix = `t${randomBytes(4).toString('hex')}`,
  ) {
    this.#folder = folder;
    this.kubeconfig = kubeconfig;
    this.#url = new URL(url);
    this.#options = options;
    this.simulated = simulated;
    this.prefix = prefix;
  }

  /** The real cluster if there is one, otherwise a new simulated one. */
  static async open(serverOptions: ApiServerOptions = {}): Promise<TestCluster> {
    return TestCluster.openReal(process.env['KUBED_SYNC_TEST_REAL'], serverOptions);
  }

  /** The cluster of a kubeconfig, or a new simulated one. Two clusters with one prefix have namespaces of the same names. */
  static async openReal(
    real: string | undefined,
    serverOptions: ApiServerOptions = {},
    prefix?: string,
  ): Promise<TestCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'kubed-sync-test-'));
    const simulated = real === undefined ? await ApiServer.start(serverOptions) : undefined;
    const file = real ?? join(folder, 'kubeconfig');
    if (simulated !== undefined) await writeFile(file, simulated.kubeconfig());
    const config = new KubeConfig();
    config.loadFromFile(file);
    const options: https.RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    return new TestCluster(
      folder,
      file,
      config.getCurrentCluster()?.server ?? '',
      options,
      simulated,
      prefix,
    );
  }

  /** Removes what the test made. Fails if the program sent an unknown request to the simulated server. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.simulated === undefined)
      await pMap(this.#namespaces, (namespace) => this.#dropNamespace(namespace), { concurrency: 16 });
    await this.simulated?.stop();
    await rm(this.#folder, { recursive: true });
    this.simulated?.assertNoUnexpected();
  }

  async #dropNamespace(name: string): Promise<void> {
    for (const resource of ['configmaps', 'secrets'])
      await this.send('DELETE', `/api/v1/namespaces/${name}/${resource}`);
    await this.send('DELETE', `/api/v1/namespaces/${name}`);
    await this.finishNamespace(name);
  }

  /** Finishes a terminating namespace and its content, as the namespace controller does. */
  async finishNamespace(name: string): Promise<void> {
    for (const resource of ['configmaps', 'secrets']) {
      const path = `/api/v1/namespaces/${name}/${resource}`;
      const { items } = await this.must('GET', path);
      for (const { metadata } of items ?? []) await this.#remove(`${path}/${metadata.name}`, metadata);
    }
    const { body } = await this.send('GET', `/api/v1/namespaces/${name}`);
    await this.send('PUT', `/api/v1/namespaces/${name}/finalize`, { ...body, spec: { finalizers: [] } });
  }

  /** Deletes an object, with or without finalizers. */
  async #remove(path: string, { finalizers }: { finalizers?: unknown }): Promise<void> {
    const contentType = 'application/merge-patch+json';
    const patch = { metadata: { finalizers: null } };
    if (finalizers !== undefined) await this.send('PATCH', path, patch, { contentType });
    await this.send('DELETE', path);
  }

  /** Sends one request. Every status is an answer. */
  send(
    method: string,
    path: string,
    body?: object,
    settings: RequestSettings = {},
  ): Promise<{ status: number; body: Json }> {
    const { manager = 'test', contentType = 'application/json' } = settings;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const query = `${path.includes('?') ? '&' : '?'}fieldManager=${manager}${contentType.includes('apply') ? '&force=true' : ''}`;
    const headers = { accept: 'application/json', 'content-type': contentType };
    const whole = path + (method === 'GET' || method === 'DELETE' ? '' : query);
    return this.#request(method, whole, headers, text).then((answer) => ({
      status: answer.status,
      body: JSON.parse(answer.text),
    }));
  }

  /** A client that sends requests as they are, in one namespace. */
  client(namespace: string): Client {
    return new Client((...request) => this.#request(...request), namespace);
  }

  #request(...[method, path, more, text]: Parameters<Transport>): Promise<Answer> {
    const credentials = this.#options.headers as http.OutgoingHttpHeaders | undefined;
    const { protocol, hostname, port } = this.#url;
    const { request } = protocol === 'https:' ? https : http;
    const length = text === undefined ? {} : { 'content-length': Buffer.byteLength(text) };
    const headers = { ...credentials, ...length, ...more };
    return new Promise((resolve, reject) => {
      const sent = request(
        { ...this.#options, agent: false, hostname, port, method, path, headers },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              headers: new Headers(answer.headers as Record<string, string>),
              text: Buffer.concat(chunks).toString(),
            }),
          );
          answer.on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.end(text);
    });
  }

  /** Like {@link send}, for a request that must succeed. */
  async must(method: string, path: string, body?: object, settings: RequestSettings = {}): Promise<Json> {
    const answer = await this.send(method, path, body, settings);
    assert.ok(
      answer.status < 300,
      `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body.message ?? '')}`,
    );
    return answer.body;
  }

  /** The full name of a namespace of this test. */
  ns(short: string): string {
    return `${this.prefix}-${short}`;
  }

  /** Creates a namespace of this test. */
  async namespace(
    short: string,
    labels: Record<string, string> = {},
    annotations: Record<string, string> = {},
  ): Promise<string> {
    const name = this.ns(short);
    await this.must('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels, annotations },
    });
    this.#namespaces.push(name);
    return name;
  }

  /** Turns `Kind/namespace/name`, with the short namespace, into the path of the object. */
  path(object: string): string {
    const [kind = '', namespace = '', name = ''] = object.split('/');
    const full = namespace.startsWith('kube-') || namespace === 'default' ? namespace : this.ns(namespace);
    return `/api/v1/namespaces/${full}/${kind.toLowerCase()}s/${name}`;
  }

  /** Creates `Kind/namespace/name`, with the short namespace. */
  create(
    object: string,
    content: object = {},
    metadata: object = {},
    settings: RequestSettings = {},
  ): Promise<Json> {
    const [kind, , name] = object.split('/');
    const path = this.path(object);
    const body = { apiVersion: 'v1', kind, metadata: { name, ...metadata }, ...content };
    return this.must('POST', path.slice(0, path.lastIndexOf('/')), body, settings);
  }

  /** Creates a source for the namespaces that the selector selects. */
  source(
    object: string,
    content: object,
    selector = '',
    { labels = {}, annotations = {} }: { labels?: object; annotations?: object } = {},
  ): Promise<Json> {
    const all = { ...annotations, 'kubed.appscode.com/sync': selector };
    return this.create(object, content, { labels, annotations: all });
  }

  /** The object. Undefined if it does not exist. */
  async get(object: string): Promise<Json> {
    const { status, body } = await this.send('GET', this.path(object));
    assert.ok(status === 200 || status === 404, `${object}: ${status}`);
    return status === 404 ? undefined : body;
  }

  /** Patches an object by an RFC 7396 merge patch. */
  merge(object: string, patch: object, settings: RequestSettings = {}): Promise<Json> {
    return this.must('PATCH', this.path(object), patch, {
      ...settings,
      contentType: 'application/merge-patch+json',
    });
  }

  /** Applies an object server-side, with force. */
  apply(object: string, content: object, manager = 'applier'): Promise<Json> {
    const [kind, , name] = object.split('/');
    const body = { apiVersion: 'v1', kind, metadata: { name }, ...content };
    return this.must('PATCH', this.path(object), body, {
      manager,
      contentType: 'application/apply-patch+yaml',
    });
  }

  /** Deletes an object. */
  delete(object: string): Promise<Json> {
    return this.must('DELETE', this.path(object));
  }

  /** Annotates an object, or removes an annotation with null. */
  annotate(object: string, annotations: Record<string, string | null>): Promise<Json> {
    return this.merge(object, { metadata: { annotations } });
  }

  /** Options that limit a run to the namespaces of this test. */
  get own(): readonly string[] {
    const sources = this.#namespaces.flatMap((namespace) => ['--source-namespace', namespace]);
    return ['--include-namespace', `${this.prefix}-*`, ...sources];
  }

  /** Runs the built program on this cluster, limited to the namespaces of this test unless `args` differ. */
  run(command: string, ...args: readonly string[]): Promise<Ran> {
    return kubedSync([command, '--kubeconfig', this.kubeconfig, ...args]);
  }

  /** Runs `reconcile -o json` in the namespaces of this test, with additional `args`. */
  reconcile(...args: readonly string[]): Promise<Reported> {
    return this.reconcileWithin(this.own, ...args);
  }

  /** Runs `reconcile -o json` with the first options instead of {@link own}. */
  async reconcileWithin(scope: readonly string[], ...args: readonly string[]): Promise<Reported> {
    const ran = await this.run('reconcile', ...scope, '-o', 'json', ...args);
    assert.notEqual(ran.stdout, '', ran.stderr);
    const report: Json = JSON.parse(ran.stdout);
    assertReport(report);
    const short = (namespace: string): string => namespace.replace(`${this.prefix}-`, '');
    return {
      ...ran,
      report,
      changes: report.changes.map((change: Json) =>
        [
          change.action,
          `${change.kind}/${short(change.namespace)}/${change.name}`,
          change.reason,
          change.outcome,
        ].join(' '),
      ),
      findings: report.findings.flatMap(({ reason }: Json) => (OUTSIDE.has(reason) ? [] : [reason])),
    };
  }

  /** Checks that one run makes exactly these changes without complaints, and that the next one has nothing to do. */
  async heals(changes: readonly string[], ...args: readonly string[]): Promise<Reported> {
    const ran = await this.reconcile(...args);
    assert.deepEqual([ran.changes, ran.findings, ran.code], [changes, [], 0], ran.stderr);
    await this.isQuiet(...args);
    return ran;
  }

  /** Checks that another run has nothing to do: three lists, no body, no write. */
  async isQuiet(...args: readonly string[]): Promise<void> {
    this.simulated?.resetRequests();
    const { report, changes } = await this.reconcile(...args);
    assert.deepEqual(changes, []);
    assert.deepEqual(report.requests, { list: 3, get: 0, create: 0, patch: 0, delete: 0 });
    for (const { accept } of this.simulated?.requests ?? []) assert.equal(accept, 'metadata');
  }
}
