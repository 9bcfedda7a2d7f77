import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { TestCluster } from '../support/cluster.ts';
import { type Policy, type RejectionMessage, rejectWrites, text } from '../support/policies.ts';

/*
 * No value of a Secret appears in any output, for any change and any verbosity: not as text, not in base64, not line by
 * line, not in an error message of the API server.
 */

/** Values that are easy to find and easy to leak: quoted, in several lines, numeric, part of one another. */
const VALUES: Readonly<Record<string, string>> = {
  word: 'Zq7-open-sesame',
  longer: 'Zq7-open-sesame-and-more',
  quoted: 'say "Zq7-quoted" \\ \t twice',
  lines: 'first Zq7-line\nsecond Zq7-line\n',
  json: '{"auths":{"registry":{"password":"Zq7-registry"}}}',
  pin: '90210417',
};

const ENCODED = Object.fromEntries(
  Object.entries(VALUES).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
);

/** All forms of the values that must not appear. */
const NEEDLES: readonly string[] = [
  ...Object.values(VALUES),
  ...Object.values(ENCODED),
  ...Object.values(VALUES).flatMap((value) => [value.trim(), JSON.stringify(value).slice(1, -1)]),
  'Zq7-',
  Buffer.from('Zq7-').toString('base64').slice(0, 5),
];

/** Every format and every verbosity. */
const RUNS: readonly (readonly string[])[] = [
  ['-o', 'text'],
  ['-o', 'text', '-v'],
  ['-o', 'text', '-q'],
  ['-o', 'text', '-v', '--dry-run'],
  ['-o', 'json', '-v'],
  ['-o', 'yaml', '--dry-run'],
  ['-o', 'yaml'],
  ['--log-format', 'json', '-v'],
  ['--log-format', 'json', '-o', 'text', '-q'],
];

/** Runs in every way, does something before each run, and checks all of the output. */
async function isSilent(
  cluster: TestCluster,
  before: () => Promise<unknown>,
  ...args: readonly string[]
): Promise<void> {
  for (const run of RUNS) {
    await before();
    const folder = await mkdtemp(join(tmpdir(), 'kubed-sync-silent-'));
    const files = ['metrics.prom', 'termination'].map((name) => join(folder, name));
    const left = ['--metrics-file', files[0] ?? '', '--termination-message', files[1] ?? '', '--events'];
    const { stdout, stderr } = await cluster.run('reconcile', ...cluster.own, ...run, ...left, ...args);
    const events = await cluster.must('GET', `/api/v1/namespaces/${cluster.ns('src')}/events`);
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    await rm(folder, { recursive: true });
    const all = [stdout, stderr, ...texts, JSON.stringify(events)].join('\n');
    for (const needle of NEEDLES) assert.ok(!all.includes(needle), `${needle} in ${run.join(' ')}:\n${all}`);
  }
}

async function prepare(cluster: TestCluster): Promise<void> {
  await cluster.namespace('src');
  await cluster.namespace('a');
  await cluster.source('Secret/src/login', { data: ENCODED });
}

test('the output for an edited copy has no value', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await cluster.reconcile();
  const edit = { word: ENCODED['longer'], pin: null, more: ENCODED['word'] };
  await isSilent(cluster, () => cluster.merge('Secret/a/login', { data: edit }));
  await isSilent(cluster, () => cluster.merge('Secret/a/login', { data: edit }), '--verify');
});

test('the output for a copy that is missing, replaced or pruned has no value', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await isSilent(cluster, () => cluster.send('DELETE', cluster.path('Secret/a/login')));
  await isSilent(cluster, () => cluster.merge('Secret/a/login', { immutable: true }).catch(() => undefined));
  await cluster.reconcile();
  await cluster.delete('Secret/src/login');
  await isSilent(cluster, async () => undefined);
});

test('the annotation of kubectl on a Secret is not copied, and its value is in no output', async () => {
  await using cluster = await TestCluster.open();
  await cluster.namespace('src');
  await cluster.namespace('a');
  const applied = JSON.stringify({ kind: 'Secret', data: ENCODED });
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': applied };
  await cluster.source('Secret/src/login', { data: ENCODED }, '', { annotations });
  await isSilent(cluster, async () => undefined);
  const { metadata } = await cluster.get('Secret/a/login');
  assert.ok(!JSON.stringify(metadata).includes(ENCODED['word'] ?? '-'));
});

/** A rejection as admission webhooks word it: they may quote what they reject, in every form. */
function quoting(value: string): string {
  const plain = Buffer.from(value, 'base64').toString();
  return `${value} is ${plain}, that is ${JSON.stringify(plain)}; line 1: ${plain.split('\n').at(0)}`;
}

/** Quotes every value. A policy cannot decode base64. */
const QUOTING: RejectionMessage = {
  of: (object) =>
    Object.values(object?.data ?? {})
      .map(quoting)
      .join('; '),
  cel: 'object.data.map(key, key + " is " + object.data[key]).join("; ")',
};

test('the output for a rejection that quotes the values has no value', async () => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  await using _ = await rejectWrites(cluster, { namespaces: ['a'], message: QUOTING });
  await isSilent(cluster, async () => undefined);
  const { report, code } = await cluster.reconcile();
  assert.deepEqual([code, report.changes[0].outcome], [1, 'failed']);
  assert.match(
    report.changes[0].message,
    /with binding '[-\w]+' denied request; the rest of the message is withheld/u,
  );
  const shown = await cluster.reconcile('--dry-run=server', '--show-server-messages');
  assert.ok(shown.report.changes[0].message.includes(ENCODED['longer']), 'the policy quotes the values');
});

test('the output for answers that break off within a value has no value', async (context) => {
  await using cluster = await TestCluster.open();
  const { simulated } = cluster;
  if (simulated === undefined) return context.skip('a real server does not break off its answers');
  await prepare(cluster);
  const broken = async (): Promise<void> => {
    await cluster.send('DELETE', cluster.path('Secret/a/login'));
    simulated.clearRules();
    simulated.failNext({ verb: 'get', resource: 'secrets' }, 'half-body');
    simulated.failNext({ verb: 'get', resource: 'secrets' }, 'truncated-json');
    simulated.failNext({ verb: 'create', resource: 'secrets' }, 'truncated-json');
  };
  await isSilent(cluster, broken);
});

/** Rejections that quote more than the source has, or in another form. */
const QUOTES: Readonly<Record<string, (cluster: TestCluster) => Promise<Policy>>> = {
  'a rejected patch that quotes the old content of the copy': async (cluster) => {
    await cluster.merge('Secret/src/login', { data: { word: Buffer.from('harmless').toString('base64') } });
    return rejects(cluster, `${VALUES['word']} and ${ENCODED['word']} may not change`);
  },
  'a rejected delete that quotes the object': async (cluster) => {
    await cluster.delete('Secret/src/login');
    return rejects(cluster, `${VALUES['word']} and ${ENCODED['word']} must stay`);
  },
  'a rejection that quotes a part of a value in other words': async (cluster) => {
    await cluster.merge('Secret/src/login', { data: { more: ENCODED['word'] } });
    return rejects(cluster, 'connection string postgres://app:Zq7-@db must use TLS');
  },
  'a rejection that quotes as Go does': async (cluster) => {
    const go = Buffer.from('<Zq7-go&escaped>').toString('base64');
    await cluster.merge('Secret/src/login', { data: { go } });
    return rejects(cluster, 'bad: \\u003cZq7-go\\u0026escaped\\u003e');
  },
};

function rejects(cluster: TestCluster, message: string): Promise<Policy> {
  return rejectWrites(cluster, { namespaces: ['a'], message: text(message), deletes: true });
}

for (const [what, act] of Object.entries(QUOTES))
  test(what, async () => {
    await using cluster = await TestCluster.open();
    await prepare(cluster);
    await cluster.reconcile();
    await using _ = await act(cluster);
    await isSilent(cluster, async () => undefined);
    const { report, code } = await cluster.reconcile();
    assert.deepEqual([code, report.changes[0].outcome], [1, 'failed']);
  });
