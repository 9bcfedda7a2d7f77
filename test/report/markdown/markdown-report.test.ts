import assert from 'node:assert/strict';
import fc from 'fast-check';
import { test } from 'node:test';
import type { Change } from '../../../src/model/change.ts';
import type { Finding } from '../../../src/model/finding.ts';
import type { Report } from '../../../src/model/run-report.ts';
import { renderMarkdown } from '../../../src/report/markdown/markdown-report.ts';
import { codeSpan, diffBlock } from '../../../src/report/markdown/markdown-escape.ts';
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
    fields: [{ part: 'data', key: 'k', op: 'change' }],
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
    { reason: 'sync-contexts-ignored', kind: 'ConfigMap', ...origin, contexts: text },
  ];
  return {
    ...base,
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

test('text from the cluster is always code', () => {
  const plain = withoutCode(renderMarkdown(reportWith('plain')));
  fc.assert(
    fc.property(nasty, (text) => {
      const markdown = renderMarkdown(reportWith(text));
      assert.equal(withoutCode(markdown), plain);
    }),
    { numRuns: 2000 },
  );
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
  assert.equal(
    renderMarkdown({ ...QUIET, dryRun: true, clusterName: 'unicorn' }),
    '### kubed-sync: what a run would change in cluster `unicorn`\n\nNothing to write: 1,234 copies of 3 sources are up to date.\n',
  );
});
