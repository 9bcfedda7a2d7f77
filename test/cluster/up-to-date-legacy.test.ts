import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Json, TestCluster, marksOf } from '../support/cluster.ts';

/*
 * Copies that the old operator made (Kubed, config-syncer). They are read once, and keys of the strip list are removed.
 * From then on they are up to date.
 */

const COPY = 'ConfigMap/a/omni';

/** Keys of the strip list that the old operator copied. */
const STRIPPED = {
  labels: { 'app.kubernetes.io/managed-by': 'Helm', 'helm.sh/chart': 'omni-1.0.0', 'kapp.k14s.io/app': '17' },
  annotations: {
    'meta.helm.sh/release-name': 'omni',
    'argocd.argoproj.io/tracking-id': 'omni:/ConfigMap:src/omni',
  },
};

async function prepare(cluster: TestCluster): Promise<Json> {
  await cluster.namespace('src');
  await cluster.namespace('a');
  return cluster.source('ConfigMap/src/omni', { data: { you: 'only' } }, '', {
    labels: { team: 'red', ...STRIPPED.labels },
    annotations: { note: 'hi', ...STRIPPED.annotations },
  });
}

/** Writes a copy as the old operator did: labels and annotations of the source, marks, its own field manager. */
async function copyAsBefore(
  cluster: TestCluster,
  source: Json,
  {
    older,
    data = { you: 'only' },
    labels = {},
    annotations = {},
  }: { older: boolean; data?: object; labels?: object; annotations?: object },
): Promise<Json> {
  const marks = marksOf(source, older);
  const { 'kubed.appscode.com/sync': _, ...copied } = source.metadata.annotations;
  const metadata = {
    labels: { ...source.metadata.labels, ...marks.labels, ...labels },
    annotations: { ...copied, ...marks.annotations, ...annotations },
  };
  return cluster.create(COPY, { data }, metadata, { manager: 'config-syncer' });
}

for (const older of [false, true])
  test(`a copy of the old operator (${older ? 'origin with kind' : 'origin of four keys'}) is read once`, async () => {
    await using cluster = await TestCluster.open();
    const source = await prepare(cluster);
    const before = await copyAsBefore(cluster, source, {
      older,
      labels: { theirs: 'yes', 'helm.sh/chart': 'theirs-2' },
    });

    const { report } = await cluster.heals([`refresh ${COPY} old-operator done`]);

    assert.deepEqual(report.requests, { list: 3, get: 2, create: 0, patch: 1, delete: 0 });
    const { metadata, data } = await cluster.get(COPY);
    assert.equal(metadata.uid, before.metadata.uid);
    assert.deepEqual(data, { you: 'only' });
    const { labels, annotations, managedFields } = metadata;
    assert.equal(labels['app.kubernetes.io/managed-by'], 'kubed-sync');
    assert.deepEqual([labels.team, labels.theirs, annotations.note], ['red', 'yes', 'hi']);
    assert.equal(
      labels['helm.sh/chart'],
      'theirs-2',
      'a value that differs from the source belongs to another client',
    );
    assert.equal(labels['kapp.k14s.io/app'], undefined);
    for (const key of Object.keys(STRIPPED.annotations)) assert.equal(annotations[key], undefined, key);
    assert.deepEqual(JSON.parse(annotations['kubed.appscode.com/origin']), {
      namespace: cluster.ns('src'),
      name: 'omni',
      uid: source.metadata.uid,
      resourceVersion: source.metadata.resourceVersion,
    });
    assert.deepEqual(
      managedFields.flatMap(({ manager, fieldsV1 }: Json) => (fieldsV1['f:data'] ? [manager] : [])),
      ['kubed-sync'],
    );
  });

test('an outdated copy of the old operator is updated and cleaned with one patch', async () => {
  await using cluster = await TestCluster.open();
  const source = await prepare(cluster);
  await copyAsBefore(cluster, source, { older: true, data: { you: 'were', me: 'too' } });
  const { report } = await cluster.heals([`update ${COPY} old-operator done`]);
  assert.equal(report.requests.patch, 1);
  const { data, metadata } = await cluster.get(COPY);
  assert.deepEqual([data, metadata.labels['kapp.k14s.io/app']], [{ you: 'only' }, undefined]);
});

test('many copies of the old operator are read by one list', async () => {
  await using cluster = await TestCluster.open();
  const source = await prepare(cluster);
  await copyAsBefore(cluster, source, { older: true });
  for (const namespace of ['b', 'c', 'd']) {
    await cluster.namespace(namespace);
    const { metadata } = await cluster.get(COPY);
    const { labels, annotations } = metadata;
    const copy = `ConfigMap/${namespace}/omni`;
    await cluster.create(
      copy,
      { data: { you: 'only' } },
      { labels, annotations },
      { manager: 'config-syncer' },
    );
  }
  const { report } = await cluster.heals(
    ['a', 'b', 'c', 'd'].map((each) => `refresh ConfigMap/${each}/omni old-operator done`),
  );
  assert.deepEqual(report.requests, { list: 4, get: 1, create: 0, patch: 4, delete: 0 });
});
