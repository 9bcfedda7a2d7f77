import { parseKubeconfig } from './kubeconfig-yaml.ts';
import type { Result } from '../model/failure.ts';
import type { Manifests } from '../model/manifest.ts';
import type { Report } from '../model/run-report.ts';
import type { ManifestsRead, ReadOptions } from '../manifests/read-manifests.ts';
import { readWithBase } from '../manifests/read-with-base.ts';
import type { RunHooks } from '../model/progress.ts';
import { purge, reconcile } from '../run/reconcile.ts';
import { eventMessage } from '../report/messages/event-message.ts';
import { print, printEnd, terminationText } from './output.ts';
import type { Ended } from './commands/publish.ts';
import { render } from './commands/render.ts';
import type { Connect, Request } from './options/request.ts';
import { contextNames, kubectlNamespace } from '../kube/kubeconfig/kubeconfig.ts';
import { namespaceNames } from '../kube/read/namespace-names.ts';

/**
 * All that only a run needs. This module is imported at the moment of need and nowhere else: behind it stand
 * client-node, chalk and a YAML library, which `--version`, `--help` and a mistyped option should not wait for.
 */
export interface Runtime {
  readonly readManifests: (request: Request) => Promise<ManifestsRead>;
  readonly run: (request: Request, hooks: RunHooks, manifests?: Manifests) => Promise<Result<Report>>;
  readonly print: typeof print;
  readonly printEnd: typeof printEnd;
  readonly terminationText: typeof terminationText;
  /** Loaded when a run is over and metrics are wanted. */
  readonly publish: (ended: Ended, stop: AbortSignal) => Promise<readonly string[]>;
  readonly render: typeof render;
  /** The contexts of the kubeconfig, for completion. */
  readonly contexts: (connect: Connect) => readonly string[];
  /** The namespaces of the cluster, for completion. None if it does not answer before `stop`. */
  readonly namespaces: (connect: Connect, stop: AbortSignal) => Promise<readonly string[]>;
}

/** The real runtime. */
export const RUNTIME: Runtime = {
  readManifests: (request) =>
    readWithBase(request.manifests.filename, request.manifests.base, process.stdin, {
      recursive: request.manifests.recursive,
      needsValues: request.command === 'render',
      ...defaultNamespace(request),
    }),
  run: (request, hooks, manifests) => {
    const { command, settings, connect, dryRun, serverDryRun, concurrency, publish } = request;
    const { showServerMessages, clusters, remotes } = request;
    const how = { dryRun, serverDryRun, showServerMessages, concurrency, values: showsValues(request) };
    const input = { offline: request.manifests.offline, ...(manifests && { manifests }) };
    const events = publish.events && { events: eventMessage };
    const options = {
      settings,
      connect: { ...connect, parseYaml: parseKubeconfig },
      ...how,
      clusters,
      ...(remotes && { remotes }),
      ...input,
      ...events,
    };
    const act = command === 'purge' ? purge : reconcile;
    return act(options, hooks);
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
  contexts: (options) => contextNames({ ...options, parseYaml: parseKubeconfig }),
  namespaces: (options, stop) => namespaceNames({ ...options, parseYaml: parseKubeconfig }, stop),
};

/** Returns where manifests are that name no namespace: with a cluster, where kubectl would apply them. */
function defaultNamespace({
  command,
  manifests: { defaultNamespace: namespace, offline },
  connect,
}: Request): Pick<ReadOptions, 'defaultNamespace'> {
  if (namespace !== undefined) return { defaultNamespace: { namespace, chosenBy: 'option' } };
  if (offline || command === 'render') return {};
  return { defaultNamespace: kubectlNamespace({ ...connect, parseYaml: parseKubeconfig }) };
}

/** Values are shown in a dry run and with `--verbose`, never in a JSON or YAML document. */
function showsValues({ dryRun, style: { output, quiet, verbose } }: Request): boolean {
  const isForPeople = output === 'markdown' || (output === 'text' && !quiet);
  return isForPeople && (dryRun || verbose);
}
