import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxyFromEnvironment } from '../../../src/kube/transport/proxy.ts';
import { readServerUrl } from '../../../src/kube/transport/server-url.ts';

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
  test(`${server} with ${JSON.stringify(env)} goes ${proxy === undefined ? 'directly' : 'by proxy'}`, () => {
    const target = readServerUrl({ name: 'there', directory: '/', fields: { server } });
    assert.ok(typeof target === 'object');
    assert.equal(proxyFromEnvironment(target, env), proxy);
  });
