import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Finding } from '../../src/model/finding.ts';
import type { Body, Content, StringMap } from '../../src/model/objects.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Change } from '../../src/model/change.ts';
import { parseSyncKeys, selectKeys } from '../../src/plan/annotations/sync-keys.ts';
import { createText, patchText } from '../../src/plan/copy/request-body.ts';
import { draftPlan } from '../../src/plan/draft.ts';
import { planReads } from '../../src/plan/read-plan.ts';
import { scopeOf } from '../../src/plan/scope.ts';
import { configMap, copyOf, namespace, oldCopyOf, secret } from '../support/build.ts';
import { act, planOf, settingsWith, snapshotOf, worldOf } from '../support/world.ts';

/* What a plan makes of the annotation sync-keys. */

const KEY = 'kubed.appscode.com/sync-keys';
const SPACES = [namespace('certs'), namespace('team')];
const SETTINGS = settingsWith({ sourceNamespaces: ['certs'] });
const DATA = { 'ca.crt': 'Q0E=', 'tls.crt': 'Q1JU', 'tls.key': 'S0VZ' };

function tls(keys: string | undefined, parts: Partial<Content> = {}): Body {
  const annotations: StringMap = {
    'kubed.appscode.com/sync': '',
    ...(keys !== undefined && { [KEY]: keys }),
  };
  return secret('certs/tls', { annotations, data: DATA, type: 'kubernetes.io/tls', ...parts });
}

function plan(objects: readonly Body[], settings = SETTINGS): Plan {
  return planOf(worldOf(SPACES, objects), settings);
}

/** The copy as a run with this version leaves it. */
function written(source: Body): Body {
  const after = act(worldOf(SPACES, [source]), plan([source]).changes, SETTINGS);
  const copy = [...after.objects.values()].find(({ namespace: at }) => at === 'team');
  assert.ok(copy);
  return copy;
}

function words({ changes }: Plan): readonly string[] {
  return changes.map((change) =>
    [
      change.action,
      change.reason,
      ...('because' in change ? [change.because] : []),
      ...('copiedAs' in change ? [`as ${change.copiedAs}`] : []),
      ...('fields' in change ? change.fields.map(({ op, part, key = '' }) => `${op} ${part}/${key}`) : []),
    ]
      .join(' ')
      .replaceAll(/ \w+ annotations\/\S+/g, ''),
  );
}

test('a CA goes out of a TLS Secret without its key, as Opaque', () => {
  const copy = written(tls('ca.crt'));
  assert.deepEqual(words(plan([tls('ca.crt')])), ['create missing as Opaque']);
  assert.deepEqual(copy.content, {
    data: { 'ca.crt': 'Q0E=' },
    binaryData: {},
    immutable: false,
    type: 'Opaque',
  });
  assert.equal(copy.annotations[KEY], undefined);
});

test('the type of a copy follows the keys that the type demands', () => {
  const rows = [
    ['kubernetes.io/tls', DATA, '*', 'kubernetes.io/tls'],
    ['kubernetes.io/tls', DATA, '!ca.crt', 'kubernetes.io/tls'],
    ['kubernetes.io/tls', DATA, '!tls.key', 'Opaque'],
    ['kubernetes.io/tls', DATA, '*,tls.key=key.pem', 'Opaque'],
    [
      'kubernetes.io/basic-auth',
      { username: 'YQ==', password: 'Yg==' },
      'username',
      'kubernetes.io/basic-auth',
    ],
    ['kubernetes.io/basic-auth', { username: 'YQ==', password: 'Yg==' }, 'username=user', 'Opaque'],
    ['kubernetes.io/basic-auth', { username: 'YQ==', host: 'Yg==' }, '!username', 'Opaque'],
    ['kubernetes.io/ssh-auth', { 'ssh-privatekey': 'YQ==', 'known-hosts': 'Yg==' }, 'known-hosts', 'Opaque'],
    ['kubernetes.io/ssh-auth', { 'ssh-privatekey': 'YQ==', x: 'Yg==' }, '!x', 'kubernetes.io/ssh-auth'],
    ['example.com/token', { a: 'YQ==', b: 'Yg==' }, 'a', 'example.com/token'],
    ['Opaque', { a: 'YQ==', b: 'Yg==' }, 'a', 'Opaque'],
  ] as const;
  for (const [type, data, keys, expected] of rows)
    assert.equal(written(tls(keys, { type, data })).content.type, expected, `${type} ${keys}`);
});

test('data and binaryData are narrowed alike, and a renamed key stays in its part', () => {
  const annotations = { 'kubed.appscode.com/sync': '', [KEY]: '*,!b,x=y' };
  const source = configMap('certs/tls', {
    annotations,
    data: { a: '1', b: '2' },
    binaryData: { x: 'AA==', z: 'AQ==' },
  });
  assert.deepEqual(written(source).content, {
    data: { a: '1' },
    binaryData: { y: 'AA==', z: 'AQ==' },
    immutable: false,
  });
});

test('a copy that an older version wrote is not up to date, and the plan says why', () => {
  const source = tls('ca.crt');
  assert.deepEqual(words(plan([source, copyOf(source, 'team')])), [
    'replace sync-keys-ignored type as Opaque remove data/tls.crt remove data/tls.key change type/',
  ]);
  const opaque = tls('ca.crt', { type: 'Opaque' });
  assert.deepEqual(words(plan([opaque, copyOf(opaque, 'team')])), [
    'update sync-keys-ignored remove data/tls.crt remove data/tls.key',
  ]);
  const all = tls('*');
  assert.deepEqual(words(plan([all, copyOf(all, 'team')])), ['refresh sync-keys-ignored']);
});

test('--max-prune does not hold back a replace that takes a key out', () => {
  const source = tls('ca.crt');
  const { changes } = plan(
    [source, copyOf(source, 'team')],
    settingsWith({ ...SETTINGS, maxPrune: { count: 0 } }),
  );
  assert.deepEqual(
    changes.map(({ action }) => action),
    ['replace'],
  );
});

test('a copy of the old operator is narrowed too', () => {
  const source = tls('ca.crt', { type: 'Opaque' });
  assert.deepEqual(words(plan([source, oldCopyOf(source, 'team')])), [
    'update old-operator remove data/tls.crt remove data/tls.key add labels/app.kubernetes.io/managed-by',
  ]);
});

test('a change of the annotation is a change of the source, and not an edit', () => {
  const before = tls('ca.crt', { type: 'Opaque' });
  const rows = [
    ['ca.crt,tls.crt', ['update source-changed add data/tls.crt']],
    ['tls.crt', ['update source-changed remove data/ca.crt add data/tls.crt']],
    ['ca.crt=ca', ['update source-changed add data/ca remove data/ca.crt']],
    [undefined, ['update source-changed add data/tls.crt add data/tls.key']],
    ['ca.*', ['refresh source-changed']],
  ] as const;
  for (const [keys, expected] of rows) {
    const after = { ...tls(keys, { type: 'Opaque' }), resourceVersion: '2' };
    assert.deepEqual(words(plan([after, written(before)])), expected, keys);
  }
});

test('a key that is edited into a copy is an edit, and is removed', () => {
  const source = tls('ca.crt', { type: 'Opaque' });
  const copy = written(source);
  const content = { ...copy.content, data: { ...copy.content.data, 'tls.key': 'x' } };
  const [ours] = copy.managedFields;
  assert.ok(ours);
  const editor = { ...ours, manager: 'kubectl-edit', fieldsV1: { 'f:data': { 'f:tls.key': {} } } };
  assert.deepEqual(words(plan([source, { ...copy, content, managedFields: [ours, editor] }])), [
    'update edited remove data/tls.key',
  ]);
});

test('removing the annotation is noticed even if the mark names the version of the source', () => {
  const bare = tls(undefined, { type: 'Opaque' });
  assert.deepEqual(words(plan([bare, written(tls('ca.crt', { type: 'Opaque' }))])), [
    'update edited add data/tls.crt add data/tls.key',
  ]);
});

test('a quiet run reads no body, and still names missing keys', () => {
  const source = tls('ca.crt,lost,gone=x', { type: 'Opaque' });
  const objects = [source, written(source)];
  const drafted = draftPlan(snapshotOf(worldOf(SPACES, objects), SETTINGS), scopeOf(SETTINGS));
  const { sources, origins, lists, copies } = planReads(drafted);
  assert.deepEqual([sources, origins, lists, copies], [[], [], [], []]);
  const missing = {
    reason: 'key-missing',
    kind: 'Secret',
    namespace: 'certs',
    name: 'tls',
    keys: ['lost', 'gone'],
  };
  assert.deepEqual(plan(objects).findings, [missing]);
  assert.deepEqual(plan([source]).findings, [missing]);
  assert.deepEqual(plan(objects, settingsWith({ ...SETTINGS, verify: true })).findings, [missing]);
});

const problems: readonly (readonly [name: string, source: Body, at: number, code: string])[] = [
  ['an excluded key that does not exist', tls('ca.crt, !tls.kye'), 8, 'matches-no-key'],
  ['no key left', tls('lost'), 0, 'no-key-left'],
  ['two keys under one name', tls('*,ca.crt=tls.crt'), 2, 'same-name'],
  ['an empty value', tls(''), 0, 'empty'],
  ['a name that Kubernetes refuses', tls('ca.crt=a/b'), 0, 'bad-rename'],
  ['image pull credentials', tls('*', { type: 'kubernetes.io/dockerconfigjson' }), 0, 'type-needs-all-keys'],
  [
    'old image pull credentials',
    tls('ca.crt', { type: 'kubernetes.io/dockercfg' }),
    0,
    'type-needs-all-keys',
  ],
];

for (const [name, source, at, code] of problems)
  test(`${name}: an error names the place, and the copies stay`, () => {
    const nowhere = {
      ...source,
      annotations: { ...source.annotations, 'kubed.appscode.com/sync': 'env=none' },
    };
    const stale = copyOf({ ...source, resourceVersion: '0' }, 'team');
    for (const objects of [[source], [source, stale], [nowhere, stale]]) {
      const { changes, findings } = plan(objects);
      assert.deepEqual(changes, []);
      const found = findings.find(({ reason }) => reason === 'invalid-annotation');
      assert.ok(found?.reason === 'invalid-annotation' && found.annotation === KEY);
      assert.deepEqual([found.at, found.problem.code], [at, code]);
    }
  });

test('without sync the object is not a source, which a warning says', () => {
  const source = configMap('certs/tls', { annotations: { [KEY]: 'a' }, data: { a: '1' } });
  assert.deepEqual(plan([source]).findings, [
    { reason: 'sync-missing', kind: 'ConfigMap', namespace: 'certs', name: 'tls', annotation: KEY },
  ] satisfies readonly Finding[]);
});

const keyNames = fc.uniqueArray(fc.constantFrom('a', 'b', 'ab', 'ca.crt', 'tls.key'), { minLength: 1 });
const rules = fc.constantFrom('*', 'a', 'a*', '!b', '*,!tls.key', 'a=z', '*,b=z', 'ca.crt,a');

function random(keys: readonly string[], text: string | undefined): Body {
  const annotations = { 'kubed.appscode.com/sync': '', ...(text !== undefined && { [KEY]: text }) };
  const data = Object.fromEntries(keys.map((key) => [key, `value of ${key}`]));
  return configMap('certs/tls', { annotations, data });
}

function isSelected(text: string, keys: readonly string[], key: string): boolean {
  const parsed = parseSyncKeys(text);
  const selected = parsed.ok ? selectKeys(parsed.value, keys) : parsed;
  return selected.ok && selected.value.names.has(key);
}

test('law: no request carries the value of a key that is left out', () => {
  fc.assert(
    fc.property(keyNames, rules, (keys, text) => {
      const source = random(keys, text);
      const sentBy = (change: Change): string =>
        change.action === 'update' || change.action === 'refresh'
          ? patchText(source, SETTINGS)(change)
          : createText(source, SETTINGS)('team');
      for (const { changes } of [plan([source]), plan([source, copyOf(random(keys, undefined), 'team')])])
        for (const change of changes) {
          for (const key of keys)
            if (!isSelected(text, keys, key)) assert.ok(!sentBy(change).includes(`value of ${key}"`));
        }
    }),
  );
});

test('law: a copy is up to date only if this very text of the annotation was written', () => {
  fc.assert(
    fc.property(keyNames, fc.option(rules), fc.option(rules), (keys, before, now) => {
      const [was, is] = [random(keys, before ?? undefined), random(keys, now ?? undefined)];
      if (plan([was]).changes.length === 0) return;
      const world = worldOf(SPACES, [is, written(was)]);
      const { pending } = draftPlan(snapshotOf(world, SETTINGS), scopeOf(SETTINGS));
      assert.equal(pending.length === 0, before === now);
    }),
  );
});
