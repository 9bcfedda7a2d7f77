import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeMeta } from '../../src/kube/read/decode-object.ts';
import type { Finding } from '../../src/model/finding.ts';
import { keyOf } from '../../src/model/keys.ts';
import type { Body, ObjectKey } from '../../src/model/objects.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Settings } from '../../src/model/settings.ts';
import { patchBody } from '../../src/plan/copy/request-body.ts';
import { planPurge } from '../../src/plan/purge.ts';
import { classify } from '../../src/plan/classify.ts';
import { scopeOf } from '../../src/plan/scope.ts';
import { isNeededBy } from '../../src/plan/shard.ts';
import { findingHint } from '../../src/report/messages/finding-hint.ts';
import { findingMessage } from '../../src/report/messages/finding-message.ts';
import { changed, configMap, copyOf, namespace, oldCopyOf, secret } from '../support/build.ts';
import { MOST, SHAPES, type Shape } from '../support/hostile.ts';
import { type World, planOf, settingsWith, snapshotOf, worldOf } from '../support/world.ts';

/*
 * No tenant stops a run: one hostile object among good ones, through the whole decision. Decisions about all other objects
 * are as without it, nothing throws, and it takes no longer than a moment.
 */

const SPACES = ['platform', 'a', 'b', 'c', 'x'].map((name) => namespace(name));
const omni = configMap('platform/omni', { sync: '', data: { k: 'v' }, labels: { app: 'x' } });
const tls = secret('platform/tls', { sync: '', data: { k: 'dg==' } });
const gone = configMap('platform/gone', { data: { k: 'v' } });

/** Copies that are up to date, edited, old, missing, and no longer wanted. */
const GOOD: readonly Body[] = [
  omni,
  tls,
  gone,
  copyOf(omni, 'a'),
  changed(copyOf(omni, 'b'), { data: { k: 'EDIT' }, managedFields: [] }),
  oldCopyOf(tls, 'a'),
  copyOf(tls, 'b'),
  copyOf(gone, 'a'),
];

/** What the hostile object is. Its namespace is always `x`. */
const ROLES: Readonly<Record<string, Body>> = {
  'a copy': copyOf(omni, 'x'),
  'a copy that is out of date': copyOf({ ...omni, resourceVersion: '0' }, 'x'),
  'a copy of the old operator': oldCopyOf(tls, 'x'),
  'a copy that is no longer wanted': copyOf(gone, 'x'),
  'an object with the name of a copy': configMap('x/omni', { data: { k: 'mine' } }),
  'a source': secret('x/evil', { sync: '', data: { k: 'dg==' } }),
  'a stranger with the longest name': configMap(`x/${'n.'.repeat(126)}n`),
};

const OPTIONS: readonly Partial<Settings>[] = [{}, { verify: true }];

/** What a plan decides about all objects but the hostile one and its copies, without findings that count objects. */
function decisions({ changes, findings }: Plan, hostile: Body): unknown {
  const isOthers = (one: object): boolean =>
    !(
      'name' in one &&
      one.name === hostile.name &&
      'namespace' in one &&
      one.namespace === hostile.namespace
    ) && !('origin' in one && hasName(one.origin, hostile));
  const whole = ({ reason }: Finding): boolean =>
    !['suspicious-key', 'other-cluster-name', 'marks-disagree', 'out-of-scope'].includes(reason);
  return [changes.filter(isOthers), findings.filter((finding) => whole(finding) && isOthers(finding))];
}

function hasName(origin: unknown, { namespace: at, name }: Body): boolean {
  return (
    typeof origin === 'object' &&
    origin !== null &&
    Reflect.get(origin, 'namespace') === at &&
    Reflect.get(origin, 'name') === name
  );
}

/** Everything that a run makes of a world before it sends a write. */
function decideAll(world: World, settings: Settings, hostile: Body): readonly unknown[] {
  const plan = planOf(world, settings);
  const purge = planPurge(classify(snapshotOf(world, settings), scopeOf(settings)));
  for (const shard of [0, 1])
    snapshotOf(world, settings).objects.filter(
      isNeededBy(scopeOf({ ...settings, shard: { index: shard, count: 2 } })),
    );
  for (const finding of [...plan.findings, ...purge.findings])
    void [findingMessage(finding), findingHint(finding)];
  for (const change of plan.changes) {
    const source = world.objects.get(keyOf({ ...change, ...change.origin }));
    if (source && (change.action === 'update' || change.action === 'refresh'))
      JSON.stringify(patchBody(change, source, settings));
  }
  return [decisions(plan, hostile), decisions(purge, hostile)];
}

/** The world with the hostile object, and the decisions without it. */
function compared(hostile: Body): { readonly world: World; readonly without: World } {
  const others = GOOD.filter((one) => keyOf(one) !== keyOf(hostile));
  return { world: worldOf(SPACES, [...others, hostile]), without: worldOf(SPACES, others) };
}

/** Only `evil` may be a source in `x`: a source with the name of another one contests its copies, whatever its shape. */
function scopeFor({ name }: Body): Partial<Settings> {
  return { sourceNamespaces: name === 'evil' ? ['platform', 'x'] : ['platform'] };
}

function contests({ name, annotations }: Body): boolean {
  return name !== 'evil' && Object.hasOwn(annotations, 'kubed.appscode.com/sync');
}

function check(hostile: Body): void {
  const { world, without } = compared(hostile);
  for (const options of OPTIONS) {
    const settings = settingsWith({ ...scopeFor(hostile), ...options });
    assert.deepEqual(decideAll(world, settings, hostile), decideAll(without, settings, hostile));
  }
  const { content: _, kind, ...metadata } = hostile;
  assert.equal(decodeMeta(kind, { metadata })?.name, hostile.name);
}

/** The processor time of one plan with 1.5 MB in it. All of them take less than two seconds on one old core. */
const MOST_MILLISECONDS = 8000;

function millisecondsOf(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** A body is read of each of these, so that all of its parts take part in the decision. */
for (const role of ['a copy of the old operator', 'a source'])
  test(`${role} of 1.5 MB, of every shape, changes no decision about another object`, () => {
    for (const [name, shape] of Object.entries(SHAPES)) {
      const hostile = shape(ROLES[role] ?? omni, MOST);
      const settings = settingsWith({ ...scopeFor(hostile), verify: true });
      const { world, without } = compared(hostile);
      const time = millisecondsOf(() =>
        assert.deepEqual(
          decisions(planOf(world, settings), hostile),
          decisions(planOf(without, settings), hostile),
          name,
        ),
      );
      assert.ok(time < MOST_MILLISECONDS, `${name}: ${time} ms`);
    }
  });

const shapes: fc.Arbitrary<readonly Shape[]> = fc.array(fc.constantFrom(...Object.values(SHAPES)), {
  minLength: 1,
  maxLength: 4,
});

test('several shapes at once, of any size', () =>
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(ROLES)),
      shapes,
      fc.nat({ max: 400 }),
      (object, some, size) => {
        const hostile = some.reduce((now, shape) => shape(now, size), object);
        fc.pre(!contests(hostile));
        check(hostile);
      },
    ),
    { numRuns: Number(process.env['LAW_RUNS'] ?? 300) },
  ));

test('the good objects have something to decide, and the hostile ones are decided on', () => {
  const { changes } = planOf(worldOf(SPACES, GOOD), settingsWith());
  assert.deepEqual(
    changes.map(({ action, namespace: at, name }) => `${action} ${at}/${name}`),
    [
      'create c/omni',
      'create x/omni',
      'create c/tls',
      'create x/tls',
      'update b/omni',
      'refresh a/tls',
      'prune a/gone',
    ],
  );
  const keys = new Set<ObjectKey>(Object.values(ROLES).map(keyOf));
  assert.equal(keys.size, 5);
});
