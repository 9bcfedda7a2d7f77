import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import type { ApiServer, Match } from '../support/apiserver.ts';
import { type Json, TestCluster } from '../support/cluster.ts';
import { PROGRAM } from '../support/program.ts';

/*
 * A run that is stopped, on the simulated server: no new write starts, writes under way finish, and the report lists
 * what is left. The next run does it.
 */

const COPIES = 20;

/** A source for twenty namespaces, whose creates are slow. */
async function prepare(cluster: TestCluster): Promise<ApiServer> {
  const { simulated } = cluster;
  assert.ok(simulated, 'these tests need the simulated server');
  await cluster.namespace('src');
  for (let each = 0; each < COPIES; each += 1) await cluster.namespace(`n-${each}`);
  await cluster.source('ConfigMap/src/omni', { data: { you: 'only' } });
  return simulated;
}

interface Stopped {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program and sends it a signal as soon as a matching request was handled. */
async function signalled(cluster: TestCluster, signal: NodeJS.Signals, when: Match): Promise<Stopped> {
  const args = [
    PROGRAM,
    'reconcile',
    '--kubeconfig',
    cluster.kubeconfig,
    '--concurrency',
    '2',
    '-o',
    'json',
    ...cluster.own,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  cluster.simulated?.after(when, () => void child.kill(signal));
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

function outcomes(report: Json, outcome: string): number {
  return report.changes.filter((change: Json) => change.outcome === outcome).length;
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  test(`${signal} while writing lets writes under way finish, reports the rest as skipped, and exits with ${code}`, async () => {
    await using cluster = await TestCluster.open();
    const simulated = await prepare(cluster);
    simulated.failNext({ verb: 'create' }, { delay: 300 }, COPIES);
    const fifth = { verb: 'create', resource: 'configmaps', namespace: cluster.ns('n-12') } as const;
    const ran = await signalled(cluster, signal, fifth);
    assert.equal(ran.code, code, ran.stderr);
    const report: Json = JSON.parse(ran.stdout);
    const made = simulated.store.list('configmaps').length - 1;
    assert.ok(made >= 5 && made < COPIES, `${made} of ${COPIES}`);
    assert.deepEqual([outcomes(report, 'done'), outcomes(report, 'skipped')], [made, COPIES - made]);
    assert.deepEqual([report.stopped, report.summary.create, report.summary.failed], [signal, made, 0]);
    simulated.clearRules();
    assert.equal((await cluster.reconcile()).report.summary.create, COPIES - made);
    await cluster.isQuiet();
  });

test('SIGINT while reading writes nothing', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  simulated.failNext({ verb: 'list', resource: 'namespaces' }, 'stall');
  const { code, stdout } = await signalled(cluster, 'SIGINT', { verb: 'list', resource: 'configmaps' });
  assert.deepEqual([code, stdout], [130, '']);
  assert.equal(simulated.counts().create, COPIES + 2, 'only objects of the test');
});

test('SIGTERM in the middle of a replace still recreates the copy', async () => {
  await using cluster = await TestCluster.open();
  const simulated = cluster.simulated;
  assert.ok(simulated);
  await cluster.namespace('src');
  await cluster.namespace('a');
  await cluster.source('ConfigMap/src/fixed', { data: { you: 'only' }, immutable: true });
  await cluster.reconcile();
  await cluster.delete('ConfigMap/src/fixed');
  await cluster.source('ConfigMap/src/fixed', { data: { you: 'new' }, immutable: true });
  simulated.failNext({ verb: 'create', dryRun: false }, { status: 503 }, 2);
  const { code, stdout } = await signalled(cluster, 'SIGTERM', {
    verb: 'delete',
    namespace: cluster.ns('a'),
  });
  assert.deepEqual([code, outcomes(JSON.parse(stdout), 'done')], [143, 1]);
  assert.deepEqual((await cluster.get('ConfigMap/a/fixed')).data, { you: 'new' });
});

test('--timeout ends the writing with exit code 1, and the report lists what is left', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  simulated.failNext({ verb: 'create' }, { delay: 500 }, COPIES);
  const { report, code } = await cluster.reconcile('--timeout', '4s', '--concurrency', '1');
  const made = simulated.store.list('configmaps').length - 1;
  assert.deepEqual([code, report.stopped], [1, 'timeout']);
  assert.deepEqual([outcomes(report, 'done'), outcomes(report, 'skipped')], [made, COPIES - made]);
  assert.ok(made > 0 && made < COPIES, `${made} of ${COPIES}`);
});

test('--timeout ends the reading with exit code 1, and nothing is written', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  simulated.failNext({ verb: 'list', resource: 'secrets' }, 'stall');
  const { code, stdout } = await cluster.run('reconcile', ...cluster.own, '--timeout', '1s');
  assert.deepEqual([code, stdout, simulated.store.list('configmaps').length], [1, '', 1]);
});

test('--request-timeout ends one request, which is sent again', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  simulated.failNext({ verb: 'list', resource: 'secrets' }, 'stall');
  simulated.failNext({ verb: 'list', resource: 'configmaps' }, 'stall-body');
  simulated.failNext({ verb: 'create', namespace: cluster.ns('n-3') }, 'stall');
  const { report, code } = await cluster.reconcile('--request-timeout', '1s');
  assert.deepEqual([code, report.summary.create, report.requests.list], [0, COPIES, 5]);
  await cluster.isQuiet();
});
