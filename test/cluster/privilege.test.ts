import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestCluster } from '../support/cluster.ts';
import { grantUser } from '../support/granted-user.ts';

/* Runs as another user (`--as`) with exactly the documented verbs. On a real API server, RBAC enforces these rights. */

const RULES = [
  { apiGroups: [''], resources: ['namespaces'], verbs: ['list'] },
  {
    apiGroups: [''],
    resources: ['configmaps', 'secrets'],
    verbs: ['get', 'list', 'create', 'patch', 'delete'],
  },
] as const;

test('a run that creates, updates, replaces, refreshes and prunes needs only the documented verbs', async () => {
  await using cluster = await TestCluster.open();
  await using user = await grantUser(cluster, RULES);
  await cluster.namespace('src');
  await cluster.namespace('a');
  await cluster.namespace('b');
  const as = ['--as', user.name, '--as-group', 'system:authenticated'];
  for (const name of ['changed', 'left', 'lost'])
    await cluster.source(`ConfigMap/src/${name}`, { data: { k: 'old' } });
  await cluster.source('Secret/src/typed', { stringData: { k: 'old' } });
  assert.equal((await cluster.reconcile(...as)).code, 0);
  await cluster.merge('ConfigMap/src/changed', { data: { k: 'new' } });
  await cluster.merge('ConfigMap/a/left', { metadata: { labels: { 'app.kubernetes.io/managed-by': 'me' } } });
  await cluster.delete('ConfigMap/src/lost');
  await cluster.delete('Secret/src/typed');
  await cluster.source('Secret/src/typed', { stringData: { k: 'new' }, type: 'example.com/other' });
  cluster.simulated?.resetRequests();
  const { report, code, stderr } = await cluster.reconcile(...as);
  assert.equal(code, 0, stderr);
  const { create, update, replace, refresh, prune } = report.summary;
  assert.deepEqual(
    { create, update, replace, refresh, prune },
    { create: 0, update: 2, replace: 2, refresh: 1, prune: 2 },
  );
  for (const request of cluster.simulated?.requests ?? []) assert.equal(request.user, user.name);
  for (const { groups } of cluster.simulated?.requests ?? [])
    assert.deepEqual(groups, ['system:authenticated']);
  await cluster.isQuiet(...as);
  const purged = await cluster.run('purge', ...cluster.own, ...as);
  assert.equal(purged.code, 0, purged.stderr);
});

test('without the permission to delete everything else is written, and the report names the missing permission', async () => {
  await using cluster = await TestCluster.open();
  const [namespaces, objects] = RULES;
  const verbs = ['get', 'list', 'create', 'patch'];
  await using user = await grantUser(cluster, [namespaces, { ...objects, verbs }]);
  await cluster.namespace('src');
  await cluster.namespace('a');
  await cluster.source('ConfigMap/src/lost', {});
  await cluster.reconcile();
  await cluster.annotate('ConfigMap/src/lost', { 'kubed.appscode.com/sync': null });
  await cluster.source('ConfigMap/src/found', {});
  const { changes, code, report } = await cluster.reconcile('--as', user.name);
  assert.deepEqual(changes, [
    'create ConfigMap/a/found missing done',
    'prune ConfigMap/a/lost annotation-removed failed',
  ]);
  assert.equal(code, 1);
  assert.match(report.changes[1].message, /cannot delete resource "configmaps"/);
});

test('without the permission to create Events the copies are written, and one line names the missing permission', async () => {
  await using cluster = await TestCluster.open();
  await using user = await grantUser(cluster, RULES);
  const undo = cluster.simulated?.deny({ resource: 'events' });
  await cluster.namespace('src');
  await cluster.namespace('a');
  for (const name of ['one', 'two', 'three']) await cluster.source(`ConfigMap/src/${name}`, {});
  const { code, report, stderr } = await cluster.reconcile('--events', '--as', user.name);
  assert.deepEqual([code, report.summary.create, report.summary.failed], [1, 3, 0]);
  const { message, ...counts } = report.events;
  assert.deepEqual(counts, { sent: 0, known: 0, failed: 3 });
  assert.match(
    message,
    new RegExp(`^${user.name} is not allowed to create events in \\S+\\. Grant the verb create on`),
  );
  assert.equal(stderr.split('\n').filter((line) => line.includes('not allowed')).length, 1, stderr);
  undo?.();
});

test('with the additional permission to create Events everything is done', async () => {
  await using cluster = await TestCluster.open();
  const events = { apiGroups: [''], resources: ['events'], verbs: ['create'] };
  await using user = await grantUser(cluster, [...RULES, events]);
  await cluster.namespace('src');
  await cluster.namespace('a');
  await cluster.source('ConfigMap/src/one', {});
  const { code, report, stderr } = await cluster.reconcile('--events', '--as', user.name);
  assert.deepEqual([code, report.events], [0, { sent: 1, known: 0, failed: 0 }], stderr);
});

test('without any permission one line names what is missing, and nothing is written', async () => {
  await using cluster = await TestCluster.open();
  await using user = await grantUser(cluster, []);
  const { code, stdout, stderr } = await cluster.run('reconcile', '--as', user.name);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(
    stderr,
    new RegExp(`${user.name} is not allowed to list (?:configmaps|secrets) in all namespaces`),
  );
});
