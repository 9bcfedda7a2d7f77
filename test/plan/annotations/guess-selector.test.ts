import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'node:test';
import { formatSelector, guessSelector } from '../../../src/plan/annotations/guess-selector.ts';
import { matches, parseSync } from '../../../src/plan/annotations/selector.ts';
import type { Namespace, StringMap } from '../../../src/model/objects.ts';
import { draftPlan } from '../../../src/plan/draft.ts';
import { scopeOf } from '../../../src/plan/scope.ts';
import { findingHint } from '../../../src/report/messages/finding-hint.ts';
import { removeNameMarks } from '../../../src/report/strings/name-marks.ts';
import { settings } from '../../support/build.ts';

/* What authors of sync annotations write instead of a selector, and what they are told. */

const LABELS: Readonly<Record<string, StringMap>> = {
  'app-dev': { env: 'dev' },
  'app-prod': { env: 'prod', tier: 'web' },
  'kube-system': {},
};

const NAMESPACES: ReadonlyMap<string, Namespace> = new Map(
  Object.entries(LABELS).map(([name, own]) => {
    const labels = { ...own, 'kubernetes.io/metadata.name': name };
    return [name, { name, labels, annotations: {}, terminating: false }];
  }),
);

const BY_NAME = 'kubernetes.io/metadata.name in';

/** Texts, and the selector that is meant. */
const SELECTORS: readonly (readonly [text: string, selector: string])[] = [
  ['*', ''],
  ['all', ''],
  ['"*"', ''],
  ['""', ''],
  ["''", ''],
  ['"true"', ''],
  ['“true”', ''],
  ['"env=prod"', 'env=prod'],
  ["'env in (dev, prod)'", 'env in (dev,prod)'],
  ['env="prod"', 'env=prod'],
  ['env=“prod”', 'env=prod'],
  ['env: prod', 'env=prod'],
  ['env=dev,env=prod', 'env in (dev,prod)'],
  ['env=dev,tier=web,env=prod', 'env in (dev,prod),tier=web'],
  ['env in (a,b),env=c', 'env in (a,b,c)'],
  ['env=dev;env=prod', 'env in (dev,prod)'],
  ['env=dev | env=prod', 'env in (dev,prod)'],
  ['env=dev,prod', 'env in (dev,prod)'],
  ['env=dev|prod|test', 'env in (dev,prod,test)'],
  ['app-dev', `${BY_NAME} (app-dev)`],
  ['"app-dev"', `${BY_NAME} (app-dev)`],
  ['app-dev,app-prod', `${BY_NAME} (app-dev,app-prod)`],
  ['app-dev, app-prod', `${BY_NAME} (app-dev,app-prod)`],
  ['app-dev app-prod', `${BY_NAME} (app-dev,app-prod)`],
  ['app-dev\napp-prod\n', `${BY_NAME} (app-dev,app-prod)`],
  ['app-dev,app-test', `${BY_NAME} (app-dev,app-test)`],
  ['new-a,new-b', `${BY_NAME} (new-a,new-b)`],
  ['name=app-dev', `${BY_NAME} (app-dev)`],
  ['namespace in (app-dev,app-prod)', `${BY_NAME} (app-dev,app-prod)`],
];

for (const [text, selector] of SELECTORS) {
  test(`${JSON.stringify(text)} probably means ${JSON.stringify(selector)}`, () => {
    assert.deepEqual(guessSelector(text, NAMESPACES), { meant: 'selector', selector });
  });
}

test('a template and a switch are recognised', () => {
  for (const text of ['${SELECTOR}', '{{ .Values.selector }}', 'env=$(ENV)', 'env={{ env }}'])
    assert.deepEqual(guessSelector(text, NAMESPACES), { meant: 'template' });
  for (const text of ['false', 'True', '"false"', 'yes', 'NO'])
    assert.deepEqual(guessSelector(text, NAMESPACES), { meant: 'switch' });
});

test('nothing is guessed where nothing is clear', () => {
  for (const text of [
    'env=prdo',
    'env in (prod,staging',
    'env prod',
    'nobody',
    'tier=web,env=prod',
    'env=prod,env in (prod,dev)',
    'env=a,tier',
    'name=nobody',
    'a b c',
    '-a=b',
    `${'app-dev,'.repeat(200)}x`,
  ])
    assert.equal(guessSelector(text, NAMESPACES), undefined, text);
});

const word = fc.constantFrom('env', 'app-dev', 'app-prod', 'tier', 'x.io/y', 'a', 'prod', 'in', 'notin', '5');
const piece = fc.constantFrom(
  '=',
  '!=',
  ',',
  '(',
  ')',
  '!',
  '>',
  ' ',
  '"',
  "'",
  ';',
  '|',
  ':',
  '*',
  '${',
  '\n',
);
const anyText = fc.array(fc.oneof(word, piece), { maxLength: 10 }).map((parts) => parts.join(''));

test('a guess is a valid selector that says something else', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const guess = guessSelector(text, NAMESPACES);
      if (guess?.meant !== 'selector') return;
      const parsed = parseSync(guess.selector);
      assert.ok(parsed.ok, guess.selector);
      assert.ok(!/["\\\n]/.test(guess.selector), guess.selector);
      const original = parseSync(text);
      assert.notDeepEqual(original.ok && original.selector, parsed.selector);
    }),
    { numRuns: 5000 },
  );
});

test('each kind of requirement is written out', () => {
  for (const text of ['a', '!a', 'a=b', 'a!=b', 'a in (b,c)', 'a notin (b,c)', 'a>1', 'a<1']) {
    const parsed = parseSync(text);
    assert.ok(parsed.ok);
    assert.equal(formatSelector(parsed.selector), text);
  }
});

test('a selector that is written out selects the same', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const parsed = parseSync(text);
      if (!parsed.ok) return;
      const again = parseSync(formatSelector(parsed.selector));
      assert.ok(again.ok, formatSelector(parsed.selector));
      for (const { labels } of NAMESPACES.values())
        assert.equal(matches(again.selector, labels), matches(parsed.selector, labels));
      assert.equal(formatSelector(again.selector), formatSelector(parsed.selector));
    }),
    { numRuns: 5000 },
  );
});

/** The hints of a run over the namespaces above with one source. */
function hintsOf(text: string): readonly string[] {
  const source = {
    kind: 'ConfigMap' as const,
    namespace: 'kube-system',
    name: 'omni',
    uid: 'u',
    resourceVersion: '1',
    labels: {},
    annotations: { 'kubed.appscode.com/sync': text },
    creationTimestamp: '',
    managedFields: [],
  };
  const scope = scopeOf(settings({ sourceNamespaces: ['kube-system'] }));
  const { findings } = draftPlan({ namespaces: [...NAMESPACES.values()], objects: [source] }, scope);
  return findings.map((finding) => `${finding.reason}: ${removeNameMarks(findingHint(finding))}`);
}

test('the hint of a finding has the annotation, ready to copy', () => {
  assert.deepEqual(hintsOf('app-dev'), [
    `no-namespace-selected: You may have meant: kubed.appscode.com/sync: "${BY_NAME} (app-dev)"`,
  ]);
  assert.deepEqual(hintsOf('app-dev app-prod'), [
    `invalid-selector: You may have meant: kubed.appscode.com/sync: "${BY_NAME} (app-dev,app-prod)"`,
  ]);
  assert.deepEqual(hintsOf('*'), [
    'invalid-selector: To select every namespace, write: kubed.appscode.com/sync: ""',
  ]);
  assert.deepEqual(hintsOf('${X}'), ['invalid-selector: This is a template. Render it before you apply it.']);
  assert.deepEqual(hintsOf('env prod'), [
    'invalid-selector: Correct its annotation kubed.appscode.com/sync.',
  ]);
  assert.match(
    hintsOf('false').join(),
    /suspicious-selector: To stop the sync.*no-namespace-selected: To stop/,
  );
});

test('a label that a namespace has is no name, and a selector that matches has no hint', () => {
  assert.deepEqual(hintsOf('env=prod'), []);
  assert.deepEqual(hintsOf('tier'), []);
});
