import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { runCommand } from '../../src/cli/command.ts';
import { RUNTIME } from '../../src/cli/runtime.ts';
import { type Json, TestCluster } from '../support/cluster.ts';
import { TwoClusters } from '../support/two-clusters.ts';

/*
 * `--every` on a cluster: each run reads everything again, over the connections of the run before. The program runs in this
 * process. Its pauses do what the test says and take no other time.
 */

interface Series {
  readonly code: number;
  /** The lines of the log in JSON that a run wrote, one array for each run. */
  readonly runs: readonly (readonly Json[])[];
  readonly stderr: string;
}

/** Runs a series. Between two runs comes one of the pauses, and after the last one a SIGTERM. */
async function series(
  cluster: TestCluster,
  pauses: readonly (() => unknown)[],
  ...options: readonly string[]
): Promise<Series> {
  const signals = new EventEmitter();
  const runs: Json[][] = [[]];
  let [stderr, now] = ['', 0];
  const sleep = async (milliseconds: number): Promise<void> => {
    const act = pauses[runs.length - 1];
    now += milliseconds;
    if (act === undefined) return void signals.emit('SIGTERM');
    await act();
    runs.push([]);
  };
  const line = ['reconcile', '--kubeconfig', cluster.kubeconfig, ...cluster.own, '--every', '10s'];
  const code = await runCommand([...line, '--log-format', 'json', ...options], {
    env: {},
    now: () => new Date(),
    stdout: {
      write: (text) =>
        runs.at(-1)?.push(
          ...text
            .trimEnd()
            .split('\n')
            .map((one) => JSON.parse(one)),
        ),
    },
    stderr: { write: (text) => (stderr += text) },
    signals,
    crashes: new EventEmitter(),
    reportCrash: (error) => assert.fail(String(error)),
    exit: () => assert.fail('nothing ends the process'),
    runtime: () => Promise.resolve(RUNTIME),
    timer: { now: () => now, sleep },
  });
  return { code, runs, stderr };
}

/** Returns the changes of each run, as `action namespace/name`. */
function changesOf({ runs }: Series, { prefix }: TestCluster): readonly (readonly string[])[] {
  return runs.map((run) =>
    run.flatMap(({ action, outcome, namespace, name }) =>
      action === undefined ? [] : [`${action} ${namespace.replace(`${prefix}-`, '')}/${name} ${outcome}`],
    ),
  );
}

async function prepare(cluster: TestCluster): Promise<void> {
  for (const name of ['src', 'a']) await cluster.namespace(name);
  await cluster.source('ConfigMap/src/omni', { data: { you: 'only' } });
}

test('each run reads everything again, and says something only when something changed', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const ran = await series(cluster, [
    () => undefined,
    () => cluster.merge('ConfigMap/src/omni', { data: { you: 'twice' } }),
    () => cluster.namespace('new'),
    () => cluster.delete('ConfigMap/a/omni'),
    () => cluster.annotate('ConfigMap/src/omni', { 'kubed.appscode.com/sync': null }),
    () => undefined,
    () => undefined,
  ]);
  assert.deepEqual(changesOf(ran, cluster), [
    ['create a/omni done'],
    [],
    ['update a/omni done'],
    ['create new/omni done'],
    ['create a/omni done'],
    ['prune a/omni done', 'prune new/omni done'],
    [],
    [],
  ]);
  assert.equal(ran.code, 0, ran.stderr);
  const [first, second, , , , , seventh, eighth] = ran.runs;
  assert.ok((first?.length ?? 0) > 0);
  assert.equal(second?.length, 1, 'the copies are up to date now, which is new');
  assert.deepEqual([seventh?.length, eighth], [1, []]);
});

test('runs keep their connections, and each one sends the requests of a single run', async (context) => {
  await using cluster = await TestCluster.open();
  const { simulated } = cluster;
  if (simulated === undefined) return context.skip('a real server does not count connections');
  await prepare(cluster);
  const connections: number[] = [];
  const requests: string[][] = [];
  const note = (): void => {
    connections.push(simulated.connections);
    requests.push(simulated.requests.map(({ method, resource }) => `${method} ${resource}`));
    simulated.resetRequests();
  };
  simulated.resetRequests();
  await series(cluster, [note, note, note]);
  const [first, second, third] = connections;
  assert.deepEqual([second, third], [first, first]);
  const lists = ['GET configmaps', 'GET namespaces', 'GET secrets'];
  for (const sent of requests.slice(1)) assert.deepEqual(sent.toSorted(), lists);
});

test('a kubeconfig that changes between two runs makes a new connection', async (context) => {
  await using cluster = await TestCluster.open();
  const { simulated } = cluster;
  if (simulated === undefined) return context.skip('a real server does not count connections');
  await prepare(cluster);
  const connections: number[] = [];
  const note = (): unknown => connections.push(simulated.connections);
  const change = async (): Promise<void> => {
    const config: Json = JSON.parse(await readFile(cluster.kubeconfig, 'utf8'));
    config.users[0].user.token = 'another';
    await writeFile(cluster.kubeconfig, JSON.stringify(config));
    note();
  };
  const { code } = await series(cluster, [note, change, note]);
  const [first = 0, second = 0, third = 0] = connections;
  assert.deepEqual([code, second], [0, first]);
  assert.ok(third > second);
});

test('runs keep their connections to other clusters, until the kubeconfig of one changes', async (context) => {
  await using two = await TwoClusters.open();
  const { home, there } = two;
  const { simulated } = there;
  if (simulated === undefined) return context.skip('a real server does not count connections');
  for (const cluster of [home, there]) for (const name of ['src', 'a']) await cluster.namespace(name);
  const annotations = { 'kubed.appscode.com/sync-contexts': 'east' };
  await home.create('ConfigMap/src/omni', { data: { you: 'only' } }, { annotations });
  const east = { cluster: there, namespace: home.ns('a') };
  const path = await two.kubeconfig({ east });
  const connections: number[] = [];
  const requests: number[] = [];
  const note = (): void => {
    connections.push(simulated.connections);
    requests.push(simulated.requests.length);
    simulated.resetRequests();
  };
  const change = async (): Promise<void> => {
    note();
    await home.merge('ConfigMap/src/omni', { data: { you: 'twice' } });
    await two.kubeconfig({ east: { ...east, user: { token: 'another' } } });
  };
  const remote = ['--remote-kubeconfig', path, '--remote-allow', 'insecure'];
  const { code, stderr } = await series(home, [note, note, change, note], ...remote);
  const [first = 0, second, third, fourth = 0] = connections;
  assert.deepEqual([code, second, third], [0, first, first], stderr);
  assert.ok(fourth > first, 'another user has connections of its own');
  assert.ok(requests.every((count) => count > 0));
  assert.deepEqual((await there.get('ConfigMap/a/omni')).data, { you: 'twice' });
});

test('a run that cannot read the cluster is reported, and the next one repairs everything', async (context) => {
  await using cluster = await TestCluster.open();
  const { simulated } = cluster;
  if (simulated === undefined) return context.skip('a real server has no faults');
  await prepare(cluster);
  let restore = (): void => undefined;
  const ran = await series(cluster, [
    async () => {
      await cluster.delete('ConfigMap/a/omni');
      restore = simulated.deny({ verb: 'list', resource: 'namespaces' });
    },
    () => undefined,
    () => restore(),
  ]);
  assert.deepEqual(changesOf(ran, cluster), [['create a/omni done'], [], [], ['create a/omni done']]);
  assert.equal(ran.code, 1);
  const errors = ran.stderr.split('\n').filter((line) => line.includes('"error"'));
  assert.equal(errors.length, 1, 'two runs failed in the same way');
  assert.match(errors[0] ?? '', /not allowed to list namespaces/u);
  assert.match(ran.stderr, /Ended by SIGTERM after 4 runs, 2 failed\./u);
});

test('--max-prune is one budget for all runs: what the first one deletes, the second one cannot', async () => {
  await using cluster = await TestCluster.open();
  for (const name of ['src', 'a', 'b']) await cluster.namespace(name, { team: 'x' });
  for (const name of ['one', 'two']) await cluster.source(`ConfigMap/src/${name}`, {}, 'team=x');
  const stop = (name: string) => () =>
    cluster.annotate(`ConfigMap/src/${name}`, { 'kubed.appscode.com/sync': null });
  const ran = await series(cluster, [stop('one'), stop('two')], '--max-prune', '3');
  const [, first, second] = changesOf(ran, cluster);
  assert.deepEqual(first, ['prune a/one done', 'prune b/one done']);
  assert.deepEqual(second, ['prune a/two skipped', 'prune b/two skipped']);
  assert.equal(ran.code, 1);
  const withheld = ran.runs[2]?.find(({ reason }) => reason === 'prune-withheld');
  assert.match(withheld.msg, /^Refused 2 deletes: --max-prune allows 1 more, after 2 in earlier runs\. /u);
  assert.ok(await cluster.get('ConfigMap/a/two'));
});
