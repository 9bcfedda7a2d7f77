import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as markers from '../../../src/plan/annotations/markers.ts';
import { strayKeys } from '../../../src/plan/annotations/key-spelling.ts';
import type { KeyHolder, StrayKey } from '../../../src/model/finding.ts';

type Row = readonly [part: StrayKey['part'], key: string, result: string | undefined];

const SYNC = 'kubed.appscode.com/sync';
const CONTEXTS = 'kubed.appscode.com/sync-contexts';
const IGNORE = 'kubed.appscode.com/ignore';
const UNKNOWN = 'unknown';

/** What was meant, `unknown` for a stray key that resembles no other, and undefined for a key that is not stray. */
const ON_OBJECTS: readonly Row[] = [
  ['annotation', SYNC, undefined],
  ['annotation', CONTEXTS, undefined],
  ['annotation', 'kubed.appscode.com/Sync', SYNC],
  ['annotation', 'kubed.appscode.com/SYNC', SYNC],
  ['annotation', 'kubed.appscode.com/synced', SYNC],
  ['annotation', 'kubed.appscode.com/snyc', SYNC],
  ['annotation', 'kubed.appscode.com/syn', SYNC],
  ['annotation', 'kubed.appscode.com/sync-enabled', SYNC],
  ['annotation', 'kubed.appscode.com/sync-context', CONTEXTS],
  ['annotation', 'kubed.appscode.com/Sync-Contexts', CONTEXTS],
  ['annotation', 'kubed.appscode.com/sync-contexts-2', CONTEXTS],
  ['annotation', 'kubed.appscode.com/sync/more', UNKNOWN],
  ['annotation', 'kubed.appscode.com/copy', UNKNOWN],
  ['annotation', 'kubed.appscode.com/', UNKNOWN],
  ['annotation', IGNORE, UNKNOWN],
  ['annotation', 'kubed.appscode.com/ignored', UNKNOWN],
  ['annotation', 'kubernetes.appscode.com/sync', SYNC],
  ['annotation', 'kubernetes.appscode.com/sync-config', SYNC],
  ['annotation', 'kubed.appscode.io/sync', SYNC],
  ['annotation', 'appscode.com/Sync', SYNC],
  ['annotation', 'appscode.com/snyc', undefined],
  ['annotation', 'stash.appscode.com/params', undefined],
  ['annotation', 'kubernetes.appscode.com/origin', undefined],
  ['annotation', 'kubed.appscode.com', undefined],
  ['annotation', 'sync', undefined],
  ['annotation', 'example.com/sync', undefined],
  ['annotation', 'kubed.appscode.com/origin', undefined],
  ['annotation', 'kubed.appscode.com/origin.more', undefined],
  ['annotation', 'kubed.appscode.com/fields', undefined],
  ['label', 'kubed.appscode.com/origin.name', undefined],
  ['label', SYNC, SYNC],
  ['label', 'kubed.appscode.com/Sync', SYNC],
  ['label', 'kubernetes.appscode.com/sync', SYNC],
  ['label', 'kubed.appscode.com/team', UNKNOWN],
];

const ON_NAMESPACES: readonly Row[] = [
  ['annotation', IGNORE, undefined],
  ['annotation', 'kubed.appscode.com/ignored', IGNORE],
  ['annotation', 'kubed.appscode.com/Ignore', IGNORE],
  ['annotation', 'kubed.appscode.com/ingore', IGNORE],
  ['annotation', 'kubed.appscode.io/ignore', IGNORE],
  ['annotation', SYNC, UNKNOWN],
  ['annotation', 'kubed.appscode.com/other', UNKNOWN],
  ['label', IGNORE, IGNORE],
  ['label', 'kubed.appscode.com/ignored', IGNORE],
  ['label', SYNC, undefined],
  ['label', 'kubed.appscode.com/team', undefined],
];

function resultOf(holder: KeyHolder, part: StrayKey['part'], key: string): string | undefined {
  const map = { team: 'x', [key]: 'true' };
  const [stray, ...more] = strayKeys(holder, {
    labels: part === 'label' ? map : {},
    annotations: part === 'annotation' ? map : {},
  });
  assert.deepEqual(more, []);
  if (stray === undefined) return undefined;
  assert.deepEqual([stray.part, stray.key], [part, key]);
  return stray.meant ?? UNKNOWN;
}

for (const kind of ['ConfigMap', 'Secret'] as const)
  test(`keys on a ${kind} that look like ours`, () => {
    for (const [part, key, result] of ON_OBJECTS)
      assert.equal(resultOf(kind, part, key), result, `${part} ${key}`);
  });

test('keys on a Namespace that look like ours', () => {
  for (const [part, key, result] of ON_NAMESPACES)
    assert.equal(resultOf('Namespace', part, key), result, `${part} ${key}`);
});

test('no mark of ours is stray: every key that markers.ts names is known somewhere', () => {
  const { MARK_PREFIX } = markers;
  const keys = Object.values(markers).flatMap((one) =>
    typeof one === 'string' && one.startsWith(MARK_PREFIX) && one !== MARK_PREFIX ? [one] : [],
  );
  assert.ok(keys.length > 7);
  for (const key of keys) {
    const results = (['Secret', 'Namespace'] as const).flatMap((holder) =>
      (['label', 'annotation'] as const).map((part) => resultOf(holder, part, key)),
    );
    assert.ok(results.includes(undefined), key);
  }
  for (const key of markers.MARK_ANNOTATIONS)
    assert.equal(resultOf('Secret', 'annotation', key), undefined, key);
});

test('a key of a quarter of a megabyte is judged at once', () => {
  const began = performance.now();
  assert.equal(resultOf('Secret', 'annotation', `kubed.appscode.com/${'s'.repeat(250_000)}`), UNKNOWN);
  assert.equal(resultOf('Secret', 'annotation', `kubed.appscode.com/sync${'s'.repeat(250_000)}`), SYNC);
  assert.ok(performance.now() - began < 200);
});
