import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Grant } from '../support/apiserver.ts';
import { type Json, type Reported, TestCluster } from '../support/cluster.ts';
import { kubedSync } from '../support/program.ts';

/*
 * `--namespace`: a run on some namespaces, by a user who has Roles in them and no rights on the cluster. On a real API
 * server, RBAC enforces these rights.
 */

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const GROUP = 'rbac.authorization.k8s.io';
const OBJECTS = ['get', 'list', 'create', 'patch', 'delete'];
const READS = ['get', 'list'];

/** Creates a user with a Role in each of these namespaces. */
interface Robot extends AsyncDisposable {
  readonly name: string;
  /** Returns the options for these namespaces and this user. */
  readonly options: readonly string[];
}

async function robot(cluster: TestCluster, shorts: readonly string[], verbs = OBJECTS): Promise<Robot> {
  const name = `${cluster.prefix}-robot`;
  const namespaces = shorts.map((short) => cluster.ns(short));
  const options = [...namespaces.flatMap((namespace) => ['--namespace', namespace]), '--as', name];
  if (cluster.simulated !== undefined)
    cluster.simulated.grant(
      name,
      namespaces.flatMap((namespace) => rulesOf(namespace, verbs).map((rule) => ({ ...rule, namespace }))),
    );
  else for (const namespace of namespaces) await bind(cluster, name, namespace, verbs);
  const remove = async (): Promise<void> => {
    for (const namespace of cluster.simulated === undefined ? namespaces : [])
      for (const kind of ['rolebindings', 'roles'])
        await cluster.send('DELETE', `${RBAC}/namespaces/${namespace}/${kind}/${name}`);
  };
  return { name, options, [Symbol.asyncDispose]: remove };
}

function rulesOf(namespace: string, verbs: readonly string[]): readonly Grant[] {
  return [
    { resources: ['namespaces'], resourceNames: [namespace], verbs: ['get'] },
    { resources: ['configmaps', 'secrets'], verbs },
  ];
}

async function bind(
  cluster: TestCluster,
  name: string,
  namespace: string,
  verbs: readonly string[],
): Promise<void> {
  const rules = rulesOf(namespace, verbs).map((rule) => ({ apiGroups: [''], ...rule }));
  await cluster.must('POST', `${RBAC}/namespaces/${namespace}/roles`, { metadata: { name }, rules });
  await cluster.must('POST', `${RBAC}/namespaces/${namespace}/rolebindings`, {
    metadata: { name },
    roleRef: { apiGroup: GROUP, kind: 'Role', name },
    subjects: [{ apiGroup: GROUP, kind: 'User', name }],
  });
}

/** A source of each kind in `src`, the namespaces `a` and `b`, and a namespace `outside`. */
async function prepared(): Promise<TestCluster> {
  const cluster = await TestCluster.open();
  for (const short of ['src', 'a', 'b', 'outside']) await cluster.namespace(short);
  await cluster.source('ConfigMap/src/omni', { data: { you: 'only' } });
  await cluster.source('Secret/src/word', { stringData: { word: 'x' } });
  return cluster;
}

/** Checks that every request was about one namespace or its objects. Then it forgets the requests. */
function assertWithin(cluster: TestCluster, shorts: readonly string[]): void {
  const { simulated } = cluster;
  const names = new Set(shorts.map((short) => cluster.ns(short)));
  for (const { method, path, resource, namespace, name } of simulated?.requests ?? [])
    assert.ok(names.has((resource === 'namespaces' ? name : namespace) ?? ''), `${method} ${path}`);
  simulated?.resetRequests();
}

const SOME = ['src', 'a', 'b'];

test('with Roles in three namespaces a run sends two lists and a get for each, and nothing for the cluster', async (context) => {
  await using cluster = await prepared();
  await using user = await robot(cluster, SOME);
  const run = (...args: readonly string[]): Promise<Reported> =>
    cluster.reconcileWithin(user.options, ...args);
  cluster.simulated?.resetRequests();

  await context.test('the first run reads the bodies of two sources and creates four copies', async () => {
    const { report, changes, findings, code, stderr } = await run();
    assert.deepEqual([code, findings], [0, []], stderr);
    assert.deepEqual(
      changes,
      ['ConfigMap/a/omni', 'ConfigMap/b/omni', 'Secret/a/word', 'Secret/b/word'].map(
        (object) => `create ${object} missing done`,
      ),
    );
    assert.deepEqual(report.requests, { list: 6, get: 5, create: 4, patch: 0, delete: 0 });
    assert.deepEqual([report.summary.sources, report.summary.namespaces], [2, 3]);
    assertWithin(cluster, SOME);
    assert.equal(await cluster.get('ConfigMap/outside/omni'), undefined);
    cluster.simulated?.resetRequests();
  });

  await context.test('a quiet run reads only metadata, and namespaces after all objects', async () => {
    const { report, changes } = await run();
    assert.deepEqual(changes, []);
    assert.deepEqual(report.requests, { list: 6, get: 3, create: 0, patch: 0, delete: 0 });
    const requests = cluster.simulated?.requests ?? [];
    for (const { accept } of requests) assert.equal(accept, 'metadata');
    for (const { resource, query } of requests)
      if (resource === 'secrets') assert.equal(query.fieldSelector, 'type!=helm.sh/release.v1');
    if (cluster.simulated !== undefined)
      assert.deepEqual(
        requests.map(({ resource }) => resource === 'namespaces'),
        [...Array<boolean>(6).fill(false), true, true, true],
      );
    assertWithin(cluster, SOME);
  });

  await context.test('--verify sends one more list for each kind in each namespace with copies', async () => {
    const { report, changes } = await run('--verify');
    assert.deepEqual([changes, report.summary.unchanged], [[], 4]);
    assert.deepEqual(report.requests, { list: 10, get: 5, create: 0, patch: 0, delete: 0 });
    assertWithin(cluster, SOME);
  });

  await context.test('after a changed source and an edited copy each copy is read by itself', async () => {
    await cluster.merge('ConfigMap/src/omni', { data: { you: 'all' } });
    await cluster.merge('Secret/a/word', { data: { word: 'eQ==' } });
    cluster.simulated?.resetRequests();
    const { report, changes } = await run();
    assert.deepEqual(changes, [
      'update ConfigMap/a/omni source-changed done',
      'update ConfigMap/b/omni source-changed done',
      'update Secret/a/word edited done',
    ]);
    assert.deepEqual(report.requests, { list: 6, get: 8, create: 0, patch: 3, delete: 0 });
    assertWithin(cluster, SOME);
  });

  await context.test('labels and the ignore annotation of a namespace take effect', async () => {
    const path = `/api/v1/namespaces/${cluster.ns('b')}`;
    const contentType = 'application/merge-patch+json';
    const annotations = { 'kubed.appscode.com/ignore': 'true' };
    await cluster.must(
      'PATCH',
      path,
      { metadata: { annotations, labels: { env: 'prod' } } },
      { contentType },
    );
    await cluster.annotate('Secret/src/word', { 'kubed.appscode.com/sync': 'env=prod' });
    cluster.simulated?.resetRequests();
    const { changes } = await run();
    assert.deepEqual(changes, [
      'prune ConfigMap/b/omni namespace-ignored done',
      'prune Secret/a/word namespace-not-selected done',
      'prune Secret/b/word namespace-ignored done',
    ]);
    assertWithin(cluster, SOME);
  });

  await context.test('purge deletes the copies there, with the same requests', async () => {
    const { code, stdout, stderr } = await cluster.run('purge', ...user.options, '-o', 'json');
    assert.equal(code, 0, stderr);
    const { requests, summary } = JSON.parse(stdout);
    assert.deepEqual([requests.list, requests.get, summary.prune], [6, 3, requests.delete]);
    assertWithin(cluster, SOME);
  });
});

test('copies outside, and copies of sources outside, stay as they are', async () => {
  await using cluster = await prepared();
  await cluster.source('ConfigMap/outside/theirs', { data: { k: 'v' } });
  assert.equal((await cluster.reconcile()).code, 0);
  await cluster.delete('ConfigMap/src/omni');
  await cluster.delete('ConfigMap/outside/theirs');
  await using user = await robot(cluster, SOME);

  const { changes, report, code } = await cluster.reconcileWithin(user.options);

  assert.equal(code, 0);
  assert.deepEqual(changes, [
    'prune ConfigMap/a/omni source-gone done',
    'prune ConfigMap/b/omni source-gone done',
  ]);
  const [warning, note] = report.findings;
  assert.deepEqual([warning.reason, warning.partial], ['any-namespace-is-a-source', true]);
  assert.deepEqual([note.reason, note.copies], ['out-of-scope', 3]);
  for (const copy of ['ConfigMap/outside/omni', 'ConfigMap/a/theirs', 'ConfigMap/src/theirs'])
    assert.notEqual(await cluster.get(copy), undefined, copy);
});

test('the copy of a source outside is not taken over, and the source that wants it gets a finding', async () => {
  await using cluster = await prepared();
  await cluster.source('ConfigMap/outside/omni', { data: { who: 'they' } }, 'none=such');
  await cluster.merge('ConfigMap/outside/omni', {
    metadata: {
      annotations: { 'kubed.appscode.com/sync': `kubernetes.io/metadata.name=${cluster.ns('a')}` },
    },
  });
  await cluster.annotate('ConfigMap/src/omni', { 'kubed.appscode.com/sync': 'none=such' });
  await cluster.reconcile();
  assert.deepEqual((await cluster.get('ConfigMap/a/omni')).data, { who: 'they' });
  await cluster.annotate('ConfigMap/src/omni', { 'kubed.appscode.com/sync': '' });
  await using user = await robot(cluster, SOME);

  const { changes, report, code, stdout } = await cluster.reconcileWithin([
    ...user.options,
    '--source-namespace',
    cluster.ns('src'),
  ]);

  assert.deepEqual([code, changes], [1, ['create ConfigMap/b/omni missing done']], stdout);
  const contested = report.findings.find(({ reason }: Json) => reason === 'contested');
  assert.equal(contested.partial, true);
  assert.match(contested.message, /belongs to \S+, outside --namespace/u);
  assert.deepEqual((await cluster.get('ConfigMap/a/omni')).data, { who: 'they' });
});

test('a namespace that does not exist is a warning, and the others are synced', async () => {
  await using cluster = await prepared();
  const names = [...SOME, 'typo'].flatMap((short) => ['--namespace', cluster.ns(short)]);
  const { report, findings, code } = await cluster.reconcileWithin(names);
  assert.deepEqual([code, findings], [0, ['namespace-not-found']]);
  const found = report.findings.find(({ reason }: Json) => reason === 'namespace-not-found');
  assert.deepEqual([found.severity, found.namespace], ['warning', cluster.ns('typo')]);
  assert.match(
    found.message,
    new RegExp(`^--namespace ${cluster.ns('typo')}: this namespace does not exist\\.`, 'u'),
  );
  assert.deepEqual([report.summary.namespaces, report.summary.create], [3, 4]);
  const purged = await cluster.run('purge', ...names);
  assert.match(purged.stdout, /this namespace does not exist/u);
});

test('a missing permission is reported with verb, resource, namespace and user', async () => {
  await using cluster = await prepared();
  await using user = await robot(cluster, SOME);
  const lines = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await cluster.run('reconcile', ...args);
    assert.deepEqual([code, stdout], [1, '']);
    return stderr;
  };
  const outside = cluster.ns('outside');
  assert.equal(
    await lines(...user.options, '--namespace', outside, '--kind', 'secret'),
    `kubed-sync: ${user.name} is not allowed to list secrets in ${outside}. Grant the verb list on secrets with a Role in namespace ${outside}. Check that the namespace exists.\n`,
  );
  assert.equal(
    await lines('--as', user.name, '--kind', 'secret'),
    `kubed-sync: ${user.name} is not allowed to list secrets in all namespaces. Grant the verb list on secrets in all namespaces, or limit the run with --namespace.\n`,
  );
  assert.equal(await cluster.get('ConfigMap/a/omni'), undefined);
});

test('with read-only Roles a dry run reports everything, and a run reports what it could not do', async () => {
  await using cluster = await prepared();
  await using user = await robot(cluster, SOME, READS);
  const looked = await cluster.reconcileWithin(user.options, '--dry-run');
  assert.deepEqual([looked.code, looked.report.summary.create], [0, 4]);
  const { code, report } = await cluster.reconcileWithin(user.options);
  assert.deepEqual([code, report.summary.failed], [1, 4]);
  const where = `cannot create resource "configmaps" in API group "" in the namespace "${cluster.ns('a')}"`;
  assert.ok(report.changes[0].message.includes(where));
});

test('namespaces that cannot be read end the run, and a 404 of a proxy is not a missing namespace', async (context) => {
  await using cluster = await prepared();
  const { simulated } = cluster;
  if (simulated === undefined) return context.skip('needs the faults of a proxy');
  const names = SOME.flatMap((short) => ['--namespace', cluster.ns(short)]);
  const match = { verb: 'get', resource: 'namespaces', name: cluster.ns('b') } as const;
  for (const fault of [{ status: 404, html: true }, { status: 404 }, { status: 200, body: '{}' }]) {
    const undo = simulated.failNext(match, fault, 9);
    const { code, stdout, stderr } = await cluster.run('reconcile', ...names);
    assert.deepEqual([code, stdout], [1, ''], JSON.stringify(fault));
    assert.match(stderr, /Cannot get namespace \S+-b: /u);
    undo();
  }
  const undo = simulated.deny(match);
  const { stderr } = await cluster.run('reconcile', ...names);
  const name = cluster.ns('b');
  assert.match(
    stderr,
    new RegExp(
      `admin is not allowed to get namespace ${name}\\. Grant the verb get on namespaces with a Role in namespace ${name}\\.`,
      'u',
    ),
  );
  undo();
  assert.equal(await cluster.get('ConfigMap/a/omni'), undefined);
});

const manifest = (namespace: string, name: string, metadata: object = {}): Json => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace, name, annotations: { 'kubed.appscode.com/sync': '' }, ...metadata },
  data: { from: 'a manifest' },
});

test('manifests outside the namespaces are out of scope, and a namespace that they declare exists', async () => {
  await using cluster = await prepared();
  await using user = await robot(cluster, SOME, READS);
  const items = [
    manifest(cluster.ns('src'), 'declared'),
    manifest(cluster.ns('outside'), 'elsewhere'),
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: cluster.ns('new') } },
  ];
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const preview = async (...args: readonly string[]): Promise<Json> => {
    const { stdout, stderr } = await kubedSync(['reconcile', '--dry-run', '-o', 'json', '-f', '-', ...args], {
      input,
    });
    assert.notEqual(stdout, '', stderr);
    const { changes, findings } = JSON.parse(stdout);
    return {
      targets: changes.map(
        ({ namespace, name }: Json) => `${namespace.replace(`${cluster.prefix}-`, '')}/${name}`,
      ),
      reasons: findings.map(({ reason }: Json) => reason),
    };
  };
  cluster.simulated?.resetRequests();
  const laid = await preview('--kubeconfig', cluster.kubeconfig, '--kind', 'configmap', ...user.options);
  assert.deepEqual(laid, {
    targets: ['a/declared', 'a/omni', 'b/declared', 'b/omni'],
    reasons: ['any-namespace-is-a-source'],
  });
  assertWithin(cluster, SOME);
  const names = ['src', 'new', 'typo'].flatMap((short) => ['--namespace', cluster.ns(short)]);
  assert.deepEqual(await preview('--offline', ...names), {
    targets: ['new/declared'],
    reasons: ['any-namespace-is-a-source', 'namespace-not-found'],
  });
  assert.deepEqual(await preview('--kubeconfig', cluster.kubeconfig, '--kind', 'configmap', ...names), {
    targets: ['new/declared', 'new/omni'],
    reasons: ['any-namespace-is-a-source', 'namespace-not-found'],
  });
});
