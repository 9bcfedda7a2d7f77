import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Json, TestCluster, marksOf } from '../support/cluster.ts';

/*
 * What is never pruned: objects that are not provably ours, and copies that only an option, an invalid source or a
 * terminating namespace hides.
 */

const SOURCE = 'ConfigMap/src/omni';
const COPY = 'ConfigMap/a/omni';

async function prepare(cluster: TestCluster): Promise<Json> {
  await cluster.namespace('src');
  await cluster.namespace('a');
  const source = await cluster.source(SOURCE, { data: { you: 'only' } });
  await cluster.heals([`create ${COPY} missing done`]);
  return source;
}

/** Checks that the object is exactly as it was. */
async function untouched(cluster: TestCluster, before: Json, object = COPY): Promise<void> {
  assert.deepEqual(await cluster.get(object), before);
}

const BROKEN: Readonly<Record<string, string>> = {
  'an invalid selector': 'team in red',
  'a selector with a bad value': 'team=red!',
  'a selector that ends too early': 'team=red,',
};

test('a source with an invalid selector keeps its copies exactly as they are', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.merge(COPY, { data: { you: 'edited' } });
  const before = await cluster.get(COPY);
  await cluster.namespace('late');
  for (const [what, selector] of Object.entries(BROKEN)) {
    await cluster.annotate(SOURCE, { 'kubed.appscode.com/sync': selector });
    const { changes, findings, code } = await cluster.reconcile();
    assert.deepEqual([changes, findings, code], [[], ['invalid-selector'], 1], what);
    await untouched(cluster, before);
  }
  await cluster.annotate(SOURCE, { 'kubed.appscode.com/sync': '' });
  await cluster.heals(['create ConfigMap/late/omni missing done', `update ${COPY} source-changed done`]);
});

test('nothing in a terminating namespace is written or deleted', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.must('DELETE', `/api/v1/namespaces/${cluster.ns('a')}`);
  const before = await cluster.get(COPY);
  await cluster.merge(SOURCE, { data: { you: 'changed' } });
  await cluster.isQuiet();
  await cluster.delete(SOURCE);
  await cluster.isQuiet();
  await untouched(cluster, before);
});

test('objects that only look like copies outlive the source that they name', async () => {
  await using cluster = await TestCluster.open();
  const source = await prepare(cluster);
  const { labels, annotations } = marksOf(source);
  const self = marksOf({
    ...source,
    metadata: { ...source.metadata, name: 'self', namespace: cluster.ns('a') },
  });
  const elsewhere = { labels: { ...labels, 'kubed.appscode.com/origin.cluster': 'other' }, annotations };
  const objects: readonly (readonly [object: string, metadata: object])[] = [
    ['ConfigMap/a/plain', {}],
    ['ConfigMap/a/renamed', { labels, annotations }],
    ['ConfigMap/a/self', self],
    ['ConfigMap/a/half', { labels }],
    ['Secret/a/omni', elsewhere],
  ];
  const before: Json[] = [];
  for (const [object, metadata] of objects)
    before.push(await cluster.create(object, {}, metadata, { manager: 'kubed-sync' }));
  await cluster.delete(SOURCE);

  const { changes, findings, code } = await cluster.reconcile();

  assert.deepEqual([changes, code], [[`prune ${COPY} source-gone done`], 0]);
  assert.deepEqual(findings, ['marks-disagree', 'other-cluster-name']);
  for (const [each, [object]] of objects.entries()) await untouched(cluster, before[each], object);
});

test('another --cluster-name neither prunes nor overwrites the copies of this one', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.delete(SOURCE);
  const before = await cluster.get(COPY);
  const { changes, report, code } = await cluster.reconcile('--cluster-name', 'other');
  assert.deepEqual([changes, code], [[], 0]);
  await untouched(cluster, before);
  const finding = report.findings.find(({ reason }: Json) => reason === 'other-cluster-name');
  if (cluster.simulated) assert.equal(finding.severity, 'warning', 'nearly all copies have the other name');
  await cluster.heals([`prune ${COPY} source-gone done`]);
});

test('no option that limits the scope makes a run delete something outside it', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.delete(SOURCE);
  const before = await cluster.get(COPY);
  const [src, a] = [cluster.ns('src'), cluster.ns('a')];
  const borders: readonly (readonly string[])[] = [
    ['--source-namespace', a, '--include-namespace', a],
    ['--source-namespace', `${src}-mistyped`, '--include-namespace', a],
    ['--source-namespace', src, '--include-namespace', `${a}-mistyped`],
    ['--source-namespace', src, '--include-namespace', src],
    ['--source-namespace', src, '--include-namespace', `${cluster.prefix}-*`, '--exclude-namespace', a],
    ['--source-namespace', src, '--include-namespace', a, '--kind', 'secret'],
    ['--source-namespace', src, '--include-namespace', a, '--no-prune'],
  ];
  for (const border of borders) {
    const { changes, report, code } = await cluster.reconcileWithin(border);
    assert.deepEqual([changes, code], [[], 0], border.join(' '));
    assert.equal(report.requests.get + report.requests.delete, 0, border.join(' '));
    await untouched(cluster, before);
  }
  await cluster.heals([`prune ${COPY} source-gone done`]);
});

test('one finding counts the copies outside the scope', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const { report } = await cluster.reconcileWithin(['--include-namespace', `${cluster.ns('a')}-mistyped`]);
  const finding = report.findings.find(({ reason }: Json) => reason === 'out-of-scope');
  assert.equal(finding.severity, 'note');
  if (cluster.simulated) assert.equal(finding.copies, 1);
});

test('--no-prune keeps a copy, also of a source that selects other namespaces', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.namespace('b', { team: 'red' });
  await cluster.annotate(SOURCE, { 'kubed.appscode.com/sync': 'team=red' });
  await cluster.heals(['create ConfigMap/b/omni missing done'], '--no-prune');
  await cluster.heals([`prune ${COPY} namespace-not-selected done`]);
});
