import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { connect } from '../../../src/kube/connect.ts';
import { readKubeconfig } from '../../../src/kube/kubeconfig/kubeconfig.ts';
import { podAccess } from '../../../src/kube/kubeconfig/pod-access.ts';
import {
  INSTANT,
  TEST_CERTIFICATE,
  answering,
  askOnce,
  connectOptions,
  failureOf,
  kubeconfigFile,
  kubeconfigText,
  scratch,
  statusOf,
  stubServer,
  valueOf,
} from '../../support/connecting.ts';

const NOT_FOUND = statusOf(404, 'NotFound');
const GOOD = kubeconfigText({ server: 'https://api.test' });

const BROKEN: readonly { name: string; text: string; context?: string; reason: string; message: RegExp }[] = [
  { name: 'an empty file', text: '', reason: 'bad-kubeconfig', message: /empty/ },
  { name: 'a file of comments', text: '# nothing\n---\n\n', reason: 'bad-kubeconfig', message: /empty/ },
  {
    name: 'bad YAML',
    text: 'a: 1\ntoken: *geheim\n',
    reason: 'bad-kubeconfig',
    message: /^it is not valid YAML \(line 2\)$/,
  },
  { name: 'a list', text: '- a\n', reason: 'bad-kubeconfig', message: /no mapping/ },
  {
    name: 'no current context',
    text: GOOD.replace('"current-context":"here"', '"x":1'),
    reason: 'bad-kubeconfig',
    message: /no current-context; contexts: here/,
  },
  {
    name: 'an unknown context',
    text: GOOD,
    context: 'elsewhere',
    reason: 'unknown-context',
    message: /contexts: here/,
  },
  {
    name: 'no contexts',
    text: 'kind: Config\n',
    context: 'a',
    reason: 'unknown-context',
    message: /no contexts/,
  },
  {
    name: 'a context without cluster',
    text: GOOD.replace('"cluster":"there"', '"cluster":"gone"'),
    reason: 'bad-kubeconfig',
    message: /names a cluster that does not exist/,
  },
  {
    name: 'a cluster without server',
    text: kubeconfigText({}),
    reason: 'bad-kubeconfig',
    message: /has no server/,
  },
  {
    name: 'a server without scheme',
    text: kubeconfigText({ server: 'api.test:6443' }),
    reason: 'bad-kubeconfig',
    message: /https:\/\/ or http:\/\//,
  },
  {
    name: 'a server that is no URL',
    text: kubeconfigText({ server: 'https://[' }),
    reason: 'bad-kubeconfig',
    message: /not a URL/,
  },
  {
    name: 'a bad proxy',
    text: kubeconfigText({ server: 'https://api.test', 'proxy-url': 'proxy:1' }),
    reason: 'bad-kubeconfig',
    message: /the proxy must be a URL/,
  },
  {
    name: 'a missing CA file',
    text: kubeconfigText({ server: 'https://api.test', 'certificate-authority': 'ca.crt' }),
    reason: 'bad-kubeconfig',
    message: /ca\.crt cannot be read \(ENOENT\)/,
  },
  {
    name: 'a missing token file',
    text: kubeconfigText({ server: 'https://api.test' }, { tokenFile: '/gone/token' }),
    reason: 'bad-kubeconfig',
    message: /\/gone\/token cannot be read/,
  },
  {
    name: 'a useless key',
    text: kubeconfigText(
      { server: 'https://api.test' },
      { 'client-certificate-data': 'bm8=', 'client-key-data': 'bm8=' },
    ),
    reason: 'bad-kubeconfig',
    message: /certificate or key/,
  },
  {
    name: 'a token over two lines',
    text: kubeconfigText({ server: 'https://api.test' }, { token: 'geheim\ngeheim' }),
    reason: 'no-credentials',
    message: /characters/,
  },
  {
    name: 'a provider without a way to a token',
    text: kubeconfigText({ server: 'https://api.test' }, { 'auth-provider': { name: 'gcp', config: {} } }),
    reason: 'no-credentials',
    message: /"gcp" failed/,
  },
];

for (const { name, text, context, reason, message } of BROKEN)
  test(`a kubeconfig with ${name}`, async (t) => {
    const kubeconfig = kubeconfigFile(t, text);
    const failure = failureOf(
      await connect(connectOptions({ kubeconfig, ...(context !== undefined && { context }) })),
    );
    assert.equal(failure.reason, reason);
    assert.match(failure.message, message);
    assert.doesNotMatch(JSON.stringify(failure), /geheim/);
  });

test('a kubeconfig that is not there or cannot be read', async (t) => {
  const missing = failureOf(await connect(connectOptions({ kubeconfig: '/gone/config' })));
  assert.deepEqual([missing.reason, missing.subject], ['no-kubeconfig', '/gone/config']);
  const directory = failureOf(await connect(connectOptions({ kubeconfig: scratch(t) })));
  assert.deepEqual([directory.reason, directory.message], ['bad-kubeconfig', 'it cannot be read (EISDIR)']);
  const none = failureOf(await connect(connectOptions()));
  assert.deepEqual([none.reason, none.subject], ['no-kubeconfig', '/nowhere/.kube/config']);
  assert.match(none.message, /no service account of a pod$/u);
  const pod = { HOME: '/nowhere', KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
  const inPod = failureOf(await connect({ ...connectOptions(), env: pod }));
  assert.match(inPod.message, /no token of a service account: set automountServiceAccountToken: true/u);
});

test('files of KUBECONFIG are merged, the first entry of a name counting', async (t) => {
  const server = await stubServer(t, answering(NOT_FOUND));
  const first = kubeconfigFile(
    t,
    'contexts:\n- name: here\n  context: {cluster: there, user: me}\nusers: null\n',
  );
  const second = kubeconfigFile(t, kubeconfigText({ server: server.url }));
  const third = kubeconfigFile(t, kubeconfigText({ server: 'https://elsewhere.test' }));
  const KUBECONFIG = ['', '/gone/config', first, second, third].join(delimiter);
  const connection = valueOf(await connect(connectOptions({ env: { KUBECONFIG } }), INSTANT));
  t.after(() => connection.close());
  assert.equal(connection.address, server.url);
  await askOnce(server, connection);
});

test('the kubeconfig of the home directory, with paths relative to it', async (t) => {
  const HOME = scratch(t);
  mkdirSync(join(HOME, '.kube'));
  writeFileSync(join(HOME, '.kube', 'ca.crt'), TEST_CERTIFICATE);
  writeFileSync(join(HOME, '.kube', 'token'), 'from-a-file\n');
  const server = await stubServer(t, answering(NOT_FOUND), true);
  const text = kubeconfigText(
    { server: server.url, 'certificate-authority': 'ca.crt' },
    { tokenFile: 'token', token: 'inline' },
  );
  writeFileSync(join(HOME, '.kube', 'config'), text);
  const connection = valueOf(await connect(connectOptions({ env: { HOME } }), INSTANT));
  t.after(() => connection.close());
  const { headers } = await askOnce(server, connection);
  assert.equal(headers.authorization, 'Bearer from-a-file');
});

test('the service account of a pod', (t) => {
  const directory = scratch(t);
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
  assert.equal(podAccess(env, directory), undefined);
  writeFileSync(join(directory, 'token'), 'pod\n');
  assert.equal(podAccess({}, directory), undefined);
  const access = podAccess(env, directory);
  assert.equal(access?.cluster.fields['server'], 'https://[fd00::1]:443');
  assert.equal(access.user.fields['tokenFile'], join(directory, 'token'));
});

test('without any kubeconfig a pod has its service account, and no contexts', (t) => {
  const directory = scratch(t);
  writeFileSync(join(directory, 'token'), 'pod\n');
  const env = { HOME: '/nowhere', KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
  const chosen = valueOf(readKubeconfig(connectOptions({ env }), directory));
  assert.equal(chosen.cluster.fields['server'], 'https://10.0.0.1:443');
  const failure = failureOf(readKubeconfig(connectOptions({ env, context: 'a' }), directory));
  assert.deepEqual([failure.reason, failure.subject], ['unknown-context', 'a']);
});
