import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiServer } from '../support/apiserver.ts';
import { type Json, TestCluster } from '../support/cluster.ts';

/*
 * Events that cannot be recorded, on the simulated server: one complaint and exit code 1 for any number of sources. The
 * sync itself is done all the same.
 */

const SOURCES = 12;

async function prepare(cluster: TestCluster): Promise<ApiServer> {
  const { simulated } = cluster;
  assert.ok(simulated, 'these tests need the simulated server');
  await cluster.namespace('src');
  await cluster.namespace('a');
  for (let each = 0; each < SOURCES; each += 1)
    await cluster.source(`ConfigMap/src/omni-${each}`, { data: { you: 'only' } });
  return simulated;
}

const complaints = (stderr: string): readonly string[] =>
  stderr.split('\n').filter((line) => line.includes('Event'));

test('without the permission there is one complaint, the copies are written, and the exit code is 1', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  simulated.deny({ resource: 'events' });
  const { code, report, stderr } = await cluster.reconcile('--events');
  assert.deepEqual([code, report.summary.create, report.summary.failed], [1, SOURCES, 0]);
  assert.equal(complaints(stderr).length, 1, stderr);
  assert.match(
    stderr,
    /12 of 12 Events could not be recorded on the sources\. The sync itself was done\. admin is not allowed to create events in \S+\. Grant the verb create on events\./,
  );
  const { message, ...counts } = report.events;
  assert.deepEqual(counts, { sent: 0, known: 0, failed: SOURCES });
  assert.match(message, /^admin is not allowed to create events/);
  assert.equal(simulated.store.count('configmaps', cluster.ns('a')), SOURCES);
  const text = await cluster.run('purge', ...cluster.own, '--events');
  assert.equal(text.code, 1);
  assert.equal(complaints(text.stdout).length, 1, text.stdout);
});

test('an Event that is sent again after a lost answer is recorded once', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  simulated.failNext({ resource: 'events' }, 'reset-after');
  simulated.failNext({ resource: 'events' }, { status: 503 });
  const { code, report, stderr } = await cluster.reconcile('--events');
  assert.deepEqual([code, report.events], [0, { sent: SOURCES, known: 0, failed: 0 }], stderr);
  assert.equal(simulated.events.all.length, SOURCES);
  assert.equal(report.requests.events, SOURCES + 2);
});

test('at most eight Events are sent at a time', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  let [now, most] = [0, 0];
  simulated.before(
    { resource: 'events' },
    async () => {
      most = Math.max(most, (now += 1));
      await new Promise((resolve) => setTimeout(resolve, 20));
    },
    SOURCES,
  );
  simulated.after({ resource: 'events' }, () => void (now -= 1), SOURCES);
  assert.equal((await cluster.reconcile('--events')).code, 0);
  assert.ok(most > 1 && most <= 8, `${most}`);
});

test('no Event is recorded in a namespace that is deleted', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  simulated.after({ resource: 'configmaps', verb: 'create' }, () => simulated.terminate(cluster.ns('src')));
  const { code, report, stderr } = await cluster.reconcile('--events');
  assert.deepEqual([code, report.events], [0, { sent: 0, known: 0, failed: 0 }], stderr);
});

test('an Event reports failed writes with the first message of the server, once for all namespaces', async () => {
  await using cluster = await TestCluster.open();
  const { simulated } = cluster;
  assert.ok(simulated);
  await cluster.namespace('src');
  for (const name of ['a', 'b', 'c']) simulated.quota(await cluster.namespace(name), { count: 0 });
  await cluster.source('Secret/src/login', { stringData: { word: 'Zq7-open-sesame' } });
  const { code } = await cluster.reconcile('--events');
  assert.equal(code, 1);
  const again = await cluster.reconcile('--events');
  assert.deepEqual(again.report.events, { sent: 0, known: 1, failed: 0 });
  const [event, ...more]: readonly Json[] = simulated.events.all;
  assert.deepEqual([event.reason, event.type, more], ['SyncFailed', 'Warning', []]);
  assert.match(
    event.message.replaceAll(`${cluster.prefix}-`, ''),
    /^3 copies could not be created in 3 namespaces: a, b, c: secrets "login" is forbidden: exceeded quota: .* \(HTTP 403\)\. Raise the quota of the namespace/,
  );
});

test('a problem whose message counts otherwise is the same Event, and another one is a new Event', async () => {
  await using cluster = await TestCluster.open();
  const { simulated } = cluster;
  assert.ok(simulated);
  await cluster.namespace('src');
  const full = await cluster.namespace('a');
  simulated.quota(full, { configmaps: 0 });
  await cluster.source('ConfigMap/src/omni', {});
  const events = async (): Promise<Json> => (await cluster.reconcile('--events')).report.events;
  assert.deepEqual(await events(), { sent: 1, known: 0, failed: 0 });
  simulated.quota(full, undefined);
  for (const name of ['x', 'y']) await cluster.create(`ConfigMap/a/${name}`);
  simulated.quota(full, { configmaps: 2 });
  assert.deepEqual(await events(), { sent: 0, known: 1, failed: 0 });
  await cluster.annotate('ConfigMap/src/omni', { 'kubed.appscode.com/sync': 'env in (' });
  assert.deepEqual(await events(), { sent: 1, known: 0, failed: 0 });
  assert.equal(simulated.events.all.length, 2);
});

test('no Event repeats a value of a Secret that the API server quotes', async () => {
  await using cluster = await TestCluster.open();
  const { simulated } = cluster;
  assert.ok(simulated);
  await cluster.namespace('src');
  await cluster.namespace('a');
  await cluster.source('Secret/src/login', { stringData: { word: 'Zq7-open-sesame' } });
  simulated.validate(({ kind, metadata, data }) =>
    kind === 'Secret' && metadata.namespace === cluster.ns('a') ? `no ${data?.['word']} here` : undefined,
  );
  const { code, stdout, stderr } = await cluster.reconcile('--events');
  assert.equal(code, 1);
  const [event]: readonly Json[] = simulated.events.all;
  assert.match(event.message, /denied request; the rest of the message is withheld/);
  const everything = JSON.stringify(simulated.events.all) + stdout + stderr;
  for (const needle of ['Zq7-', Buffer.from('Zq7-open-sesame').toString('base64')])
    assert.ok(!everything.includes(needle));
});

test('a run that is stopped records no more Events', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  simulated.failNext({ resource: 'configmaps', verb: 'create' }, { delay: 1500 }, SOURCES);
  const { code, report } = await cluster.reconcile('--events', '--timeout', '1s');
  assert.deepEqual([code, report.stopped], [1, 'timeout']);
  assert.deepEqual(report.events, { sent: 0, known: 0, failed: 0 });
  assert.deepEqual(simulated.events.all, []);
});
