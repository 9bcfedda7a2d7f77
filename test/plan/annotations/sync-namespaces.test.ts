import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AnnotationProblem } from '../../../src/model/annotation-problem.ts';
import { matchesNames, parseSyncNamespaces } from '../../../src/plan/annotations/sync-namespaces.ts';

/* What the annotation sync-namespaces selects, and where a text is wrong. */

const NAMES = ['team-a', 'team-b', 'team-test', 'my-team-a', 'prod', 'a', 'kube-system'];
const without = (...names: string[]): string[] => NAMES.filter((name) => !names.includes(name));
const LONG = 'a'.repeat(63);

const accepted: readonly (readonly [text: string, selects: readonly string[]])[] = [
  ['*', NAMES],
  ['team-a', ['team-a']],
  ['team-a,prod', ['team-a', 'prod']],
  [' team-a ,\n prod\t', ['team-a', 'prod']],
  ['team-*', ['team-a', 'team-b', 'team-test']],
  ['*team*', ['team-a', 'team-b', 'team-test', 'my-team-a']],
  ['team-?', ['team-a', 'team-b']],
  ['?', ['a']],
  ['team', []],
  ['team-*,!team-test', ['team-a', 'team-b']],
  ['!team-test,team-*', ['team-a', 'team-b']],
  ['team-*, ! team-test', ['team-a', 'team-b']],
  ['team-a,!team-a', []],
  ['!kube-*', without('kube-system')],
  ['!kube-*,!?', without('kube-system', 'a')],
  ['!*', []],
  ['team-a,team-a', ['team-a']],
  [LONG, []],
  ['nowhere', []],
];

suite('these values are accepted', () => {
  for (const [text, selects] of accepted)
    test(JSON.stringify(text), () => {
      const parsed = parseSyncNamespaces(text);
      assert.ok(parsed.ok);
      assert.deepEqual(
        NAMES.filter((name) => matchesNames(parsed.value, name)),
        selects,
      );
    });
});

const empty = { code: 'empty' } as const;
const bad = (found: string): AnnotationProblem['problem'] => ({ code: 'bad-namespace', found });

const refused: readonly (readonly [text: string, at: number, problem: AnnotationProblem['problem']])[] = [
  ['', 0, empty],
  ['  ', 2, empty],
  [',', 0, empty],
  ['a,', 2, empty],
  ['a,,b', 2, empty],
  [',a', 0, empty],
  ['!', 1, empty],
  ['a, ! ,b', 4, empty],
  ['Team-a', 0, bad('Team-a')],
  ['a, Team-a', 3, bad('Team-a')],
  ['a,!B', 2, bad('B')],
  ['!!a', 0, bad('!a')],
  ['-a', 0, bad('-a')],
  ['a-', 0, bad('a-')],
  ['-*', 0, bad('-*')],
  ['a b', 0, bad('a b')],
  ['a.b', 0, bad('a.b')],
  ['a;b', 0, bad('a;b')],
  ['env=prod', 0, bad('env=prod')],
  ['team-[ab]', 0, bad('team-[ab]')],
  ['^team-.*$', 0, bad('^team-.*$')],
  ['"a"', 0, bad('"a"')],
  ['${NAMES}', 0, bad('${NAMES}')],
  ['ä', 0, bad('ä')],
  [`${LONG}a`, 0, bad(`${LONG}a`)],
];

suite('these values are refused, with the place', () => {
  for (const [text, at, problem] of refused)
    test(JSON.stringify(text), () => assert.deepEqual(parseSyncNamespaces(text), { ok: false, at, problem }));
});

test('a value of 256 KB is read in less than a second', () => {
  const started = performance.now();
  for (const text of [' '.repeat(250_000), ','.repeat(250_000), '!'.repeat(250_000), 'a*,'.repeat(80_000)])
    parseSyncNamespaces(text);
  assert.ok(performance.now() - started < 1000);
});
