import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiServer, Fault } from '../support/apiserver.ts';
import type { Json } from '../support/cluster.ts';
import { kubeconfigText } from '../support/connecting.ts';
import { Rig, isDone, shown } from '../support/faults.ts';
import { PROGRAM } from '../support/program.ts';

/*
 * What can delay a stop: a stalled write, a wait, a credential plugin, a closed stdout. Writes under way are given up
 * after a grace period. The report is true, and the next run does the rest.
 */

const MANY = 30;
const numbers = Array.from({ length: MANY }, (_, at) => `n${String(at).padStart(2, '0')}`);

/** A source that is copied to thirty namespaces. */
async function prepared(): Promise<Rig> {
  const rig = await Rig.open();
  const { server } = rig;
  for (const name of ['src', ...numbers]) server.namespace(name, { copies: name === 'src' ? 'no' : 'here' });
  const annotations = { 'kubed.appscode.com/sync': 'copies=here' };
  server.create('configmaps', {
    metadata: { namespace: 'src', name: 'omni', annotations },
    data: { k: 'v' },
  });
  return rig;
}

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

function start(
  rig: Rig,
  args: readonly string[],
  under: readonly string[] = [],
): ChildProcessWithoutNullStreams {
  const words = [...under, process.execPath, PROGRAM, 'reconcile', '--kubeconfig', rig.kubeconfig, ...args];
  const [command = '', ...rest] = words;
  return spawn(command, rest, { env: { PATH: process.env['PATH'], HOME: '/nonexistent' } });
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<Ran> {
  const since = Date.now();
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk: Buffer) => (said[name] += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said, milliseconds: Date.now() - since };
}

/** Checks that the report matches the server for each change, and that a run without faults does the rest. */
async function isTrueAndHeals(rig: Rig, stdout: string): Promise<Json> {
  const report: Json = JSON.parse(stdout);
  for (const change of report.changes)
    assert.equal(change.outcome === 'done', isDone(rig.server, change), JSON.stringify(change));
  rig.server.clearRules();
  const rest = await rig.report();
  assert.ok(
    rest.changes.every(({ outcome }) => outcome.outcome === 'done'),
    shown(rest).join('\n'),
  );
  assert.deepEqual((await rig.report()).changes, []);
  return report;
}

const outcomes = (report: Json): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { outcome, skipped = '' } of report.changes) {
    const word = [outcome, skipped].join(' ').trim();
    counts[word] = (counts[word] ?? 0) + 1;
  }
  return counts;
};

suite('a stop during writes', { concurrency: 2 }, () => {
  test('works as process 1 of a container too', async (context) => {
    const isolated = ['unshare', '-Urpf', '--mount-proc'];
    if (spawnSync('unshare', ['-Urpf', '--mount-proc', 'true']).status !== 0)
      return context.skip('process namespaces are not available');
    await using rig = await prepared();
    const child = start(rig, ['-o', 'json', '--concurrency', '1'], isolated);
    rig.server.after({ verb: 'create' }, async () => {
      const inner = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
      process.kill(Number(inner), 'SIGTERM');
      await sleep(200);
    });
    const ran = await ended(child);
    assert.equal(ran.code, 143, ran.stderr);
    const report = await isTrueAndHeals(rig, ran.stdout);
    assert.deepEqual(outcomes(report), { done: 1, 'skipped interrupted': MANY - 1 });
  });

  test('gives up a stalled write after the grace period, and the report says so', async () => {
    await using rig = await prepared();
    failAfterFirst(rig.server, 'stall');
    const child = start(rig, ['-o', 'json', '--concurrency', '2', '--request-timeout', '0']);
    await waitFor(rig.server, 3);
    const since = Date.now();
    child.kill('SIGTERM');
    const ran = await ended(child);
    assert.ok(Date.now() - since < 60_000, 'it does not wait for ever');
    assert.equal(ran.code, 143, ran.stderr);
    const report = await isTrueAndHeals(rig, ran.stdout);
    assert.deepEqual(outcomes(report), { done: 1, failed: 2, 'skipped interrupted': MANY - 3 });
    assert.match(report.changes[1].message, /no answer soon enough after the stop/);
  });

  test('ends at once with a second SIGINT', async () => {
    await using rig = await prepared();
    failAfterFirst(rig.server, 'stall');
    const child = start(rig, ['-o', 'json']);
    await waitFor(rig.server, 3);
    child.kill('SIGINT');
    await sleep(300);
    assert.equal(child.exitCode, null, 'the first one waits');
    child.kill('SIGINT');
    const ran = await ended(child);
    assert.equal(ran.code, 130);
    assert.ok(ran.milliseconds < 3000, `${ran.milliseconds} ms`);
  });

  test('ends a wait before a retry', async () => {
    await using rig = await prepared();
    failAfterFirst(rig.server, { status: 429, retryAfter: 60 });
    const child = start(rig, ['-o', 'json']);
    await waitFor(rig.server, 4);
    child.kill('SIGTERM');
    const ran = await ended(child);
    assert.ok(ran.code === 143 && ran.milliseconds < 5000, `${ran.code} after ${ran.milliseconds} ms`);
    assert.equal(outcomes(await isTrueAndHeals(rig, ran.stdout))['done'], 1);
  });
});

/** Sets a fault for all creates except the first one, which goes alone. */
function failAfterFirst(server: ApiServer, fault: Fault): void {
  server.after({ verb: 'create' }, () => void server.failNext({ verb: 'create' }, fault, MANY));
}

/** Waits until so many requests have come since the run began: the reads, and the first writes. */
async function waitFor(server: ApiServer, creates: number): Promise<void> {
  while (server.requests.filter(({ verb }) => verb === 'create').length < creates) await sleep(20);
}

suite('a stop during reads', { concurrency: 2 }, () => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    test(`by ${signal} ends the wait for the body of a source at once, and nothing is written`, async () => {
      await using rig = await prepared();
      rig.server.failNext({ verb: 'get' }, 'stall', 5);
      const child = start(rig, ['-o', 'json', '--request-timeout', '0']);
      while (rig.server.requests.every(({ verb }) => verb !== 'get')) await sleep(20);
      child.kill(signal);
      const ran = await ended(child);
      const said = `kubed-sync: Stopped by ${signal} before anything was written. Run again.\n`;
      assert.deepEqual([ran.code, ran.stdout, ran.stderr], [code, '', said]);
      assert.ok(ran.milliseconds < 4000, `${ran.milliseconds} ms`);
      assert.ok(rig.server.requests.every(({ verb }) => verb === 'list' || verb === 'get'));
    });

  test('does not wait for a credential plugin that hangs', async () => {
    await using rig = await prepared();
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'sleep',
      args: ['60'],
      interactiveMode: 'Never',
    };
    writeFileSync(
      rig.kubeconfig,
      kubeconfigText({ server: rig.server.url.replace('http:', 'https:') }, { exec }),
    );
    const ran = await ended(start(rig, ['--timeout', '1s']));
    assert.deepEqual(
      [ran.code, ran.stderr],
      [1, 'kubed-sync: Stopped by --timeout before anything was written. Run again.\n'],
    );
    assert.ok(ran.milliseconds < 8000, `${ran.milliseconds} ms`);
    assert.equal(rig.server.requests.length, 0);
  });
});

suite('a stop in the middle of a replace', () => {
  /** An immutable copy, whose source was recreated with other content. */
  async function immutable(): Promise<Rig> {
    const rig = await Rig.open();
    const { server } = rig;
    for (const name of ['src', 'a']) server.namespace(name);
    const annotations = { 'kubed.appscode.com/sync': 'kubernetes.io/metadata.name=a' };
    const source = (k: string): unknown =>
      server.create('configmaps', {
        metadata: { namespace: 'src', name: 'omni', annotations },
        data: { k },
        immutable: true,
      });
    source('old');
    await rig.report();
    server.store.delete('configmaps', 'src', 'omni');
    source('new');
    return rig;
  }

  test('reports a missing copy if it is not recreated within the grace period', async () => {
    await using rig = await immutable();
    const stop = new AbortController();
    rig.server.after({ verb: 'delete' }, () => stop.abort('SIGTERM'));
    rig.server.failNext({ verb: 'create', dryRun: false }, 'stall', 50);
    const report = await rig.report({ stop: stop.signal });
    const [outcome] = report.changes.map((one) => one.outcome);
    assert.ok(outcome?.outcome === 'failed' && outcome.missing === true, JSON.stringify(outcome));
    rig.server.clearRules();
    await rig.report();
    assert.equal(rig.server.store.get('configmaps', 'a', 'omni')?.data?.['k'], 'new');
  });
});

suite('a reader that closes stdout', () => {
  test('changes only the report: all is written, there is no complaint, and the exit code stays the same', async () => {
    await using rig = await prepared();
    for (const format of ['json', 'text']) {
      const child = start(rig, ['-o', format, '-v']);
      child.stdout.destroy();
      const ran = await ended(child);
      assert.equal(ran.code, 0);
      assert.doesNotMatch(ran.stderr, /EPIPE|Error|unexpected/);
    }
    assert.equal(rig.server.store.list('configmaps').length, MANY + 1);
  });

  test('can be | head', async () => {
    await using rig = await prepared();
    const line = `"${process.execPath}" "${PROGRAM}" reconcile --kubeconfig "${rig.kubeconfig}" -o json | head -c 20`;
    const child = spawn('bash', ['-o', 'pipefail', '-c', line], {
      env: { PATH: process.env['PATH'], HOME: '/' },
    });
    const ran = await ended(child);
    assert.deepEqual([ran.code, ran.stderr, ran.stdout.length], [0, '', 20]);
  });
});
