import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { SelectorProblem } from '../../../src/model/finding.ts';
import type { StringMap } from '../../../src/model/objects.ts';
import {
  type Requirement,
  type Selector,
  matches,
  parseSync,
} from '../../../src/plan/annotations/selector.ts';
import { mapWith } from '../../support/build.ts';

/*
 * What Kubernetes accepts, and what it then selects. Every row was tried on a real API server (1.36), and some 60,000
 * random selectors too. We differ on purpose in one row, which says so.
 */

const NAMESPACES: Readonly<Record<string, StringMap>> = {
  bare: {},
  empty: { a: '' },
  b: { a: 'b' },
  c: { a: 'c', x: '' },
  one: { a: '1' },
  seven: { a: '7' },
  'double-o-seven': { a: '007' },
  largest: { a: '9223372036854775807' },
  'too-large': { a: '9223372036854775808' },
  fraction: { a: '1.5' },
  keywords: { in: 'notin', notin: 'in' },
  prefixed: { 'example.com/tier': 'web', a: 'in' },
};

const ALL = Object.keys(NAMESPACES);
const WITH_A = ALL.filter((name) => NAMESPACES[name]?.['a'] !== undefined);
const butNot = (...names: string[]): string[] => ALL.filter((name) => !names.includes(name));

const LONG = 'a'.repeat(63);
const LONG_PREFIX = `${'a'.repeat(251)}.b`;

const accepted: readonly (readonly [selector: string, selects: readonly string[]])[] = [
  ['', ALL],
  ['   ', ALL],
  [' \t\r\n', ALL],
  ['a', WITH_A],
  [' a ', WITH_A],
  ['A', []],
  ['!a', ['bare', 'keywords']],
  ['! a', ['bare', 'keywords']],
  ['!\na', ['bare', 'keywords']],
  ['a=b', ['b']],
  ['a==b', ['b']],
  ['a = b', ['b']],
  ['a\n==\tb\r', ['b']],
  ['a=', ['empty']],
  ['a==', ['empty']],
  ['a=,x', []],
  ['a!=b', butNot('b')],
  ['a != b', butNot('b')],
  ['a!=', butNot('empty')],
  ['nowhere!=b', ALL],
  ['a in (b)', ['b']],
  ['a in(b,c)', ['b', 'c']],
  ['a in ( b , c )', ['b', 'c']],
  ['a in\n(\nb,\nc\n)', ['b', 'c']],
  ['a in (b,b)', ['b']],
  ['a in ()', ['empty']],
  ['a in ( )', ['empty']],
  ['a in (,)', ['empty']],
  ['a in (,,)', ['empty']],
  ['a in (,,,)', ['empty']],
  ['a in (b,)', ['empty', 'b']],
  ['a in (,b)', ['empty', 'b']],
  ['a in (b,,)', ['empty', 'b']],
  ['a in (b,,c)', ['empty', 'b', 'c']],
  ['a in (b, ,c)', ['empty', 'b', 'c']],
  ['a notin (b)', butNot('b')],
  ['a notin (b,c)', butNot('b', 'c')],
  ['a notin ()', butNot('empty')],
  ['a notin (b,)', butNot('b', 'empty')],
  ['in', ['keywords']],
  ['notin', ['keywords']],
  ['!in', butNot('keywords')],
  ['in=notin', ['keywords']],
  ['in in (notin)', ['keywords']],
  ['notin notin (in)', butNot('keywords')],
  ['a=in', ['prefixed']],
  ['a in (in,notin)', ['prefixed']],
  ['a>1', ['seven', 'double-o-seven', 'largest']],
  ['a > 1', ['seven', 'double-o-seven', 'largest']],
  ['a>07', ['largest']],
  ['a<07', ['one']],
  ['a<7', ['one']],
  ['a<8', ['one', 'seven', 'double-o-seven']],
  ['a>0', ['one', 'seven', 'double-o-seven', 'largest']],
  ['a>9223372036854775806', ['largest']],
  ['a>9223372036854775807', []],
  ['a<9223372036854775807', ['one', 'seven', 'double-o-seven']],
  ['a>0000000000000000000000001', ['seven', 'double-o-seven', 'largest']],
  ['a,x', ['c']],
  ['a , x', ['c']],
  ['a,!x,a!=b', WITH_A.filter((name) => name !== 'c' && name !== 'b')],
  ['a=b,a=c', []],
  ['a,a', WITH_A],
  ['example.com/tier', ['prefixed']],
  ['example.com/tier=web', ['prefixed']],
  ['!example.com/tier', butNot('prefixed')],
  ['constructor', []],
  ['!constructor', ALL],
  ['constructor!=a', ALL],
  [`!${LONG}`, ALL],
  [`!${LONG_PREFIX}/${LONG}`, ALL],
  [`a!=${LONG}`, ALL],
  ['a!=A-b_c.9', ALL],
  ['1=1', []],
  [' true', []],
];

suite('selectors that Kubernetes accepts', () => {
  for (const [selector, selects] of accepted) {
    test(JSON.stringify(selector), () => {
      const parsed = parseSync(selector);
      assert.ok(parsed.ok);
      assert.deepEqual(
        ALL.filter((name) => matches(parsed.selector, NAMESPACES[name] ?? {})),
        selects,
      );
    });
  }
});

test('the text "true" selects every namespace', () => assert.deepEqual(parseSync('true'), parseSync('')));

const expected = (found: string, ...expectation: string[]): SelectorProblem['problem'] => ({
  code: 'expected',
  expected: expectation,
  found,
});
const badKey = (key: string): SelectorProblem['problem'] => ({ code: 'bad-key', key });
const badValue = (value: string): SelectorProblem['problem'] => ({ code: 'bad-value', value });
const noInteger = (value: string): SelectorProblem['problem'] => ({ code: 'not-an-integer', value });
const KEY_OR_NOT = ['a label key', '"!"'];
const AFTER_KEY = ['an operator', '","', 'the end'];
const AFTER_TERM = ['","', 'the end'];
const IN_LIST = ['a value', '","', '")"'];

const rejected: readonly (readonly [selector: string, at: number, problem: SelectorProblem['problem']])[] = [
  [',', 0, expected(',', ...KEY_OR_NOT)],
  ['a,', 2, expected('', ...KEY_OR_NOT)],
  [',a', 0, expected(',', ...KEY_OR_NOT)],
  ['a,,b', 2, expected(',', ...KEY_OR_NOT)],
  ['=b', 0, expected('=', ...KEY_OR_NOT)],
  ['==', 0, expected('==', ...KEY_OR_NOT)],
  ['(a)', 0, expected('(', ...KEY_OR_NOT)],
  ['!', 1, expected('', 'a label key')],
  ['!!a', 1, expected('!', 'a label key')],
  ['!,a', 1, expected(',', 'a label key')],
  ['!a=b', 2, expected('=', ...AFTER_TERM)],
  ['!a b', 3, expected('b', ...AFTER_TERM)],
  ['!a in (b)', 3, expected('in', ...AFTER_TERM)],
  ['a b', 2, expected('b', ...AFTER_KEY)],
  ['a (b)', 2, expected('(', ...AFTER_KEY)],
  ['a)', 1, expected(')', ...AFTER_KEY)],
  ['a!', 1, expected('!', ...AFTER_KEY)],
  ['a IN (b)', 2, expected('IN', ...AFTER_KEY)],
  ['a === b', 4, expected('=', 'a value')],
  ['a==!b', 3, expected('!', 'a value')],
  ['a=!b', 2, expected('!', 'a value')],
  ['a!==b', 3, expected('=', 'a value')],
  ['a>=1', 2, expected('=', 'a value')],
  ['a=(b)', 2, expected('(', 'a value')],
  ['a=b=c', 3, expected('=', ...AFTER_TERM)],
  ['a=b c', 4, expected('c', ...AFTER_TERM)],
  ['a=b && x', 4, expected('&&', ...AFTER_TERM)],
  ['a;b', 0, badKey('a;b')],
  ['a in', 4, expected('', '"("')],
  ['a in b', 5, expected('b', '"("')],
  ['a in,b', 4, expected(',', '"("')],
  ['a in (', 6, expected('', ...IN_LIST)],
  ['a in (,', 7, expected('', ...IN_LIST)],
  ['a in (b', 7, expected('', '","', '")"')],
  ['a in (b c)', 8, expected('c', '","', '")"')],
  ['a in (b,c', 9, expected('', '","', '")"')],
  ['a in (b,=)', 8, expected('=', ...IN_LIST)],
  ['a in ((b))', 6, expected('(', ...IN_LIST)],
  ['a in (b))', 8, expected(')', ...AFTER_TERM)],
  ['a in (b) x', 9, expected('x', ...AFTER_TERM)],
  ['a in (b/c)', 6, badValue('b/c')],
  ['a>', 2, noInteger('')],
  ['a>,b', 2, noInteger('')],
  ['a > b', 4, noInteger('b')],
  ['a>1.5', 2, noInteger('1.5')],
  ['a>1e3', 2, noInteger('1e3')],
  ['a>0x1', 2, noInteger('0x1')],
  ['a>1_000', 2, noInteger('1_000')],
  ['a>9223372036854775808', 2, noInteger('9223372036854775808')],
  ['a<9223372036854775808', 2, noInteger('9223372036854775808')],
  ['a>٣', 2, badValue('٣')],
  ['a<-1', 2, badValue('-1')],
  ['a<+1', 2, badValue('+1')],
  ['-a', 0, badKey('-a')],
  ['a-', 0, badKey('a-')],
  ['a.', 0, badKey('a.')],
  ['_a', 0, badKey('_a')],
  ['/a', 0, badKey('/a')],
  ['a/', 0, badKey('a/')],
  ['a/b/c', 0, badKey('a/b/c')],
  ['A.b/c', 0, badKey('A.b/c')],
  ['a..b/c', 0, badKey('a..b/c')],
  ['a_b/c', 0, badKey('a_b/c')],
  ['!-a', 1, badKey('-a')],
  ['"a"', 0, badKey('"a"')],
  ["'a'=b", 0, badKey("'a'")],
  ['“a”', 0, badKey('“a”')],
  ['é', 0, badKey('é')],
  ['\u{1f600}=b', 0, badKey('\u{1f600}')],
  ['a=\u{1f600} c', 2, badValue('\u{1f600}')],
  ['a=\u{1f600}b,-', 2, badValue('\u{1f600}b')],
  ['a=é', 2, badValue('é')],
  ['a="b"', 2, badValue('"b"')],
  ['a=-b', 2, badValue('-b')],
  ['a=b.', 2, badValue('b.')],
  ['a=b:c', 2, badValue('b:c')],
  ['a=*', 2, badValue('*')],
  ['*', 0, badKey('*')],
  // Blanks are the four of ASCII. Any other one is part of a word.
  ['a\u{a0}=b', 0, badKey('a\u{a0}')],
  ['a=b\v', 2, badValue('b\v')],
  ['\f', 0, badKey('\f')],
  ['\u{feff}a', 0, badKey('\u{feff}a')],
  ['a=b\u{2028}', 2, badValue('b\u{2028}')],
  ['a=b\nc', 4, expected('c', ...AFTER_TERM)],
  [`${LONG}a`, 0, badKey(`${LONG}a`)],
  [`a/${LONG}a`, 0, badKey(`a/${LONG}a`)],
  [`a${LONG_PREFIX}/a`, 0, badKey(`a${LONG_PREFIX}/a`)],
  [`a=${LONG}a`, 2, badValue(`${LONG}a`)],
  // The API server stops reading at a NUL and selects everything. We reject it, because more text follows.
  ['\0a=b', 0, badKey('\0a')],
  ['a\0', 0, badKey('a\0')],
];

suite('selectors that Kubernetes rejects', () => {
  for (const [selector, at, problem] of rejected) {
    test(JSON.stringify(selector), () => {
      assert.deepEqual(parseSync(selector), { ok: false, at, problem });
    });
  }
});

test('a label that plain objects inherit is no label', () => {
  const selector = parseSync('toString');
  assert.ok(selector.ok);
  assert.equal(matches(selector.selector, {}), false);
  assert.equal(matches(selector.selector, mapWith('toString', '')), true);
});

function rendered(selector: Selector): string {
  return selector.map(term).join(',');
}

function term(requirement: Requirement): string {
  const { key } = requirement;
  switch (requirement.operator) {
    case 'exists':
      return key;
    case 'not-exists':
      return `!${key}`;
    case 'in':
      return `${key} in (${[...requirement.values].join(',')})`;
    case 'not-in':
      return `${key} notin (${[...requirement.values].join(',')})`;
    case 'greater':
      return `${key}>${requirement.bound}`;
    case 'less':
      return `${key}<${requirement.bound}`;
  }
}

const words = ['a', 'b', 'in', 'notin', 'x.y/z', '1', '07', '-', 'é', '\u{1f600}', '"'];
const symbols = ['=', '==', '!=', '!', '>', '<', '(', ')', ',', ' ', '\n', '\0'];
const soup = fc
  .array(fc.constantFrom(...words, ...symbols), { maxLength: 12 })
  .map((parts) => parts.join(''));
const key = fc.constantFrom('a', 'b', 'in', 'notin', 'x.y/z');
const value = fc.constantFrom('', 'a', 'b', '1', 'in', 'notin');
const values = fc.array(value, { minLength: 1, maxLength: 4 }).map((all) => `(${all.join(',')})`);
const wellFormed = fc
  .array(
    fc.oneof(
      key,
      key.map((name) => `!${name}`),
      fc.tuple(key, fc.constantFrom('=', '==', '!='), value).map((parts) => parts.join('')),
      fc.tuple(key, fc.constantFrom('>', '<'), fc.maxSafeNat()).map((parts) => parts.join('')),
      fc.tuple(key, fc.constantFrom(' in ', ' notin '), values).map((parts) => parts.join('')),
    ),
    { maxLength: 4 },
  )
  .map((terms) => terms.join(','));

test('no text makes the parser throw, and a problem has the position where it stopped', () => {
  fc.assert(
    fc.property(fc.oneof(soup, fc.string({ unit: 'binary' }), wellFormed), (text) => {
      const parsed = parseSync(text);
      if (!parsed.ok) assert.ok(parsed.at >= 0 && parsed.at <= text.length);
    }),
    { numRuns: 2000 },
  );
});

test('a parsed selector can be written and parsed again with the same result', () => {
  fc.assert(
    fc.property(fc.oneof(soup, wellFormed), (text) => {
      const parsed = parseSync(text);
      if (!parsed.ok) return;
      assert.deepEqual(parseSync(rendered(parsed.selector)), parsed);
    }),
    { numRuns: 2000 },
  );
});

test('every selector that is put together by the grammar is accepted', () => {
  fc.assert(fc.property(wellFormed, (text) => parseSync(text).ok));
});
