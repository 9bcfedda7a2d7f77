import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Json, TestCluster } from '../support/cluster.ts';

/*
 * Content of every form is copied, recognized as up to date, and repaired after a change: keys that move between `data`
 * and `binaryData`, empty values, keys that JavaScript treats specially, many keys, large values, `stringData`.
 */

/** Two namespaces: one for sources, the other for copies. */
async function prepare(cluster: TestCluster): Promise<void> {
  await cluster.namespace('src');
  await cluster.namespace('a');
}

/** Returns the content of an object on the API server. */
async function content(cluster: TestCluster, object: string): Promise<Json> {
  const { data, binaryData, type, immutable } = await cluster.get(object);
  return { data, binaryData, type, immutable };
}

/** Checks that the copy has exactly the content of its source. */
async function agree(cluster: TestCluster, name: string): Promise<void> {
  const [kind, object] = name.split('/');
  const source = await content(cluster, `${kind}/src/${object}`);
  assert.deepEqual(await content(cluster, `${kind}/a/${object}`), source);
}

/** A value that moves: the content of the source before and after, and the words in the report. */
const MOVES: Readonly<Record<string, { before: object; after: object; fields: readonly string[] }>> = {
  'to-binary': {
    before: { data: { key: 'text', rest: 'stays' } },
    after: { data: { key: null }, binaryData: { key: 'dGV4dA==' } },
    fields: ['remove data.key', 'add binaryData.key'],
  },
  'to-text': {
    before: { data: { rest: 'stays' }, binaryData: { key: 'dGV4dA==' } },
    after: { binaryData: null, data: { key: 'text' } },
    fields: ['add data.key', 'remove binaryData.key'],
  },
  emptied: {
    before: { data: { key: 'text' }, binaryData: { bytes: '/w==' } },
    after: { data: null, binaryData: null },
    fields: ['remove data.key', 'remove binaryData.bytes'],
  },
  filled: { before: {}, after: { data: { key: '' } }, fields: ['add data.key'] },
};

test('keys move between data and binaryData, and are never in both', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const names = Object.keys(MOVES).toSorted();
  for (const [name, { before }] of Object.entries(MOVES))
    await cluster.source(`ConfigMap/src/${name}`, before);
  await cluster.heals(names.map((name) => `create ConfigMap/a/${name} missing done`));
  for (const [name, { after }] of Object.entries(MOVES)) await cluster.merge(`ConfigMap/src/${name}`, after);
  const { report } = await cluster.heals(
    names.map((name) => `update ConfigMap/a/${name} source-changed done`),
  );
  for (const [name, { fields }] of Object.entries(MOVES)) {
    await agree(cluster, `ConfigMap/${name}`);
    const change = report.changes.find((each: Json) => each.name === name);
    const said = change.fields.map(({ op, name: field }: Json) => `${op} ${field}`);
    assert.deepEqual(
      said.filter((field: string) => /data\.|binaryData\./u.test(field)).toSorted(),
      fields.toSorted(),
    );
  }
});

test('a key of a copy that another user moves to binaryData is moved back', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.source('ConfigMap/src/omni', { data: { key: 'text' } });
  await cluster.heals(['create ConfigMap/a/omni missing done']);
  await cluster.merge('ConfigMap/a/omni', { data: null, binaryData: { key: 'dGV4dA==' } });
  await cluster.heals(['update ConfigMap/a/omni edited done']);
  await agree(cluster, 'ConfigMap/omni');
});

/** Keys and values that are legal and easily lost. A computed key makes `__proto__` an own key. */
const ODD = {
  ['__proto__']: 'polluted',
  constructor: 'constructor',
  toString: '',
  hasOwnProperty: 'yes',
  '.env': 'dot',
  '-': '',
  '0': 'zero',
  'a.b_c-D': ' \t\r\n',
  unicode: '\u0000é世界\u{1F600}\u2028',
};

test('unusual keys and empty values are copied, compared and repaired like any other', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const encoded = Object.fromEntries(
    Object.entries(ODD).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
  const labels = { constructor: 'x', toString: '', hasOwnProperty: 'y' };
  await cluster.source('ConfigMap/src/omni', { data: ODD }, '', { labels });
  await cluster.source('ConfigMap/src/bytes', { binaryData: encoded });
  await cluster.source('Secret/src/omni', { data: encoded });
  await cluster.heals([
    'create ConfigMap/a/bytes missing done',
    'create ConfigMap/a/omni missing done',
    'create Secret/a/omni missing done',
  ]);
  for (const name of ['ConfigMap/omni', 'ConfigMap/bytes', 'Secret/omni']) await agree(cluster, name);
  const { data, metadata } = await cluster.get('ConfigMap/a/omni');
  assert.deepEqual(data, ODD);
  assert.deepEqual([metadata.labels.constructor, metadata.labels.toString], ['x', '']);

  await cluster.merge('ConfigMap/a/omni', { data: { ['__proto__']: 'edited', constructor: null, '-': 'x' } });
  await cluster.merge('ConfigMap/a/bytes', { binaryData: { ['__proto__']: null } });
  await cluster.merge('Secret/a/omni', { data: { toString: 'AA==' } });
  await cluster.heals([
    'update ConfigMap/a/bytes edited done',
    'update ConfigMap/a/omni edited done',
    'update Secret/a/omni edited done',
  ]);
  for (const name of ['ConfigMap/omni', 'ConfigMap/bytes', 'Secret/omni']) await agree(cluster, name);
  await cluster.merge('ConfigMap/src/omni', { data: { ['__proto__']: null } });
  await cluster.heals(['update ConfigMap/a/omni source-changed done']);
  await agree(cluster, 'ConfigMap/omni');
});

test('a ConfigMap of 9,000 keys is repaired after an edit, with other owners, and without managedFields', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const data = Object.fromEntries(Array.from({ length: 9000 }, (_, each) => [`key-${each}`, '']));
  await cluster.source('ConfigMap/src/wide', { data });
  await cluster.heals(['create ConfigMap/a/wide missing done']);
  await cluster.merge('ConfigMap/a/wide', { data: { 'key-4711': 'x' } });
  const { report } = await cluster.heals(['update ConfigMap/a/wide edited done']);
  assert.deepEqual(report.changes[0].fields, [{ name: 'data.key-4711', op: 'change' }]);
  await cluster.apply('ConfigMap/a/wide', { data });
  await cluster.heals(['refresh ConfigMap/a/wide ownership done']);
  await cluster.merge('ConfigMap/a/wide', { metadata: { managedFields: [{}] } });
  await cluster.heals(['refresh ConfigMap/a/wide ownership done']);
  await agree(cluster, 'ConfigMap/wide');
});

test('a source of nearly a megabyte is copied completely and stays up to date', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const bytes = Buffer.alloc(1_040_000, 'kubed-sync ');
  await cluster.source('ConfigMap/src/large', { data: { text: bytes.toString(), more: '' } });
  await cluster.source('Secret/src/large', { data: { bytes: bytes.toString('base64') } });
  await cluster.heals(['create ConfigMap/a/large missing done', 'create Secret/a/large missing done']);
  for (const name of ['ConfigMap/large', 'Secret/large']) await agree(cluster, name);
  await cluster.merge('ConfigMap/a/large', { data: { more: 'x' } });
  await cluster.merge('Secret/a/large', { data: { bytes: 'AA==' } });
  await cluster.heals(['update ConfigMap/a/large edited done', 'update Secret/a/large edited done']);
  for (const name of ['ConfigMap/large', 'Secret/large']) await agree(cluster, name);
});

test('stringData can be applied server-side to the source and to the copy', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const annotations = { 'kubed.appscode.com/sync': '' };
  await cluster.apply('Secret/src/login', {
    metadata: { name: 'login', annotations },
    stringData: { word: 'one' },
  });
  await cluster.heals(['create Secret/a/login missing done']);
  await cluster.apply('Secret/src/login', {
    metadata: { name: 'login', annotations },
    stringData: { word: 'two' },
  });
  await cluster.heals(['update Secret/a/login source-changed done']);
  await agree(cluster, 'Secret/login');

  await cluster.apply('Secret/a/login', { stringData: { word: 'mine' } });
  await cluster.heals(['update Secret/a/login edited done']);
  await agree(cluster, 'Secret/login');
  await cluster.apply('Secret/a/login', { stringData: { word: 'two' } });
  await cluster.heals(['refresh Secret/a/login ownership done']);
  await agree(cluster, 'Secret/login');
});
