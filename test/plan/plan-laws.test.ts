import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readMarks } from '../../src/plan/annotations/read-marks.ts';
import type { Body } from '../../src/model/objects.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Settings } from '../../src/model/settings.ts';
import { draftPlan } from '../../src/plan/draft.ts';
import { keyOf } from '../../src/model/keys.ts';
import { copyContent, narrowContent } from '../../src/plan/copy/narrow-content.ts';
import { planPurge } from '../../src/plan/purge.ts';
import { classify } from '../../src/plan/classify.ts';
import { planReads } from '../../src/plan/read-plan.ts';
import { scopeOf } from '../../src/plan/scope.ts';
import { parseSync } from '../../src/plan/annotations/selector.ts';
import { cluster, narrowing, reconciled, some } from '../support/clusters.ts';
import { NOW, type World, planOf, settingsWith, snapshotOf, worldOf } from '../support/world.ts';

/* The laws of the plan, on random clusters after earlier runs and edits of others. */

const RUNS = { numRuns: Number(process.env['LAW_RUNS'] ?? 1000) };

/** Checks a law on random clusters, with random options if the law is about options too. */
function law(name: string, holds: (world: World, options: Partial<Settings>) => void): void {
  test(name, () => fc.assert(fc.property(cluster, narrowing, holds), RUNS));
}

function isSource(object: Body): boolean {
  return (
    object.annotations['kubed.appscode.com/sync'] !== undefined &&
    readMarks(object, settingsWith()).marked !== 'ours'
  );
}

law('convergence: after a run the next one has nothing to do', (world, options) => {
  const settings = settingsWith(options);
  assert.deepEqual(planOf(reconciled(world, settings), settings).changes, []);
});

law('convergence: after a run all copies are up to date by metadata', (world) => {
  const rules = scopeOf(settingsWith());
  const left = reconciled(world);
  const after = draftPlan(snapshotOf(left, rules), rules);
  const refused = (key: string): boolean => {
    const source = left.objects.get(key as never);
    if (source === undefined) return false;
    return source.content.type === 'kubernetes.io/service-account-token' || !narrowContent(source).ok;
  };
  const waits = after.pending.filter(({ key, source: { meta, isTerminating } }) => {
    const source = keyOf(meta);
    return (
      !isTerminating && !refused(source) && !staysBehind(left.objects.get(key), left.objects.get(source))
    );
  });
  assert.deepEqual(waits, []);
});

/** A copy that must not be deleted is never replaced. If only a replace helps, it is read in every run. */
function staysBehind(copy: Body | undefined, source: Body | undefined): boolean {
  if (copy === undefined || source === undefined) return false;
  if (copy.annotations['kubed.appscode.com/sync'] === undefined && isProven(copy)) return false;
  return copy.content.immutable || copy.content.type !== copyContent(source).type;
}

law(
  'hands off: a run changes only our objects, creates only under free names, and changes no source',
  (world, options) => {
    const settings = settingsWith(options);
    for (const change of planOf(world, settings).changes) {
      const there = world.objects.get(keyOf(change));
      if (change.action === 'create') assert.equal(there, undefined);
      else assert.equal(there && readMarks(there, settings).marked, 'ours');
      assert.ok(there === undefined || !isSource(there) || readMarks(there, settings).marked === 'ours');
    }
  },
);

law('hands off: nothing is written or deleted in a namespace that is terminating', (world) => {
  const terminating = new Set(
    world.namespaces.flatMap(({ name, terminating: ends }) => (ends ? [name] : [])),
  );
  assert.deepEqual(
    planOf(world).changes.filter(({ namespace }) => terminating.has(namespace)),
    [],
  );
});

/** Whether kubed-sync or the old operator wrote this very object, as its managedFields tell. */
function isProven({ managedFields, creationTimestamp }: Body): boolean {
  const since = new Date(Date.parse(creationTimestamp) - 120_000).toISOString();
  return managedFields.some(
    ({ manager = '', operation, time = '' }) =>
      ['kubed-sync', 'kubed', 'config-syncer'].includes(manager) && operation === 'Update' && time >= since,
  );
}

law(
  'proof: nothing is deleted or handed over that neither we nor the old operator wrote',
  (world, options) => {
    const settings = settingsWith({ ...options, pruneLegacy: false, onConflict: 'adopt' });
    const purged = planPurge(classify(snapshotOf(world, settings), scopeOf(settings)));
    for (const change of [...planOf(world, settings).changes, ...purged.changes]) {
      const there = world.objects.get(keyOf(change));
      const isDelete = change.action === 'prune' || change.action === 'replace' || change.action === 'mark';
      if (isDelete || change.reason === 'handed-over') assert.ok(there !== undefined && isProven(there));
    }
  },
);

const LATER = '2026-01-03T00:10:00Z';

function prunesOf(world: World, settings: Settings): readonly string[] {
  return planOf(world, settings).changes.flatMap((one) => (one.action === 'prune' ? [keyOf(one)] : []));
}

law('patient: with --prune-after the same copies are pruned, and not before', (world, options) => {
  const settings = settingsWith({ ...options, pruneAfter: 300 });
  const at = (now: string, from: World): readonly string[] => prunesOf(from, { ...settings, now });
  assert.deepEqual(at(NOW, world), []);
  const marked = reconciled(world, settings);
  assert.deepEqual(planOf(marked, settings).changes, []);
  assert.deepEqual(at('2026-01-03T00:04:59Z', marked), []);
  assert.deepEqual(
    at(LATER, marked),
    prunesOf(reconciled(world, { ...settings, prune: false }), { ...settings, pruneAfter: 0 }),
  );
});

law('once: each object has at most one change', (world, options) => {
  const keys = planOf(world, settingsWith(options)).changes.map(keyOf);
  assert.equal(new Set(keys).size, keys.length);
});

law('order-free: the order of the lists does not matter', (world, options) => {
  const settings = settingsWith(options);
  const backwards = worldOf([...world.namespaces].toReversed(), [...world.objects.values()].toReversed());
  assert.deepEqual(planOf(backwards, settings), planOf(world, settings));
});

law('local: an unrelated object changes no change', (world) => {
  const [stranger] = [...world.objects.values()];
  if (stranger === undefined) return;
  const unrelated = { ...stranger, name: 'unrelated', labels: {}, annotations: {}, managedFields: [] };
  const more = worldOf(world.namespaces, [...world.objects.values(), unrelated]);
  assert.deepEqual(planOf(more).changes, planOf(world).changes);
});

law('gentle: with --no-prune nothing is pruned, and the rest is the same', (world) => {
  const plan = planOf(world, settingsWith({ prune: false }));
  assert.deepEqual(
    plan.changes,
    planOf(world).changes.filter(({ action }) => action !== 'prune'),
  );
});

law('gentle: the copies of a source with an invalid selector stay exactly as they are', (world) => {
  const broken = [...world.objects.values()].filter(
    (object) => isSource(object) && !parseSync(object.annotations['kubed.appscode.com/sync'] ?? '').ok,
  );
  const touched = planOf(world).changes.filter(({ kind, origin }) =>
    broken.some(
      (source) =>
        source.kind === kind && source.name === origin.name && source.namespace === origin.namespace,
    ),
  );
  assert.deepEqual(touched, []);
});

function pruned(plan: Plan): string[] {
  return plan.changes.filter(({ action }) => action === 'prune').map(keyOf);
}

/**
 * Returns whether a source outside these namespaces asks for that name. Without `--namespace` it would take over the
 * copy that its origin gave up. A run that does not see it prunes the copy.
 */
function isClaimedUnseen(world: World, key: string, { namespaces }: Settings): boolean {
  const [kind, , name] = key.split('/');
  return [...world.objects.values()].some(
    (object) =>
      object.kind === kind &&
      object.name === name &&
      namespaces.length > 0 &&
      !namespaces.includes(object.namespace) &&
      isSource(object),
  );
}

law(
  'options narrow: no option makes a run delete what it would not delete without it',
  (world, { clusterName: _, ...options }) => {
    const settings = settingsWith(options);
    const without = new Set(pruned(planOf(world)));
    assert.deepEqual(
      pruned(planOf(world, settings)).filter(
        (key) => !without.has(key) && !isClaimedUnseen(world, key, settings),
      ),
      [],
    );
  },
);

/** Checks a law for any namespaces of `--namespace`. */
function lawOfSome(
  name: string,
  holds: (world: World, namespaces: readonly string[], options: Partial<Settings>) => void,
): void {
  test(`namespaces: ${name}`, () => fc.assert(fc.property(cluster, some, narrowing, holds), RUNS));
}

/** Returns the copies that a plan takes from their origin, by a prune or by a hand-over. */
function taken({ changes }: Plan): readonly string[] {
  return changes.filter((change) => change.action === 'prune' || 'from' in change).map(keyOf);
}

lawOfSome('no copy leaves an origin that keeps it in a run without the option', (world, namespaces) => {
  const settings = settingsWith({ namespaces });
  const without = new Set(taken(planOf(world)));
  assert.deepEqual(
    taken(planOf(world, settings)).filter(
      (key) => !without.has(key) && !isClaimedUnseen(world, key, settings),
    ),
    [],
  );
});

lawOfSome('a purge deletes a part of what it deletes without the option', (world, namespaces, options) => {
  const purged = (changes: Partial<Settings>): string[] => {
    const settings = settingsWith({ ...options, ...changes });
    return pruned(planPurge(classify(snapshotOf(world, settings), scopeOf(settings))));
  };
  const all = new Set(purged({ namespaces: [] }));
  assert.deepEqual(
    purged({ namespaces }).filter((key) => !all.has(key)),
    [],
  );
});

lawOfSome('objects outside decide nothing', (world, namespaces, options) => {
  const settings = settingsWith({ ...options, namespaces });
  const narrowed = worldOf(
    world.namespaces.filter(({ name }) => namespaces.includes(name)),
    [...world.objects.values()].filter(({ namespace }) => namespaces.includes(namespace)),
  );
  assert.deepEqual(planOf(narrowed, settings), planOf(world, settings));
});

lawOfSome('objects outside are neither read nor written', (world, namespaces, options) => {
  const settings = settingsWith({ ...options, namespaces });
  const drafted = draftPlan(snapshotOf(world, settings), scopeOf(settings));
  const { sources, origins, copies, lists } = planReads(drafted);
  for (const { namespace } of [...sources, ...origins, ...copies, ...planOf(world, settings).changes])
    assert.ok(namespaces.includes(namespace));
  for (const { namespace } of lists) assert.ok(namespace !== undefined && namespaces.includes(namespace));
});

lawOfSome('a copy of an origin outside stays exactly as it is', (world, namespaces, options) => {
  const settings = settingsWith({ ...options, namespaces });
  for (const change of planOf(world, settings).changes) {
    const there = world.objects.get(keyOf(change));
    const marks = there && readMarks(there, settings);
    if (marks?.marked === 'ours') assert.ok(namespaces.includes(marks.origin.namespace));
  }
});

law(
  'adopt takes over no source, nothing in a system namespace, and nothing that is being deleted',
  (world) => {
    const settings = settingsWith({ onConflict: 'adopt', sourceNamespaces: ['a', 'b'] });
    for (const change of planOf(world, settings).changes) {
      const there = world.objects.get(keyOf(change));
      if (there === undefined || readMarks(there, settings).marked === 'ours') continue;
      assert.equal('reason' in change && change.reason, 'adopted');
      assert.ok(
        !isSource(there) && there.namespace !== 'kube-system' && there.deletionTimestamp === undefined,
      );
    }
  },
);
