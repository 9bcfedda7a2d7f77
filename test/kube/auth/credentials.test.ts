import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readBody } from '../../../src/kube/read/read-object.ts';
import { connect } from '../../../src/kube/connect.ts';
import type { ApiClient } from '../../../src/kube/http/client.ts';
import {
  ABSENT,
  INSTANT,
  type Recorded,
  type StubServer,
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

test('who a request is from', async (t) => {
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
