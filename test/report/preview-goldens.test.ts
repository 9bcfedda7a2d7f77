import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { load } from 'js-yaml';
import { test } from 'node:test';
import { renderJson } from '../../src/report/json/json-report.ts';
import { renderMarkdown } from '../../src/report/markdown/markdown-report.ts';
import { colorsFor } from '../../src/report/text/colors.ts';
import { renderText } from '../../src/report/text/text-report.ts';
import { sanitize } from '../../src/report/strings/sanitize.ts';
import { renderYaml } from '../../src/report/json/yaml-report.ts';
import { previewOf, REHEARSED } from '../golden/reports.ts';
import { matchesGolden } from '../support/golden.ts';
import { assertReport } from '../support/schema.ts';

/* What a preview shows: one scenario at three sizes and in every format. */

const plain = { verbose: false, colorize: colorsFor(0), width: 80 };

for (const count of [1, 12, 10_000]) {
  const report = previewOf(count);

  test(`preview of ${count} changes as text equals the golden file`, () => {
    matchesGolden(`preview-${count}.txt`, renderText(report, plain));
  });

  test(`preview of ${count} changes as markdown equals the golden file`, () => {
    const markdown = renderMarkdown(report);
    matchesGolden(`preview-${count}.md`, markdown);
    assert.ok(markdown.length < 65_536);
  });

  test(`preview of ${count} changes as JSON and YAML equals the golden file`, () => {
    const [json, yaml] = [renderJson(report), renderYaml(report)];
    const document = JSON.parse(json);
    assertReport(document);
    const shown = (_: string, value: unknown): unknown =>
      typeof value === 'string' ? sanitize(value) : value;
    assert.deepEqual(load(yaml), JSON.parse(json, shown));
    assertReport(load(yaml));
    assert.equal(document.changes.length, count);
    // Four megabytes are too much to review, so the golden file has a digest.
    const kept = (text: string): string => (count > 12 ? `${digest(text)}\n` : text);
    matchesGolden(`preview-${count}.json`, kept(json));
    matchesGolden(`preview-${count}.yaml`, kept(yaml));
  });
}

function digest(text: string): string {
  return `sha256 ${createHash('sha256').update(text).digest('hex')}`;
}

test('preview in color has the same words', () => {
  const colour = renderText(previewOf(12), { ...plain, colorize: colorsFor(1) });
  matchesGolden('preview-12-colour.txt', colour);
  // oxlint-disable-next-line no-control-regex
  assert.equal(colour.replace(/\u001b\[\d+m/g, ''), renderText(previewOf(12), plain));
});

test('preview with -v equals the golden file', () => {
  matchesGolden('preview-12-verbose.txt', renderText(previewOf(12), { ...plain, verbose: true }));
});

test('preview with --dry-run=server shows what the API server said', () => {
  matchesGolden('preview-server.txt', renderText(REHEARSED, plain));
  matchesGolden('preview-server.md', renderMarkdown(REHEARSED));
  matchesGolden('preview-server.json', renderJson(REHEARSED));
  assertReport(JSON.parse(renderJson(REHEARSED)));
});
