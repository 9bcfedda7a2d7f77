import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { draftPlan } from '../../../src/plan/draft.ts';
import { explainObject, inventory, takenBy } from '../../../src/plan/explain/explain-sources.ts';
import { withBodies, withoutBodies } from '../../../src/plan/explain/explainable-plan.ts';
import { finalizePlan } from '../../../src/plan/finalize.ts';
import { scopeOf } from '../../../src/plan/scope.ts';
import { keyOf } from '../../../src/model/keys.ts';
import type { Body, Namespace, ObjectName } from '../../../src/model/objects.ts';
import type { Settings } from '../../../src/model/settings.ts';
import { answerCodes, answerText } from '../../../src/report/explain/answer-text.ts';
import { removeNameMarks } from '../../../src/report/strings/name-marks.ts';
import {
  changed,
  configMap,
  copyOf,
  entry,
  markLabels,
  namespace,
  secret,
  treeOf,
} from '../../support/build.ts';
import { answersOf, settingsWith, snapshotOf, worldOf } from '../../support/world.ts';

/* What is answered in each situation, with its words. */

const omni = configMap('demo/omni', { sync: 'env=prod', data: { you: 'only' } });
const all = configMap('demo/omni', { sync: '', data: { you: 'only' } });
const prod = (name: string, more: Partial<Namespace> = {}): Namespace =>
  namespace(name, { labels: { env: 'prod' }, ...more });
const rival = configMap('rival/omni', {
  sync: '',
  data: { you: 'too' },
  creationTimestamp: '2026-01-02T00:00:00Z',
});
const taken = configMap('a/omni', { data: { mine: 'x' } });

const token = secret('demo/token', { sync: 'x=y', type: 'kubernetes.io/service-account-token' });

function marked(copy: Body, annotations: Record<string, string>): Body {
  const body = { ...copy, annotations: { ...copy.annotations, ...annotations } };
  return { ...body, managedFields: [entry('kubed-sync', treeOf(body))] };
}

interface Row {
  readonly name: string;
  readonly target?: Namespace;
  readonly objects: readonly Body[];
  readonly about?: ObjectName;
  readonly settings?: Partial<Settings>;
  /** Whether bodies are read. */
  readonly reads?: boolean;
  /** The state, the codes and the text of the answer in namespace `a`. */
  readonly answer: string;
}

const rows: readonly Row[] = [
  { name: 'up to date', objects: [omni, copyOf(omni, 'a')], answer: 'up-to-date []' },
  { name: 'nothing there', objects: [omni], answer: 'missing [] the next run creates it' },
  {
    name: 'the source has a new version',
    objects: [changed(omni, { resourceVersion: '2' }), copyOf(omni, 'a')],
    answer: 'behind [source-changed] source changed',
  },
  {
    name: 'edited, by metadata',
    objects: [
      omni,
      changed(copyOf(omni, 'a'), { managedFields: [entry('kubectl-edit', { 'f:data': { 'f:you': {} } })] }),
    ],
    answer: 'behind [edited] edited by kubectl-edit',
  },
  {
    name: 'edited, with contents',
    objects: [
      omni,
      changed(copyOf(omni, 'a'), {
        data: { you: 'x' },
        managedFields: [entry('kubectl-edit', { 'f:data': { 'f:you': {} } })],
      }),
    ],
    reads: true,
    answer: 'behind [edited] edited by kubectl-edit: data.you',
  },
  {
    name: 'nothing recorded about who wrote it',
    objects: [omni, changed(copyOf(omni, 'a'), { managedFields: [] })],
    answer:
      'not-compared [] its metadata does not show whether it is up to date; a run reads it, and so does --verify',
  },
  {
    name: 'nothing recorded, and equal when read',
    objects: [omni, changed(copyOf(omni, 'a'), { managedFields: [] })],
    settings: { ownership: 'unknown' },
    reads: true,
    answer: 'up-to-date []',
  },
  {
    name: 'name taken',
    objects: [omni, taken],
    answer: 'conflict [conflict] name taken by another ConfigMap',
  },
  {
    name: 'name taken, and adopted',
    objects: [omni, taken],
    settings: { onConflict: 'adopt', sourceNamespaces: ['demo'] },
    answer: 'behind [adopted] adopted',
  },
  {
    name: 'name taken, and perhaps by a mirror',
    objects: [omni, taken],
    settings: { onConflict: 'adopt-mirrors', sourceNamespaces: ['demo'] },
    answer:
      'not-compared [] its metadata does not show whether it is up to date; a run reads it, and so does --verify',
  },
  {
    name: 'a source is there',
    objects: [all, configMap('a/omni', { sync: 'x=y' })],
    answer: 'conflict [own-source-there] the ConfigMap with this name is a source itself',
  },
  {
    name: 'an older source has the name',
    objects: [all, rival],
    about: rival,
    answer: 'conflict [contested] the copy is made from demo/omni, which asks for the same name',
  },
  {
    name: 'changed by admission',
    objects: [
      changed(all, { labels: { team: 'a' } }),
      ((copy): Body => ({ ...copy, labels: { ...copy.labels, team: 'b' } }))(
        copyOf(changed(all, { labels: { team: 'a' } }), 'a'),
      ),
    ],
    answer: 'up-to-date [changed-by-admission] changed by an admission webhook or policy: labels.team',
  },
  {
    name: 'the copy is being deleted',
    objects: [omni, changed(copyOf(omni, 'a'), { deletionTimestamp: '2026-01-03T00:00:00Z' })],
    answer: 'kept [being-deleted] it is being deleted',
  },
  {
    name: 'not selected any more',
    target: namespace('a', { labels: { env: 'dev' } }),
    objects: [omni, copyOf(omni, 'a')],
    answer: 'to-prune [namespace-not-selected] namespace a no longer matches "env=prod"',
  },
  {
    name: 'not selected any more, with --prune-after',
    target: namespace('a'),
    objects: [omni, copyOf(omni, 'a')],
    settings: { pruneAfter: 300 },
    answer:
      'to-prune [namespace-not-selected] namespace a no longer matches "env=prod"; to be pruned after 2026-01-03T00:05:00Z',
  },
  {
    name: 'marked, and waits',
    target: namespace('a'),
    objects: [
      omni,
      marked(copyOf(omni, 'a'), { 'kubed.appscode.com/unwanted-since': '2026-01-02T23:59:00Z' }),
    ],
    settings: { pruneAfter: 300 },
    answer: 'waiting [] to be pruned after 2026-01-03T00:04:00Z',
  },
  {
    name: 'not wanted, with --no-prune',
    target: namespace('a'),
    objects: [omni, copyOf(omni, 'a')],
    settings: { prune: false },
    answer: 'kept [no-prune] no source asks for it, and --no-prune keeps it',
  },
  {
    name: 'not wanted, and nothing shows who wrote it',
    target: namespace('a'),
    objects: [omni, changed(copyOf(omni, 'a'), { managedFields: [] })],
    answer: 'kept [orphan] nothing shows that kubed-sync wrote it, so it is not deleted (orphan)',
  },
  {
    name: 'a copy in a terminating namespace',
    target: prod('a', { terminating: true }),
    objects: [omni, copyOf(omni, 'a')],
    answer: 'kept [namespace-terminating] the namespace is terminating',
  },
  {
    name: 'a copy outside of the scope',
    objects: [omni, copyOf(omni, 'a')],
    settings: { excludeNamespaces: ['a'] },
    answer: 'kept [out-of-scope] it is outside the scope of the options',
  },
  {
    name: 'a copy of a frozen source',
    objects: [configMap('demo/omni', { sync: 'env in (' }), copyOf(omni, 'a')],
    answer: 'kept [source-frozen] its source has an error, so its copies are not changed',
  },
  {
    name: 'a copy that a frozen source may ask for',
    objects: [configMap('demo/omni'), copyOf(omni, 'a'), configMap('rival/omni', { sync: 'env in (' })],
    answer: 'kept [wanted-by-frozen] a source of the same name has an error and may ask for it',
  },
  {
    name: 'an unwanted copy with a sync annotation',
    target: namespace('a'),
    objects: [omni, marked(copyOf(omni, 'a'), { 'kubed.appscode.com/sync': '' })],
    answer: 'kept [sync-annotation] it has a sync annotation, so it is never deleted',
  },
  {
    name: 'a copy that another source gets',
    objects: [configMap('demo/omni', { sync: 'x=y' }), rival, copyOf(omni, 'a')],
    answer: 'handed-over [] the next run makes it a copy of rival/omni',
  },
  {
    name: 'a source that cannot be copied',
    objects: [secret('demo/token', { sync: '', type: 'kubernetes.io/service-account-token' })],
    about: secret('demo/token'),
    reads: true,
    answer: 'kept [source-not-copyable] the source cannot be copied',
  },
  {
    name: 'a copy that is given up, while its source cannot be copied',
    objects: [token, copyOf(token, 'a')],
    about: token,
    reads: true,
    answer: 'kept [source-not-copyable] the source cannot be copied',
  },
  {
    name: 'a copy whose next source cannot be copied',
    objects: [
      secret('demo/token', { sync: 'x=y' }),
      copyOf(secret('demo/token'), 'a'),
      secret('rival/token', { sync: '', type: 'kubernetes.io/service-account-token' }),
    ],
    about: token,
    reads: true,
    answer: 'kept [later] the next run decides about it',
  },
  {
    name: 'an immutable copy with a sync annotation: only a forbidden delete would help',
    objects: [
      omni,
      ((copy): Body => ({ ...copy, content: { ...copy.content, data: { you: 'x' }, immutable: true } }))(
        marked(copyOf(omni, 'a'), { 'kubed.appscode.com/sync': '' }),
      ),
    ],
    reads: true,
    answer: 'kept [later] the next run decides about it',
  },
  {
    name: 'another label',
    target: namespace('a', { labels: { env: 'dev' } }),
    objects: [omni],
    answer: 'no-copy [not-selected] not selected: label env is dev, the selector wants prod',
  },
  {
    name: 'no label',
    target: namespace('a'),
    objects: [omni],
    answer: 'no-copy [not-selected] not selected: no label env, the selector wants prod',
  },
  {
    name: 'every operator',
    target: namespace('a', { labels: { e: 'x', f: '', n: '5', m: '5', o: '' } }),
    objects: [configMap('demo/omni', { sync: 'e notin (x,y), d, !f, n>7, m<3, o in (a,), p in (a,)' })],
    answer:
      'no-copy [not-selected] not selected: label e is x, the selector wants anything except x or y; no label d, the selector wants this label; label f is empty, the selector wants no such label; label n is 5, the selector wants more than 7; label m is 5, the selector wants less than 3; no label p, the selector wants a or empty',
  },
  {
    name: 'ignored',
    target: prod('a', { annotations: { 'kubed.appscode.com/ignore': 'yes' } }),
    objects: [omni],
    answer: 'no-copy [namespace-ignored] ignored by its annotation kubed.appscode.com/ignore: "yes"',
  },
  {
    name: 'terminating',
    target: prod('a', { terminating: true }),
    objects: [omni],
    answer: 'no-copy [namespace-terminating] the namespace is terminating',
  },
  {
    name: 'excluded',
    objects: [omni],
    settings: { excludeNamespaces: ['a'] },
    answer: 'no-copy [out-of-scope] outside the scope of the options',
  },
  {
    name: 'outside of --namespace',
    objects: [omni],
    settings: { namespaces: ['demo'] },
    answer: 'no-copy [out-of-scope] outside the scope of the options',
  },
  {
    name: 'a broken source',
    objects: [configMap('demo/omni', { sync: 'env in (' })],
    answer: 'no-copy [source-frozen] the source has an error, so nothing is copied',
  },
  {
    name: 'a source outside of --source-namespace',
    objects: [omni],
    settings: { sourceNamespaces: ['rival'] },
    answer: 'no-copy [source-out-of-scope] the source is outside of --source-namespace',
  },
  {
    name: 'no source',
    objects: [configMap('demo/omni')],
    answer: 'no-copy [not-a-source] there is no source: no annotation kubed.appscode.com/sync',
  },
  {
    name: 'a source that is being deleted',
    objects: [changed(omni, { deletionTimestamp: '2026-01-03T00:00:00Z' })],
    answer: 'no-copy [source-being-deleted] the source is being deleted, so it gets no new copies',
  },
];

function planOfRow({
  target = prod('a'),
  objects,
  settings = {},
  reads = false,
}: Row): ReturnType<typeof withoutBodies> {
  const world = worldOf([namespace('demo'), namespace('rival'), target], objects);
  const chosen = settingsWith(settings);
  const draft = draftPlan(snapshotOf(world, chosen), scopeOf(chosen));
  const read = answersOf(world, draft);
  return reads ? withBodies(draft, finalizePlan(draft, read), read.decisions) : withoutBodies(draft);
}

suite('the answer for one namespace', () => {
  for (const row of rows)
    test(row.name, () => {
      const { about = omni, answer: expected } = row;
      const [answer] = explainObject(about, 'a', planOfRow(row))?.answers ?? [];
      assert.ok(answer !== undefined);
      const text = removeNameMarks(answerText([answer], false));
      assert.equal(`${answer.state} [${answerCodes(answer).join()}] ${text}`.trimEnd(), expected);
    });
});

test('the namespace of the source, and one that does not exist', () => {
  const plan = planOfRow({ name: '', objects: [all], answer: '' });
  const whyIn = (name: string): unknown => {
    const [answer] = explainObject(all, name, plan)?.answers ?? [];
    return answer?.state === 'no-copy' ? answer.why.rule : answer?.state;
  };
  assert.deepEqual([whyIn('demo'), whyIn('nowhere')], ['own-namespace', 'no-such-namespace']);
});

test('a copy names its source, also if that is gone', () => {
  const plan = planOfRow({ name: '', objects: [copyOf(omni, 'a')], answer: '' });
  const answer = explainObject({ ...omni, namespace: 'a' }, undefined, plan);
  assert.deepEqual([answer?.role, answer?.origin], ['copy', { namespace: 'demo', name: 'omni' }]);
  assert.deepEqual(
    answer?.answers.map(({ namespace: at, state }) => `${at} ${state}`),
    ['a to-prune'],
  );
  assert.equal(explainObject(omni, undefined, plan), undefined);
  assert.deepEqual(
    inventory(plan).map(({ namespace: at, selector, toPrune }) => [at, selector, toPrune]),
    [['demo', undefined, 1]],
  );
});

test('the inventory has the annotations that narrow a source', () => {
  const annotations = {
    ...omni.annotations,
    'kubed.appscode.com/sync-namespaces': 'a,b',
    'kubed.appscode.com/sync-keys': '*',
  };
  const plan = planOfRow({ name: '', objects: [{ ...omni, annotations }], answer: '' });
  assert.deepEqual(
    inventory(plan).map(({ syncNamespaces, syncKeys }) => [syncNamespaces, syncKeys]),
    [['a,b', '*']],
  );
});

test('an object without an annotation shows the copies that it lost', () => {
  const plan = planOfRow({ name: '', objects: [configMap('demo/omni'), copyOf(omni, 'a')], answer: '' });
  const answer = explainObject(omni, undefined, plan);
  assert.equal(answer?.role, 'ordinary');
  assert.deepEqual(
    answer?.answers.map(({ namespace: at, state }) => `${at} ${state}`),
    ['a to-prune'],
  );
});

test('a source outside of --source-namespace is a source', () => {
  const row = { name: '', objects: [omni], settings: { sourceNamespaces: ['rival'] }, answer: '' };
  assert.equal(explainObject(omni, undefined, planOfRow(row))?.role, 'source');
});

test('a source for other clusters is in the inventory, with what it asks for', () => {
  const remote = configMap('demo/remote', { annotations: { 'kubed.appscode.com/sync-contexts': 'east' } });
  const plan = planOfRow({ name: '', objects: [remote], answer: '' });
  const [one] = inventory(plan);
  assert.deepEqual([one?.name, one?.selector, one?.contexts], ['remote', undefined, 'east']);
  assert.equal(explainObject(remote, undefined, plan)?.role, 'source');
});

test('the findings about an object are with its answer, and those about others are not', () => {
  const stray = configMap('a/stray', { annotations: { 'kubed.appscode.com/synk': '' } });
  const half = configMap('a/half', { labels: { 'kubed.appscode.com/origin.name': 'half' } });
  const broken = configMap('demo/broken', { sync: 'env in (' });
  const plan = planOfRow({ name: '', objects: [omni, stray, half, broken, taken], answer: '' });
  const reasons = (name: ObjectName): readonly string[] =>
    explainObject(name, undefined, plan)?.findings.map(({ reason }) => reason) ?? [];
  assert.deepEqual(reasons(stray), ['suspicious-key']);
  assert.deepEqual(reasons(half), ['marks-disagree']);
  assert.deepEqual(reasons(broken), ['invalid-selector']);
  assert.deepEqual(reasons(taken), ['conflict']);
  assert.deepEqual(reasons(omni), []);
});

test('the counts of every source', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const objects = [
    all,
    copyOf(all, 'a'),
    changed(copyOf(all, 'b'), { managedFields: [entry('kubectl-edit', { 'f:data': { 'f:you': {} } })] }),
    changed(copyOf(all, 'c'), { managedFields: [] }),
    configMap('d/omni'),
  ];
  const settings = settingsWith();
  const world = worldOf([namespace('demo'), ...names.map((name) => namespace(name))], objects);
  const plan = withoutBodies(draftPlan(snapshotOf(world, settings), scopeOf(settings)));
  const [entryOfOmni] = inventory(plan);
  assert.deepEqual(entryOfOmni, {
    kind: 'ConfigMap',
    namespace: 'demo',
    name: 'omni',
    selector: '',
    reach: 5,
    upToDate: 1,
    behind: 1,
    notCompared: 1,
    missing: 1,
    conflicts: 1,
    toPrune: 0,
    orphans: 0,
  });
});

test('every kind of change is counted', () => {
  const now = changed(omni, { resourceVersion: '2', data: { you: 'new' } });
  const old = copyOf(omni, 'a');
  const immutable: Body = { ...old, content: { ...old.content, immutable: true } };
  const [unwanted, reads] = [namespace('a'), true];
  const cases: readonly (readonly [Omit<Row, 'name' | 'answer'>, string, number, number])[] = [
    [{ objects: [now, old], reads }, 'update', 1, 0],
    [{ objects: [now, immutable], reads }, 'replace', 1, 0],
    [{ objects: [changed(omni, { resourceVersion: '2' }), old], reads }, 'refresh', 1, 0],
    [{ objects: [omni, old], target: unwanted }, 'prune', 0, 1],
    [{ objects: [omni, old], target: unwanted, settings: { pruneAfter: 300 } }, 'mark', 0, 1],
  ];
  for (const [row, action, behind, toPrune] of cases) {
    const plan = planOfRow({ name: '', answer: '', ...row });
    const [one] = inventory(plan);
    assert.deepEqual([plan.changes[0]?.action, one?.behind, one?.toPrune], [action, behind, toPrune]);
  }
});

test('waiting copies and orphans are counted', () => {
  const waits = marked(copyOf(omni, 'a'), { 'kubed.appscode.com/unwanted-since': '2026-01-02T23:59:00Z' });
  const orphan = changed(copyOf(omni, 'rival'), { managedFields: [] });
  const row = {
    name: '',
    target: namespace('a'),
    objects: [omni, waits, orphan],
    settings: { pruneAfter: 300 },
    answer: '',
  };
  const [one] = inventory(planOfRow(row));
  assert.deepEqual([one && keyOf(one), one?.toPrune, one?.orphans], ['ConfigMap/demo/omni', 1, 1]);
});

test('who took a name: the first manager, else the label, and another cluster name', () => {
  const { classified } = planOfRow({ name: '', objects: [omni], answer: '' }).draft;
  const by = (manager: string, time?: string): Body['managedFields'][number] =>
    entry(manager, {}, time === undefined ? {} : { time });
  const helm = { 'app.kubernetes.io/managed-by': 'Helm' };
  const managers = [by('kubectl', '2026-01-02T00:00:00Z'), by('helm', '2026-01-01T00:00:00Z')];
  assert.deepEqual(takenBy(changed(taken, { managedFields: managers }), classified), { madeBy: 'helm' });
  assert.deepEqual(takenBy(changed(taken, { labels: helm, managedFields: [] }), classified), {
    madeBy: 'Helm',
  });
  assert.deepEqual(takenBy(changed(taken, { managedFields: [] }), classified), {});
  const { time: _, ...timeless } = by('old');
  for (const both of [
    [...managers, timeless],
    [timeless, ...managers],
  ])
    assert.deepEqual(takenBy(changed(taken, { managedFields: both }), classified), { madeBy: 'old' });
  const other = copyOf(omni, 'a', settingsWith({ clusterName: 'unicorn' }));
  assert.deepEqual(takenBy(other, classified), { madeBy: 'kubed-sync', clusterName: 'unicorn' });
  assert.deepEqual(markLabels(omni, 'unicorn')['kubed.appscode.com/origin.cluster'], 'unicorn');
});
