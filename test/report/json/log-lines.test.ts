import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Report } from '../../../src/model/run-report.ts';
import { logLine, reportEntries, summaryEntry } from '../../../src/report/json/log-lines.ts';
import * as reports from '../../golden/reports.ts';
import { type Json, TestCluster } from '../../support/cluster.ts';
import { matchesGolden } from '../../support/golden.ts';
import { kubedSync } from '../../support/program.ts';

/* `--log-format json`: every line of stderr, and of stdout unless `-o` is given, is a JSON object. */

const TIME = '2026-01-01T00:00:00.000Z';
const SMALLEST_CUT = 16_384;

function lines(report: Report, exitCode: number): readonly string[] {
  return [...reportEntries(report), summaryEntry(report, exitCode)].map((entry) => logLine(TIME, entry));
}

/** The lines of a stream. Each must be an object with a time, a level and a message. */
function parsed(stream: string): readonly Json[] {
  if (stream === '') return [];
  assert.ok(stream.endsWith('\n'));
  return stream
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      const { time, level, msg, ...fields } = JSON.parse(line);
      assert.equal(new Date(time).toISOString(), time);
      assert.ok(['info', 'warning', 'error'].includes(level), line);
      assert.equal(typeof msg, 'string');
      assert.deepEqual(Object.keys(JSON.parse(line)).slice(0, 3), ['time', 'level', 'msg']);
      return { level, msg, ...fields };
    });
}

test('the log of a report with all changes and findings equals the golden file', () => {
  matchesGolden('everything.jsonl', lines(reports.EVERYTHING, 1).join(''));
});

test('ten thousand changes are ten thousand lines, none too long for a collector', () => {
  for (const report of [reports.TEN_THOUSAND, reports.TEN_THOUSAND_EDITS, reports.TEN_THOUSAND_SOURCES]) {
    const all = lines(report, 0);
    assert.equal(all.length, report.changes.length + report.findings.length + 1);
    for (const line of all) assert.ok(Buffer.byteLength(line) < SMALLEST_CUT);
  }
});

test('a long text in a name does not make a line long', () => {
  const text = 'x'.repeat(100_000);
  const many = Array.from({ length: 2000 }, (_, at) => `n-${at}`);
  const name = { kind: 'ConfigMap', namespace: 'a', name: 'b' } as const;
  const guard = { uid: 'u', resourceVersion: '1' };
  const fields = many.map((key) => ({ part: 'data', key, op: 'add' }) as const);
  const origin = { namespace: 'c', name: 'b' };
  const report: Report = {
    ...reports.QUIET,
    changes: [
      {
        change: { action: 'prune', ...name, origin, guard, reason: 'namespace-not-selected', selector: text },
        outcome: { outcome: 'done' },
      },
      {
        change: { action: 'update', ...name, origin, guard, reason: 'edited', fields, editors: many },
        outcome: { outcome: 'done' },
      },
    ],
    findings: [
      { reason: 'suspicious-selector', ...name, selector: text, why: 'quotes' },
      { reason: 'no-remote-kubeconfig', ...name, contexts: text },
      { reason: 'contested', ...name, currentOwner: origin, namespaces: many },
      { reason: 'marks-disagree', namespace: 'a', objects: many.map((one) => ({ ...name, name: one })) },
      { reason: 'own-source-there', ...name, origins: many.map((one) => ({ namespace: one, name: 'b' })) },
    ],
  };
  for (const line of lines(report, 0)) assert.ok(Buffer.byteLength(line) < SMALLEST_CUT, line.slice(0, 100));
});

test('a line has no control characters, and its values can be read back', () => {
  const wild = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(wild, wild, (msg, name) => {
      const line = logLine(TIME, { level: 'info', msg, name });
      assert.doesNotMatch(line.slice(0, -1), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      assert.equal(JSON.parse(line).name, name);
    }),
  );
});

async function prepare(cluster: TestCluster): Promise<void> {
  await cluster.namespace('src');
  for (const name of ['a', 'b']) await cluster.namespace(name);
  await cluster.source('Secret/src/login', { stringData: { word: 'Zq7-open-sesame' } });
  await cluster.source('ConfigMap/src/omni', { data: { you: 'only' } });
  await cluster.create('ConfigMap/b/omni', {});
  cluster.simulated?.validate(({ kind, metadata, data }) =>
    kind === 'Secret' && metadata.namespace === cluster.ns('b') ? `no ${data?.['word']}` : undefined,
  );
}

test('a run prints a line for each change and finding, and the counts and the exit code in the last line', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const { code, stdout, stderr } = await cluster.run(
    'reconcile',
    ...cluster.own,
    '--log-format',
    'json',
    '--color',
    'always',
  );
  assert.deepEqual([code, stderr], [1, '']);
  const all = parsed(stdout);
  const short = (text: string): string => text.replaceAll(`${cluster.prefix}-`, '');
  assert.deepEqual(
    all.map(({ level, msg }) => `${level} ${short(msg)}`.replace(/ (?:Give|Delete|Rename|Remove) .*$/, '')),
    [
      'info created ConfigMap a/omni (copy missing)',
      'info created Secret a/login (copy missing)',
      `error could not create Secret b/login: secrets "login" is forbidden: ValidatingAdmissionPolicy 'simulated' with binding 'simulated' denied request; the rest of the message is withheld, since it may quote values`,
      `error ConfigMap b/omni already exists and is not a copy of src/omni. It was not changed.`,
      'error 2 created, 0 unchanged, 1 failed, 1 error (2 sources, 7 namespaces).',
    ],
  );
  const [created, , failed, conflict, last] = all;
  assert.deepEqual(
    {
      ...created,
      namespace: short(created.namespace),
      origin: { ...created.origin, namespace: short(created.origin.namespace) },
      msg: '',
    },
    {
      level: 'info',
      msg: '',
      action: 'create',
      kind: 'ConfigMap',
      namespace: 'a',
      name: 'omni',
      origin: { namespace: 'src', name: 'omni' },
      reason: 'missing',
      outcome: 'done',
    },
  );
  assert.deepEqual([failed.outcome, failed.status, typeof failed.message], ['failed', 422, 'string']);
  assert.deepEqual(
    [conflict.reason, conflict.kind, short(conflict.namespace)],
    ['conflict', 'ConfigMap', 'b'],
  );
  assert.deepEqual(
    [last.exitCode, last.summary.create, last.summary.failed, last.requests.list],
    [1, 2, 1, 3],
  );
  for (const list of ['changes', 'findings']) assert.ok(!(list in last));
  assert.doesNotMatch(stdout, /Zq7-/);
});

test('with -o stdout has only that format, and stderr is JSON lines', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  for (const output of ['json', 'yaml', 'markdown', 'text']) {
    const args = ['--log-format', 'json', '-o', output, '-v', '--dry-run', '--color', 'always'];
    const { code, stdout, stderr } = await cluster.run('reconcile', ...cluster.own, ...args);
    assert.equal(code, 1);
    if (output === 'json') assert.equal(JSON.parse(stdout).kind, 'Report');
    else assert.doesNotMatch(stdout, /^\{/);
    assert.ok(!stdout.includes('\u001b'), 'no color with a log in JSON');
    const said = parsed(stderr);
    const phases = said.flatMap(({ phase, resource }) => (phase === 'reading' ? [resource] : []));
    assert.deepEqual(new Set(phases), new Set(['configmaps', 'namespaces', 'secrets']));
    const complaints = said.filter(({ level }) => level === 'error');
    assert.deepEqual(
      complaints.map(({ reason }) => reason),
      output === 'text' ? [] : ['conflict'],
    );
    assert.doesNotMatch(stdout + stderr, /Zq7-/);
  }
});

test('with -q there are only errors, on stderr', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const { stdout, stderr } = await cluster.run('reconcile', ...cluster.own, '-q', '--log-format=json');
  assert.equal(stdout, '');
  assert.deepEqual(
    parsed(stderr).map(({ level }) => level),
    ['error', 'error'],
  );
});

test('retries are warnings with the error', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  cluster.simulated?.failNext({ resource: 'secrets', verb: 'list' }, { status: 503 });
  const { stderr } = await cluster.run('reconcile', ...cluster.own, '-v', '--log-format=json', '--dry-run');
  const retry = parsed(stderr).find(({ phase }) => phase === 'retrying');
  assert.deepEqual([retry.level, retry.attempt, typeof retry.delaySeconds], ['warning', 1, 'number']);
  assert.match(retry.msg, /^retrying list secrets \(1 attempt failed\)/);
});

/** Everything that can go wrong before a run or instead of one, with the exit code and the message. */
const WRONG: readonly [string, readonly string[], NodeJS.ProcessEnv, number, RegExp][] = [
  ['a bad value', ['reconcile', '--max-prune', 'x', '--log-format', 'json'], {}, 2, /^--max-prune: "x"/],
  [
    'an unknown option',
    ['reconcile', '--frobnicate', '--log-format=json'],
    {},
    2,
    /^unknown option '--frobnicate'; see/,
  ],
  [
    'a bad value, and the variable',
    ['purge', '--kind', 'pod'],
    { KUBED_SYNC_LOG_FORMAT: 'json' },
    2,
    /^--kind: "pod"/,
  ],
  ['no command', [], { KUBED_SYNC_LOG_FORMAT: 'json' }, 2, /^no command was given; see kubed-sync --help$/],
  ['an unknown command', ['sync'], { KUBED_SYNC_LOG_FORMAT: 'json' }, 2, /^unknown command 'sync'/],
  [
    'no kubeconfig',
    ['reconcile', '--kubeconfig', '/nonexistent', '--log-format=json'],
    {},
    1,
    /^No kubeconfig at/,
  ],
  [
    'no manifest',
    ['reconcile', '--dry-run', '-f', '/nonexistent', '--log-format=json'],
    {},
    2,
    /nonexistent/,
  ],
];

for (const [name, line, env, expected, message] of WRONG) {
  test(`${name} is one line of JSON`, async () => {
    const { code, stdout, stderr } = await kubedSync(line, { env });
    assert.deepEqual([code, stdout], [expected, '']);
    const [said, ...more] = parsed(stderr);
    assert.deepEqual([said.level, said.exitCode, more], ['error', expected, []], stderr);
    assert.match(said.msg, message);
  });
}

test('the command line overrides the variable, and render has no such option', async () => {
  const env = { KUBED_SYNC_LOG_FORMAT: 'json' };
  const text = await kubedSync(['reconcile', '--log-format', 'text', '--kind', 'pod'], { env });
  assert.equal(text.stderr, 'kubed-sync: --kind: "pod" is neither configmap nor secret\n');
  const render = await kubedSync(['render'], { env });
  assert.match(render.stderr, /^kubed-sync: render needs --filename/);
  assert.match((await kubedSync(['reconcile', '--help'], { env })).stdout, /^Usage/);
});
