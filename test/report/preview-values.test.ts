import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'node:test';
import type { Body } from '../../src/model/objects.ts';
import type { Change, ValueChange } from '../../src/model/change.ts';
import { decodedLength, utf8Length } from '../../src/plan/copy/limits.ts';
import { ValuePreview } from '../../src/plan/preview/preview-values.ts';
import { decideCopy } from '../../src/plan/decide-copy.ts';
import { unifiedDiff, type Verbatim } from '../../src/report/text/unified-diff.ts';
import { valueLimits, valueLinesOfEach } from '../../src/report/text/value-lines.ts';
import { changed, configMap, copyOf, secret, settings } from '../support/build.ts';

/* How values are shown before they are written. */

function diff(before: string | undefined, after: string | undefined, most = Infinity): readonly string[] {
  return unifiedDiff('data.x', '', { before, after }, most).map(({ text }) => text);
}

test('a diff looks like that of kubectl', () => {
  assert.deepEqual(diff('a\nb\nc\n', 'a\nB\nc\n'), [
    '--- data.x',
    '+++ data.x',
    '@@ -1,3 +1,3 @@',
    ' a',
    '-b',
    '+B',
    ' c',
  ]);
  assert.deepEqual(diff('only', 'other').slice(2), ['@@ -1 +1 @@', '-only', '+other']);
  assert.deepEqual(diff('a\n', 'a').slice(2), ['@@ -1 +1 @@', '-a', '+a', '\\ No newline at the end']);
  assert.deepEqual(diff(undefined, 'a\nb'), ['--- /dev/null', '+++ data.x', '@@ -0,0 +1,2 @@', '+a', '+b']);
  assert.deepEqual(diff('a', undefined), ['--- data.x', '+++ /dev/null', '@@ -1 +0,0 @@', '-a']);
  assert.deepEqual(diff('', 'a').slice(2), ['@@ -0,0 +1 @@', '+a']);
  assert.deepEqual(diff(undefined, ''), ['--- /dev/null', '+++ data.x']);
});

test('invisible characters are made visible, and a tab stays a tab', () => {
  assert.deepEqual(diff('a', 'a ').slice(3), ['-a', '+a\\u0020']);
  assert.deepEqual(diff('\ta', '\tb\u202e\u001b[2J\r').slice(3), ['-\ta', '+\tb\\u202e\\u001b[2J\\u000d']);
});

test('a long diff is cut, with a count', () => {
  const lines = (word: string): string => Array.from({ length: 100 }, (_, at) => `${word} ${at}`).join('\n');
  const cut = diff(lines('a'), lines('b'), 30);
  assert.equal(cut.length, 33);
  assert.equal(cut.at(-1), '… 171 more lines (all with -v)');
  assert.equal(diff(lines('a'), lines('b')).length, 203);
});

test('values that have nothing in common are not compared line by line', () => {
  const lines = (word: string): string => Array.from({ length: 9000 }, (_, at) => `${word} ${at}`).join('\n');
  assert.deepEqual(diff(lines('a'), lines('b')).slice(2), [
    'too different to show: 9,000 lines before, 9,000 lines after',
  ]);
});

test('a new or removed value of 150,000 lines is shown completely with -v', () => {
  const text = 'line\n'.repeat(150_000);
  const sides: readonly (readonly [string | undefined, string | undefined, string, string])[] = [
    [undefined, text, '@@ -0,0 +1,150000 @@', '+line'],
    [text, undefined, '@@ -1,150000 +0,0 @@', '-line'],
  ];
  for (const [before, after, head, line] of sides) {
    const all = diff(before, after);
    assert.deepEqual([all.length, all[2], all.at(-1)], [150_003, head, line]);
    const shown = diff(before, after, 30);
    assert.deepEqual([shown.length, shown.at(-1)], [33, '… 149,971 more lines (all with -v)']);
  }
});

test('the heading of a part is shown only with a line of it', () => {
  const [before, after] = ['a', 'b'].map((word) =>
    [word, ...Array.from({ length: 9 }, () => 'same'), word].join('\n'),
  );
  assert.deepEqual(
    diff(before, after, 7)
      .slice(2)
      .map((line) => line.charAt(0))
      .join(''),
    '@-+   …',
  );
  assert.deepEqual(
    diff(before, after, 8)
      .slice(2)
      .map((line) => line.charAt(0))
      .join(''),
    '@-+   @ …',
  );
});

test('for two long lines only the part that differs is shown', () => {
  const [, , , minus = '', plus = ''] = diff(
    `${'x'.repeat(5000)}1`,
    `${'x'.repeat(5000)}2${'y'.repeat(5000)}`,
  );
  assert.match(minus, /^-…x{40}1$/);
  assert.match(plus, /^\+…x{40}2y{119}… \(4,881 more characters\)$/);
});

test('a diff applied to the old value gives the new one', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })
    .map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const body = unifiedDiff('x', '', { before, after }, Infinity).slice(2);
      const of = (...signs: readonly string[]): readonly string[] =>
        body.flatMap(({ text: line }) => (signs.includes(line.charAt(0)) ? [line.slice(1)] : []));
      const added = of('+').length - of('-').length;
      const count = (whole: string): number =>
        whole === '' ? 0 : whole.split('\n').length - (whole.endsWith('\n') ? 1 : 0);
      const bothOpen = [before, after].every((one) => one === '' || !one.endsWith('\n'));
      if (bothOpen) assert.equal(added, count(after) - count(before));
      if (before === after) assert.deepEqual(body, []);
    }),
  );
});

const change = (namespace: string, ...values: readonly ValueChange[]): Change => ({
  action: 'update',
  kind: 'ConfigMap',
  namespace,
  name: 'omni',
  origin: { namespace: 'demo', name: 'omni' },
  reason: 'source-changed',
  fields: [],
  editors: [],
  guard: { uid: 'u', resourceVersion: '1' },
  values,
});

const linesOf = (changes: readonly Change[], limits = valueLimits(false)): readonly Verbatim[] =>
  valueLinesOfEach([changes], limits).flat();

const texts = (lines: readonly Verbatim[]): readonly string[] => lines.map(({ text }) => text);

test('equal values of many namespaces are shown once, the most frequent first', () => {
  const one = { part: 'data', key: 'x', before: 'rare', after: 'new' } as const;
  const two = { ...one, before: 'old' };
  const shown = texts(linesOf([change('a', one), change('b', two), change('c', two)], valueLimits(false)));
  assert.deepEqual(shown, [
    '--- data.x  (in 2 namespaces: b, c)',
    '+++ data.x',
    '@@ -1 +1 @@',
    '-old',
    '+new',
    '--- data.x  (in a)',
    '+++ data.x',
    '@@ -1 +1 @@',
    '-rare',
    '+new',
  ]);
});

test('ten thousand different values are shown as a few and a count', () => {
  const changes = Array.from({ length: 10_000 }, (_, at) =>
    change(`n${at}`, { part: 'data', key: 'x', before: `${at}`, after: 'new' }),
  );
  const shown = texts(linesOf(changes, valueLimits(false)));
  assert.equal(shown.length, 26);
  assert.equal(shown.at(-1), 'and 9,995 more values (all with -v)');
  assert.equal(linesOf(changes, valueLimits(true)).length, 50_000);
});

test('a report shows a new value of 150,000 lines completely with -v, and some lines of it without', () => {
  const one = change('a', { part: 'data', key: 'k', after: 'line\n'.repeat(150_000) });
  assert.equal(linesOf([one], valueLimits(true)).length, 150_003);
  assert.equal(linesOf([one], valueLimits(false)).length, 33);
});

test('a report has limited space for values', () => {
  const long = { part: 'data', key: 'x', after: 'line\n'.repeat(100) } as const;
  const changes = Array.from({ length: 5 }, (_, at) => change(`n${at}`, { ...long, key: `k${at}` }));
  const all = valueLinesOfEach(
    Array.from({ length: 101 }, () => changes),
    valueLimits(false),
  );
  assert.deepEqual(texts(all.at(-1) ?? []), ['and 5 more values (all with -v)']);
});

test('lengths are written in words', () => {
  const lengths: readonly [ValueChange, string][] = [
    [{ part: 'data', key: 'k', before: 1, after: 1234 }, 'data.k: 1 byte -> 1,234 bytes'],
    [{ part: 'data', key: 'k', before: 7, after: 7 }, 'data.k: another value, 7 bytes as before'],
    [{ part: 'binaryData', key: 'k', after: 0 }, 'binaryData.k: added, 0 bytes'],
    [{ part: 'data', key: 'k\u001b', before: 5 }, 'data.k\\u001b: removed, 5 bytes'],
    [
      { part: 'data', key: 'k', before: 5_000_000, after: 'äöü' },
      'data.k: 5,000,000 bytes -> 6 bytes, not compared: too many different values',
    ],
    [{ part: 'type', before: 'Opaque', after: 'kubernetes.io/tls' }, 'type: Opaque -> kubernetes.io/tls'],
  ];
  for (const [value, text] of lengths)
    assert.deepEqual(texts(linesOf([change('a', value)], valueLimits(false))), [text]);
});

test('lengths are counted in bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      assert.equal(decodedLength(Buffer.from(bytes).toString('base64')), bytes.length);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
      assert.equal(utf8Length(text), Buffer.byteLength(text));
    }),
  );
  assert.equal(
    utf8Length('\ud800a\udc00\udc00\ud83d\ude00'),
    Buffer.byteLength('\ud800a\udc00\udc00\ud83d\ude00'),
  );
});

function shownOf(preview: ValuePreview, source: Body, there: Body): readonly ValueChange[] | undefined {
  const decision = preview.show(decideCopy({ namespace: 'a', source }, there, settings()), source, there);
  assert.ok(decision.result === 'change');
  return 'values' in decision.change ? decision.change.values : undefined;
}

test('texts of ConfigMaps are kept once, and beyond the limit only their lengths', () => {
  const source = configMap('demo/omni', { data: { k: 'new' }, binaryData: { b: 'AAAA' } });
  const edited = changed(copyOf(source, 'a'), { data: { k: 'old value', gone: 'x' } });
  assert.deepEqual(shownOf(new ValuePreview(9), source, edited), [
    { part: 'data', key: 'gone', before: 'x' },
    { part: 'data', key: 'k', before: 9, after: 'new' },
  ]);
  const again = new ValuePreview(9);
  const only = changed(copyOf(source, 'a'), { data: { k: 'old value' } });
  assert.deepEqual(shownOf(again, source, only), [
    { part: 'data', key: 'k', before: 'old value', after: 'new' },
  ]);
  assert.deepEqual(
    shownOf(again, source, only),
    shownOf(again, source, only),
    'kept already, so it needs no space',
  );
});

test('a Secret and binaryData show only lengths, and a type shows its name', () => {
  const source = secret('demo/cred', { data: { p: 'aHVudGVyMg==' }, type: 'kubernetes.io/basic-auth' });
  const there = {
    ...copyOf(source, 'a'),
    content: { ...source.content, type: 'Opaque', data: { p: 'aHVudGVy' } },
  };
  assert.deepEqual(shownOf(new ValuePreview(), source, there), [
    { part: 'data', key: 'p', before: 6, after: 7 },
    { part: 'type', before: 'Opaque', after: 'kubernetes.io/basic-auth' },
  ]);
  const binary = configMap('demo/omni', { binaryData: { b: 'AAAA' } });
  const other = { ...copyOf(binary, 'a'), content: { ...binary.content, binaryData: { b: 'AAA=' } } };
  assert.deepEqual(shownOf(new ValuePreview(), binary, other), [
    { part: 'binaryData', key: 'b', before: 2, after: 3 },
  ]);
});

test('a create, and a copy with changes only in marks, show no values', () => {
  const source = configMap('demo/omni', { data: { k: 'v' } });
  const create = decideCopy({ namespace: 'a', source }, undefined, settings());
  assert.equal(new ValuePreview().show(create, source, source), create);
  const stale = copyOf({ ...source, resourceVersion: '0' }, 'a');
  assert.equal(shownOf(new ValuePreview(), source, stale), undefined);
});
