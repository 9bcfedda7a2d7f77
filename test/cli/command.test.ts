import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand, type World } from '../../src/cli/command.ts';
import { SYSTEM_TIMER } from '../../src/cli/timer.ts';
import { RUNTIME, type Runtime } from '../../src/cli/runtime.ts';
import { print } from '../../src/cli/output.ts';
import type { Failure, Result } from '../../src/model/failure.ts';
import type { Report } from '../../src/model/run-report.ts';
import { EVERYTHING, FINDINGS, ONE, QUIET, TWELVE } from '../golden/reports.ts';

interface Seen {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly exits: readonly number[];
}

type Run = Runtime['run'];

/** Runs a command line with a given runtime. Records what it does. */
async function ran(
  line: readonly string[],
  run: Run,
  more: { tty?: boolean; signals?: EventEmitter; crashes?: EventEmitter } & Partial<Runtime> = {},
): Promise<Seen> {
  const { tty, signals = new EventEmitter(), crashes = new EventEmitter(), ...engine } = more;
  const seen = { stdout: '', stderr: '', exits: [] as number[] };
  const screen = (name: 'stdout' | 'stderr'): World['stdout'] => ({
    isTTY: tty,
    columns: 80,
    write: (text) => (seen[name] += text),
  });
  const code = await runCommand(['reconcile', ...line], {
    env: {},
    now: () => new Date(0),
    stdout: screen('stdout'),
    stderr: screen('stderr'),
    signals,
    crashes,
    reportCrash: (error) => {
      const line = `crashed: ${String(error)}`;
      seen.stderr += `${line}\n`;
      return line;
    },
    exit: (status) => seen.exits.push(status),
    runtime: () => Promise.resolve({ ...RUNTIME, run, print, ...engine }),
    timer: SYSTEM_TIMER,
  });
  return { code, ...seen };
}

const gives =
  (report: Report): Run =>
  () =>
    Promise.resolve({ ok: true, value: report });
const fails = (failure: Failure): Result<Report> => ({ ok: false, failure });

const withFinding = (reason: string): Report => ({
  ...QUIET,
  findings: FINDINGS.filter((one) => one.reason === reason),
});
const skippedConflict: Report = {
  ...QUIET,
  findings: FINDINGS.filter((one) => one.reason === 'conflict' && one.skipped),
};
const failed: Report = {
  ...ONE,
  changes: EVERYTHING.changes.filter(({ outcome }) => outcome.outcome === 'failed'),
};

const CODES: readonly [string, readonly string[], Report, number][] = [
  ['nothing to do', [], QUIET, 0],
  ['a change done', [], ONE, 0],
  ['a dry run with changes', ['--dry-run'], TWELVE, 0],
  ['the same with --exit-code', ['--dry-run', '--exit-code'], TWELVE, 3],
  ['--exit-code and nothing to do', ['--dry-run', '--exit-code'], QUIET, 0],
  ['--exit-code, changes and an error', ['--dry-run', '--exit-code'], { ...TWELVE, findings: FINDINGS }, 1],
  ['a failed write', [], failed, 1],
  ...[
    'conflict',
    'contested',
    'invalid-selector',
    'source-not-copyable',
    'copy-with-sync-annotation',
    'unknown-key',
    'prune-withheld',
  ].map((reason): [string, readonly string[], Report, number] => [reason, [], withFinding(reason), 1]),
  ...[
    'source-changed',
    'orphan',
    'suspicious-selector',
    'suspicious-key',
    'suspicious-ignore',
    'other-cluster-name',
    'marks-disagree',
  ].map((reason): [string, readonly string[], Report, number] => [reason, [], withFinding(reason), 0]),
  ['a conflict under --on-conflict skip', [], skippedConflict, 0],
  ['SIGINT', [], { ...ONE, stopped: 'SIGINT' }, 130],
  ['SIGTERM', [], { ...ONE, stopped: 'SIGTERM' }, 143],
  ['--timeout', [], { ...ONE, stopped: 'timeout' }, 1],
];

for (const [name, line, report, code] of CODES) {
  test(`exit code of ${name}: ${code}`, async () =>
    assert.equal((await ran(line, gives(report))).code, code));
}

test('the report is on stdout and stderr is silent', async () => {
  for (const report of [ONE, EVERYTHING]) {
    const { stdout, stderr } = await ran([], gives(report));
    assert.ok(stdout.length > 0);
    assert.equal(stderr, '');
  }
});

test('-q prints nothing on success, and complaints on stderr', async () => {
  assert.deepEqual(await ran(['-q'], gives(ONE)), { code: 0, stdout: '', stderr: '', exits: [] });
  const { stdout, stderr } = await ran(['-q'], gives(EVERYTHING));
  assert.equal(stdout, '');
  assert.match(stderr, /^failed/);
  assert.doesNotMatch(stderr, /warning|note|created/);
});

test('a document is alone on stdout, and complaints are on stderr', async () => {
  for (const line of [
    ['-o', 'json'],
    ['-o', 'json', '-q'],
  ]) {
    const { stdout, stderr } = await ran(line, gives(EVERYTHING));
    assert.equal(JSON.parse(stdout).kind, 'Report');
    assert.match(stderr, /^failed/);
    assert.equal((await ran(line, gives(ONE))).stderr, '');
  }
});

test('a failure is one line and exit code 1', async () => {
  const failure: Failure = { reason: 'no-kubeconfig', message: 'the file does not exist', subject: '/none' };
  const seen = await ran([], () => Promise.resolve(fails(failure)));
  assert.equal(seen.code, 1);
  assert.equal(seen.stdout, '');
  assert.match(seen.stderr, /^kubed-sync: No kubeconfig at \/none: [^\n]*\n$/);
});

test('a usage error is one line without control characters, and exit code 2', async () => {
  const seen = await ran(['--kind', '\u001b[2J\n!'], gives(ONE));
  const stderr = 'kubed-sync: --kind: "\\u001b[2J !" is neither configmap nor secret\n';
  assert.deepEqual(seen, { code: 2, stdout: '', stderr, exits: [] });
});

const untilStopped: Run = (_request, { stop }) =>
  new Promise((resolve) => {
    stop.addEventListener(
      'abort',
      () => resolve(fails({ reason: 'stopped', message: String(stop.reason) })),
      { once: true },
    );
  });

test('a signal stops a run, and the exit code shows which signal', async () => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const signals = new EventEmitter();
    setImmediate(() => signals.emit(signal));
    const seen = await ran([], untilStopped, { signals, tty: true });
    assert.equal(seen.code, code);
    assert.match(
      seen.stderr,
      new RegExp(`${signal}: no new writes[^]*Stopped by ${signal} before anything was written`),
    );
    assert.equal(
      signals.listenerCount('SIGINT') + signals.listenerCount('SIGTERM'),
      0,
      'signal handlers are removed',
    );
  }
});

test('a second SIGINT ends the program at once', async () => {
  const signals = new EventEmitter();
  setImmediate(() => {
    signals.emit('SIGINT');
    signals.emit('SIGINT');
  });
  assert.deepEqual((await ran([], untilStopped, { signals })).exits, [130]);
});

test('--timeout stops a run', async () => {
  const seen = await ran(['--timeout', '20ms'], untilStopped);
  assert.equal(seen.code, 1);
  assert.match(seen.stderr, /^kubed-sync: Stopped by --timeout before anything was written\. Run again\.\n$/);
});

const busy: Run = async (_request, { progress }) => {
  progress({ phase: 'reading', resource: 'secrets', items: 10 });
  progress({ phase: 'reading', resource: 'secrets', items: 7000 });
  const failure: Failure = {
    reason: 'status',
    message: 'too many\nrequests',
    attempt: { verb: 'list', resource: 'secrets' },
  };
  progress({ phase: 'retrying', failure, attempt: 1, delay: 1500 });
  progress({ phase: 'writing', done: 1, total: 10_000 });
  await new Promise((resolve) => setTimeout(resolve, 1400));
  return { ok: true, value: ONE };
};

test('progress is one line on a terminal, which is removed at the end, and nothing in a log', async () => {
  const [watched, logged, quiet] = await Promise.all([
    ran([], busy, { tty: true }),
    ran([], busy),
    ran(['-q'], busy, { tty: true }),
  ]);
  assert.equal(watched.stderr, '\r\u001b[Kwriting: 1 of 10,000\r\u001b[K');
  assert.equal(logged.stderr, '');
  assert.equal(quiet.stderr, '');
});

test('-v prints progress in lines that stay', async () => {
  const { stderr } = await ran(['-v'], busy);
  assert.equal(
    stderr,
    'kubed-sync: reading secrets\nkubed-sync: retrying list secrets (1 attempt failed) in 1.5 s: too many requests\nkubed-sync: writing: 1 of 10,000\n',
  );
});

const MAIN = new URL('../../src/cli/main.js', import.meta.url).pathname;
/** Runs the program with modules that throw `thrown`, an expression, when a run loads them. */
function spawned(
  line: readonly string[],
  { thrown = "new Error('loaded ' + name)", env = {} }: { thrown?: string; env?: NodeJS.ProcessEnv } = {},
): { code: number | null; stdout: string; stderr: string } {
  const hook = `export function resolve(name, context, next) {
    if (/kubernetes|js-yaml|chalk/.test(name)) throw ${thrown};
    return next(name, context);
  }`;
  const url = `data:text/javascript,${encodeURIComponent(hook)}`;
  const register = `import { register } from 'node:module'; register(${JSON.stringify(url)});`;
  const guard = ['--import', `data:text/javascript,${encodeURIComponent(register)}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...guard, MAIN, ...line], {
    encoding: 'utf8',
    env,
  });
  return { code: status, stdout, stderr };
}

test('an unexpected exception prints a line and a hint, and the stack only with -v', () => {
  const thrown = "new Error('what\\u001b[2J\\nmore')";
  const silent = spawned(['reconcile'], { thrown });
  assert.equal(silent.code, 1);
  assert.match(
    silent.stderr,
    /^kubed-sync: unexpected: Error: what\\u001b\[2J[^\n]*\nkubed-sync: This is a bug[^\n]*\n$/,
  );
  assert.match(spawned(['reconcile'], { thrown, env: { KUBED_SYNC_DEBUG: '1' } }).stderr, /\n\s+at /);
  assert.match(spawned(['reconcile', '-v'], { thrown }).stderr, /\n\s+at /);
});

test('the message of a syntax error is not printed, because it quotes the input', () => {
  const thrown = "new SyntaxError('Unexpected token in hunt' + 'er2')";
  const { stderr } = spawned(['reconcile', '-v'], { thrown });
  assert.match(stderr, /^kubed-sync: unexpected: SyntaxError\n/);
  assert.doesNotMatch(stderr, /hunter2/);
});

test('with a log in JSON, a crash is one line of JSON and a termination message', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubed-sync-crash-'));
  const file = join(folder, 'termination');
  const line = ['reconcile', '--log-format', 'json', '--termination-message', file];
  const { code, stdout, stderr } = spawned(line);
  const { level, msg, hint, stack, time } = JSON.parse(stderr);
  assert.deepEqual([code, stdout, level, stack], [1, '', 'error', undefined]);
  assert.match(msg, /^unexpected: Error: loaded /);
  assert.match(hint, /^This is a bug/);
  assert.equal(new Date(time).toISOString(), time);
  assert.equal(readFileSync(file, 'utf8'), msg);
  assert.ok(Array.isArray(JSON.parse(spawned([...line, '-v']).stderr).stack));
  rmSync(folder, { recursive: true });
});

/** Runs until the crash. Returns the exit code and report in the metrics, and the termination message. */
async function crashing(
  run: Run,
  more: Parameters<typeof ran>[2] = {},
): Promise<Seen & { published: unknown[]; termination: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'kubed-sync-crash-'));
  const file = join(folder, 'termination');
  const published: unknown[] = [];
  const publish: Runtime['publish'] = ({ exitCode, report }) => {
    published.push([exitCode, report]);
    return Promise.resolve([]);
  };
  const seen = await ran(['--termination-message', file], run, { publish, ...more });
  const termination = readFileSync(file, 'utf8');
  rmSync(folder, { recursive: true });
  return { ...seen, published, termination };
}

test('a run that crashes leaves metrics and a termination message', async () => {
  const { code, published, termination } = await crashing(() => Promise.reject(new Error('what')));
  assert.deepEqual([code, published, termination], [1, [[1, undefined]], 'crashed: Error: what']);
});

test('an exception in a callback that nothing catches ends a run in the same way', async () => {
  const crashes = new EventEmitter();
  const waiting: Run = (_request, { stop }) =>
    new Promise((resolve) => {
      stop.addEventListener('abort', () => resolve({ ok: true, value: ONE }), { once: true });
    });
  setImmediate(() => {
    for (const what of ['one', 'two'])
      assert.ok(crashes.emit('crash', new Error(what)), 'the program waits for it');
  });
  const { code, published, termination } = await crashing(waiting, { crashes });
  assert.deepEqual([code, published, termination], [1, [[1, undefined]], 'crashed: Error: one']);
  assert.equal(crashes.listenerCount('crash'), 0);
});

test('if the report cannot be printed, its summary, metrics and a termination message are still written', async () => {
  const print = (): never => {
    throw new RangeError('what');
  };
  const { code, stderr, published, termination } = await crashing(gives(ONE), { print });
  const [summary = ''] = RUNTIME.terminationText(ONE).split('\n');
  assert.ok(summary.length > 10);
  assert.equal(stderr, `crashed: RangeError: what\nkubed-sync: ${summary}\n`);
  assert.deepEqual([code, published], [1, [[1, ONE]]]);
  assert.equal(termination, `${summary}\ncrashed: RangeError: what`);
});

test('if the metrics crash, the report and a termination message are still written', async () => {
  const publish = (): Promise<never> => Promise.reject(new Error('what'));
  const { code, stdout, termination } = await crashing(gives(ONE), { publish });
  assert.equal(code, 1);
  assert.ok(stdout.length > 0);
  assert.match(termination, /\ncrashed: Error: what$/);
});

test('a file that cannot be written makes a successful run fail, and does not change the exit code of others', async () => {
  const publish: Runtime['publish'] = () => Promise.resolve(['No metrics.']);
  for (const [report, line, code] of [
    [ONE, [], 1],
    [TWELVE, ['--dry-run', '--exit-code'], 1],
    [{ ...ONE, stopped: 'SIGTERM' }, [], 143],
  ] as const) {
    const seen = await ran(line, gives(report), { publish });
    assert.deepEqual([seen.code, seen.stderr], [code, 'kubed-sync: No metrics.\n']);
  }
  const json = await ran(['--log-format', 'json'], gives(ONE), { publish });
  const last = JSON.parse(json.stdout.trimEnd().split('\n').at(-1) ?? '');
  assert.deepEqual(
    [json.code, last.exitCode, last.level],
    [1, 1, 'error'],
    'the last line has the final exit code',
  );
});

test('Events that could not be recorded make the exit code 1, with one line', async () => {
  const failure: Failure = {
    reason: 'forbidden',
    message: 'no',
    status: 403,
    attempt: { verb: 'create', resource: 'events', namespace: 'demo' },
  };
  const events = { sent: 1, known: 1, failed: 2, failure };
  const { code, stdout } = await ran([], gives({ ...ONE, events }));
  assert.equal(code, 1);
  assert.match(stdout.replaceAll(/\n +/g, ' '), /2 of 4 Events could not be recorded/);
  assert.equal((await ran([], gives({ ...ONE, events: { sent: 1, known: 1, failed: 0 } }))).code, 0);
});

/** Throws in a callback that nothing catches, after the program gets SIGUSR2. */
const THROWING = `process.on('SIGUSR2', () => { throw new Error('in a callback'); });`;

test('a process that crashes in a callback leaves metrics, a termination message and exit code 1', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kubed-sync-crash-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [metrics, termination, kubeconfig] = ['metrics', 'termination', 'config'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const silent = createServer((socket) => {
    socket.on('error', () => undefined);
    child.kill('SIGUSR2');
  });
  t.after(() => silent.close());
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const { port } = silent.address() as AddressInfo;
  const cluster = { name: 'c', cluster: { server: `http://127.0.0.1:${port}` } };
  const context = { name: 'c', context: { cluster: 'c', user: 'u' } };
  const config = { clusters: [cluster], contexts: [context], users: [{ name: 'u', user: { token: 't' } }] };
  writeFileSync(
    kubeconfig,
    JSON.stringify({ apiVersion: 'v1', kind: 'Config', ...config, 'current-context': 'c' }),
  );
  const line = ['reconcile', '--kubeconfig', kubeconfig];
  const leave = ['--metrics-file', metrics, '--termination-message', termination];
  const preload = ['--import', `data:text/javascript,${encodeURIComponent(THROWING)}`];
  const child = spawn(process.execPath, [...preload, MAIN, ...line, ...leave], { env: {} });
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const [code] = await once(child, 'close');
  assert.equal(code, 1);
  assert.match(stderr, /^kubed-sync: unexpected: Error: in a callback\nkubed-sync: This is a bug[^\n]*\n$/);
  assert.equal(readFileSync(termination, 'utf8'), 'unexpected: Error: in a callback');
  assert.match(readFileSync(metrics, 'utf8'), /^kubed_sync_last_run_exit_code\{[^}]*\} 1$/m);
});

test('parsing and help load neither client-node nor chalk nor js-yaml', () => {
  assert.match(spawned(['--version']).stdout, /^\d+\.\d+\.\d+\n$/);
  assert.match(spawned(['reconcile', '--help']).stdout, /^Usage: kubed-sync reconcile/);
  const refused = spawned(['reconcile', '--max-prune', 'x']);
  assert.deepEqual([refused.code, refused.stdout, refused.stderr.split('\n').length], [2, '', 2]);
  assert.match(spawned(['reconcile']).stderr, /loaded /, 'the hook sees what a run loads');
});
