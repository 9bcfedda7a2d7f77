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
 * A cluster for a test: the simulated API server, or the real one that
 * `real.test.ts` names in KUBED_SYNC_TEST_REAL. Tests speak to it by
 * the HTTP API alone, so that the same files run on both. Nothing is assumed of other namespaces, nor that a controller
 * manager runs.
 */

/** A JSON object of the API, as tests read it. */
// oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of every shape
export type Json = any;

/** The report of a run as `-o json` prints it, together with how the program ended. */
export interface Reported extends Ran {
  readonly report: Json;
  /** `action kind/namespace/name reason outcome`, with the test's own namespaces shortened. */
  readonly changes: readonly string[];
  /** Reasons of findings, but for the notes on what lies outside the test's own namespaces. */
  readonly findings: readonly string[];
}

/** What a request may say besides method, path and body. */
export interface RequestSettings {
  readonly manager?: string;
  readonly contentType?: string;
}

/** The labels and the annotation by which an object says that it is a copy of this source; `older` is the form with a kind. */
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

/** One cluster and one test's own corner of it. */
export class TestCluster {
  /** Only here can faults be set and requests be looked at. */
  readonly simulated: ApiServer | undefined;
  /** Path of a kubeconfig file for it. */
  readonly kubeconfig: string;
  /** Begins the name of every namespace that the test makes. */
  readonly prefix = `t${randomBytes(4).toString('hex')}`;
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
  ) {
    this.#folder = folder;
    this.kubeconfig = kubeconfig;
    this.#url = new URL(url);
    this.#options = options;
    this.simulated = simulated;
  }

  /** The real cluster if there is one, else a simulated one of its own. */
  static async open(serverOptions: ApiServerOptions = {}): Promise<TestCluster> {
    const real = process.env['KUBED_SYNC_TEST_REAL'];
    const folder = await mkdtemp(join(tmpdir(), 'kubed-sync-test-'));
    const simulated = real === undefined ? await ApiServer.start(serverOptions) : undefined;
    const file = real ?? join(folder, 'kubeconfig');
    if (simulated !== undefined) await writeFile(file, simulated.kubeconfig());
    const config = new KubeConfig();
    config.loadFromFile(file);
    const options: https.RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    return new TestCluster(folder, file, config.getCurrentCluster()?.server ?? '', options, simulated);
  }

  /** Removes what the test made. Fails where the program asked the simulated server for what it does not know. */
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

  /** Ends a terminating namespace, as the namespace controller would: first what is in it, then the namespace. */
  async finishNamespace(name: string): Promise<void> {
    for (const resource of ['configmaps', 'secrets']) {
      const path = `/api/v1/namespaces/${name}/${resource}`;
      const { items } = await this.must('GET', path);
      for (const { metadata } of items ?? []) await this.#remove(`${path}/${metadata.name}`, metadata);
    }
    const { body } = await this.send('GET', `/api/v1/namespaces/${name}`);
    await this.send('PUT', `/api/v1/namespaces/${name}/finalize`, { ...body, spec: { finalizers: [] } });
  }

  /** Deletes an object whatever holds it. */
  async #remove(path: string, { finalizers }: { finalizers?: unknown }): Promise<void> {
    const contentType = 'application/merge-patch+json';
    const patch = { metadata: { finalizers: null } };
    if (finalizers !== undefined) await this.send('PATCH', path, patch, { contentType });
    await this.send('DELETE', path);
  }

  /** Sends one request; every status is an answer. */
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

  /** As {@link send}, for what must succeed. */
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

  /** Creates a namespace of this test's own. */
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

  /** `Kind/namespace/name`, the namespace short, to the path of the object. */
  path(object: string): string {
    const [kind = '', namespace = '', name = ''] = object.split('/');
    const full = namespace.startsWith('kube-') || namespace === 'default' ? namespace : this.ns(namespace);
    return `/api/v1/namespaces/${full}/${kind.toLowerCase()}s/${name}`;
  }

  /** Creates `Kind/namespace/name`, the namespace short. */
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

  /** Creates an object that is to be copied to the namespaces that the selector selects. */
  source(
    object: string,
    content: object,
    selector = '',
    { labels = {}, annotations = {} }: { labels?: object; annotations?: object } = {},
  ): Promise<Json> {
    const all = { ...annotations, 'kubed.appscode.com/sync': selector };
    return this.create(object, content, { labels, annotations: all });
  }

  /** The object, or undefined where there is none. */
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

  /** Applies an object server-side, by force. */
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

  /** Options that keep a run within this test's own namespaces, whatever else is in the cluster. */
  get own(): readonly string[] {
    const sources = this.#namespaces.flatMap((namespace) => ['--source-namespace', namespace]);
    return ['--include-namespace', `${this.prefix}-*`, ...sources];
  }

  /** Runs the built program against this cluster, within this test's own namespaces unless `args` say otherwise. */
  run(command: string, ...args: readonly string[]): Promise<Ran> {
    return kubedSync([command, '--kubeconfig', this.kubeconfig, ...args]);
  }

  /** `reconcile -o json` within this test's own namespaces; `args` come on top. */
  reconcile(...args: readonly string[]): Promise<Reported> {
    return this.reconcileWithin(this.own, ...args);
  }

  /** `reconcile -o json` within what the first options say, which stand in the place of {@link own}. */
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

  /** One run makes exactly these changes and has nothing to complain of; the next has nothing left to do. */
  async heals(changes: readonly string[], ...args: readonly string[]): Promise<Reported> {
    const ran = await this.reconcile(...args);
    assert.deepEqual([ran.changes, ran.findings, ran.code], [changes, [], 0], ran.stderr);
    await this.isQuiet(...args);
    return ran;
  }

  /** Runs once more and sees that nothing is left to do: three lists, no body, no write. */
  async isQuiet(...args: readonly string[]): Promise<void> {
    this.simulated?.resetRequests();
    const { report, changes } = await this.reconcile(...args);
    assert.deepEqual(changes, []);
    assert.deepEqual(report.requests, { list: 3, get: 0, create: 0, patch: 0, delete: 0 });
    for (const { accept } of this.simulated?.requests ?? []) assert.equal(accept, 'metadata');
  }
}
