import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MirrorTool, ThereAlready } from '../../../src/model/migration.ts';
import type { Body, StringMap } from '../../../src/model/objects.ts';
import { planMigration } from '../../../src/plan/migrate/plan-migration.ts';
import { scopeOf } from '../../../src/plan/scope.ts';
import { configMap, namespace } from '../../support/build.ts';
import { settingsWith, snapshotOf, worldOf } from '../../support/world.ts';

const R = 'reflector.v1.k8s.emberstack.com/';
const M = 'replicator.v1.mittwald.de/';
const ON = { [`${R}reflection-allowed`]: 'true', [`${R}reflection-auto-enabled`]: 'true' };
const reflects = (source: string): StringMap => ({
  [`${R}reflects`]: source,
  [`${R}auto-reflects`]: 'True',
  [`${R}reflected-version`]: '1',
  [`${R}reflected-at`]: 'x',
});
const PUSHED = {
  [`${M}replicated-at`]: 'x',
  [`${M}replicated-from-version`]: '1',
  [`${M}replicated-keys`]: 'k',
};

function planned(
  tool: MirrorTool,
  objects: readonly Body[],
  sourceNamespaces: readonly string[] = [],
): ReturnType<typeof planMigration> {
  const settings = settingsWith({ sourceNamespaces });
  const namespaces = ['demo', 'a', 'b', 'c', 'd'].map((name) => namespace(name));
  return planMigration(snapshotOf(worldOf(namespaces, objects), settings), tool, scopeOf(settings));
}

const places = (list: readonly ThereAlready[]): readonly string[] =>
  list.map(({ namespace: at, name, origin }) => `${at}/${name} of ${origin.namespace}/${origin.name}`);

test('mirrors are taken over, other objects collide, and mirrors without a source are left', () => {
  const plan = planned('reflector', [
    configMap('demo/omni', { annotations: { ...ON, 'example.com/a': 'b' } }),
    configMap('a/omni', { annotations: reflects('demo/omni') }),
    configMap('b/omni'),
    configMap('c/omni', { annotations: reflects('other/omni') }),
    configMap('d/omni', { annotations: PUSHED }),
    configMap('demo/pulled', { annotations: { [`${R}reflection-allowed`]: 'true' } }),
    configMap('a/pulled', { annotations: reflects('demo/pulled') }),
    configMap('a/plain'),
  ]);
  assert.deepEqual(plan.sources, [
    {
      kind: 'ConfigMap',
      namespace: 'demo',
      name: 'omni',
      set: { 'kubed.appscode.com/sync': '' },
      remove: Object.keys(ON),
    },
  ]);
  assert.deepEqual(
    plan.notTurned.map(({ name, problem }) => `${name} ${problem.code}`),
    ['pulled only-pulled'],
  );
  assert.deepEqual(places(plan.mirrors), ['a/omni of demo/omni']);
  assert.deepEqual(places(plan.collisions), [
    'b/omni of demo/omni',
    'c/omni of demo/omni',
    'd/omni of demo/omni',
  ]);
  assert.deepEqual(places(plan.left), ['a/pulled of demo/pulled', 'c/omni of other/omni']);
  assert.deepEqual(plan.unnamed, []);
});

test('a copy that replicator pushed does not name its source', () => {
  const source = configMap('demo/omni', {
    annotations: { [`${M}replicate-to`]: '.*', [`${M}strip-labels`]: 'true' },
  });
  const plan = planned('replicator', [
    source,
    configMap('a/omni', { annotations: { ...PUSHED, [`${M}replicate-from`]: 'demo/omni' } }),
    configMap('b/omni', { annotations: PUSHED }),
    configMap('c/omni'),
  ]);
  assert.equal(plan.sources[0]?.stripsLabels, true);
  assert.deepEqual(places(plan.mirrors), ['a/omni of demo/omni']);
  assert.deepEqual(places(plan.unnamed), ['b/omni of demo/omni']);
  assert.deepEqual(places(plan.collisions), ['c/omni of demo/omni']);
});

test('sources outside of --source-namespace are not turned, and conflicts of other sources are not collisions', () => {
  const objects = [
    configMap('demo/omni', { annotations: ON }),
    configMap('a/ours', { sync: '' }),
    configMap('b/ours'),
  ];
  assert.deepEqual(planned('reflector', objects, ['a']).sources, []);
  assert.deepEqual(planned('reflector', objects).collisions, []);
});
