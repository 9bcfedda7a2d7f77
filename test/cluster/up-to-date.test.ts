import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Json, TestCluster } from '../support/cluster.ts';

/*
 * Which copies a run treats as up to date by their metadata, and which it reads (docs/design.md 5.2). Every test ends
 * with a run that sends three lists and nothing else, so the repair is complete.
 */

const SOURCE = 'ConfigMap/src/omni';
const COPY = 'ConfigMap/a/omni';

/** Makes a source in `src`. A first run makes its copies. */
async function sync(cluster: TestCluster, ...copies: readonly string[]): Promise<void> {
  await cluster.namespace('src');
  for (const copy of copies) await cluster.namespace(copy.split('/')[1] ?? '');
  const metadata = { labels: { team: 'red' }, annotations: { note: 'hi' } };
  await cluster.source(SOURCE, { data: { you: 'only', live: 'once' } }, '', metadata);
  await cluster.heals(copies.toSorted().map((copy) => `create ${copy} missing done`));
}

/** Returns the copy without the fields that change by themselves. */
async function looks(cluster: TestCluster, copy = COPY): Promise<Json> {
  const { data, metadata } = await cluster.get(copy);
  const { labels, annotations } = metadata;
  return { data, labels, annotations };
}

/** Returns the managers that own content of the copy. */
async function owners(cluster: TestCluster, copy = COPY): Promise<readonly string[]> {
  const { metadata } = await cluster.get(copy);
  return metadata.managedFields.flatMap(({ manager, fieldsV1 }: Json) =>
    fieldsV1['f:data'] || fieldsV1['f:binaryData'] || fieldsV1['f:stringData'] ? [manager] : [],
  );
}

const MANAGED_BY = 'app.kubernetes.io/managed-by';
const FIELDS = 'kubed.appscode.com/fields';

/** A change to a copy, what one run does about it, and the names in the report. */
const DRIFT: readonly (readonly [what: string, patch: object, action: string, fields: readonly string[]])[] =
  [
    ['edited', { data: { you: 'not' } }, 'update', ['change data.you']],
    ['added', { data: { more: '' } }, 'update', ['remove data.more']],
    ['removed', { data: { you: null } }, 'update', ['add data.you']],
    ['emptied', { data: null }, 'update', ['add data.live', 'add data.you']],
    ['binary', { binaryData: { b: 'AA==' } }, 'update', ['remove binaryData.b']],
    ['immutable', { immutable: true }, 'replace', ['remove immutable']],
    ['label', meta('labels', { team: 'blue' }), 'refresh', ['change labels.team']],
    ['unlabelled', meta('labels', { team: null }), 'refresh', ['add labels.team']],
    ['annotation', meta('annotations', { note: '' }), 'refresh', ['change annotations.note']],
    ['managed-by', meta('labels', { [MANAGED_BY]: 'me' }), 'refresh', [`change labels.${MANAGED_BY}`]],
    ['unmanaged', meta('labels', { [MANAGED_BY]: null }), 'refresh', [`add labels.${MANAGED_BY}`]],
    ['mark', meta('annotations', { [FIELDS]: 'no' }), 'refresh', [`change annotations.${FIELDS}`]],
  ];

function meta(part: 'labels' | 'annotations', map: object): object {
  return { metadata: { [part]: map } };
}

test('every kind of difference is found by metadata and repaired by one run', async () => {
  const copies = DRIFT.map(([what]) => `ConfigMap/${what}/omni`);
  await using cluster = await TestCluster.open();
  await sync(cluster, ...copies);
  const before = await Promise.all(copies.map((copy) => looks(cluster, copy)));
  for (const [what, patch] of DRIFT) await cluster.merge(`ConfigMap/${what}/omni`, patch);

  const { report, changes } = await cluster.reconcile();

  const done = DRIFT.map(([what, , action]) => `${action} ConfigMap/${what}/omni edited done`);
  assert.deepEqual(changes.toSorted(), done.toSorted());
  for (const [what, , , fields] of DRIFT) {
    const change = report.changes.find(({ namespace }: Json) => namespace === cluster.ns(what));
    assert.deepEqual(change.fields.map(({ op, name }: Json) => `${op} ${name}`).toSorted(), fields, what);
  }
  assert.deepEqual(await Promise.all(copies.map((copy) => looks(cluster, copy))), before);
  for (const copy of copies) assert.deepEqual(await owners(cluster, copy), ['kubed-sync'], copy);
  await cluster.isQuiet();
});

test('a deleted copy is created again', async () => {
  await using cluster = await TestCluster.open();
  await sync(cluster, COPY);
  await cluster.delete(COPY);
  await cluster.heals([`create ${COPY} missing done`]);
});

test('labels and annotations of other clients are not a difference, and an update keeps them', async () => {
  await using cluster = await TestCluster.open();
  await sync(cluster, COPY);
  const foreign = { labels: { theirs: 'yes' }, annotations: { theirs: 'too' } };
  await cluster.merge(COPY, { metadata: foreign });
  await cluster.isQuiet();
  await cluster.merge(SOURCE, { data: { you: 'first' } });
  await cluster.heals([`update ${COPY} source-changed done`]);
  const { labels, annotations, data } = await looks(cluster);
  assert.deepEqual([labels.theirs, annotations.theirs, data.you], ['yes', 'too', 'first']);
});

test('keys that a source loses are removed from its copies', async () => {
  await using cluster = await TestCluster.open();
  await sync(cluster, COPY);
  const gone = { labels: { team: null }, annotations: { note: null } };
  await cluster.merge(SOURCE, { data: { live: null }, metadata: gone });
  await cluster.heals([`update ${COPY} source-changed done`]);
  const { labels, annotations, data } = await looks(cluster);
  assert.deepEqual([labels.team, annotations.note, data], [undefined, undefined, { you: 'only' }]);
});

/** Ways in which managedFields become wrong or empty while the content is right. */
const OWNERSHIP: Readonly<Record<string, (cluster: TestCluster, copy: string) => Promise<unknown>>> = {
  'co-owned': (cluster, copy) => cluster.apply(copy, { data: { you: 'only' } }),
  'in-our-name': (cluster, copy) => cluster.apply(copy, { data: { live: 'once' } }, 'kubed-sync'),
  'taken-back': async (cluster, copy) => {
    await cluster.merge(copy, { data: { you: 'not' } });
    await cluster.merge(copy, { data: { you: 'only' } });
  },
  reset: (cluster, copy) => cluster.merge(copy, { metadata: { managedFields: [{}] } }),
  'someone-else': (cluster, copy) => {
    const managedFields = [
      {
        manager: 'x',
        operation: 'Update',
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:you': {} } },
      },
    ];
    return cluster.merge(copy, { metadata: { managedFields } });
  },
};

test('a copy with the right content and wrong managedFields is read once, and is then owned again', async () => {
  const copies = Object.keys(OWNERSHIP).map((what) => `ConfigMap/${what}/omni`);
  await using cluster = await TestCluster.open();
  await sync(cluster, ...copies);
  const before = await Promise.all(copies.map((copy) => looks(cluster, copy)));
  for (const [what, act] of Object.entries(OWNERSHIP)) await act(cluster, `ConfigMap/${what}/omni`);

  await cluster.heals(copies.toSorted().map((copy) => `refresh ${copy} ownership done`));

  for (const copy of copies) assert.deepEqual(await owners(cluster, copy), ['kubed-sync'], copy);
  assert.deepEqual(await Promise.all(copies.map((copy) => looks(cluster, copy))), before);
  for (const copy of copies) await cluster.merge(copy, { data: { live: 'twice' } });
  await cluster.heals(copies.toSorted().map((copy) => `update ${copy} edited done`));
});

test('an edit by server-side apply is undone, and its manager owns no content any more', async () => {
  await using cluster = await TestCluster.open();
  await sync(cluster, COPY);
  await cluster.apply(COPY, {
    data: { you: 'applied' },
    metadata: { name: 'omni', labels: { theirs: 'yes' } },
  });
  await cluster.heals([`update ${COPY} edited done`]);
  assert.deepEqual(await owners(cluster), ['kubed-sync']);
  assert.equal((await looks(cluster)).labels.theirs, 'yes');
});

test('an edit after a reset of managedFields has no owner, and is found all the same', async () => {
  await using cluster = await TestCluster.open();
  await sync(cluster, COPY);
  await cluster.merge(COPY, { metadata: { managedFields: [{}] } });
  await cluster.merge(COPY, { data: { you: 'not', more: 'and more' } });
  await cluster.heals([`update ${COPY} edited done`]);
  assert.deepEqual((await looks(cluster)).data, { you: 'only', live: 'once' });
});

test('with more than ten managers our entry is dropped, comes back, and stays', async () => {
  await using cluster = await TestCluster.open();
  await sync(cluster, COPY);
  await sleep(1100); // managedFields have times in seconds, and the oldest entry is dropped first
  for (let each = 1; each <= 12; each += 1)
    await cluster.merge(COPY, meta('annotations', { [`from-${each}`]: 'x' }), { manager: `m${each}` });
  assert.deepEqual(await owners(cluster), ['ancient-changes']);
  await sleep(1100);
  await cluster.heals([`refresh ${COPY} ownership done`]);
  assert.deepEqual(await owners(cluster), ['kubed-sync']);
  assert.equal((await looks(cluster)).annotations['from-1'], 'x');
});
