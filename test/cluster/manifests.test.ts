import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Json, TestCluster } from '../support/cluster.ts';
import { complaints, fromStdin } from '../support/reading.ts';

/* What the API server rejects is a problem, and what it accepts is not. */

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const LONG = 'x'.repeat(64);

const CONFIG_MAPS: readonly Json[] = [
  {},
  { data: { a: 'x', 'A.b-c_d': '' } },
  { data: { 'a b': '' } },
  { data: { '..': '' } },
  { data: { '..a': '' } },
  { data: { '.': '' } },
  { data: { '.a': '' } },
  { data: { ['k'.repeat(253)]: '' } },
  { data: { ['k'.repeat(254)]: '' } },
  { data: { a: 1 } },
  { data: { a: true } },
  { data: ['a'] },
  { data: { a: '' }, binaryData: { a: '' } },
  { binaryData: { a: '!' } },
  { binaryData: { a: 'aGk=' } },
  { binaryData: { a: 'aGl=' } },
  { binaryData: { a: 'aG\nk=' } },
  { binaryData: { a: 'aGk' } },
  { data: { a: 'x'.repeat(1_048_576) } },
  { data: { a: 'x'.repeat(1_048_577) } },
  { immutable: true },
  { immutable: 'true' },
  { stringData: { a: 'x' } },
  { Data: { a: 'x' } },
  { foo: 'bar' },
  { metadata: { labels: { a: LONG } } },
  { metadata: { labels: { a: '-' } } },
  { metadata: { labels: { 'a/b': '', [`${'p'.repeat(63)}.x/a`]: 'v' } } },
  { metadata: { labels: { 'a/b/c': '' } } },
  { metadata: { labels: { [LONG]: '' } } },
  { metadata: { labels: { a: 1 } } },
  { metadata: { annotations: { '-a': '' } } },
  { metadata: { annotations: { 'A.Example/B': 'any value\n' } } },
  { metadata: { annotations: { a: 'x'.repeat(262_143) } } },
  { metadata: { annotations: { a: 'x'.repeat(262_144) } } },
  { metadata: { annotations: { a: true } } },
  { metadata: { name: 'a.b' } },
  { metadata: { name: 'A' } },
  { metadata: { name: 'a..b' } },
  { metadata: { name: 'x'.repeat(254) } },
];

const SECRETS: readonly Json[] = [
  { data: { a: 'aGk=' }, stringData: { a: 'x', b: 'y' } },
  { data: { a: 'plain text' } },
  { stringdata: { a: 'x' } },
  { binaryData: { a: '' } },
  { stringData: { 'a/b': '' } },
  { type: 'example.com/any' },
  { type: 1 },
  { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } },
  { type: 'kubernetes.io/tls', data: { 'tls.crt': '' }, stringData: { 'tls.key': '' } },
  { type: 'kubernetes.io/dockerconfigjson' },
  { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': base64('{') } },
  { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': base64('{}') } },
  { type: 'kubernetes.io/dockercfg' },
  { type: 'kubernetes.io/dockercfg', stringData: { '.dockercfg': '{"a": {}}' } },
  { type: 'kubernetes.io/basic-auth' },
  { type: 'kubernetes.io/basic-auth', data: { password: '' } },
  { type: 'kubernetes.io/basic-auth', data: { username: '' } },
  { type: 'kubernetes.io/ssh-auth', data: { 'ssh-privatekey': '' } },
  { type: 'kubernetes.io/ssh-auth', stringData: { 'ssh-privatekey': 'x' } },
  { type: 'kubernetes.io/service-account-token' },
  {
    type: 'kubernetes.io/service-account-token',
    metadata: { annotations: { 'kubernetes.io/service-account.name': 'x' } },
  },
];

const NAMESPACES: readonly Json[] = [
  {},
  { metadata: { labels: { env: 'prod', a: '' } } },
  { metadata: { labels: { env: 'a b' } } },
  { metadata: { labels: { 'a b': '' } } },
  { metadata: { annotations: { 'a b': '' } } },
  { metadata: { name: 'a.b' } },
  { metadata: { name: LONG } },
  { spec: { finalizers: ['kubernetes'] } },
  { data: {} },
];

for (const [kind, rows] of Object.entries({
  ConfigMap: CONFIG_MAPS,
  Secret: SECRETS,
  Namespace: NAMESPACES,
})) {
  test(`a ${kind} has a problem if and only if the API server rejects it`, async () => {
    await using cluster = await TestCluster.open();
    const namespace = await cluster.namespace('demo');
    const place = kind === 'Namespace' ? '' : `/namespaces/${namespace}`;
    const resource = `${kind.toLowerCase()}s`;
    for (const row of rows) {
      const own = kind === 'Namespace' ? {} : { namespace };
      const metadata = { name: cluster.ns('x'), ...own, ...row.metadata };
      const object = { apiVersion: 'v1', kind, ...row, metadata };
      const path = `/api/v1${place}/${resource}?dryRun=All&fieldValidation=Strict`;
      const { status, body } = await cluster.send('POST', path, object);
      const said = await complaints(fromStdin(JSON.stringify(object)));
      const text = `${JSON.stringify(row).slice(0, 200)}: ${status} ${JSON.stringify(body.message ?? '')} / ${said.join('\n')}`;
      assert.equal(said.length > 0, status >= 300, text);
    }
  });
}
