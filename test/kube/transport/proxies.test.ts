import assert from 'node:assert/strict';
import { type IncomingMessage, type ServerResponse, createServer, request as forward } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, type Socket, connect as dial } from 'node:net';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { Failure } from '../../../src/model/failure.ts';
import { connect } from '../../../src/kube/connect.ts';
import { readBody } from '../../../src/kube/read/read-object.ts';
import {
  INSTANT,
  TEST_CERTIFICATE,
  TEST_KEY,
  answering,
  connectOptions,
  kubeconfigFile,
  kubeconfigText,
  scratch,
  statusOf,
  stubServer,
} from '../../support/connecting.ts';

const NOT_FOUND = statusOf(404, 'NotFound');
const ABSENT = { kind: 'Secret', namespace: 'demo', name: 'omni' } as const;
const CA = Buffer.from(TEST_CERTIFICATE).toString('base64');

/** A proxy that records its requests, and sends all tunnels to one port. */
interface TestProxy {
  readonly port: number;
  readonly asked: string[];
  readonly passwords: (string | undefined)[];
}

interface ProxySetting {
  readonly to?: number;
  readonly status?: number;
  readonly silent?: boolean;
  readonly secure?: boolean;
}

async function startProxy(
  t: TestContext,
  { to, status = 200, silent = false, secure = false }: ProxySetting,
): Promise<TestProxy> {
  const [asked, passwords]: [string[], (string | undefined)[]] = [[], []];
  const note = ({ method, url, headers }: IncomingMessage): void => {
    asked.push(`${method} ${url}`);
    passwords.push(headers['proxy-authorization']);
  };
  const pass = (request: IncomingMessage, response: ServerResponse): void => {
    note(request);
    if (status !== 200) return void response.writeHead(status).end();
    const { method, headers, url = '' } = request;
    const upstream = forward({ port: to, host: '127.0.0.1', method, headers, path: new URL(url).pathname });
    upstream.on('response', (answer) =>
      answer.pipe(response.writeHead(answer.statusCode ?? 0, answer.headers)),
    );
    upstream.end();
  };
  const proxy = secure
    ? createSecureServer({ cert: TEST_CERTIFICATE, key: TEST_KEY }, pass)
    : createServer(pass);
  proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
    note(request);
    t.after(() => socket.destroy());
    socket.on('error', () => undefined);
    if (silent) return;
    if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const upstream = dial(to ?? 0, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => proxy.close());
  return { port: (proxy.address() as AddressInfo).port, asked, passwords };
}

/** The failure of requests through a proxy. Undefined if they succeeded. */
async function ask(
  t: TestContext,
  cluster: object,
  changes: object = {},
  times = 1,
): Promise<Failure | undefined> {
  const kubeconfig = kubeconfigFile(t, kubeconfigText(cluster, { token: 'abc' }));
  const connection = await connect(connectOptions({ kubeconfig, ...changes }), INSTANT);
  if (!connection.ok) return connection.failure;
  t.after(() => connection.value.close());
  for (let count = 0; count < times; count += 1) {
    const read = await readBody(connection.value, ABSENT);
    if (!read.ok) return read.failure;
  }
  return undefined;
}

const SECURE = { 'certificate-authority-data': CA, 'tls-server-name': 'api.test' };

test('a tunnel through an HTTP proxy is kept open, and the proxy gets the password', async (t) => {
  const server = await stubServer(t, answering(NOT_FOUND), true);
  const proxy = await startProxy(t, { to: server.port });
  const cluster = {
    ...SECURE,
    server: 'https://api.test:6443',
    'proxy-url': `http://me:p%40ss@127.0.0.1:${proxy.port}`,
  };
  assert.equal(await ask(t, cluster, {}, 5), undefined);
  assert.deepEqual(proxy.asked, ['CONNECT api.test:6443']);
  assert.deepEqual(proxy.passwords, [`Basic ${Buffer.from('me:p@ss').toString('base64')}`]);
  assert.equal(server.requests.length, 5);
  assert.equal(server.requests[0]?.headers.authorization, 'Bearer abc');
  assert.equal(server.requests[0]?.headers['proxy-authorization'], undefined);
});

test('an IPv6 address is in brackets in the request for a tunnel', async (t) => {
  const server = await stubServer(t, answering(NOT_FOUND), true);
  const proxy = await startProxy(t, { to: server.port });
  const cluster = {
    ...SECURE,
    server: 'https://[fd00::1]:6443',
    'proxy-url': `http://127.0.0.1:${proxy.port}`,
  };
  assert.equal(await ask(t, cluster), undefined);
  assert.deepEqual(proxy.asked, ['CONNECT [fd00::1]:6443']);
});

test('a plain HTTP server behind a proxy is requested with an absolute URL', async (t) => {
  const server = await stubServer(t, answering(NOT_FOUND));
  const proxy = await startProxy(t, { to: server.port });
  const cluster = { server: 'http://api.test/k8s', 'proxy-url': `http://me:pass@127.0.0.1:${proxy.port}` };
  assert.equal(await ask(t, cluster), undefined);
  assert.deepEqual(proxy.asked, ['GET http://api.test/k8s/api/v1/namespaces/demo/secrets/omni']);
  assert.deepEqual(proxy.passwords, [`Basic ${Buffer.from('me:pass').toString('base64')}`]);
  assert.equal(server.requests[0]?.headers.host, 'api.test');
});

test('a proxy over HTTPS is checked against the certificates of this machine', async (t) => {
  const server = await stubServer(t, answering(NOT_FOUND), true);
  const proxy = await startProxy(t, { to: server.port, secure: true });
  const file = join(scratch(t), 'ca.crt');
  writeFileSync(file, TEST_CERTIFICATE);
  const cluster = {
    ...SECURE,
    server: 'https://api.test:6443',
    'proxy-url': `https://127.0.0.1:${proxy.port}`,
  };
  const env = { HOME: '/nowhere', SSL_CERT_FILE: file };
  assert.equal(await ask(t, cluster, { env }), undefined);
  const failure = await ask(t, cluster);
  assert.deepEqual([failure?.reason, failure?.message], ['proxy-failed', 'DEPTH_ZERO_SELF_SIGNED_CERT']);
});

test('a plain HTTP server can be reached through a proxy over HTTPS', async (t) => {
  const server = await stubServer(t, answering(NOT_FOUND));
  const proxy = await startProxy(t, { to: server.port, secure: true });
  const file = join(scratch(t), 'ca.crt');
  writeFileSync(file, TEST_CERTIFICATE);
  const env = { HOME: '/nowhere', SSL_CERT_FILE: file };
  assert.equal(
    await ask(t, { server: 'http://api.test', 'proxy-url': `https://127.0.0.1:${proxy.port}` }, { env }),
    undefined,
  );
});

for (const scheme of ['https', 'http'])
  test(`a proxy that asks for a password on the way to ${scheme} is named, without a password`, async (t) => {
    const proxy = await startProxy(t, { status: 407 });
    const cluster = {
      server: `${scheme}://api.test`,
      'proxy-url': `http://me:geheim@127.0.0.1:${proxy.port}`,
    };
    const failure = await ask(t, cluster);
    assert.deepEqual([failure?.reason, failure?.subject], ['proxy-failed', `http://127.0.0.1:${proxy.port}`]);
    assert.match(failure?.message ?? '', /user name and password.*407/);
    assert.doesNotMatch(JSON.stringify(failure), /geheim/);
  });

for (const scheme of ['https', 'http'])
  test(`a proxy that is down on the way to ${scheme} is named`, async (t) => {
    const failure = await ask(t, { server: `${scheme}://api.test`, 'proxy-url': 'http://127.0.0.1:1' });
    assert.deepEqual(
      [failure?.reason, failure?.message, failure?.subject],
      ['proxy-failed', 'ECONNREFUSED', 'http://127.0.0.1:1'],
    );
  });

test('for a proxy that rejects the server the failure has its status', async (t) => {
  const proxy = await startProxy(t, { status: 503 });
  const failure = await ask(t, { server: 'https://api.test', 'proxy-url': `http://127.0.0.1:${proxy.port}` });
  assert.deepEqual(
    [failure?.reason, failure?.message],
    ['proxy-failed', 'it refuses the connection (HTTP 503)'],
  );
});

test('a proxy that does not answer times out, and is named', async (t) => {
  const proxy = await startProxy(t, { silent: true });
  const address = `http://127.0.0.1:${proxy.port}`;
  const failure = await ask(t, { server: 'https://api.test', 'proxy-url': address }, { requestTimeout: 50 });
  assert.ok(failure && ['timed-out', 'proxy-failed'].includes(failure.reason));
  assert.ok(failure.subject?.includes(address));
});

test('a SOCKS proxy that is down is named', async (t) => {
  const failure = await ask(t, { server: 'https://api.test', 'proxy-url': 'socks5://127.0.0.1:1' });
  assert.equal(failure?.reason, 'unreachable');
  assert.match(failure.subject ?? '', /through the proxy socks5:\/\/127\.0\.0\.1:1/);
});

test('the proxy of the environment is used, except for NO_PROXY', async (t) => {
  const env = { HOME: '/nowhere', HTTPS_PROXY: 'http://127.0.0.1:1' };
  assert.equal((await ask(t, { server: 'https://api.test' }, { env }))?.reason, 'proxy-failed');
  const direct = { ...env, NO_PROXY: '.test' };
  assert.notEqual((await ask(t, { server: 'https://api.test:1' }, { env: direct }))?.reason, 'proxy-failed');
});
