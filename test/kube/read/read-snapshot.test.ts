import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readBody, readCopies, readMeta } from '../../../src/kube/read/read-object.ts';
import type { ApiClient } from '../../../src/kube/http/client.ts';
import { type ReadingProgress, readSnapshot } from '../../../src/kube/read/read-snapshot.ts';
import type { Body, ObjectMeta } from '../../../src/model/objects.ts';
import { ApiServer } from '../../support/apiserver.ts';
import { bytes, protobufItem, protobufList, protobufObject } from '../../support/apiserver/protobuf-list.ts';
import {
  type StubAnswer,
  answering,
  connectTo,
  failureOf,
  statusOf,
  stubServer,
  valueOf,
} from '../../support/connecting.ts';

async function cluster(t: TestContext): Promise<{ server: ApiServer; connection: ApiClient }> {
  const server = await ApiServer.start();
  t.after(() => server.stop());
  return { server, connection: await connectTo(t, server.url) };
}

const ignore = (): void => undefined;

test('a snapshot is three lists of metadata, namespaces last, without Helm releases', async (t) => {
  const { server, connection } = await cluster(t);
  server.namespace('demo', { team: 'a' }, { note: 'x' });
  server.terminate('demo');
  server.store.put('configmaps', {
    metadata: {
      namespace: 'demo',
      name: 'omni',
      labels: { a: 'b' },
      annotations: { 'kubed.appscode.com/sync': '' },
    },
    data: { k: 'v' },
  });
  server.store.put('secrets', {
    metadata: { namespace: 'demo', name: 'pass' },
    type: 'Opaque',
    data: { k: 'djE=' },
  });
  server.store.put('secrets', {
    metadata: { namespace: 'demo', name: 'release' },
    type: 'helm.sh/release.v1',
  });
  const reported: ReadingProgress[] = [];
  const { namespaces, objects } = valueOf(
    await readSnapshot(connection, ['ConfigMap', 'Secret'], (event) => reported.push(event)),
  );
  assert.deepEqual(
    objects.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`),
    ['ConfigMap/demo/omni', 'Secret/demo/pass'],
  );
  assert.deepEqual(objects[0]?.labels, { a: 'b' });
  assert.match(objects[0].creationTimestamp, /^\d{4}-.*Z$/);
  assert.equal('content' in objects[0], false);
  const demo = namespaces.find(({ name }) => name === 'demo');
  assert.deepEqual([demo?.labels['team'], demo?.annotations, demo?.terminating], ['a', { note: 'x' }, true]);
  assert.equal(namespaces.find(({ name }) => name === 'default')?.terminating, false);
  assert.deepEqual(
    server.requests
      .map(({ resource, accept, query }) => [resource, accept, query.fieldSelector, query.resourceVersion])
      .slice(-1),
    [['namespaces', 'metadata', undefined, undefined]],
  );
  assert.deepEqual(
    server.requests.map(({ query }) => query.limit),
    ['10000', '10000', '10000'],
  );
  assert.equal(
    server.requests.find(({ resource }) => resource === 'secrets')?.query.fieldSelector,
    'type!=helm.sh/release.v1',
  );
  assert.deepEqual(connection.counts(), { list: 3, get: 0, create: 0, patch: 0, delete: 0 });
  assert.deepEqual(reported.at(-1), { phase: 'reading', resource: 'namespaces', items: 5 });
  server.assertNoUnexpected();
});

test('objects that are not needed are dropped and not counted', async (t) => {
  const { server, connection } = await cluster(t);
  for (const name of ['a', 'b', 'c'])
    server.store.put('configmaps', { metadata: { namespace: 'default', name } });
  const reported: ReadingProgress[] = [];
  const { objects } = valueOf(
    await readSnapshot(connection, ['ConfigMap'], (event) => reported.push(event), {
      isNeeded: ({ name }) => name !== 'b',
    }),
  );
  assert.deepEqual(
    objects.map(({ name }) => name),
    ['a', 'c'],
  );
  assert.deepEqual(reported[0], { phase: 'reading', resource: 'configmaps', items: 2 });
});

test('a snapshot of named namespaces has only these, several lists at a time with one progress, and namespaces last', async (t) => {
  const { server, connection } = await cluster(t);
  const names = Array.from({ length: 30 }, (_, each) => `n${each}`);
  for (const name of [...names, 'other']) {
    server.namespace(name, { its: name });
    server.create('configmaps', { metadata: { namespace: name, name: 'omni' } });
    server.create('secrets', { metadata: { namespace: name, name: 'pass' } });
  }
  server.terminate('n7');
  let [open, most] = [0, 0];
  server.before({}, () => void (most = Math.max(most, (open += 1))), 1000);
  server.after(
    {},
    async () => {
      await new Promise(setImmediate);
      open -= 1;
    },
    1000,
  );
  const reported: ReadingProgress[] = [];
  const { namespaces, objects } = valueOf(
    await readSnapshot(connection, ['ConfigMap', 'Secret'], (event) => reported.push(event), {
      names: [...names, 'none'],
    }),
  );
  assert.deepEqual(objects.map(({ namespace }) => namespace).toSorted(), [...names, ...names].toSorted());
  assert.deepEqual(namespaces.map(({ name }) => name).toSorted(), names.toSorted());
  for (const { name, labels, terminating } of namespaces)
    assert.deepEqual([labels['its'], terminating], [name, name === 'n7']);
  assert.deepEqual(connection.counts(), { list: 62, get: 31, create: 0, patch: 0, delete: 0 });
  assert.ok(most > 1 && most <= 8, `${most} at a time`);
  const resources = server.requests.map(({ resource }) => resource);
  assert.equal(resources.indexOf('namespaces'), 62);
  for (const { accept, namespace } of server.requests.slice(0, 62))
    assert.deepEqual([accept, namespace !== undefined], ['metadata', true]);
  for (const resource of ['configmaps', 'secrets', 'namespaces']) {
    const items = reported.flatMap((event) => (event.resource === resource ? [event.items] : []));
    assert.deepEqual([items.at(-1), items.toSorted((a, b) => a - b)], [30, items]);
  }
  server.assertNoUnexpected();
});

test('after the first failed list of a named namespace no other list and no namespace is read', async (t) => {
  const { server, connection } = await cluster(t);
  const names = Array.from({ length: 100 }, (_, each) => `n${each}`);
  server.deny({ verb: 'list' });
  const failure = failureOf(await readSnapshot(connection, ['ConfigMap'], ignore, { names }));
  assert.deepEqual(
    [failure.reason, failure.attempt?.verb, failure.attempt?.resource],
    ['forbidden', 'list', 'configmaps'],
  );
  assert.ok(names.includes(failure.attempt?.namespace ?? ''));
  assert.ok(connection.counts().list <= 16, 'those under way, and the next ones');
  assert.equal(connection.counts().get, 0);
});

test('with one kind, only that kind is listed', async (t) => {
  const { server, connection } = await cluster(t);
  valueOf(await readSnapshot(connection, ['ConfigMap'], ignore));
  assert.deepEqual(
    server.requests.map(({ resource }) => resource),
    ['configmaps', 'namespaces'],
  );
});

test('a forbidden list fails the snapshot, and the failure names the list', async (t) => {
  const { server, connection } = await cluster(t);
  server.deny({ verb: 'list', resource: 'secrets' });
  const { reason, attempt, message } = failureOf(
    await readSnapshot(connection, ['ConfigMap', 'Secret'], ignore),
  );
  assert.deepEqual([reason, attempt], ['forbidden', { verb: 'list', resource: 'secrets', kind: 'Secret' }]);
  assert.match(message, /secrets is forbidden/);
});

test('sources and copies keep all metadata, all other objects only their names', async (t) => {
  const { server, connection } = await cluster(t);
  const managedFields = [
    { manager: 'm', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} },
  ] as const;
  const last = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', other: 'x' };
  const put = (name: string, labels: Record<string, string>, annotations: Record<string, string>): unknown =>
    server.store.put('configmaps', {
      metadata: { namespace: 'default', name, labels, annotations, managedFields },
    });
  put('bystander', { a: 'b' }, last);
  put('copy', { 'kubed.appscode.com/origin.name': 'x' }, last);
  put('source', {}, { ...last, 'kubed.appscode.com/sync': '' });
  const { objects } = valueOf(await readSnapshot(connection, ['ConfigMap'], ignore));
  assert.deepEqual(
    objects.map(({ name, annotations, managedFields: entries }) => [
      name,
      Object.keys(annotations).length,
      entries.length,
    ]),
    [
      ['bystander', 0, 0],
      ['copy', 2, 1],
      ['source', 3, 1],
    ],
  );
});

for (const protobuf of [true, false])
  test(`of all other objects, keys that look like ours stay, and nothing else (${protobuf ? 'protobuf' : 'JSON'})`, async (t) => {
    const server = await ApiServer.start({ protobuf });
    t.after(() => server.stop());
    const last = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', other: 'x' };
    const stray = { 'kubed.appscode.com/Sync': '', 'kubernetes.appscode.com/sync': 'true' };
    const put = (
      name: string,
      labels: Record<string, string>,
      annotations: Record<string, string>,
    ): unknown =>
      server.store.put('secrets', { metadata: { namespace: 'default', name, labels, annotations } });
    put('annotated', { a: 'b' }, { ...last, ...stray, appscode: 'no prefix' });
    put('labelled', { a: 'b', 'kubed.appscode.com/sync': 'true' }, last);
    put('others', { 'example.com/appscode': 'x' }, { 'appscode.com/x': 'y' });
    const { objects } = valueOf(await readSnapshot(await connectTo(t, server.url), ['Secret'], ignore));
    assert.deepEqual(
      objects.map(({ labels, annotations, managedFields }) => [
        { ...labels },
        { ...annotations },
        managedFields,
      ]),
      [
        [{}, stray, []],
        [{ 'kubed.appscode.com/sync': 'true' }, {}, []],
        [{ 'example.com/appscode': 'x' }, { 'appscode.com/x': 'y' }, []],
      ],
    );
  });

const meta = (name: string): object => ({
  metadata: {
    name,
    namespace: 'demo',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
});
const page = (items: unknown, metadata: object = {}): StubAnswer => ({
  json: {
    kind: 'PartialObjectMetadataList',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: '7', ...metadata },
    items,
  },
});
const GONE = statusOf(410, 'Expired');
const SPACES = page([meta('default')]);

async function snapshotOf(
  t: TestContext,
  ...answers: readonly StubAnswer[]
): Promise<Awaited<ReturnType<typeof readSnapshot>>> {
  const server = await stubServer(t, answering(...answers));
  return readSnapshot(await connectTo(t, server.url), ['ConfigMap'], ignore);
}

test('pages are joined, and items may be null', async (t) => {
  const pages = [
    page([meta('a')], { continue: 'x', remainingItemCount: 2 }),
    page(null, { continue: 'y' }),
    page([meta('b'), meta('c')]),
  ];
  const { objects } = valueOf(await snapshotOf(t, ...pages, SPACES));
  assert.deepEqual(
    objects.map(({ name }) => name),
    ['a', 'b', 'c'],
  );
});

test('progress is reported after every page', async (t) => {
  const pages = [page([meta('a'), meta('b')], { continue: 'x' }), page([meta('c')])];
  const { url } = await stubServer(t, answering(...pages, SPACES));
  const reported: ReadingProgress[] = [];
  await readSnapshot(await connectTo(t, url), ['ConfigMap'], (event) => reported.push(event));
  const reading = { phase: 'reading', resource: 'configmaps' } as const;
  assert.deepEqual(reported, [
    { ...reading, items: 2 },
    { ...reading, items: 3 },
    { phase: 'reading', resource: 'namespaces', items: 1 },
  ]);
});

test('an expired list starts again from its first page, three times at most', async (t) => {
  const first = page([meta('a')], { continue: 'x' });
  const { objects } = valueOf(
    await snapshotOf(t, first, GONE, first, GONE, first, GONE, first, page([meta('b')]), SPACES),
  );
  assert.deepEqual(
    objects.map(({ name }) => name),
    ['a', 'b'],
  );
  const failure = failureOf(await snapshotOf(t, first, GONE, first, GONE, first, GONE, first, GONE, SPACES));
  assert.equal(failure.status, 410);
});

test('objects that are not needed are dropped, and a list that starts again forgets its first pages', async (t) => {
  const before = page([meta('other'), meta('a')], { continue: 'x' });
  const after = page([meta('a'), meta('b')], { continue: 'y' });
  const { url } = await stubServer(
    t,
    answering(before, GONE, after, page([meta('c'), meta('other')]), SPACES),
  );
  const connection = await connectTo(t, url);
  const isNeeded = ({ name }: ObjectMeta): boolean => name !== 'other';
  const { objects } = valueOf(await readSnapshot(connection, ['ConfigMap'], ignore, { isNeeded }));
  assert.deepEqual(
    objects.map(({ name }) => name),
    ['a', 'b', 'c'],
  );
});

const PROTOBUF_TYPE = { 'content-type': 'application/vnd.kubernetes.protobuf' };

/** A stub answer in protobuf. Bytes that are not UTF-8 would be changed, and these lists have none. */
function inProtobuf(body: Buffer): StubAnswer {
  assert.deepEqual(Buffer.from(body.toString()), body);
  return { headers: PROTOBUF_TYPE, text: body.toString() };
}

const UNTRUE: readonly (readonly [string, readonly StubAnswer[], string, RegExp])[] = [
  [
    'fewer items than announced',
    [page([meta('a')], { continue: 'x', remainingItemCount: 5 }), page([meta('b')])],
    'implausible-list',
    /^2 items came where 6/,
  ],
  [
    'one item less than promised',
    [page([meta('a')], { continue: 'x', remainingItemCount: 2 }), page([meta('b')])],
    'implausible-list',
    /^2 items came where 3/,
  ],
  [
    'one item missing on its only page',
    [page([meta('a')], { remainingItemCount: 1 })],
    'implausible-list',
    /^1 items came where 2/,
  ],
  [
    'a last page that announces more',
    [page([meta('a')], { remainingItemCount: 5 })],
    'implausible-list',
    /^1 items/,
  ],
  [
    'pages of different versions',
    [page([meta('a')], { continue: 'x' }), page([], { resourceVersion: '8' })],
    'implausible-list',
    /resource versions/,
  ],
  ['a token that repeats', [page([meta('a')], { continue: 'x' })], 'implausible-list', /token/],
  ['no namespaces', [page([])], 'implausible-list', /no namespace/],
  [
    'another kind of list',
    [{ json: { kind: 'ConfigMapList', metadata: { resourceVersion: '1' }, items: [] } }],
    'malformed-answer',
    /PartialObjectMetadataList/,
  ],
  [
    'a list without a version',
    [page([], { resourceVersion: '' })],
    'malformed-answer',
    /PartialObjectMetadataList/,
  ],
  ['items that are not a list', [page({})], 'malformed-answer', /PartialObjectMetadataList/],
  ['JSON that is not a list', [{ json: [] }], 'malformed-answer', /PartialObjectMetadataList/],
  ['an item without a name', [page([meta('a'), { metadata: {} }])], 'malformed-answer', /item 1/],
  ['an item that is not an object', [page([null])], 'malformed-answer', /item 0/],
  [
    'a label that is not text',
    [page([{ metadata: { ...(meta('a') as { metadata: object }).metadata, labels: { a: 1 } } }])],
    'malformed-answer',
    /item 0/,
  ],
  [
    'annotations that are not a map',
    [page([{ metadata: { ...(meta('a') as { metadata: object }).metadata, annotations: [] } }])],
    'malformed-answer',
    /item 0/,
  ],
  ['a namespace without a name', [page([]), page([{}])], 'malformed-answer', /item 0/],
  [
    'another kind of list in protobuf',
    [inProtobuf(protobufObject('v1', 'ConfigMapList', [bytes(1, [bytes(2, [Buffer.from('7')])])]))],
    'malformed-answer',
    /PartialObjectMetadataList/,
  ],
  [
    'a list in protobuf without a version',
    [inProtobuf(protobufList({ resourceVersion: '' }, []))],
    'malformed-answer',
    /PartialObjectMetadataList/,
  ],
  [
    'an item in protobuf without a name',
    [inProtobuf(protobufList({ resourceVersion: '7' }, [protobufItem({ name: '' })]))],
    'malformed-answer',
    /item 0/,
  ],
  [
    'fewer items in protobuf than announced',
    [inProtobuf(protobufList({ resourceVersion: '7', remainingItemCount: 5 }, []))],
    'implausible-list',
    /^0 items/,
  ],
  [
    'JSON with the content type of protobuf',
    [{ ...(page([]) as object), headers: PROTOBUF_TYPE }],
    'malformed-answer',
    /protobuf/,
  ],
  [
    'protobuf with the content type of JSON',
    [{ text: protobufList({ resourceVersion: '7' }, []).toString() }],
    'malformed-answer',
    /application\/json/,
  ],
  [
    'a page of HTML',
    [{ headers: { 'content-type': 'text/html' }, text: '<html>' }],
    'malformed-answer',
    /text\/html/,
  ],
];

for (const [name, answers, reason, message] of UNTRUE)
  test(`a list with ${name} is a failure`, async (t) => {
    const failure = failureOf(await snapshotOf(t, ...answers));
    assert.equal(failure.reason, reason);
    assert.match(failure.message, message);
  });

test('one object is read whole or as metadata', async (t) => {
  const { server, connection } = await cluster(t);
  const name = { kind: 'Secret', namespace: 'default', name: 'pass' } as const;
  assert.equal(valueOf(await readBody(connection, name)), undefined);
  assert.equal(valueOf(await readMeta(connection, { ...name, namespace: 'gone' })), undefined);
  server.create('secrets', { metadata: { name: 'pass' }, data: { __proto__k: 'djE=' }, immutable: true });
  const body = valueOf(await readBody(connection, name));
  assert.deepEqual(body?.content, {
    data: { __proto__k: 'djE=' },
    binaryData: {},
    type: 'Opaque',
    immutable: true,
  });
  const metadata = valueOf(await readMeta(connection, name));
  assert.equal(metadata?.uid, body.uid);
  assert.equal(server.requests.at(-1)?.accept, 'metadata');
  assert.deepEqual(connection.counts(), { list: 0, get: 4, create: 0, patch: 0, delete: 0 });
});

test('a data key named __proto__ is treated like any other key', async (t) => {
  const json =
    '{"kind":"ConfigMap","metadata":{"name":"omni","namespace":"demo","uid":"u","resourceVersion":"1","creationTimestamp":""},"data":{"__proto__":"x"}}';
  const server = await stubServer(t, answering({ text: json }));
  const body = valueOf(
    await readBody(await connectTo(t, server.url), { kind: 'ConfigMap', namespace: 'demo', name: 'omni' }),
  );
  assert.deepEqual(Object.entries(body?.content.data ?? {}), [['__proto__', 'x']]);
});

test('a response about another object is malformed', async (t) => {
  const name = { kind: 'ConfigMap', namespace: 'demo', name: 'omni' } as const;
  const bodies = [
    { kind: 'ConfigMap', ...meta('other') },
    { kind: 'Secret', ...meta('omni') },
    { kind: 'ConfigMap', ...meta('omni'), data: { a: 1 } },
  ];
  const server = await stubServer(t, answering(...bodies.map((json) => ({ json }))));
  const connection = await connectTo(t, server.url);
  for (const _ of bodies)
    assert.equal(failureOf(await readBody(connection, name)).reason, 'malformed-answer');
});

test('copies are read by label, page by page, and from the start after the list expired', async (t) => {
  const { server, connection } = await cluster(t);
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    const labels: Record<string, string> = name === 'c' ? {} : { copy: 'yes' };
    server.store.put('secrets', {
      metadata: { namespace: 'default', name, labels },
      data: { k: 'djE=' },
      type: 'Opaque',
    });
  }
  server.before({ verb: 'list', page: 2 }, () => server.expireContinueTokens());
  const bodies: Body[] = [];
  for await (const page of readCopies(connection, { kind: 'Secret', labelSelector: 'copy=yes' }, 2))
    bodies.push(...valueOf(page));
  assert.deepEqual(
    bodies.map(({ name }) => name),
    ['a', 'b', 'a', 'b', 'd', 'e'],
  );
  assert.deepEqual(bodies[0]?.content.data, { k: 'djE=' });
  assert.ok(
    server.requests.every(
      ({ query, accept }) => query.labelSelector === 'copy=yes' && query.limit === '2' && accept === 'full',
    ),
  );
});
