import { ACTIONS } from '../model/change.ts';
import { severityOf } from '../model/finding.ts';
import type { ContextSummary, Outcome, Report } from '../model/run-report.ts';
import { type Labels, type Metric, labelText } from './metrics-format.ts';

/*
 * What do metrics say about other clusters? Each context has its own series, with the label `context`. What was done there is
 * in the counts of the whole run as well.
 */

const LAST_SUCCESS = 'kubed_sync_context_last_success_timestamp_seconds';

/** What the metrics of the contexts are made from. */
export interface ContextFacts {
  /** The labels of the run, which are on every series. */
  readonly labels: Labels;
  /** In milliseconds. */
  readonly endedAt: number;
  /** The text of an earlier run, which the new one replaces. */
  readonly earlier: string;
}

/** Returns the metrics of the other clusters. Empty if the run served none. */
export function contextMetrics(report: Report, facts: ContextFacts): readonly Metric[] {
  const { contexts = [] } = report;
  if (contexts.length === 0) return [];
  const each = (value: (context: ContextSummary) => number): Metric['samples'] =>
    contexts.map((context) => ({ labels: { context: context.name }, value: value(context) }));
  return [
    {
      name: 'kubed_sync_context_reachable',
      help: 'Whether the API server of the context answered and was identified.',
      samples: each(({ reachable }) => (reachable ? 1 : 0)),
    },
    {
      name: 'kubed_sync_context_copies_current',
      help: 'Copies in the cluster of the context that needed no write.',
      samples: each(({ unchanged }) => unchanged),
    },
    {
      name: 'kubed_sync_context_changes',
      help: 'Changes of the last run through the context, by what became of them.',
      samples: contexts.flatMap(({ name }) => changeSamples(name, report)),
    },
    {
      name: LAST_SUCCESS,
      help: 'When a run last succeeded through the context.',
      samples: contexts.flatMap((context) => successSamples(context, report, facts)),
    },
  ];
}

const OUTCOMES: readonly Outcome['outcome'][] = ['planned', 'done', 'failed', 'skipped'];

function changeSamples(context: string, { changes }: Report): Metric['samples'] {
  const own = changes.filter(({ change }) => change.context === context);
  return ACTIONS.flatMap((action) =>
    OUTCOMES.map((outcome) => ({
      labels: { context, action, outcome },
      value: own.filter((one) => one.change.action === action && one.outcome.outcome === outcome).length,
    })),
  );
}

function successSamples(context: ContextSummary, report: Report, facts: ContextFacts): Metric['samples'] {
  const labels = { context: context.name };
  if (isSuccess(context, report)) return [{ labels, value: facts.endedAt / 1000 }];
  const before = valueIn(facts.earlier, LAST_SUCCESS, { ...facts.labels, ...labels });
  return before === undefined ? [] : [{ labels, value: before }];
}

function isSuccess({ name, reachable }: ContextSummary, { changes, findings }: Report): boolean {
  const failed = changes.some(
    ({ change, outcome }) => change.context === name && outcome.outcome === 'failed',
  );
  const bad = findings.some((finding) => finding.context === name && severityOf(finding) === 'error');
  return reachable && !failed && !bad;
}

/** Returns the value that an earlier text has for a series. */
export function valueIn(text: string, name: string, labels: Labels): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${name}${labelText(labels)} `));
  const value = Number(line?.split(' ').at(-1) ?? 'NaN');
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}
