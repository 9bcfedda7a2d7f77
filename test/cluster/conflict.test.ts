import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Json, TestCluster, marksOf } from '../support/cluster.ts';

/*
 * An object that is not ours has the name of a copy (`--on-conflict fail | skip | adopt`), or the namespace has its own
 * source.
 */

const FOREIGN = 'ConfigMap/a/omni';

/** A source in `src`, wanted in `a` and `b`. In `a` there is an object of that name that is not ours. */
async function prepare(cluster: TestCluster): Promise<Json> {
  await cluster.namespace('src');
  for (const name of ['a', 'b']) await cluster.namespace(name);
  await cluster.source('ConfigMap/src/omni', { data: { you: 'only' } }, '', { labels: { team: 'red' } });
  return cluster.create(FOREIGN, { data: { mine: 'own' } }, { labels: { app: 'theirs' } });
}

/** What a finding contains, by its reason. */
function finding(report: Json, reason: string): Json {
  return report.findings.find((each: Json) => each.reason === reason);
}

test('fail: the object stays, a finding names it, the run fails, and the other copies are written', async () => {
  await using cluster = await TestCluster.open();
  const before = await prepare(cluster);
  const { changes, findings, code, report } = await cluster.reconcile();
  assert.deepEqual(changes, ['create ConfigMap/b/omni missing done']);
  assert.deepEqual([findings, code, finding(report, 'conflict').severity], [['conflict'], 1, 'error']);
  assert.deepEqual(await cluster.get(FOREIGN), before);
  assert.equal((await cluster.reconcile()).code, 1, 'it fails in every run');
});

test('skip: the same, reported as a warning, and the run succeeds', async () => {
  await using cluster = await TestCluster.open();
  const before = await prepare(cluster);
  const { changes, findings, code, report } = await cluster.reconcile('--on-conflict', 'skip');
  assert.deepEqual(changes, ['create ConfigMap/b/omni missing done']);
  assert.deepEqual([findings, code, finding(report, 'conflict').severity], [['conflict'], 0, 'warning']);
  assert.deepEqual(await cluster.get(FOREIGN), before);
});

test('adopt: the object is taken over in place and owned; later runs are quiet, also with fail', async () => {
  await using cluster = await TestCluster.open();
  const before = await prepare(cluster);
  await cluster.heals(
    ['create ConfigMap/b/omni missing done', `update ${FOREIGN} adopted done`],
    '--on-conflict',
    'adopt',
  );
  await cluster.isQuiet();
  const { data, metadata } = await cluster.get(FOREIGN);
  assert.deepEqual([metadata.uid, data], [before.metadata.uid, { you: 'only' }]);
  assert.deepEqual([metadata.labels.app, metadata.labels.team], ['theirs', 'red'], 'labels of others stay');
  await cluster.delete('ConfigMap/src/omni');
  await cluster.heals(['a', 'b'].map((each) => `prune ConfigMap/${each}/omni source-gone done`));
});

test('adopt takes over an object with the right content, and deletes one only with --prune-legacy', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.namespace('c');
  await cluster.create('ConfigMap/b/omni', { data: { you: 'only' } });
  const fixed = await cluster.create('ConfigMap/c/omni', { data: { you: 'not' }, immutable: true });
  const { changes, findings, report } = await cluster.reconcile('--on-conflict', 'adopt');
  assert.deepEqual(changes, [`update ${FOREIGN} adopted done`, 'refresh ConfigMap/b/omni adopted done']);
  assert.deepEqual([findings, report.findings[0].adopt], [['conflict'], 'needs-replace']);
  const legacy = ['--on-conflict', 'adopt', '--prune-legacy'];
  await cluster.heals(['replace ConfigMap/c/omni adopted done'], ...legacy);
  assert.notEqual((await cluster.get('ConfigMap/c/omni')).metadata.uid, fixed.metadata.uid);
});

test('adopt needs --source-namespace', async () => {
  await using cluster = await TestCluster.open();
  const { code, stderr, stdout } = await cluster.run('reconcile', '--on-conflict', 'adopt');
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /--source-namespace/u);
});

test('adopt takes over nothing in the namespaces of Kubernetes', async () => {
  await using cluster = await TestCluster.open();
  const src = await cluster.namespace('src');
  const name = `${cluster.prefix}-omni`;
  const objects = ['kube-system', 'kube-public'].map((namespace) => `ConfigMap/${namespace}/${name}`);
  const before: Json[] = [];
  try {
    for (const object of objects) before.push(await cluster.create(object, { data: { mine: 'own' } }));
    await cluster.source(`ConfigMap/src/${name}`, {});
    const scope = [
      '--source-namespace',
      src,
      '--include-namespace',
      'kube-*',
      '--exclude-namespace',
      'kube-node-lease',
    ];
    const { changes, code, report } = await cluster.reconcileWithin(scope, '--on-conflict', 'adopt');
    assert.deepEqual([changes, code], [[], 1]);
    assert.equal(report.findings.filter(({ reason }: Json) => reason === 'conflict').length, 2);
    for (const [each, object] of objects.entries()) assert.deepEqual(await cluster.get(object), before[each]);
  } finally {
    for (const object of objects) await cluster.delete(object);
  }
});

for (const how of ['fail', 'skip', 'adopt'])
  test(`a source in the target namespace is never overwritten (${how})`, async () => {
    await using cluster = await TestCluster.open();
    await prepare(cluster);
    await cluster.annotate(FOREIGN, { 'kubed.appscode.com/sync': 'none=such' });
    const before = await cluster.get(FOREIGN);
    const { changes, findings, code, report } = await cluster.reconcile('--on-conflict', how);
    assert.deepEqual([changes, code], [['create ConfigMap/b/omni missing done'], 0]);
    assert.deepEqual(findings, ['no-namespace-selected', 'own-source-there']);
    assert.equal(finding(report, 'own-source-there').severity, 'note');
    assert.deepEqual(await cluster.get(FOREIGN), before);
  });

test('a source outside the scope is not overwritten either', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.annotate(FOREIGN, { 'kubed.appscode.com/sync': 'none=such' });
  const before = await cluster.get(FOREIGN);
  const scope = ['--source-namespace', cluster.ns('src'), '--include-namespace', `${cluster.prefix}-*`];
  const { changes, findings } = await cluster.reconcileWithin(scope, '--on-conflict', 'adopt');
  assert.deepEqual([changes, findings], [['create ConfigMap/b/omni missing done'], ['own-source-there']]);
  assert.deepEqual(await cluster.get(FOREIGN), before);
});

const ORIGIN = 'kubed.appscode.com/origin';

/** Marks that contradict each other or their object. `undefined` removes one. */
const DISAGREEING: Readonly<Record<string, (origin: Json) => { labels?: object; annotations?: object }>> = {
  'another name': () => ({ labels: { [`${ORIGIN}.name`]: 'other' } }),
  'no name': () => ({ labels: { [`${ORIGIN}.name`]: undefined } }),
  'another namespace': () => ({ labels: { [`${ORIGIN}.namespace`]: 'other' } }),
  'no cluster': () => ({ labels: { [`${ORIGIN}.cluster`]: undefined } }),
  'no origin': () => ({ annotations: { [ORIGIN]: undefined } }),
  'an empty origin': () => ({ annotations: { [ORIGIN]: '' } }),
  'an origin that is not JSON': (origin) => ({ annotations: { [ORIGIN]: JSON.stringify(origin).slice(1) } }),
  'an origin of another name': (origin) => ({
    annotations: { [ORIGIN]: JSON.stringify({ ...origin, name: 'x' }) },
  }),
  'an origin of another kind': (origin) => ({
    annotations: { [ORIGIN]: JSON.stringify({ ...origin, kind: 'Secret', apiVersion: 'v1' }) },
  }),
};

for (const selector of ['', 'none=such'])
  test(`objects with contradictory marks are not copies (${selector === '' ? 'wanted' : 'not wanted'} there)`, async () => {
    await using cluster = await TestCluster.open();
    await cluster.namespace('src');
    await cluster.namespace('a');
    const before = new Map<string, Json>();
    for (const [each, spoil] of Object.values(DISAGREEING).entries()) {
      const { labels, annotations } = marksOf(
        await cluster.source(`ConfigMap/src/omni-${each}`, {}, selector),
      );
      const spoiled = spoil(JSON.parse(annotations[ORIGIN]));
      const object = `ConfigMap/a/omni-${each}`;
      const metadata = {
        labels: { ...labels, ...spoiled.labels },
        annotations: { ...annotations, ...spoiled.annotations },
      };
      before.set(object, await cluster.create(object, {}, metadata, { manager: 'kubed-sync' }));
    }
    const { changes, findings, report } = await cluster.reconcile();
    assert.deepEqual(changes, []);
    const each = [...before.keys()].map(() => (selector === '' ? 'conflict' : 'no-namespace-selected'));
    assert.deepEqual(
      findings,
      [...each, 'marks-disagree'].toSorted(),
      'contradictory marks are reported once for each namespace',
    );
    assert.equal(finding(report, 'marks-disagree').severity, 'note');
    for (const [object, was] of before) assert.deepEqual(await cluster.get(object), was, object);
  });

test('an object whose marks point at itself is an ordinary object, and a source if it has the annotation', async () => {
  await using cluster = await TestCluster.open();
  await cluster.namespace('src');
  await cluster.namespace('a');
  const source = await cluster.source('ConfigMap/src/omni', { data: { you: 'only' } });
  await cluster.merge('ConfigMap/src/omni', { metadata: marksOf(source) });
  const { metadata } = await cluster.get('ConfigMap/src/omni');
  await cluster.heals(['create ConfigMap/a/omni missing done']);
  assert.deepEqual((await cluster.get('ConfigMap/src/omni')).metadata, metadata);
});
