import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { annotationsTooLarge } from '../src/core/limits.ts';
import { configMap, copyOf } from './support/build.ts';

/* Kubernetes allows 262,144 bytes of annotations in all; 1,024 of them are kept for the marks. */
const LIMIT = 261_120;

const filled = (bytes: number): string => 'v'.repeat(bytes - 1);

const rows: readonly (readonly [
  name: string,
  annotations: Record<string, string>,
  bytes: number | undefined,
])[] = [
  ['none', {}, undefined],
  ['as many as fit', { k: filled(LIMIT) }, undefined],
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
    'what is stripped does not count',
    { 'kubectl.kubernetes.io/last-applied-configuration': filled(LIMIT * 2) },
    undefined,
  ],
  ['marks do not count', { 'kubed.appscode.com/sync': filled(LIMIT * 2) }, undefined],
  ['what --strip names does not count', { 'example.com/large': filled(LIMIT * 2) }, undefined],
];

suite('annotations that leave no room for the marks', () => {
  for (const [name, annotations, bytes] of rows) {
    test(name, () => {
      const too = annotationsTooLarge(configMap('demo/omni', { annotations }), ['example.com/*']);
      assert.deepEqual(too, bytes && { code: 'annotations-too-large', bytes, limit: LIMIT });
    });
  }

  test('bytes are what a buffer counts', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const large = configMap('demo/omni', { annotations: { a: filled(LIMIT + 1), b: text } });
        const too = annotationsTooLarge(large, []);
        assert.ok(too?.code === 'annotations-too-large');
        assert.equal(too.bytes, LIMIT + 2 + Buffer.byteLength(text));
      }),
      { numRuns: 50 },
    );
  });

  test('the room suffices for the longest names', () => {
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
