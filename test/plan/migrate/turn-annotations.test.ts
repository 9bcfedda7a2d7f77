import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { MirrorTool } from '../../../src/model/migration.ts';
import type { StringMap } from '../../../src/model/objects.ts';
import { matches, parseSync } from '../../../src/plan/annotations/selector.ts';
import { readNameList } from '../../../src/plan/migrate/name-patterns.ts';
import { annotationsOf, bothRules } from '../../../src/plan/migrate/namespace-rule.ts';
import { turnAnnotations } from '../../../src/plan/migrate/turn-annotations.ts';
import { globMatches } from '../../../src/plan/scope.ts';
import { configMap } from '../../support/build.ts';

/* Only what means exactly the same is turned. */

const RUNS = { numRuns: Number(process.env['LAW_RUNS'] ?? 1000) };
const PREFIX = { reflector: 'reflector.v1.k8s.emberstack.com/', replicator: 'replicator.v1.mittwald.de/' };
const ON = { 'reflection-allowed': 'true', 'reflection-auto-enabled': 'True' };

function turn(tool: MirrorTool, annotations: StringMap, ours: StringMap = {}): string {
  const named = Object.entries(annotations).map(([key, value]) => [PREFIX[tool] + key, value] as const);
  const meta = configMap('demo/omni', { annotations: { ...Object.fromEntries(named), ...ours } });
  const turned = turnAnnotations(meta, tool);
  if (turned === undefined) return 'not a source';
  if ('problem' in turned) return turned.problem.code;
  const { 'kubed.appscode.com/sync': sync, 'kubed.appscode.com/sync-namespaces': syncNamespaces } =
    turned.turned.set;
  return [`"${sync}"`, ...(syncNamespaces === undefined ? [] : [`and ${syncNamespaces}`])].join(' ');
}

const NAME = 'kubernetes.io/metadata.name';

const reflector: readonly (readonly [string, StringMap, string])[] = [
  ['every namespace', ON, '""'],
  ['empty lists', { ...ON, 'reflection-auto-namespaces': '', 'reflection-allowed-namespaces': '' }, '""'],
  ['every namespace, as a pattern', { ...ON, 'reflection-auto-namespaces': 'a,.*' }, '""'],
  ['names', { ...ON, 'reflection-auto-namespaces': 'b, a,,^a$' }, `"${NAME} in (a,b)"`],
  ['a list without a name', { ...ON, 'reflection-auto-namespaces': ' , ' }, 'matches-nothing'],
  ['a regular expression', { ...ON, 'reflection-auto-namespaces': 'a,team-[0-9]*' }, 'regex'],
  ['a name that no namespace has', { ...ON, 'reflection-auto-namespaces': '-a' }, 'regex'],
  [
    'a selector',
    { ...ON, 'reflection-auto-namespaces-selector': ' env in (prod),  !x ' },
    '"env in (prod), !x"',
  ],
  ['a selector of blanks', { ...ON, 'reflection-auto-namespaces-selector': ' ' }, '""'],
  [
    'names or a selector',
    { ...ON, 'reflection-auto-namespaces': 'a', 'reflection-auto-namespaces-selector': 'b' },
    'either-or',
  ],
  [
    'all or a selector',
    { ...ON, 'reflection-auto-namespaces': '.*', 'reflection-auto-namespaces-selector': 'b' },
    '""',
  ],
  ['allowed names', { ...ON, 'reflection-allowed-namespaces': 'a' }, `"${NAME} in (a)"`],
  [
    'names of both lists',
    { ...ON, 'reflection-allowed-namespaces': 'a,b,c', 'reflection-auto-namespaces': 'c,b,d' },
    `"${NAME} in (b,c)"`,
  ],
  [
    'names of neither list',
    { ...ON, 'reflection-allowed-namespaces': 'a', 'reflection-auto-namespaces': 'b' },
    'matches-nothing',
  ],
  [
    'names that a pattern allows',
    { ...ON, 'reflection-allowed-namespaces': 'team-.*', 'reflection-auto-namespaces': 'team-a,b' },
    `"${NAME} in (team-a)"`,
  ],
  [
    'names that are allowed, of a pattern',
    { ...ON, 'reflection-allowed-namespaces': 'team-a,b', 'reflection-auto-namespaces': 'team-.*' },
    `"${NAME} in (team-a)"`,
  ],
  [
    'names with a selector',
    { ...ON, 'reflection-allowed-namespaces-selector': 'env=prod', 'reflection-auto-namespaces': 'a' },
    `"${NAME} in (a),env=prod"`,
  ],
  [
    'a selector with names',
    { ...ON, 'reflection-auto-namespaces-selector': 'env=prod', 'reflection-allowed-namespaces': 'a' },
    `"${NAME} in (a),env=prod"`,
  ],
  [
    'two selectors',
    { ...ON, 'reflection-auto-namespaces-selector': 'b', 'reflection-allowed-namespaces-selector': 'a' },
    '"a,b"',
  ],
  [
    'the same twice',
    { ...ON, 'reflection-auto-namespaces-selector': 'a', 'reflection-allowed-namespaces-selector': 'a' },
    '"a"',
  ],
  [
    'two lists of patterns',
    { ...ON, 'reflection-auto-namespaces': 'a.*', 'reflection-allowed-namespaces': '.*b' },
    'two-patterns',
  ],
  [
    'a broken allowed list',
    { ...ON, 'reflection-auto-namespaces': 'a', 'reflection-allowed-namespaces': 'a|b' },
    'regex',
  ],
  ['the selector "true"', { ...ON, 'reflection-auto-namespaces-selector': 'true' }, 'selector'],
  ['an invalid selector', { ...ON, 'reflection-auto-namespaces-selector': 'a in (' }, 'selector'],
  [
    'a comparison, which reflector rejects',
    { ...ON, 'reflection-auto-namespaces-selector': 'a>1' },
    'selector',
  ],
  [
    'an empty value, which reflector leaves out',
    { ...ON, 'reflection-auto-namespaces-selector': 'a in (b,)' },
    'selector',
  ],
  [
    'a key twice, where reflector takes the last',
    { ...ON, 'reflection-auto-namespaces-selector': 'a=b,a=c' },
    'selector',
  ],
  ['not allowed', { ...ON, 'reflection-allowed': 'false' }, 'switched-off'],
  ['only allowed', { 'reflection-allowed': 'true' }, 'only-pulled'],
  ['a mirror that is a source', { ...ON, reflects: 'a/b' }, 'is-a-mirror'],
  ['a mirror', { reflects: 'a/b', 'auto-reflects': 'True' }, 'not a source'],
  ['nothing', {}, 'not a source'],
];

const replicator: readonly (readonly [string, StringMap, string])[] = [
  ['names', { 'replicate-to': 'b,a' }, `"${NAME} in (a,b)"`],
  ['every namespace', { 'replicate-to': '.*' }, '""'],
  ['an empty list', { 'replicate-to': '' }, 'matches-nothing'],
  ['a regular expression', { 'replicate-to': 'app-ns-[0-9]*' }, 'regex'],
  [
    'a selector',
    { 'replicate-to-matching': 'my-label=value,my-other-label,\n my-label notin (foo,bar)\n' },
    '"my-label=value,my-other-label, my-label notin (foo,bar)"',
  ],
  ['a comparison', { 'replicate-to-matching': 'n>1' }, '"n>1"'],
  ['an empty selector', { 'replicate-to-matching': '' }, '""'],
  ['the selector "true"', { 'replicate-to-matching': 'true' }, 'selector'],
  ['names or a selector', { 'replicate-to': 'a', 'replicate-to-matching': 'b' }, 'either-or'],
  ['only allowed', { 'replication-allowed': 'true', 'replication-allowed-namespaces': 'a' }, 'only-pulled'],
  ['a copy that is a source', { 'replicate-to': 'a', 'replicate-from': 'a/b' }, 'is-a-mirror'],
  ['a copy', { 'replicated-at': 'x' }, 'not a source'],
];

suite('sources of reflector', () => {
  for (const [name, annotations, expected] of reflector)
    test(name, () => assert.equal(turn('reflector', annotations), expected));
});

suite('sources of replicator', () => {
  for (const [name, annotations, expected] of replicator)
    test(name, () => assert.equal(turn('replicator', annotations), expected));
});

test('an object that is a source already, and strip-labels', () => {
  assert.equal(turn('reflector', ON, { 'kubed.appscode.com/sync': '' }), 'already-a-source');
  const meta = configMap('demo/omni', {
    annotations: { [`${PREFIX.replicator}replicate-to`]: 'a', [`${PREFIX.replicator}strip-labels`]: 'false' },
  });
  const turned = turnAnnotations(meta, 'replicator');
  assert.equal(turned !== undefined && 'turned' in turned && turned.stripsLabels, true);
});

test('names, patterns and selectors that must both hold', () => {
  const [patterns, selector] = [
    { is: 'patterns', patterns: ['team-*'] },
    { is: 'selector', selector: 'env=prod' },
  ] as const;
  const both = { is: 'selector', selector: 'env=prod', patterns: ['team-*'] };
  assert.deepEqual(bothRules(patterns, selector, ['a', 'b']), both);
  assert.deepEqual(bothRules(selector, patterns, ['a', 'b']), both);
  assert.deepEqual(annotationsOf({ is: 'all' }), { set: { 'kubed.appscode.com/sync': '' } });
  assert.deepEqual(annotationsOf(patterns), {
    set: { 'kubed.appscode.com/sync': '', 'kubed.appscode.com/sync-namespaces': 'team-*' },
  });
  assert.deepEqual(annotationsOf(bothRules(patterns, selector, ['a', 'b'])), {
    set: { 'kubed.appscode.com/sync': 'env=prod', 'kubed.appscode.com/sync-namespaces': 'team-*' },
  });
  assert.deepEqual(annotationsOf(selector), { set: { 'kubed.appscode.com/sync': 'env=prod' } });
});

/** Namespaces that some of the lists below match. */
const name = fc
  .array(fc.constantFrom('team', 'a', 'b', '-', '1'), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''))
  .filter((text) => /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(text));
const item = fc
  .array(fc.constantFrom('team', 'a', 'b', '-', '1', '.*', '.+', '.', '[0-9]', '^', '$', '|', '*', '\\d'), {
    maxLength: 4,
  })
  .map((parts) => parts.join(''));
const list = fc.array(item, { maxLength: 3 }).map((items) => items.join(','));

/** As the tools do: the first match of an item has to be the whole name. An invalid expression matches nothing. */
function toolMatches(text: string, namespace: string): boolean {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .some((one) => {
      try {
        return new RegExp(one).exec(namespace)?.[0] === namespace;
      } catch {
        return false;
      }
    });
}

test('law: a list that is turned matches exactly the namespaces that the tool matches', () => {
  let turned = 0;
  fc.assert(
    fc.property(list, name, (text, namespace) => {
      const read = readNameList(text);
      if (read.is === 'regex') return;
      turned += 1;
      const patterns = read.is === 'all' ? ['*'] : read.is === 'names' ? read.names : read.patterns;
      assert.equal(
        patterns.some((pattern) => globMatches(pattern, namespace)),
        toolMatches(text, namespace),
        `${text} ${namespace}`,
      );
    }),
    { numRuns: RUNS.numRuns * 5 },
  );
  assert.ok(turned > RUNS.numRuns / 2, `${turned} of the lists were turned`);
});

test('law: annotations of reflector that are turned select exactly its namespaces, and are valid', () => {
  const selector = fc.constantFrom(
    '',
    'env=prod',
    'env!=prod',
    'env in (prod,dev)',
    '!env',
    'env',
    'true',
    'a in (',
  );
  const labels = fc.dictionary(fc.constantFrom('env', 'true'), fc.constantFrom('prod', 'dev', ''), {
    maxKeys: 2,
  });
  fc.assert(
    fc.property(
      list,
      list,
      selector,
      selector,
      name,
      labels,
      (allowed, auto, allowedBy, autoBy, namespace, own) => {
        const annotations = {
          ...ON,
          'reflection-allowed-namespaces': allowed,
          'reflection-allowed-namespaces-selector': allowedBy,
          'reflection-auto-namespaces': auto,
          'reflection-auto-namespaces-selector': autoBy,
        };
        const named = Object.entries(annotations).map(
          ([key, value]) => [PREFIX.reflector + key, value] as const,
        );
        const turned = turnAnnotations(
          configMap('demo/omni', { annotations: Object.fromEntries(named) }),
          'reflector',
        );
        if (turned === undefined || 'problem' in turned) return;
        const {
          'kubed.appscode.com/sync': sync = '(',
          'kubed.appscode.com/sync-namespaces': syncNamespaces,
        } = turned.turned.set;
        const parsed = parseSync(sync);
        assert.ok(parsed.ok, sync);
        const all = { ...own, [NAME]: namespace };
        const selects = (names: string, text: string): boolean => {
          if (names === '' && text === '') return true;
          const by = parseSync(text === 'true' ? 'true,true' : text);
          return (
            (names !== '' && toolMatches(names, namespace)) ||
            (text !== '' && by.ok && matches(by.selector, all))
          );
        };
        const patterns = syncNamespaces?.split(',') ?? ['*'];
        const ours = matches(parsed.selector, all) && patterns.some((glob) => globMatches(glob, namespace));
        assert.equal(ours, selects(allowed, allowedBy) && selects(auto, autoBy), JSON.stringify(annotations));
      },
    ),
    { numRuns: RUNS.numRuns * 5 },
  );
});
