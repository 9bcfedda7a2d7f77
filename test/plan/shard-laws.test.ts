import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareChanges, finalizePlan } from '../../src/plan/finalize.ts';
import {
  MANAGED_BY,
  ORIGIN,
  SYNC,
  SYNC_CONTEXTS,
  originLabels,
  writeOrigin,
} from '../../src/plan/annotations/markers.ts';
import type { Body, Snapshot, StringMap } from '../../src/model/objects.ts';
import { type Finding, severityOf } from '../../src/model/finding.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Settings, Shard } from '../../src/model/settings.ts';
import { draftPlan } from '../../src/plan/draft.ts';
import { planPurge } from '../../src/plan/purge.ts';
import { classify } from '../../src/plan/classify.ts';
import { compareText, keyOf } from '../../src/model/keys.ts';
import { type Scope, scopeOf } from '../../src/plan/scope.ts';
import { isNeededBy, shardOf } from '../../src/plan/shard.ts';
import { cluster, narrowing, reconciled } from '../support/clusters.ts';
import { type World, answersOf, entryOf, settingsWith, snapshotOf, worldOf } from '../support/world.ts';

/*
 * The laws of `--shard`. All shards together do and report what one run does. No shard does the work of another. A
 * shard does not need the objects that it drops.
 */

const RUNS = { numRuns: Number(process.env['LAW_RUNS'] ?? 300) };
const COUNTS = [1, 2, 3, 4, 5, 6, 7];

/** Options, with those that allow more changes. */
const someOptions: fc.Arbitrary<Partial<Settings>> = fc
  .tuple(
    narrowing,
    fc.record(
      { pruneLegacy: fc.boolean(), onConflict: fc.constantFrom('fail', 'skip', 'adopt') },
      { requiredKeys: [] },
    ),
  )
  .map(([narrow, wide]): Partial<Settings> => {
    const adopts = wide.onConflict === 'adopt' && (narrow.sourceNamespaces ?? []).length === 0;
    return { ...narrow, ...wide, ...(adopts && { sourceNamespaces: ['a', 'b'] }) };
  });

/** With many options there is little to do, so half of the runs have none. */
const options = fc.oneof(fc.constant<Partial<Settings>>({}), someOptions);

/** Changes of a source or a copy after which copies elsewhere stay as they are or lose their origin. */
const TROUBLES: readonly ((object: Body) => Body)[] = [
  (object) => annotated(object, { [SYNC]: '' }),
  (object) => annotated(object, { [SYNC]: 'env in (' }),
  (object) => annotated(object, { [SYNC]: 'env=prod' }),
  (object) => ({ ...object, labels: { ...object.labels, x: '-' } }),
  (object) => ({ ...object, content: { ...object.content, type: 'kubernetes.io/service-account-token' } }),
  withoutSync,
  annotatedCopy,
  (object) => withoutSync(annotatedCopy(object)),
  (object) => ({ ...object, namespace: object.namespace === 'a' ? 'b' : 'a' }),
  byOldOperator,
  (object) => withoutSync(byOldOperator(object)),
  (object) => annotated(object, { 'kubed.appscode.com/synk': '' }),
  (object) => annotated(withoutSync(object), { 'kubed.appscode.com/synk': '', [SYNC_CONTEXTS]: 'east' }),
  (object) => annotated(withoutSync(object), { 'kubed.appscode.com/Sync': '' }),
  (object) => ({ ...object, labels: { ...object.labels, [SYNC]: 'true' } }),
];

function annotated(object: Body, annotations: StringMap): Body {
  return { ...object, annotations: { ...object.annotations, ...annotations } };
}

function withoutSync(object: Body): Body {
  const { [SYNC]: _, ...annotations } = object.annotations;
  return { ...object, annotations };
}

/** It becomes a copy of an origin that exists or not. */
function annotatedCopy(object: Body): Body {
  const namespace = object.namespace === 'd' ? 'c' : 'd';
  const labels = originLabels({ namespace, name: object.name }, settingsWith());
  const origin = { ...object, namespace, uid: 'uid', resourceVersion: '1' };
  return annotated({ ...object, labels: { ...object.labels, ...labels } }, { [ORIGIN]: writeOrigin(origin) });
}

/** It has no sign that this program made it. */
function byOldOperator(object: Body): Body {
  const { [MANAGED_BY]: _, ...labels } = object.labels;
  return { ...object, labels, managedFields: [entryOf('kubed', [])] };
}

function sourceIn(namespace: string, kind: Body['kind'], name: string, sync: string): Body {
  return {
    kind,
    namespace,
    name,
    uid: `uid-${kind}-${namespace}-${name}`,
    resourceVersion: '1',
    labels: {},
    annotations: { [SYNC]: sync },
    creationTimestamp: '2026-01-01T00:00:00Z',
    managedFields: [],
    content: {
      data: { k: 'v' },
      binaryData: {},
      immutable: false,
      ...(kind === 'Secret' && { type: 'Opaque' }),
    },
  };
}

const moreSources: fc.Arbitrary<readonly Body[]> = fc.array(
  fc
    .tuple(
      fc.constantFrom('a', 'b', 'c', 'd', 'kube-system'),
      fc.constantFrom<Body['kind']>('ConfigMap', 'Secret'),
      fc.constantFrom('omni', 'tls'),
      fc.constantFrom('', '', '', 'env=prod', 'env!=prod', 'x=y'),
    )
    .map((of) => sourceIn(...of)),
  { minLength: 1, maxLength: 3 },
);

/** A world with many copies that are up to date, and then changes to some sources and copies. */
const troubled: fc.Arbitrary<World> = fc
  .tuple(
    cluster,
    moreSources,
    fc.array(fc.tuple(fc.nat({ max: 20 }), fc.boolean(), fc.constantFrom(...TROUBLES)), { maxLength: 4 }),
  )
  .map(([world, sources, troubles]) => {
    const syncedCluster = reconciled(worldOf(world.namespaces, [...world.objects.values(), ...sources]));
    return troubles.reduce((now, trouble) => befallen(now, ...trouble), syncedCluster);
  });

function befallen(world: World, pick: number, isSource: boolean, trouble: (object: Body) => Body): World {
  const objects = [...world.objects.values()];
  const eligible = objects.filter((object) =>
    isSource ? object.annotations[SYNC] !== undefined : object.annotations[ORIGIN] !== undefined,
  );
  const object = eligible[pick % Math.max(1, eligible.length)];
  if (object === undefined) return world;
  return worldOf(world.namespaces, [...objects.filter((one) => one !== object), trouble(object)]);
}

const worlds = fc.oneof({ weight: 1, arbitrary: cluster }, { weight: 3, arbitrary: troubled });

type Decide = (world: World, snapshot: Snapshot, rules: Scope) => Plan;

const reconciles: Decide = (world, snapshot, rules) => {
  const drafted = draftPlan(snapshot, rules);
  return finalizePlan(drafted, answersOf(world, drafted));
};

const DECISIONS: Readonly<Record<string, Decide>> = {
  reconcile: reconciles,
  purge: (_, snapshot, rules) => planPurge(classify(snapshot, rules)),
};

function law(name: string, holds: (world: World, settings: Settings, decide: Decide) => void): void {
  for (const [what, decide] of Object.entries(DECISIONS)) {
    test(`${what}: ${name}`, () =>
      fc.assert(
        fc.property(worlds, options, (world, some) => holds(world, settingsWith(some), decide)),
        RUNS,
      ));
  }
}

/** The objects of the lists that a shard keeps. */
function thinned(world: World, rules: Scope): Snapshot {
  const { namespaces, objects } = snapshotOf(world, rules);
  return { namespaces, objects: objects.filter(isNeededBy(rules)) };
}

function shards(count: number): readonly Shard[] {
  return Array.from({ length: count }, (_, index) => ({ index, count }));
}

function whole(world: World, settings: Settings, decide: Decide): Plan {
  return decide(world, snapshotOf(world, settings), scopeOf(settings));
}

function plansOf(world: World, settings: Settings, decide: Decide, count: number): readonly Plan[] {
  return shards(count).map((shard) => {
    const rules = scopeOf({ ...settings, shard });
    return decide(world, thinned(world, rules), rules);
  });
}

law('what a shard drops changes no decision', (world, settings, decide) => {
  for (const shard of [2, 3, 5].flatMap(shards)) {
    const rules = scopeOf({ ...settings, shard });
    assert.deepEqual(
      decide(world, thinned(world, rules), rules),
      decide(world, snapshotOf(world, rules), rules),
    );
  }
});

law('all shards together make the changes of one run, each once', (world, settings, decide) => {
  const { changes } = whole(world, settings, decide);
  for (const count of COUNTS) {
    const plans = plansOf(world, settings, decide, count);
    assert.deepEqual(plans.flatMap((plan) => plan.changes).toSorted(compareChanges), changes);
    for (const [index, plan] of plans.entries())
      for (const { namespace } of plan.changes) assert.equal(shardOf(namespace, count), index);
  }
});

law('counts of namespaces and copies are of the shard, and add up', (world, settings, decide) => {
  const one = whole(world, settings, decide);
  for (const count of COUNTS) {
    const plans = plansOf(world, settings, decide, count);
    for (const what of ['namespaces', 'unchanged', 'copies'] as const)
      assert.equal(
        plans.reduce((sum, plan) => sum + plan[what], 0),
        one[what],
        what,
      );
    for (const { sources } of plans) assert.equal(sources, one.sources);
  }
});

test('0/1 is not a shard', () =>
  fc.assert(
    fc.property(cluster, options, (world, some) => {
      const settings = settingsWith(some);
      const [plan] = plansOf(world, settings, reconciles, 1);
      assert.deepEqual(plan, whole(world, settings, reconciles));
    }),
    RUNS,
  ));

/** Joins the findings of several shards as one run reports them. `nearlyAll` is a share, not a sum. */
function merged(findings: readonly Finding[]): readonly string[] {
  const known = new Map<string, Finding>();
  for (const finding of findings) {
    const key = placeOf(finding);
    known.set(key, together(known.get(key), finding));
  }
  return [...known.values()].map((finding) => JSON.stringify(finding)).toSorted(compareText);
}

function placeOf(finding: Finding): string {
  switch (finding.reason) {
    case 'contested':
      return `contested ${keyOf(finding)} ${finding.currentOwner.namespace}`;
    case 'other-cluster-name':
      return `other-cluster-name ${finding.clusterName}`;
    case 'out-of-scope':
    case 'consent-missing':
      return finding.reason;
    case 'suspicious-key':
      return `suspicious-key ${finding.kind} ${finding.part} ${finding.key}`;
    case 'suspicious-ignore':
      return `suspicious-ignore ${finding.value}`;
    default:
      return JSON.stringify(finding);
  }
}

function textOf({ namespace, name = '' }: { readonly namespace: string; readonly name?: string }): string {
  return `${namespace}/${name}`;
}

function together(a: Finding | undefined, b: Finding): Finding {
  if (b.reason === 'contested') {
    const before = a?.reason === 'contested' ? a.namespaces : [];
    return { ...b, namespaces: [...before, ...b.namespaces].toSorted(compareText) };
  }
  if (b.reason === 'suspicious-ignore' || b.reason === 'consent-missing') {
    const before = a?.reason === b.reason ? a.namespaces : [];
    return { ...b, namespaces: [...before, ...b.namespaces].toSorted(compareText) };
  }
  if (b.reason === 'suspicious-key') {
    const before = a?.reason === b.reason ? a.objects : [];
    const inOrder = [...before, ...b.objects].toSorted((one, other) =>
      compareText(textOf(one), textOf(other)),
    );
    return { ...b, objects: inOrder };
  }
  if (b.reason === 'out-of-scope' || b.reason === 'other-cluster-name') {
    const before = a?.reason === b.reason ? a.copies : 0;
    const sum = { ...b, copies: before + b.copies };
    return sum.reason === 'other-cluster-name' ? { ...sum, nearlyAll: false } : sum;
  }
  return b;
}

law('all shards together report the findings of one run', (world, settings, decide) => {
  const one = whole(world, settings, decide).findings;
  for (const count of COUNTS) {
    const reported = plansOf(world, settings, decide, count).flatMap(({ findings }) => findings);
    assert.deepEqual(merged(reported), merged(one));
  }
});

const SHARED: ReadonlySet<string> = new Set([
  'contested',
  'out-of-scope',
  'other-cluster-name',
  'suspicious-key',
  'suspicious-ignore',
  'consent-missing',
  'key-missing',
]);

/** What only the keys of a source show. */
const KEY_PROBLEMS: ReadonlySet<string> = new Set([
  'same-name',
  'matches-no-key',
  'no-key-left',
  'type-needs-all-keys',
]);

/** Returns whether several shards report parts of a finding, or each shard that reads the body of the source. */
function isShared(finding: Finding): boolean {
  if (finding.reason === 'source-not-copyable') return finding.why.code !== 'invalid-metadata';
  if (finding.reason === 'invalid-annotation') return KEY_PROBLEMS.has(finding.problem.code);
  return SHARED.has(finding.reason);
}

law('everything else is reported exactly once', (world, settings, decide) => {
  const texts = (findings: readonly Finding[]): readonly string[] =>
    findings.flatMap((finding) => (isShared(finding) ? [] : [JSON.stringify(finding)])).toSorted(compareText);
  const one = texts(whole(world, settings, decide).findings);
  for (const count of COUNTS)
    assert.deepEqual(texts(plansOf(world, settings, decide, count).flatMap(({ findings }) => findings)), one);
});

law('at least one shard fails if one run fails, and otherwise none does', (world, settings, decide) => {
  const fails = ({ findings }: Plan): boolean => findings.some((finding) => severityOf(finding) === 'error');
  const one = fails(whole(world, settings, decide));
  for (const count of COUNTS) assert.equal(plansOf(world, settings, decide, count).some(fails), one);
});

law('a cluster name on nearly all copies is always reported', (world, settings, decide) => {
  const alarming = (findings: readonly Finding[]): readonly string[] =>
    findings.flatMap((one) =>
      one.reason === 'other-cluster-name' && one.nearlyAll ? [one.clusterName] : [],
    );
  const one = alarming(whole(world, settings, decide).findings);
  for (const count of COUNTS) {
    const reported = alarming(plansOf(world, settings, decide, count).flatMap(({ findings }) => findings));
    for (const name of one) assert.ok(reported.includes(name));
  }
});
