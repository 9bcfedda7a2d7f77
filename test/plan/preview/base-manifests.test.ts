import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { draftPlan } from '../../../src/plan/draft.ts';
import { declaredState, removedBetween, upToDateState } from '../../../src/plan/preview/base-manifests.ts';
import { scopeOf } from '../../../src/plan/scope.ts';
import type { Settings } from '../../../src/model/settings.ts';
import { changed, configMap, copyOf, namespace, secret, settings } from '../../support/build.ts';
import { cluster, narrowing } from '../../support/clusters.ts';
import { declaring, keysOf, plannedState } from '../../support/preview-world.ts';
import { worldOf } from '../../support/world.ts';

/* The manifests as they were before: what they lead to, and what is deleted with them. */

const omni = configMap('demo/omni', { sync: '', data: { a: '1' } });
const plain = configMap('team/plain');

test('an object of the base that the head does not have is deleted', () => {
  const removed = removedBetween(declaring([omni, plain]), declaring([plain]));
  assert.ok(removed.has(omni));
  assert.ok(!removed.has(plain));
  assert.ok(!removed.has(configMap('demo/live-only')));
});

test('a namespace of the base that the head does not have is deleted, with all that is in it', () => {
  const [demo, team] = [namespace('demo'), namespace('team')];
  const removed = removedBetween(declaring([omni, plain], [demo, team]), declaring([omni], [demo]));
  assert.deepEqual([...removed.namespaces], ['team']);
  assert.ok(removed.has(configMap('team/live-only')));
});

test('a namespace in which the head still has an object stays', () => {
  const removed = removedBetween(declaring([], [namespace('team')]), declaring([plain]));
  assert.deepEqual([...removed.namespaces], []);
  assert.ok(!removed.has(configMap('team/live-only')));
});

test('manifests as they are have no copies', () => {
  const { namespaces, bodies } = declaredState(declaring([omni, plain]));
  assert.deepEqual(
    namespaces.map(({ name }) => name),
    ['demo', 'team'],
  );
  assert.deepEqual(keysOf(bodies), ['ConfigMap/demo/omni', 'ConfigMap/team/plain']);
});

const OFFLINE: Partial<Settings> = { ownership: 'unknown' };

test('the state of the base has each copy, also in place of an outdated one, and none that nobody asks for', () => {
  const stale = copyOf(configMap('demo/gone'), 'team');
  const outdated = changed(copyOf(omni, 'team'), { data: { a: '0' }, managedFields: [] });
  const login = secret('demo/login', { sync: '', data: { p: 'eA==' } });
  const scope = scopeOf(settings({ ...OFFLINE, kinds: ['ConfigMap'] }));
  const { bodies } = upToDateState(declaring([omni, outdated, stale, plain, login]), scope);
  assert.deepEqual(keysOf(bodies), [
    'ConfigMap/demo/omni',
    'ConfigMap/team/omni',
    'ConfigMap/team/plain',
    'Secret/demo/login',
  ]);
  const copy = bodies.find(({ namespace: at, name }) => at === 'team' && name === 'omni');
  assert.deepEqual(copy?.content.data, { a: '1' });
});

const RUNS = { numRuns: Number(process.env['LAW_RUNS'] ?? 300) };

test('the state of the base needs no change, except where a copy may not be touched', () => {
  fc.assert(
    fc.property(cluster, narrowing, (world, options) => {
      const all = settings({ ...options, ...OFFLINE, prune: true });
      const scope = scopeOf(all);
      const objects = [...world.objects.values()].map((body) => ({ ...body, managedFields: [] }));
      const state = upToDateState(declaring(objects, world.namespaces), scope);
      const { plan } = plannedState(worldOf(state.namespaces, state.bodies), all);
      assert.deepEqual(plan.changes, []);
      const before = draftPlan({ namespaces: world.namespaces, objects }, scope).classified.sources;
      assert.ok(plan.sources <= before.length);
    }),
    RUNS,
  );
});
