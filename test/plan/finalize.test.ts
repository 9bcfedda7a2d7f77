import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ReadObjects, decidePending, finalizePlan } from '../../src/plan/finalize.ts';
import { buildIndex } from '../../src/plan/object-index.ts';
import type { Body } from '../../src/model/objects.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Settings } from '../../src/model/settings.ts';
import { draftPlan } from '../../src/plan/draft.ts';
import { planPurge } from '../../src/plan/purge.ts';
import { classify } from '../../src/plan/classify.ts';
import { pageSize, planReads } from '../../src/plan/read-plan.ts';
import { keyFrom, keyOf } from '../../src/model/keys.ts';
import { scopeOf } from '../../src/plan/scope.ts';
import { changed, configMap, copyOf, namespace, oldCopyOf, secret } from '../support/build.ts';
import { answersOf, planOf, settingsWith, snapshotOf, worldOf } from '../support/world.ts';

/* What a run reads between the lists and the plan, and what happens if an object is not as listed. */

const NAMESPACES = [namespace('demo'), namespace('a'), namespace('b')];
const omni = configMap('demo/omni', { sync: '', data: { you: 'only' } });
const SCOPE = { sourceNamespaces: ['demo'] };

function lines({ changes, findings }: Plan): string[] {
  const reported = findings.map((finding) =>
    `${finding.reason} ${'how' in finding ? finding.how : ''}`.trim(),
  );
  return [...changes.map(({ action, namespace: at }) => `${action} ${at}`), ...reported];
}

/** The plan of a world in which something changed before it was read. */
function planAfter(objects: readonly Body[], change: (answers: ReadObjects) => Partial<ReadObjects>): Plan {
  const world = worldOf(NAMESPACES, objects);
  const settings = settingsWith(SCOPE);
  const drafted = draftPlan(snapshotOf(world, settings), scopeOf(settings));
  const answers = answersOf(world, drafted);
  return finalizePlan(drafted, { ...answers, ...change(answers) });
}

test('a copy whose source changed after the list is not decided on', () => {
  const there = changed(copyOf(omni, 'a'), { managedFields: [] });
  const settings = settingsWith(SCOPE);
  const draft = draftPlan(snapshotOf(worldOf(NAMESPACES, [omni, there]), settings), scopeOf(settings));
  const pending = draft.pending.find(({ key }) => key === keyOf(there));
  assert.ok(pending !== undefined);
  const decide = (source: Body | undefined, copy: Body | undefined): string | undefined =>
    decidePending(pending, source, copy, draft)?.result;
  assert.equal(decide(omni, there), 'change');
  assert.equal(decide({ ...omni, uid: 'other' }, there), undefined);
  assert.equal(decide(undefined, there), undefined);
  assert.equal(decide(omni, undefined), undefined);
});

describe('a source that differs from the list', () => {
  const key = keyOf(omni);
  const stale = changed(copyOf(omni, 'a'), { data: { you: 'EDIT' }, managedFields: [] });
  const rows: readonly (readonly [name: string, now: Body | undefined, plan: readonly string[]])[] = [
    ['the same', omni, ['create b', 'update a']],
    [
      'changed content: the body that was read is written',
      { ...omni, resourceVersion: '2' },
      ['create b', 'update a'],
    ],
    ['gone', undefined, ['source-changed gone']],
    ['recreated', { ...omni, uid: 'other' }, ['source-changed replaced']],
    [
      'annotated otherwise',
      { ...omni, annotations: { 'kubed.appscode.com/sync': 'x=y' } },
      ['source-changed annotation-changed'],
    ],
    ['being deleted: nothing new', { ...omni, deletionTimestamp: '2026-01-03T00:00:00Z' }, ['update a']],
  ];
  for (const [name, now, plan] of rows) {
    test(name, () => {
      const sources = new Map([[key, now]]);
      const waits = now === undefined || plan[0]?.startsWith('source') === true;
      const after = planAfter([omni, stale], ({ decisions }) => ({
        sources,
        decisions: waits ? new Map() : decisions,
      }));
      assert.deepEqual(lines(after), plan);
    });
  }
});

describe('an origin is read before a copy leaves it', () => {
  const plain = configMap('demo/omni');
  const copied = copyOf(configMap('b/omni'), 'demo');
  const key = keyOf(plain);
  const rows: readonly (readonly [
    name: string,
    listed: readonly Body[],
    now: Body | undefined,
    plan: readonly string[],
  ])[] = [
    ['gone from the list and when read', [], undefined, ['prune a']],
    ['gone from the list, present when read', [], omni, ['source-changed appeared']],
    ['gone from the list, present without the annotation when read', [], plain, ['source-changed appeared']],
    ['gone from the list, a copy of another source when read', [], copied, ['prune a']],
    [
      'gone from the list, a copy with a sync annotation when read',
      [],
      { ...copied, annotations: { ...copied.annotations, ...omni.annotations } },
      ['source-changed appeared'],
    ],
    ['not annotated, also when read', [plain], plain, ['prune a']],
    [
      'annotated when read',
      [plain],
      { ...plain, annotations: { 'kubed.appscode.com/sync': '' } },
      ['source-changed annotation-changed'],
    ],
    ['deleted meanwhile', [plain], undefined, ['prune a']],
    ['recreated', [plain], { ...plain, uid: 'other' }, ['source-changed replaced']],
  ];
  for (const [name, listed, now, plan] of rows) {
    test(name, () => {
      const after = planAfter([...listed, copyOf(omni, 'a')], () => ({ origins: new Map([[key, now]]) }));
      assert.deepEqual(lines(after), plan);
    });
  }
});

test('a copy that is gone when it is read is created again', () => {
  const edited = changed(copyOf(omni, 'a'), { managedFields: [] });
  const plan = planAfter([omni, edited, copyOf(omni, 'b')], () => ({ decisions: new Map() }));
  assert.deepEqual(lines(plan), ['create a']);
});

test('a copy that got another origin meanwhile waits for the next run', () => {
  const edited = changed(copyOf(omni, 'a'), { managedFields: [] });
  const later = new Map([[keyFrom('ConfigMap', 'a', 'omni'), { result: 'later' } as const]]);
  assert.deepEqual(lines(planAfter([omni, edited, copyOf(omni, 'b')], () => ({ decisions: later }))), []);
});

test('a selector for the source and namespaces outside the scope read nothing', () => {
  const contexts = configMap('other/omni', { annotations: { 'kubed.appscode.com/sync-contexts': 'c' } });
  assert.deepEqual(lines(planOf(worldOf(NAMESPACES, [contexts]), settingsWith(SCOPE))), []);
});

describe('a run reads', () => {
  const many = Array.from({ length: 40 }, (_, index) => namespace(`n${index}`));
  const reads = (stale: number, settings: Partial<Settings> = {}): ReturnType<typeof planReads> => {
    const copies = many.map(({ name }, index) =>
      index < stale ? changed(copyOf(omni, name), { managedFields: [] }) : copyOf(omni, name),
    );
    const rules = scopeOf(settingsWith({ ...SCOPE, ...settings }));
    return planReads(
      draftPlan(snapshotOf(worldOf([...many, namespace('demo')], [omni, ...copies]), rules), rules),
    );
  };
  test('nothing in a quiet cluster', () =>
    assert.deepEqual(reads(0), { sources: [], origins: [], lists: [], copies: [] }));
  test('one copy with its source', () => {
    const { sources, lists, copies } = reads(1);
    assert.deepEqual([sources.length, lists.length, copies.length], [1, 0, 1]);
  });
  test('a few of many copies one by one', () =>
    assert.deepEqual([reads(4).lists.length, reads(4).copies.length], [0, 4]));
  test('more copies with one list of the source', () => {
    const { lists, copies } = reads(5);
    assert.deepEqual(copies, []);
    assert.deepEqual(
      lists.map(({ labelSelector }) => labelSelector),
      [
        'kubed.appscode.com/origin.name=omni,kubed.appscode.com/origin.namespace=demo,kubed.appscode.com/origin.cluster=',
      ],
    );
  });
  test('with --verify one list for each kind', () => {
    const { lists, copies } = reads(0, { verify: true });
    assert.deepEqual([lists.map(({ kind }) => kind), copies], [['ConfigMap'], []]);
  });
  test('copies in named namespaces one by one, since a list of one namespace shows no more', () => {
    const { lists, copies } = reads(40, { namespaces: ['demo', 'n1', 'n7', 'n8'] });
    assert.deepEqual([lists, copies.map(({ namespace: at }) => at)], [[], ['n1', 'n7', 'n8']]);
  });
  test('with --verify in named namespaces one list for each kind and namespace with copies', () => {
    const { lists, copies } = reads(0, { verify: true, namespaces: ['demo', 'n1', 'n7'] });
    assert.deepEqual(
      [lists.map(({ kind, namespace: at }) => [kind, at]), copies],
      [['n1', 'n7'].map((at) => ['ConfigMap', at]), []],
    );
  });
  test('an object to adopt by itself, also with --verify', () => {
    const rules = scopeOf(settingsWith({ ...SCOPE, verify: true, onConflict: 'adopt' }));
    const world = worldOf(NAMESPACES, [omni, copyOf(omni, 'a'), configMap('b/omni')]);
    const { lists, copies } = planReads(draftPlan(snapshotOf(world, rules), rules));
    assert.deepEqual([lists.length, copies], [1, [{ kind: 'ConfigMap', namespace: 'b', name: 'omni' }]]);
  });
  test('pages as large as memory allows', () => {
    assert.equal(pageSize([]), 500);
    assert.equal(pageSize([undefined, omni]), 500);
    assert.equal(pageSize([configMap('demo/big', { data: { k: 'x'.repeat(1_000_000) } })]), 8);
    assert.equal(pageSize([configMap('demo/huge', { data: { k: 'x'.repeat(20_000_000) } })]), 1);
  });
});

test('nothing for an unknown name', () => {
  const rules = scopeOf(settingsWith());
  const { find } = buildIndex(snapshotOf(worldOf(NAMESPACES, [omni]), rules), rules);
  assert.equal(find({ kind: 'Secret', namespace: 'demo', name: 'omni' }), undefined);
  assert.equal(find(omni)?.uid, omni.uid);
});

describe('purge', () => {
  const other = copyOf(configMap('other/omni'), 'b');
  const annotatedCopy = changed(copyOf(secret('demo/s'), 'b'), {
    annotations: { ...copyOf(secret('demo/s'), 'b').annotations, 'kubed.appscode.com/sync': '' },
  });
  const broken = configMap('demo/broken', { sync: 'a in (' });
  const rows: readonly (readonly [
    name: string,
    objects: readonly Body[],
    settings: Partial<Settings>,
    plan: readonly string[],
  ])[] = [
    [
      'every copy, whatever its source asks for',
      [omni, copyOf(omni, 'a'), copyOf(omni, 'b')],
      {},
      ['prune a', 'prune b'],
    ],
    ['copies of a source with an invalid selector too', [broken, copyOf(broken, 'a')], {}, ['prune a']],
    [
      'no copy of an origin outside the scope',
      [copyOf(omni, 'a'), other],
      SCOPE,
      ['prune a', 'out-of-scope'],
    ],
    [
      'no copy outside the target namespaces',
      [copyOf(omni, 'a'), copyOf(omni, 'b')],
      { excludeNamespaces: ['b'] },
      ['prune a', 'out-of-scope'],
    ],
    [
      'in named namespaces copies of origins there, and missing namespaces are reported',
      [copyOf(omni, 'a'), copyOf(omni, 'b'), copyOf(configMap('other/omni'), 'demo')],
      { namespaces: ['demo', 'a', 'typo'] },
      ['prune a', 'namespace-not-found', 'out-of-scope'],
    ],
    ['no copy with a sync annotation', [annotatedCopy], {}, ['copy-with-sync-annotation']],
    [
      'no copy of another cluster',
      [copyOf(omni, 'a', settingsWith({ clusterName: 'unicorn' }))],
      {},
      ['other-cluster-name'],
    ],
    ['no orphan of the old operator', [oldCopyOf(omni, 'a')], {}, ['orphan']],
    ['except with --prune-legacy', [oldCopyOf(omni, 'a')], { pruneLegacy: true }, ['prune a']],
    ['no object of others, and no source', [omni, configMap('a/omni')], {}, []],
  ];
  for (const [name, objects, settings, expected] of rows) {
    test(name, () => {
      const all = settingsWith(settings);
      const plan = planPurge(classify(snapshotOf(worldOf(NAMESPACES, objects), all), scopeOf(all)));
      assert.deepEqual(lines(plan), expected);
    });
  }
});
