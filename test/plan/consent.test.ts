import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Body, Namespace } from '../../src/model/objects.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Settings } from '../../src/model/settings.ts';
import { classify } from '../../src/plan/classify.ts';
import { draftPlan } from '../../src/plan/draft.ts';
import { finalizePlan } from '../../src/plan/finalize.ts';
import { planPurge } from '../../src/plan/purge.ts';
import { renderCopies } from '../../src/plan/preview/render-copies.ts';
import { scopeOf } from '../../src/plan/scope.ts';
import { configMap, copyOf, namespace } from '../support/build.ts';
import { declaring } from '../support/preview-world.ts';
import { answersOf, planOf, settingsWith, snapshotOf, worldOf } from '../support/world.ts';

/* What a plan makes of accept-from on Namespaces, and of --require-consent. */

const KEY = 'kubed.appscode.com/accept-from';
const team = (value?: string, more: Readonly<Record<string, string>> = {}): Namespace =>
  namespace('team', { annotations: { ...more, ...(value !== undefined && { [KEY]: value }) } });
const certs = configMap('certs/omni', { sync: '', data: { k: 'v' } });
const stale = copyOf({ ...certs, resourceVersion: '0' }, 'team');

function plan(target: Namespace, objects: readonly Body[], settings: Partial<Settings> = {}): Plan {
  const world = worldOf([namespace('certs'), target], objects);
  return planOf(world, settingsWith({ sourceNamespaces: ['certs', 'platform'], ...settings }));
}

function words({ changes }: Plan): readonly string[] {
  return changes.map(({ action, reason, namespace: at }) => `${action} ${at}: ${reason}`);
}

function reasons({ findings }: Plan): readonly string[] {
  return findings.map(({ reason }) => reason);
}

test('a namespace gets what it accepts, and a copy that it refuses is pruned', () => {
  const rows = [
    [undefined, ['create team: missing'], ['update team: source-changed']],
    ['certs', ['create team: missing'], ['update team: source-changed']],
    ['*', ['create team: missing'], ['update team: source-changed']],
    ['cert*', ['create team: missing'], ['update team: source-changed']],
    ['platform', [], ['prune team: namespace-refuses']],
    ['', [], ['prune team: namespace-refuses']],
  ] as const;
  const other = { ...stale, content: { ...stale.content, data: { k: 'old' } } };
  for (const [value, fresh, existing] of rows) {
    assert.deepEqual(words(plan(team(value), [certs])), fresh, value);
    assert.deepEqual(words(plan(team(value), [certs, other])), existing, value);
  }
});

test('an invalid value freezes the copies in the namespace, also against ignore and a source that is gone', () => {
  for (const settings of [{}, { pruneLegacy: true }, { requireConsent: true }])
    for (const [target, objects] of [
      [team('Certs'), [certs]],
      [team('Certs'), [certs, stale]],
      [team('Certs'), [stale]],
      [team('Certs', { 'kubed.appscode.com/ignore': 'true' }), [certs, stale]],
    ] as const) {
      const { changes, findings } = plan(target, objects, settings);
      assert.deepEqual(changes, []);
      assert.deepEqual(findings, [
        {
          reason: 'invalid-accept-from',
          namespace: 'team',
          value: 'Certs',
          at: 0,
          problem: { code: 'bad-namespace', found: 'Certs' },
        },
      ]);
    }
});

test('a purge deletes copies in spite of accept-from', () => {
  const settings = settingsWith({ sourceNamespaces: ['certs'] });
  for (const value of ['Certs', 'certs', '']) {
    const snapshot = snapshotOf(worldOf([namespace('certs'), team(value)], [certs, stale]), settings);
    assert.equal(planPurge(classify(snapshot, scopeOf(settings))).changes.length, 1, value);
  }
});

test('a pattern freezes the namespace where any namespace may be a source', () => {
  const { changes, findings } = plan(team('cert*'), [certs, stale], { sourceNamespaces: [] });
  assert.deepEqual(changes, []);
  assert.deepEqual(
    findings.map(({ reason }) => reason),
    ['any-namespace-is-a-source', 'invalid-accept-from'],
  );
});

test('copies of a frozen source stay although the namespace refuses them', () => {
  const frozen = { ...certs, annotations: { 'kubed.appscode.com/sync': 'env in (' } };
  assert.deepEqual(words(plan(team(''), [frozen, copyOf(frozen, 'team')])), []);
});

test('a refused copy is handed over to a source that the namespace accepts', () => {
  const platform = configMap('platform/omni', { sync: '', data: { k: 'w' } });
  const { changes } = plan(team('platform'), [certs, platform, copyOf(certs, 'team')]);
  assert.deepEqual(
    changes.map(({ action, reason, origin }) => [action, reason, origin.namespace]),
    [['update', 'handed-over', 'platform']],
  );
});

test('--prune-after covers a refusal too', () => {
  assert.deepEqual(words(plan(team(''), [certs, stale], { pruneAfter: 60 })), [
    'mark team: namespace-refuses',
  ]);
});

test('--require-consent creates no new copy, says so, and leaves the others as they are', () => {
  const settings = { requireConsent: true };
  const fresh = plan(team(), [certs], settings);
  assert.deepEqual(words(fresh), []);
  assert.deepEqual(fresh.findings, [{ reason: 'consent-missing', namespaces: ['team'] }]);
  const existing = plan(team(), [certs, stale], settings);
  assert.deepEqual(words(existing), ['refresh team: source-changed']);
  assert.deepEqual(reasons(existing), []);
  assert.deepEqual(words(plan(team(), [stale], settings)), ['prune team: source-gone']);
  assert.deepEqual(words(plan(team('certs'), [certs], settings)), ['create team: missing']);
});

test('with --require-consent a copy that another source would take over stays as it is', () => {
  const annotations = { 'kubed.appscode.com/sync': '', 'kubed.appscode.com/sync-namespaces': 'team' };
  const platform = configMap('platform/omni', { annotations, data: { k: 'w' } });
  const objects = [platform, copyOf(certs, 'team')];
  assert.deepEqual(words(plan(team(), objects)), ['update team: handed-over']);
  const held = plan(team(), objects, { requireConsent: true });
  assert.deepEqual(words(held), []);
  assert.deepEqual(reasons(held), ['consent-missing', 'out-of-scope']);
});

test('with --require-consent a copy that vanishes between list and read is not created again', () => {
  const settings = settingsWith({ sourceNamespaces: ['certs'], requireConsent: true });
  const listed = worldOf([namespace('certs'), team()], [certs, stale]);
  const drafted = draftPlan(snapshotOf(listed, settings), scopeOf(settings));
  const read = answersOf(worldOf(listed.namespaces, [certs]), drafted);
  assert.deepEqual(finalizePlan(drafted, read).changes, []);
});

test('render writes no copy into a namespace that refuses it', () => {
  const scope = scopeOf(settingsWith({ sourceNamespaces: ['certs'] }));
  for (const [value, copies] of [
    ['certs', 1],
    ['', 0],
    ['Certs', 0],
  ] as const)
    assert.equal(renderCopies(declaring([certs], [team(value)]), scope).copies.length, copies, value);
});
