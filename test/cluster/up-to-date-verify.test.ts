import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestCluster } from '../support/cluster.ts';
import { mutateWrites } from '../support/policies.ts';

/*
 * What metadata cannot show (docs/design.md 5.2). A plain run treats such copies as up to date. `--verify` reads and
 * compares them.
 */

const COPY = 'ConfigMap/a/omni';

/** Ways to change the content of a copy so that its metadata still shows only writes of kubed-sync. */
const UNSEEN: Readonly<Record<string, (cluster: TestCluster) => Promise<unknown>>> = {
  'writing as kubed-sync': (cluster) =>
    cluster.merge(COPY, { data: { you: 'forged' } }, { manager: 'kubed-sync' }),
  'writing managedFields back as they were': async (cluster) => {
    const { metadata } = await cluster.get(COPY);
    await cluster.merge(COPY, { data: { you: 'forged' } });
    await cluster.merge(COPY, { metadata: { managedFields: metadata.managedFields } });
  },
  'replacing one key by another of the same record': async (cluster) => {
    const { metadata } = await cluster.get(COPY);
    await cluster.merge(COPY, { data: { you: null, me: 'forged' } });
    await cluster.merge(COPY, { metadata: { managedFields: metadata.managedFields } });
  },
};

for (const [how, forge] of Object.entries(UNSEEN))
  test(`a plain run does not see content changed by ${how}, and --verify finds it`, async () => {
    await using cluster = await TestCluster.open();
    await cluster.namespace('src');
    await cluster.namespace('a');
    await cluster.source('ConfigMap/src/omni', { data: { you: 'only' } });
    await cluster.heals([`create ${COPY} missing done`]);
    await forge(cluster);
    await cluster.isQuiet();

    const { changes, report } = await cluster.reconcile('--verify');

    assert.deepEqual(changes, [`update ${COPY} edited done`]);
    assert.equal(report.summary.unchanged, 0);
    assert.deepEqual((await cluster.get(COPY)).data, { you: 'only' });
    await cluster.isQuiet();
  });

test('--verify reads every copy with one list for each kind, and finds nothing if nothing is wrong', async () => {
  await using cluster = await TestCluster.open();
  await cluster.namespace('src');
  for (const namespace of ['a', 'b', 'c']) await cluster.namespace(namespace);
  for (const name of ['one', 'two']) {
    await cluster.source(`ConfigMap/src/${name}`, { data: { name } });
    await cluster.source(`Secret/src/${name}`, { stringData: { name } });
  }
  await cluster.reconcile();

  const { changes, findings, report } = await cluster.reconcile('--verify');

  assert.deepEqual([changes, findings, report.summary.unchanged], [[], [], 12]);
  assert.deepEqual(report.requests, { list: 5, get: 4, create: 0, patch: 0, delete: 0 });
});

test('what admission adds to a copy is reported at the write, not seen later, and found by --verify', async () => {
  await using cluster = await TestCluster.open();
  await cluster.namespace('src');
  await cluster.namespace('a');
  await cluster.source('ConfigMap/src/omni', { data: { you: 'only' } });
  {
    const patch = [{ op: 'add', path: '/data/injected', value: 'by a webhook' }] as const;
    await using _ = await mutateWrites(cluster, { namespaces: ['a'], patch });
    const first = await cluster.reconcile();
    assert.deepEqual(
      [first.changes, first.findings],
      [[`create ${COPY} missing done`], ['changed-by-admission']],
    );
    assert.equal(first.code, 0);
    await cluster.isQuiet();
  }
  assert.deepEqual((await cluster.reconcile('--verify')).changes, [`update ${COPY} edited done`]);
  assert.deepEqual((await cluster.get(COPY)).data, { you: 'only' });
});
