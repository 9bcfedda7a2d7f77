import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readBody } from '../../../src/kube/read/read-object.ts';
import { connect } from '../../../src/kube/connect.ts';
import { proxyFromEnvironment } from '../../../src/kube/auth/proxy.ts';
import { readKubeconfig } from '../../../src/kube/auth/kubeconfig.ts';
import { podAccess } from '../../../src/kube/auth/pod-access.ts';
import { readServerUrl } from '../../../src/kube/auth/server-url.ts';
import type { ApiClient } from '../../../src/kube/http/client.ts';
import {
  INSTANT,
  type Recorded,
  type StubServer,
  TEST_CERTIFICATE,
  answering,
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
const ABSENT = { kind: 'Secret', namespace: 'demo', name: 'omni' } as const;

/** Sends one request and returns how it arrived. */
async function askOnce(server: StubServer, connection: ApiClient): Promise<Recorded> {
  valueOf(await readBody(connection, ABSENT));
  const last = server.requests.at(-1);
  assert.ok(last);
  return last;
}

interface Login {
  readonly user?: object;
  readonly cluster?: object;
  readonly options?: object;
}

async function requestOf(
  t: TestContext,
  { user = {}, cluster = {}, options = {} }: Login,
  secure = true,
): Promise<Recorded> {
  const server = await stubServer(t, answering(NOT_FOUND), secure);
  const ca = Buffer.from(TEST_CERTIFICATE).toString('base64');
  const text = kubeconfigText(
    { server: server.url, ...(secure && { 'certificate-authority-data': ca }), ...cluster },
    user,
  );
  const kubeconfig = kubeconfigFile(t, text);
  const connection = valueOf(await connect(connectOptions({ kubeconfig, ...options }), INSTANT));
  t.after(() => connection.close());
  return askOnce(server, connection);
}

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
    name: 'a server that is not a URL',
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
    name: 'a provider that cannot give a token',
    text: kubeconfigText({ server: 'https://api.test' }, { 'auth-provider': { name: 'gcp', config: {} } }),
    reason: 'no-credentials',
    message: /"gcp" failed/,
  },
];

for (const { name, text, context, reason, message } of BROKEN)
  test(`a kubeconfig with ${name} is used as expected`, async (t) => {
    const kubeconfig = kubeconfigFile(t, text);
    const failure = failureOf(
      await connect(connectOptions({ kubeconfig, ...(context !== undefined && { context }) })),
    );
    assert.equal(failure.reason, reason);
    assert.match(failure.message, message);
    assert.doesNotMatch(JSON.stringify(failure), /geheim/);
  });

test('a kubeconfig that is missing or cannot be read is reported', async (t) => {
  const missing = failureOf(await connect(connectOptions({ kubeconfig: '/gone/config' })));
  assert.deepEqual([missing.reason, missing.subject], ['no-kubeconfig', '/gone/config']);
  const directory = failureOf(await connect(connectOptions({ kubeconfig: scratch(t) })));
  assert.deepEqual([directory.reason, directory.message], ['bad-kubeconfig', 'it cannot be read (EISDIR)']);
  const none = failureOf(await connect(connectOptions()));
  assert.deepEqual([none.reason, none.subject], ['no-kubeconfig', '/nowhere/.kube/config']);
});

test('the files of KUBECONFIG are merged, and the first entry of a name is used', async (t) => {
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

test('the kubeconfig of the home directory is used, with paths relative to it', async (t) => {
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

test('a request has the credentials of its user and the name of the program', async (t) => {
  const token = await requestOf(t, { user: { token: 'abc' } });
  assert.equal(token.headers.authorization, 'Bearer abc');
  assert.equal(token.headers['user-agent'], 'kubed-sync/test');
  const basic = await requestOf(t, { user: { username: 'me', password: 'pass' } });
  assert.equal(basic.headers.authorization, `Basic ${Buffer.from('me:pass').toString('base64')}`);
  const nobody = await requestOf(t, {});
  assert.equal(nobody.headers.authorization, undefined);
});

test('credentials are sent over plain HTTP only if the kubeconfig says so', async (t) => {
  const user = { token: 'abc', as: 'jane' };
  const kept = await requestOf(t, { user }, false);
  assert.deepEqual([kept.headers.authorization, kept.headers['impersonate-user']], [undefined, 'jane']);
  const sent = await requestOf(t, { user, cluster: { 'insecure-skip-tls-verify': true } }, false);
  assert.equal(sent.headers.authorization, 'Bearer abc');
});

test('a kubeconfig and options can impersonate a user', async (t) => {
  const user = { as: 'jane', 'as-groups': ['devs', 'ops'], 'as-uid': '7', 'as-user-extra': { 'a/b': ['x'] } };
  const { headers } = await requestOf(t, { user });
  assert.equal(headers['impersonate-user'], 'jane');
  assert.equal(headers['impersonate-group'], 'devs, ops');
  assert.equal(headers['impersonate-uid'], '7');
  assert.equal(headers['impersonate-extra-a%2fb'], 'x');
  const asked = await requestOf(t, { user, options: { as: 'joe', asGroups: ['admins'] } });
  assert.deepEqual(
    [asked.headers['impersonate-user'], asked.headers['impersonate-group'], asked.headers['impersonate-uid']],
    ['joe', 'admins', undefined],
  );
});

test('groups cannot be impersonated without a user', async (t) => {
  const kubeconfig = kubeconfigFile(t, GOOD);
  const failure = failureOf(await connect(connectOptions({ kubeconfig, asGroups: ['admins'] })));
  assert.match(failure.message, /--as/);
});

test('a pod uses its service account', (t) => {
  const directory = scratch(t);
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
  assert.equal(podAccess(env, directory), undefined);
  writeFileSync(join(directory, 'token'), 'pod\n');
  assert.equal(podAccess({}, directory), undefined);
  const access = podAccess(env, directory);
  assert.equal(access?.cluster.fields['server'], 'https://[fd00::1]:443');
  assert.equal(access.user.fields['tokenFile'], join(directory, 'token'));
});

test('without a kubeconfig a pod has its service account and no contexts', (t) => {
  const directory = scratch(t);
  writeFileSync(join(directory, 'token'), 'pod\n');
  const env = { HOME: '/nowhere', KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
  const chosen = valueOf(readKubeconfig(connectOptions({ env }), directory));
  assert.equal(chosen.cluster.fields['server'], 'https://10.0.0.1:443');
  const failure = failureOf(readKubeconfig(connectOptions({ env, context: 'a' }), directory));
  assert.deepEqual([failure.reason, failure.subject], ['unknown-context', 'a']);
});

const PROXIED: readonly (readonly [string, Record<string, string>, string | undefined])[] = [
  ['https://api.test:6443', { HTTPS_PROXY: 'http://p:1' }, 'http://p:1'],
  ['https://api.test:6443', { https_proxy: 'p:1' }, 'http://p:1'],
  ['https://api.test:6443', { HTTP_PROXY: 'http://p:1' }, undefined],
  ['http://api.test', { HTTP_PROXY: 'http://p:1' }, 'http://p:1'],
  ['https://127.0.0.1', { HTTPS_PROXY: 'http://p:1' }, undefined],
  ['https://localhost', { HTTPS_PROXY: 'http://p:1' }, undefined],
  ['https://[::1]', { HTTPS_PROXY: 'http://p:1' }, undefined],
  ['https://api.test', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'other, api.test' }, undefined],
  ['https://api.test', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'TEST' }, undefined],
  ['https://api.test', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '.test' }, undefined],
  ['https://test', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*.test' }, 'http://p:1'],
  ['https://api.test', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'pi.test,,' }, 'http://p:1'],
  ['https://api.test', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '*' }, undefined],
  ['https://api.test:6443', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'api.test:6443' }, undefined],
  ['https://api.test', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'api.test:6443' }, 'http://p:1'],
  ['https://10.1.2.3', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '10.0.0.0/8' }, undefined],
  [
    'https://11.1.2.3',
    { HTTPS_PROXY: 'http://p:1', NO_PROXY: '10.0.0.0/8,10.1.2.3/x,11.0.0.0/99' },
    'http://p:1',
  ],
  ['https://[fd00::1]', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'fd00::/8' }, undefined],
  ['https://[fd00::1]', { HTTPS_PROXY: 'http://p:1', NO_PROXY: 'fd00::1' }, undefined],
  ['https://10.1.2.3', { HTTPS_PROXY: 'http://p:1', NO_PROXY: '10.1.2.3' }, undefined],
];

for (const [server, env, proxy] of PROXIED)
  test(`${server} with ${JSON.stringify(env)} is reached ${proxy === undefined ? 'directly' : 'through a proxy'}`, () => {
    const target = readServerUrl({ name: 'there', directory: '/', fields: { server } });
    assert.ok(typeof target === 'object');
    assert.equal(proxyFromEnvironment(target, env), proxy);
  });

test('one connection serves many requests, also over TLS', async (t) => {
  const server = await stubServer(t, answering(NOT_FOUND), true);
  const cluster = {
    server: server.url,
    'certificate-authority-data': Buffer.from(TEST_CERTIFICATE).toString('base64'),
  };
  const kubeconfig = kubeconfigFile(t, kubeconfigText(cluster));
  const connection = valueOf(await connect(connectOptions({ kubeconfig }), INSTANT));
  t.after(() => connection.close());
  for (let count = 0; count < 20; count += 1) await askOnce(server, connection);
  assert.equal(server.connections(), 1);
});

test('a server may have a path', async (t) => {
  const server = await stubServer(t, answering(NOT_FOUND));
  const kubeconfig = kubeconfigFile(t, kubeconfigText({ server: `${server.url}/k8s/clusters/c-1/` }));
  const connection = valueOf(await connect(connectOptions({ kubeconfig }), INSTANT));
  t.after(() => connection.close());
  const { url } = await askOnce(server, connection);
  assert.equal(url, '/k8s/clusters/c-1/api/v1/namespaces/demo/secrets/omni');
});

/** A server that accepts only requests with the current token. */
async function tokenServer(t: TestContext): Promise<{
  server: StubServer;
  file: string;
  connection: ApiClient;
  let_in: (token: string) => void;
  tick: (ms: number) => void;
}> {
  let [good, now] = ['one', 0];
  const file = join(scratch(t), 'token');
  writeFileSync(file, 'one\n');
  const server = await stubServer(t, (request, response) => {
    const fine = request.headers.authorization === `Bearer ${good}`;
    answering(fine ? NOT_FOUND : statusOf(401, 'Unauthorized'))(request, response);
  });
  const text = kubeconfigText({ server: server.url, 'insecure-skip-tls-verify': true }, { tokenFile: file });
  const hooks = { ...INSTANT, now: () => now };
  const connection = valueOf(await connect(connectOptions({ kubeconfig: kubeconfigFile(t, text) }), hooks));
  t.after(() => connection.close());
  return { server, file, connection, let_in: (token) => (good = token), tick: (ms) => (now += ms) };
}

test('an expired token is renewed once for all requests that need it', async (t) => {
  const { server, file, connection, let_in } = await tokenServer(t);
  await askOnce(server, connection);
  writeFileSync(file, 'two\n');
  let_in('two');
  const reads = await Promise.all([1, 2, 3].map(() => readBody(connection, ABSENT)));
  assert.ok(reads.every(({ ok }) => ok));
  assert.equal(server.requests.filter(({ headers }) => headers.authorization === 'Bearer one').length, 4);
});

test('a rejected token is not renewed again and again', async (t) => {
  const { server, connection, let_in } = await tokenServer(t);
  let_in('three');
  const failure = failureOf(await readBody(connection, ABSENT));
  assert.deepEqual([failure.reason, failure.status], ['unauthorized', 401]);
  assert.equal(server.requests.length, 2);
  failureOf(await readBody(connection, ABSENT));
  assert.equal(server.requests.length, 3);
});

test('the token file of a long run is read again before the token counts as rejected', async (t) => {
  const { server, file, connection, let_in, tick } = await tokenServer(t);
  writeFileSync(file, 'two\n');
  let_in('two');
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 61_000 });
  tick(61_000);
  const { headers } = await askOnce(server, connection);
  assert.equal(headers.authorization, 'Bearer two');
  assert.equal(server.requests.length, 1);
});
