import type { CommandName, OptionSpec } from './command-line.ts';
import {
  CONNECTING,
  EXPLAIN,
  MIGRATE,
  RECONCILE,
  RENDER,
  WITH_CLUSTER,
  WITH_MANIFESTS,
  WRITING,
  copies,
  manifests,
  output,
  publish,
  run,
  safety,
  scope,
} from './option-groups.ts';
import { CLUSTER_OPTIONS } from './cluster-options.ts';
import {
  COLOR_MODES,
  CONFLICT_CHOICES,
  DRY_RUNS,
  KIND_CHOICES,
  LOG_FORMATS,
  OUTPUT_FORMATS,
  TOOLS,
  parseClusterName,
  parseColor,
  parseConcurrency,
  parseDryRun,
  parseDuration,
  parseEvery,
  parseGlob,
  parseKind,
  parseLogFormat,
  parseMaxPrune,
  parseNamespace,
  parseOnConflict,
  parseOutput,
  parsePushgateway,
  parseShard,
  parseStrip,
  parseText,
  parseTool,
} from './values.ts';

/** Every option, in the order of the help. A new option is a row here and its use in `request.ts`. */
export const OPTIONS = {
  ...CLUSTER_OPTIONS,
  filename: manifests.many(
    'PATH',
    parseText,
    'manifests: a file, a directory, or - for stdin (repeatable; reconcile needs --dry-run and shows what they would change)',
    { short: 'f', commands: WITH_MANIFESTS, choices: 'files' },
  ),
  base: manifests.many(
    'PATH',
    parseText,
    'manifests as they were before: show what changes between them and --filename (repeatable; needs --filename)',
    { choices: 'files' },
  ),
  recursive: manifests.flag('read directories in directories too', {
    short: 'R',
    commands: WITH_MANIFESTS,
  }),
  'default-namespace': manifests.one(
    'NS',
    parseNamespace,
    'namespace of manifests that name none (default: as kubectl; without a cluster: default)',
    { short: 'n', commands: WITH_MANIFESTS, choices: 'namespaces' },
  ),
  'ignore-bad-manifests': manifests.flag('report problems in manifests without making the exit code 2', {
    commands: WITH_MANIFESTS,
  }),
  offline: manifests.flag('connect to no cluster: use only the manifests', {
    commands: [...RECONCILE, ...EXPLAIN, ...MIGRATE],
  }),
  'output-dir': manifests.one(
    'DIR',
    parseText,
    'write one file per copy into this directory instead of a stream',
    { commands: RENDER, choices: 'directories' },
  ),
  'include-secrets': manifests.flag('render copies of Secrets too, including their values', {
    commands: RENDER,
  }),
  from: scope.one('TOOL', parseTool, 'the tool that copies now: reflector or replicator', {
    commands: MIGRATE,
    choices: TOOLS,
  }),
  in: scope.one('NS', parseNamespace, 'with an object: explain only the copy in this namespace', {
    commands: EXPLAIN,
    choices: 'namespaces',
  }),
  namespace: scope.many(
    'NS',
    parseNamespace,
    'look only at this namespace: no permission for the whole cluster is needed (repeatable; default: all)',
    { commands: CONNECTING, choices: 'namespaces' },
  ),
  'source-namespace': scope.many(
    'NS',
    parseNamespace,
    'namespace that may hold sources (repeatable; default: all)',
    { formerly: 'config-source-namespace', choices: 'namespaces' },
  ),
  'include-namespace': scope.many(
    'GLOB',
    parseGlob,
    'namespaces that may hold copies (repeatable; default: all)',
    { choices: 'namespaces' },
  ),
  'exclude-namespace': scope.many('GLOB', parseGlob, 'namespaces to leave alone (repeatable)', {
    choices: 'namespaces',
  }),
  kind: scope.many('KIND', parseKind, 'configmap or secret (repeatable; default: both)', {
    choices: KIND_CHOICES,
  }),
  shard: scope.one(
    'I/N',
    parseShard,
    'share of the target namespaces, 0/N to N-1/N: N runs together do all; auto/N: I from JOB_COMPLETION_INDEX, as in an Indexed Job',
    { commands: WRITING },
  ),
  'cluster-name': copies.one(
    'NAME',
    parseClusterName,
    'name of this cluster in the marks of its copies (default: empty)',
  ),
  strip: copies.many(
    'KEY|PREFIX*',
    parseStrip,
    'label or annotation not to copy, in addition to the built-in list (repeatable)',
    { commands: [...RECONCILE, ...EXPLAIN, ...RENDER] },
  ),
  'require-consent': safety.flag(
    'create no new copy in a namespace without the annotation kubed.appscode.com/accept-from',
    { commands: RECONCILE },
  ),
  // A cluster is pruned unless `--no-prune` says otherwise. Files are pruned only if the command line says `--prune`.
  prune: safety.flag('with --output-dir: delete files of earlier runs whose copies no source asks for now', {
    initial: true,
    commands: [...WITH_CLUSTER, ...RENDER],
    hidden: WITH_CLUSTER,
  }),
  'no-prune': safety.flag('delete no copy', { hidden: ['purge'] }),
  'max-prune': safety.one(
    'N|P%',
    parseMaxPrune,
    'delete nothing if more copies would be deleted, as a count or a percentage of the copies',
    { commands: WRITING },
  ),
  'prune-after': safety.one(
    'D',
    parseDuration,
    'time between the first run that finds a copy unwanted and its delete, such as 5m (default: 0s)',
    { hidden: ['purge'] },
  ),
  'prune-legacy': safety.flag('also prune copies for which nothing shows that this cluster wrote them'),
  'on-conflict': safety.one(
    'HOW',
    parseOnConflict,
    'if another object has the name of a copy: fail, skip, adopt, or adopt-mirrors for mirrors of reflector and replicator; to adopt needs --source-namespace (default: fail)',
    { commands: [...RECONCILE, ...EXPLAIN], choices: CONFLICT_CHOICES },
  ),
  verify: run.flag('read and compare every copy instead of comparing metadata', {
    commands: [...RECONCILE, ...EXPLAIN],
  }),
  concurrency: run.one('N', parseConcurrency, 'writes at a time, 1 to 1000 (default: 16)'),
  every: run.one(
    'D',
    parseEvery,
    'run again and again until a signal or --timeout, with this time from start to start, at least 10s; print a report only when it changes',
    { commands: RECONCILE },
  ),
  timeout: run.one('D', parseDuration, 'time that the run may take, such as 5m (default: no limit)'),
  'dry-run': run.one(
    'client|server',
    parseDryRun,
    'only show what would be done; server: after asking the API server about each write',
    { preset: 'client', choices: DRY_RUNS },
  ),
  'show-server-messages': run.flag(
    'with --dry-run=server: show whole messages of webhooks and policies; they may quote values of Secrets',
  ),
  'exit-code': run.flag('with --dry-run: exit 3 when changes are pending'),
  output: output.one('FORMAT', parseOutput, 'text, json, yaml or markdown (default: text)', {
    short: 'o',
    commands: WITH_CLUSTER,
    choices: OUTPUT_FORMATS,
  }),
  color: output.one('WHEN', parseColor, 'auto, always or never (default: auto)', {
    commands: [...WITH_CLUSTER, ...RENDER],
    choices: COLOR_MODES,
  }),
  quiet: output.flag('only errors', { short: 'q', commands: [...WRITING, ...RENDER] }),
  verbose: output.flag('every object by name; phases and retries of a run on stderr', { short: 'v' }),
  'log-format': output.one(
    'FORMAT',
    parseLogFormat,
    'text or json: JSON lines on stderr, and on stdout unless --output is given (default: text)',
    { commands: CONNECTING, choices: LOG_FORMATS },
  ),
  events: publish.flag('record Kubernetes Events on the sources (needs the verb create on events)'),
  'metrics-file': publish.one(
    'FILE',
    parseText,
    "write metrics of the run to this file, in Prometheus' text format",
    { choices: 'files' },
  ),
  pushgateway: publish.one('URL', parsePushgateway, 'push metrics of the run to this Prometheus Pushgateway'),
  'termination-message': publish.one(
    'FILE',
    parseText,
    'write how the run ended to this file, which Kubernetes reads from a container',
    { choices: 'files' },
  ),
};

/** The name of an option. */
export type OptionName = keyof typeof OPTIONS;

type CamelCase<S extends string> = S extends `${infer A}-${infer B}` ? `${A}${Capitalize<CamelCase<B>>}` : S;

/** The values of all options, by their names in camel case: `maxPrune`. `--no-prune` makes `prune` false. */
export type OptionValues = {
  readonly [
    N in OptionName as N extends `no-${string}` ? never : CamelCase<N>
  ]: (typeof OPTIONS)[N]['initial'];
};

/** The options of one command, by name. */
export function optionsOf(command: CommandName): readonly (readonly [name: string, spec: OptionSpec])[] {
  return Object.entries<OptionSpec>(OPTIONS).filter(([, { commands }]) => commands.includes(command));
}

/** `--max-prune` is `KUBED_SYNC_MAX_PRUNE`. */
export function variableOf(name: string): string {
  return `KUBED_SYNC_${name.toUpperCase().replaceAll('-', '_')}`;
}
