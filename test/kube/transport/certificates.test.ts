import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { ServerOptions } from 'node:https';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Failure } from '../../../src/model/failure.ts';
import { connect } from '../../../src/kube/connect.ts';
import { trustedRoots } from '../../../src/kube/transport/trusted-roots.ts';
import { tlsProblem } from '../../../src/kube/transport/tls-errors.ts';
import { readBody } from '../../../src/kube/read/read-object.ts';
import {
  EXPIRED_PAIR,
  INSTANT,
  TEST_CERTIFICATE,
  TEST_KEY,
  answering,
  connectOptions,
  failureOf,
  kubeconfigFile,
  kubeconfigText,
  scratch,
  statusOf,
  stubServer,
} from '../../support/connecting.ts';

const NOT_FOUND = statusOf(404, 'NotFound');
const ABSENT = { kind: 'Secret', namespace: 'demo', name: 'omni' } as const;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const CA = base64(TEST_CERTIFICATE);

interface Try {
  readonly cluster?: object;
  readonly user?: object;
  readonly env?: Record<string, string>;
  readonly server?: boolean | ServerOptions;
  readonly scheme?: string;
}

/** Returns the failure of one request, or undefined, and how many connections it took. */
async function tryOnce(t: TestContext, one: Try): Promise<{ failure: Failure | undefined; tries: number }> {
  const server = await stubServer(t, answering(NOT_FOUND), one.server ?? true);
  const url = one.scheme === undefined ? server.url : server.url.replace(/^\w+/, one.scheme);
  const kubeconfig = kubeconfigFile(t, kubeconfigText({ server: url, ...one.cluster }, one.user));
  const options = connectOptions({ kubeconfig, env: { HOME: '/nowhere', ...one.env } });
  const connection = await connect(options, INSTANT);
  if (!connection.ok) return { failure: connection.failure, tries: 0 };
  t.after(() => connection.value.close());
  const read = await readBody(connection.value, ABSENT);
  return { failure: read.ok ? undefined : read.failure, tries: server.connections() };
}

async function messageOf(t: TestContext, one: Try): Promise<string> {
  const { failure } = await tryOnce(t, one);
  return failure === undefined ? 'ok' : `${failure.reason}: ${failure.message}`;
}

test('an unknown certificate is described, and tried once', async (t) => {
  const { failure, tries } = await tryOnce(t, {});
  assert.equal(failure?.reason, 'bad-certificate');
  assert.match(
    failure.message,
    /^it is self-signed and unknown \(DEPTH_ZERO_SELF_SIGNED_CERT\); presented: "api\.test" issued by "api\.test", valid from .* to .*; checked against the trusted certificates of this machine$/,
  );
  assert.equal(tries, 1);
});

test('the CA of the kubeconfig is named as what a certificate was checked against', async (t) => {
  const cluster = { 'certificate-authority-data': base64(EXPIRED_PAIR.cert) };
  assert.match(
    await messageOf(t, { cluster }),
    /^bad-certificate: .*against certificate-authority of cluster "there"$/,
  );
});

test('an expired certificate is reported as expired', async (t) => {
  const cluster = { 'certificate-authority-data': base64(EXPIRED_PAIR.cert) };
  assert.match(
    await messageOf(t, { cluster, server: EXPIRED_PAIR }),
    /^bad-certificate: it has expired.*2011/,
  );
});

test('for a certificate of another name the failure lists its names', async (t) => {
  const cluster = { 'certificate-authority-data': CA, 'tls-server-name': 'other.test' };
  assert.match(
    await messageOf(t, { cluster }),
    /^bad-certificate: it is for another name .*for DNS:api\.test, IP Address:127\.0\.0\.1; checked against the name "other\.test"$/,
  );
  const right = { 'certificate-authority-data': CA, 'tls-server-name': 'api.test' };
  assert.equal(await messageOf(t, { cluster: right }), 'ok');
});

test('insecure-skip-tls-verify accepts any certificate', async (t) => {
  assert.equal(await messageOf(t, { cluster: { 'insecure-skip-tls-verify': true } }), 'ok');
});

test('TLS to a port of plain http is not reported as a certificate problem', async (t) => {
  const { failure, tries } = await tryOnce(t, { server: false, scheme: 'https' });
  assert.equal(failure?.reason, 'tls-failed');
  assert.equal(tries, 1);
});

test('a server that rejects the client certificate is reported', async (t) => {
  const server = {
    requestCert: true,
    rejectUnauthorized: true,
    ca: EXPIRED_PAIR.cert,
    maxVersion: 'TLSv1.2',
  } as const;
  const user = { 'client-certificate-data': CA, 'client-key-data': base64(TEST_KEY) };
  const cluster = { 'certificate-authority-data': CA };
  const { failure } = await tryOnce(t, { server, cluster, user });
  assert.ok(
    failure && ['client-certificate-refused', 'connection-lost'].includes(failure.reason),
    failure?.reason,
  );
});

test('the codes of a rejected client certificate, of verification and of TLS are distinguished', () => {
  const reasonOf = (code: string): string | undefined => tlsProblem(new Error(code), code)?.reason;
  assert.equal(reasonOf('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), 'client-certificate-refused');
  assert.equal(reasonOf('ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE'), 'client-certificate-refused');
  assert.equal(reasonOf('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'), 'client-certificate-refused');
  for (const code of [
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'CERT_NOT_YET_VALID',
    'CERT_REVOKED',
    'INVALID_PURPOSE',
  ])
    assert.equal(reasonOf(code), 'bad-certificate', code);
  assert.equal(reasonOf('EPROTO'), 'tls-failed');
  assert.equal(reasonOf('ERR_SSL_WRONG_VERSION_NUMBER'), 'tls-failed');
  assert.equal(reasonOf('ECONNRESET'), undefined);
});

test('SSL_CERT_FILE, SSL_CERT_DIR and NODE_EXTRA_CA_CERTS are used if the kubeconfig names no CA', async (t) => {
  const directory = join(scratch(t), 'certs');
  mkdirSync(directory);
  const file = join(directory, 'ca.crt');
  writeFileSync(file, TEST_CERTIFICATE);
  assert.equal(await messageOf(t, { env: { SSL_CERT_FILE: file } }), 'ok');
  assert.equal(await messageOf(t, { env: { SSL_CERT_DIR: directory } }), 'ok');
  assert.equal(await messageOf(t, { env: { NODE_EXTRA_CA_CERTS: file } }), 'ok');
  const cluster = { 'certificate-authority-data': base64(EXPIRED_PAIR.cert) };
  assert.match(await messageOf(t, { cluster, env: { SSL_CERT_FILE: file } }), /^bad-certificate/);
});

test('a machine without its own certificates uses those of Node.js', () => {
  assert.ok(trustedRoots({ SSL_CERT_FILE: '/gone', SSL_CERT_DIR: '/gone' }).length > 50);
});

const REFUSED: readonly (readonly [string, Try, RegExp])[] = [
  [
    'a CA and insecure-skip-tls-verify',
    { cluster: { 'certificate-authority-data': CA, 'insecure-skip-tls-verify': true } },
    /remove one/,
  ],
  [
    'a CA without PEM',
    { cluster: { 'certificate-authority-data': base64('no') } },
    /no certificate in PEM form/,
  ],
  ['a certificate without its key', { user: { 'client-certificate-data': CA } }, /without its key/],
  [
    'a key of another certificate',
    { user: { 'client-certificate-data': CA, 'client-key-data': base64(EXPIRED_PAIR.key) } },
    /do not belong together/,
  ],
  [
    'an encrypted key',
    { user: { 'client-certificate-data': CA, 'client-key-data': base64(encryptedKey()) } },
    /encrypted with a passphrase/,
  ],
];

function encryptedKey(): string {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'test' },
  });
  return privateKey;
}

for (const [name, one, message] of REFUSED)
  test(`a kubeconfig with ${name} is rejected`, async (t) => {
    const { failure } = await tryOnce(t, one);
    assert.equal(failure?.reason, 'bad-kubeconfig');
    assert.match(failure.message, message);
  });

test('a failure also names the path of the server', async (t) => {
  const server = await stubServer(t, answering(statusOf(401, 'Unauthorized')));
  const kubeconfig = kubeconfigFile(t, kubeconfigText({ server: `${server.url}/k8s/c-1/` }));
  const connection = await connect(connectOptions({ kubeconfig }), INSTANT);
  assert.ok(connection.ok);
  t.after(() => connection.value.close());
  const failure = failureOf(await readBody(connection.value, ABSENT));
  assert.equal(failure.subject, `${server.url}/k8s/c-1`);
});
