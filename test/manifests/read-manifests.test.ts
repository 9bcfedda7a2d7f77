import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dump } from 'js-yaml';
import { UNKNOWN_VALUE, notesOf } from '../../src/model/manifest.ts';
import { ignoredMessage } from '../../src/report/messages/manifest-message.ts';
import { complaints, configMap, fromStdin, good, secret } from '../support/reading.ts';

/* What reading manifests returns. */

const VALUE = 'hunter2';

test('documents, lists and lists without kinds are read, and other kinds are counted', async () => {
  const text = [
    `\uFEFF# a comment\n---\n`,
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: demo, labels: {env: prod}}\n---\n---\n',
    dump({ apiVersion: 'v1', kind: 'ConfigMapList', items: [{ metadata: { name: 'a' } }] }),
    '---\n{"apiVersion": "v1", "kind": "SecretList", "items": null}\n---\n',
    dump({
      apiVersion: 'v1',
      kind: 'NamespaceList',
      items: [{ metadata: { name: 'x', deletionTimestamp: 'now' } }],
    }),
    '---\napiVersion: apps/v1\nkind: Deployment\n---\napiVersion: bitnami.com/v1alpha1\nkind: Secret\n---\nkind: Deployment\napiVersion: v1\n',
  ];
  const manifests = await good(fromStdin(text.join('')));
  assert.deepEqual(manifests.namespaces, [
    { name: 'demo', labels: { env: 'prod' }, terminating: false },
    { name: 'x', terminating: true },
  ]);
  assert.deepEqual(
    manifests.objects.map(({ kind, namespace, name }) => [kind, namespace, name]),
    [['ConfigMap', 'default', 'a']],
  );
  assert.equal(
    ignoredMessage(manifests),
    'ignored 3 documents that are not a Namespace, ConfigMap or Secret: Deployment 2, Secret 1',
  );
  const one = await good(fromStdin('kind: Job'));
  assert.equal(ignoredMessage(one), 'ignored 1 document that is not a Namespace, ConfigMap or Secret: Job 1');
  assert.equal(ignoredMessage(await good(fromStdin(configMap('')))), undefined);
});

test('a separator may follow a byte order mark', async () => {
  const { objects } = await good(fromStdin(`\uFEFF---\n${configMap('')}`));
  assert.deepEqual(
    objects.map(({ name }) => name),
    ['omni'],
  );
});

test('Helm releases are ignored without a message, because no run lists them', async () => {
  const manifests = await good(
    fromStdin(secret('type: helm.sh/release.v1\ndata: {release: "not looked at"}\n')),
  );
  assert.deepEqual([manifests.objects.length, ignoredMessage(manifests)], [0, undefined]);
});

test('values are read as kubectl reads them', async () => {
  const text = secret(
    `type: example.com/x\nimmutable: true\ndata: {a: aGl=, b: "aGk=\\n", c: null, 1: ""}\nstringData:\n  b: ${VALUE}\n  m: !!binary aGk=\n  __proto__: "12:30"\n  o: ~\n`,
  );
  const { objects } = await good(fromStdin(text));
  const encode = (value: string): string => Buffer.from(value).toString('base64');
  assert.deepEqual(
    objects[0]?.data,
    JSON.parse(`{"1":"","a":"aGk=","b":"${encode(VALUE)}","m":"aGk=","__proto__":"${encode('12:30')}"}`),
  );
  assert.deepEqual([objects[0]?.type, objects[0]?.immutable], ['example.com/x', true]);
  const merged = await good(fromStdin(configMap('data: {<<: {a: "1"}, c: 2026-01-01}\n')));
  assert.deepEqual(merged.objects[0]?.data, { a: '1', c: '2026-01-01' });
});

test('without a value an annotation is empty, and a label or a key of data is absent', async () => {
  const text =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, annotations: {a: , b: c}, labels: {a: , b: c}}\ndata: {a: , b: c}\n';
  const { objects } = await good(fromStdin(text));
  const { annotations, labels, data } = objects[0] ?? {};
  assert.deepEqual([annotations, labels, data], [{ a: '', b: 'c' }, { b: 'c' }, { b: 'c' }]);
});

test('a field that a manifest leaves out is absent, and an empty one is empty', async () => {
  const { objects } = await good(fromStdin(configMap('data: {}\nbinaryData:\n')));
  const { data, ...others } = objects[0] ?? {};
  assert.deepEqual(data, {});
  assert.ok(!('binaryData' in others) && !('labels' in others) && !('immutable' in others));
});

test('fields that only a dump has are kept', async () => {
  const metadata = {
    name: 'omni',
    uid: 'u',
    resourceVersion: '7',
    creationTimestamp: '2026-01-01T00:00:00Z',
    deletionTimestamp: 'x',
  };
  const managedFields = [{ manager: 'kubectl', operation: 'Update' }];
  const text = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...metadata, managedFields: [...managedFields, 'x'] },
  });
  const { objects } = await good(fromStdin(text));
  assert.deepEqual(objects[0], { kind: 'Secret', namespace: 'default', ...metadata, managedFields });
});

const ENC = 'ENC[AES256_GCM,data:Tr7o=,iv:1=,tag:2=,type:str]';

test('a value that SOPS encrypted is unknown and never used', async () => {
  const text = secret(
    `data: {a: "${ENC}", b: aGk=}\nstringData: {c: "${ENC}", d: x}\nsops: {mac: "${ENC}"}\n`,
  );
  const { objects } = await good(fromStdin(text));
  assert.deepEqual(objects[0]?.data, { a: UNKNOWN_VALUE, b: 'aGk=', c: UNKNOWN_VALUE, d: 'eA==' });
  const { objects: maps } = await good(fromStdin(configMap(`data: {a: "${ENC}"}\nsops: {}\n`)));
  assert.deepEqual(maps[0]?.data, { a: UNKNOWN_VALUE });
  assert.deepEqual(await complaints(fromStdin(text, { needsValues: true })), [
    'stdin:1: Secret demo/omni: its values are encrypted, so no copies can be rendered; decrypt it first: sops decrypt FILE | kubed-sync render -f -',
  ]);
});

test('objects without a namespace get the default namespace and are counted', async () => {
  const text = [
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {kubed.appscode.com/sync: ""}}\n',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: b, namespace: ""}\n',
    configMap(''),
  ].join('---\n');
  const { objects, placed } = await good(fromStdin(text, { defaultNamespace: 'team' }));
  assert.deepEqual(
    objects.map(({ namespace, name }) => `${namespace}/${name}`),
    ['team/a', 'team/b', 'demo/omni'],
  );
  assert.deepEqual(placed, {
    namespace: 'team',
    objects: 2,
    sources: [{ kind: 'ConfigMap', namespace: 'team', name: 'a' }],
  });
  assert.equal((await good(fromStdin(text))).placed.namespace, 'default');
});

test('sources in a default namespace outside the scope are listed', async () => {
  const text =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {kubed.appscode.com/sync: ""}}\n';
  const manifests = await good(fromStdin(text));
  const excluded = (namespaces: readonly string[], sourceNamespaces: readonly string[]): number =>
    notesOf(manifests, { namespaces, sourceNamespaces }).placed.excluded.length;
  assert.deepEqual(
    [
      excluded([], []),
      excluded([], ['default']),
      excluded([], ['demo']),
      excluded(['demo'], []),
      excluded(['default'], ['default']),
    ],
    [0, 0, 1, 1, 0],
  );
});
