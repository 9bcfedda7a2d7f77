import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Json, type Reported, TestCluster } from '../support/cluster.ts';

/*
 * Events on the sources (`--events`): at most one for each source and reason, recorded once. Their messages have counts
 * and namespaces, and the API server accepts them.
 */

const QUIET = { list: 3, get: 0, create: 0, patch: 0, delete: 0 };

/** The Events of a source, as `kubectl describe` finds them: by name and uid. */
async function eventsOn(cluster: TestCluster, source: string): Promise<readonly Json[]> {
  const { metadata } = await cluster.get(source);
  const { items } = await cluster.must('GET', `/api/v1/namespaces/${metadata.namespace}/events`);
  return items.filter(
    ({ involvedObject: { uid, name } }: Json) => uid === metadata.uid && name === metadata.name,
  );
}

/** `reason: message`, with short names for the namespaces of the test. */
function reported(cluster: TestCluster, events: readonly Json[]): readonly string[] {
  return events
    .map(({ reason, message }) => `${reason}: ${message.replaceAll(`${cluster.prefix}-`, '')}`)
    .toSorted();
}

async function prepare(cluster: TestCluster): Promise<void> {
  await cluster.namespace('src');
  for (const name of ['a', 'b']) await cluster.namespace(name);
  await cluster.source('ConfigMap/src/omni', { data: { you: 'only' } });
}

function eventsOf({ report }: Reported): Json {
  return report.events;
}

test('the Events of a source show what a run did, with counts and namespaces', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const made = await cluster.reconcile('--events');
  assert.deepEqual([made.code, eventsOf(made)], [0, { sent: 1, known: 0, failed: 0 }], made.stderr);
  assert.equal(made.report.requests.events, 1);
  assert.equal(made.report.requests.create, 2);
  const [event, ...more] = await eventsOn(cluster, 'ConfigMap/src/omni');
  assert.deepEqual(more, []);
  const { type, reason, action, count, source, reportingComponent, involvedObject, metadata } = event;
  assert.deepEqual(
    { type, reason, action, count, source, reportingComponent },
    {
      type: 'Normal',
      reason: 'Synced',
      action: 'Sync',
      count: 1,
      source: { component: 'kubed-sync' },
      reportingComponent: 'kubed-sync',
    },
  );
  assert.equal(involvedObject.namespace, metadata.namespace);
  assert.equal(involvedObject.kind, 'ConfigMap');
  for (const time of [event.eventTime, event.firstTimestamp, event.lastTimestamp])
    assert.ok(Math.abs(Date.parse(time) - Date.now()) < 600_000, time);
  assert.deepEqual(reported(cluster, [event]), ['Synced: 2 copies created in 2 namespaces: a, b.']);
});

test('a run without changes records nothing, and one that changes and prunes records it once', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.reconcile();
  const quiet = await cluster.reconcile('--events');
  assert.deepEqual([quiet.report.requests, eventsOf(quiet)], [QUIET, { sent: 0, known: 0, failed: 0 }]);
  await cluster.merge('ConfigMap/src/omni', { data: { you: 'changed' } });
  await cluster.merge(`ConfigMap/src/omni`, {
    metadata: {
      annotations: { 'kubed.appscode.com/sync': `kubernetes.io/metadata.name=${cluster.ns('a')}` },
    },
  });
  assert.equal((await cluster.reconcile('--events')).code, 0);
  assert.deepEqual(reported(cluster, await eventsOn(cluster, 'ConfigMap/src/omni')), [
    'Synced: 1 copy updated, 1 pruned in 2 namespaces: a, b.',
  ]);
});

test('a warning is recorded once while it stays the same, and again when it changes', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.create('ConfigMap/a/omni', { data: { mine: 'own' } });
  const first = await cluster.reconcile('--events');
  assert.deepEqual([first.code, eventsOf(first)], [1, { sent: 2, known: 0, failed: 0 }], first.stderr);
  const second = await cluster.reconcile('--events');
  assert.deepEqual([second.code, eventsOf(second)], [1, { sent: 0, known: 1, failed: 0 }], second.stderr);
  const conflicts = async (): Promise<readonly Json[]> =>
    (await eventsOn(cluster, 'ConfigMap/src/omni')).filter(({ reason }) => reason === 'Conflict');
  const [conflict, ...more] = await conflicts();
  assert.deepEqual([conflict.type, more], ['Warning', []]);
  assert.match(
    reported(cluster, [conflict])[0] ?? '',
    /^Conflict: An object that is not a copy has the name of a copy in a\. [A-Z]/,
  );
  await cluster.namespace('c');
  await cluster.create('ConfigMap/c/omni', { data: { mine: 'own' } });
  assert.deepEqual(eventsOf(await cluster.reconcile('--events')), { sent: 1, known: 0, failed: 0 });
  assert.equal((await conflicts()).length, 2);
});

test('Events report a source that cannot be read or copied, one that loses a name, and a copy with a sync annotation', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.reconcile();
  await cluster.namespace('other');
  await cluster.source('ConfigMap/src/broken', {}, 'env in (prod');
  await cluster.source('ConfigMap/other/omni', {}, `kubernetes.io/metadata.name=${cluster.ns('a')}`);
  await cluster.annotate('ConfigMap/b/omni', { 'kubed.appscode.com/sync': '' });
  const { code, stderr } = await cluster.reconcile('--events');
  assert.equal(code, 1, stderr);
  const of = async (source: string): Promise<string> =>
    reported(cluster, await eventsOn(cluster, source)).join('\n');
  assert.match(
    await of('ConfigMap/src/broken'),
    /^SyncFailed: ConfigMap src\/broken has an invalid selector: "env in \(prod" at character/,
  );
  assert.match(
    await of('ConfigMap/other/omni'),
    /^Conflict: ConfigMap other\/omni and src\/omni both ask for a copy in a\. The copy is made from src\/omni\. Rename/,
  );
  assert.match(
    await of('ConfigMap/b/omni'),
    /^SyncFailed: ConfigMap b\/omni is a copy of src\/omni and has a sync annotation/,
  );
});

test('a dry run records nothing', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  for (const dry of ['--dry-run', '--dry-run=server']) {
    const { code, report } = await cluster.reconcile('--events', dry);
    assert.deepEqual([code, 'events' in report, report.requests.events], [0, false, undefined]);
  }
  assert.deepEqual(await eventsOn(cluster, 'ConfigMap/src/omni'), []);
});

test('Events work with the longest names, and with more namespaces than fit into a message', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const dots = `${'a'.repeat(60)}.`.repeat(4).slice(0, 235);
  const longest = `${dots}.${'b'.repeat(253 - dots.length - 1)}`;
  assert.equal(longest.length, 253);
  await cluster.source(`ConfigMap/src/${longest}`, {}, 'no way=');
  for (let each = 0; each < 12; each += 1) await cluster.namespace(`${each}`.padStart(40, 'x'));
  const made = await cluster.reconcile('--events');
  assert.deepEqual(eventsOf(made), { sent: 2, known: 0, failed: 0 }, made.stderr);
  const [event] = await eventsOn(cluster, `ConfigMap/src/${longest}`);
  assert.ok(event.metadata.name.length <= 253, event.metadata.name);
  const [synced] = await eventsOn(cluster, 'ConfigMap/src/omni');
  assert.match(
    reported(cluster, [synced])[0] ?? '',
    /^Synced: 14 copies created in 14 namespaces: (?:[x\da-z]+, ){5}…$/,
  );
});

test('a purge records what it deleted', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.reconcile();
  const { code, stderr } = await cluster.run('purge', ...cluster.own, '--events');
  assert.equal(code, 0, stderr);
  assert.deepEqual(reported(cluster, await eventsOn(cluster, 'ConfigMap/src/omni')), [
    'Synced: 2 copies pruned in 2 namespaces: a, b.',
  ]);
});
