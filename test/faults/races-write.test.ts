import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiServer } from '../support/apiserver.ts';
import { type Json, TestCluster, marksOf } from '../support/cluster.ts';

/*
 * The object changed after the decision. The run reads that object once more, decides again by the table, and never
 * changes what is not ours.
 */

const SOURCE = 'ConfigMap/src/omni';
const COPY = 'ConfigMap/a/omni';

async function prepare(cluster: TestCluster): Promise<ApiServer> {
  const { simulated } = cluster;
  assert.ok(simulated, 'these tests need the simulated server');
  await cluster.namespace('src');
  await cluster.namespace('a');
  await cluster.source(SOURCE, { data: { you: 'only' } });
  return simulated;
}

/** Does something just before the first write of that verb to the copy. */
function beforeWrite(
  cluster: TestCluster,
  verb: 'create' | 'patch' | 'delete',
  act: () => Promise<unknown>,
): void {
  const match = { verb, resource: 'configmaps', namespace: cluster.ns('a') } as const;
  cluster.simulated?.before(match, async () => void (await act()));
}

/** An object with the name of the copy, just before the create. */
const OCCUPANTS: Readonly<
  Record<string, { make: (cluster: TestCluster) => Promise<unknown>; reported: Json; quiet: boolean }>
> = {
  'an object that is not ours': {
    make: (cluster) => cluster.create(COPY, { data: { mine: 'own' } }),
    reported: [[`create ${COPY} missing skipped`], ['conflict'], 1],
    quiet: false,
  },
  'the same copy': {
    make: async (cluster) => void (await cluster.run('reconcile', ...cluster.own)),
    reported: [[`create ${COPY} missing done`], [], 0],
    quiet: true,
  },
  'a copy of the same source, out of date': {
    make: async (cluster) => {
      const source = await cluster.get(SOURCE);
      await cluster.create(COPY, { data: { you: 'were' } }, marksOf(source), { manager: 'kubed-sync' });
    },
    reported: [[`create ${COPY} missing done`], [], 0],
    quiet: true,
  },
  'a copy of another source': {
    make: async (cluster) => {
      const { metadata } = await cluster.get(SOURCE);
      const other = { metadata: { ...metadata, namespace: 'elsewhere' } };
      await cluster.create(COPY, { data: { you: 'were' } }, marksOf(other), { manager: 'kubed-sync' });
    },
    reported: [[`create ${COPY} missing skipped`], [], 0],
    quiet: false,
  },
};

for (const [what, { make, reported, quiet }] of Object.entries(OCCUPANTS))
  test(`${what} appears between the list and the create`, async () => {
    await using cluster = await TestCluster.open();
    await prepare(cluster);
    let occupant: Json;
    beforeWrite(cluster, 'create', async () => {
      await make(cluster);
      occupant = await cluster.get(COPY);
    });
    const { changes, findings, code } = await cluster.reconcile();
    assert.deepEqual([changes, findings, code], reported);
    if (!quiet) assert.deepEqual(await cluster.get(COPY), occupant);
    else await cluster.isQuiet();
    assert.equal((await cluster.get(COPY)).metadata.uid, occupant.metadata.uid);
  });

test('an object that appears meanwhile is not adopted, because the run has not decided on it', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  beforeWrite(cluster, 'create', () => cluster.create(COPY, { data: { mine: 'own' } }));
  const { changes, findings, code } = await cluster.reconcile('--on-conflict', 'adopt');
  assert.deepEqual([changes, findings, code], [[`create ${COPY} missing skipped`], ['conflict'], 1]);
  assert.deepEqual((await cluster.get(COPY)).data, { mine: 'own' });
});

test('an object that replaces the one to adopt is not adopted', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.create(COPY, { data: { mine: 'own' } });
  beforeWrite(cluster, 'patch', async () => {
    await cluster.delete(COPY);
    await cluster.create(COPY, { data: { mine: 'newer' } });
  });
  const { changes, findings, code } = await cluster.reconcile('--on-conflict', 'adopt');
  assert.deepEqual([changes, findings, code], [[`update ${COPY} adopted skipped`], ['conflict'], 1]);
  assert.deepEqual((await cluster.get(COPY)).data, { mine: 'newer' });
});

test('an object that becomes a source before it is adopted stays as it is', async () => {
  for (const [when, made] of [
    ['list', []],
    ['patch', [`update ${COPY} adopted skipped`]],
  ] as const) {
    await using cluster = await TestCluster.open();
    const simulated = await prepare(cluster);
    await cluster.create(COPY, { data: { mine: 'own' } });
    const annotate = async (): Promise<void> =>
      void (await cluster.annotate(COPY, { 'kubed.appscode.com/sync': 'x=y' }));
    if (when === 'list') simulated.after({ verb: 'list', resource: 'namespaces' }, annotate);
    else beforeWrite(cluster, 'patch', annotate);
    const { changes, findings, code } = await cluster.reconcile('--on-conflict', 'adopt');
    assert.deepEqual([changes, findings, code], [made, ['conflict'], 1], when);
    assert.deepEqual((await cluster.get(COPY)).data, { mine: 'own' });
  }
});

/** What happens to a copy between the read and the patch, the report, and the final content. */
const MEANWHILE: Readonly<
  Record<string, { act: (cluster: TestCluster) => Promise<unknown>; reported: Json; data: Json }>
> = {
  'is edited': {
    act: (cluster) => cluster.merge(COPY, { data: { you: 'edited again', more: 'x' } }),
    reported: [[`update ${COPY} edited done`], [], 0],
    data: { you: 'only' },
  },
  'is deleted': {
    act: (cluster) => cluster.delete(COPY),
    reported: [[`update ${COPY} edited done`], [], 0],
    data: { you: 'only' },
  },
  'is repaired by another run': {
    act: async (cluster) => void (await cluster.run('reconcile', ...cluster.own)),
    reported: [[`update ${COPY} edited done`], [], 0],
    data: { you: 'only' },
  },
  'is replaced by an object that is not ours': {
    act: async (cluster) => {
      await cluster.delete(COPY);
      await cluster.create(COPY, { data: { mine: 'own' } });
    },
    reported: [[`update ${COPY} edited skipped`], ['conflict'], 1],
    data: { mine: 'own' },
  },
  'becomes immutable': {
    act: (cluster) => cluster.merge(COPY, { immutable: true }),
    reported: [[`update ${COPY} edited skipped`], [], 0],
    data: { you: 'edited' },
  },
};

for (const [what, { act, reported, data }] of Object.entries(MEANWHILE))
  test(`a copy ${what} between the read and the patch`, async () => {
    await using cluster = await TestCluster.open();
    await prepare(cluster);
    await cluster.reconcile();
    await cluster.merge(COPY, { data: { you: 'edited' } });
    beforeWrite(cluster, 'patch', () => act(cluster));
    const { changes, findings, code } = await cluster.reconcile();
    assert.deepEqual([changes, findings, code], reported);
    assert.deepEqual((await cluster.get(COPY)).data, data);
  });

/** What happens to a copy between the decision to prune it and the delete. */
const PRUNES: Readonly<
  Record<string, { act: (cluster: TestCluster) => Promise<unknown>; outcome: string; stays: boolean }>
> = {
  'is edited': {
    act: (cluster) => cluster.merge(COPY, { data: { more: 'x' } }),
    outcome: 'done',
    stays: false,
  },
  'is deleted': { act: (cluster) => cluster.delete(COPY), outcome: 'done', stays: false },
  'loses its marks': {
    act: (cluster) => cluster.annotate(COPY, { 'kubed.appscode.com/origin': null }),
    outcome: 'skipped',
    stays: true,
  },
  'is recreated by hand': {
    act: async (cluster) => {
      await cluster.delete(COPY);
      await cluster.create(COPY, { data: { mine: 'own' } });
    },
    outcome: 'skipped',
    stays: true,
  },
  'gets a sync annotation': {
    act: (cluster) => cluster.annotate(COPY, { 'kubed.appscode.com/sync': '' }),
    outcome: 'skipped',
    stays: true,
  },
};

for (const [what, { act, outcome, stays }] of Object.entries(PRUNES))
  test(`a copy that is to be pruned ${what} before the delete`, async () => {
    await using cluster = await TestCluster.open();
    await prepare(cluster);
    await cluster.reconcile();
    await cluster.delete(SOURCE);
    beforeWrite(cluster, 'delete', () => act(cluster));
    const { changes, code } = await cluster.reconcile();
    assert.deepEqual([changes, code], [[`prune ${COPY} source-gone ${outcome}`], 0]);
    assert.equal((await cluster.get(COPY)) !== undefined, stays);
  });

test('if the namespace terminates or is gone between the list and the writes, they are skipped, not failed', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  await cluster.namespace('b');
  await cluster.namespace('c');
  simulated.after({ verb: 'list', resource: 'namespaces' }, () => {
    simulated.terminate(cluster.ns('a'));
    simulated.finishNamespace(cluster.ns('b'));
  });
  const { changes, findings, code } = await cluster.reconcile();
  const made = ['a', 'b', 'c'].map(
    (each) => `create ConfigMap/${each}/omni missing ${each === 'c' ? 'done' : 'skipped'}`,
  );
  assert.deepEqual([changes, findings, code], [made, [], 0]);
});

test('the namespace can disappear with its copy between the read and the patch or the delete', async () => {
  await using cluster = await TestCluster.open();
  const simulated = await prepare(cluster);
  await cluster.source('ConfigMap/src/old', {});
  await cluster.reconcile();
  await cluster.delete('ConfigMap/src/old');
  await cluster.merge(COPY, { data: { you: 'edited' } });
  simulated.before({ verb: 'patch', namespace: cluster.ns('a') }, () =>
    simulated.finishNamespace(cluster.ns('a')),
  );
  const { changes, code } = await cluster.reconcile();
  assert.deepEqual(
    [changes, code],
    [[`update ${COPY} edited skipped`, 'prune ConfigMap/a/old source-gone done'], 0],
  );
});
