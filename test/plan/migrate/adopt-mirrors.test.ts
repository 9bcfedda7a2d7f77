import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { readMirror } from '../../../src/plan/migrate/mirror-marks.ts';
import { patchBody } from '../../../src/plan/copy/request-body.ts';
import type { Body, StringMap } from '../../../src/model/objects.ts';
import { keyOf } from '../../../src/model/keys.ts';
import { changed, configMap, copyOf, entry, namespace, secret, treeOf } from '../../support/build.ts';
import { VALUE_MARK, cluster } from '../../support/clusters.ts';
import { act, planOf, settingsWith, worldOf } from '../../support/world.ts';

/* `--on-conflict adopt-mirrors`: which objects are taken over, and which are not. */

const R = 'reflector.v1.k8s.emberstack.com';
const M = 'replicator.v1.mittwald.de';
const RUNS = { numRuns: Number(process.env['LAW_RUNS'] ?? 1000) };

const source = secret('demo/tls', { sync: '', data: { key: 'eA==' } });
const settings = settingsWith({ sourceNamespaces: ['demo'], onConflict: 'adopt-mirrors' });

const REFLECTED: StringMap = {
  [`${R}/reflects`]: 'demo/tls',
  [`${R}/auto-reflects`]: 'True',
  [`${R}/reflected-version`]: '1',
  [`${R}/reflected-at`]: '2026-01-01T00:00:00Z',
};
const REPLICATED: StringMap = {
  [`${M}/replicate-from`]: 'demo/tls',
  [`${M}/replicated-from-version`]: '1',
  [`${M}/replicated-at`]: '2026-01-01T00:00:00Z',
  [`${M}/replicated-keys`]: 'key',
};

/** A mirror in namespace `a`, as another manager wrote it. */
function mirror(annotations: StringMap, more: Parameters<typeof secret>[1] = {}): Body {
  const body = secret('a/tls', { data: { key: 'eA==' }, ...more, annotations });
  return { ...body, managedFields: [entry('reflector', treeOf(body))] };
}

function without(map: StringMap, key: string): StringMap {
  return Object.fromEntries(Object.entries(map).filter(([one]) => one !== key));
}

/** What the plan does with the object in `a`: the change with its reason, or why not. */
function decided(there: Body, from: Body = source, more: Partial<typeof settings> = {}): string {
  const world = worldOf([namespace('demo'), namespace(there.namespace)], [from, there]);
  const { changes, findings } = planOf(world, { ...settings, ...more });
  const [change] = changes;
  if (change !== undefined) return `${change.action} ${change.reason}`;
  const conflict = findings.find(({ reason }) => reason === 'conflict');
  return conflict?.reason === 'conflict' ? (conflict.adopt ?? 'conflict') : 'nothing';
}

const rows: readonly (readonly [name: string, expected: string, there: Body, from?: Body])[] = [
  ['a mirror of reflector', 'refresh adopted', mirror(REFLECTED)],
  [
    'a direct mirror of reflector',
    'refresh adopted',
    mirror({ ...REFLECTED, [`${R}/auto-reflects`]: 'False' }),
  ],
  ['a mirror with other content', 'update adopted', mirror(REFLECTED, { data: { key: 'eQ==' } })],
  ['a pulled mirror of replicator', 'refresh adopted', mirror(REPLICATED)],
  ['a mirror with annotations of others', 'refresh adopted', mirror({ ...REFLECTED, 'example.com/a': 'b' })],
  ['an ordinary object', 'not-a-mirror', mirror({})],
  ...Object.keys(REFLECTED).map(
    (key) => [`reflector, without ${key}`, 'not-a-mirror', mirror(without(REFLECTED, key))] as const,
  ),
  ...Object.keys(REPLICATED).map(
    (key) => [`replicator, without ${key}`, 'not-a-mirror', mirror(without(REPLICATED, key))] as const,
  ),
  ['reflector, an empty version', 'not-a-mirror', mirror({ ...REFLECTED, [`${R}/reflected-version`]: '' })],
  ['another namespace', 'not-a-mirror', mirror({ ...REFLECTED, [`${R}/reflects`]: 'other/tls' })],
  ['another name', 'not-a-mirror', mirror({ ...REFLECTED, [`${R}/reflects`]: 'demo/other' })],
  ['no name', 'not-a-mirror', mirror({ ...REFLECTED, [`${R}/reflects`]: 'tls' })],
  ['too many parts', 'not-a-mirror', mirror({ ...REFLECTED, [`${R}/reflects`]: 'demo/tls/x' })],
  ['both tools', 'not-a-mirror', mirror({ ...REFLECTED, ...REPLICATED })],
  [
    'a mirror that is a source of the tool too',
    'not-a-mirror',
    mirror({ ...REFLECTED, [`${R}/reflection-allowed`]: 'true' }),
  ],
  [
    'the source still has an annotation of the tool',
    'source-still-mirrored',
    mirror(REFLECTED),
    { ...source, annotations: { ...source.annotations, [`${R}/reflection-allowed`]: 'false' } },
  ],
  [
    'the source still has an annotation of the other tool',
    'refresh adopted',
    mirror(REFLECTED),
    { ...source, annotations: { ...source.annotations, [`${M}/replicate-to`]: 'a' } },
  ],
  [
    'a mirror that is being deleted',
    'being-deleted',
    mirror(REFLECTED, { deletionTimestamp: '2026-01-03T00:00:00Z' }),
  ],
  ['a mirror of another type', 'needs-replace', mirror(REFLECTED, { type: 'example.com/other' })],
  ['a mirror in kube-system', 'system-namespace', { ...mirror(REFLECTED), namespace: 'kube-system' }],
];

suite('taken over, or why not', () => {
  for (const [name, expected, there, from] of rows)
    test(name, () => assert.equal(decided(there, from), expected));
});

test('without the option a mirror is a conflict, and adopt still takes everything', () => {
  assert.equal(decided(mirror(REFLECTED), source, { onConflict: 'fail' }), 'conflict');
  assert.equal(decided(mirror({}), source, { onConflict: 'adopt' }), 'refresh adopted');
});

test('the marks of the tool are removed, all others stay, and the next run has nothing to do', () => {
  const there = mirror({ ...REFLECTED, 'example.com/a': 'b' });
  const world = worldOf([namespace('demo'), namespace('a')], [source, there]);
  const { changes } = planOf(world, settings);
  const [change] = changes;
  assert.ok(change?.action === 'refresh');
  const { metadata } = patchBody(change, source, settings) as { metadata: { annotations: object } };
  for (const key of Object.keys(REFLECTED)) assert.equal(Reflect.get(metadata.annotations, key), null, key);
  const after = act(world, changes, settings);
  const kept = after.objects.get(keyOf(there))?.annotations ?? {};
  assert.deepEqual(
    Object.keys(kept).filter((key) => !key.startsWith('kubed.appscode.com/')),
    ['example.com/a'],
  );
  assert.deepEqual(planOf(after, settings).changes, []);
  assert.deepEqual(planOf(after, settingsWith({ sourceNamespaces: ['demo'] })).changes, []);
});

test('on a copy of ours, keys of a tool stay', () => {
  const copy = copyOf(source, 'a');
  const there = changed(copy, { annotations: { ...copy.annotations, ...REFLECTED }, resourceVersion: '9' });
  const newer = changed(source, { resourceVersion: '2' });
  const world = worldOf([namespace('demo'), namespace('a')], [newer, there]);
  const after = act(world, planOf(world, settings).changes, settings);
  assert.equal(after.objects.get(keyOf(there))?.annotations[`${R}/reflects`], 'demo/tls');
});

test('law: only complete mirrors of the same source are taken over, on random clusters', () => {
  const marks = fc.subarray([
    ...Object.entries(REFLECTED),
    ...Object.entries(REPLICATED),
    [`${R}/reflection-allowed`, 'true'] as const,
  ]);
  const origin = fc.constantFrom('a/omni', 'b/omni', 'a/tls', 'b/tls');
  fc.assert(
    fc.property(
      cluster,
      fc.array(fc.tuple(fc.nat(), marks, origin, fc.boolean()), { maxLength: 6 }),
      (world, marked) => {
        const all = [...world.objects.values()];
        const objects = marked.reduce((list, [pick, some, from, whole]) => {
          const at = pick % Math.max(1, list.length);
          return list.map((one, index) => {
            if (index !== at) return one;
            const entries = Object.entries(whole ? REFLECTED : Object.fromEntries(some));
            const named = entries.map(([key, text]) => [key, text === 'demo/tls' ? from : text] as const);
            return { ...one, annotations: { ...one.annotations, ...Object.fromEntries(named) } };
          });
        }, all);
        const wide = settingsWith({ sourceNamespaces: ['a', 'b'], onConflict: 'adopt-mirrors' });
        const before = worldOf(world.namespaces, objects);
        const { changes, findings } = planOf(before, wide);
        for (const change of changes) {
          if (!('reason' in change) || change.reason !== 'adopted') continue;
          const there = before.objects.get(keyOf(change));
          const mirrored = there && readMirror(there);
          assert.deepEqual(mirrored?.origin, change.origin, keyOf(change));
          const from = before.objects.get(keyOf({ ...change, ...change.origin }));
          assert.ok(
            !Object.keys(from?.annotations ?? {}).some(
              (key) => key.startsWith(R) && mirrored?.tool === 'reflector',
            ),
          );
        }
        assert.ok(!JSON.stringify(findings).includes(VALUE_MARK));
      },
    ),
    RUNS,
  );
});

test('a ConfigMap is taken over too', () => {
  const omni = configMap('demo/tls', { sync: '', data: { k: 'v' } });
  const there = { ...configMap('a/tls', { data: { k: 'v' }, annotations: REFLECTED }) };
  const world = worldOf([namespace('demo'), namespace('a')], [omni, there]);
  assert.deepEqual(
    planOf(world, settings).changes.map(({ action, reason }) => `${action} ${reason}`),
    ['refresh adopted'],
  );
});
