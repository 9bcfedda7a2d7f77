import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestCluster } from '../support/cluster.ts';
import { mutateWrites, rejectWrites, text } from '../support/policies.ts';

/*
 * What admission does to copies. A changed label is not written again in every run, a kind that loses its marks is not
 * written any more, and a rejection of a Secret shows the name of the policy and nothing that the policy says.
 */

const TEAM_TWO = [{ op: 'add', path: '/metadata/labels/team', value: 'two' }] as const;

async function prepare(cluster: TestCluster, kind: 'ConfigMap' | 'Secret' = 'ConfigMap'): Promise<void> {
  for (const each of ['src', 'a', 'b']) await cluster.namespace(each);
  await cluster.source(`${kind}/src/omni`, {}, '', { labels: { team: 'one' } });
}

test('a label that admission overwrites is written once, and then reported in every run', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await using _ = await mutateWrites(cluster, { namespaces: ['a', 'b'], patch: TEAM_TWO });
  const first = await cluster.reconcile();
  assert.deepEqual([first.changes.length, first.code], [2, 0]);
  assert.deepEqual(first.findings, ['changed-by-admission', 'changed-by-admission']);
  for (const options of [[], ['--verify']]) {
    const { changes, findings, code, report } = await cluster.reconcile(...options);
    assert.deepEqual([changes, code, report.summary.unchanged], [[], 0, 2]);
    assert.deepEqual(findings, ['changed-by-admission', 'changed-by-admission']);
    assert.deepEqual(report.requests.patch, 0);
  }
});

test('a label that another manager edits is still written back', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.reconcile();
  await cluster.merge('ConfigMap/a/omni', { metadata: { labels: { team: 'edited' } } });
  await cluster.heals(['refresh ConfigMap/a/omni edited done']);
});

test('a new state of the source is written although admission changed the copy', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await using _ = await mutateWrites(cluster, { namespaces: ['a'], patch: TEAM_TWO });
  await cluster.reconcile();
  await cluster.merge('ConfigMap/src/omni', { data: { you: 'twice' } });
  await cluster.reconcile();
  assert.deepEqual((await cluster.get('ConfigMap/a/omni')).data['you'], 'twice');
});

test('a policy that removes marks leaves no unmarked copies behind: exit 1, one kind stops, the other goes on', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster, 'Secret');
  await cluster.source('ConfigMap/src/other', {});
  await using _ = await mutateWrites(cluster, {
    namespaces: ['a', 'b'],
    kind: 'Secret',
    patch: [{ op: 'remove', path: '/metadata/annotations' }],
  });
  const { changes, code } = await cluster.reconcile();
  assert.deepEqual(
    [changes, code],
    [
      [
        'create ConfigMap/a/other missing done',
        'create ConfigMap/b/other missing done',
        'create Secret/a/omni missing failed',
        'create Secret/b/omni missing skipped',
      ],
      1,
    ],
  );
  assert.equal(await cluster.get('Secret/a/omni'), undefined);
});

test('a copy that loses a mark by a patch stays, and no more of its kind is patched', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.reconcile();
  const before = await cluster.get('ConfigMap/a/omni');
  await cluster.merge('ConfigMap/src/omni', { data: { you: 'twice' } });
  {
    await using _ = await mutateWrites(cluster, {
      namespaces: ['a', 'b'],
      patch: [{ op: 'remove', path: '/metadata/annotations/kubed.appscode.com~1fields' }],
    });
    const { changes, code, report } = await cluster.reconcile();
    assert.deepEqual(changes, [
      'update ConfigMap/a/omni source-changed failed',
      'update ConfigMap/b/omni source-changed skipped',
    ]);
    assert.equal(code, 1);
    const message = /without the marks that were sent: annotation kubed\.appscode\.com\/fields$/u;
    assert.match(report.changes[0].message, message);
  }
  const after = await cluster.get('ConfigMap/a/omni');
  assert.deepEqual([after.metadata.uid, after.data['you']], [before.metadata.uid, 'twice']);
  const next = await cluster.reconcile();
  assert.deepEqual(next.changes, [
    'update ConfigMap/b/omni source-changed done',
    'refresh ConfigMap/a/omni edited done',
  ]);
});

test('of a policy that rejects a Secret, the name is shown and its message is not', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster, 'Secret');
  const message = text('the password hunter2 is too short');
  await using _ = await rejectWrites(cluster, { namespaces: ['a'], message });
  for (const dryRun of [[], ['--dry-run=server']]) {
    const { code, report, stdout, stderr } = await cluster.reconcile(...dryRun);
    assert.deepEqual([code, report.changes[0].outcome], [1, 'failed']);
    const known =
      /^secrets "omni" is forbidden: ValidatingAdmissionPolicy '[-\w]+' with binding '[-\w]+' denied request; the rest of the message is withheld/u;
    assert.match(report.changes[0].message, known);
    assert.doesNotMatch(stdout + stderr, /hunter2/u);
  }
  const { report } = await cluster.reconcile('--dry-run=server', '--show-server-messages');
  assert.match(report.changes[0].message, /denied request: the password hunter2 is too short$/u);
  assert.equal(await cluster.get('Secret/a/omni'), undefined);
});

test('of a mutating policy that fails on a Secret, the name is shown and its message is not', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster, 'Secret');
  const patch = [{ op: 'remove', path: '/metadata/labels/hunter2' }] as const;
  await using _ = await mutateWrites(cluster, { namespaces: ['a'], patch });
  const { code, report, stdout, stderr } = await cluster.reconcile();
  assert.deepEqual([code, report.changes[0].outcome, report.changes[0].status], [1, 'failed', 403]);
  const known = /^policy '[-\w]+' with binding '[-\w]+' denied request; the rest of the message is withheld/u;
  assert.match(report.changes[0].message, known);
  assert.doesNotMatch(stdout + stderr, /hunter2/u);
  assert.match(stderr, /An admission policy rejected it\./u);
});

test('the message of a policy that rejects a ConfigMap is shown', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await using _ = await rejectWrites(cluster, { namespaces: ['a'], message: text('not on my watch') });
  const { changes, report, code } = await cluster.reconcile();
  assert.deepEqual(changes, [
    'create ConfigMap/a/omni missing failed',
    'create ConfigMap/b/omni missing done',
  ]);
  assert.match(report.changes[0].message, /denied request: not on my watch$/u);
  assert.equal(code, 1);
});
