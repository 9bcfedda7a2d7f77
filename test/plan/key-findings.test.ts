import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../../src/model/finding.ts';
import type { Body, Namespace, StringMap } from '../../src/model/objects.ts';
import type { Settings } from '../../src/model/settings.ts';
import { configMap, copyOf, namespace, oldCopyOf, secret } from '../support/build.ts';
import { planOf, settingsWith, worldOf } from '../support/world.ts';

/* What a plan makes of keys that look like ours: who is frozen, who is named, and where. */

const SPACES = [namespace('demo'), namespace('a'), namespace('b')];
const source = configMap('demo/omni', { sync: '', data: { k: 'v' } });
const UNKNOWN = 'kubed.appscode.com/ignore';

function findingsOf(
  objects: readonly Body[],
  settings: Partial<Settings> = { sourceNamespaces: ['demo'] },
  namespaces: readonly Namespace[] = SPACES,
): readonly Finding[] {
  return planOf(worldOf(namespaces, objects), settingsWith(settings)).findings;
}

/** A copy that is out of date, one that is missing, and one that nobody asks for, of a source with these annotations. */
function scene(annotations: StringMap): readonly Body[] {
  const old = copyOf({ ...source, resourceVersion: '0' }, 'a');
  return [{ ...source, annotations }, old];
}

test('an unknown annotation freezes a source, whatever its selector says', () => {
  for (const sync of ['', 'env=none']) {
    const annotations = { 'kubed.appscode.com/sync': sync, [UNKNOWN]: 'true' };
    const { changes, findings } = planOf(
      worldOf(SPACES, scene(annotations)),
      settingsWith({ sourceNamespaces: ['demo'] }),
    );
    assert.deepEqual(changes, []);
    assert.deepEqual(findings, [
      {
        reason: 'unknown-key',
        kind: 'ConfigMap',
        namespace: 'demo',
        name: 'omni',
        keys: [{ part: 'annotation', key: UNKNOWN }],
      },
    ]);
  }
});

test('an object with sync-contexts alone keeps its copies too', () => {
  const annotations = { 'kubed.appscode.com/sync-contexts': 'east', 'kubed.appscode.com/Sync': '' };
  const settings = settingsWith({ sourceNamespaces: ['demo'] });
  const { changes, findings } = planOf(worldOf(SPACES, scene(annotations)), settings);
  assert.deepEqual(changes, []);
  assert.deepEqual(
    findings.map(({ reason }) => reason),
    ['unknown-key'],
  );
});

test('a namespace takes copies if ignore is false or absent, and only another value is reported', () => {
  const rows = [
    [undefined, true, false],
    ['false', true, false],
    ['true', false, false],
    ['True', false, true],
    ['no', false, true],
    ['', false, true],
  ] as const;
  for (const [value, takes, isTold] of rows) {
    const annotations = value === undefined ? {} : { 'kubed.appscode.com/ignore': value };
    const spaces = [namespace('demo'), namespace('a', { annotations })];
    const plan = planOf(worldOf(spaces, [source]), settingsWith({ sourceNamespaces: ['demo'] }));
    assert.equal(plan.changes.length, takes ? 1 : 0, value);
    assert.deepEqual(
      plan.findings,
      isTold ? [{ reason: 'suspicious-ignore', value, namespaces: ['a'] }] : [],
    );
  }
});

test('a label of a namespace that a selector uses is in its place, and another one is not', () => {
  const key = 'kubed.appscode.com/ignore';
  const spaces = [namespace('demo'), namespace('a', { labels: { [key]: 'true' } })];
  const found = (sync: string): readonly string[] =>
    findingsOf([{ ...source, annotations: { 'kubed.appscode.com/sync': sync } }], undefined, spaces).map(
      ({ reason }) => reason,
    );
  assert.deepEqual(found(`${key}=true`), []);
  assert.deepEqual(found(`!${key}`), []);
  assert.deepEqual(found(''), ['suspicious-key']);
});

test('another source does not get the copies of a frozen one', () => {
  const rival = configMap('b/omni', { sync: '', data: { k: 'w' } });
  const annotations = { 'kubed.appscode.com/sync': 'env=none', [UNKNOWN]: '' };
  const { changes } = planOf(worldOf(SPACES, [...scene(annotations), rival]), settingsWith());
  assert.deepEqual(
    changes.map(({ action, namespace: at }) => `${action} ${at}`),
    [],
  );
});

test('marks on a source are known, and so are those of the old operator', () => {
  const own = oldCopyOf(source, 'demo');
  const odd = {
    ...own,
    annotations: { ...own.annotations, 'kubed.appscode.com/sync': '', 'kubed.appscode.com/origin.more': 'x' },
  };
  assert.deepEqual(findingsOf([odd]), []);
});

test('copies are never suspicious', () => {
  assert.deepEqual(findingsOf([source, copyOf(source, 'a'), oldCopyOf(source, 'b')]), []);
});

test('a thousand objects with one wrong key are one finding', () => {
  const labels = { 'kubed.appscode.com/sync': 'true' };
  const objects = Array.from({ length: 1000 }, (_, at) => secret(`demo/s${at}`, { labels }));
  const [finding, ...more] = findingsOf(objects);
  assert.deepEqual(more, []);
  assert.ok(finding?.reason === 'suspicious-key');
  assert.deepEqual([finding.objects.length, finding.meant], [1000, 'kubed.appscode.com/sync']);
});

test('of one object, five keys are reported', () => {
  const keys = (annotations: StringMap): StringMap => ({
    ...annotations,
    ...Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`kubed.appscode.com/k${at}`, ''])),
  });
  const stranger = secret('demo/stranger', { annotations: keys({}) });
  assert.equal(findingsOf([stranger]).length, 5);
  const [frozen, ...more] = findingsOf([{ ...source, annotations: keys(source.annotations) }]);
  assert.ok(frozen?.reason === 'unknown-key' && more.length === 0);
  assert.equal(frozen.keys.length, 5);
});

test('where the right spelling would have no effect, nothing is said', () => {
  const annotations = { 'kubed.appscode.com/Sync': '' };
  const unknown = { 'kubed.appscode.com/sync': '', 'kubed.appscode.com/synk': '' };
  const objects = [
    configMap('a/omni', { annotations }),
    configMap('a/other', { annotations: unknown }),
    configMap('demo/kube-root-ca.crt', { annotations }),
  ];
  assert.deepEqual(findingsOf(objects), []);
  const reasons = findingsOf(objects, { sourceNamespaces: ['a'] }).map(({ reason }) => reason);
  assert.deepEqual(reasons, ['suspicious-key', 'unknown-key']);
  const wrong = [
    ...SPACES,
    namespace('x', { annotations: { 'kubed.appscode.com/ignore': 'yes', 'kubed.appscode.com/ignored': '' } }),
  ];
  const excluded = { sourceNamespaces: ['demo'], excludeNamespaces: ['x'] };
  assert.deepEqual(findingsOf([], excluded, wrong), []);
  assert.equal(findingsOf([], { sourceNamespaces: ['demo'] }, wrong).length, 2);
});
