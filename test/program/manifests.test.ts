import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { dump } from 'js-yaml';
import { PASSWORD, inStep, sourceManifest } from '../support/in-step.ts';
import { kubedSync } from '../support/program.ts';

/* The built program with manifests: laid over a cluster, and in the place of one. */

const OFFLINE = ['reconcile', '--dry-run', '--exit-code', '--offline', '-f', '-'];

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
  const input = sourceManifest('demo', 'data: {a: b}');
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

test('manifests of a repository alone: namespaces that are only implied get copies too', async () => {
  const input = [
    sourceManifest('demo', 'data: {a: b}', 'ConfigMap', 'kubernetes.io/metadata.name in (implied, declared)'),
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
  const { code, stdout, stderr } = await kubedSync(args, { input: sourceManifest(cluster.ns('demo'), '') });
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /is not allowed to get configmap/);
});

const BAD: readonly (readonly [what: string, input: string, says: string])[] = [
  ['nothing', '', 'stdin: there is no manifest'],
  [
    'a tab',
    sourceManifest('demo', `data:\n\ta: ${PASSWORD}`),
    'stdin:9: this is no valid YAML: tab characters must not be used in indentation',
  ],
  [
    'a key twice',
    sourceManifest('demo', `data:\n  a: ${PASSWORD}\n  a: x`),
    'stdin:10: this is no valid YAML: duplicated mapping key',
  ],
  ['no name', 'apiVersion: v1\nkind: Secret\nmetadata: {}\n', 'stdin:3: Secret: metadata.name is missing'],
  [
    'no base64',
    sourceManifest('demo', `data: {a: ${PASSWORD}}`, 'Secret'),
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
