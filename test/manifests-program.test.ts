import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { dump } from 'js-yaml';
import { type Json, TestCluster } from './support/cluster.ts';
import { kubedSync } from './support/program.ts';

/* The built program with manifests: laid over a cluster, and in the place of one. */

const SYNC = 'kubed.appscode.com/sync';
const PASSWORD = 'hunter2';
const ENCODED = Buffer.from(PASSWORD).toString('base64');

/** What `kubectl get ns,cm,secret -A` prints: a List of whole objects, by default without managedFields. */
async function dumpOf(cluster: TestCluster, managedFields = false): Promise<Json> {
  const lists = [
    ['Namespace', '/api/v1/namespaces'],
    ['ConfigMap', '/api/v1/configmaps'],
    ['Secret', '/api/v1/secrets'],
  ] as const;
  const items: Json[] = [];
  for (const [kind, path] of lists) {
    for (const item of (await cluster.must('GET', path)).items ?? []) {
      if (!managedFields) delete item.metadata.managedFields;
      items.push({ apiVersion: 'v1', kind, ...item });
    }
  }
  return { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items };
}

/** A cluster with two sources, in step with them. */
async function inStep(): Promise<TestCluster> {
  const cluster = await TestCluster.open();
  await cluster.namespace('demo');
  await cluster.namespace('team', { env: 'prod' });
  await cluster.namespace('other');
  await cluster.source('ConfigMap/demo/omni', { data: { leave: 'me' }, binaryData: { bin: 'AAE=' } });
  await cluster.source(
    'Secret/demo/creds',
    { data: { password: ENCODED }, type: 'example.com/x' },
    'env=prod',
  );
  await cluster.reconcile();
  return cluster;
}

const OFFLINE = ['reconcile', '--dry-run', '--exit-code', '--offline', '-f', '-'];

test('the dump of a cluster in step, in YAML and JSON, has nothing to do and asks no cluster', async () => {
  await using cluster = await inStep();
  const plain = await dumpOf(cluster);
  const full = await dumpOf(cluster, true);
  cluster.simulated?.resetRequests();
  const env = { KUBECONFIG: cluster.kubeconfig };
  for (const input of [dump(plain, { noRefs: true }), JSON.stringify(plain), dump(full, { noRefs: true })]) {
    const { code, stdout } = await kubedSync([...OFFLINE, ...cluster.own], { input, env });
    assert.equal(stdout, 'Nothing to write: 3 copies of 2 sources are current.\n');
    assert.equal(code, 0);
  }
  assert.deepEqual(cluster.simulated?.requests, []);
});

test('the dump of a cluster out of step leads to what the cluster itself leads to', async () => {
  await using cluster = await inStep();
  await cluster.merge('ConfigMap/demo/omni', { data: { leave: 'it' } });
  await cluster.annotate('Secret/demo/creds', { [SYNC]: 'env=dev' });
  await cluster.merge('ConfigMap/team/omni', { data: { extra: 'x' } });
  const live = await cluster.reconcile('--dry-run');
  const args = [...OFFLINE, '-o', 'json', ...cluster.own];
  const { code, stdout } = await kubedSync(args, { input: JSON.stringify(await dumpOf(cluster, true)) });
  const { requests, ...report } = JSON.parse(stdout);
  const { requests: _, ...expected } = live.report;
  assert.deepEqual(report, expected);
  assert.deepEqual([code, requests], [3, { list: 0, get: 0, create: 0, patch: 0, delete: 0 }]);
});

test('without a cluster no kubeconfig is read and no connection made', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kubed-sync-offline-'));
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const broken = join(folder, 'broken');
  const pointing = join(folder, 'pointing');
  await writeFile(broken, '{ this is: [no kubeconfig');
  const cluster = { server: `http://${address}`, 'insecure-skip-tls-verify': true };
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'touch',
    args: [join(folder, 'ran')],
  };
  await writeFile(
    pointing,
    JSON.stringify({
      'current-context': 'x',
      clusters: [{ name: 'x', cluster }],
      users: [{ name: 'x', user: { exec } }],
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
    }),
  );
  const [host, port] = address.split(':');
  const input = source('demo', 'data: {a: b}');
  const proxies = {
    HTTPS_PROXY: `http://${address}`,
    HTTP_PROXY: `http://${address}`,
    ALL_PROXY: `http://${address}`,
  };
  const pod = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port };
  for (const KUBECONFIG of [broken, pointing, join(folder, 'nothing'), undefined]) {
    const ran = await kubedSync(OFFLINE, {
      input,
      env: { KUBECONFIG, KUBED_SYNC_CONTEXT: 'y', ...proxies, ...pod },
    });
    assert.equal(ran.stderr, '');
    assert.equal(ran.code, 0, ran.stdout);
  }
  assert.equal((await kubedSync(['render', '-f', '-'], { input, env: { KUBECONFIG: broken } })).code, 0);
  server.close();
  assert.equal(connections, 0);
  assert.ok(!existsSync(join(folder, 'ran')));
  await rm(folder, { recursive: true });
});

function source(namespace: string, below: string, kind = 'ConfigMap', selector = ''): string {
  const metadata = { name: 'omni', namespace, annotations: { [SYNC]: selector } };
  return `${dump({ apiVersion: 'v1', kind, metadata })}${below}\n`;
}

test('manifests of a repository alone: namespaces that are only implied get copies too', async () => {
  const input = [
    source('demo', 'data: {a: b}', 'ConfigMap', 'kubernetes.io/metadata.name in (implied, declared)'),
    dump({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'declared' } }),
    dump({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'implied' } }),
    dump({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', namespace: 'unselected' } }),
    'apiVersion: apps/v1\nkind: Deployment\n',
  ].join('---\n');
  const args = [...OFFLINE, '--source-namespace', 'demo'];
  const { code, stdout, stderr } = await kubedSync(args, { input });
  assert.equal(
    stdout.split('\n')[0],
    'would create  ConfigMap demo/omni in 2 namespaces: declared, implied (missing)',
  );
  assert.equal(
    stderr,
    'kubed-sync: passed over 1 manifest that is no Namespace, ConfigMap or Secret: Deployment 1\n',
  );
  assert.equal(code, 3);
  assert.equal((await kubedSync([...args, '-q'], { input })).stderr, '');
});

test('manifests laid over a cluster show what will be done once they are applied, and nothing is written', async () => {
  await using cluster = await inStep();
  const [demo, team, other] = [cluster.ns('demo'), cluster.ns('team'), cluster.ns('other')];
  const preview = async (input: string): Promise<readonly string[]> => {
    cluster.simulated?.resetRequests();
    const args = [
      'reconcile',
      '--kubeconfig',
      cluster.kubeconfig,
      '--dry-run',
      '-o',
      'json',
      ...cluster.own,
      '-f',
      '-',
    ];
    const { stdout, stderr } = await kubedSync(args, { input });
    assert.notEqual(stdout, '', stderr);
    for (const { verb } of cluster.simulated?.requests ?? [])
      assert.ok(verb === 'list' || verb === 'get', verb);
    return JSON.parse(stdout).changes.map((change: Json) =>
      [
        change.action,
        `${change.kind}/${change.namespace.replace(`${cluster.prefix}-`, '')}`,
        change.reason,
      ].join(' '),
    );
  };
  const namespace = (name: string, labels: object): string =>
    dump({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  const metadata = { name: 'creds', namespace: demo, annotations: { [SYNC]: 'env=prod' } };
  const creds = (password: string): string =>
    dump({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { password } });

  assert.deepEqual(await preview(source(demo, 'data: {leave: me}')), [], 'unchanged');
  assert.deepEqual(await preview(creds(PASSWORD)), [], 'unchanged');
  assert.deepEqual(await preview(creds('other')), ['update Secret/team source-changed']);
  assert.deepEqual(await preview(source(demo, 'data: {leave: it}')), [
    'update ConfigMap/other source-changed',
    'update ConfigMap/team source-changed',
  ]);
  assert.deepEqual(await preview(source(demo, '', 'ConfigMap', 'env=prod')), [
    'refresh ConfigMap/team source-changed',
    'prune ConfigMap/other namespace-not-selected',
  ]);
  assert.deepEqual(await preview(namespace(other, { env: 'prod' })), ['create Secret/other missing']);
  assert.deepEqual(await preview(namespace(team, { env: 'dev' })), [
    'prune Secret/team namespace-not-selected',
  ]);
  assert.deepEqual(await preview(namespace(cluster.ns('new'), { env: 'prod' })), [
    'create ConfigMap/new missing',
    'create Secret/new missing',
  ]);
  assert.deepEqual(await preview(source(other, 'data: {a: b}').replace('name: omni', 'name: fresh')), [
    'create ConfigMap/demo missing',
    'create ConfigMap/team missing',
  ]);
});

test('objects in manifests that have nothing to do with copies cost no request', async () => {
  await using cluster = await inStep();
  await cluster.create('Secret/demo/plain', { stringData: { password: PASSWORD } });
  cluster.simulated?.resetRequests();
  const input = dump({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'plain', namespace: cluster.ns('demo') },
  });
  const args = ['reconcile', '--kubeconfig', cluster.kubeconfig, '--dry-run', ...cluster.own, '-f', '-'];
  assert.equal((await kubedSync(args, { input })).code, 0);
  assert.deepEqual(
    cluster.simulated?.requests.map(({ verb }) => verb),
    ['list', 'list', 'list'],
  );
});

test('a body that cannot be read ends the preview', async () => {
  await using cluster = await inStep();
  cluster.simulated?.deny({ verb: 'get', resource: 'configmaps' });
  const args = ['reconcile', '--kubeconfig', cluster.kubeconfig, '--dry-run', ...cluster.own, '-f', '-'];
  const { code, stdout, stderr } = await kubedSync(args, { input: source(cluster.ns('demo'), '') });
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /is not allowed to get configmap/);
});

const BAD: readonly (readonly [what: string, input: string, says: string])[] = [
  ['nothing', '', 'stdin: there is no manifest'],
  [
    'a tab',
    source('demo', `data:\n\ta: ${PASSWORD}`),
    'stdin:9: this is no valid YAML: tab characters must not be used in indentation',
  ],
  [
    'a key twice',
    source('demo', `data:\n  a: ${PASSWORD}\n  a: x`),
    'stdin:10: this is no valid YAML: duplicated mapping key',
  ],
  ['no name', 'apiVersion: v1\nkind: Secret\nmetadata: {}\n', 'stdin:3: Secret: metadata.name is missing'],
  [
    'no base64',
    source('demo', `data: {a: ${PASSWORD}}`, 'Secret'),
    'stdin:8: Secret demo/omni: data.a is no base64; plain text goes into stringData',
  ],
];

for (const [what, input, says] of BAD) {
  test(`a wrong manifest is wrong usage, told in one line: ${what}`, async () => {
    for (const args of [
      OFFLINE,
      ['reconcile', '--dry-run', '-f', '-'],
      ['render', '-f', '-'],
      [...OFFLINE, '-q', '-o', 'json'],
    ])
      assert.deepEqual(await kubedSync(args, { input, env: { KUBECONFIG: '/nothing' } }), {
        code: 2,
        stdout: '',
        stderr: `kubed-sync: ${says}\n`,
      });
  });
}
