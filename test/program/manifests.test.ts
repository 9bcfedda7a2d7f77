import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { dump } from 'js-yaml';
import { matchesGolden } from '../support/golden.ts';
import { PASSWORD, syncedCluster, sourceManifest } from '../support/synced-cluster.ts';
import { kubedSync } from '../support/program.ts';
import { assertReport } from '../support/schema.ts';

/* The built program with manifests, with a cluster and without one. */

const OFFLINE = ['reconcile', '--dry-run', '--exit-code', '--offline', '-f', '-'];

test('without a cluster no kubeconfig is read and no connection is made', async () => {
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

test('for the manifests of a repository, namespaces that are only implied get copies too', async () => {
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
    'kubed-sync: ignored 1 document that is not a Namespace, ConfigMap or Secret: Deployment 1\n',
  );
  assert.equal(code, 3);
  assert.equal((await kubedSync([...args, '-q'], { input })).stderr, '');
});

test('manifests of objects without annotations and marks cost no request', async () => {
  await using cluster = await syncedCluster();
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
  await using cluster = await syncedCluster();
  cluster.simulated?.deny({ verb: 'get', resource: 'configmaps' });
  const args = ['reconcile', '--kubeconfig', cluster.kubeconfig, '--dry-run', ...cluster.own, '-f', '-'];
  const { code, stdout, stderr } = await kubedSync(args, { input: sourceManifest(cluster.ns('demo'), '') });
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /is not allowed to get configmap/);
});

const BAD: readonly (readonly [what: string, input: string, says: string])[] = [
  ['nothing', '', 'stdin: no manifests found'],
  [
    'a tab',
    sourceManifest('demo', `data:\n\ta: ${PASSWORD}`),
    'stdin:9: invalid YAML: a tab is used for indentation',
  ],
  ['no name', 'apiVersion: v1\nkind: Secret\nmetadata: {}\n', 'stdin:3: Secret: metadata.name is missing'],
  [
    'no base64',
    sourceManifest('demo', `data: {a: ${PASSWORD}}`, 'Secret'),
    'stdin:8: Secret demo/omni: data.a is not base64; plain text goes into stringData',
  ],
];

for (const [what, input, says] of BAD) {
  test(`if nothing can be read there is no preview, and one line says why: ${what}`, async () => {
    for (const args of [
      OFFLINE,
      ['reconcile', '--dry-run', '-f', '-'],
      ['render', '-f', '-'],
      [...OFFLINE, '-q', '-o', 'json', '--ignore-bad-manifests'],
    ])
      assert.deepEqual(await kubedSync(args, { input, env: { KUBECONFIG: '/nothing' } }), {
        code: 2,
        stdout: '',
        stderr: `kubed-sync: ${says}\n`,
      });
  });
}

/** A source, a namespace for its copy, a broken document, and a source that gets the default namespace. */
const MIXED = [
  sourceManifest('demo', 'data: {a: b}'),
  dump({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } }),
  `a: ${PASSWORD}: c\n`,
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: lost\n  annotations:\n    kubed.appscode.com/sync: ""\n  labels: {a: }\n',
  'apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: w, namespace: certs}\nspec: {secretTemplate: {annotations: {kubed.appscode.com/sync: ""}}}\n',
].join('---\n');

test('a preview shows what can be read, and the report is marked as incomplete', async () => {
  const args = [...OFFLINE, '--source-namespace', 'demo'];
  const { code, stdout } = await kubedSync(args, { input: MIXED });
  matchesGolden('incomplete.txt', stdout);
  assert.equal(code, 2);
  assert.equal((await kubedSync([...args, '--ignore-bad-manifests'], { input: MIXED })).code, 3);
  const markdown = await kubedSync([...args, '-o', 'markdown'], { input: MIXED });
  matchesGolden('incomplete.md', markdown.stdout);
  const json = await kubedSync([...args, '-o', 'json'], { input: MIXED });
  matchesGolden('incomplete.json', json.stdout);
  assertReport(JSON.parse(json.stdout));
  assert.match(json.stderr, /^problem +stdin:\d+: invalid YAML/m);
  const log = await kubedSync([...args, '--log-format', 'json'], { input: MIXED });
  const entries = log.stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  assert.equal(entries.filter((entry) => /invalid YAML/.test(JSON.stringify(entry))).length, 1);
  assert.match(JSON.stringify(entries.at(-1)), /"incomplete":true.*"exitCode":2/);
  for (const text of [stdout, markdown.stdout, json.stdout, log.stdout]) assert.ok(!text.includes(PASSWORD));
});

test('render writes what can be read, and the exit code is 2', async () => {
  const { code, stdout, stderr } = await kubedSync(['render', '-f', '-'], { input: MIXED });
  assert.match(stdout, /namespace: team/);
  assert.match(stderr, /problem +stdin:\d+: invalid YAML/);
  assert.equal(code, 2);
  assert.equal((await kubedSync(['render', '-f', '-', '--ignore-bad-manifests'], { input: MIXED })).code, 0);
});

test('problems are reported if the cluster cannot be reached, and there is no report', async () => {
  const args = ['reconcile', '--dry-run', '-f', '-'];
  const { code, stdout, stderr } = await kubedSync(args, { input: MIXED, env: { KUBECONFIG: '/nothing' } });
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /^kubed-sync: stdin:\d+: invalid YAML: .*\n/m);
});

test('manifests without a namespace get that of -n', async () => {
  const input = MIXED.replace(/a: .*: c\n/, '');
  const { stdout } = await kubedSync([...OFFLINE, '-n', 'demo', '--source-namespace', 'demo'], { input });
  assert.match(stdout, /ConfigMap demo\/lost/);
  assert.match(
    stdout,
    /note +1 manifest names no namespace, so namespace demo is used \(--default-namespace\)\./,
  );
});

const ENC = 'ENC[AES256_GCM,data:Tr7o=,iv:1=,tag:2=,type:str]';

test('only the names of encrypted values are compared, and no output contains the values', async () => {
  await using cluster = await syncedCluster();
  const [demo] = [cluster.ns('demo')];
  const live = await cluster.get('Secret/demo/creds');
  const names = Object.keys(live.data);
  const manifest = (keys: readonly string[]): string =>
    dump({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'creds', namespace: demo, annotations: live.metadata.annotations },
      type: live.type,
      stringData: Object.fromEntries(keys.map((key) => [key, ENC])),
      sops: { mac: ENC },
    });
  const preview = async (input: string, ...more: readonly string[]): Promise<string> => {
    const args = [
      'reconcile',
      '--kubeconfig',
      cluster.kubeconfig,
      '--dry-run',
      ...cluster.own,
      ...more,
      '-f',
      '-',
    ];
    return (await kubedSync(args, { input })).stdout;
  };
  assert.match(await preview(manifest(names)), /^Nothing to write/m);
  const added = await preview(manifest([...names, 'new']), '-v');
  assert.match(added, /would update +Secret .*\+data\.new/);
  assert.ok(!/data\.new: /.test(added) && !added.includes('ENC[') && !added.includes('sops'), added);
  const offline = await kubedSync([...OFFLINE], { input: manifest(names) });
  assert.ok(!offline.stdout.includes('ENC['));
});
