import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finalizePlan } from '../../src/plan/finalize.ts';
import { ORIGIN, SYNC, originLabels, writeOrigin } from '../../src/plan/annotations/markers.ts';
import type { Body, Namespace, StringMap } from '../../src/model/objects.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Settings } from '../../src/model/settings.ts';
import { draftPlan } from '../../src/plan/draft.ts';
import { type ReadPlan, planReads } from '../../src/plan/read-plan.ts';
import { keyOf } from '../../src/model/keys.ts';
import { scopeOf } from '../../src/plan/scope.ts';
import { fnv1a, isNeededBy, isReported, mix, shardOf } from '../../src/plan/shard.ts';
import { answersOf, entryOf, planOf, settingsWith, snapshotOf, worldOf } from '../support/world.ts';

/* The shard of a namespace is a contract for ever: none of these numbers may change. */

const FNV: Readonly<Record<string, number>> = {
  '': 0x811c9dc5,
  a: 0xe40c292c,
  b: 0xe70c2de5,
  f: 0xe30c2799,
  fo: 0x6222e842,
  foo: 0xa9f37ed7,
  foob: 0x3f5076ef,
  fooba: 0x39aaa18a,
  foobar: 0xbf9cf968,
};

test('FNV-1a with 32 bits gives the values of its authors', () => {
  for (const [text, hash] of Object.entries(FNV)) assert.equal(fnv1a(text), hash, text);
});

test('FNV-1a hashes the bytes of UTF-8', () => assert.equal(fnv1a('ä'), 0x199de0e2));

test('the finalizer of MurmurHash3 gives its hashes of empty input with the seeds 0, 1 and 0xffffffff', () => {
  assert.deepEqual([0, 1, 0xffffffff].map(mix), [0, 0x514e28b7, 0x81f16f39]);
});

const PINNED: Readonly<Record<string, readonly number[]>> = {
  default: [0, 2, 2, 652],
  'kube-system': [1, 2, 1, 651],
  'team-a': [0, 2, 4, 224],
  'team-b': [1, 1, 5, 185],
  demo: [1, 2, 5, 345],
  x: [0, 0, 4, 484],
};

test('the shard of a namespace, of 2, 3, 10 and 1000, never changes', () => {
  for (const [name, falls] of Object.entries(PINNED))
    assert.deepEqual(
      [2, 3, 10, 1000].map((count) => shardOf(name, count)),
      falls,
      name,
    );
});

const MANY = 10_000;

/** Names as people and machines give them. */
const NAMES: Readonly<Record<string, (each: number) => string>> = {
  numbered: (each) => `team-${each}`,
  padded: (each) => `ns-${String(each).padStart(5, '0')}`,
  'numbered twice': (each) => `t-${each}-${each}`,
  'by stage': (each) => `app${each >> 2}-${['dev', 'test', 'stage', 'prod'][each & 3]}`,
  'by pull request': (each) => `preview-pr-${each * 7}-web`,
  hexadecimal: (each) => `p-${((each * 2_654_435_761) >>> 0).toString(16)}`,
};

for (const [how, nameOf] of Object.entries(NAMES)) {
  test(`names ${how} are spread evenly over shards`, () => {
    const names = Array.from({ length: MANY }, (_, each) => nameOf(each));
    for (const count of [2, 3, 4, 5, 7, 8, 10, 16, 32, 64, 100]) {
      const filled = Array.from({ length: count }, () => 0);
      for (const name of names) filled[shardOf(name, count)] = (filled[shardOf(name, count)] ?? 0) + 1;
      const expected = MANY / count;
      const square = filled.reduce((sum, many) => sum + (many - expected) ** 2 / expected, 0);
      // Chi-square has the mean n and the variance 2n. Chance almost never exceeds five deviations.
      const freedom = count - 1;
      assert.ok(square < freedom + 5 * Math.sqrt(2 * freedom), `${count} shards: ${square}`);
    }
  });
}

/* `b` and `d` are in shard 0 of 2; `a`, `c` and `kube-system` in shard 1. */

const IN_0 = settingsWith({ shard: { index: 0, count: 2 } });
const IN_1 = settingsWith({ shard: { index: 1, count: 2 } });

function namespaces(...labelled: readonly (readonly [string, StringMap])[]): readonly Namespace[] {
  return labelled.map(([name, labels]) => ({ name, labels, annotations: {}, terminating: false }));
}

function object(namespace: string, annotations: StringMap = {}, more: Partial<Body> = {}): Body {
  return {
    kind: 'Secret',
    namespace,
    name: 'omni',
    uid: `uid-${namespace}`,
    resourceVersion: '1',
    labels: {},
    annotations,
    creationTimestamp: '2026-01-01T00:00:00Z',
    managedFields: [],
    content: { data: {}, binaryData: {}, immutable: false, type: 'Opaque' },
    ...more,
  };
}

function copyOf(source: Body, namespace: string, labels: StringMap = {}): Body {
  const marks = { ...originLabels(source, settingsWith()), 'app.kubernetes.io/managed-by': 'kubed-sync' };
  const managedFields = [entryOf('kubed-sync', [])];
  return object(
    namespace,
    { [ORIGIN]: writeOrigin(source) },
    { labels: { ...marks, ...labels }, managedFields },
  );
}

function hasFinding({ findings }: Plan, reason: Finding['reason']): boolean {
  return findings.some((finding) => finding.reason === reason);
}

function changesOf({ changes }: Plan): readonly string[] {
  return changes.map(({ action, namespace }) => `${action} ${namespace}`);
}

test('the namespaces of these tests are in the expected shards', () => {
  assert.deepEqual(
    ['a', 'b', 'c', 'd', 'kube-system'].map((name) => shardOf(name, 2)),
    [1, 0, 1, 0, 1],
  );
});

function isKept(settings: Settings, meta: Body): boolean {
  return isNeededBy(scopeOf(settings))(meta);
}

test('a shard drops the plain copies of other shards, and nothing else', () => {
  const copy = copyOf(object('b'), 'a');
  assert.equal(isKept(IN_0, copy), false);
  assert.equal(isKept(IN_1, copy), true, 'it is in the shard');
  assert.equal(isKept(settingsWith(), copy), true, 'there are no shards');
  assert.equal(isKept(IN_0, object('a')), true, 'it may be an origin without an annotation');
  assert.equal(isKept(IN_0, object('a', { [SYNC]: 'env in (' })), true, 'it is a source');
  assert.equal(
    isKept(IN_0, { ...copy, annotations: { ...copy.annotations, [SYNC]: '' } }),
    true,
    'it pretends',
  );
  assert.equal(isKept(IN_0, { ...copy, annotations: {} }), true, 'its marks disagree');
  assert.equal(isKept({ ...IN_0, clusterName: 'unicorn' }, copy), true, 'it belongs to another cluster name');
});

test('a copy of a copy in another shard is pruned as in one run, because no source ever had that name', () => {
  const middle = copyOf(object('kube-system'), 'a');
  const world = worldOf(namespaces(['a', {}], ['b', {}]), [middle, copyOf(middle, 'b')]);
  for (const keeps of [() => true, isNeededBy(scopeOf(IN_0))]) {
    const { namespaces: listed, objects } = snapshotOf(world, IN_0);
    const drafted = draftPlan({ namespaces: listed, objects: objects.filter(keeps) }, scopeOf(IN_0));
    const { changes, findings } = finalizePlan(drafted, answersOf(world, drafted));
    assert.deepEqual(
      changes.map((change) => [change.action, change.namespace, change.reason]),
      [['prune', 'b', 'source-gone']],
    );
    assert.deepEqual(
      findings.map(({ reason }) => reason),
      ['any-namespace-is-a-source'],
    );
  }
});

const AT_A = { kind: 'Secret', namespace: 'a', name: 'omni' } as const;
const ORIGIN_IN_D = { namespace: 'd', name: 'omni' };
const BAD = { at: 0, problem: { code: 'bad-key', key: '!' } } as const;
const FIRST = [0];
/** The shard of `a`. */
const ITS_OWN = [1];
const EACH = [0, 1];

/** Which of two shards report a finding. */
const REPORTERS: readonly (readonly [Finding, readonly number[]])[] = [
  [{ reason: 'invalid-selector', ...AT_A, selector: '!', problem: BAD }, FIRST],
  [{ reason: 'suspicious-selector', ...AT_A, selector: 'no', why: 'boolean' }, FIRST],
  [{ reason: 'unknown-key', ...AT_A, keys: [{ part: 'annotation', key: 'kubed.appscode.com/x' }] }, ITS_OWN],
  [
    { reason: 'suspicious-key', kind: 'Secret', part: 'label', key: SYNC, objects: [{ namespace: 'a' }] },
    EACH,
  ],
  [{ reason: 'suspicious-ignore', value: 'yes', namespaces: ['a'] }, EACH],
  [{ reason: 'source-not-copyable', ...AT_A, why: { code: 'type', type: 'x' } }, FIRST],
  [{ reason: 'no-namespace-selected', ...AT_A, selector: 'x' }, FIRST],
  [{ reason: 'no-remote-kubeconfig', ...AT_A, contexts: 'x' }, FIRST],
  [{ reason: 'pushed-by-other-cluster', clusterUid: 'x', copies: 1 }, EACH],
  [{ reason: 'any-namespace-is-a-source' }, FIRST],
  [{ reason: 'waiting-to-be-pruned', copies: 1, first: 'x', last: 'x' }, EACH],
  [{ reason: 'conflict', ...AT_A, origin: ORIGIN_IN_D, skipped: false }, ITS_OWN],
  [{ reason: 'own-source-there', ...AT_A, origins: [ORIGIN_IN_D] }, ITS_OWN],
  [{ reason: 'being-deleted', ...AT_A, origin: ORIGIN_IN_D }, ITS_OWN],
  [{ reason: 'orphan', ...AT_A, origin: ORIGIN_IN_D, why: 'unwanted' }, ITS_OWN],
  [{ reason: 'copy-with-sync-annotation', ...AT_A, origin: ORIGIN_IN_D }, ITS_OWN],
  [{ reason: 'marks-disagree', namespace: 'a', objects: [AT_A] }, ITS_OWN],
  [{ reason: 'namespace-not-found', namespace: 'a' }, ITS_OWN],
  [{ reason: 'contested', ...AT_A, currentOwner: ORIGIN_IN_D, namespaces: ['b'] }, EACH],
  [{ reason: 'out-of-scope', copies: 1 }, EACH],
  [{ reason: 'internal-error', ...AT_A }, EACH],
  [{ reason: 'other-cluster-name', clusterName: 'x', copies: 1, nearlyAll: false }, EACH],
  [{ reason: 'source-changed', ...AT_A, how: 'gone' }, EACH],
  [{ reason: 'changed-by-admission', ...AT_A, fields: [] }, EACH],
  [{ reason: 'prune-withheld', deletes: 2, limit: 1, maxPrune: { count: 1 } }, EACH],
];

for (const [finding, reporters] of REPORTERS) {
  test(`of two shards ${reporters.join(' and ')} may report ${finding.reason} at a`, () => {
    const isReportedIn = (settings: Settings): boolean => isReported(finding, scopeOf(settings));
    assert.deepEqual(
      [IN_0, IN_1].flatMap((settings, index) => (isReportedIn(settings) ? [index] : [])),
      reporters,
    );
    assert.equal(isReportedIn(settingsWith()), true, 'without shards');
  });
}

test('a source with bad content is reported by each shard that has to read it', () => {
  const type = 'kubernetes.io/service-account-token';
  const content = { data: {}, binaryData: {}, immutable: false, type };
  const source = object('kube-system', { [SYNC]: 'env=prod' }, { content });
  const there = namespaces(['a', { env: 'prod' }], ['b', {}], ['kube-system', {}]);
  const world = worldOf(there, [source, copyOf(source, 'b')]);
  for (const settings of [settingsWith(), IN_0, IN_1]) {
    const plan = planOf(world, settings);
    assert.deepEqual(changesOf(plan), []);
    assert.ok(hasFinding(plan, 'source-not-copyable'));
  }
});

test('only shard 0 reports what the lists show of a source, wherever its copies are', () => {
  const there = namespaces(['a', {}], ['b', {}], ['kube-system', {}]);
  const invalid = object('kube-system', { [SYNC]: 'env in (' });
  const uncopyable = object('kube-system', { [SYNC]: '' }, { labels: { x: '-' } });
  const reporters = (reason: Finding['reason'], ...objects: readonly Body[]): readonly boolean[] =>
    [IN_0, IN_1].map((settings) => hasFinding(planOf(worldOf(there, objects), settings), reason));
  for (const target of ['a', 'b']) {
    assert.deepEqual(reporters('invalid-selector', invalid, copyOf(invalid, target)), [true, false]);
    assert.deepEqual(reporters('source-not-copyable', uncopyable, copyOf(uncopyable, target)), [true, false]);
  }
});

test('bodies are read namespace by namespace, so that a shard reads only its own', () => {
  const source = object('kube-system', { [SYNC]: '' });
  const there = namespaces(['a', {}], ['b', {}], ['c', {}], ['d', {}], ['kube-system', {}]);
  const world = worldOf(there, [source, ...['a', 'b', 'c', 'd'].map((target) => copyOf(source, target))]);
  const reads = (settings: Settings): ReadPlan =>
    planReads(draftPlan(snapshotOf(world, settings), scopeOf(settings)));
  const verified = reads({ ...IN_0, verify: true });
  assert.deepEqual(
    verified.lists.map(({ kind, namespace }) => `${kind} ${namespace}`),
    ['Secret b', 'Secret d'],
  );
  const compared = reads(IN_0);
  assert.deepEqual([compared.lists, compared.copies.map(keyOf)], [[], ['Secret/b/omni', 'Secret/d/omni']]);
  assert.equal(reads(settingsWith()).lists.length, 1);
});

test('nothing is reported about a namespace of another shard, and its copies are not out of scope', () => {
  const source = object('kube-system', { [SYNC]: '' });
  const outside = settingsWith({ excludeNamespaces: ['b'] });
  const world = worldOf(namespaces(['a', {}], ['b', {}], ['kube-system', {}]), [source, copyOf(source, 'b')]);
  const findings = (settings: Settings): readonly string[] =>
    planOf(world, { ...outside, ...settings, excludeNamespaces: ['b'] }).findings.map(({ reason }) => reason);
  assert.deepEqual(findings(outside), ['any-namespace-is-a-source', 'out-of-scope']);
  assert.deepEqual(findings(IN_0), ['any-namespace-is-a-source', 'out-of-scope']);
  assert.deepEqual(findings(IN_1), []);
});
