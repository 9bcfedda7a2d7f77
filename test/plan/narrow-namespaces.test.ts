import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../../src/model/plan.ts';
import type { Body, StringMap } from '../../src/model/objects.ts';
import type { Settings } from '../../src/model/settings.ts';
import { draftPlan } from '../../src/plan/draft.ts';
import { finalizePlan } from '../../src/plan/finalize.ts';
import { scopeOf } from '../../src/plan/scope.ts';
import { configMap, copyOf, namespace } from '../support/build.ts';
import { answersOf, planOf, settingsWith, snapshotOf, worldOf } from '../support/world.ts';

/* What a plan makes of the annotation sync-namespaces. */

const KEY = 'kubed.appscode.com/sync-namespaces';
const SPACES = [
  namespace('demo'),
  namespace('team-a', { labels: { env: 'prod' } }),
  namespace('team-b'),
  namespace('team-test', { labels: { env: 'prod' } }),
];

function source(annotations: StringMap, place = 'demo/omni'): Body {
  return configMap(place, { annotations, data: { k: 'v' } });
}

function plan(objects: readonly Body[], settings: Partial<Settings> = {}): Plan {
  return planOf(worldOf(SPACES, objects), settingsWith({ sourceNamespaces: ['demo'], ...settings }));
}

const sync = (text: string, names?: string): StringMap => ({
  'kubed.appscode.com/sync': text,
  ...(names !== undefined && { [KEY]: names }),
});

function actions({ changes }: Plan): readonly string[] {
  return changes.map(({ action, namespace: at }) => `${action} ${at}`);
}

test('a namespace must match the selector and the names', () => {
  const rows = [
    [sync('', 'team-*,!team-test'), ['create team-a', 'create team-b']],
    [sync('env=prod', 'team-*,!team-test'), ['create team-a']],
    [sync('env=prod', '!team-test'), ['create team-a']],
    [sync('true', 'team-b,demo'), ['create team-b']],
    [sync('env=prod'), ['create team-a', 'create team-test']],
  ] as const;
  for (const [annotations, expected] of rows)
    assert.deepEqual(actions(plan([source(annotations)])), expected, JSON.stringify(annotations));
});

test('two sources with the same selector and other names get their own namespaces', () => {
  const sources = [
    source(sync('', 'team-a')),
    source(sync('', 'team-b'), 'demo/other'),
    source(sync(''), 'demo/all'),
  ];
  assert.deepEqual(
    plan(sources).changes.map(({ name, namespace: at }) => `${name} ${at}`),
    ['all team-a', 'omni team-a', 'all team-b', 'other team-b', 'all team-test'],
  );
});

test('a copy whose namespace is no longer named is pruned, and the plan says why', () => {
  const now = source(sync('env=prod', 'team-a'));
  const { changes } = plan([now, copyOf(now, 'team-a'), copyOf(now, 'team-test')]);
  assert.deepEqual(
    changes.map(({ action, namespace: at, reason, ...rest }) => [
      action,
      at,
      reason,
      'syncNamespaces' in rest ? rest.syncNamespaces : undefined,
    ]),
    [['prune', 'team-test', 'namespace-not-named', 'team-a']],
  );
});

test('a source that is narrowed gives its copy to another source that asks for it', () => {
  const rival = { ...source(sync(''), 'team-b/omni'), creationTimestamp: '2026-01-02T00:00:00Z' };
  const now = source(sync('', 'team-a'));
  const { changes } = plan([now, rival, copyOf(now, 'team-a'), copyOf(now, 'team-test')], {
    sourceNamespaces: ['demo', 'team-b'],
  });
  assert.deepEqual(
    changes.map(({ action, namespace: at, reason, origin }) => [action, at, reason, origin.namespace]),
    [['refresh', 'team-test', 'handed-over', 'team-b']],
  );
});

test('an invalid value freezes the source and names the place', () => {
  for (const text of ['', 'team-*,', 'Team-a', 'team-[ab]']) {
    const now = source(sync('', text));
    const { changes, findings, bySource } = plan([now, copyOf({ ...now, resourceVersion: '0' }, 'team-a')]);
    assert.deepEqual(changes, []);
    const [finding, ...more] = findings;
    assert.equal(finding?.reason, 'invalid-annotation');
    assert.ok(
      finding.annotation === KEY && finding.value === text && finding.at === (text === 'team-*,' ? 7 : 0),
    );
    assert.deepEqual(more, []);
    assert.deepEqual(
      bySource.map(({ frozen, reach, syncNamespaces }) => ({ frozen, reach, syncNamespaces })),
      [{ frozen: true, reach: 0, syncNamespaces: text }],
    );
  }
});

test('a copy that its origin gave up stays if a frozen source may ask for it', () => {
  const gone = copyOf(source(sync('')), 'team-a');
  const rows = [
    [sync('env in ('), 'kept'],
    [sync('env=prod', ''), 'kept'],
    [sync('env=dev', ''), 'pruned'],
    [{ ...sync('', 'team-*'), 'kubed.appscode.com/sync-keys': '' }, 'kept'],
    [{ ...sync('', 'team-b'), 'kubed.appscode.com/sync-keys': '' }, 'pruned'],
    [{ ...sync(''), 'kubed.appscode.com/ignored': '' }, 'kept'],
    [{ 'kubed.appscode.com/ignored': '' }, 'pruned'],
  ] as const;
  for (const sourceNamespaces of [[], ['demo'], ['demo', 'next']])
    for (const [annotations, expected] of rows) {
      const next = source(annotations, 'next/omni');
      const changes = actions(plan([gone, next], { sourceNamespaces }));
      assert.deepEqual(changes, expected === 'kept' ? [] : ['prune team-a'], JSON.stringify(annotations));
    }
});

test('a copy that no corrected source could have is pruned', () => {
  const gone = copyOf(source(sync('')), 'team-a');
  const frozen = source(sync('', ''), 'next/omni');
  const prune = ['prune team-a'];
  assert.deepEqual(actions(plan([gone, { ...frozen, name: 'other' }])), prune);
  assert.deepEqual(actions(plan([gone, source(sync('', ''), 'team-a/other')])), prune);
  for (const key of ['ignore', 'accept-from']) {
    const closed = namespace('team-a', { annotations: { [`kubed.appscode.com/${key}`]: '' } });
    assert.deepEqual(actions(planOf(worldOf([closed], [gone, frozen]), settingsWith())), prune, key);
  }
});

test('an invalid value freezes an object that has sync-contexts alone', () => {
  const now = source({ 'kubed.appscode.com/sync-contexts': 'east', [KEY]: 'B' });
  const { changes, findings } = plan([now, copyOf(now, 'team-a')]);
  assert.deepEqual(changes, []);
  assert.ok(findings.some(({ reason }) => reason === 'invalid-annotation'));
});

test('without sync the object is not a source, which a warning says', () => {
  const { changes, findings, sources } = plan([
    source({ [KEY]: 'team-*' }),
    source({ [KEY]: '' }, 'team-b/x'),
  ]);
  assert.deepEqual(changes, []);
  assert.equal(sources, 0);
  assert.deepEqual(findings, [
    { reason: 'sync-missing', kind: 'ConfigMap', namespace: 'demo', name: 'omni', annotation: KEY },
  ]);
});

test('names that match no namespace are reported with the selector', () => {
  const findings = plan([source(sync('', 'prod-*'))]).findings;
  assert.deepEqual(findings, [
    {
      reason: 'no-namespace-selected',
      kind: 'ConfigMap',
      namespace: 'demo',
      name: 'omni',
      selector: '',
      syncNamespaces: 'prod-*',
    },
  ]);
});

test('a source whose sync-namespaces changes between list and read waits for the next run', () => {
  const listed = worldOf(SPACES, [source(sync('', 'team-*'))]);
  const settings = settingsWith({ sourceNamespaces: ['demo'] });
  const drafted = draftPlan(snapshotOf(listed, settings), scopeOf(settings));
  const read = answersOf(worldOf(SPACES, [source(sync('', 'team-a'))]), drafted);
  const { changes, findings } = finalizePlan(drafted, read);
  assert.deepEqual(changes, []);
  assert.deepEqual(
    findings.map((finding) => [finding.reason, 'how' in finding && finding.how]),
    [['source-changed', 'annotation-changed']],
  );
});
