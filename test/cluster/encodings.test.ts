import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attempt } from '../../src/model/failure.ts';
import { METADATA_LIST, type Json } from '../../src/kube/api.ts';
import { connect } from '../../src/kube/connect.ts';
import { PROTOBUF, parseProtobufList } from '../../src/kube/read/protobuf-list.ts';
import { TestCluster } from '../support/cluster.ts';
import { connectOptions, valueOf } from '../support/connecting.ts';

/*
 * The same objects in protobuf and in JSON, item by item: on the simulated server, and on a real one if there is one.
 */

interface List {
  readonly contentType: string;
  readonly kind: unknown;
  readonly metadata: Json;
  readonly items: readonly Json[];
}

type Lister = (resource: string, accept: string, query: string) => Promise<List>;

/** Lists like the program, with its credentials. */
async function lister(kubeconfig: string): Promise<{ list: Lister; close: () => void }> {
  const client = valueOf(await connect(connectOptions({ kubeconfig }), {}));
  const list: Lister = async (resource, accept, query) => {
    const attempt: Attempt = { verb: 'list', resource: 'configmaps' };
    let answer: List | undefined;
    const parse = (body: Buffer, contentType: string): List => (answer = parsed(body, contentType));
    valueOf(
      await client.send({ method: 'GET', path: `/api/v1/${resource}${query}`, attempt, accept, parse }),
    );
    return answer ?? assert.fail('nothing was parsed');
  };
  return { list, close: () => client.close() };
}

function parsed(body: Buffer, contentType: string): List {
  if (!contentType.startsWith(PROTOBUF)) {
    const { kind, metadata, items } = JSON.parse(body.toString()) as List;
    return { contentType, kind, metadata, items };
  }
  const items: Json[] = [];
  const { kind, metadata } = parseProtobufList(body, (item) => items.push(item));
  return { contentType, kind, metadata: metadata as Json, items };
}

/** The fields of an item that the program uses. */
function used({ metadata }: Json): Json {
  const meta = metadata as Json;
  const own = ['name', 'namespace', 'uid', 'resourceVersion', 'creationTimestamp', 'deletionTimestamp'];
  const entries = (meta['managedFields'] ?? []) as Json[];
  return {
    ...Object.fromEntries(own.map((key) => [key, meta[key] || undefined])),
    labels: meta['labels'] ?? {},
    annotations: meta['annotations'] ?? {},
    managedFields: entries.map(({ apiVersion: _, fieldsType: __, ...entry }) => ({
      subresource: '',
      ...entry,
    })),
  };
}

/** Namespaces and objects of many kinds: terminating, with a finalizer, applied, with letters that are not ASCII. */
async function prepare(cluster: TestCluster): Promise<void> {
  await cluster.namespace('src', { team: 'a' }, { 'example.com/note': 'é\u{1F600} "\\\n' });
  const copies = Array.from({ length: 12 }, (_, each) => `n${each}`);
  for (const each of copies) await cluster.namespace(each, { copies: 'yes' });
  for (const kind of ['ConfigMap', 'Secret'])
    await cluster.source(`${kind}/src/omni`, {}, 'copies=yes', {
      labels: { 'example.com/a': '' },
      annotations: { constructor: 'x', 'example.com/long': 'é'.repeat(5000) },
    });
  await cluster.reconcile();
  await cluster.apply('ConfigMap/n1/omni', { data: { more: 'x' } });
  await cluster.merge('Secret/n2/omni', { metadata: { labels: { edited: 'yes' } } });
  await cluster.create('ConfigMap/n3/held', {}, { finalizers: ['example.com/hold'] });
  await cluster.delete('ConfigMap/n3/held');
  await cluster.must('DELETE', `/api/v1/namespaces/${cluster.ns('n4')}`);
}

test('lists in protobuf contain the same as lists in JSON, item by item', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const { list, close } = await lister(cluster.kubeconfig);
  const json = METADATA_LIST.split(', ')[1] ?? '';
  for (const resource of ['namespaces', 'configmaps', 'secrets'])
    for (const query of ['', '?limit=5']) {
      const inProtobuf = await list(resource, METADATA_LIST, query);
      const inJson = await list(resource, json, query);
      assert.deepEqual(
        [/protobuf/.test(inProtobuf.contentType), /json/.test(inJson.contentType)],
        [true, true],
      );
      const { resourceVersion, continue: token, remainingItemCount } = inJson.metadata;
      assert.equal(inProtobuf.kind, inJson.kind);
      assert.deepEqual(inProtobuf.metadata, {
        resourceVersion,
        continue: token ?? '',
        remainingItemCount: remainingItemCount ?? 0,
      });
      assert.ok(inJson.items.length >= (query === '' ? 12 : 5), resource);
      assert.deepEqual(inProtobuf.items.map(used), inJson.items.map(used));
    }
  close();
});
