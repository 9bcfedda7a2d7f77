import { createHash } from 'node:crypto';
import type { MirrorTool } from '../../model/migration.ts';
import { KINDS } from '../../model/objects.ts';
import { type OptionSettings, adopts } from '../../model/settings.ts';
import type { ConnectOptions } from '../../kube/connect.ts';
import type { Clusters, RemoteOptions } from '../../run/run-options.ts';
import { version } from '../version.ts';
import type { Inputs } from './inputs.ts';
import { type QuestionText, questionFrom } from './question.ts';
import type { CommandName } from './command-line.ts';
import type { OptionValues } from './spec.ts';
import { UsageError } from './usage-error.ts';
import type { ColorMode, Environment, LogFormat, OutputFormat } from './values.ts';

/** How to connect, except the YAML library, which is loaded later: `--help` does not need it. */
export type Connect = Omit<ConnectOptions, 'parseYaml'>;

/** What the reader wants to see. */
export interface Style {
  /** `log`: JSON lines instead of a report. The log is JSON, and no other format was asked for. */
  readonly output: OutputFormat | 'log';
  readonly log: LogFormat;
  readonly color: ColorMode;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Everything that was asked for, checked: no later part of a run complains about an option. */
export interface Request {
  readonly command: CommandName;
  readonly settings: OptionSettings;
  readonly connect: Connect;
  readonly clusters: Clusters;
  /** The other clusters. Absent without `--remote-kubeconfig`. */
  readonly remotes?: RemoteOptions;
  readonly manifests: Pick<
    OptionValues,
    | 'filename'
    | 'base'
    | 'recursive'
    | 'defaultNamespace'
    | 'ignoreBadManifests'
    | 'offline'
    | 'outputDir'
    | 'includeSecrets'
  >;
  /** What `explain` is asked. Its object may lack a namespace, which is then that of kubectl. */
  readonly question?: QuestionText;
  /** `migrate --from`. */
  readonly from?: MirrorTool;
  /** `render --prune`: stale files in the output directory are deleted. */
  readonly pruneFiles: boolean;
  readonly style: Style;
  readonly dryRun: boolean;
  /** `--dry-run=server`. */
  readonly serverDryRun: boolean;
  readonly showServerMessages: boolean;
  readonly exitCode: boolean;
  readonly publish: Pick<OptionValues, 'events' | 'metricsFile' | 'pushgateway' | 'terminationMessage'>;
  readonly concurrency: number;
  /** Milliseconds. Absent means no limit. */
  readonly timeout?: number;
  /** Milliseconds from the start of one run to the start of the next (`--every`). Absent: there is one run. */
  readonly every?: number;
}

/** Makes a request of the options of a command, and refuses those that contradict each other. */
export function requestFrom(
  command: CommandName,
  inputs: Inputs,
  env: Environment,
  argument?: string,
): Request {
  const { options } = inputs;
  const { timeout, every, dryRun = 'none', exitCode, concurrency = 16 } = options;
  const settings = settingsFrom(options);
  const question = command === 'explain' && questionFrom(argument, options, settings);
  const request = {
    command,
    // The copies of an object have its kind.
    settings: { ...settings, ...(question && question.object && { kinds: [question.object.kind] }) },
    ...(question && { question }),
    ...(options.from && { from: options.from }),
    connect: connectFrom(options, env),
    ...clustersFrom(options),
    manifests: options,
    pruneFiles: command === 'render' && options.prune && inputs.isOnCommandLine('prune'),
    style: styleFrom(inputs),
    dryRun: dryRun !== 'none',
    serverDryRun: dryRun === 'server',
    showServerMessages: options.showServerMessages,
    exitCode,
    publish: options,
    concurrency,
    ...(timeout && { timeout }),
    ...(every !== undefined && { every }),
  };
  refuseContradictions(request);
  refuseSeries(request);
  refuseManifests(request, inputs);
  refuseClusters(request, options);
  return request;
}

function settingsFrom(options: OptionValues): OptionSettings {
  const { kind, maxPrune, shard } = options;
  return {
    clusterName: options.clusterName ?? '',
    namespaces: options.namespace,
    sourceNamespaces: options.sourceNamespace,
    includeNamespaces: options.includeNamespace,
    excludeNamespaces: options.excludeNamespace,
    // One shard of one is the whole.
    ...(shard && shard.count > 1 && { shard }),
    kinds: KINDS.filter((one) => kind.length === 0 || kind.includes(one)),
    requireConsent: options.requireConsent,
    prune: options.prune,
    pruneLegacy: options.pruneLegacy,
    ...(maxPrune && { maxPrune }),
    pruneAfter: Math.ceil((options.pruneAfter ?? 0) / 1000),
    verify: options.verify,
    onConflict: options.onConflict ?? 'fail',
    strip: options.strip,
    ...(options.formerClusterUid.length > 0 && { formerClusterUids: options.formerClusterUid }),
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
  };
}

function connectFrom(options: OptionValues, env: Environment): Connect {
  const { kubeconfig, context, as } = options;
  return {
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
    ...(as !== undefined && { as }),
    asGroups: options.asGroup,
    requestTimeout: options.requestTimeout ?? 60_000,
    userAgent: `kubed-sync/${version()}`,
    env,
  };
}

function clustersFrom(options: OptionValues): Pick<Request, 'clusters' | 'remotes'> {
  const { clusters = 'all', remoteKubeconfig: paths, remoteContext: contexts, remoteAllow } = options;
  if (paths.length === 0) return { clusters };
  const allowed = { exec: remoteAllow.includes('exec'), insecure: remoteAllow.includes('insecure') };
  return { clusters, remotes: { paths, contexts, allowed } };
}

/** Of `--quiet` and `--verbose` the one on the command line counts. */
function styleFrom({ options, isOnCommandLine }: Inputs): Style {
  const { quiet, verbose, logFormat: log = 'text', color = 'auto' } = options;
  const [quietFirst, verboseFirst] = [isOnCommandLine('quiet'), isOnCommandLine('verbose')];
  refuse(quiet && verbose && quietFirst === verboseFirst, '--quiet and --verbose contradict each other');
  return {
    output: options.output ?? (log === 'json' ? 'log' : 'text'),
    log,
    color,
    quiet: quiet && !verboseFirst,
    verbose: verbose && !quietFirst,
  };
}

function refuseContradictions({ command, settings, dryRun, exitCode, ...request }: Request): void {
  const { namespaces, sourceNamespaces, onConflict, prune } = settings;
  refuse(
    command === 'migrate' && request.from === undefined,
    'migrate needs --from reflector or --from replicator',
  );
  refuse(
    command === 'purge' && !prune,
    '--no-prune contradicts purge, which only deletes copies; to look without deleting, use --dry-run',
  );
  // A run that does not look at a source would see its copies as stale.
  const unseen = sourceNamespaces.find((name) => namespaces.length > 0 && !namespaces.includes(name));
  refuse(
    unseen !== undefined,
    `--source-namespace ${unseen} is not among the namespaces of --namespace, and the run looks at no others; add --namespace ${unseen}`,
  );
  refuse(
    adopts(onConflict) && sourceNamespaces.length === 0,
    '--on-conflict adopt needs --source-namespace: without it, any user who can annotate an object could take over objects everywhere',
  );
  refuse(
    request.showServerMessages && !request.serverDryRun,
    '--show-server-messages needs --dry-run=server: messages may quote values of Secrets, and reports of runs are kept',
  );
  refuse(
    exitCode && !dryRun,
    '--exit-code needs --dry-run: it says whether changes are pending, and a run leaves none',
  );
}

/** Manifests are read once and show no change of the cluster. Several documents in one stream cannot be told apart. */
function refuseSeries({ every, manifests: { filename }, style: { output } }: Request): void {
  refuse(
    every !== undefined && filename.length > 0,
    '--every contradicts --filename: manifests are read once, and --every reads the cluster again and again',
  );
  refuse(
    every !== undefined && output !== 'text' && output !== 'log',
    `--every contradicts --output ${output}: a document is about one run; for a program that reads the log, use --log-format json`,
  );
}

const CONNECTING = ['kubeconfig', 'context', 'as', 'as-group', 'request-timeout'] as const;

function refuseManifests(
  { command, manifests, dryRun, serverDryRun, pruneFiles }: Request,
  { isOnCommandLine }: Inputs,
): void {
  const { filename, base, offline, outputDir } = manifests;
  const isGiven = filename.length > 0;
  refuse(
    base.length > 0 && !isGiven,
    '--base needs --filename: it shows what changes between two sets of manifests',
  );
  refuse(
    base.includes('-') && filename.includes('-'),
    '--base - and --filename - contradict each other: stdin can be read only once',
  );
  refuse(command === 'render' && !isGiven, 'render needs --filename: the manifests with the sources');
  refuse(
    command === 'migrate' && isGiven && !offline,
    '--filename of migrate needs --offline: it reads either the cluster or manifests',
  );
  refuse(pruneFiles && outputDir === undefined, '--prune needs --output-dir: it deletes stale files there');
  refuse(offline && !isGiven, '--offline needs --filename: without a cluster there are only the manifests');
  const connecting = CONNECTING.find(isOnCommandLine);
  refuse(
    offline && connecting !== undefined,
    `--offline and --${connecting} contradict each other: --offline connects to no cluster`,
  );
  if (command !== 'reconcile' || !isGiven) return;
  refuse(
    !dryRun,
    '--filename needs --dry-run: it shows what the manifests would change; to apply them, use kubectl',
  );
  refuse(
    offline && serverDryRun,
    '--offline and --dry-run=server contradict each other: without a cluster there is no API server to ask',
  );
}

const NEEDS_REMOTE = ['remoteContext', 'remoteAllow', 'formerClusterUid'] as const;

function refuseClusters({ clusters, remotes, manifests }: Request, options: OptionValues): void {
  refuse(
    clusters === 'remote' && remotes === undefined,
    '--clusters remote needs --remote-kubeconfig: the kubeconfigs of the other clusters',
  );
  refuse(
    clusters === 'remote' && manifests.filename.length > 0,
    '--clusters remote and --filename contradict each other: a preview of manifests leaves other clusters out',
  );
  const useless = NEEDS_REMOTE.find((name) => options[name].length > 0);
  const words = useless?.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`);
  refuse(useless !== undefined && remotes === undefined, `--${words} needs --remote-kubeconfig`);
}

function refuse(isWrong: boolean, message: string): void {
  if (isWrong) throw new UsageError(message);
}
