import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Json, TestCluster } from '../support/cluster.ts';

/*
 * Secrets: types are copied and changed, immutable ones are replaced, and those of the cluster or of Helm are not
 * copied.
 */

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

async function prepare(cluster: TestCluster): Promise<void> {
  await cluster.namespace('src');
  await cluster.namespace('a');
}

/** Every type that Kubernetes knows, and one that it does not know. */
const TYPES: Readonly<Record<string, object>> = {
  Opaque: { word: base64('x') },
  'kubernetes.io/dockerconfigjson': { '.dockerconfigjson': base64('{"auths":{}}') },
  'kubernetes.io/dockercfg': { '.dockercfg': base64('{}') },
  'kubernetes.io/basic-auth': { username: base64('me'), password: base64('secret') },
  'kubernetes.io/ssh-auth': { 'ssh-privatekey': base64('key') },
  'kubernetes.io/tls': { 'tls.crt': base64('certificate'), 'tls.key': base64('key') },
  'example.com/own': { any: base64('thing') },
};

test('a Secret of every type is copied with its type, and an edited copy is repaired', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const names = Object.keys(TYPES).map((type) => type.replace(/.*\//u, '').toLowerCase());
  for (const [each, [type, data]] of Object.entries(TYPES).entries())
    await cluster.source(`Secret/src/${names[each]}`, { type, data });
  await cluster.source('Secret/src/untyped', { data: { word: base64('y') } });
  const all = [...names, 'untyped'].toSorted();
  await cluster.heals(all.map((name) => `create Secret/a/${name} missing done`));
  for (const name of all) {
    const [source, copy] = [await cluster.get(`Secret/src/${name}`), await cluster.get(`Secret/a/${name}`)];
    assert.deepEqual([copy.type, copy.data], [source.type, source.data]);
    await cluster.merge(`Secret/a/${name}`, { data: { added: '' } });
  }
  await cluster.heals(all.map((name) => `update Secret/a/${name} edited done`));
});

test('if a source is recreated with another type the copy is replaced', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const data = { username: base64('me'), password: base64('secret') };
  await cluster.source('Secret/src/login', { data });
  await cluster.heals(['create Secret/a/login missing done']);
  const before = await cluster.get('Secret/a/login');
  await cluster.delete('Secret/src/login');
  await cluster.source('Secret/src/login', { type: 'kubernetes.io/basic-auth', data });
  const { report } = await cluster.heals(['replace Secret/a/login source-changed done']);
  const { requests, changes, summary } = report;
  assert.deepEqual(
    requests,
    { list: 3, get: 2, create: 2, patch: 0, delete: 1 },
    'a dry run, a delete, a create',
  );
  assert.ok(changes[0].fields.some(({ name, op }: Json) => name === 'type' && op === 'change'));
  assert.deepEqual([summary.replace, summary.prune, summary.create], [1, 0, 0]);
  const after = await cluster.get('Secret/a/login');
  assert.equal(after.type, 'kubernetes.io/basic-auth');
  assert.notEqual(after.metadata.uid, before.metadata.uid);
});

test('if a source is recreated with the same content the copy stays the same object', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const content = { data: { word: base64('x') }, immutable: true };
  await cluster.source('Secret/src/login', content);
  await cluster.heals(['create Secret/a/login missing done']);
  const { metadata } = await cluster.get('Secret/a/login');
  await cluster.delete('Secret/src/login');
  await cluster.source('Secret/src/login', content);
  await cluster.heals(['refresh Secret/a/login source-changed done']);
  assert.equal((await cluster.get('Secret/a/login')).metadata.uid, metadata.uid);
});

for (const kind of ['ConfigMap', 'Secret'])
  test(`an immutable ${kind} is patched for metadata, and replaced for content`, async () => {
    await using cluster = await TestCluster.open();
    await prepare(cluster);
    const [source, copy] = [`${kind}/src/fixed`, `${kind}/a/fixed`];
    const word = (text: string): object => ({ data: { word: base64(text) } });
    await cluster.source(source, word('one'));
    await cluster.heals([`create ${copy} missing done`]);
    await cluster.merge(source, { immutable: true });
    await cluster.heals([`update ${copy} source-changed done`]);
    assert.equal((await cluster.get(copy)).immutable, true);

    await cluster.merge(source, { metadata: { labels: { team: 'red' } } });
    await cluster.heals([`refresh ${copy} source-changed done`]);
    await cluster.merge(copy, { metadata: { labels: { team: 'blue' } } });
    await cluster.heals([`refresh ${copy} edited done`]);
    await cluster.merge(copy, { metadata: { managedFields: [{}] } });
    await cluster.heals([`refresh ${copy} ownership done`]);

    await cluster.delete(source);
    await cluster.source(source, { ...word('two'), immutable: true });
    await cluster.heals([`replace ${copy} source-changed done`]);
    assert.deepEqual((await cluster.get(copy)).data, { word: base64('two') });

    await cluster.delete(source);
    await cluster.source(source, word('two'));
    await cluster.heals([`replace ${copy} source-changed done`]);
    assert.equal((await cluster.get(copy)).immutable, undefined);
  });

test('Secrets of the cluster are never copied, and a finding says so', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const account = { 'kubernetes.io/service-account.name': 'default' };
  await cluster.source('Secret/src/account', { type: 'kubernetes.io/service-account-token' }, '', {
    annotations: account,
  });
  await cluster.source('Secret/src/bootstrap-token-abcdef', { type: 'bootstrap.kubernetes.io/token' });
  await cluster.source('Secret/src/plain', { data: {} });
  const { changes, findings, code, report } = await cluster.reconcile();
  assert.deepEqual(changes, ['create Secret/a/plain missing done']);
  assert.deepEqual([findings, code], [['source-not-copyable', 'source-not-copyable'], 1]);
  for (const { reason, severity } of report.findings)
    if (reason === 'source-not-copyable') assert.equal(severity, 'error');
});

test('a source that becomes a token keeps its copies as they are', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.source('Secret/src/word', { data: { word: base64('x') } });
  await cluster.heals(['create Secret/a/word missing done']);
  const before = await cluster.get('Secret/a/word');
  await cluster.delete('Secret/src/word');
  await cluster.source('Secret/src/word', {
    type: 'bootstrap.kubernetes.io/token',
    data: { word: base64('y') },
  });
  const { changes, findings } = await cluster.reconcile();
  assert.deepEqual([changes, findings], [[], ['source-not-copyable']]);
  assert.deepEqual(await cluster.get('Secret/a/word'), before);
});

const HELM = 'sh.helm.release.v1.omni.v1';

test('a Helm release is not a source and is not listed', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.source(`Secret/src/${HELM}`, { type: 'helm.sh/release.v1', data: { release: base64('x') } });
  const { changes, findings, code, report } = await cluster.reconcile();
  assert.deepEqual([changes, findings, code, report.summary.sources], [[], [], 0, 0]);
});

for (const how of ['fail', 'skip', 'adopt'])
  test(`a Helm release with the name of a copy is a conflict with ${how}, found by the write`, async () => {
    await using cluster = await TestCluster.open();
    await prepare(cluster);
    await cluster.namespace('b');
    await cluster.source(`Secret/src/${HELM}`, { data: { release: base64('x') } });
    const release = await cluster.create(`Secret/a/${HELM}`, {
      type: 'helm.sh/release.v1',
      data: { release: '' },
    });
    const { changes, findings, code } = await cluster.reconcile('--on-conflict', how);
    assert.deepEqual(changes, [
      `create Secret/a/${HELM} missing skipped`,
      `create Secret/b/${HELM} missing done`,
    ]);
    assert.deepEqual([findings, code], [['conflict'], how === 'skip' ? 0 : 1]);
    assert.deepEqual(await cluster.get(`Secret/a/${HELM}`), release);
  });
