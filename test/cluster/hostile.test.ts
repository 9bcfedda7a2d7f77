import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Json, TestCluster } from '../support/cluster.ts';

/* One tenant's object of 1.4 MB of metadata, through the built program: the run does everything else. */

/** Short names of fields: as many as the API server takes in one object. */
const FIELDS = Object.fromEntries(Array.from({ length: 126_000 }, (_, at) => [`f:${at.toString(36)}`, {}]));

function entriesOf(fieldsV1: object): readonly object[] {
  const common = {
    operation: 'Update',
    apiVersion: 'v1',
    time: '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
  };
  return [{ manager: 'kubed-sync', ...common, fieldsV1 }];
}

/** Without our own content fields, an entry shows that another client changed the content. */
const TREES: readonly (readonly [part: string, tree: object, reason: string])[] = [
  ['data', { 'f:data': FIELDS }, 'source-changed'],
  ['labels', { 'f:metadata': { 'f:labels': FIELDS } }, 'edited'],
];

for (const [part, tree, reason] of TREES)
  test(`126,000 fields of ${part} in managedFields of one copy stop no run`, async () => {
    await using cluster = await TestCluster.open();
    for (const name of ['src', 'a', 'x']) await cluster.namespace(name);
    await cluster.source('ConfigMap/src/omni', { data: { k: 'v' } });
    await cluster.heals(['create ConfigMap/a/omni missing done', 'create ConfigMap/x/omni missing done']);
    await cluster.merge('ConfigMap/x/omni', { metadata: { managedFields: entriesOf(tree) } });
    await cluster.merge('ConfigMap/src/omni', { data: { k: 'new' } });
    const { changes, code, stderr } = await cluster.reconcile();
    assert.equal(code, 0, stderr);
    const copies = ['update ConfigMap/a/omni source-changed done', `update ConfigMap/x/omni ${reason} done`];
    assert.deepEqual(changes, copies);
    const { data }: Json = await cluster.get('ConfigMap/a/omni');
    assert.deepEqual(data, { k: 'new' });
    await cluster.isQuiet();
    await cluster.merge('ConfigMap/x/omni', { metadata: { managedFields: entriesOf(tree) } });
    const purged = await cluster.run('purge', ...cluster.own, '--exclude-namespace', cluster.ns('x'));
    assert.equal(purged.code, 0, purged.stderr);
    assert.equal(await cluster.get('ConfigMap/a/omni'), undefined);
  });
