import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Json, TestCluster } from '../support/cluster.ts';
import { mutateWrites } from '../support/policies.ts';

/* Previews of a cluster show what the next run does. They change nothing, not even a resourceVersion. */

const KINDS = ['configmaps', 'secrets'] as const;

/** Returns every object in the namespaces of the test. */
async function everything(cluster: TestCluster, namespaces: readonly string[]): Promise<Json> {
  const lists = namespaces.flatMap((namespace) =>
    KINDS.map(async (kind) => {
      const { items } = await cluster.must('GET', `/api/v1/namespaces/${cluster.ns(namespace)}/${kind}`);
      return items;
    }),
  );
  return Promise.all(lists);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const NAMESPACES = ['src', 'a', 'b', 'c', 'late'];

/** Copies to create, update, replace, refresh and prune. */
async function prepare(cluster: TestCluster): Promise<void> {
  await cluster.namespace('src');
  for (const name of ['a', 'b', 'c']) await cluster.namespace(name, { env: 'prod' });
  await cluster.source('ConfigMap/src/conf', { data: { you: 'only live once', leave: 'x' } });
  await cluster.source('ConfigMap/src/fixed', { data: { k: '1' } });
  await cluster.source('ConfigMap/src/gone', { data: { k: '1' } });
  await cluster.source('ConfigMap/src/picky', { data: { k: '1' } }, 'env=prod');
  await cluster.source('Secret/src/cred', { data: { password: base64('hunter2hunter2') } });
  await cluster.source('Secret/src/typed', { data: { username: base64('me') } });
  assert.equal((await cluster.reconcile()).code, 0);
  await cluster.merge('ConfigMap/src/conf', { data: { you: 'only live twice', leave: null } });
  await cluster.merge('ConfigMap/b/conf', { data: { you: 'mine' } }, { manager: 'kubectl-edit' });
  await cluster.merge('Secret/src/cred', { data: { password: base64('correct horse'), user: base64('me') } });
  await cluster.merge('ConfigMap/a/fixed', { immutable: true });
  await cluster.merge('ConfigMap/src/fixed', { data: { k: '2' } });
  await cluster.delete('Secret/src/typed');
  const typed = { type: 'kubernetes.io/basic-auth', data: { username: base64('me') } };
  await cluster.source('Secret/src/typed', typed);
  await cluster.delete('ConfigMap/src/gone');
  await cluster.merge('ConfigMap/src/picky', { metadata: { labels: { team: 'x' } } });
  await cluster.must(
    'PATCH',
    `/api/v1/namespaces/${cluster.ns('c')}`,
    { metadata: { labels: { env: null } } },
    {
      contentType: 'application/merge-patch+json',
    },
  );
  await cluster.namespace('late');
}

/** Returns changes without their outcomes. */
const plan = (changes: readonly Json[]): readonly Json[] =>
  changes.map(({ outcome: _, message: __, ...change }) => change);

test('a dry run sends no write, and the next run does what it showed, in that order', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const before = await everything(cluster, NAMESPACES);
  cluster.simulated?.resetRequests();
  const dry = await cluster.reconcile('--dry-run');
  for (const { method } of cluster.simulated?.requests ?? []) assert.equal(method, 'GET');
  const { create, patch, delete: deletes } = dry.report.requests;
  assert.deepEqual([create, patch, deletes], [0, 0, 0]);
  assert.deepEqual(await everything(cluster, NAMESPACES), before);
  const actions = new Set(dry.report.changes.map(({ action }: Json) => action));
  assert.deepEqual([...actions], ['create', 'update', 'replace', 'refresh', 'prune']);

  const real = await cluster.reconcile();
  assert.deepEqual(plan(real.report.changes), plan(dry.report.changes));
  assert.deepEqual([dry.report.dryRunBy, real.report.dryRunBy], ['client', undefined]);
  for (const { outcome } of dry.report.changes) assert.equal(outcome, 'planned');
  for (const { outcome } of real.report.changes) assert.equal(outcome, 'done');
  await cluster.isQuiet();
});

test('--dry-run=server sends every write as a dry run and changes no object', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const before = await everything(cluster, NAMESPACES);
  const dry = await cluster.reconcile('--dry-run');
  const asked = await cluster.reconcile('--dry-run=server');
  assert.deepEqual(await everything(cluster, NAMESPACES), before);
  assert.deepEqual(asked.changes, dry.changes);
  assert.deepEqual([asked.code, asked.findings, asked.report.dryRunBy], [0, [], 'server']);
  const { create, replace, update, refresh, prune } = asked.report.summary;
  const { requests } = asked.report;
  assert.deepEqual(
    [requests.create, requests.patch, requests.delete],
    [create + replace, update + refresh, prune],
  );
  assert.equal((await cluster.reconcile('--dry-run=server', '--exit-code')).code, 3);
  const real = await cluster.reconcile();
  assert.deepEqual(plan(real.report.changes), plan(dry.report.changes));
});

/** Forbids more ConfigMaps in a namespace. A bare API server has no controller that computes a quota. */
async function fill(cluster: TestCluster, namespace: string): Promise<void> {
  const used = (await cluster.must('GET', `/api/v1/namespaces/${cluster.ns(namespace)}/configmaps`)).items
    .length;
  if (cluster.simulated !== undefined)
    return cluster.simulated.quota(cluster.ns(namespace), { configmaps: used });
  const hard = { 'count/configmaps': String(used) };
  const path = `/api/v1/namespaces/${cluster.ns(namespace)}/resourcequotas`;
  const metadata = { name: 'full' };
  const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard } };
  await cluster.must('POST', path, quota);
  await cluster.must(
    'PATCH',
    `${path}/full/status`,
    { status: { hard, used: hard } },
    {
      contentType: 'application/merge-patch+json',
    },
  );
  const probe = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'probe' } };
  for (let tries = 0; ; tries += 1) {
    const { status } = await cluster.send(
      'POST',
      `/api/v1/namespaces/${cluster.ns(namespace)}/configmaps?dryRun=All`,
      probe,
    );
    if (status === 403) return;
    assert.ok(tries < 50, 'the quota never became effective');
    await new Promise((resolve) => void setTimeout(resolve, 200));
  }
}

test('--dry-run=server reports what quota and validation reject, for each object', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await fill(cluster, 'late');
  const before = await everything(cluster, NAMESPACES);
  const { report, code } = await cluster.reconcile('--dry-run=server');
  assert.deepEqual(await everything(cluster, NAMESPACES), before);
  assert.equal(code, 1);
  for (const { kind, namespace, outcome, status, message } of report.changes) {
    const refused = kind === 'ConfigMap' && namespace === cluster.ns('late');
    assert.equal(outcome, refused ? 'failed' : 'planned');
    if (refused) assert.match(`${status} ${message}`, /^403 .*exceeded quota/);
  }
  assert.equal(report.summary.failed, 2);
  const text = await cluster.run('reconcile', ...cluster.own, '--dry-run=server');
  assert.match(text.stdout, /^would fail +create ConfigMap .* in t\w+-late: .*exceeded quota/m);
  assert.match(text.stdout, /^ +-> Raise the quota of the namespace/m);
  assert.match(text.stdout, /\nDry run by the API server, nothing was written: .*2 would fail/);
});

test('a preview shows values of ConfigMaps, and of Secrets only lengths', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const shows = async (...args: readonly string[]): Promise<string> =>
    (await cluster.run('reconcile', ...cluster.own, ...args)).stdout;
  const outputs = [
    await shows('--dry-run'),
    await shows('--dry-run=server'),
    await shows('--dry-run', '-o', 'markdown'),
  ];
  for (const text of outputs) {
    assert.match(text, /^ +-only live once\n +\+only live twice$/m);
    assert.match(text, /^ +-mine\n +\+only live twice$/m);
    assert.match(text, /edited by `?kubectl-edit`?: `?data\.you`?; source changed: `?-data\.leave/);
    assert.match(text, /^ +--- data\.leave\n +\+\+\+ \/dev\/null$/m);
    assert.match(text, /^ +data\.password: 14 bytes -> 13 bytes\n +data\.user: added, 2 bytes$/m);
    assert.match(text, /^ +type: Opaque -> kubernetes\.io\/basic-auth$/m);
    assert.doesNotMatch(text, /hunter2|horse/);
    for (const value of ['hunter2hunter2', 'correct horse']) assert.ok(!text.includes(base64(value)));
  }
  const json = (await cluster.reconcile('--dry-run')).stdout;
  assert.doesNotMatch(json, /only live/);
  const real = await shows('-v');
  assert.match(real, /^ +-only live once$/m, 'a run with -v shows them too');
  assert.doesNotMatch(real, /hunter2|horse/);
});

test('a run without -v shows no values', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const { stdout } = await cluster.run('reconcile', ...cluster.own);
  assert.match(stdout, /^updated/m);
  assert.doesNotMatch(stdout, /only live/);
});

test('what mutating admission changes is a finding before anything is written', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const patch = [{ op: 'add', path: '/data/injected', value: 'x' }] as const;
  await using _ = await mutateWrites(cluster, { namespaces: ['late'], kind: 'ConfigMap', patch });
  const { report, findings } = await cluster.reconcile('--dry-run=server');
  assert.deepEqual(findings, ['changed-by-admission', 'changed-by-admission']);
  const { reason: __, ...finding } = report.findings.find(
    ({ reason }: Json) => reason === 'changed-by-admission',
  );
  assert.deepEqual(finding.fields, [{ name: 'data.injected', op: 'add' }]);
});
