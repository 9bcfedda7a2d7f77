import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../support/cluster.ts';
import type { ApiServer, Fault, Match } from '../support/apiserver.ts';
import { TwoClusters } from '../support/two-clusters.ts';

/*
 * What an error in one context does: nothing is deleted there, the other context is served, home is not affected, exit 1.
 * These tests need faults of the simulated API server. Those about rights run on real control planes too.
 */

const SYNC_CONTEXTS = 'kubed.appscode.com/sync-contexts';

interface Scene {
  readonly two: TwoClusters;
  readonly path: string;
  /** The simulated server of the contexts. */
  readonly there: ApiServer;
}

/** Copies in `a` through east and in `b` through west. One of each is to be deleted, and one to be created. */
async function prepare(two: TwoClusters): Promise<string> {
  const { home, there } = two;
  for (const each of ['src', 'a', 'b']) {
    await home.namespace(each);
    await there.namespace(each);
  }
  const path = await two.kubeconfig({
    east: { cluster: there, namespace: home.ns('a') },
    west: { cluster: there, namespace: home.ns('b') },
  });
  for (const name of ['gone', 'kept'])
    await home.create(
      `ConfigMap/src/${name}`,
      { data: { k: 'v' } },
      { annotations: { [SYNC_CONTEXTS]: 'east,west' } },
    );
  assert.equal((await two.reconcile(path)).code, 0);
  await home.delete('ConfigMap/src/gone');
  await home.create(
    'ConfigMap/src/new',
    { data: { k: 'v' } },
    { annotations: { [SYNC_CONTEXTS]: 'east,west' } },
  );
  return path;
}

async function withScene(run: (scene: Scene) => Promise<void>): Promise<void> {
  await using two = await TwoClusters.open();
  const path = await prepare(two);
  const there = two.there.simulated;
  assert.ok(there);
  await run({ two, path, there });
}

const WEST = ['west create ConfigMap/b/new missing done', 'west prune ConfigMap/b/gone source-gone done'];
const isReal = process.env['KUBED_SYNC_TEST_REAL'] !== undefined;
const skip = isReal && 'needs faults of the simulated API server';

const READS: readonly (readonly [string, Match, Fault | 'deny'])[] = [
  ['a list that is refused', { verb: 'list', resource: 'secrets' }, 'deny'],
  ['a list of the other kind that is refused', { verb: 'list', resource: 'configmaps' }, 'deny'],
  ['a get that is refused before a create', { verb: 'get', resource: 'configmaps' }, 'deny'],
  ['a list that breaks off', { verb: 'list', resource: 'configmaps' }, 'half-body'],
  ['a list that is half a JSON text', { verb: 'list', resource: 'configmaps' }, 'truncated-json'],
  ['a list that is a page of a proxy', { verb: 'list', resource: 'secrets' }, { status: 200, html: true }],
  ['a server that answers 500', { verb: 'list', resource: 'configmaps' }, { status: 500 }],
  ['a namespace that cannot be read', { verb: 'get', resource: 'namespaces' }, { status: 500 }],
];

for (const [name, match, fault] of READS)
  test(`${name}: nothing is changed there, and the other context is served`, { skip }, () =>
    withScene(async ({ two, path, there }) => {
      const own =
        match.resource === 'namespaces' ? { name: two.home.ns('a') } : { namespace: two.home.ns('a') };
      if (fault === 'deny') there.deny({ ...match, ...own });
      else there.failNext({ ...match, ...own }, fault, 99);
      for (const server of [two.home.simulated, there]) server?.resetRequests();
      const ran = await two.reconcile(path);
      const sent = (two.home.simulated?.requests.length ?? 0) + there.requests.length;
      const { list, get, create, patch, delete: deletes } = ran.report.requests;
      assert.equal(
        list + get + create + patch + deletes,
        sent,
        'the requests of a context that failed count too',
      );
      // The context failed, so the copies of sources that name it are deleted nowhere. The gone source names nothing.
      assert.deepEqual([two.remoteChanges(ran), ran.findings, ran.code], [WEST, ['context-failed'], 1]);
      there.clearRules();
      assert.equal((await two.reconcile(path)).code, 0);
    }),
  );

const WRITES: readonly (readonly [string, Match, string])[] = [
  ['create', { verb: 'create' }, 'east create ConfigMap/a/new missing failed'],
  ['patch', { verb: 'patch' }, 'east update ConfigMap/a/kept source-changed failed'],
  ['delete', { verb: 'delete' }, 'east prune ConfigMap/a/gone source-gone failed'],
];

for (const [name, match, failed] of WRITES)
  test(`a ${name} that is refused is reported there, and the other context is served`, { skip }, () =>
    withScene(async ({ two, path, there }) => {
      await two.home.merge('ConfigMap/src/kept', { data: { k: 'w' } });
      there.deny({ ...match, namespace: two.home.ns('a') });
      const ran = await two.reconcile(path);
      const changes = two.remoteChanges(ran);
      assert.ok(changes.includes(failed), changes.join('\n'));
      for (const one of WEST) assert.ok(changes.includes(one));
      assert.equal(ran.code, 1);
    }),
  );

test('a message of a server there is not shown, only its status and reason', { skip }, () =>
  withScene(async ({ two, path, there }) => {
    const message = 'very private words of a webhook';
    there.failNext({ verb: 'create', namespace: two.home.ns('a') }, { status: 403, message }, 9);
    const ran = await two.reconcile(path, '-v');
    assert.ok(!(ran.stdout + ran.stderr).includes('private'));
    assert.match(ran.stdout, /Forbidden/u);
  }),
);

test(
  'a source that is deleted and recreated between the lists of home and the writes there is not written',
  { skip },
  () =>
    withScene(async ({ two, path, there }) => {
      // The hook runs when home is read and planned, before the body of the source is read.
      there.before({ verb: 'list', resource: 'configmaps', namespace: two.home.ns('a') }, async () => {
        await two.home.delete('ConfigMap/src/new');
        await two.home.create(
          'ConfigMap/src/new',
          { data: { k: 'other' } },
          { annotations: { [SYNC_CONTEXTS]: 'east' } },
        );
        await two.home.create(
          'ConfigMap/src/gone',
          { data: {} },
          { annotations: { [SYNC_CONTEXTS]: 'east,west' } },
        );
      });
      const ran = await two.reconcile(path);
      assert.deepEqual(two.remoteChanges(ran), []);
      assert.ok(ran.findings.includes('source-changed'));
    }),
);

test('of two shards, only the first one serves other clusters', { skip }, () =>
  withScene(async ({ two, path }) => {
    const second = await two.reconcile(path, '--shard', '1/2');
    assert.deepEqual([second.changes, second.report.contexts, second.code], [[], undefined, 0]);
    const first = await two.reconcile(path, '--shard', '0/2');
    assert.equal(two.remoteChanges(first).length, 4);
  }),
);

test('a failure of the lists of home changes nothing anywhere', { skip }, () =>
  withScene(async ({ two, path, there }) => {
    two.home.simulated?.failNext({ verb: 'list', resource: 'secrets' }, { status: 500 }, 99);
    there.resetRequests();
    const ran = await two.home.run(
      'reconcile',
      ...two.home.own,
      '--remote-kubeconfig',
      path,
      '--remote-allow',
      'insecure',
    );
    assert.equal(ran.code, 1);
    assert.deepEqual(there.requests, []);
  }),
);

test('home that may not be identified touches no other cluster', { skip }, () =>
  withScene(async ({ two, path, there }) => {
    two.home.simulated?.deny({ verb: 'get', resource: 'namespaces', name: 'kube-system' });
    there.resetRequests();
    const { home } = two;
    const own = ['--namespace', home.ns('src'), '--source-namespace', home.ns('src')];
    const ran = await home.reconcileWithin(own, '--remote-kubeconfig', path, '--remote-allow', 'insecure');
    assert.deepEqual([ran.changes, ran.findings, ran.code], [[], ['home-not-identified'], 1]);
    assert.deepEqual(there.requests, []);
  }),
);

const VERBS = ['get', 'list', 'create', 'patch', 'delete'];

test('a Role in the namespace of the context is enough, without any right on namespaces', async (context) => {
  if (TwoClusters.isMissing) return context.skip('needs two control planes');
  await using two = await TwoClusters.open();
  await prepare(two);
  const { home, there } = two;
  const user = 'kubed-sync-target';
  const namespace = home.ns('a');
  const own = await ownUser(two, user, namespace);
  const path = await two.kubeconfig({ east: { cluster: there, namespace, user: own } }, 'least.yaml');
  await home.annotate('ConfigMap/src/new', { [SYNC_CONTEXTS]: 'east' });
  await home.annotate('ConfigMap/src/kept', { [SYNC_CONTEXTS]: 'east' });
  const ran = await two.reconcile(path);
  assert.deepEqual(two.remoteChanges(ran), [
    'east create ConfigMap/a/new missing done',
    'east refresh ConfigMap/a/kept source-changed done',
    'east prune ConfigMap/a/gone source-gone done',
  ]);
  assert.deepEqual([ran.findings, ran.code], [[], 0]);
  const purged = await home.run(
    'purge',
    ...home.own,
    '--remote-kubeconfig',
    path,
    '--remote-allow',
    'insecure',
    '-o',
    'json',
  );
  const report = JSON.parse(purged.stdout);
  assert.ok(report.findings.some(({ reason }: Json) => reason === 'purged-one-namespace'));
  assert.equal(await there.get('ConfigMap/a/kept'), undefined);
});

/** A user who has only the Role that the documentation asks for. */
async function ownUser({ there }: TwoClusters, user: string, namespace: string): Promise<object> {
  const { simulated } = there;
  if (simulated !== undefined) {
    const grant = { verbs: VERBS, resources: ['configmaps', 'secrets'], namespace };
    return { token: simulated.grant(user, [grant]) };
  }
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  const rules = [{ apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: VERBS }];
  await there.must('POST', `${rbac}/roles`, { metadata: { name: user }, rules });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: user };
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }];
  await there.must('POST', `${rbac}/rolebindings`, { metadata: { name: user }, roleRef, subjects });
  const { readFileSync } = await import('node:fs');
  const config = JSON.parse(readFileSync(there.kubeconfig, 'utf8'));
  return { ...config.users[0].user, as: user };
}
