/**
 * A Kubernetes API server for tests: in this process, over real HTTP or HTTPS, core v1 only.
 *
 * | imitated, as Kubernetes 1.36 does it                         | not imitated                                        |
 * |--------------------------------------------------------------|-----------------------------------------------------|
 * | namespaces, configmaps, secrets: list get create update      | any other resource, watch, deletecollection,        |
 * |   patch apply delete; namespaces/finalize                    |   generateName, the status subresource              |
 * | events: create and list in one namespace, validation       | their expiry, patches, the group events.k8s.io      |
 * | limit and continue over a snapshot, 410 for an old token     | resourceVersionMatch, lists at an older version     |
 * | label and field selectors, remainingItemCount                |                                                     |
 * | metadata form, its lists in protobuf too, Table form, gzip   | any other answer in protobuf; YAML or CBOR          |
 * |   from 128 KiB                                               |                                                     |
 * | merge, strategic merge and JSON patches                      | strategic directives that these kinds never need    |
 * | managedFields of updates and applies, conflicts, force,      | kubectl's move from client-side to server-side      |
 * |   before-first-apply, ancient-changes, reset by `[{}]`       |   apply, other versions, order of finalizers        |
 * | Secret types, stringData, immutable, sizes, names, labels    | the second copy of some causes of a 422; Go's words |
 * |                                                              |   for broken JSON                                   |
 * | preconditions, finalizers, dryRun, fieldValidation           | graceful deletion, ownerReferences (no collector)   |
 * | terminating namespaces that stay (no controller);            | kube-root-ca.crt and other work of controllers      |
 * |   `holdNamespaces: false` finishes them at once              |                                                     |
 * | quota by count, validating and mutating hooks                | webhooks and policies as objects                    |
 * | bearer token, client certificates, impersonation in the log  | the right to impersonate; aggregated roles; `*`     |
 * | RBAC: who was granted something may do that alone            |                                                     |
 * | discovery enough for kubectl                                 | OpenAPI schemas, aggregated discovery               |
 *
 * A path that nothing serves is answered with 404 and kept: end every test with `assertNoUnexpected()`.
 */

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import { Admission, type Mutator, type Quota, type Validator } from './apiserver/admission.ts';
import { finishNamespace, remove } from './apiserver/deletion.ts';
import { Events } from './apiserver/events.ts';
import { type Grant, Grants, tokenOf } from './apiserver/grants.ts';
import { Handler, type Hook } from './apiserver/handler.ts';
import { kubeconfigOf, type KubeconfigExtra } from './apiserver/kubeconfig.ts';
import { Lists } from './apiserver/lists.ts';
import { RequestLog, type Counts } from './apiserver/log.ts';
import type { Json, KubeObject, ResourceName, StringMap } from './apiserver/model.ts';
import type { ApiServerOptions } from './apiserver/options.ts';
import { Registry } from './apiserver/registry.ts';
import type { LoggedRequest } from './apiserver/request.ts';
import { Rules, type Fault, type Match } from './apiserver/rules.ts';
import { Store } from './apiserver/store.ts';
import { Verbs } from './apiserver/verbs.ts';

export type { Quota } from './apiserver/admission.ts';
export type { Grant } from './apiserver/grants.ts';
export type { Hook } from './apiserver/handler.ts';
export type { KubeconfigExtra } from './apiserver/kubeconfig.ts';
export type { Counts } from './apiserver/log.ts';
export type { Json, KubeObject, ManagedFieldsEntry, ObjectMeta, ResourceName } from './apiserver/model.ts';
export type { ApiServerOptions } from './apiserver/options.ts';
export type { LoggedRequest, Verb } from './apiserver/request.ts';
export type { Fault, Match } from './apiserver/rules.ts';
export type { PutObject, Store } from './apiserver/store.ts';

const SYSTEM_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** The simulated server. Start one for each test; it takes a millisecond. */
export class ApiServer {
  /** The objects, for tests that set up or check them without a request. */
  readonly store: Store;
  /** The Events that clients recorded. */
  readonly events: Events;
  /** The required bearer token. It may change between requests. */
  token: string | undefined;
  readonly #options: ApiServerOptions;
  readonly #admission: Admission;
  readonly #registry: Registry;
  readonly #lists: Lists;
  readonly #log: RequestLog;
  readonly #faults = new Rules<Fault>();
  readonly #denials = new Rules<true>();
  readonly #grants = new Grants();
  readonly #before = new Rules<Hook>();
  readonly #after = new Rules<Hook>();
  readonly #server: Server;
  #connections = 0;

  private constructor(options: ApiServerOptions) {
    this.#options = options;
    this.token = options.token;
    this.store = new Store(options.now ?? (() => new Date()));
    this.#admission = new Admission(this.store);
    this.events = new Events(this.#admission, options.now ?? (() => new Date()));
    this.#registry = new Registry(this.store, this.#admission);
    this.#lists = new Lists(this.store);
    this.#log = new RequestLog(options.logLimit ?? Number.POSITIVE_INFINITY);
    this.#server = this.#createServer(this.#createHandler());
    this.#server.on('connection', () => (this.#connections += 1));
    this.reset();
  }

  /** Starts a server on a free port of the loopback address. */
  static async start(options: ApiServerOptions = {}): Promise<ApiServer> {
    const server = new ApiServer(options);
    await new Promise<void>((resolve) => {
      server.#server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    return server;
  }

  #createHandler(): Handler {
    const { holdNamespaces = true, latency = 0, protobuf = true, clientCA, extraRoutes } = this.#options;
    return new Handler({
      verbs: new Verbs({
        store: this.store,
        registry: this.#registry,
        lists: this.#lists,
        events: this.events,
        holdNamespaces,
      }),
      log: this.#log,
      faults: this.#faults,
      denials: this.#denials,
      grants: this.#grants,
      before: this.#before,
      after: this.#after,
      token: () => this.token,
      clientCertificates: clientCA !== undefined,
      latency,
      protobuf,
      extraRoutes,
    });
  }

  #createServer(handler: Handler): Server {
    const { now } = this.#options;
    const listener = (...[message, response]: Parameters<Handler['handle']>): void => {
      if (now !== undefined) response.setHeader('date', now().toUTCString());
      handler.handle(message, response).catch(() => response.destroy());
    };
    const { tls, clientCA } = this.#options;
    const keepAlive = { keepAliveTimeout: 60_000 };
    if (tls === undefined) return createServer(keepAlive, listener);
    const asking = clientCA === undefined ? {} : { ca: clientCA, requestCert: true };
    const { key, cert } = tls;
    return createTlsServer({ ...keepAlive, key, cert, ...asking, rejectUnauthorized: false }, listener);
  }

  /** Stops listening and closes every connection, also stalled ones. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => {
      this.#server.close(resolve);
    });
    this.#server.closeAllConnections();
    await closed;
  }

  /** Lets `await using` stop the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** The address of the server. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `${this.#options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  }

  /** The text of a kubeconfig for this server: JSON, which is YAML. */
  kubeconfig(extra: KubeconfigExtra = {}): string {
    return kubeconfigOf({ url: this.url, tls: this.#options.tls, token: this.token }, extra);
  }

  /** Empties the cluster, except for the four system namespaces. Rules, log and resourceVersion go on. */
  reset(): void {
    this.store.clear();
    for (const name of SYSTEM_NAMESPACES) this.store.put('namespaces', { metadata: { name } });
  }

  /** Every request since the start or the last reset, in the order of arrival. */
  get requests(): readonly LoggedRequest[] {
    return this.#log.requests;
  }

  /** Forgets the requests so far. */
  resetRequests(): void {
    this.#log.reset();
  }

  /** Requests by verb and bytes; an apply counts as `apply`, not as `patch`. */
  counts(): Counts {
    return this.#log.counts;
  }

  /** `METHOD path` of requests without a route, and exceptions in the simulator. */
  get unexpected(): readonly string[] {
    return this.#log.unexpected;
  }

  /** Throws if a request came that this server does not know. */
  assertNoUnexpected(): void {
    assert.deepEqual(this.unexpected, [], 'requests that the simulated API server does not know');
  }

  /** Makes the next matching requests fail. Returns a function that removes the fault. */
  failNext(match: Match, fault: Fault, times = 1): () => void {
    return this.#faults.add(match, fault, times);
  }

  /** Answers matching requests with 403, as RBAC does. Returns a function that removes the rule. */
  deny(match: Match, times = Number.POSITIVE_INFINITY): () => void {
    return this.#denials.add(match, true, times);
  }

  /**
   * Lets a user do only what these rules allow, as RBAC does. Returns the token of the user, who can also be
   * impersonated by name.
   */
  grant(user: string, grants: readonly Grant[]): string {
    this.#grants.set(user, grants);
    return tokenOf(user);
  }

  /** Runs a callback before the next matching requests are handled, for races that a client loses. */
  before(match: Match, hook: Hook, times = 1): () => void {
    return this.#before.add(match, hook, times);
  }

  /** Runs a callback after the next matching requests were handled and before they are answered. */
  after(match: Match, hook: Hook, times = 1): () => void {
    return this.#after.add(match, hook, times);
  }

  /** How many connections clients have made so far. */
  get connections(): number {
    return this.#connections;
  }

  /** How many faults and hooks are not used up. */
  get pendingRules(): number {
    return this.#faults.size + this.#before.size + this.#after.size;
  }

  /** Forgets faults, denials and callbacks. */
  clearRules(): void {
    for (const rules of [this.#faults, this.#denials, this.#before, this.#after]) rules.clear();
  }

  /** Makes all present continue tokens answer 410. */
  expireContinueTokens(): void {
    this.#lists.expire();
  }

  /** Creates a namespace, or sets the labels and annotations of an existing one. */
  namespace(name: string, labels: StringMap = {}, annotations: StringMap = {}): KubeObject {
    return this.store.put('namespaces', { metadata: { name, labels, annotations } });
  }

  /** Marks a namespace as a DELETE does: terminating until {@link finishNamespace}. */
  terminate(name: string): void {
    remove(this.store, { resource: 'namespaces', namespace: undefined, name }, { dryRun: false });
  }

  /** Removes a namespace and its content, with or without finalizers. */
  finishNamespace(name: string): void {
    finishNamespace(this.store, name);
  }

  /** Limits how many ConfigMaps and Secrets a namespace may have. Without a quota it removes the limit. */
  quota(namespace: string, quota?: Quota): void {
    this.#admission.setQuota(namespace, quota);
  }

  /** Adds a hook that rejects objects with a message, 422. Returns a function that removes it. */
  validate(hook: Validator): () => void {
    return this.#admission.addValidator(hook);
  }

  /** Adds a hook that changes objects in requests. The changes have no owner. Returns a function that removes it. */
  mutate(hook: Mutator): () => void {
    return this.#admission.addMutator(hook);
  }

  /** Creates an object as a client with that field manager: validated, owned, not logged. */
  create(resource: ResourceName, object: Json, manager = 'test'): KubeObject {
    const body = object as { readonly metadata?: { readonly namespace?: string } };
    const namespace = resource === 'namespaces' ? undefined : (body.metadata?.namespace ?? 'default');
    return this.#registry.create(resource, namespace, object, { manager }).object;
  }

  /** Changes an object with a merge patch, as a client with that field manager. */
  patch(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
    patch: Json,
    manager = 'test',
  ): KubeObject {
    return this.#registry.patch({ resource, namespace, name }, 'merge', patch, { manager }).object;
  }

  /** Applies an object server-side, as a client with that field manager. */
  apply(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
    config: Json,
    manager = 'test',
  ): KubeObject {
    const options = { manager, force: true };
    return this.#registry.patch({ resource, namespace, name }, 'apply', config, options).object;
  }
}
