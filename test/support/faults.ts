import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Failure } from '../../src/model/failure.ts';
import type { Change } from '../../src/model/change.ts';
import type { ObjectName } from '../../src/model/objects.ts';
import type { Settings } from '../../src/model/settings.ts';
import type { Outcome, Report } from '../../src/model/run-report.ts';
import type { ConnectHooks } from '../../src/kube/connect.ts';
import type { RunHooks } from '../../src/model/progress.ts';
import { purge, reconcile } from '../../src/run/reconcile.ts';
import type { RunOptions } from '../../src/run/run-options.ts';
import { ApiServer, type KubeObject, type ResourceName } from './apiserver.ts';
import { INSTANT, connectOptions } from './connecting.ts';
import { settingsWith } from './world.ts';

/*
 * Runs in this process, against a simulated server that fails. They are fast, because no wait takes time. Each is
 * checked for what a run must never do.
 */

/** The result of a run. */
export type Ended = { readonly report: Report } | { readonly failure: Failure };

/** Options of one run. */
export interface RunSetup {
  readonly settings?: Partial<Settings>;
  readonly dryRun?: boolean;
  readonly purge?: boolean;
  readonly concurrency?: number;
  /** Milliseconds. */
  readonly requestTimeout?: number;
  readonly grace?: number;
  readonly stop?: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
}

/** A simulated cluster, and the way to run the program on it. */
export class Rig implements AsyncDisposable {
  readonly server: ApiServer;
  readonly #folder: string;

  private constructor(server: ApiServer, folder: string) {
    this.server = server;
    this.#folder = folder;
    writeFileSync(this.kubeconfig, server.kubeconfig());
  }

  /** Starts an empty cluster; `now` is its clock. */
  static async open(now = (): Date => new Date()): Promise<Rig> {
    return new Rig(await ApiServer.start({ now }), mkdtempSync(join(tmpdir(), 'kubed-sync-rig-')));
  }

  /** The path of a kubeconfig for the cluster. */
  get kubeconfig(): string {
    return join(this.#folder, 'kubeconfig');
  }

  /** Runs once, with waits that end at once. */
  async run(setup: RunSetup = {}): Promise<Ended> {
    const { kubeconfig } = this;
    const { requestTimeout = 5000, grace = 50, concurrency = 4, dryRun = false } = setup;
    const options: RunOptions = {
      settings: settingsWith(setup.settings),
      connect: connectOptions({ kubeconfig, requestTimeout }),
      dryRun,
      concurrency,
    };
    const stop = setup.stop ?? new AbortController().signal;
    const hooks: RunHooks & ConnectHooks = { progress: () => undefined, stop, grace, ...INSTANT };
    const result = await (setup.purge === true ? purge : reconcile)(options, hooks);
    return result.ok ? { report: result.value } : { failure: result.failure };
  }

  /** A run that must end with a report. */
  async report(setup: RunSetup = {}): Promise<Report> {
    const ended = await this.run(setup);
    return 'report' in ended ? ended.report : assert.fail(JSON.stringify(ended.failure));
  }

  /** Stops the server and removes the kubeconfig. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
    rmSync(this.#folder, { recursive: true });
  }
}

/** The resources that hold sources and copies. */
export const RESOURCES = ['configmaps', 'secrets'] as const satisfies readonly ResourceName[];

/** All ConfigMaps and Secrets, by `resource/namespace/name`. */
export function objectsOf(server: ApiServer): ReadonlyMap<string, KubeObject> {
  return new Map(
    RESOURCES.flatMap((resource) =>
      server.store
        .list(resource)
        .map(
          (object) => [`${resource}/${object.metadata.namespace}/${object.metadata.name}`, object] as const,
        ),
    ),
  );
}

/** The key of an object in {@link objectsOf}. */
export function placeOf({ kind, namespace, name }: ObjectName): string {
  return `${kind === 'Secret' ? 'secrets' : 'configmaps'}/${namespace}/${name}`;
}

const MARKS = 'kubed.appscode.com/';

/** Whether an object has all four marks of a copy, as the documentation describes them. */
export function looksLikeCopy({ metadata }: KubeObject): boolean {
  const { labels = {}, annotations = {} } = metadata;
  return (
    ['name', 'namespace', 'cluster'].every((part) => Object.hasOwn(labels, `${MARKS}origin.${part}`)) &&
    Object.hasOwn(annotations, `${MARKS}origin`)
  );
}

/** The cluster without what always differs between runs: uids, versions, times. */
export function stateOf(server: ApiServer): object {
  return Object.fromEntries([...objectsOf(server)].map(([place, object]) => [place, comparable(object)]));
}

function comparable({ metadata, ...content }: KubeObject): object {
  const { uid: _, resourceVersion: __, creationTimestamp: ___, managedFields = [], ...kept } = metadata;
  const owners = managedFields.map(({ time: ____, ...entry }) => entry);
  const { annotations = {} } = kept;
  const origin = annotations[`${MARKS}origin`];
  return {
    ...content,
    metadata: {
      ...kept,
      annotations: { ...annotations, ...(origin !== undefined && { [`${MARKS}origin`]: namesIn(origin) }) },
    },
    owners: owners.map((entry) => JSON.stringify(entry)).toSorted(),
  };
}

function namesIn(origin: string): string {
  const { namespace, name } = JSON.parse(origin) as { namespace: string; name: string };
  return `${namespace}/${name}`;
}

/** Whether the server has the result of a change. */
export function isDone(server: ApiServer, change: Change): boolean {
  const there = objectsOf(server).get(placeOf(change));
  if (change.action === 'prune')
    return there === undefined || there.metadata['deletionTimestamp'] !== undefined;
  const source = objectsOf(server).get(placeOf({ ...change, ...change.origin }));
  return there !== undefined && source !== undefined && isCopyOf(there, source);
}

/** Whether an object is the up-to-date copy of a source: content, origin and labels. */
export function isCopyOf(there: KubeObject, source: KubeObject): boolean {
  const { namespace, name, uid, resourceVersion } = source.metadata;
  const content = ({ data = {}, binaryData = {}, type, immutable = false }: KubeObject): string =>
    JSON.stringify([sorted(data), sorted(binaryData), type, immutable]);
  return (
    looksLikeCopy(there) &&
    there.metadata.labels?.['app.kubernetes.io/managed-by'] === 'kubed-sync' &&
    there.metadata.annotations?.[`${MARKS}origin`] ===
      JSON.stringify({ namespace, name, uid, resourceVersion }) &&
    content(there) === content(source)
  );
}

function sorted(map: unknown): readonly unknown[] {
  return Object.entries(map as object).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** `action kind/namespace/name outcome`, for messages. */
export function shown(report: Report): readonly string[] {
  return report.changes.map(
    ({ change, outcome }) =>
      `${change.action} ${placeOf(change)} ${JSON.stringify(outcome satisfies Outcome)}`,
  );
}
