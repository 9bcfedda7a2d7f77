import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { lastSuccessIn, metricsText, type RunFacts } from '../../src/report/metrics-text.ts';
import { severityOf } from '../../src/model/finding.ts';
import { EVERYTHING, ALL_FINDINGS, ONE, QUIET, TEN_THOUSAND_EDITS } from '../golden/reports.ts';
import { matchesGolden } from '../support/golden.ts';
import { parseExposition, valueOf } from '../support/exposition.ts';
import { ROOT } from '../support/program.ts';

const FACTS: RunFacts = {
  labels: { mode: 'reconcile' },
  version: '1.2.3',
  clusterName: 'east',
  startedAt: Date.UTC(2026, 0, 1),
  endedAt: Date.UTC(2026, 0, 1) + 2345,
  exitCode: 1,
  success: false,
};

test('the text of a run with all changes and of a run without a report equals the golden files', () => {
  matchesGolden('metrics.prom', metricsText({ ...FACTS, report: EVERYTHING }));
  matchesGolden('metrics-failed.prom', metricsText(FACTS));
});

const SEVERAL: readonly [string, string][] = [
  ['metrics.prom', metricsText({ ...FACTS, exitCode: 0, success: true, report: QUIET })],
  ['failed', metricsText(FACTS, 'kubed_sync_last_success_timestamp_seconds{mode="reconcile"} 1700000000.5')],
  ['purge', metricsText({ ...FACTS, labels: { mode: 'purge', shard: '3' }, report: ONE })],
];

for (const [name, text] of SEVERAL) {
  test(`${name} is valid in the exposition format`, () => {
    for (const { name: metric, help, type } of parseExposition(text)) {
      assert.match(metric, /^kubed_sync_[a-z_]+$/);
      assert.equal(type, 'gauge');
      assert.match(help, /^[A-Z].*\.$/);
      if (/timestamp|duration/.test(metric)) assert.match(metric, /_seconds$/);
    }
  });
}

test('every combination that a rule may ask for is there, for any report', () => {
  const shape = (text: string): string =>
    text.replaceAll(/ \S+$/gm, '').replace(/# HELP.*\n# TYPE.*last_success.*\n.*\n/, '');
  const facts = { ...FACTS, exitCode: 0, success: true };
  const empty = shape(metricsText({ ...facts, report: QUIET }));
  const { contexts: _, ...atHome } = EVERYTHING;
  assert.equal(shape(metricsText({ ...facts, report: atHome })), empty);
  assert.equal(shape(metricsText({ ...facts, report: TEN_THOUSAND_EDITS })), empty);
});

test('metrics count changes, findings and copies', () => {
  const metrics = parseExposition(metricsText({ ...FACTS, report: EVERYTHING }));
  const sum = (name: string): number =>
    metrics.find((metric) => metric.name === name)?.series.reduce((all, { value }) => all + value, 0) ?? 0;
  assert.equal(sum('kubed_sync_changes'), EVERYTHING.changes.length);
  assert.equal(sum('kubed_sync_findings'), EVERYTHING.findings.length);
  for (const { reason } of ALL_FINDINGS) {
    const alike = ALL_FINDINGS.filter((finding) => finding.reason === reason);
    for (const severity of new Set(alike.map(severityOf)))
      assert.equal(
        valueOf(
          parseExposition(metricsText({ ...FACTS, report: { ...QUIET, findings: ALL_FINDINGS } })),
          'kubed_sync_findings',
          { reason, severity },
        ),
        alike.filter((finding) => severityOf(finding) === severity).length,
      );
  }
  assert.equal(valueOf(metrics, 'kubed_sync_last_run_duration_seconds'), 2.345);
  assert.equal(valueOf(metrics, 'kubed_sync_last_run_timestamp_seconds'), FACTS.endedAt / 1000);
  assert.equal(valueOf(metrics, 'kubed_sync_info', { version: '1.2.3', cluster_name: 'east' }), 1);
  const { list, get, create, patch } = EVERYTHING.requests;
  for (const [verb, count] of Object.entries({
    list,
    get,
    create,
    patch,
    delete: EVERYTHING.requests.delete,
  }))
    assert.equal(valueOf(metrics, 'kubed_sync_requests', { verb }), count);
});

test('Events are counted by their result', () => {
  const events = { sent: 4, known: 2, failed: 1 };
  const metrics = parseExposition(metricsText({ ...FACTS, report: { ...ONE, events } }));
  for (const [outcome, count] of Object.entries(events))
    assert.equal(valueOf(metrics, 'kubed_sync_events', { outcome }), count);
});

test('a run that failed before it knew a number reports no 0 for it', () => {
  const names = parseExposition(metricsText(FACTS)).map(({ name }) => name);
  assert.deepEqual(names, [
    'kubed_sync_info',
    'kubed_sync_last_run_timestamp_seconds',
    'kubed_sync_last_run_duration_seconds',
    'kubed_sync_last_run_success',
    'kubed_sync_last_run_exit_code',
  ]);
});

test('no label has the name of an object', () => {
  const text = metricsText({ ...FACTS, report: EVERYTHING });
  for (const { change } of EVERYTHING.changes)
    for (const name of [change.namespace, change.name]) assert.ok(!text.includes(`"${name}"`), name);
});

const LABEL = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', 'n', 'é', '{', ' '), maxLength: 9 });

test('the time of the last success is read from an old text, only for the same kind of run', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), LABEL, (endedAt, label) => {
      const labels = { mode: label };
      const good = { ...FACTS, labels, endedAt, success: true, exitCode: 0 };
      const text = metricsText({ ...good, report: ONE });
      assert.equal(lastSuccessIn(text, labels), endedAt / 1000);
      assert.equal(lastSuccessIn(text, { mode: `${label}x` }), undefined);
      const failed = metricsText({ ...FACTS, labels }, text);
      assert.equal(lastSuccessIn(failed, labels), endedAt / 1000);
      parseExposition(failed);
    }),
  );
  for (const text of [
    '',
    'x',
    'kubed_sync_last_success_timestamp_seconds{mode="a"} many',
    'kubed_sync_last_success_timestamp_seconds{mode="a"} -1',
  ])
    assert.equal(lastSuccessIn(text, { mode: 'a' }), undefined);
});

test('the documentation has every metric, and no others', () => {
  const runs = { total: 2, failed: 1 };
  const facts = { ...FACTS, exitCode: 0, success: true, report: EVERYTHING, runs };
  const known = parseExposition(metricsText(facts)).map(({ name }) => name);
  const page = readFileSync(join(ROOT, 'docs/alerts.md'), 'utf8');
  const named = new Set(Array.from(page.matchAll(/\bkubed_sync_[a-z_]+/g), ([name]) => name));
  assert.deepEqual([...named].toSorted(), known.toSorted());
});

test('the alert rules ask only for series that exist', () => {
  const report = { ...QUIET, contexts: EVERYTHING.contexts ?? [] };
  const facts = { ...FACTS, exitCode: 0, success: true, report };
  const metrics = parseExposition(metricsText(facts));
  const page = readFileSync(join(ROOT, 'docs/alerts.md'), 'utf8');
  const asked = [...page.matchAll(/\b(kubed_sync_[a-z_]+)\{([^}]*)\}/g)];
  assert.ok(asked.length > 3);
  for (const [expression, name = '', matchers = ''] of asked) {
    const series = metrics.find((metric) => metric.name === name)?.series ?? assert.fail(expression);
    for (const [, label = '', operator = '', value = ''] of matchers.matchAll(
      /(\w+)(=~|=|!=|!~)"([^"]*)"/g,
    )) {
      assert.ok(
        series.every(({ labels }) => label in labels),
        `${expression}: no label ${label}`,
      );
      const pattern = new RegExp(`^(?:${value})$`);
      if (label !== 'mode' && operator.startsWith('='))
        assert.ok(
          series.some(({ labels }) =>
            operator === '=' ? labels[label] === value : pattern.test(labels[label] ?? ''),
          ),
          expression,
        );
    }
  }
});
