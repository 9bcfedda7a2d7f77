import { ACTIONS } from '../model/change.ts';
import { type FindingReason, type Severity, severityOf } from '../model/finding.ts';
import { contextMetrics, valueIn } from './context-metrics.ts';
import { type Labels, type Metric, exposition } from './metrics-format.ts';
import { CONTEXT_SEVERITIES } from '../model/context-finding.ts';
import type { Outcome, Report, RequestCounts } from '../model/run-report.ts';

/** What metrics are made from. Times are in milliseconds. */
export interface RunFacts {
  /** On every series, and the grouping key of a push: runs of different sorts do not write over each other. */
  readonly labels: Labels;
  readonly version: string;
  readonly clusterName: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly exitCode: number;
  readonly success: boolean;
  /** Absent where the run failed before it could decide: nothing is known then, and nothing is said to be 0. */
  readonly report?: Report;
  /** Absent where the program makes a single run. */
  readonly runs?: RunCounts;
}

/** The runs of one process so far. */
export interface RunCounts {
  readonly total: number;
  readonly failed: number;
}

/** The metric that outlives runs that fail. */
const LAST_SUCCESS = 'kubed_sync_last_success_timestamp_seconds';

/**
 * The metrics of a run in Prometheus' text format (exposition format 0.0.4). Nearly all are gauges, because each run starts at zero. What
 * a label can be is bounded, no object has a series, and what is expected is there as 0, so that a rule needs no
 * `absent()`.
 *
 * `earlier` is the text of an earlier run, for a file, which is replaced as a whole: it has the times of the last success.
 * The Pushgateway keeps them by itself.
 */
export function metricsText(facts: RunFacts, earlier = ''): string {
  const { labels, endedAt, report, runs } = facts;
  const metrics = [
    ...runMetrics(facts, lastSuccessIn(earlier, labels)),
    ...(runs ? seriesMetrics(runs) : []),
    ...(report ? [...reportMetrics(report), ...contextMetrics(report, { labels, endedAt, earlier })] : []),
  ];
  return metrics.map((metric) => exposition(metric, facts.labels)).join('');
}

/**
 * The time of the last success that an earlier text tells, of runs with these labels.
 *
 * @internal for tests
 */
export function lastSuccessIn(text: string, labels: Labels): number | undefined {
  return valueIn(text, LAST_SUCCESS, labels);
}

function runMetrics(facts: RunFacts, lastSuccess: number | undefined): readonly Metric[] {
  const { version, clusterName, startedAt, endedAt, exitCode, success } = facts;
  const succeeded = success ? endedAt / 1000 : lastSuccess;
  const seconds = Math.max(0, endedAt - startedAt) / 1000;
  const info = [{ labels: { version, cluster_name: clusterName }, value: 1 }];
  return [
    {
      name: 'kubed_sync_info',
      help: 'The version of kubed-sync, and the name of the cluster.',
      samples: info,
    },
    gauge('kubed_sync_last_run_timestamp_seconds', 'When the last run ended.', endedAt / 1000),
    gauge('kubed_sync_last_run_duration_seconds', 'How long the last run took.', seconds),
    gauge(
      'kubed_sync_last_run_success',
      'Whether the last run ended with exit code 0 or 3.',
      success ? 1 : 0,
    ),
    gauge(
      'kubed_sync_last_run_exit_code',
      'The exit code of the last run, not counting problems with its metrics.',
      exitCode,
    ),
    ...(succeeded === undefined ? [] : [gauge(LAST_SUCCESS, 'When a run last succeeded.', succeeded)]),
  ];
}

/** A failed run may be followed by a good one before anybody reads its gauges. Counters keep it. */
function seriesMetrics({ total, failed }: RunCounts): readonly Metric[] {
  return [
    counter('kubed_sync_runs_total', 'Runs of this process (--every).', total),
    counter('kubed_sync_failed_runs_total', 'Runs of this process that failed (--every).', failed),
  ];
}

function reportMetrics(report: Report): readonly Metric[] {
  const { plan, requests, events } = report;
  return [
    gauge('kubed_sync_sources', 'Sources in scope.', plan.sources),
    gauge('kubed_sync_namespaces', 'Namespaces that the last run saw.', plan.namespaces),
    gauge('kubed_sync_copies_current', 'Copies that needed no write.', plan.unchanged),
    {
      name: 'kubed_sync_changes',
      help: 'Changes of the last run, by what became of them.',
      samples: changeSamples(report),
    },
    { name: 'kubed_sync_findings', help: 'Findings of the last run.', samples: findingSamples(report) },
    {
      name: 'kubed_sync_requests',
      help: 'Requests to the API server, retries included.',
      samples: requestSamples(requests),
    },
    {
      name: 'kubed_sync_events',
      help: 'Events on sources: sent now, known from an earlier run, or failed.',
      samples: (['sent', 'known', 'failed'] as const).map((outcome) => ({
        labels: { outcome },
        value: events?.[outcome] ?? 0,
      })),
    },
  ];
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, help, samples: [{ value }] };
}

function counter(name: string, help: string, value: number): Metric {
  return { ...gauge(name, help, value), type: 'counter' };
}

const OUTCOMES: readonly Outcome['outcome'][] = ['planned', 'done', 'failed', 'skipped'];

function changeSamples({ changes }: Report): Metric['samples'] {
  const expected = ACTIONS.flatMap((action) => OUTCOMES.map((outcome) => ({ action, outcome })));
  return countSamples(
    expected,
    changes.map(({ change: { action }, outcome: { outcome } }) => ({ action, outcome })),
  );
}

/** What severities a finding can have (`severityOf`). */
const SEVERITIES: Readonly<Record<FindingReason, readonly Severity[]>> = {
  conflict: ['error', 'warning'],
  contested: ['error'],
  'invalid-selector': ['error'],
  'source-not-copyable': ['error'],
  'copy-with-sync-annotation': ['error'],
  'unknown-key': ['error'],
  'invalid-annotation': ['error'],
  'sync-missing': ['warning'],
  'key-missing': ['warning'],
  'invalid-accept-from': ['error'],
  'consent-missing': ['note'],
  'prune-withheld': ['error'],
  'internal-error': ['error'],
  'suspicious-selector': ['warning'],
  'suspicious-key': ['warning'],
  'suspicious-ignore': ['warning'],
  'no-namespace-selected': ['warning', 'note'],
  'namespace-not-found': ['warning'],
  'source-changed': ['warning'],
  orphan: ['warning'],
  'changed-by-admission': ['warning'],
  'any-namespace-is-a-source': ['warning'],
  'other-cluster-name': ['warning', 'note'],
  'own-source-there': ['note'],
  'marks-disagree': ['note'],
  'being-deleted': ['note'],
  'out-of-scope': ['note'],
  'waiting-to-be-pruned': ['note'],
  ...CONTEXT_SEVERITIES,
};

function findingSamples(report: Report): Metric['samples'] {
  const expected = Object.entries(SEVERITIES).flatMap(([reason, severities]) =>
    severities.map((severity) => ({ reason, severity })),
  );
  return countSamples(
    expected,
    report.findings.map((finding) => ({ reason: finding.reason, severity: severityOf(finding) })),
  );
}

function requestSamples({ list, get, create, patch, delete: deletes }: RequestCounts): Metric['samples'] {
  const verbs = { list, get, create, patch, delete: deletes };
  return Object.entries(verbs).map(([verb, value]) => ({ labels: { verb }, value }));
}

/** Returns one sample for each expected combination, also if it is 0, then those that were not expected. */
function countSamples(expected: readonly Labels[], found: readonly Labels[]): Metric['samples'] {
  const counts = new Map(expected.map((labels) => [JSON.stringify(labels), { labels, value: 0 }]));
  for (const labels of found) {
    const key = JSON.stringify(labels);
    counts.set(key, { labels, value: (counts.get(key)?.value ?? 0) + 1 });
  }
  return [...counts.values()];
}
