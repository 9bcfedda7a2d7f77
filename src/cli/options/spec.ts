/** What the program can be told to do. */
export type CommandName = 'reconcile' | 'purge' | 'render';

/** One option of the command line, which is at the same time an environment variable. */
export interface OptionSpec {
  readonly name: string;
  /** What stands for the value in the help; absent for a switch. */
  readonly value?: string;
  /** The value of an option that may stand without one; one that is given stands behind a `=`. */
  readonly preset?: string;
  readonly short?: string;
  readonly repeatable?: boolean;
  /** Works but is not shown: an old spelling, or the opposite of a default. */
  readonly hidden?: boolean;
  /** It means nothing to another command. */
  readonly only?: CommandName;
  readonly group: string;
  readonly about: string;
}

const CLUSTER = 'Which cluster:';
const MANIFESTS = 'Which manifests:';
const SCOPE = 'What the run looks at:';
const SAFETY = 'What it may do:';
const RUN = 'How it runs:';
const OUTPUT = 'What it tells:';
const PUBLISH = 'What it leaves behind:';

/** Every option, in the order of the help (design section 6). */
export const OPTIONS: readonly OptionSpec[] = [
  {
    name: 'kubeconfig',
    value: 'FILE',
    group: CLUSTER,
    about: 'kubeconfig; else KUBECONFIG, ~/.kube/config, or in a pod its service account',
  },
  { name: 'context', value: 'NAME', group: CLUSTER, about: 'context of the kubeconfig' },
  { name: 'as', value: 'USER', group: CLUSTER, about: 'user to impersonate' },
  {
    name: 'as-group',
    value: 'GROUP',
    repeatable: true,
    group: CLUSTER,
    about: 'group to impersonate (repeatable)',
  },
  {
    name: 'request-timeout',
    value: 'D',
    group: CLUSTER,
    about: 'time that one request may take, 0 for no limit (default: 60s)',
  },
  {
    name: 'cluster-name',
    value: 'NAME',
    group: CLUSTER,
    about: 'name of this cluster in the marks of copies (default: empty)',
  },
  {
    name: 'filename',
    short: 'f',
    value: 'PATH',
    repeatable: true,
    only: 'reconcile',
    group: MANIFESTS,
    about:
      'file, directory or - for stdin: show what would be done once these manifests are applied (repeatable; needs --dry-run)',
  },
  {
    name: 'offline',
    only: 'reconcile',
    group: MANIFESTS,
    about: 'connect to no cluster: the manifests are all there is',
  },
  {
    name: 'output-dir',
    value: 'DIR',
    only: 'render',
    group: MANIFESTS,
    about: 'write one file per copy into this directory instead of a stream',
  },
  {
    name: 'include-secrets',
    only: 'render',
    group: MANIFESTS,
    about: 'render copies of Secrets too, values and all',
  },
  {
    name: 'namespace',
    value: 'NS',
    repeatable: true,
    group: SCOPE,
    about:
      'look at this namespace and no others: no right to the whole cluster is needed (repeatable; default: all)',
  },
  {
    name: 'source-namespace',
    value: 'NS',
    repeatable: true,
    group: SCOPE,
    about: 'namespace that may hold sources (repeatable; default: all)',
  },
  {
    name: 'config-source-namespace',
    value: 'NS',
    repeatable: true,
    hidden: true,
    group: SCOPE,
    about: 'old spelling of --source-namespace',
  },
  {
    name: 'include-namespace',
    value: 'GLOB',
    repeatable: true,
    group: SCOPE,
    about: 'namespaces that may hold copies (repeatable; default: all)',
  },
  {
    name: 'exclude-namespace',
    value: 'GLOB',
    repeatable: true,
    group: SCOPE,
    about: 'namespaces to leave alone (repeatable)',
  },
  {
    name: 'kind',
    value: 'KIND',
    repeatable: true,
    group: SCOPE,
    about: 'configmap or secret (repeatable; default: both)',
  },
  {
    name: 'shard',
    value: 'I/N',
    group: SCOPE,
    about:
      'share of the target namespaces, 0/N to N-1/N: N runs do all; auto/N: I from JOB_COMPLETION_INDEX, as in an Indexed Job',
  },
  {
    name: 'prune',
    hidden: true,
    group: SAFETY,
    about: 'delete copies that nobody asks for any more (the default)',
  },
  { name: 'no-prune', group: SAFETY, about: 'delete no copy' },
  {
    name: 'max-prune',
    value: 'N|P%',
    group: SAFETY,
    about: 'make no delete at all when there are more, in number or percent of the copies',
  },
  {
    name: 'prune-legacy',
    group: SAFETY,
    about: 'prune also copies that nothing shows to be made by this cluster',
  },
  {
    name: 'on-conflict',
    value: 'HOW',
    only: 'reconcile',
    group: SAFETY,
    about:
      "where somebody else's object has the name of a copy: fail, skip, or adopt (needs --source-namespace) (default: fail)",
  },
  {
    name: 'strip',
    value: 'KEY|PREFIX*',
    repeatable: true,
    only: 'reconcile',
    group: SAFETY,
    about: 'label or annotation not to copy, on top of the built-in list (repeatable)',
  },
  {
    name: 'verify',
    only: 'reconcile',
    group: RUN,
    about: 'read and compare every copy instead of judging by metadata',
  },
  { name: 'concurrency', value: 'N', group: RUN, about: 'writes at a time, 1 to 1000 (default: 16)' },
  {
    name: 'timeout',
    value: 'D',
    group: RUN,
    about: 'time that the run may take, like 5m (default: no limit)',
  },
  {
    name: 'dry-run',
    value: 'client|server',
    preset: 'client',
    group: RUN,
    about: 'only tell what would be done; server: after asking the API server about each write',
  },
  { name: 'exit-code', group: RUN, about: 'with --dry-run: exit 3 when changes are pending' },
  {
    name: 'output',
    short: 'o',
    value: 'FORMAT',
    group: OUTPUT,
    about: 'text, json, yaml or markdown (default: text)',
  },
  { name: 'color', value: 'WHEN', group: OUTPUT, about: 'auto, always or never (default: auto)' },
  { name: 'quiet', short: 'q', group: OUTPUT, about: 'only errors' },
  { name: 'verbose', short: 'v', group: OUTPUT, about: 'everything by name, phases and retries on stderr' },
  {
    name: 'log-format',
    value: 'FORMAT',
    group: OUTPUT,
    about: 'text or json: JSON lines on stderr, and on stdout unless --output is given (default: text)',
  },
  {
    name: 'events',
    group: PUBLISH,
    about: 'leave Kubernetes Events on the sources (needs the verb create on events)',
  },
  {
    name: 'metrics-file',
    value: 'FILE',
    group: PUBLISH,
    about: "write metrics of the run to this file, in Prometheus' text format",
  },
  {
    name: 'pushgateway',
    value: 'URL',
    group: PUBLISH,
    about: 'push metrics of the run to this Prometheus Pushgateway',
  },
  {
    name: 'termination-message',
    value: 'FILE',
    group: PUBLISH,
    about: 'write how the run ended to this file, as Kubernetes reads it from a container',
  },
];

/** `--max-prune` is `KUBED_SYNC_MAX_PRUNE`. */
export function variableOf(name: string): string {
  return `KUBED_SYNC_${name.toUpperCase().replaceAll('-', '_')}`;
}
