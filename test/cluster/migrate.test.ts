import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { TestCluster } from '../support/cluster.ts';

/* The whole way from another tool: the script that is printed, its commands, and the run that takes over the mirrors. */

const R = 'reflector.v1.k8s.emberstack.com';
const M = 'replicator.v1.mittwald.de';

/** The annotations that reflector writes on a mirror. */
const reflected = (source: string): Record<string, string> => ({
  [`${R}/reflects`]: source,
  [`${R}/auto-reflects`]: 'True',
  [`${R}/reflected-version`]: '7',
  [`${R}/reflected-at`]: '2026-01-01T00:00:00.0000000+00:00',
});

/** Runs a script with stand-ins for kubectl and kubed-sync, and returns the words of each kubectl command. */
function kubectlCommands(script: string): readonly (readonly string[])[] {
  const folder = mkdtempSync(join(tmpdir(), 'kubed-sync-migrate-'));
  try {
    const log = join(folder, 'log');
    writeFileSync(log, '');
    const stub = `#!/bin/sh\nfor word in "$@"; do printf '%s\\0' "$word" >> '${log}'; done\nprintf '\\n' >> '${log}'\n`;
    writeFileSync(join(folder, 'kubectl'), stub, { mode: 0o700 });
    writeFileSync(join(folder, 'kubed-sync'), '#!/bin/sh\n', { mode: 0o700 });
    const { status, stderr } = spawnSync('sh', ['-c', script], {
      env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => line.split('\0').slice(0, -1));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Does what `kubectl annotate KIND --namespace NS NAME KEY=VALUE KEY-` does. */
async function annotate(cluster: TestCluster, words: readonly string[]): Promise<void> {
  const [verb, kind, flag, namespace, name, ...changes] = words;
  assert.deepEqual([verb, flag], ['annotate', '--namespace']);
  const annotations = Object.fromEntries(
    changes.map((change): [string, string | null] => {
      const at = change.indexOf('=');
      return at === -1 ? [change.replace(/-$/, ''), null] : [change.slice(0, at), change.slice(at + 1)];
    }),
  );
  await cluster.must(
    'PATCH',
    `/api/v1/namespaces/${namespace}/${kind}s/${name}`,
    { metadata: { annotations } },
    {
      contentType: 'application/merge-patch+json',
      manager: 'kubectl-annotate',
    },
  );
}

/** The options that limit `migrate` to the namespaces of this test. */
function scopeOf(cluster: TestCluster, sources: readonly string[]): readonly string[] {
  const from = sources.flatMap((short) => ['--source-namespace', cluster.ns(short)]);
  return [...from, '--include-namespace', `${cluster.prefix}-*`];
}

async function migrationScript(cluster: TestCluster, tool: string, ...args: string[]): Promise<string> {
  cluster.simulated?.resetRequests();
  const { code, stdout, stderr } = await cluster.run(
    'migrate',
    '--from',
    tool,
    ...scopeOf(cluster, ['src']),
    ...args,
  );
  assert.deepEqual([code, stderr], [0, '']);
  for (const { method, accept } of cluster.simulated?.requests ?? [])
    assert.deepEqual([method, accept], ['GET', 'metadata']);
  return stdout;
}

test('from reflector: turn the annotations, take over the mirrors, and nothing else', async () => {
  await using cluster = await TestCluster.open();
  await cluster.namespace('src');
  for (const name of ['a', 'b', 'c']) await cluster.namespace(name);
  const content = { stringData: { password: 'hunter2' } };
  const names = ['a', 'b', 'c'].map((name) => cluster.ns(name)).join(',');
  const asked = {
    [`${R}/reflection-allowed`]: 'true',
    [`${R}/reflection-auto-enabled`]: 'true',
    [`${R}/reflection-auto-namespaces`]: names,
  };
  await cluster.create('Secret/src/tls', content, { annotations: asked });
  await cluster.create('Secret/src/regex', content, {
    annotations: { ...asked, [`${R}/reflection-auto-namespaces`]: "team-[0-9]+'; kubectl delete ns x; '" },
  });
  const mirrored = { annotations: { ...reflected(`${cluster.ns('src')}/tls`), 'example.com/own': 'stays' } };
  await cluster.create('Secret/a/tls', content, mirrored, { manager: 'reflector' });
  await cluster.create('Secret/b/tls', { stringData: { password: 'old' } }, mirrored, {
    manager: 'reflector',
  });
  await cluster.create('Secret/c/tls', { stringData: { own: 'x' } }, {}, { manager: 'helm' });

  const script = await migrationScript(cluster, 'reflector');
  assert.doesNotMatch(script, /hunter2|aHVudGVy/);
  assert.match(script, new RegExp(`# - Secret ${cluster.ns('c')}/tls`));
  assert.match(script, /take over 2 mirrors/);
  const [scale, ...commands] = kubectlCommands(script);
  assert.deepEqual(scale, [
    'scale',
    'deployment',
    '--namespace',
    'NAMESPACE',
    'reflector',
    '--replicas',
    '0',
  ]);
  assert.equal(commands.length, 1);

  const takeOver = ['--on-conflict', 'adopt-mirrors'];
  const scope = scopeOf(cluster, ['src']);
  await cluster.annotate('Secret/src/tls', { 'kubed.appscode.com/sync': 'x=y' });
  await cluster.annotate('Secret/src/tls', { 'kubed.appscode.com/sync': '' });
  const early = await cluster.reconcileWithin(scope, ...takeOver);
  assert.deepEqual(early.changes, []);
  const refusals = early.report.findings.flatMap(({ adopt }: { adopt?: string }) => (adopt ? [adopt] : []));
  assert.deepEqual(refusals.toSorted(), ['not-a-mirror', 'source-still-mirrored', 'source-still-mirrored']);
  await cluster.annotate('Secret/src/tls', { 'kubed.appscode.com/sync': null });

  for (const command of commands) await annotate(cluster, command);
  const { changes, findings } = await cluster.reconcileWithin(scope, ...takeOver);
  assert.deepEqual(changes, ['update Secret/b/tls adopted done', 'refresh Secret/a/tls adopted done']);
  assert.deepEqual(findings, ['conflict']);
  for (const copy of ['Secret/a/tls', 'Secret/b/tls']) {
    const { metadata, data } = await cluster.get(copy);
    assert.equal(data.password, Buffer.from('hunter2').toString('base64'));
    const keys = Object.keys(metadata.annotations).filter((key) => !key.startsWith('kubed.appscode.com/'));
    assert.deepEqual(keys, ['example.com/own'], copy);
  }
  assert.deepEqual(Object.keys((await cluster.get('Secret/c/tls')).data), ['own']);
  const next = await cluster.reconcileWithin(scope, '--on-conflict', 'skip');
  assert.deepEqual([next.changes, next.code], [[], 0]);
});

test('from replicator: a pulled copy is taken over, and pushed copies are named', async () => {
  await using cluster = await TestCluster.open();
  await cluster.namespace('src');
  await cluster.namespace('pulled', { env: 'prod' });
  await cluster.namespace('pushed', { env: 'prod' });
  const content = { data: { k: 'v' } };
  await cluster.create('ConfigMap/src/omni', content, {
    annotations: { [`${M}/replicate-to-matching`]: 'env=prod', [`${M}/replication-allowed`]: 'true' },
  });
  const marks = {
    [`${M}/replicated-at`]: '2026-01-01T00:00:00Z',
    [`${M}/replicated-from-version`]: '7',
    [`${M}/replicated-keys`]: 'k',
  };
  const from = { [`${M}/replicate-from`]: `${cluster.ns('src')}/omni` };
  await cluster.create('ConfigMap/pulled/omni', content, { annotations: { ...marks, ...from } });
  await cluster.create('ConfigMap/pushed/omni', content, { annotations: marks });
  const script = await migrationScript(cluster, 'replicator');
  assert.match(script, /take over 1 mirror\./);
  assert.match(script, /take over 1 copy that replicator pushed/);
  const [, ...commands] = kubectlCommands(script);
  for (const command of commands) await annotate(cluster, command);
  const scope = scopeOf(cluster, ['src']);
  const mirrors = await cluster.reconcileWithin(scope, '--on-conflict', 'adopt-mirrors');
  assert.deepEqual(mirrors.changes, ['refresh ConfigMap/pulled/omni adopted done']);
  const rest = await cluster.reconcileWithin(scope, '--on-conflict', 'adopt');
  assert.deepEqual([rest.changes, rest.code], [['refresh ConfigMap/pushed/omni adopted done'], 0]);
});
