import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestCluster } from '../support/cluster.ts';
import { kubedSync } from '../support/program.ts';

/* `--every` as a process: real time, real signals. */

async function prepare(): Promise<TestCluster> {
  const cluster = await TestCluster.open();
  for (const name of ['src', 'a']) await cluster.namespace(name);
  await cluster.source('ConfigMap/src/omni', { data: { you: 'only' } });
  return cluster;
}

test('a source that changes between two runs is in its copies after the second one', async () => {
  await using cluster = await prepare();
  const ended = cluster.run('reconcile', ...cluster.own, '--every', '10s', '--timeout', '15s');
  while ((await cluster.get('ConfigMap/a/omni')) === undefined) await sleep(100);
  await cluster.merge('ConfigMap/src/omni', { data: { you: 'twice' } });
  const { code, stdout, stderr } = await ended;
  assert.equal(code, 0, stderr);
  assert.deepEqual((await cluster.get('ConfigMap/a/omni')).data, { you: 'twice' });
  assert.match(stdout, /^created .*\n[^]*^updated /mu);
  assert.equal(stderr, 'kubed-sync: Ended by --timeout after 2 runs.\n');
});

test('SIGTERM ends the pause at once, and during a run it waits for its end', async () => {
  for (const latency of [0, 1500]) {
    await using cluster = await TestCluster.open({ latency });
    for (const name of ['src', 'a']) await cluster.namespace(name);
    await cluster.source('ConfigMap/src/omni', { data: { you: 'only' } });
    const began = Date.now();
    const after = latency === 0 ? 3000 : 2000;
    const args = ['reconcile', '--kubeconfig', cluster.kubeconfig, ...cluster.own, '--every', '1m'];
    const { code, stdout, stderr } = await kubedSync(args, { signal: { name: 'SIGTERM', after } });
    assert.deepEqual([code, stderr], [0, 'kubed-sync: Ended by SIGTERM after 1 run.\n']);
    assert.match(stdout, /^created /mu);
    assert.ok(await cluster.get('ConfigMap/a/omni'));
    assert.ok(Date.now() - began < 45_000, 'it did not wait for the next run');
  }
});
