import { parseKubeconfig } from './kubeconfig-yaml.ts';
import type { Result } from '../model/failure.ts';
import type { Manifests } from '../model/manifest.ts';
import type { Report } from '../model/run-report.ts';
import type { DefaultNamespace, ManifestsRead, ReadOptions } from '../manifests/read-manifests.ts';
import { readWithBase } from '../manifests/read-with-base.ts';
import type { RunHooks } from '../model/progress.ts';
import { explainCluster } from '../run/explain-cluster.ts';
import { migrateCluster } from '../run/migrate-cluster.ts';
import { purge, reconcile } from '../run/reconcile.ts';
import type { RunOptions } from '../run/run-options.ts';
import { eventMessage } from '../report/messages/event-message.ts';
import { type PrintWorld, print, printEnd, terminationText } from './output.ts';
import { type Explain, explain } from './commands/explain.ts';
import { migrate } from './commands/migrate.ts';
import type { Ended } from './commands/publish.ts';
import { render } from './commands/render.ts';
import type { Connect, Request } from './options/request.ts';
import { LoginStore } from '../kube/auth/login-store.ts';
import { contextNames, kubectlNamespace } from '../kube/kubeconfig/kubeconfig.ts';
import { namespaceNames } from '../kube/read/namespace-names.ts';

/**
 * All that only a run needs. This module is imported at the moment of need and nowhere else: behind it stand
 * client-node, chalk and a YAML library, which `--version`, `--help` and a mistyped option should not wait for.
 */
export interface Runtime {
  readonly readManifests: (request: Request) => Promise<ManifestsRead>;
  readonly run: (request: Request, hooks: RunHooks, manifests?: Manifests) => Promise<Result<Report>>;
  /** Returns a `run` whose connections stay open until `close`. After that, the next run connects again. */
  readonly keepConnections: () => { readonly run: Runtime['run']; readonly close: () => void };
  readonly print: typeof print;
  readonly printEnd: typeof printEnd;
  readonly terminationText: typeof terminationText;
  /** Loaded when a run is over and metrics are wanted. */
  readonly publish: (ended: Ended, stop: AbortSignal) => Promise<readonly string[]>;
  readonly render: typeof render;
  readonly explain: ReadOnlyCommand;
  readonly migrate: ReadOnlyCommand;
  /** The contexts of the kubeconfig, for completion. */
  readonly contexts: (connect: Connect) => readonly string[];
  /** The namespaces of the cluster, for completion. None if it does not answer before `stop`. */
  readonly namespaces: (connect: Connect, stop: AbortSignal) => Promise<readonly string[]>;
}

/** A command that prints what it read, and returns the exit code. */
type ReadOnlyCommand = (
  request: Request,
  manifests: Manifests | undefined,
  world: PrintWorld,
) => Promise<number>;

/** The real runtime. */
export const RUNTIME: Runtime = {
  readManifests: (request) =>
    readWithBase(request.manifests.filename, request.manifests.base, process.stdin, {
      recursive: request.manifests.recursive,
      needsValues: request.command === 'render',
      ...defaultNamespace(request),
    }),
  run: (request, hooks, manifests) => run(request, hooks, manifests, {}),
  keepConnections: () => {
    const logins = new LoginStore();
    return {
      run: (request, hooks, manifests) => run(request, hooks, manifests, { logins }),
      close: () => logins.close(),
    };
  },
  print,
  printEnd,
  terminationText,
  publish: async (ended, stop) => {
    const { metricsFile, pushgateway } = ended.request.publish;
    if (metricsFile === undefined && pushgateway === undefined) return [];
    return (await import('./commands/publish.ts')).publish(ended, stop);
  },
  render,
  explain: (request, manifests, world) => {
    const { clusters, remotes } = request;
    const options = { ...runOptions(request, manifests), clusters, ...(remotes && { remotes }) };
    const namespace = (): string => kubectlPlace(request).namespace;
    const ask: Explain = (question, hooks) => explainCluster(options, question, hooks);
    return explain(request, namespace, manifests, ask, world);
  },
  migrate: (request, manifests, world) => {
    const { from = 'reflector' } = request;
    const options = runOptions(request, manifests);
    return migrate(request, manifests, (hooks) => migrateCluster(options, from, hooks), world);
  },
  contexts: (options) => contextNames({ ...options, parseYaml: parseKubeconfig }),
  namespaces: (options, stop) => namespaceNames({ ...options, parseYaml: parseKubeconfig }, stop),
};

function run(
  request: Request,
  hooks: RunHooks,
  manifests: Manifests | undefined,
  kept: { readonly logins?: LoginStore },
): Promise<Result<Report>> {
  const { command, clusters, remotes } = request;
  const options = runOptions(request, manifests);
  const act = command === 'purge' ? purge : reconcile;
  const connect = { ...options.connect, ...kept };
  return act({ ...options, connect, clusters, ...(remotes && { remotes }) }, hooks);
}

function runOptions(request: Request, manifests: Manifests | undefined): RunOptions {
  const { settings, connect, dryRun, serverDryRun, showServerMessages, concurrency, publish } = request;
  return {
    settings,
    connect: { ...connect, parseYaml: parseKubeconfig },
    dryRun,
    serverDryRun,
    showServerMessages,
    concurrency,
    values: showsValues(request),
    offline: request.manifests.offline,
    ...(manifests && { manifests }),
    ...(publish.events && { events: eventMessage }),
  };
}

/** Returns where manifests are that name no namespace: with a cluster, where kubectl would apply them. */
function defaultNamespace(request: Request): Pick<ReadOptions, 'defaultNamespace'> {
  if (request.command === 'render' && request.manifests.defaultNamespace === undefined) return {};
  return { defaultNamespace: kubectlPlace(request) };
}

/** Returns the namespace of what names none: `-n`, or where kubectl would look. Without a cluster it is `default`. */
function kubectlPlace({ manifests, connect }: Request): DefaultNamespace {
  const { defaultNamespace: namespace, offline } = manifests;
  if (namespace !== undefined) return { namespace, chosenBy: 'option' };
  if (offline) return { namespace: 'default', chosenBy: 'none' };
  return kubectlNamespace({ ...connect, parseYaml: parseKubeconfig });
}

/** Values are shown in a dry run and with `--verbose`, never in a JSON or YAML document. */
function showsValues({ dryRun, style: { output, quiet, verbose } }: Request): boolean {
  const isForPeople = output === 'markdown' || (output === 'text' && !quiet);
  return isForPeople && (dryRun || verbose);
}
