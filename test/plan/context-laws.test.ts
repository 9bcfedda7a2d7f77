import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Plan } from '../../src/model/plan.ts';
import type { Settings } from '../../src/model/settings.ts';
import type { Change } from '../../src/model/change.ts';
import { keyOf } from '../../src/model/keys.ts';
import {
  CONTEXTS,
  HOME_UID,
  SYNC_CONTEXTS,
  type Files,
  type TwoWorlds,
  contextPlans,
  isDelete,
  narrowing,
  twoWorlds,
} from '../support/context-worlds.ts';

/* The laws of copies in other clusters, on random pairs of clusters (docs/design.md 11). */

const RUNS = { numRuns: Number(process.env['LAW_RUNS'] ?? 1000) };
const ALL: Files = { known: Object.keys(CONTEXTS), failed: [] };
const some = fc.subarray(Object.keys(CONTEXTS));

function changesOf(plans: ReadonlyMap<string, Plan>): readonly (readonly [string, Change])[] {
  return [...plans].flatMap(([context, { changes }]) => changes.map((change) => [context, change] as const));
}

/** `CONTEXT action Kind/namespace/name` of all changes that a test is about. */
function namesOf(plans: ReadonlyMap<string, Plan>, isMeant: (change: Change) => boolean): readonly string[] {
  return changesOf(plans).flatMap(([context, change]) =>
    isMeant(change) ? [`${context} ${change.action} ${keyOf(change)}`] : [],
  );
}

function thereBy({ there }: TwoWorlds): ReadonlyMap<string, TwoWorlds['there'][number]> {
  return new Map(there.map((one) => [keyOf(one), one]));
}

test('the random clusters have every kind of change', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(twoWorlds, fc.constantFrom(0, 300), (worlds, pruneAfter) => {
      const plans = contextPlans(worlds, { sourceNamespaces: ['a', 'b', 'src'], pruneAfter }, ALL);
      for (const [, { action, reason }] of changesOf(plans)) seen.add(`${action} ${reason}`);
    }),
    { numRuns: 3000, seed: 1 },
  );
  for (const one of [
    'create missing',
    'refresh taken-over',
    'update source-changed',
    'prune context-not-named',
    'prune source-gone',
    'prune annotation-removed',
    'mark context-not-named',
  ])
    assert.ok(seen.has(one), one);
});

test('nothing that carries the uid of another home is ever written or deleted', () => {
  fc.assert(
    fc.property(twoWorlds, narrowing, (worlds, options) => {
      const objects = thereBy(worlds);
      for (const [context, change] of changesOf(
        contextPlans(worlds, { pruneLegacy: true, ...options }, ALL),
      )) {
        const uid = objects.get(keyOf(change))?.annotations['kubed.appscode.com/origin.cluster-uid'];
        assert.ok(uid === undefined || uid === HOME_UID, `${context} ${change.action} ${keyOf(change)}`);
      }
    }),
    RUNS,
  );
});

test('a delete is only of a copy with the uid of home that records this very context', () => {
  fc.assert(
    fc.property(twoWorlds, narrowing, (worlds, options) => {
      const objects = thereBy(worlds);
      for (const [context, change] of changesOf(contextPlans(worlds, options, ALL))) {
        if (!isDelete(change)) continue;
        const { annotations } = objects.get(keyOf(change)) ?? assert.fail();
        assert.equal(annotations['kubed.appscode.com/origin.cluster-uid'], HOME_UID);
        assert.equal(annotations['kubed.appscode.com/context'], context);
      }
    }),
    RUNS,
  );
});

test('no option causes a delete, except of a place that another context or a source out of sight keeps', () => {
  fc.assert(
    fc.property(twoWorlds, narrowing, (worlds, options) => {
      const { pruneAfter: _, ...narrow } = options;
      // Without --source-namespace, a wildcard is invalid. So both runs have the option.
      const scope = { sourceNamespaces: ['a', 'b', 'src'] };
      const all = contextPlans(worlds, scope, ALL);
      for (const one of namesOf(contextPlans(worlds, { ...scope, ...narrow }, ALL), isDelete))
        assert.ok(
          namesOf(all, isDelete).includes(one) ||
            isTakenOver(one, all) ||
            isClaimedUnseen(one, worlds, narrow),
          one,
        );
    }),
    RUNS,
  );
});

/** Whether another context writes the place of a change. */
function isTakenOver(one: string, plans: ReadonlyMap<string, Plan>): boolean {
  const [context, , place] = one.split(' ');
  const writers = namesOf(plans, (change) => keyOf(change) === place && !isDelete(change));
  return writers.some((writer) => writer.split(' ')[0] !== context);
}

/** Whether a source that `--namespace` hides asks for that name in other clusters, or may do so once it is corrected. */
function isClaimedUnseen(one: string, { sources }: TwoWorlds, { namespaces }: Partial<Settings>): boolean {
  const [kind, , name] = (one.split(' ')[2] ?? '').split('/');
  return sources.some(
    (source) =>
      source.kind === kind &&
      source.name === name &&
      source.annotations[SYNC_CONTEXTS] !== undefined &&
      namespaces?.includes(source.namespace) === false,
  );
}

test('no kubeconfig and no failure causes a delete', () => {
  fc.assert(
    fc.property(twoWorlds, some, some, (worlds, known, failed) => {
      const scope = { sourceNamespaces: ['a', 'b', 'src'] };
      const all = contextPlans(worlds, scope, ALL);
      const files = { known, failed: failed.filter((one) => known.includes(one)) };
      for (const one of namesOf(contextPlans(worlds, scope, files), isDelete))
        assert.ok(namesOf(all, isDelete).includes(one) || isTakenOver(one, all), one);
    }),
    RUNS,
  );
});

test('an error in one context changes nothing in another, except that it holds deletes back', () => {
  fc.assert(
    fc.property(twoWorlds, some, (worlds, failed) => {
      const scope = { sourceNamespaces: ['a', 'b', 'src'] };
      const good = contextPlans(worlds, scope, ALL);
      const bad = contextPlans(worlds, scope, { known: ALL.known, failed });
      const twins = new Set(['east', 'twin', 'wide', 'west']);
      const single = failed.length === 0 || !failed.some((one) => twins.has(one));
      for (const [context, plan] of bad) {
        const before = good.get(context) ?? assert.fail();
        const writes = (changes: readonly Change[]): readonly string[] =>
          changes.filter((change) => !isDelete(change)).map((change) => `${change.action} ${keyOf(change)}`);
        // Without its rival, a context may write a place that both lead to. It loses no write.
        for (const one of writes(before.changes))
          assert.ok(writes(plan.changes).includes(one) || isHeldHandOver(one, before), `${context} ${one}`);
        if (single) assert.deepEqual(writes(plan.changes), writes(before.changes));
      }
    }),
    RUNS,
  );
});

/** A copy is not handed over from a source whose deletes are held back. */
function isHeldHandOver(one: string, { changes }: Plan): boolean {
  return changes.some(
    (change) => `${change.action} ${keyOf(change)}` === one && 'from' in change && change.from !== undefined,
  );
}

test('an invalid annotation changes nothing in other clusters', () => {
  fc.assert(
    fc.property(twoWorlds, (worlds) => {
      const key = 'kubed.appscode.com/sync-contexts';
      const plans = contextPlans(worlds, { sourceNamespaces: ['a', 'b', 'src'] }, ALL);
      const broken = new Set(
        worlds.sources.flatMap((one) =>
          ['', ','].includes(one.annotations[key] ?? 'x') ? [keyOf(one)] : [],
        ),
      );
      for (const [, { origin, kind }] of changesOf(plans))
        assert.ok(!broken.has(keyOf({ kind, namespace: origin.namespace, name: origin.name })));
    }),
    RUNS,
  );
});

test('a plan does not depend on the order of anything', () => {
  fc.assert(
    fc.property(twoWorlds, (worlds) => {
      const reversed = { sources: worlds.sources.toReversed(), there: worlds.there.toReversed() };
      const [a, b] = [contextPlans(worlds, {}, ALL), contextPlans(reversed, {}, ALL)];
      for (const [context, plan] of a) assert.deepEqual(b.get(context)?.changes, plan.changes);
    }),
    RUNS,
  );
});
