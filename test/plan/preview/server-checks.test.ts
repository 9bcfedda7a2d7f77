import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNKNOWN_VALUE } from '../../../src/model/manifest.ts';
import type { Change } from '../../../src/model/change.ts';
import { keyOf } from '../../../src/model/keys.ts';
import { overlayBody } from '../../../src/plan/preview/overlay-manifests.ts';
import { ValuePreview } from '../../../src/plan/preview/preview-values.ts';
import { summarizeUnchecked, uncheckedReasons } from '../../../src/plan/preview/server-checks.ts';
import { isRenderedCopy } from '../../../src/plan/annotations/read-marks.ts';
import { renderCopies } from '../../../src/plan/preview/render-copies.ts';
import { staleCheck } from '../../../src/plan/preview/stale-copies.ts';
import { scopeOf } from '../../../src/plan/scope.ts';
import { changed, configMap, copyOf, namespace } from '../../support/build.ts';
import { NOW, planOf, settingsWith, worldOf } from '../../support/world.ts';

const source = configMap('demo/omni', { sync: '', data: { k: 'new' } });
const encrypted = changed(source, { data: { k: UNKNOWN_VALUE } });

function createIn(target: string): Change {
  const { kind, name } = source;
  return {
    action: 'create',
    kind,
    namespace: target,
    name,
    origin: { namespace: 'demo', name },
    reason: 'missing',
  };
}

test('the API server is asked about copies in namespaces of the cluster, and not about encrypted values', () => {
  const sources = new Map([[keyOf(source), source]]);
  const reasonOf = uncheckedReasons([namespace('a'), { ...namespace('b'), isDeclaredOnly: true }], sources);
  assert.deepEqual([reasonOf(createIn('a')), reasonOf(createIn('b'))], [undefined, 'namespace']);
  const ofEncrypted = uncheckedReasons([namespace('a')], new Map([[keyOf(source), encrypted]]));
  assert.equal(ofEncrypted(createIn('a')), 'values');
  const prune: Change = {
    ...createIn('a'),
    action: 'prune',
    reason: 'source-gone',
    guard: { uid: 'u', resourceVersion: '1' },
  };
  assert.equal(ofEncrypted(prune), undefined);
  const overlaid = overlayBody(
    {
      kind: 'ConfigMap',
      namespace: 'a',
      name: 'omni',
      uid: '',
      resourceVersion: '',
      creationTimestamp: '',
      managedFields: [],
    },
    undefined,
    NOW,
  );
  assert.equal(ofEncrypted({ ...prune, guard: overlaid }), 'copy');
});

test('changes that were not checked are counted by the reason, with their namespaces', () => {
  const changes = ['c', 'b', 'b', 'a'].map(createIn);
  const reasonOf = (change: Change): 'namespace' | undefined =>
    change.namespace === 'a' ? undefined : 'namespace';
  assert.deepEqual(summarizeUnchecked(changes, reasonOf), [
    { reason: 'namespace', changes: 3, namespaces: ['b', 'c'] },
  ]);
});

test('a preview shows nothing about an encrypted value', () => {
  const copy = changed(copyOf(source, 'a'), { data: { k: 'old' }, annotations: {} });
  const world = worldOf(
    [namespace('demo'), namespace('a')],
    [encrypted, { ...copy, annotations: copyOf(encrypted, 'a').annotations }],
  );
  const [change] = planOf(world, settingsWith({ verify: true }), new ValuePreview()).changes;
  assert.ok(change?.action === 'update');
  assert.deepEqual([change.fields.length, change.values], [1, undefined]);
});

test('an error about the run as a whole keeps no stale copy, and an object without marks is none', () => {
  const scope = scopeOf(settingsWith());
  const withheld = { reason: 'prune-withheld', deletes: 1, limit: 0, maxPrune: { count: 0 } } as const;
  const empty = renderCopies({ objects: [], namespaces: [] }, scope);
  const isStale = staleCheck({ ...empty, findings: [withheld] });
  const rendered = { ...copyOf({ ...source, uid: '', resourceVersion: '' }, 'a'), uid: '' };
  const { 'kubed.appscode.com/origin.cluster': _, ...labels } = rendered.labels;
  assert.deepEqual(
    [isStale(rendered), isStale({ ...rendered, labels }), isStale(source)],
    [true, false, false],
  );
  assert.deepEqual(
    [isRenderedCopy(rendered, scope), isRenderedCopy({ ...rendered, labels }, scope)],
    [true, false],
  );
});
