import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../../src/cli/command.ts';
import { SYSTEM_TIMER } from '../../src/cli/timer.ts';
import { RUNTIME, type Runtime } from '../../src/cli/runtime.ts';
import { ApiClient, type ApiRequest } from '../../src/kube/http/client.ts';
import type { RunHooks } from '../../src/model/progress.ts';
import type { Json } from '../support/cluster.ts';
import { Rig } from '../support/faults.ts';

/*
 * A bug that throws in the middle of a run: exit code 1. A report, metrics and a termination message show what was
 * written until then. The whole program runs in this process, on the simulated server.
 */

/** Twelve namespaces of the test, and the four that every cluster has. */
const COPIES = 12 + 4;

interface Left {
  readonly code: number;
  readonly stderr: string;
  readonly report: Json;
  readonly metrics: string;
  readonly termination: string;
  /** Returns the copies in the cluster after the run. */
  readonly written: number;
}

type Progress = RunHooks['progress'];

/** Runs a reconcile. `crash` sees all progress and may throw. */
async function crashing(
  rig: Rig,
  crash: (crashes: EventEmitter) => Progress,
  more: readonly string[] = [],
): Promise<Left> {
  const folder = mkdtempSync(join(tmpdir(), 'kubed-sync-crash-'));
  const [metrics, termination] = [join(folder, 'metrics.prom'), join(folder, 'termination')];
  const crashes = new EventEmitter();
  const seen = { stdout: '', stderr: '' };
  const injected = crash(crashes);
  const run: Runtime['run'] = (request, hooks, manifests) =>
    RUNTIME.run(
      request,
      {
        ...hooks,
        progress: (event) => {
          hooks.progress(event);
          injected(event);
        },
      },
      manifests,
    );
  const files = ['--metrics-file', metrics, '--termination-message', termination];
  const code = await runCommand(
    ['reconcile', '--kubeconfig', rig.kubeconfig, '-o', 'json', ...files, ...more],
    {
      env: {},
      now: () => new Date(),
      stdout: { write: (text) => (seen.stdout += text) },
      stderr: { write: (text) => (seen.stderr += text) },
      signals: new EventEmitter(),
      crashes,
      reportCrash: (error) => {
        const line = `crashed: ${String(error)}`;
        seen.stderr += `${line}\n`;
        return line;
      },
      exit: () => assert.fail('it ends without a signal'),
      runtime: () => Promise.resolve({ ...RUNTIME, run }),
      timer: SYSTEM_TIMER,
    },
  );
  const left = {
    code,
    stderr: seen.stderr,
    report: seen.stdout === '' ? undefined : JSON.parse(seen.stdout),
    metrics: readFileSync(metrics, 'utf8'),
    termination: readFileSync(termination, 'utf8'),
    written: rig.server.store.list('configmaps').length - 1,
  };
  rmSync(folder, { recursive: true });
  return left;
}

/** A cluster with one source for twelve namespaces. */
async function prepared(): Promise<Rig> {
  const rig = await Rig.open();
  rig.server.namespace('src');
  for (let each = 0; each < 12; each += 1) rig.server.namespace(`n-${each}`);
  rig.server.store.put('configmaps', {
    metadata: { namespace: 'src', name: 'omni', annotations: { 'kubed.appscode.com/sync': '' } },
    data: { you: 'only' },
  });
  return rig;
}

const atThird =
  (act: () => void): Progress =>
  (event) => {
    if (event.phase === 'writing' && event.done === 3) act();
  };

function throwing(): never {
  throw new Error('injected');
}

function named(report: Json, outcome: string): number {
  return report.changes.filter((change: Json) => change.outcome === outcome).length;
}

for (const concurrency of [1, 4])
  test(`a crash while writing ${concurrency} at a time leaves a report of what was written`, async () => {
    await using rig = await prepared();
    const left = await crashing(rig, () => atThird(throwing), ['--concurrency', String(concurrency)]);
    assert.equal(left.code, 1);
    assert.ok(left.written >= 3 && left.written < 3 + concurrency, `${left.written} written`);
    assert.deepEqual(
      [named(left.report, 'done'), named(left.report, 'skipped')],
      [left.written, COPIES - left.written],
    );
    assert.equal(left.report.summary.create, left.written);
    const reasons = new Set(left.report.changes.map((change: Json) => change.skipped));
    assert.deepEqual(reasons, new Set([undefined, 'crashed']));
    assert.match(left.stderr, /^crashed: Error: injected\n/);
    assert.match(left.metrics, /^kubed_sync_last_run_exit_code\{[^}]*\} 1$/m);
    assert.match(left.termination, new RegExp(`^${left.written} created.*\ncrashed: Error: injected$`, 's'));
  });

test('an exception that no code catches leaves a report of what was written', async () => {
  await using rig = await prepared();
  const left = await crashing(
    rig,
    (crashes) => atThird(() => void crashes.emit('crash', new Error('elsewhere'))),
    ['--concurrency', '1'],
  );
  assert.deepEqual(
    [left.code, named(left.report, 'done'), named(left.report, 'skipped')],
    [1, 3, COPIES - 3],
  );
  assert.match(left.termination, /\ncrashed: Error: elsewhere$/);
});

test('a crash before the plan is complete writes nothing, and leaves metrics but no report', async () => {
  await using rig = await prepared();
  const left = await crashing(rig, () => (event) => {
    if (event.phase === 'reading') throwing();
  });
  assert.deepEqual([left.code, left.report, left.written], [1, undefined, 0]);
  assert.match(left.metrics, /^kubed_sync_last_run_exit_code\{[^}]*\} 1$/m);
  assert.equal(left.termination, 'crashed: Error: injected');
});

test('a crash while Events are recorded leaves a report of all copies', async (t) => {
  await using rig = await prepared();
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its object below
  const { send } = ApiClient.prototype;
  t.mock.method(ApiClient.prototype, 'send', function crash(this: ApiClient, request: ApiRequest) {
    if (request.attempt.resource === 'events') throwing();
    return send.call(this, request);
  });
  const left = await crashing(rig, () => () => undefined, ['--events']);
  assert.deepEqual([left.code, left.written, named(left.report, 'done')], [1, COPIES, COPIES]);
  assert.equal(left.report.events, undefined);
  assert.match(left.stderr, /^crashed: Error: injected\n/);
  assert.match(left.metrics, /^kubed_sync_last_run_exit_code\{[^}]*\} 1$/m);
  assert.match(left.termination, new RegExp(`^${COPIES} created.*\ncrashed: Error: injected$`, 's'));
});
