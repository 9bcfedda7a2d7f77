import { load } from 'js-yaml';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderMarkdown } from '../../src/report/markdown/markdown-report.ts';
import { renderJson } from '../../src/report/json/json-report.ts';
import { colorsFor } from '../../src/report/text/colors.ts';
import { renderComplaints, renderText } from '../../src/report/text/text-report.ts';
import { renderYaml } from '../../src/report/json/yaml-report.ts';
import { NARROWING } from '../golden/narrowing-reports.ts';
import * as reports from '../golden/reports.ts';
import { matchesGolden } from '../support/golden.ts';
import { assertReport } from '../support/schema.ts';

const plain = { verbose: false, colorize: colorsFor(0), width: 80 };

test('text at 80 columns equals the golden files', () => {
  matchesGolden('everything.txt', renderText(reports.EVERYTHING, plain));
  matchesGolden('quiet.txt', renderText(reports.QUIET, plain));
  matchesGolden('empty.txt', renderText(reports.EMPTY, plain));
  matchesGolden('one.txt', renderText(reports.ONE, plain));
  matchesGolden('twelve.txt', renderText(reports.TWELVE, plain));
});

test('text of ten thousand changes is a page or two', () => {
  matchesGolden('ten-thousand.txt', renderText(reports.TEN_THOUSAND, plain));
  matchesGolden('ten-thousand-edits.txt', renderText(reports.TEN_THOUSAND_EDITS, plain));
  matchesGolden('ten-thousand-sources.txt', renderText(reports.TEN_THOUSAND_SOURCES, plain));
});

test('text with -v equals the golden file', () => {
  matchesGolden('everything-verbose.txt', renderText(reports.EVERYTHING, { ...plain, verbose: true }));
  const verbose = renderText(reports.TEN_THOUSAND, { ...plain, verbose: true });
  for (const { change } of reports.TEN_THOUSAND.changes) assert.ok(verbose.includes(change.namespace));
});

test('text in color has the same words', () => {
  const colour = renderText(reports.EVERYTHING, { ...plain, colorize: colorsFor(1) });
  matchesGolden('everything-colour.txt', colour);
  // oxlint-disable-next-line no-control-regex
  assert.equal(colour.replace(/\u001b\[\d+m/g, ''), renderText(reports.EVERYTHING, plain));
});

test('piped text is not wrapped', () => {
  const { verbose, colorize } = plain;
  matchesGolden('everything-piped.txt', renderText(reports.EVERYTHING, { verbose, colorize }));
});

test('complaints are only errors, and there are none after success', () => {
  matchesGolden('complaints.txt', renderComplaints(reports.EVERYTHING, plain));
  assert.equal(renderComplaints(reports.TWELVE, plain), '');
});

test('causes, changes that are pending anyway, sources, and the cluster', () => {
  matchesGolden('causes.txt', renderText(reports.CAUSES, plain));
  matchesGolden('causes-verbose.txt', renderText(reports.CAUSES, { ...plain, verbose: true }));
  matchesGolden('causes.json', renderJson(reports.CAUSES));
  matchesGolden('causes.md', renderMarkdown(reports.CAUSES));
  assertReport(JSON.parse(renderJson(reports.CAUSES)));
});

test('annotations that narrow sources and namespaces', () => {
  matchesGolden('narrowing.txt', renderText(NARROWING, { ...plain, verbose: true }));
  matchesGolden('narrowing.json', renderJson(NARROWING));
  matchesGolden('narrowing.md', renderMarkdown(NARROWING));
  assertReport(JSON.parse(renderJson(NARROWING)));
});

test('JSON equals the golden files', () => {
  matchesGolden('everything.json', renderJson(reports.EVERYTHING));
  matchesGolden('one.json', renderJson(reports.ONE));
  matchesGolden('twelve.json', renderJson(reports.TWELVE));
  const { summary } = JSON.parse(renderJson(reports.TEN_THOUSAND));
  assert.equal(summary.create, 10_000);
});

test('YAML is the same document', () => {
  matchesGolden('everything.yaml', renderYaml(reports.EVERYTHING));
  assert.deepEqual(load(renderYaml(reports.TWELVE)), JSON.parse(renderJson(reports.TWELVE)));
  assert.deepEqual(load(renderYaml(reports.TEN_THOUSAND)), JSON.parse(renderJson(reports.TEN_THOUSAND)));
});
