import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keyOf, originKeyOf } from '../../src/model/keys.ts';
import type { Change } from '../../src/model/change.ts';
import type { Body, ObjectKey, StringMap } from '../../src/model/objects.ts';
import { readMarks } from '../../src/plan/annotations/read-marks.ts';
import { cluster } from '../support/clusters.ts';
import { type World, planOf, settingsWith, worldOf } from '../support/world.ts';

/* The laws of the annotations that narrow what a source sends, on random clusters. */

const RUNS = { numRuns: Number(process.env['LAW_RUNS'] ?? 1000) };

const INVALID: readonly StringMap[] = [
  { 'kubed.appscode.com/sync': 'env in (' },
  { 'kubed.appscode.com/sync-namespace': 'a' },
  { 'kubed.appscode.com/sync-namespaces': '' },
  { 'kubed.appscode.com/sync-namespaces': 'a,,b' },
  { 'kubed.appscode.com/sync-namespaces': 'Team' },
  { 'kubed.appscode.com/sync-keys': '' },
  { 'kubed.appscode.com/sync-keys': 'a b' },
  { 'kubed.appscode.com/sync-keys': 'a=b=c' },
];

/** Values that are invalid for the keys of the source. */
const UNFIT: readonly StringMap[] = [
  { 'kubed.appscode.com/sync-keys': '!no-such-key' },
  { 'kubed.appscode.com/sync-keys': 'no-such-key' },
];

const NARROWER: readonly StringMap[] = [
  { 'kubed.appscode.com/sync-namespaces': 'a' },
  { 'kubed.appscode.com/sync-namespaces': '!b' },
  { 'kubed.appscode.com/sync-namespaces': 'nowhere' },
  { 'kubed.appscode.com/sync-keys': 'k' },
  { 'kubed.appscode.com/sync-keys': '*,!k' },
];

function isSource(object: Body): boolean {
  return (
    object.annotations['kubed.appscode.com/sync'] !== undefined &&
    readMarks(object, settingsWith()).marked !== 'ours'
  );
}

function hasAny(object: Body, annotations: StringMap): boolean {
  return Object.keys(annotations).some((key) => object.annotations[key] !== undefined);
}

/** The world with these annotations on one source for which `fits` holds, and the key of that source. */
function annotated(
  world: World,
  pick: number,
  annotations: StringMap,
  fits: (object: Body) => boolean,
): readonly [World, ObjectKey] | undefined {
  const objects = [...world.objects.values()];
  const sources = objects.filter((object) => isSource(object) && fits(object));
  const source = sources[pick % Math.max(1, sources.length)];
  if (source === undefined) return undefined;
  const changed = {
    ...source,
    resourceVersion: `${source.resourceVersion}0`,
    annotations: { ...source.annotations, ...annotations },
  };
  const others = objects.filter((object) => object !== source);
  return [worldOf(world.namespaces, [...others, changed]), keyOf(source)];
}

/** The key of the origin of a copy. Undefined if it is not a copy. */
function originOfCopy(object: Body | undefined): ObjectKey | undefined {
  const marks = object && readMarks(object, settingsWith());
  return marks?.marked === 'ours' ? marks.originKey : undefined;
}

test('law: an invalid value changes no copy of its source, and deletes none of any source', () => {
  const law = (world: World, pick: number, invalid: StringMap): void => {
    const after = annotated(world, pick, invalid, () => true);
    if (after === undefined) return;
    const [broken, key] = after;
    const before = new Map(planOf(world).changes.map((change) => [keyOf(change), change]));
    for (const change of planOf(broken).changes) {
      assert.notEqual(originKeyOf(change), key);
      const earlier = before.get(keyOf(change));
      if (originOfCopy(broken.objects.get(keyOf(change))) === key) {
        // The keys are known when the body is read. What this source gave up is handed over as without the mistake.
        assert.ok(UNFIT.includes(invalid), keyOf(change));
        assert.deepEqual(change, earlier);
      }
      if (change.action === 'prune') assert.equal(earlier?.action, 'prune', keyOf(change));
    }
  };
  fc.assert(fc.property(cluster, fc.nat(), fc.constantFrom(...INVALID, ...UNFIT), law), RUNS);
});

test('law: narrowing one source changes no copy that another source keeps', () => {
  const law = (world: World, pick: number, narrower: StringMap): void => {
    const after = annotated(world, pick, narrower, (object) => !hasAny(object, narrower));
    if (after === undefined) return;
    const [narrowed, key] = after;
    const [was, is] = [planOf(world), planOf(narrowed)];
    const now = new Map(is.changes.map((change) => [keyOf(change), change]));
    const before = new Map(was.changes.map((change) => [keyOf(change), change]));
    const others = [...world.objects.values()].filter((object) => keyOf(object) !== key);
    const alone = planOf(worldOf(world.namespaces, others)).changes;
    const isGivenUp = (change: Change): boolean =>
      change.action === 'prune' || originKeyOf(change) !== originOfCopy(world.objects.get(keyOf(change)));
    const givenUp = new Set(alone.filter(isGivenUp).map(keyOf));
    for (const there of world.objects.values()) {
      const origin = originOfCopy(there);
      const change = before.get(keyOf(there));
      if (origin === undefined || origin === key) continue;
      // Its origin gave it up. It may have waited for this source, which cannot be copied.
      if (givenUp.has(keyOf(there))) continue;
      // A copy that is handed over was given up by its origin.
      if (change !== undefined && originKeyOf(change) !== origin) continue;
      if (change?.action !== 'prune') assert.deepEqual(now.get(keyOf(there)), change);
    }
    for (const change of is.changes)
      if (change.action === 'create' && originKeyOf(change) === key) assert.ok(before.has(keyOf(change)));
  };
  fc.assert(fc.property(cluster, fc.nat(), fc.constantFrom(...NARROWER), law), RUNS);
});
