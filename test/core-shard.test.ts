import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ORIGIN, SYNC, originLabels, writeOrigin } from '../src/core/marks.ts';
import type { Body, Finding, Namespace, Plan, Settings, StringMap } from '../src/core/model.ts';
import { keyOf } from '../src/core/records.ts';
import { rulesOf } from '../src/core/rules.ts';
import { fnv1a, isNeeded, mix, shardOf, unseenOrigins } from '../src/core/shard.ts';
import { planOf, settingsWith, snapshotOf, worldOf } from './support/world.ts';

/* Which namespace falls to which shard is a contract for ever: none of these numbers may change. */

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

test('FNV-1a, 32 bits: the vectors of its authors', () => {
  for (const [text, hash] of Object.entries(FNV)) assert.equal(fnv1a(text), hash, text);
});

test('FNV-1a goes over the bytes of UTF-8', () => assert.equal(fnv1a('ä'), 0x199de0e2));

test('the finalizer of MurmurHash3: its hashes of nothing with the seeds 0, 1 and 0xffffffff', () => {
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

test('which shard of 2, 3, 10 and 1000 a namespace falls to, for ever', () => {
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
  test(`names ${how} spread evenly over shards`, () => {
    const names = Array.from({ length: MANY }, (_, each) => nameOf(each));
    for (const count of [2, 3, 4, 5, 7, 8, 10, 16, 32, 64, 100]) {
      const filled = Array.from({ length: count }, () => 0);
      for (const name of names) filled[shardOf(name, count)] = (filled[shardOf(name, count)] ?? 0) + 1;
      const expected = MANY / count;
      const square = filled.reduce((sum, many) => sum + (many - expected) ** 2 / expected, 0);
      // Chi-square has the mean n and the variance 2n, so that chance goes beyond five deviations hardly ever.
      const freedom = count - 1;
      assert.ok(square < freedom + 5 * Math.sqrt(2 * freedom), `${count} shards: ${square}`);
    }
  });
}

/* `b` and `d` fall to shard 0 of 2; `a`, `c` and `kube-system` to shard 1. */

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
  return object(namespace, { [ORIGIN]: writeOrigin(source) }, { labels: { ...marks, ...labels } });
}

function told({ findings }: Plan, reason: Finding['reason']): boolean {
  return findings.some((finding) => finding.reason === reason);
}

function changesOf({ changes }: Plan): readonly string[] {
  return changes.map(({ action, namespace }) => `${action} ${namespace}`);
}

test('the namespaces of these tests', () => {
  assert.deepEqual(
    ['a', 'b', 'c', 'd', 'kube-system'].map((name) => shardOf(name, 2)),
    [1, 0, 1, 0, 1],
  );
});

test('what a shard needs of the lists: its own namespaces, and whatever is annotated', () => {
  const rules = rulesOf(IN_0);
  assert.equal(isNeeded(object('b'), rules), true);
  assert.equal(isNeeded(object('a'), rules), false);
  assert.equal(isNeeded(object('a', { [SYNC]: 'env in (' }), rules), true);
  assert.equal(isNeeded(object('a'), rulesOf(settingsWith())), true);
});

function unseen(settings: Settings, ...objects: readonly Body[]): readonly string[] {
  const world = worldOf(namespaces(['a', {}], ['b', {}]), objects);
  return unseenOrigins(snapshotOf(world, settings), rulesOf(settings)).map(keyOf);
}

test('origins that a shard did not see are in other shards, and no source', () => {
  const copy = copyOf(object('a'), 'b');
  assert.deepEqual(unseen(IN_0, copy), ['Secret/a/omni']);
  assert.deepEqual(unseen(IN_0, copy, copyOf(object('a'), 'd')), ['Secret/a/omni'], 'asked for once');
  assert.deepEqual(unseen(IN_0, copy, object('a', { [SYNC]: '' })), [], 'it was seen');
  assert.deepEqual(unseen(IN_1, copy), [], 'the copy is not of this shard');
  assert.deepEqual(unseen({ ...IN_0, excludeNamespaces: ['b'] }, copy), [], 'the copy is not in scope');
  assert.deepEqual(unseen(IN_0, copyOf(object('d'), 'b')), [], 'everything in d was seen');
  assert.deepEqual(unseen(settingsWith(), copy), [], 'without shards everything was');
});

test('a release of Helm is not looked for, since no list shows one', () => {
  const name = 'sh.helm.release.v1.omni.v1';
  const source = object('a', {}, { name });
  assert.deepEqual(unseen(IN_0, { ...copyOf(source, 'b'), name }), []);
});

test('whether a source keeps its copies does not depend on which shard has to read it', () => {
  const type = 'kubernetes.io/service-account-token';
  const content = { data: {}, binaryData: {}, immutable: false, type };
  const source = object('kube-system', { [SYNC]: 'env=prod' }, { content });
  const there = namespaces(['a', { env: 'prod' }], ['b', {}], ['kube-system', {}]);
  const world = worldOf(there, [source, copyOf(source, 'b')]);
  for (const settings of [settingsWith(), IN_0, IN_1]) {
    const plan = planOf(world, settings);
    assert.deepEqual(changesOf(plan), []);
    assert.ok(told(plan, 'source-not-copyable'));
  }
});

test('a source that cannot be copied is told of where a copy is asked for, and where it lives', () => {
  const source = object('kube-system', { [SYNC]: 'env=prod' }, { labels: { x: '-' } });
  const asked = (labels: StringMap): readonly boolean[] =>
    [IN_0, IN_1].map((settings) =>
      told(
        planOf(worldOf(namespaces(['b', labels], ['kube-system', {}]), [source]), settings),
        'source-not-copyable',
      ),
    );
  assert.deepEqual(asked({ env: 'prod' }), [true, true]);
  assert.deepEqual(asked({}), [false, true]);
});

test('a broken selector is told of where its source lives, and where copies stay because of it', () => {
  const source = object('kube-system', { [SYNC]: 'env in (' });
  const there = namespaces(['a', {}], ['b', {}], ['kube-system', {}]);
  const plans = (...objects: readonly Body[]): readonly boolean[] =>
    [IN_0, IN_1].map((settings) => told(planOf(worldOf(there, objects), settings), 'invalid-selector'));
  assert.deepEqual(plans(source), [false, true]);
  assert.deepEqual(plans(source, copyOf(source, 'b')), [true, true]);
});

test('of a namespace of another shard nothing is told', () => {
  const source = object('kube-system', { [SYNC]: '' });
  const outside = settingsWith({ excludeNamespaces: ['b'] });
  const world = worldOf(namespaces(['a', {}], ['b', {}], ['kube-system', {}]), [source, copyOf(source, 'b')]);
  const findings = (settings: Settings): readonly string[] =>
    planOf(world, { ...outside, ...settings, excludeNamespaces: ['b'] }).findings.map(({ reason }) => reason);
  assert.deepEqual(findings(outside), ['any-namespace-is-a-source', 'out-of-scope']);
  assert.deepEqual(findings(IN_0), ['any-namespace-is-a-source', 'out-of-scope']);
  assert.deepEqual(findings(IN_1), []);
});
