import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Json, TestCluster } from '../support/cluster.ts';
import { grantUser } from '../support/granted-user.ts';
import { assertExplanation } from '../support/schema.ts';
import { kubedSync } from '../support/program.ts';

/* `explain`: three lists and no body, on a cluster with every kind of answer. */

const READER = [
  { apiGroups: [''], resources: ['configmaps', 'secrets', 'namespaces'], verbs: ['list'] },
] as const;

async function prepare(cluster: TestCluster): Promise<void> {
  await cluster.namespace('src');
  for (const name of ['ok', 'edited', 'taken', 'gone']) await cluster.namespace(name, { env: 'prod' });
  await cluster.namespace('ignored', { env: 'prod' }, { 'kubed.appscode.com/ignore': 'true' });
  await cluster.namespace('dev', { env: 'dev' });
  await cluster.source('Secret/src/tls', { stringData: { password: 'hunter2' } }, 'env=prod');
  await cluster.create('Secret/taken/tls', { stringData: { mine: 'x' } }, {}, { manager: 'helm' });
  assert.equal((await cluster.reconcile()).code, 1);
  await cluster.merge(
    'Secret/edited/tls',
    { stringData: { password: 'guess' } },
    { manager: 'kubectl-edit' },
  );
  await cluster.delete('Secret/gone/tls');
}

/** Runs `explain -o json` and returns the document. No value of the Secret may be in any output. */
async function explained(cluster: TestCluster, ...args: readonly string[]): Promise<Json> {
  const ran = await cluster.run('explain', ...cluster.own, '-o', 'json', ...args);
  assert.equal(ran.code, 0, ran.stderr);
  for (const text of [ran.stdout, ran.stderr]) assert.doesNotMatch(text, /hunter2|guess|aHVudGVyMg/);
  const document: Json = JSON.parse(ran.stdout);
  assertExplanation(document);
  return document;
}

test('explain on a cluster', async (context) => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const source = `secret/${cluster.ns('src')}/tls`;
  const short = (namespace: string): string => namespace.replace(`${cluster.prefix}-`, '');

  await context.test('the inventory: three lists of metadata', async () => {
    cluster.simulated?.resetRequests();
    const { sources, requests } = await explained(cluster);
    const { reach, upToDate, behind, missing, conflicts, toPrune } = sources.find(
      ({ name, namespace }: Json) => name === 'tls' && namespace === cluster.ns('src'),
    );
    assert.deepEqual(
      { reach, upToDate, behind, missing, conflicts, toPrune },
      { reach: 4, upToDate: 1, behind: 1, missing: 1, conflicts: 1, toPrune: 0 },
    );
    assert.deepEqual(requests, { list: 3, get: 0 });
    for (const { method, accept } of cluster.simulated?.requests ?? [])
      assert.deepEqual([method, accept], ['GET', 'metadata']);
  });

  await context.test('one source: two lists, and an answer for each namespace', async () => {
    const { object, requests } = await explained(cluster, source);
    assert.deepEqual([object.role, requests], ['source', { list: 2, get: 0 }]);
    const own = object.namespaces.filter(({ namespace }: Json) => namespace.startsWith(cluster.prefix));
    assert.deepEqual(
      own.map(({ namespace, state, reasons }: Json) => [short(namespace), state, ...reasons].join(' ')),
      [
        'dev no-copy not-selected',
        'edited behind edited',
        'gone missing',
        'ignored no-copy namespace-ignored',
        'ok up-to-date',
        'src no-copy own-namespace',
        'taken conflict conflict',
      ],
    );
  });

  await context.test('--in: the rule that decided, and who has the name', async () => {
    const sentence = async (namespace: string): Promise<string> => {
      const { stdout, code } = await cluster.run(
        'explain',
        ...cluster.own,
        source,
        '--in',
        cluster.ns(namespace),
      );
      assert.equal(code, 0);
      return stdout.split('\n')[2]?.replace(/^(.*?)  in \S+/, '$1:') ?? '';
    };
    assert.deepEqual(await Promise.all(['dev', 'ignored', 'taken', 'edited', 'gone', 'ok'].map(sentence)), [
      'no copy: (not selected: label env is dev, the selector wants prod)',
      'no copy: (ignored by its annotation kubed.appscode.com/ignore: "true")',
      'conflict: (name taken by another Secret, made by helm)',
      'behind: (edited by kubectl-edit)',
      'missing: (the next run creates it)',
      'up to date:',
    ]);
    const { requests } = await explained(cluster, source, '--in', cluster.ns('taken'));
    assert.deepEqual(requests, { list: 2, get: 1 });
  });

  await context.test('a copy names its source', async () => {
    const { object } = await explained(cluster, `secret/${cluster.ns('edited')}/tls`);
    assert.deepEqual(
      [object.role, object.origin, object.namespaces[0].state],
      ['copy', { namespace: cluster.ns('src'), name: 'tls' }, 'behind'],
    );
  });

  await context.test('--verify reads the contents and names the fields', async () => {
    const { object, comparesContent } = await explained(cluster, source, '--verify');
    assert.equal(comparesContent, true);
    const edited = object.namespaces.find(({ namespace }: Json) => namespace === cluster.ns('edited'));
    assert.deepEqual(
      edited.fields.filter(({ name }: Json) => name.startsWith('data')),
      [{ name: 'data.password', op: 'change' }],
    );
  });

  await context.test('an object that does not exist: one line, and exit 1', async () => {
    const { code, stdout, stderr } = await cluster.run('explain', `cm/${cluster.ns('src')}/nope`);
    assert.deepEqual([code, stdout], [1, '']);
    assert.equal(stderr, `kubed-sync: ConfigMap ${cluster.ns('src')}/nope not found\n`);
    const helm = await cluster.run('explain', `secret/${cluster.ns('src')}/sh.helm.release.v1.x.v1`);
    assert.match(
      helm.stderr,
      /not found in the lists: they leave out Helm releases, which are never copied\n$/,
    );
  });

  await context.test('a deleted source: the inventory has its copies', async () => {
    await cluster.delete('Secret/src/tls');
    const { code, stderr } = await cluster.run('explain', source);
    assert.equal(code, 1);
    assert.match(stderr, /tls not found; 2 copies name it as the source: see explain without an object\n$/);
    const { sources } = await explained(cluster);
    const left = sources.find(({ namespace }: Json) => namespace === cluster.ns('src'));
    assert.deepEqual([left.selector, left.toPrune], [undefined, 2]);
  });
});

test('explain needs only the verb list, and get with --verify', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await using reader = await grantUser(cluster, READER);
  const as = ['--as', reader.name, '--as-group', 'system:authenticated'];
  const source = `secret/${cluster.ns('src')}/tls`;
  for (const args of [
    [],
    [source],
    [source, '--in', cluster.ns('edited')],
    [source, '--in', cluster.ns('taken')],
  ]) {
    const { code, stderr } = await cluster.run('explain', ...cluster.own, ...as, ...args);
    assert.equal(code, 0, stderr);
  }
  const verified = await cluster.run('explain', ...cluster.own, ...as, source, '--verify');
  assert.equal(verified.code, 1);
  assert.match(verified.stderr, /is not allowed to get secret /);
});

test('explain without a cluster: manifests say what would be copied, and dumps what is', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const lists = await Promise.all(
    ['namespaces', 'secrets', 'configmaps'].map((resource) => cluster.must('GET', `/api/v1/${resource}`)),
  );
  const kinds = ['Namespace', 'Secret', 'ConfigMap'];
  const items = lists.flatMap(({ items: all }, at) =>
    all.map((item: Json) => ({ apiVersion: 'v1', kind: kinds[at], ...item })),
  );
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const args = ['explain', '--offline', '-f', '-', ...cluster.own, `secret/${cluster.ns('src')}/tls`];
  const { code, stdout, stderr } = await kubedSync([...args, '-o', 'json'], { input });
  assert.equal(code, 0, stderr);
  const states = JSON.parse(stdout).object.namespaces.flatMap(({ namespace, state }: Json) =>
    namespace.startsWith(cluster.prefix) ? [`${namespace.slice(cluster.prefix.length + 1)} ${state}`] : [],
  );
  assert.deepEqual(states, [
    'dev no-copy',
    'edited behind',
    'gone missing',
    'ignored no-copy',
    'ok up-to-date',
    'src no-copy',
    'taken conflict',
  ]);
});
