import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { AnnotationProblem } from '../../../src/model/annotation-problem.ts';
import { parseSyncKeys, selectKeys } from '../../../src/plan/annotations/sync-keys.ts';

/* Which keys the annotation sync-keys selects, and where a text is wrong. */

const KEYS = ['ca.crt', 'tls.crt', 'tls.key', 'other'];

const accepted: readonly (readonly [text: string, names: string, missing?: readonly string[]])[] = [
  ['*', 'ca.crt other tls.crt tls.key'],
  ['ca.crt', 'ca.crt'],
  ['ca.crt,tls.crt', 'ca.crt tls.crt'],
  [' ca.crt ,\n tls.crt\t', 'ca.crt tls.crt'],
  ['tls.*', 'tls.crt tls.key'],
  ['*.crt', 'ca.crt tls.crt'],
  ['*,!tls.key', 'ca.crt other tls.crt'],
  ['!tls.key', 'ca.crt other tls.crt'],
  ['! tls.key, !other', 'ca.crt tls.crt'],
  ['!*.key,tls.*', 'tls.crt'],
  ['tls.crt=ca-bundle.crt', 'tls.crt>ca-bundle.crt'],
  ['tls.crt = ca-bundle.crt', 'tls.crt>ca-bundle.crt'],
  ['*,tls.crt=cert', 'ca.crt other tls.crt>cert tls.key'],
  ['ca.crt=tls.crt,tls.crt=ca.crt', 'ca.crt>tls.crt tls.crt>ca.crt'],
  ['tls.crt=cert,!tls.crt,ca.crt', 'ca.crt'],
  ['ca.crt=ca.crt', 'ca.crt'],
  ['ca.crt,ca.crt', 'ca.crt'],
  ['ca.crt,gone', 'ca.crt', ['gone']],
  ['ca.crt,gone=tls.crt', 'ca.crt', ['gone']],
  ['*,gone,lost=x', 'ca.crt other tls.crt tls.key', ['gone', 'lost']],
  ['*,nothing-*', 'ca.crt other tls.crt tls.key'],
];

function selectionOf(text: string, keys: readonly string[] = KEYS): ReturnType<typeof selectKeys> {
  const rules = parseSyncKeys(text);
  return rules.ok ? selectKeys(rules.value, keys) : rules;
}

function words(names: ReadonlyMap<string, string>): string {
  return [...names].map(([from, to]) => (from === to ? from : `${from}>${to}`)).join(' ');
}

suite('these values are accepted', () => {
  for (const [text, names, missing = []] of accepted)
    test(JSON.stringify(text), () => {
      const selected = selectionOf(text);
      assert.ok(selected.ok);
      assert.equal(words(selected.value.names), names);
      assert.deepEqual(selected.value.missing, missing);
    });
});

type Problem = AnnotationProblem['problem'];
const empty = { code: 'empty' } as const;
const badKey = (found: string): Problem => ({ code: 'bad-key', found });
const badRename = (found: string): Problem => ({ code: 'bad-rename', found });

const refused: readonly (readonly [text: string, at: number, problem: Problem])[] = [
  ['', 0, empty],
  [' ', 1, empty],
  ['ca.crt,', 7, empty],
  ['ca.crt,,tls.crt', 7, empty],
  ['!', 1, empty],
  ['a b', 0, badKey('a b')],
  ['ca.crt, tls/key', 8, badKey('tls/key')],
  ['"ca.crt"', 0, badKey('"ca.crt"')],
  ['ca.???', 0, badKey('ca.???')],
  ['.', 0, badKey('.')],
  ['..', 0, badKey('..')],
  ['..a', 0, badKey('..a')],
  ['a'.repeat(254), 0, badKey('a'.repeat(254))],
  ['!!a', 0, badKey('!a')],
  ['ca.crt=', 0, badRename('ca.crt=')],
  ['=ca.crt', 0, badRename('=ca.crt')],
  ['a=b=c', 0, badRename('a=b=c')],
  ['*=b', 0, badRename('*=b')],
  ['a=b*', 0, badRename('a=b*')],
  ['!a=b', 0, badRename('!a=b')],
  ['x, ca.crt=../up', 3, badRename('ca.crt=../up')],
  ['ca.crt=a,ca.crt=b', 9, { code: 'named-twice', key: 'ca.crt' }],
  ['ca.crt,ca.crt=b', 7, { code: 'named-twice', key: 'ca.crt' }],
  ['ca.crt=x,tls.crt=x', 9, { code: 'same-name', name: 'x', keys: ['ca.crt', 'tls.crt'] }],
  ['tls.crt=ca.crt,ca.crt', 15, { code: 'same-name', name: 'ca.crt', keys: ['tls.crt', 'ca.crt'] }],
  ['*,tls.crt=ca.crt', 2, { code: 'same-name', name: 'ca.crt', keys: ['ca.crt', 'tls.crt'] }],
  ['*, !tls.kye', 3, { code: 'matches-no-key', pattern: '!tls.kye' }],
  ['!gone-*', 0, { code: 'matches-no-key', pattern: '!gone-*' }],
  ['gone', 0, { code: 'no-key-left' }],
  ['!*', 0, { code: 'no-key-left' }],
  ['ca.crt,!ca.crt', 0, { code: 'no-key-left' }],
  ['nothing-*', 0, { code: 'no-key-left' }],
  [`${'a*,'.repeat(20)}!b*`, 60, { code: 'too-many-patterns', limit: 20 }],
  [`${'a,'.repeat(1000)}b`, 2000, { code: 'too-many-terms', limit: 1000 }],
];

suite('these values are refused, with the place', () => {
  for (const [text, at, problem] of refused)
    test(JSON.stringify(text.slice(0, 40)), () => {
      assert.deepEqual(selectionOf(text), { ok: false, at, problem });
    });
});

test('law: every selected key is a key of the source, no two have one name, and the order does not matter', () => {
  const key: fc.Arbitrary<string> = fc.constantFrom('a', 'b', 'ab', 'ba', 'c');
  const term = fc.oneof(
    key,
    fc.constantFrom('*', 'a*', '*b', '!a', '!*b', '!c'),
    fc.tuple(key, key).map((pair) => pair.join('=')),
  );
  const text = fc.array(term, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(text, fc.uniqueArray(key), (terms, keys) => {
      const selected = selectionOf(terms.join(','), keys);
      if (!selected.ok) return;
      const { names } = selected.value;
      assert.ok([...names.keys()].every((one) => keys.includes(one)));
      assert.equal(new Set(names.values()).size, names.size);
      const other = selectionOf(terms.toReversed().join(','), keys.toReversed());
      assert.ok(other.ok);
      assert.deepEqual(names, other.value.names);
    }),
  );
});

test('a hostile annotation and a source with many keys are read in linear time', () => {
  const keys = Array.from({ length: 50_000 }, (_, at) => `k${at}`);
  const started = performance.now();
  for (const text of ['*a*b*c*,'.repeat(20), '!*k*,'.repeat(20), '!x,'.repeat(900)])
    selectionOf(`${text}k1`, keys);
  assert.ok(performance.now() - started < 5000);
});
