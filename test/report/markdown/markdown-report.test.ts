import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'node:test';
import type { Change } from '../../../src/model/change.ts';
import type { Finding } from '../../../src/model/finding.ts';
import type { Report } from '../../../src/model/run-report.ts';
import { renderMarkdown } from '../../../src/report/markdown/markdown-report.ts';
import { codeSpan, diffBlock, markdownText } from '../../../src/report/markdown/markdown-escape.ts';
import { markName } from '../../../src/report/strings/name-marks.ts';
import { previewOf, QUIET } from '../../golden/reports.ts';

/* A Markdown comment: it is never too long, and text of others is never markup. */

const LIMIT = 65_536;

/** Text with a meaning in Markdown, in all orders. */
const nasty = fc
  .array(
    fc.constantFrom(
      '`',
      '```',
      '````````',
      '~~~',
      '</details>',
      '<script>',
      '<!--',
      '@everyone',
      '@org/team',
      '#1',
      '[x](https://evil.example)',
      'https://evil.example',
      '![](https://evil.example/x.png)',
      '|',
      '\\',
      '&lt;',
      '* ',
      '\n',
      '\n\n# H\n',
      ' ',
      'x',
      '"',
      '$x$',
      '~',
      ':smile:',
      '1. ',
      '- ',
      'GH-1',
      '!1',
      '%1',
      '/close',
      '<br>',
      '\uFDD0',
      '\uFDD1',
      '\u202e',
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

function reportWith(text: string): Report {
  const base = previewOf(1);
  const origin = { namespace: 'demo', name: 'omni' };
  const change: Change = {
    action: 'update',
    kind: 'ConfigMap',
    namespace: 'a',
    name: 'omni',
    origin,
    reason: 'edited',
    fields: [{ part: 'data', key: `k${text}`, op: 'change' }],
    editors: [text],
    guard: { uid: 'u', resourceVersion: '1' },
    values: [{ part: 'data', key: 'k', before: text, after: `${text}\n${text}` }],
  };
  const prune: Change = {
    action: 'prune',
    kind: 'ConfigMap',
    namespace: 'b',
    name: 'omni',
    origin,
    reason: 'namespace-not-selected',
    selector: text,
    guard: { uid: 'u', resourceVersion: '1' },
  };
  const findings: readonly Finding[] = [
    { reason: 'no-namespace-selected', kind: 'ConfigMap', ...origin, selector: text },
    { reason: 'no-remote-kubeconfig', kind: 'ConfigMap', ...origin, contexts: text },
    {
      reason: 'invalid-selector',
      kind: 'ConfigMap',
      ...origin,
      selector: text,
      problem: { at: 0, problem: { code: 'bad-key', key: text } },
      guess: { meant: 'selector', selector: `x${text}` },
    },
    { reason: 'source-not-copyable', kind: 'Secret', ...origin, why: { code: 'type', type: text } },
    { reason: 'namespace-not-found', namespace: text },
    {
      reason: 'orphan',
      kind: 'Secret',
      namespace: text,
      name: text,
      origin: { namespace: text, name: text },
      why: 'origin-missing',
    },
    { reason: 'conflict', kind: 'ConfigMap', namespace: text, name: text, origin, skipped: false },
    { reason: 'other-cluster-name', clusterName: `x${text}`, copies: 2, nearlyAll: true },
    { reason: 'contested', kind: 'ConfigMap', ...origin, currentOwner: origin, namespaces: [text, text] },
    { reason: 'marks-disagree', namespace: text, objects: [{ kind: 'Secret', namespace: text, name: text }] },
  ];
  const at = { file: text, line: 3 };
  return {
    ...base,
    clusterName: `x${text}`,
    manifests: {
      problems: [
        { at, object: text, issue: { code: 'bad-name', field: text, name: text } },
        { at, issue: { code: 'unknown-field', field: text, meant: text } },
        { at, issue: { code: 'twice', other: at } },
      ],
      warnings: [
        { at, object: text, issue: { code: 'null-value', field: text, part: 'others', selects: false } },
      ],
      makers: [{ at, object: text }],
      ignored: new Map(),
      placed: { namespace: text, chosenBy: 'option', objects: 1, sources: [], excluded: [] },
    },
    unchecked: [{ reason: 'namespace', changes: 2, namespaces: [text, text] }],
    changes: [
      { change, outcome: { outcome: 'planned' } },
      { change: prune, outcome: { outcome: 'planned' } },
      { change, outcome: { outcome: 'failed', message: text, status: 422 } },
    ],
    findings,
  };
}

/** Removes code, as CommonMark finds it: fenced blocks first, then spans by equal runs of backticks. */
function withoutCode(markdown: string): string {
  const kept: string[] = [];
  let fence: string | undefined;
  for (const line of markdown.split('\n')) {
    const run = /^ {0,5}(`{3,})/.exec(line)?.[1];
    if (fence === undefined && run !== undefined) fence = run;
    else if (fence !== undefined) {
      if (run !== undefined && run.length >= fence.length && line.trim() === run) fence = undefined;
    } else kept.push(withoutSpans(line));
  }
  assert.equal(fence, undefined, 'a block of code is left open');
  return kept.join('\n');
}

function withoutSpans(line: string): string {
  const open = /`+/.exec(line);
  if (open === null) return line;
  const after = line.slice(open.index + open[0].length);
  const close = [...after.matchAll(/`+/g)].find(([run]) => run === open[0]);
  assert.ok(close, `a code span is left open: ${line}`);
  return line.slice(0, open.index) + withoutSpans(after.slice(close.index + close[0].length));
}

/** What is left of a sentence without its code: words, numbers and the punctuation of sentences. */
const ORDINARY = /^(?![-+] |\d+[.)] )[\p{L}\d ,.:;!?()"'’…–→%+-]*$/u;

test('text from the cluster is always code, and changes nothing around it', () => {
  const plain = withoutCode(renderMarkdown(reportWith('plain')));
  fc.assert(
    fc.property(nasty, (text) => {
      const markdown = renderMarkdown(reportWith(text));
      assert.equal(withoutCode(markdown), plain);
    }),
    { numRuns: 2000 },
  );
});

test('a part of a sentence that is not an ordinary word becomes code, even without the mark of a name', () => {
  fc.assert(
    fc.property(nasty, nasty, (text, name) => {
      const markdown = markdownText(`${text} and ${markName(name)}`);
      assert.match(withoutSpans(markdown), ORDINARY);
      assert.ok(!/[\n\uFDD0\uFDD1]/.test(markdown));
    }),
    { numRuns: 2000 },
  );
});

test('a sentence becomes text with its names as code', () => {
  const sentences: readonly (readonly [string, string])[] = [
    [`ConfigMap ${markName('demo/omni')} is a copy.`, 'ConfigMap `demo/omni` is a copy.'],
    [`(${markName('data.a b')}, ${markName('-data.c')})`, '(`data.a b`, `-data.c`)'],
    [`none matches "${markName('env in (a, b)')}".`, 'none matches `env in (a, b)`.'],
    [`it is "${markName('')}".`, 'it is `""`.'],
    [`${markName('a`b')}: no`, '``a`b``: no'],
    ['Raise --max-prune (10%), e.g. 1,234.', 'Raise `--max-prune` (10%), `e.g`. 1,234.'],
    ['Remove kubed.appscode.com/sync.', 'Remove `kubed.appscode.com/sync`.'],
    ['1. first @all #1 GH-1 a@b.c', '`1.` first `@all` `#1` `GH-1` `a@b.c`'],
    ['- x', '`-` x'],
    [`a${markName('b')}c`, '`abc`'],
  ];
  for (const [sentence, markdown] of sentences) assert.equal(markdownText(sentence), markdown);
});

test('a code span can contain any backticks', () => {
  assert.equal(codeSpan('a'), '`a`');
  assert.equal(codeSpan('a`b``c'), '```a`b``c```');
  assert.equal(codeSpan('`a'), '`` `a ``');
  assert.equal(codeSpan(' a '), '`  a  `');
  assert.equal(codeSpan('x'.repeat(1200)), `\`${'x'.repeat(1000)}… (200 more characters)\``);
  assert.match(diffBlock(['+````', '-a']), /^ {2}`````diff\n {2}\+````\n {2}-a\n {2}`````$/);
});

test('a comment is never too long', () => {
  const selector = 'x'.repeat(100_000);
  const numbers = Array.from({ length: 10_000 }, (_, at) => at);
  const base = reportWith('x');
  const [first] = base.changes;
  assert.ok(first !== undefined && first.change.action === 'update');
  const { change } = first;
  const long: Report = {
    ...base,
    changes: numbers.map((at) => ({
      change: {
        ...change,
        action: (['update', 'refresh'] as const)[at % 2] ?? 'update',
        origin: { namespace: `${at}-${'n'.repeat(60)}`, name: 'n'.repeat(253) },
        editors: [`${at} ${'e'.repeat(128)}`],
        values: [{ part: 'data', key: 'k', before: `${at}${'b\n'.repeat(1000)}`, after: 'a\n'.repeat(1000) }],
      },
      outcome: at % 3 === 0 ? { outcome: 'failed', message: `${at} ${'m'.repeat(5000)}` } : first.outcome,
    })),
    findings: numbers.map((at) => ({
      reason: 'no-namespace-selected',
      kind: 'ConfigMap',
      namespace: `n${at}`,
      name: 'n'.repeat(253),
      selector: `${at}${selector}`,
    })),
  };
  const markdown = renderMarkdown(long);
  assert.ok(markdown.length < LIMIT, String(markdown.length));
  assert.ok(markdown.length > LIMIT / 2, String(markdown.length));
  assert.match(markdown, /…and [\d,]+ more lines/);
  withoutCode(markdown);
});

test('a report without changes is a heading and a sentence', () => {
  const quiet = { ...QUIET, dryRun: true, clusterName: 'unicorn', plan: { ...QUIET.plan, bySource: [] } };
  assert.equal(
    renderMarkdown(quiet),
    '### kubed-sync: what a run would change in cluster `unicorn`\n\nNothing to write: 1,234 copies of 3 sources are up to date.\n',
  );
});
