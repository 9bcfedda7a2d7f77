import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AnnotationProblem } from '../../../src/model/annotation-problem.ts';
import { acceptFromProblem, consentOf, letsIn } from '../../../src/plan/annotations/accept-from.ts';
import { namespace } from '../../support/build.ts';

/* Whose copies a namespace takes. */

const NAMES = ['platform', 'certs', 'certs-eu', 'a'];
const SOURCES = { sourceNamespaces: ['platform', 'certs'] };
const ANY = { sourceNamespaces: [] };
const target = (value: string) =>
  namespace('team', { annotations: { 'kubed.appscode.com/accept-from': value } });

const accepted: readonly (readonly [value: string, from: readonly string[]])[] = [
  ['', []],
  ['*', NAMES],
  ['platform', ['platform']],
  ['platform,certs', ['platform', 'certs']],
  [' platform ,\n certs ', ['platform', 'certs']],
  ['nowhere,*', NAMES],
  ['cert', []],
];

suite('these values are accepted, whatever the options', () => {
  for (const [value, from] of accepted)
    test(JSON.stringify(value), () => {
      for (const settings of [ANY, SOURCES]) {
        assert.equal(acceptFromProblem(target(value), settings), undefined);
        for (const name of NAMES)
          assert.equal(
            consentOf(target(value), name, settings),
            from.includes(name) ? 'given' : 'refused',
            name,
          );
      }
    });
});

const patterns: readonly (readonly [value: string, at: number, pattern: string, from: readonly string[]])[] =
  [
    ['certs*', 0, 'certs*', ['certs', 'certs-eu']],
    ['platform, certs-*', 10, 'certs-*', ['platform', 'certs-eu']],
    ['?', 0, '?', ['a']],
    ['**', 0, '**', NAMES],
  ];

suite('patterns need --source-namespace', () => {
  for (const [value, at, pattern, from] of patterns)
    test(value, () => {
      const problem = { code: 'pattern-needs-source-namespace', pattern };
      assert.deepEqual(acceptFromProblem(target(value), ANY), { at, problem });
      assert.equal(consentOf(target(value), 'platform', ANY), 'invalid');
      assert.deepEqual(
        NAMES.filter((name) => consentOf(target(value), name, SOURCES) === 'given'),
        from,
      );
    });
});

const refused: readonly (readonly [value: string, at: number, problem: AnnotationProblem['problem']])[] = [
  [' ', 1, { code: 'empty' }],
  ['a,', 2, { code: 'empty' }],
  ['a,,b', 2, { code: 'empty' }],
  ['!a', 0, { code: 'bad-namespace', found: '!a' }],
  ['a, Certs', 3, { code: 'bad-namespace', found: 'Certs' }],
  ['a b', 0, { code: 'bad-namespace', found: 'a b' }],
  ['a/b', 0, { code: 'bad-namespace', found: 'a/b' }],
];

suite('these values are refused, with the place', () => {
  for (const [value, at, problem] of refused)
    test(JSON.stringify(value), () => {
      for (const settings of [ANY, SOURCES]) {
        assert.deepEqual(acceptFromProblem(target(value), settings), { at, problem });
        assert.equal(consentOf(target(value), 'a', settings), 'invalid');
      }
    });
});

test('without the annotation everything may come, and with --require-consent only what is there', () => {
  const bare = namespace('team');
  for (const [requireConsent, hasCopy, expected] of [
    [false, false, true],
    [false, true, true],
    [true, false, false],
    [true, true, true],
  ] as const)
    assert.equal(letsIn(bare, 'a', hasCopy, { ...ANY, requireConsent }), expected);
});

test('--require-consent changes nothing where the annotation is', () => {
  for (const requireConsent of [true, false])
    for (const hasCopy of [true, false]) {
      assert.equal(letsIn(target('a'), 'a', hasCopy, { ...ANY, requireConsent }), true);
      assert.equal(letsIn(target('b'), 'a', hasCopy, { ...ANY, requireConsent }), false);
      assert.equal(letsIn(target('B'), 'a', hasCopy, { ...ANY, requireConsent }), false);
    }
});
