import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HelpStyle, parse } from '../../../src/cli/options/parse.ts';
import type { Request } from '../../../src/cli/options/request.ts';
import type { CommandName, OptionSpec } from '../../../src/cli/options/command-line.ts';
import { OPTIONS, variableOf } from '../../../src/cli/options/spec.ts';
import { UsageError } from '../../../src/cli/options/usage-error.ts';
import type { Environment } from '../../../src/cli/options/values.ts';
import { matchesGolden } from '../../support/golden.ts';

function request(
  line: readonly string[],
  env: Environment = {},
  command: CommandName = 'reconcile',
): Request {
  const parsed = parse([command, ...line], env);
  assert.ok('request' in parsed, JSON.stringify(parsed));
  assert.equal(parsed.request.command, command);
  return parsed.request;
}

/** Returns the text of a command line that asks for text. */
function textOf(line: readonly string[], style?: HelpStyle): string {
  const parsed = parse(line, {}, style);
  assert.ok('text' in parsed, JSON.stringify(parsed));
  return parsed.text;
}

/** Returns the usage error of a command line. */
function errorOf(line: readonly string[], env: Environment = {}): UsageError {
  try {
    assert.fail(JSON.stringify(parse(line, env)));
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}

/** For every option: its spelling, the field of the request that it sets, and the expected value. */
const TAKEN: Readonly<
  Record<
    string,
    {
      text?: string;
      with?: readonly string[];
      /** The command needs it. */
      required?: true;
      command?: CommandName;
      is: unknown;
      of: (request: Request) => unknown;
    }
  >
> = {
  kubeconfig: { text: './config', is: './config', of: ({ connect }) => connect.kubeconfig },
  context: { text: 'east', is: 'east', of: ({ connect }) => connect.context },
  as: { text: 'jane', is: 'jane', of: ({ connect }) => connect.as },
  'as-group': { text: 'devs', is: ['devs'], of: ({ connect }) => connect.asGroups },
  'request-timeout': { text: '5', is: 5000, of: ({ connect }) => connect.requestTimeout },
  'remote-kubeconfig': {
    text: '/etc/remote',
    is: ['/etc/remote'],
    of: ({ remotes }) => remotes?.paths,
  },
  'kubeconfig-file': { text: '/etc/remote', is: ['/etc/remote'], of: ({ remotes }) => remotes?.paths },
  'remote-context': {
    text: 'prod-*',
    with: ['--remote-kubeconfig', 'a'],
    is: ['prod-*'],
    of: ({ remotes }) => remotes?.contexts,
  },
  clusters: { text: 'home', is: 'home', of: ({ clusters }) => clusters },
  'remote-allow': {
    text: 'exec',
    with: ['--remote-kubeconfig', 'a'],
    is: { exec: true, insecure: false },
    of: ({ remotes }) => remotes?.allowed,
  },
  'former-cluster-uid': {
    text: '0f6e1c2a-9d0b-4c1e-8f3a-5b7d9e2c4a61',
    with: ['--remote-kubeconfig', 'a'],
    is: ['0f6e1c2a-9d0b-4c1e-8f3a-5b7d9e2c4a61'],
    of: ({ settings }) => settings.formerClusterUids,
  },
  'cluster-name': { text: 'east', is: 'east', of: ({ settings }) => settings.clusterName },
  filename: {
    text: 'a.yaml',
    with: ['--dry-run'],
    is: ['a.yaml'],
    of: ({ manifests }) => manifests.filename,
  },
  base: {
    text: 'old',
    with: ['--dry-run', '-f', '-'],
    is: ['old'],
    of: ({ manifests }) => manifests.base,
  },
  recursive: { with: ['--dry-run', '-f', '-'], is: true, of: ({ manifests }) => manifests.recursive },
  'default-namespace': {
    text: 'demo',
    with: ['--dry-run', '-f', '-'],
    is: 'demo',
    of: ({ manifests }) => manifests.defaultNamespace,
  },
  'ignore-bad-manifests': {
    with: ['--dry-run', '-f', '-'],
    is: true,
    of: ({ manifests }) => manifests.ignoreBadManifests,
  },
  offline: { with: ['--dry-run', '-f', '-'], is: true, of: ({ manifests }) => manifests.offline },
  'output-dir': {
    text: 'copies',
    with: ['-f', '-'],
    command: 'render',
    is: 'copies',
    of: ({ manifests }) => manifests.outputDir,
  },
  'include-secrets': {
    with: ['-f', '-'],
    command: 'render',
    is: true,
    of: ({ manifests }) => manifests.includeSecrets,
  },
  from: { text: 'reflector', command: 'migrate', required: true, is: 'reflector', of: ({ from }) => from },
  in: {
    text: 'team-x',
    with: ['secret/demo/tls'],
    command: 'explain',
    is: 'team-x',
    of: ({ question }) => question?.namespace,
  },
  namespace: { text: 'demo', is: ['demo'], of: ({ settings }) => settings.namespaces },
  'source-namespace': { text: 'demo', is: ['demo'], of: ({ settings }) => settings.sourceNamespaces },
  'config-source-namespace': { text: 'demo', is: ['demo'], of: ({ settings }) => settings.sourceNamespaces },
  'include-namespace': { text: 'team-*', is: ['team-*'], of: ({ settings }) => settings.includeNamespaces },
  'exclude-namespace': { text: 'kube-*', is: ['kube-*'], of: ({ settings }) => settings.excludeNamespaces },
  kind: { text: 'secret', is: ['Secret'], of: ({ settings }) => settings.kinds },
  shard: { text: '2/3', is: { index: 2, count: 3 }, of: ({ settings }) => settings.shard },
  prune: { is: true, of: ({ settings }) => settings.prune },
  'no-prune': { is: false, of: ({ settings }) => settings.prune },
  'max-prune': { text: '10%', is: { percent: 10 }, of: ({ settings }) => settings.maxPrune },
  'prune-after': { text: '1m30s', is: 90, of: ({ settings }) => settings.pruneAfter },
  'require-consent': { is: true, of: ({ settings }) => settings.requireConsent },
  'prune-legacy': { is: true, of: ({ settings }) => settings.pruneLegacy },
  'on-conflict': { text: 'skip', is: 'skip', of: ({ settings }) => settings.onConflict },
  strip: { text: 'a.b/*', is: ['a.b/*'], of: ({ settings }) => settings.strip },
  verify: { is: true, of: ({ settings }) => settings.verify },
  concurrency: { text: '4', is: 4, of: ({ concurrency }) => concurrency },
  every: { text: '1m30s', is: 90_000, of: ({ every }) => every },
  timeout: { text: '1m30s', is: 90_000, of: ({ timeout }) => timeout },
  'dry-run': { is: [true, false], of: ({ dryRun, serverDryRun }) => [dryRun, serverDryRun] },
  'show-server-messages': {
    with: ['--dry-run=server'],
    is: true,
    of: ({ showServerMessages }) => showServerMessages,
  },
  'exit-code': { with: ['--dry-run'], is: true, of: ({ exitCode }) => exitCode },
  output: { text: 'json', is: 'json', of: ({ style }) => style.output },
  color: { text: 'always', is: 'always', of: ({ style }) => style.color },
  quiet: { is: true, of: ({ style }) => style.quiet },
  verbose: { is: true, of: ({ style }) => style.verbose },
  'log-format': { text: 'json', is: ['json', 'log'], of: ({ style }) => [style.log, style.output] },
  events: { is: true, of: ({ publish }) => publish.events },
  'metrics-file': { text: '/m/k.prom', is: '/m/k.prom', of: ({ publish }) => publish.metricsFile },
  pushgateway: {
    text: 'https://user:p%40ss@push.example:9091/prefix/',
    is: {
      url: 'https://push.example:9091/prefix',
      authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
    },
    of: ({ publish }) => publish.pushgateway,
  },
  'termination-message': {
    text: '/dev/termination-log',
    is: '/dev/termination-log',
    of: ({ publish }) => publish.terminationMessage,
  },
};

const NAMES = Object.entries<OptionSpec>(OPTIONS).flatMap(([name, { formerly }]) =>
  formerly === undefined ? [name] : [name, formerly],
);

for (const name of NAMES) {
  const row = TAKEN[name] ?? assert.fail(`--${name} has no row`);
  const beside = row.with ?? [];
  const { command } = row;
  test(`--${name}`, () => {
    const line = [...beside, `--${name}`, ...(row.text === undefined ? [] : [row.text])];
    assert.deepEqual(row.of(request(line, {}, command)), row.is);
  });
  test(variableOf(name), () => {
    assert.deepEqual(row.of(request(beside, { [variableOf(name)]: row.text ?? 'true' }, command)), row.is);
    const unset = { [variableOf(name)]: '' };
    if (row.required) {
      assert.throws(() => request(beside, unset, command), UsageError);
      return;
    }
    assert.deepEqual(
      row.of(request(beside, unset, command)),
      row.of(request(beside, {}, command)),
      'empty is unset',
    );
  });
}

test('the defaults are set without options', () => {
  const { settings, connect, manifests, publish, ...rest } = request([]);
  const { sha256, ...plain } = settings;
  assert.equal(sha256('abc').slice(0, 16), 'ba7816bf8f01cfea');
  assert.deepEqual(plain, {
    clusterName: '',
    namespaces: [],
    sourceNamespaces: [],
    includeNamespaces: [],
    excludeNamespaces: [],
    kinds: ['ConfigMap', 'Secret'],
    prune: true,
    pruneAfter: 0,
    requireConsent: false,
    pruneLegacy: false,
    verify: false,
    onConflict: 'fail',
    strip: [],
  });
  assert.match(connect.userAgent, /^kubed-sync\/\d+\.\d+\.\d+/);
  assert.deepEqual(
    { ...connect, userAgent: '' },
    { asGroups: [], requestTimeout: 60_000, userAgent: '', env: {} },
  );
  const { filename, offline, outputDir, includeSecrets } = manifests;
  assert.deepEqual([filename, offline, outputDir, includeSecrets], [[], false, undefined, false]);
  const { events, metricsFile, pushgateway, terminationMessage } = publish;
  assert.deepEqual(
    [events, metricsFile, pushgateway, terminationMessage],
    [false, undefined, undefined, undefined],
  );
  const style = { output: 'text', log: 'text', color: 'auto', quiet: false, verbose: false };
  assert.deepEqual(rest, {
    command: 'reconcile',
    clusters: 'all',
    pruneFiles: false,
    style,
    dryRun: false,
    serverDryRun: false,
    showServerMessages: false,
    exitCode: false,
    concurrency: 16,
  });
});

test('with a log in JSON the report is JSON lines, unless another format is given', () => {
  const output = (line: readonly string[]): string => request(['--log-format', 'json', ...line]).style.output;
  assert.deepEqual([output([]), output(['-o', 'text']), output(['-o', 'json'])], ['log', 'text', 'json']);
});

test('options have short spellings', () => {
  assert.equal(request(['-o', 'yaml']).style.output, 'yaml');
  assert.equal(request(['-q']).style.quiet, true);
  assert.equal(request(['-v']).style.verbose, true);
});

test('--dry-run takes a value only after an equals sign, as in kubectl', () => {
  const asked = (line: readonly string[], env: Environment = {}): unknown => {
    const { dryRun, serverDryRun, style } = request(line, env);
    return [dryRun, serverDryRun, style.verbose];
  };
  assert.deepEqual(asked(['--dry-run', '-v']), [true, false, true]);
  assert.deepEqual(asked(['--dry-run=client']), [true, false, false]);
  assert.deepEqual(asked(['--dry-run=server', '-v']), [true, true, true]);
  assert.deepEqual(asked([], { KUBED_SYNC_DRY_RUN: 'server' }), [true, true, false]);
  assert.deepEqual(asked(['--dry-run'], { KUBED_SYNC_DRY_RUN: 'server' }), [true, false, false]);
  assert.deepEqual(asked(['--dry-run=none'], { KUBED_SYNC_DRY_RUN: 'true' }), [false, false, false]);
});

test('--shard reads the index of an Indexed Job, and one shard of one is no shard', () => {
  const shard = (text: string, env: Environment = {}): unknown =>
    request(['--shard', text], env).settings.shard;
  assert.deepEqual(shard('auto/3', { JOB_COMPLETION_INDEX: '0' }), { index: 0, count: 3 });
  assert.deepEqual(shard('auto/1000', { JOB_COMPLETION_INDEX: '999' }), { index: 999, count: 1000 });
  assert.deepEqual(shard('1/3', { JOB_COMPLETION_INDEX: '2' }), { index: 1, count: 3 });
  assert.equal('shard' in request(['--shard', '0/1']).settings, false);
  assert.equal(shard('auto/1', { JOB_COMPLETION_INDEX: '0' }), undefined);
  assert.deepEqual(request(['--shard', '0/2'], {}, 'purge').settings.shard, { index: 0, count: 2 });
});

test('values can be repeated or listed', () => {
  const line = ['--source-namespace', 'a', '--config-source-namespace', 'b', '--source-namespace', 'a'];
  assert.deepEqual(request(line).settings.sourceNamespaces, ['a', 'b']);
  const env = { KUBED_SYNC_KIND: 'secret, cm', KUBED_SYNC_STRIP: 'a,b/*' };
  assert.deepEqual(request([], env).settings.kinds, ['ConfigMap', 'Secret']);
  assert.deepEqual(request([], env).settings.strip, ['a', 'b/*']);
  const spellings = { KUBED_SYNC_SOURCE_NAMESPACE: 'a,b', KUBED_SYNC_CONFIG_SOURCE_NAMESPACE: 'b,c' };
  assert.deepEqual(request([], spellings).settings.sourceNamespaces, ['a', 'b', 'c']);
  assert.deepEqual(request(['--source-namespace', 'd'], spellings).settings.sourceNamespaces, ['d']);
});

test('--source-namespace names some of the namespaces of --namespace', () => {
  const { settings } = request(['--source-namespace', 'b'], { KUBED_SYNC_NAMESPACE: 'a, b' });
  assert.deepEqual([settings.namespaces, settings.sourceNamespaces], [['a', 'b'], ['b']]);
});

test('the command line overrides the environment', () => {
  const env = {
    KUBED_SYNC_INCLUDE_NAMESPACE: 'x,y',
    KUBED_SYNC_CONCURRENCY: '2',
    KUBED_SYNC_CLUSTER_NAME: 'east',
    KUBED_SYNC_QUIET: 'true',
  };
  const { settings, concurrency, style } = request(
    ['--include-namespace', 'z', '--concurrency', '3', '--cluster-name', '', '-v'],
    env,
  );
  assert.deepEqual(settings.includeNamespaces, ['z']);
  assert.equal(concurrency, 3);
  assert.equal(settings.clusterName, '');
  assert.deepEqual([style.quiet, style.verbose], [false, true]);
});

test('--prune and --no-prune override the variables, and contradictory variables mean no prune', () => {
  const prunes = (line: readonly string[], env: Environment): boolean => request(line, env).settings.prune;
  assert.equal(prunes([], { KUBED_SYNC_PRUNE: 'false' }), false);
  assert.equal(prunes([], { KUBED_SYNC_PRUNE: 'true', KUBED_SYNC_NO_PRUNE: 'true' }), false);
  assert.equal(prunes([], { KUBED_SYNC_PRUNE: 'false', KUBED_SYNC_NO_PRUNE: 'false' }), false);
  assert.equal(prunes([], { KUBED_SYNC_NO_PRUNE: 'false' }), true);
  assert.equal(prunes(['--prune'], { KUBED_SYNC_NO_PRUNE: 'true' }), true);
  assert.equal(prunes(['--no-prune'], { KUBED_SYNC_PRUNE: 'true' }), false);
  assert.equal(prunes(['--no-prune', '--prune'], {}), true);
  assert.equal(prunes(['--prune', '--no-prune'], {}), false);
});

/** Rejected command lines, with the whole message. */
const REFUSED: readonly [readonly string[], Environment, string][] = [
  [['--frobnicate'], {}, "unknown option '--frobnicate'; see kubed-sync --help"],
  [['--dryrun'], {}, "unknown option '--dryrun' (Did you mean --dry-run?); see kubed-sync --help"],
  [['--output-dir', 'x'], {}, "unknown option '--output-dir'; see kubed-sync --help"],
  [
    ['-f', 'x'],
    {},
    '--filename needs --dry-run: it shows what the manifests would change; to apply them, use kubectl',
  ],
  [
    [],
    { KUBED_SYNC_FILENAME: 'x' },
    '--filename needs --dry-run: it shows what the manifests would change; to apply them, use kubectl',
  ],
  [['--dry-run', '-f', ''], {}, '--filename: the value is empty'],
  [['--dry-run', '-f', 'a', '--base', ''], {}, '--base: the value is empty'],
  [
    ['--dry-run', '--base', 'old'],
    {},
    '--base needs --filename: it shows what changes between two sets of manifests',
  ],
  [
    ['--base', 'old', '-f', 'new'],
    {},
    '--filename needs --dry-run: it shows what the manifests would change; to apply them, use kubectl',
  ],
  [
    ['--dry-run', '--base', '-', '-f', 'a', '-f', '-'],
    {},
    '--base - and --filename - contradict each other: stdin can be read only once',
  ],
  [
    ['--dry-run', '--offline'],
    {},
    '--offline needs --filename: without a cluster there are only the manifests',
  ],
  ...['kubeconfig', 'context', 'as', 'as-group'].map((name): [readonly string[], Environment, string] => [
    ['--dry-run', '--offline', '-f', 'x', `--${name}`, 'x'],
    {},
    `--offline and --${name} contradict each other: --offline connects to no cluster`,
  ]),
  [
    ['--dry-run', '--offline', '-f', 'x', '--request-timeout', '5s'],
    {},
    '--offline and --request-timeout contradict each other: --offline connects to no cluster',
  ],
  [
    ['--dry-run=server', '--offline', '-f', 'x'],
    {},
    '--offline and --dry-run=server contradict each other: without a cluster there is no API server to ask',
  ],
  [
    ['extra'],
    {},
    "too many arguments for 'reconcile'. Expected 0 arguments but got 1; see kubed-sync --help",
  ],
  [['--context'], {}, "option '--context <NAME>' argument missing; see kubed-sync --help"],
  [['--context', '--dry-run'], {}, '--context: the value is missing before --dry-run'],
  [['--context', '--dry-run=server'], {}, '--context: the value is missing before --dry-run'],
  [[], { KUBED_SYNC_AS: '--context' }, 'KUBED_SYNC_AS: the value is missing before --context'],
  [['--context', ''], {}, '--context: the value is empty'],
  [['--output', 'html'], {}, '--output: "html" is not one of text, json, yaml, markdown'],
  [['--dry-run=maybe'], {}, '--dry-run: "maybe" is not one of client, server, none'],
  [
    ['--dry-run', 'server'],
    {},
    "too many arguments for 'reconcile'. Expected 0 arguments but got 1; see kubed-sync --help",
  ],
  [['--shard', '3/3'], {}, '--shard: invalid shard "3/3": I goes from 0 to N-1, here from 0 to 2'],
  [['--shard', '1/1'], {}, '--shard: invalid shard "1/1": I goes from 0 to N-1, here only 0'],
  [
    ['--shard', '3'],
    {},
    '--shard: invalid shard "3": write I/N such as 0/3, or auto/N in a pod of an Indexed Job',
  ],
  [['--shard', '0/1001'], {}, '--shard: invalid shard "0/1001": N is a whole number from 1 to 1000'],
  [
    [],
    { KUBED_SYNC_SHARD: '0/0' },
    'KUBED_SYNC_SHARD: invalid shard "0/0": N is a whole number from 1 to 1000',
  ],
  [
    ['--shard', 'auto/3'],
    {},
    '--shard: "auto/3" needs JOB_COMPLETION_INDEX, which is not set: only a pod of an Indexed Job has it',
  ],
  [
    ['--shard', 'auto/3'],
    { JOB_COMPLETION_INDEX: '3' },
    '--shard: "auto/3" needs a JOB_COMPLETION_INDEX from 0 to 2, and it is "3": the Job must have 3 completions',
  ],
  [
    ['--shard', 'auto/1'],
    { JOB_COMPLETION_INDEX: 'x' },
    '--shard: "auto/1" needs a JOB_COMPLETION_INDEX of 0, and it is "x": the Job must have 1 completion',
  ],
  [['--every', '9s'], {}, '--every: "9s" is too short; at least 10s'],
  [['--every', '0'], {}, '--every: "0" is too short; at least 10s'],
  [['--every', '10'], {}, '--every: invalid duration "10"; write it like 90s, 1m30s or 500ms (0 for none)'],
  [[], { KUBED_SYNC_EVERY: '1s' }, 'KUBED_SYNC_EVERY: "1s" is too short; at least 10s'],
  [
    ['--every', '10s', '--dry-run', '-f', 'x'],
    {},
    '--every contradicts --filename: manifests are read once, and --every reads the cluster again and again',
  ],
  [
    ['--every', '10s', '--dry-run', '--offline', '-f', 'x'],
    {},
    '--every contradicts --filename: manifests are read once, and --every reads the cluster again and again',
  ],
  ...['json', 'yaml', 'markdown'].map((output): [readonly string[], Environment, string] => [
    ['--every', '10s', '--output', output],
    {},
    `--every contradicts --output ${output}: a document is about one run; for a program that reads the log, use --log-format json`,
  ]),
  [['--log-format', 'xml'], {}, '--log-format: "xml" is not one of text, json'],
  ...['push.example:9091', 'ftp://push.example', 'http://'].map(
    (url): [readonly string[], Environment, string] => [
      ['--pushgateway', url],
      {},
      '--pushgateway: the value is not a URL that begins with http:// or https://',
    ],
  ),
  [
    [],
    { KUBED_SYNC_PUSHGATEWAY: 'http://user:hunter2@push.example/?a=b' },
    'KUBED_SYNC_PUSHGATEWAY: the URL must end with its path, without ? and #',
  ],
  [
    ['--pushgateway', 'http://user:%zz@push.example'],
    {},
    '--pushgateway: the user or password in the URL is not percent-encoded',
  ],
  [
    ['--pushgatway=http://user:hunter2@push.example'],
    {},
    "unknown option '--pushgatway=http://***@push.example'; see kubed-sync --help",
  ],
  [['--kind', 'pod'], {}, '--kind: "pod" is neither configmap nor secret'],
  [['--max-prune', 'x'], {}, '--max-prune: "x" is neither a count such as 20 nor a percentage such as 10%'],
  [['--max-prune', '120%'], {}, '--max-prune: "120%" is more than 100%'],
  [['--concurrency', '0'], {}, '--concurrency: "0" is not a whole number from 1 to 1000'],
  [
    ['--timeout', '30'],
    {},
    '--timeout: invalid duration "30"; write it like 90s, 1m30s or 500ms (0 for none)',
  ],
  [['--timeout', '1000h'], {}, '--timeout: "1000h" is too long; at most 596h'],
  [
    ['--include-namespace', 'Team'],
    {},
    '--include-namespace: invalid pattern of namespace names "Team" (a-z, 0-9, "-", "*" and "?")',
  ],
  [
    ['--exclude-namespace', '-a'],
    {},
    '--exclude-namespace: "-a" matches no namespace: a name does not begin or end with "-"',
  ],
  [
    ['--exclude-namespace', 'a'.repeat(64)],
    {},
    `--exclude-namespace: "${'a'.repeat(64)}" matches no namespace: a name has at most 63 characters`,
  ],
  [
    ['--source-namespace', ''],
    {},
    '--source-namespace: invalid namespace name "" (a-z, 0-9, and "-" between them, at most 63 characters)',
  ],
  [
    ['--namespace', 'team-*'],
    {},
    '--namespace: invalid namespace name "team-*" (a-z, 0-9, and "-" between them, at most 63 characters)',
  ],
  [
    [],
    { KUBED_SYNC_NAMESPACE: 'a,b,' },
    'KUBED_SYNC_NAMESPACE: invalid namespace name "" (a-z, 0-9, and "-" between them, at most 63 characters)',
  ],
  [
    ['--source-namespace', 'a', '--source-namespace', 'c'],
    { KUBED_SYNC_NAMESPACE: 'a,b' },
    '--source-namespace c is not among the namespaces of --namespace, and the run looks at no others; add --namespace c',
  ],
  [
    ['--cluster-name', 'a b'],
    {},
    '--cluster-name: invalid label value "a b" (letters, digits, and "-", "_", "." between them, at most 63 characters)',
  ],
  [
    ['--strip', '*'],
    {},
    '--strip: "*" would strip every label and annotation; write a prefix such as example.com/*',
  ],
  [
    ['--strip', 'a b'],
    {},
    '--strip: "a b" is neither a label or annotation key nor a prefix of one that ends in "*"',
  ],
  [['-q', '-v'], {}, '--quiet and --verbose contradict each other'],
  [[], { KUBED_SYNC_QUIET: 'true', KUBED_SYNC_VERBOSE: '1' }, '--quiet and --verbose contradict each other'],
  [[], { KUBED_SYNC_VERIFY: 'yes' }, 'KUBED_SYNC_VERIFY: "yes" is neither true nor false'],
  [
    ['--', '--verify'],
    {},
    "too many arguments for 'reconcile'. Expected 0 arguments but got 1; see kubed-sync --help",
  ],
  [
    ['--show-server-messages', '--dry-run'],
    {},
    '--show-server-messages needs --dry-run=server: messages may quote values of Secrets, and reports of runs are kept',
  ],
  [
    ['--exit-code'],
    {},
    '--exit-code needs --dry-run: it says whether changes are pending, and a run leaves none',
  ],
  [
    ['--on-conflict', 'adopt-mirrors'],
    {},
    '--on-conflict adopt needs --source-namespace: without it, any user who can annotate an object could take over objects everywhere',
  ],
  [
    ['--on-conflict', 'adopt'],
    {},
    '--on-conflict adopt needs --source-namespace: without it, any user who can annotate an object could take over objects everywhere',
  ],
  [[], { KUBED_SYNC_DRY_RUN: 'yes' }, 'KUBED_SYNC_DRY_RUN: "yes" is not one of client, server, none'],
  [
    [],
    { KUBED_SYNC_MAX_PRUNE: '-1' },
    'KUBED_SYNC_MAX_PRUNE: "-1" is neither a count such as 20 nor a percentage such as 10%',
  ],
  [[], { KUBED_SYNC_KIND: 'cm,,' }, 'KUBED_SYNC_KIND: "" is neither configmap nor secret'],
];

for (const [line, env, message] of REFUSED) {
  test(`${JSON.stringify(line).slice(0, 60)} ${JSON.stringify(env)} is rejected`, () => {
    const error = errorOf(['reconcile', ...line], env);
    assert.deepEqual([error.message, error.help], [message, undefined]);
  });
}

test('a missing and an unknown command are usage errors', () => {
  const none = errorOf([]);
  assert.equal(none.message, 'no command was given; see kubed-sync --help');
  assert.equal(none.help, textOf(['--help']), 'a person gets the help');
  const typo = errorOf(['reconsile']);
  assert.equal(typo.message, "unknown command 'reconsile' (Did you mean reconcile?); see kubed-sync --help");
});

test('a plugin of kubectl uses the name that kubectl calls it by', () => {
  const program = '/usr/local/bin/kubectl-kubed_sync';
  assert.match(textOf(['--help'], { program }), /^Usage: kubectl kubed-sync /);
  assert.match(textOf(['purge', '--help'], { program }), /^Usage: kubectl kubed-sync purge /);
  assert.throws(() => parse(['x'], {}, { program }), /; see kubectl kubed-sync --help$/);
  assert.match(textOf(['--help'], { program: '/usr/local/bin/kubed-sync' }), /^Usage: kubed-sync /);
});

const PURGES: readonly (readonly [string, readonly string[], Environment, string])[] = [
  ['--no-prune', ['--no-prune'], {}, '--no-prune contradicts purge'],
  ['KUBED_SYNC_NO_PRUNE', [], { KUBED_SYNC_NO_PRUNE: 'true' }, '--no-prune contradicts purge'],
  ['KUBED_SYNC_PRUNE=false', [], { KUBED_SYNC_PRUNE: 'false' }, '--no-prune contradicts purge'],
  ['--verify', ['--verify'], {}, "unknown option '--verify'"],
  ['--on-conflict', ['--on-conflict', 'skip'], {}, "unknown option '--on-conflict'"],
  ['--strip', ['--strip', 'a'], {}, "unknown option '--strip'"],
];

for (const [name, line, env, message] of PURGES) {
  test(`purge rejects ${name}`, () => {
    const { message: actual } = errorOf(['purge', ...line], env);
    assert.ok(actual.startsWith(message), actual);
  });
}

test('purge accepts only its own options, and ignores the variables of other options', () => {
  const env = { KUBED_SYNC_VERIFY: 'nonsense', KUBED_SYNC_ON_CONFLICT: 'adopt', KUBED_SYNC_KIND: 'secret' };
  const { settings, dryRun, exitCode } = request(
    ['--max-prune', '5', '--dry-run', '--exit-code'],
    env,
    'purge',
  );
  assert.deepEqual([dryRun, exitCode, settings.maxPrune], [true, true, { count: 5 }]);
  assert.deepEqual([settings.kinds, settings.verify, settings.onConflict], [['Secret'], false, 'fail']);
});

test('render accepts manifests and the scope, and no options of a cluster', () => {
  const env = { KUBED_SYNC_CONTEXT: 'x', KUBED_SYNC_DRY_RUN: 'nonsense', KUBED_SYNC_FILENAME: 'a.yaml,b' };
  const { manifests, settings, connect } = request(['--strip', 'a', '--kind', 'cm'], env, 'render');
  const { filename, offline, includeSecrets } = manifests;
  assert.deepEqual([filename, offline, includeSecrets], [['a.yaml', 'b'], false, false]);
  assert.deepEqual([settings.strip, settings.kinds, connect.context], [['a'], ['ConfigMap'], undefined]);
  assert.equal(errorOf(['render']).message, 'render needs --filename: the manifests with the sources');
});

test('explain takes an object as kubectl writes it, or none', () => {
  const asked = (...line: string[]): unknown => request(line, {}, 'explain').question;
  assert.deepEqual(asked(), {});
  const tls = { kind: 'Secret', namespace: 'demo', name: 'tls' };
  for (const type of ['secret', 'secrets', 'Secret'])
    assert.deepEqual(asked(`${type}/demo/tls`), { object: tls });
  for (const type of ['cm', 'configmap', 'configmaps', 'ConfigMap'])
    assert.deepEqual(asked(`${type}/omni.x`), { object: { kind: 'ConfigMap', name: 'omni.x' } });
  assert.deepEqual(asked('secret/demo/tls', '--in', 'a'), { object: tls, namespace: 'a' });
  const { settings, question } = request(['cm/demo/omni'], { KUBED_SYNC_VERIFY: 'true' }, 'explain');
  assert.deepEqual([settings.kinds, settings.verify, question?.object?.name], [['ConfigMap'], true, 'omni']);
  assert.deepEqual(request([], {}, 'explain').settings.kinds, ['ConfigMap', 'Secret']);
  assert.equal(request([], {}, 'reconcile').question, undefined);
});

test('explain refuses what names no object, and what no answer exists for', () => {
  const no = 'names no object: write configmap/NAMESPACE/NAME or secret/NAMESPACE/NAME';
  for (const word of [
    'secret',
    'secret/',
    'secret//x',
    'pod/a/b',
    'secret/a/b/c',
    'secret/A/b',
    'cm/a/B',
    'x',
    'secret/a/',
  ])
    assert.equal(errorOf(['explain', word]).message, `"${word}" ${no}`);
  const messages: readonly (readonly [string[], string])[] = [
    [['--in', 'a'], '--in needs an object: explain secret/NAMESPACE/NAME --in NS'],
    [
      ['secret/a/b', '--in', 'A'],
      '--in: invalid namespace name "A" (a-z, 0-9, and "-" between them, at most 63 characters)',
    ],
    [['secret/a/b', '--kind', 'cm'], 'secret/a/b and --kind contradict each other'],
    [
      ['secret/a/b', '--namespace', 'c'],
      'secret/a/b is not in a namespace of --namespace, and no others are read; add --namespace a',
    ],
    [
      ['secret/a/b', '--on-conflict', 'adopt'],
      '--on-conflict adopt needs --source-namespace: without it, any user who can annotate an object could take over objects everywhere',
    ],
    [['--offline'], '--offline needs --filename: without a cluster there are only the manifests'],
    [['a/b', 'c'], "too many arguments for 'explain'. Expected 1 argument but got 2; see kubed-sync --help"],
    [['--dry-run'], "unknown option '--dry-run=client'; see kubed-sync --help"],
  ];
  for (const [line, message] of messages) assert.equal(errorOf(['explain', ...line]).message, message);
});

test('migrate needs a tool, and reads either the cluster or manifests', () => {
  assert.equal(errorOf(['migrate']).message, 'migrate needs --from reflector or --from replicator');
  assert.equal(
    errorOf(['migrate', '--from', 'kubed']).message,
    '--from: "kubed" is not one of reflector, replicator',
  );
  assert.equal(
    errorOf(['migrate', '--from', 'reflector', '-f', 'x']).message,
    '--filename of migrate needs --offline: it reads either the cluster or manifests',
  );
  const { manifests, from } = request(['--from', 'replicator', '--offline', '-f', 'x'], {}, 'migrate');
  assert.deepEqual([manifests.offline, from], [true, 'replicator']);
});

test('without a cluster, the variables of cluster options are ignored', () => {
  const env = { KUBED_SYNC_KUBECONFIG: 'x', KUBED_SYNC_OFFLINE: 'true', KUBED_SYNC_FILENAME: '-' };
  assert.equal(request(['--dry-run'], env).manifests.offline, true);
});

test('help is shown and an unknown option is reported whatever the other values are', () => {
  assert.match(textOf(['reconcile', '--max-prune', 'x', '--help']), /^Usage: kubed-sync reconcile/);
  assert.match(errorOf(['reconcile', '--max-prune', 'x', '--frob']).message, /^unknown option '--frob'/);
});

test('help equals the golden file', () => {
  for (const [name, line] of Object.entries({
    'help.txt': ['--help'],
    'help-reconcile.txt': ['reconcile', '--help'],
    'help-explain.txt': ['explain', '--help'],
    'help-migrate.txt': ['migrate', '--help'],
    'help-purge.txt': ['purge', '--help'],
    'help-render.txt': ['render', '--help'],
  })) {
    const help = textOf(line);
    matchesGolden(name, help);
    for (const text of help.split('\n')) assert.ok(text.length <= 80, text);
  }
});
