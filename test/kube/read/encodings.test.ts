import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { METADATA_LIST } from '../../../src/kube/api.ts';
import { decodeMeta } from '../../../src/kube/read/decode-object.ts';
import { type ListRequest, readPages } from '../../../src/kube/read/list-pages.ts';
import { readSnapshot } from '../../../src/kube/read/read-snapshot.ts';
import type { FailureReason } from '../../../src/model/failure.ts';
import type { ObjectMeta, Snapshot } from '../../../src/model/objects.ts';
import { ApiServer, type ApiServerOptions, type Fault } from '../../support/apiserver.ts';
import { connectTo, failureOf, valueOf } from '../../support/connecting.ts';

/* Lists over HTTP, in protobuf and in JSON. Both give the same snapshot, and a broken list gives none. */

async function start(t: TestContext, options: ApiServerOptions = {}): Promise<ApiServer> {
  const server = await ApiServer.start(options);
  t.after(() => server.stop());
  return server;
}

const ignore = (): void => undefined;

/** Objects of every kind that a list can have. */
function putObjects(server: ApiServer): void {
  const annotations = { 'kubed.appscode.com/sync': '', constructor: 'x', note: 'é "\\\n' };
  const typed = { apiVersion: 'v1', kind: 'ConfigMap' };
  server.namespace('team', { team: 'a' }, { note: 'é' });
  server.apply('namespaces', undefined, 'team', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'team', labels: { applied: 'yes' } },
  });
  server.terminate('team');
  for (const name of ['a', 'b', 'c'])
    server.create('configmaps', { metadata: { name, labels: { its: name }, annotations }, data: { k: 'v' } });
  server.apply('configmaps', 'default', 'a', { ...typed, metadata: { name: 'a' }, data: { k: 'v' } });
  server.create('configmaps', { metadata: { name: 'held', finalizers: ['test/hold'], annotations } });
  server.store.put('secrets', { metadata: { namespace: 'default', name: 'bystander', labels: { a: 'b' } } });
}

/**
 * The parts of a snapshot that decide something. Two servers count versions differently, and the times of owners are
 * not used.
 */
function decisive(snapshot: Snapshot): unknown {
  const left = new Set([
    'time',
    'apiVersion',
    'fieldsType',
    'resourceVersion',
    'subresource',
    'listVersions',
  ]);
  return JSON.parse(JSON.stringify(snapshot), (key, value: unknown) => (left.has(key) ? undefined : value));
}

test('a snapshot is the same if a server or a proxy answers in JSON instead of protobuf', async (t) => {
  const [server, other] = [await start(t), await start(t, { protobuf: false })];
  putObjects(server);
  for (const resource of ['namespaces', 'configmaps', 'secrets'] as const)
    for (const object of server.store.list(resource)) other.store.put(resource, object);
  const snapshots: Snapshot[] = [];
  for (const { url } of [server, other])
    snapshots.push(valueOf(await readSnapshot(await connectTo(t, url), ['ConfigMap', 'Secret'], ignore)));
  const [inProtobuf, inJson] = snapshots.map(decisive);
  assert.deepEqual(inProtobuf, inJson);
  assert.equal(snapshots[0]?.objects.length, 5);
  for (const { listVersions = {} } of snapshots)
    assert.deepEqual(Object.keys(listVersions).toSorted(), ['ConfigMap', 'Secret']);
  assert.ok(snapshots[0].namespaces.some(({ managedFields }) => managedFields !== undefined));
  const encodings = [server, other].map(({ requests }) => new Set(requests.map(({ encoding }) => encoding)));
  assert.deepEqual(encodings, [new Set(['protobuf']), new Set(['json'])]);
});

for (const protobuf of [true, false])
  test(`pages in ${protobuf ? 'protobuf' : 'JSON'} are joined, and their sizes are added`, async (t) => {
    const server = await start(t, { protobuf });
    for (let each = 0; each < 7; each += 1) server.create('configmaps', { metadata: { name: `a${each}` } });
    const list: ListRequest<ObjectMeta> = {
      attempt: { verb: 'list', resource: 'configmaps', kind: 'ConfigMap' },
      accept: METADATA_LIST,
      pageSize: 3,
      selectors: {},
      kind: 'PartialObjectMetadataList',
      decode: (item) => decodeMeta('ConfigMap', item),
    };
    const pages: (readonly [items: number, isFirst: boolean])[] = [];
    const connection = await connectTo(t, server.url);
    for await (const page of readPages(connection, list)) {
      const { items, isFirst } = valueOf(page);
      pages.push([items.length, isFirst]);
    }
    assert.deepEqual(pages, [
      [3, true],
      [3, false],
      [1, false],
    ]);
  });

const BROKEN: readonly (readonly [Fault, FailureReason])[] = [
  ['truncated-json', 'malformed-answer'],
  ['empty-body', 'malformed-answer'],
  ['half-body', 'connection-lost'],
];

for (const [fault, reason] of BROKEN)
  for (const zipped of [false, true])
    test(`${zipped ? 'zipped' : 'plain'} protobuf with ${JSON.stringify(fault)} is read again, and never becomes a short list`, async (t) => {
      const server = await start(t);
      const connection = await connectTo(t, server.url);
      for (let each = 0; each < 10; each += 1) {
        const annotations = { 'kubed.appscode.com/sync': '', text: 'x'.repeat(zipped ? 20_000 : 10) };
        server.create('configmaps', { metadata: { name: `a${each}`, annotations } });
      }
      const match = { verb: 'list', resource: 'configmaps' } as const;
      server.failNext(match, fault);
      const { objects } = valueOf(await readSnapshot(connection, ['ConfigMap'], ignore));
      assert.deepEqual([objects.length, connection.counts().list], [10, 3]);
      server.failNext(match, fault, 100);
      assert.equal(failureOf(await readSnapshot(connection, ['ConfigMap'], ignore)).reason, reason);
    });

test('an error is a Status in JSON, whatever was requested', async (t) => {
  const server = await start(t);
  server.failNext({ verb: 'list', resource: 'configmaps' }, { status: 400, message: 'no such thing' });
  const failure = failureOf(await readSnapshot(await connectTo(t, server.url), ['ConfigMap'], ignore));
  assert.deepEqual([failure.status, failure.message], [400, 'no such thing']);
});
