import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  FIELDS as FIELDS_KEY,
  IGNORE,
  MANAGED_BY,
  MANAGER,
  MARK_PREFIX,
  ORIGIN as ORIGIN_KEY,
  ORIGIN_CLUSTER,
  ORIGIN_NAME,
  ORIGIN_NAMESPACE,
  SYNC,
  SYNC_CONTEXTS,
  canBeSource,
  isMark,
  originLabels,
  readOrigin,
  writeFields,
  writeOrigin,
} from '../../../src/plan/annotations/markers.ts';
import { type MarkReading, readMarks } from '../../../src/plan/annotations/read-marks.ts';
import type { Body, StringMap } from '../../../src/model/objects.ts';
import type { FieldDifference } from '../../../src/model/change.ts';
import { isLabelValue } from '../../../src/plan/annotations/name-syntax.ts';
import { configMap, copyOf, markLabels, oldCopyOf, secret, settings, sha256 } from '../../support/build.ts';

const NAME = 'kubed.appscode.com/origin.name';
const NAMESPACE = 'kubed.appscode.com/origin.namespace';
const CLUSTER = 'kubed.appscode.com/origin.cluster';
const ORIGIN = 'kubed.appscode.com/origin';
const FIELDS = 'kubed.appscode.com/fields';

const source = configMap('demo/omni', { uid: 'u-1', resourceVersion: '42', data: { a: '1' } });
const copy = copyOf(source, 'team-a');
const ORIGIN_TEXT = '{"namespace":"demo","name":"omni","uid":"u-1","resourceVersion":"42"}';

/** The copy with changed labels and annotations. Null removes one. */
function marked(
  labels: Readonly<Record<string, string | null>>,
  annotations: Readonly<Record<string, string | null>> = {},
  body: Body = copy,
): Body {
  return {
    ...body,
    labels: patched(body.labels, labels),
    annotations: patched(body.annotations, annotations),
  };
}

function patched(map: StringMap, changes: Readonly<Record<string, string | null>>): StringMap {
  const entries = Object.entries({ ...map, ...changes });
  return Object.fromEntries(entries.flatMap(([key, value]) => (value === null ? [] : [[key, value]])));
}

/** The label of the origin's name. */
function labelOfName(name: string): string {
  return originLabels({ namespace: 'demo', name }, settings())[NAME] ?? '';
}

/** An object with these marks and nothing else of a copy. */
function bare(place: string, labels: StringMap, annotations: StringMap = {}): Body {
  return configMap(place, { labels, annotations });
}

const origin = (text: string): Body => marked({}, { [ORIGIN]: text });
const LONG = 'n'.repeat(64);
const SIXTY_THREE = 'n'.repeat(63);
const LONGEST = `${'a'.repeat(45)}.${'b'.repeat(207)}`;

const rows: readonly (readonly [name: string, object: Body, says: MarkReading['marked']])[] = [
  ['a copy', copy, 'ours'],
  ['a copy of a Secret', copyOf(secret('demo/omni'), 'team-a'), 'ours'],
  ['a copy of the old operator', oldCopyOf(source, 'team-a'), 'ours'],
  ['a copy of an older source', origin(ORIGIN_TEXT.replace('42', '7')), 'ours'],
  ['a copy without the fields mark', marked({}, { [FIELDS]: null }), 'ours'],
  ['a copy without the managed-by label', marked({ 'app.kubernetes.io/managed-by': null }), 'ours'],
  ['an ordinary object', configMap('demo/omni', { labels: { a: 'b' } }), 'no'],
  ['a source', configMap('demo/omni', { sync: '' }), 'no'],
  ['a label with the prefix of a mark', bare('demo/omni', { 'kubed.appscode.com/origin': 'x' }), 'no'],

  ['no name label', marked({ [NAME]: null }), 'disagree'],
  ['no namespace label', marked({ [NAMESPACE]: null }), 'disagree'],
  ['no cluster label', marked({ [CLUSTER]: null }), 'disagree'],
  ['no label at all', marked({ [NAME]: null, [NAMESPACE]: null, [CLUSTER]: null }), 'disagree'],
  ['no origin annotation', marked({}, { [ORIGIN]: null }), 'disagree'],
  ['the fields mark alone', bare('team-a/omni', {}, { [FIELDS]: 'x' }), 'disagree'],
  ['the cluster label alone', bare('team-a/omni', { [CLUSTER]: '' }), 'disagree'],
  ['the name label alone', bare('team-a/omni', { [NAME]: 'omni' }), 'disagree'],
  ['the origin annotation alone', bare('team-a/omni', {}, { [ORIGIN]: ORIGIN_TEXT }), 'disagree'],
  ['the labels alone', bare('team-a/omni', markLabels(source)), 'disagree'],
  ['the name label has another name', marked({ [NAME]: 'other' }), 'disagree'],
  ['the namespace label has another one', marked({ [NAMESPACE]: 'other' }), 'disagree'],
  ['the annotation has another name', origin(ORIGIN_TEXT.replace('omni', 'other')), 'disagree'],
  ['the annotation has another namespace', origin(ORIGIN_TEXT.replace('demo', 'other')), 'disagree'],
  ['all marks have another name than the object', { ...copy, name: 'renamed' }, 'disagree'],

  ['another cluster', copyOf(source, 'team-a', settings({ clusterName: 'prod' })), 'other-cluster'],
  ['another cluster, labels that disagree', marked({ [CLUSTER]: 'prod', [NAME]: 'x' }), 'disagree'],
  ['another cluster, annotation that disagrees', marked({ [CLUSTER]: 'prod' }, { [ORIGIN]: '' }), 'disagree'],

  ['pointing at itself in full', { ...copy, namespace: 'demo' }, 'no'],
  ['pointing at itself in full, in another cluster', marked({ [CLUSTER]: 'x' }, {}, inDemo()), 'no'],
  ['pointing at itself by all labels', bare('demo/omni', markLabels(source)), 'no'],
  ['pointing at itself by two labels', bare('demo/omni', { [NAME]: 'omni', [NAMESPACE]: 'demo' }), 'no'],
  ['pointing at itself by annotation', bare('demo/omni', {}, { [ORIGIN]: ORIGIN_TEXT }), 'no'],
  [
    'pointing at itself by a long name',
    { ...copyOf(configMap(`demo/${LONG}`), 'x'), namespace: 'demo' },
    'no',
  ],
  [
    'at itself by labels, elsewhere by annotation',
    bare('a/omni', markLabels({ ...source, namespace: 'a' }), { [ORIGIN]: ORIGIN_TEXT }),
    'disagree',
  ],
  [
    'elsewhere by labels, at itself by annotation',
    bare('demo/omni', markLabels({ ...source, namespace: 'a' }), { [ORIGIN]: ORIGIN_TEXT }),
    'disagree',
  ],
  ['in its own namespace by another name', { ...copy, namespace: 'demo', name: 'other' }, 'disagree'],
  [
    'at itself by labels, annotation not JSON',
    bare('demo/omni', markLabels(source), { [ORIGIN]: '{' }),
    'disagree',
  ],

  [
    'older annotation',
    origin(
      '{"kind":"ConfigMap","apiVersion":"v1","namespace":"demo","name":"omni","uid":"u-1","resourceVersion":"42"}',
    ),
    'ours',
  ],
  ['older annotation, kind last', origin('{"name":"omni","namespace":"demo","kind":"ConfigMap"}'), 'ours'],
  [
    'older annotation of another kind',
    origin('{"kind":"Secret","apiVersion":"v1","namespace":"demo","name":"omni"}'),
    'disagree',
  ],
  [
    'older annotation, kind of another case',
    origin('{"kind":"configmap","namespace":"demo","name":"omni"}'),
    'disagree',
  ],
  ['older annotation, kind not text', origin('{"kind":1,"namespace":"demo","name":"omni"}'), 'disagree'],
  ['annotation without uid and resourceVersion', origin('{"namespace":"demo","name":"omni"}'), 'ours'],
  ['annotation with blanks', origin(' { "namespace" : "demo" , "name" : "omni" } '), 'ours'],
  ['annotation empty', origin(''), 'disagree'],
  ['annotation not JSON', origin('demo/omni'), 'disagree'],
  ['annotation cut short', origin(ORIGIN_TEXT.slice(0, -1)), 'disagree'],
  ['annotation null', origin('null'), 'disagree'],
  ['annotation a text', origin('"demo"'), 'disagree'],
  ['annotation a number', origin('1'), 'disagree'],
  ['annotation an array', origin('["demo","omni"]'), 'disagree'],
  ['annotation without namespace', origin('{"name":"omni"}'), 'disagree'],
  ['annotation without name', origin('{"namespace":"demo"}'), 'disagree'],
  ['annotation with a number for a name', origin('{"namespace":"demo","name":1}'), 'disagree'],
  ['annotation with an empty namespace', origin('{"namespace":"","name":"omni"}'), 'disagree'],
  [
    'annotation with names in __proto__',
    origin('{"__proto__":{"namespace":"demo","name":"omni"}}'),
    'disagree',
  ],

  ['a name of 63', copyOf(configMap(`demo/${SIXTY_THREE}`), 'team-a'), 'ours'],
  ['a name of 64', copyOf(configMap(`demo/${LONG}`), 'team-a'), 'ours'],
  ['a name of 253', copyOf(configMap(`demo/${LONGEST}`), 'team-a'), 'ours'],
  [
    'a long name under the label of another',
    marked({ [NAME]: labelOfName(`${LONG}x`) }, {}, longCopy()),
    'disagree',
  ],
  ['a long name cut without a hash', marked({ [NAME]: SIXTY_THREE }, {}, longCopy()), 'disagree'],
];

function inDemo(): Body {
  return { ...copy, namespace: 'demo' };
}

function longCopy(): Body {
  return copyOf(configMap(`demo/${LONG}`), 'team-a');
}

test('the keys are those that scripts and copies of the old operator use', () => {
  assert.deepEqual(
    [ORIGIN_NAME, ORIGIN_NAMESPACE, ORIGIN_CLUSTER, ORIGIN_KEY, FIELDS_KEY],
    [NAME, NAMESPACE, CLUSTER, ORIGIN, FIELDS],
  );
  assert.deepEqual(
    [MARK_PREFIX, SYNC, SYNC_CONTEXTS, IGNORE],
    [
      'kubed.appscode.com/',
      'kubed.appscode.com/sync',
      'kubed.appscode.com/sync-contexts',
      'kubed.appscode.com/ignore',
    ],
  );
  assert.deepEqual([MANAGED_BY, MANAGER], ['app.kubernetes.io/managed-by', 'kubed-sync']);
});

suite('marks are read as', () => {
  for (const [name, object, says] of rows) {
    test(`${name}: ${says}`, () => assert.equal(readMarks(object, settings()).marked, says));
  }

  test('ours, with the full origin', () => {
    assert.deepEqual(readMarks(copy, settings()), {
      marked: 'ours',
      origin: { namespace: 'demo', name: 'omni', uid: 'u-1', resourceVersion: '42' },
      originKey: 'ConfigMap/demo/omni',
    });
  });

  test('the other cluster, with its name', () => {
    const theirs = copyOf(source, 'team-a', settings({ clusterName: 'prod' }));
    assert.deepEqual(readMarks(theirs, settings()), { marked: 'other-cluster', clusterName: 'prod' });
    assert.equal(readMarks(theirs, settings({ clusterName: 'prod' })).marked, 'ours');
    assert.equal(readMarks(copy, settings({ clusterName: 'prod' })).marked, 'other-cluster');
  });
});

suite('the origin annotation', () => {
  const read: readonly (readonly [name: string, text: string, mark: ReturnType<typeof readOrigin>])[] = [
    ['as we write it', ORIGIN_TEXT, { namespace: 'demo', name: 'omni', uid: 'u-1', resourceVersion: '42' }],
    [
      'older form',
      '{"kind":"Secret","apiVersion":"v1","namespace":"a","name":"b","uid":"c","resourceVersion":"1"}',
      { kind: 'Secret', namespace: 'a', name: 'b', uid: 'c', resourceVersion: '1' },
    ],
    [
      'numbers for uid and resourceVersion',
      '{"namespace":"a","name":"b","uid":1,"resourceVersion":2}',
      { namespace: 'a', name: 'b', uid: '', resourceVersion: '' },
    ],
    [
      'fields that plain objects inherit',
      '{"namespace":"a","name":"b","constructor":1}',
      { namespace: 'a', name: 'b', uid: '', resourceVersion: '' },
    ],
    ['nothing', '', undefined],
    ['an empty name', '{"namespace":"a","name":""}', undefined],
    ['an empty namespace', '{"namespace":"","name":"b"}', undefined],
  ];
  for (const [name, text, mark] of read) test(name, () => assert.deepEqual(readOrigin(text), mark));

  test('never makes the reader throw', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), originLike), (text) => void readOrigin(text)));
  });

  test('contains everything that was read from it', () => {
    fc.assert(
      fc.property(originLike, (text) => {
        const mark = readOrigin(text);
        const said = new Map(Object.entries(mapOf(text)));
        if (mark === undefined) return;
        assert.deepEqual([mark.namespace, mark.name], [said.get('namespace'), said.get('name')]);
      }),
    );
  });
});

function mapOf(text: string): StringMap {
  const value: StringMap = JSON.parse(text);
  return value;
}

const fieldName = fc.constantFrom('namespace', 'name', 'uid', 'resourceVersion', 'kind', '__proto__');
const originLike = fc
  .array(fc.tuple(fieldName, fc.oneof(fc.jsonValue(), fc.constantFrom('demo', 'omni', 'Secret'))))
  .map((fields) => JSON.stringify(Object.fromEntries(fields)));

suite('marks are written as', () => {
  test('the origin annotation, byte for byte', () => {
    assert.equal(writeOrigin(source), ORIGIN_TEXT);
  });

  test('the labels', () => {
    assert.deepEqual(originLabels(source, { clusterName: 'prod', sha256 }), {
      [NAME]: 'omni',
      [NAMESPACE]: 'demo',
      [CLUSTER]: 'prod',
    });
  });

  const labels: readonly (readonly [name: string, value: string])[] = [
    ['omni', 'omni'],
    ['a.b.c', 'a.b.c'],
    [SIXTY_THREE, SIXTY_THREE],
    [LONG, `${'n'.repeat(46)}-ce068a195ab380a8`],
    [LONGEST, `${'a'.repeat(45)}.-542421359919ec0f`],
  ];
  for (const [name, value] of labels) {
    test(`the label of a name with ${name.length} characters`, () => assert.equal(labelOfName(name), value));
  }

  test('a fields mark that depends only on the set of names', () => {
    assert.equal(writeFields(['type', 'data/b', 'data/a'], sha256), '0e19fd3fabf1317a');
    assert.equal(writeFields(['data/a', 'data/b', 'type'], sha256), '0e19fd3fabf1317a');
    assert.equal(writeFields(new Set(['data/b', 'type', 'data/a']), sha256), '0e19fd3fabf1317a');
    assert.notEqual(writeFields(['binaryData/a', 'data/b', 'type'], sha256), '0e19fd3fabf1317a');
    assert.equal(writeFields([], sha256), 'e3b0c44298fc1c14');
  });

  test('a fields mark that does not depend on the order of names', () => {
    const names = ['data/a', 'data/b'];
    writeFields(names.toReversed(), sha256);
    assert.deepEqual(names, ['data/a', 'data/b']);
  });
});

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
const subdomain = fc
  .array(fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,90}[a-z0-9])?$/), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join('.'))
  .filter((name) => name.length <= 253);

test('valid labels that make a copy ours, for any names', () => {
  fc.assert(
    fc.property(label, label, subdomain, fc.boolean(), (from, to, name, isSecret) => {
      fc.pre(from !== to);
      const any = isSecret ? secret(`${from}/${name}`) : configMap(`${from}/${name}`);
      const there = copyOf(any, to);
      assert.equal(readMarks(there, settings()).marked, 'ours');
      for (const value of Object.values(originLabels(any, settings()))) assert.ok(isLabelValue(value));
      assert.deepEqual(originLabels(any, settings()), markLabels(any));
      assert.deepEqual(readOrigin(writeOrigin(any))?.name, name);
    }),
    { numRuns: 500 },
  );
});

suite('can it be a source?', () => {
  test('a ConfigMap can', () => assert.equal(canBeSource('ConfigMap', 'omni'), true));
  test('kube-root-ca.crt cannot', () => assert.equal(canBeSource('ConfigMap', 'kube-root-ca.crt'), false));
  test('a Secret of that name can', () => assert.equal(canBeSource('Secret', 'kube-root-ca.crt'), true));
});

suite('is a difference a mark?', () => {
  const differences: readonly (readonly [difference: FieldDifference, is: boolean])[] = [
    [{ part: 'labels', key: NAME, op: 'add' }, true],
    [{ part: 'annotations', key: FIELDS, op: 'change' }, true],
    [{ part: 'labels', key: 'app.kubernetes.io/managed-by', op: 'add' }, true],
    [{ part: 'labels', key: 'app.kubernetes.io/instance', op: 'add' }, false],
    [{ part: 'data', key: 'a', op: 'add' }, false],
    [{ part: 'data', key: 'kubed.appscode.com/x', op: 'add' }, false],
    [{ part: 'type', op: 'change' }, false],
  ];
  for (const [difference, is] of differences)
    test(`${difference.part} ${difference.key}: ${is}`, () => assert.equal(isMark(difference), is));
});
