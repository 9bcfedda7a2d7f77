import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { contentProblem, metadataProblem } from '../../../src/plan/copy/limits.ts';
import type { Body } from '../../../src/model/objects.ts';
import type { NotCopyable } from '../../../src/model/finding.ts';
import { configMap, copyOf, namespace, secret } from '../../support/build.ts';
import { planOf, settingsWith, worldOf } from '../../support/world.ts';

/* Kubernetes allows 262,144 bytes of annotations. We reserve 1,024 of them for the marks. */
const LIMIT = 258_048;

const filled = (bytes: number): string => 'v'.repeat(bytes - 1);

const rows: readonly (readonly [
  name: string,
  annotations: Record<string, string>,
  bytes: number | undefined,
])[] = [
  ['none', {}, undefined],
  ['as many as allowed', { k: filled(LIMIT) }, undefined],
  ['one byte more', { k: filled(LIMIT + 1) }, LIMIT + 1],
  ['keys count', { ['k'.repeat(LIMIT + 1)]: '' }, LIMIT + 1],
  ['two of them together', { a: filled(LIMIT), b: '' }, LIMIT + 1],
  ['two bytes a character', { k: 'é'.repeat(LIMIT / 2) }, LIMIT + 1],
  ['two bytes at the edges of their range', { k: '\u{80}\u{7ff}'.repeat(LIMIT / 4) }, LIMIT + 1],
  ['three bytes a character', { k: '€'.repeat(LIMIT / 3) }, LIMIT + 1],
  ['three bytes at the edges of their range', { k: '\u{800}\u{ffff}'.repeat(LIMIT / 6) }, LIMIT + 1],
  ['four bytes a character', { k: '\u{1f600}'.repeat(LIMIT / 4) }, LIMIT + 1],
  ['four bytes at the lower edge', { k: '\u{10000}'.repeat(LIMIT / 4) }, LIMIT + 1],
  ['one byte at the upper edge', { k: '\u{7f}'.repeat(LIMIT - 1) }, undefined],
  ['four bytes a character, fewer', { kk: '\u{1f600}'.repeat(LIMIT / 4 - 1) }, undefined],
  [
    'stripped keys do not count',
    { 'kubectl.kubernetes.io/last-applied-configuration': filled(LIMIT * 2) },
    undefined,
  ],
  ['marks do not count', { 'kubed.appscode.com/sync': filled(LIMIT * 2) }, undefined],
  ['keys of --strip do not count', { 'example.com/large': filled(LIMIT * 2) }, undefined],
];

suite('annotations that leave too little space for the marks', () => {
  for (const [name, annotations, bytes] of rows) {
    test(name, () => {
      const too = metadataProblem(configMap('demo/omni', { annotations }), ['example.com/*']);
      assert.deepEqual(too, bytes && { code: 'annotations-too-large', bytes, limit: LIMIT });
    });
  }

  test('bytes are counted as in a buffer', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const large = configMap('demo/omni', { annotations: { a: filled(LIMIT + 1), b: text } });
        const too = metadataProblem(large, []);
        assert.ok(too?.code === 'annotations-too-large');
        assert.equal(too.bytes, LIMIT + 2 + Buffer.byteLength(text));
      }),
      { numRuns: 50 },
    );
  });

  test('the reserved bytes are enough for the longest names', () => {
    const source = configMap(`${'d'.repeat(63)}/${'n'.repeat(253)}`, {
      uid: 'u'.repeat(36),
      resourceVersion: '18446744073709551615',
    });
    const marks = Object.entries(copyOf(source, 'team-a').annotations);
    const bytes = marks.reduce(
      (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
      0,
    );
    assert.ok(bytes <= 262_144 - LIMIT, `${bytes}`);
  });
});

/** The values of an object may have about a million bytes together. */
const CONTENT = 1_048_576;
const base64 = (bytes: number): string => Buffer.alloc(bytes, 'x').toString('base64');

suite('content that the API server always rejects', () => {
  const tooLarge = (bytes: number): NotCopyable => ({ code: 'content-too-large', bytes, limit: CONTENT });
  const sources: readonly (readonly [string, Body, NotCopyable | undefined])[] = [
    ['nothing', configMap('demo/omni'), undefined],
    ['as much as fits', configMap('demo/omni', { data: { a: 'x'.repeat(CONTENT) } }), undefined],
    [
      'keys do not count',
      configMap('demo/omni', { data: { ['k'.repeat(253)]: 'x'.repeat(CONTENT) } }),
      undefined,
    ],
    [
      'a byte more',
      configMap('demo/omni', { data: { a: 'x'.repeat(CONTENT), b: 'x' } }),
      tooLarge(CONTENT + 1),
    ],
    [
      'two bytes a character',
      configMap('demo/omni', { data: { a: 'é'.repeat(CONTENT / 2), b: 'x' } }),
      tooLarge(CONTENT + 1),
    ],
    ['base64 counts decoded', secret('demo/omni', { data: { a: base64(CONTENT) } }), undefined],
    [
      'a decoded byte more',
      secret('demo/omni', { data: { a: base64(CONTENT), b: 'eA==' } }),
      tooLarge(CONTENT + 1),
    ],
    ['binaryData counts decoded', configMap('demo/omni', { binaryData: { a: base64(CONTENT) } }), undefined],
    [
      'data and binaryData together',
      configMap('demo/omni', { data: { b: 'xx' }, binaryData: { a: base64(CONTENT) } }),
      tooLarge(CONTENT + 2),
    ],
  ];
  for (const [name, source, why] of sources)
    test(name, () => assert.deepEqual(contentProblem(source, []), why));

  test('a control character has six bytes in a request, which has its own limit', () => {
    const controls = configMap('demo/omni', { data: { a: '\u0001'.repeat(600_000) } });
    const trouble = contentProblem(controls, []);
    assert.ok(trouble?.code === 'request-too-large' && trouble.bytes > 3_600_000);
    assert.equal(
      contentProblem(configMap('demo/omni', { data: { a: '\u0001'.repeat(500_000) } }), []),
      undefined,
    );
  });
});

suite('labels and annotations that the current API server rejects', () => {
  const long = 'x'.repeat(64);
  const metadata: readonly (readonly [string, Partial<Body>, NotCopyable | undefined])[] = [
    ['good ones', { labels: { 'a.b/c': 'd', e: '' }, annotations: { 'A.B/c': 'any "text"' } }, undefined],
    ['a label key', { labels: { 'a b': '' } }, { code: 'invalid-metadata', part: 'labels', key: 'a b' }],
    ['a label value', { labels: { a: long } }, { code: 'invalid-metadata', part: 'labels', key: 'a' }],
    [
      'an annotation key',
      { annotations: { [long]: '' } },
      { code: 'invalid-metadata', part: 'annotations', key: long },
    ],
    [
      'stripped keys do not matter',
      { labels: { 'helm.sh/a b': '' }, annotations: { 'my own': '' } },
      undefined,
    ],
  ];
  for (const [name, parts, why] of metadata)
    test(name, () => assert.deepEqual(metadataProblem(configMap('demo/omni', parts), ['my own']), why));
});

test('a source that cannot be copied is one finding, and its copies stay', () => {
  const source = configMap('demo/omni', { sync: '', data: { a: 'x'.repeat(CONTENT + 1) } });
  const copy = copyOf(configMap('demo/omni', { sync: '', data: { a: 'old' } }), 'a');
  const there = { ...copy, annotations: { ...copy.annotations, 'kubed.appscode.com/fields': 'old' } };
  const world = worldOf([namespace('demo'), namespace('a'), namespace('b'), namespace('c')], [source, there]);
  const { changes, findings } = planOf(world, settingsWith({ sourceNamespaces: ['demo'] }));
  assert.deepEqual(changes, []);
  assert.deepEqual(
    findings.map(({ reason }) => reason),
    ['source-not-copyable'],
  );
});

test('an object of more than a megabyte can have no managedFields, and is not written again because of it', () => {
  const keys = (many: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: many }, (_, at) => [String(at).padStart(250, 'k'), '']));
  for (const [many, changes] of [
    [3000, 0],
    [30, 1],
  ] as const) {
    const source = configMap('demo/omni', { sync: '', data: keys(many) });
    const untracked = { ...copyOf(source, 'a'), managedFields: [] };
    const world = worldOf([namespace('demo'), namespace('a')], [source, untracked]);
    assert.equal(planOf(world).changes.length, changes);
  }
});
