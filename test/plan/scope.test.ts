import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { globMatches, scopeOf } from '../../src/plan/scope.ts';
import { settings } from '../support/build.ts';

const rows: readonly (readonly [glob: string, matching: readonly string[], others: readonly string[]])[] = [
  ['team-a', ['team-a'], ['team-b', 'team-a1', 'xteam-a', '']],
  ['', [''], ['a']],
  ['*', ['', 'a', 'team-a'], []],
  ['**', ['', 'a', 'ab'], []],
  ['team-*', ['team-', 'team-a', 'team-a-b'], ['team', 'a-team-a']],
  ['*-prod', ['-prod', 'a-prod', 'a-prod-prod'], ['prod', 'a-prod-x']],
  ['a*b', ['ab', 'axb', 'abb', 'aabab'], ['a', 'b', 'abx', 'xab']],
  ['a*b*c', ['abc', 'axbxc', 'abcbc'], ['acb', 'ab', 'ac']],
  ['*a*', ['a', 'xa', 'ax', 'xax'], ['', 'b']],
  ['*ab', ['ab', 'aab', 'abab'], ['aba']],
  ['?', ['a', '*'], ['', 'ab']],
  ['team-?', ['team-a'], ['team-', 'team-ab']],
  ['?*', ['a', 'ab'], ['']],
  ['*?', ['a', 'ab'], ['']],
  ['a?c*', ['abc', 'abcd'], ['ac', 'ab']],
  ['a.c', ['a.c'], ['abc']],
  ['[a]', ['[a]'], ['a']],
  ['a+', ['a+'], ['a', 'aa']],
  ['^a$', ['^a$'], ['a']],
  ['a*', ['a*', 'ab'], ['b*']],
];

suite('globs', () => {
  for (const [glob, matching, others] of rows) {
    for (const text of matching)
      test(`${JSON.stringify(glob)} matches ${JSON.stringify(text)}`, () =>
        assert.equal(globMatches(glob, text), true));
    for (const text of others)
      test(`${JSON.stringify(glob)} does not match ${JSON.stringify(text)}`, () =>
        assert.equal(globMatches(glob, text), false));
  }

  test('globs match like a regular expression', () => {
    const few = (letters: string[]): fc.Arbitrary<string> =>
      fc.array(fc.constantFrom(...letters), { maxLength: 8 }).map((all) => all.join(''));
    fc.assert(
      fc.property(few(['a', 'b', '*', '?']), few(['a', 'b']), (glob, text) => {
        const pattern = glob.replaceAll('*', '.*').replaceAll('?', '.');
        assert.equal(globMatches(glob, text), new RegExp(`^${pattern}$`).test(text));
      }),
      { numRuns: 2000 },
    );
  });

  test('a glob with many stars is matched quickly against a long text', () => {
    assert.equal(globMatches(`${'*a'.repeat(40)}b`, 'a'.repeat(5000)), false);
  });
});

suite('the borders of the scope', () => {
  const borders: readonly {
    readonly name: string;
    readonly include?: readonly string[];
    readonly exclude?: readonly string[];
    readonly targets: readonly string[];
  }[] = [
    { name: 'no border', targets: ['team-a', 'team-b', 'kube-system'] },
    { name: 'one include', include: ['team-*'], targets: ['team-a', 'team-b'] },
    { name: 'two includes', include: ['team-a', 'kube-*'], targets: ['team-a', 'kube-system'] },
    { name: 'one exclude', exclude: ['kube-*'], targets: ['team-a', 'team-b'] },
    { name: 'two excludes', exclude: ['kube-*', '*-b'], targets: ['team-a'] },
    { name: 'exclude wins', include: ['team-*'], exclude: ['team-a'], targets: ['team-b'] },
    { name: 'an include that matches none', include: ['nowhere'], targets: [] },
    { name: 'everything excluded', exclude: ['*'], targets: [] },
  ];
  for (const { name, include = [], exclude = [], targets } of borders) {
    test(`targets: ${name}`, () => {
      const rules = scopeOf(settings({ includeNamespaces: include, excludeNamespaces: exclude }));
      const all = ['team-a', 'team-b', 'kube-system'];
      assert.deepEqual(all.filter(rules.isTargetNamespace), targets);
      assert.deepEqual(all.filter(rules.isTargetNamespace), targets, 'the same when asked again');
    });
  }

  test('without --source-namespace sources may be anywhere', () => {
    assert.equal(scopeOf(settings()).isSourceNamespace('anywhere'), true);
  });

  test('with --source-namespace sources are only there, and globs do not count', () => {
    const rules = scopeOf(settings({ sourceNamespaces: ['demo', 'team-*'] }));
    assert.deepEqual(['demo', 'team-*', 'team-a', ''].filter(rules.isSourceNamespace), ['demo', 'team-*']);
  });

  test('a hash is computed once', () => {
    const asked: string[] = [];
    const rules = scopeOf(settings({ sha256: (text) => `${asked.push(text)}` }));
    assert.deepEqual(['a', 'b', 'a', 'b'].map(rules.sha256), ['1', '2', '1', '2']);
    assert.deepEqual(asked, ['a', 'b']);
  });
});
