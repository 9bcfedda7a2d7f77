import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../../src/cli/command.ts';
import type { Request } from '../../src/cli/options/request.ts';
import { RUNTIME, type Runtime } from '../../src/cli/runtime.ts';
import type { Change } from '../../src/model/change.ts';
import type { Result } from '../../src/model/failure.ts';
import type { Report } from '../../src/model/run-report.ts';
import { EVERYTHING, FINDINGS, ONE, QUIET } from '../golden/reports.ts';

/*
 * `--every`: when runs start, what is printed, and how a series ends (docs/design.md 8.4). The clock is a stand-in: each
 * run takes as long as the test says, and a pause takes no time.
 */

/** One run: how long it takes, what it finds, and what happens meanwhile. */
interface Step {
  readonly takes?: number;
  readonly gives?: Report;
  readonly fails?: string;
  readonly throws?: string;
  readonly during?: (signals: EventEmitter) => void;
  /** The run goes on until it is stopped. */
  readonly untilStopped?: true;
}

interface Seen {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What each run got. */
  readonly requests: readonly Request[];
  /** The milliseconds of each pause between two runs. */
  readonly pauses: readonly number[];
  /** How often the connections were closed. */
  readonly closed: number;
  /** The listeners for signals that are left. */
  readonly listeners: number;
}

/** Runs a series of these steps. After the last one comes a SIGTERM, in the pause. */
async function series(line: readonly string[], steps: readonly Step[]): Promise<Seen> {
  const signals = new EventEmitter();
  const seen = { stdout: '', stderr: '', requests: [] as Request[], pauses: [] as number[], closed: 0 };
  let now = 5000;
  let running = false;
  let ended = false;
  const run: Runtime['run'] = async (request, hooks) => {
    const step = steps[seen.requests.length] ?? {};
    seen.requests.push(request);
    running = true;
    step.during?.(signals);
    now += step.takes ?? 0;
    if (step.untilStopped && !hooks.stop.aborted)
      await new Promise((resolve) => hooks.stop.addEventListener('abort', resolve));
    running = false;
    return resultOf(step, hooks.stop);
  };
  const sleep = (milliseconds: number): Promise<void> => {
    // The time that a run has to finish after a SIGTERM.
    if (running || ended) return Promise.resolve();
    seen.pauses.push(milliseconds);
    now += milliseconds;
    ended = seen.requests.length >= steps.length;
    if (ended) signals.emit('SIGTERM');
    return Promise.resolve();
  };
  const code = await runCommand(['reconcile', '--every', '10s', ...line], {
    env: {},
    now: () => new Date(0),
    stdout: { write: (text) => (seen.stdout += text) },
    stderr: { write: (text) => (seen.stderr += text) },
    signals,
    crashes: new EventEmitter(),
    reportCrash: (error) => {
      seen.stderr += `crashed: ${String(error)}\n`;
      return String(error);
    },
    exit: () => assert.fail('nothing ends the process'),
    runtime: () =>
      Promise.resolve({ ...RUNTIME, keepConnections: () => ({ run, close: () => (seen.closed += 1) }) }),
    timer: { now: () => now, sleep },
  });
  return { code, ...seen, listeners: signals.listenerCount('SIGINT') + signals.listenerCount('SIGTERM') };
}

function resultOf({ gives = QUIET, fails, throws }: Step, stop: AbortSignal): Result<Report> {
  if (throws !== undefined) throw new Error(throws);
  if (fails !== undefined) return { ok: false, failure: { reason: 'unreachable', message: fails } };
  return { ok: true, value: stop.aborted ? { ...gives, stopped: stop.reason } : gives };
}

const CONFLICT: Report = { ...QUIET, findings: FINDINGS.filter(({ reason }) => reason === 'conflict') };

const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

test('runs follow one another at the interval, and SIGTERM in a pause ends them with exit code 0', async () => {
  const { code, pauses, requests, stderr, listeners, closed } = await series([], [{ takes: 500 }, {}, {}]);
  assert.deepEqual([code, requests.length], [0, 3]);
  assert.deepEqual(pauses, [9500, 10_000, 10_000]);
  assert.equal(stderr, 'kubed-sync: Ended by SIGTERM after 3 runs.\n');
  assert.deepEqual([listeners, closed], [0, 1]);
});

test('a pause is at least ten times as long as the run before it, and the log says so once', async () => {
  const { pauses, stderr } = await series([], [{ takes: 909 }, { takes: 2000 }, { takes: 60_000 }, {}]);
  assert.deepEqual(pauses, [9091, 20_000, 600_000, 10_000]);
  assert.equal(lines(stderr).filter((line) => line.includes('ten times as long')).length, 1);
});

test('a report is printed when it made a change or differs from the one before', async () => {
  const nothing = 'Nothing to write: 12 copies of 3 sources are up to date.\n';
  const calm = await series([], [{}, {}, {}]);
  assert.equal(lines(calm.stdout).length, 1);
  const busy = await series([], [{}, { gives: ONE }, { gives: ONE }, {}, {}]);
  const alone = await series([], [{ gives: ONE }]);
  assert.equal(busy.stdout, calm.stdout + alone.stdout + alone.stdout + calm.stdout);
  assert.ok(calm.stdout.startsWith(nothing.slice(0, 16)));
  const quiet = await series(['-q'], [{}, { gives: ONE }, {}]);
  assert.deepEqual([quiet.stdout, quiet.stderr], ['', '']);
});

test('findings that stay are printed once, and again when they change', async () => {
  const { stdout, code } = await series(
    [],
    [{ gives: CONFLICT }, { gives: CONFLICT }, {}, { gives: CONFLICT }],
  );
  const [conflict] = [(await series([], [{ gives: CONFLICT }])).stdout];
  const [calm] = [(await series([], [{}])).stdout];
  assert.equal(stdout, conflict + calm + conflict);
  assert.equal(code, 1);
});

test('when a run was, its requests, and namespaces without a copy make no new report', async () => {
  const later: Report = {
    ...QUIET,
    target: { server: 'https://x', at: '2026-01-01T00:00:01Z' },
    requests: { ...QUIET.requests, get: 7 },
    plan: { ...QUIET.plan, namespaces: QUIET.plan.namespaces + 1 },
  };
  const first = {
    ...later,
    target: { server: 'https://x', at: '2026-01-01T00:00:00Z' },
    requests: QUIET.requests,
  };
  const { stdout } = await series([], [{ gives: first }, { gives: { ...later } }]);
  assert.equal(stdout, (await series([], [{ gives: first }])).stdout);
});

test('a failed run is reported once, the next run goes on, and the series ends with 1', async () => {
  const steps: Step[] = [{}, { fails: 'ECONNREFUSED' }, { fails: 'ECONNREFUSED' }, {}, {}];
  const { code, stdout, stderr, requests, closed } = await series([], steps);
  assert.deepEqual([code, requests.length], [1, 5]);
  const calm = (await series([], [{}])).stdout;
  assert.equal(stdout, calm + calm, 'after a failure the report is printed again');
  const [failure, end, ...more] = lines(stderr);
  assert.match(failure ?? '', /ECONNREFUSED/u);
  assert.equal(end, 'kubed-sync: Ended by SIGTERM after 5 runs, 2 failed.');
  assert.deepEqual(more, []);
  assert.equal(closed, 3, 'after a failure the next run connects again');
});

test('a crash of one run is reported, and the next run goes on', async () => {
  const { code, stderr, requests } = await series([], [{ throws: 'oops' }, {}]);
  assert.deepEqual([code, requests.length], [1, 2]);
  assert.match(stderr, /crashed: Error: oops\n.*after 2 runs, 1 failed/u);
});

test('the exit code is the worst one: an error, then a stop, then pending changes', async () => {
  const pending: Report = {
    ...ONE,
    dryRun: true,
    changes: ONE.changes.map(({ change }) => ({ change, outcome: { outcome: 'planned' } })),
  };
  const dry = ['--dry-run', '--exit-code'];
  assert.equal((await series(dry, [{ gives: pending }, {}])).code, 3);
  assert.equal((await series(dry, [{ gives: pending }, { gives: CONFLICT }, {}])).code, 1);
  assert.equal((await series([], [{ gives: { ...QUIET, stopped: 'SIGTERM' } }, {}])).code, 143);
  assert.equal(
    (await series([], [{ gives: CONFLICT }, { gives: { ...QUIET, stopped: 'SIGTERM' } }])).code,
    1,
  );
});

test('SIGTERM in a run lets it finish and starts no other one', async () => {
  const { code, requests, stdout, stderr } = await series(
    [],
    [{ during: (signals) => signals.emit('SIGTERM'), gives: ONE }, {}],
  );
  assert.deepEqual([code, requests.length], [0, 1]);
  assert.doesNotMatch(stdout, /Stopped/u);
  assert.match(stderr, /Ended by SIGTERM after 1 run\./u);
});

test('a run that goes on ten seconds after SIGTERM is stopped, and a second SIGTERM stops it at once', async () => {
  const once = (signals: EventEmitter): unknown => signals.emit('SIGTERM');
  const late = await series([], [{ during: (signals) => void once(signals), untilStopped: true }, {}]);
  assert.deepEqual([late.code, late.requests.length], [143, 1]);
  assert.match(late.stdout, /^Stopped by SIGTERM/mu);
  const both = (signals: EventEmitter): void => void (once(signals) && once(signals));
  assert.equal((await series([], [{ during: both, untilStopped: true }, {}])).code, 143);
});

test('SIGINT stops the run under way, and ends the series with 130 also in a pause', async () => {
  const stopped = await series([], [{ during: (signals) => signals.emit('SIGINT'), untilStopped: true }, {}]);
  assert.deepEqual([stopped.code, stopped.requests.length], [130, 1]);
  const after = await series([], [{}, { during: (signals) => queueMicrotask(() => signals.emit('SIGINT')) }]);
  assert.equal(after.code, 130);
});

test('--timeout ends the series before a run that would start too late, and the last run has ten seconds more', async () => {
  const { code, requests, pauses, stderr } = await series(
    ['--timeout', '25s'],
    [{ takes: 1000 }, {}, {}, {}],
  );
  assert.deepEqual([code, requests.length], [0, 3]);
  assert.deepEqual(pauses, [10_000, 10_000]);
  assert.deepEqual(
    requests.map(({ timeout }) => timeout),
    [35_000, 24_000, 14_000],
  );
  assert.match(stderr, /Ended by --timeout after 3 runs\./u);
});

/** A report that pruned so many copies. */
function pruned(count: number): Report {
  const { change } = EVERYTHING.changes.find((one) => one.change.action === 'prune') ?? { change: undefined };
  const prune = (at: number): Change => ({ ...(change as Change), name: `n${at}` });
  const changes = Array.from({ length: count }, (_, at) => ({
    change: prune(at),
    outcome: { outcome: 'done' } as const,
  }));
  return { ...QUIET, changes };
}

test('--max-prune is one budget for all runs', async () => {
  const { requests } = await series(
    ['--max-prune', '5'],
    [{ gives: pruned(2) }, { gives: pruned(1) }, { gives: pruned(0) }, {}],
  );
  const budgets = requests.map(({ settings }) => settings.maxPrune);
  assert.deepEqual(budgets, [
    { count: 5 },
    { count: 5, used: 2 },
    { count: 5, used: 3 },
    { count: 5, used: 3 },
  ]);
});

test('the metrics of each run have counters of the runs so far', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubed-sync-every-'));
  const file = join(folder, 'metrics.prom');
  const between: string[] = [];
  const peek = (): unknown => between.push(readFileSync(file, 'utf8'));
  await series(['--metrics-file', file], [{ gives: CONFLICT }, { during: peek }, { during: peek }]);
  const counters = [...between, readFileSync(file, 'utf8')].map((text) =>
    text.split('\n').filter((line) => /runs_total/u.test(line) && !line.startsWith('# HELP')),
  );
  rmSync(folder, { recursive: true });
  const expected = (total: number): readonly string[] => [
    '# TYPE kubed_sync_runs_total counter',
    `kubed_sync_runs_total{mode="reconcile"} ${total}`,
    '# TYPE kubed_sync_failed_runs_total counter',
    'kubed_sync_failed_runs_total{mode="reconcile"} 1',
  ];
  assert.deepEqual(counters, [expected(1), expected(2), expected(3)]);
});

test('the termination message is that of the worst run', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubed-sync-every-'));
  const file = join(folder, 'termination');
  await series(['--termination-message', file], [{}, { fails: 'ECONNREFUSED' }, {}]);
  const text = readFileSync(file, 'utf8');
  rmSync(folder, { recursive: true });
  assert.match(text, /ECONNREFUSED/u);
});

test('a log in JSON has the lines of reports that are new', async () => {
  const { stdout } = await series(['--log-format', 'json'], [{}, {}, { gives: ONE }]);
  const messages = lines(stdout).map((line) => (JSON.parse(line) as { msg: string }).msg);
  assert.equal(messages.length, 3);
});
