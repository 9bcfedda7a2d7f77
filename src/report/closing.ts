import { ACTIONS, type Severity } from '../core/model.ts';
import type { Report, RequestCounts } from '../core/outcome.ts';
import { summaryOf, type Summary } from './json.ts';
import { counted, grouped } from './lists.ts';
import { severityOf } from './severity.ts';
import { DONE } from './words.ts';

/** The last lines of a text report: how it ended, in counts. */
export function closing(report: Report, verbose: boolean): readonly string[] {
  const summary = summaryOf(report);
  return [
    ...(report.stopped === undefined ? [] : [stopped(report, summary)]),
    ...(summary.sources === 0 ? ['No sources: nothing carries the annotation kubed.appscode.com/sync.'] : []),
    verdict(report, summary),
    ...(verbose ? [requests(report.requests)] : []),
  ];
}

function stopped(report: Report, { skipped }: Summary): string {
  const by = report.stopped === 'timeout' ? '--timeout' : (report.stopped ?? '');
  return `Stopped by ${by}: ${counted(skipped, 'change')} left undone. The next run does the rest.`;
}

function verdict(report: Report, summary: Summary): string {
  const changes = ACTIONS.filter((action) => summary[action] > 0).map((action) =>
    report.dryRun
      ? `${grouped(summary[action])} to ${action}`
      : `${grouped(summary[action])} ${DONE[action]}`,
  );
  const troubles = [
    counts(summary.failed, 'failed'),
    counts(summary.skipped, 'skipped'),
    ...severities(report),
  ].flat();
  const done = changes.length === 0 && troubles.length === 0 ? ['nothing to do'] : changes;
  const all = [...done, `${grouped(summary.unchanged)} unchanged`, ...troubles].join(', ');
  const of = `${counted(summary.sources, 'source')}, ${counted(summary.namespaces, 'namespace')}`;
  return `${report.dryRun ? 'Dry run, nothing was written: ' : ''}${all} (${of}).`;
}

function severities({ findings }: Report): readonly string[] {
  const many = (severity: Severity): number =>
    findings.filter((finding) => severityOf(finding) === severity).length;
  return [
    ...nouns(many('error'), 'error'),
    ...nouns(many('warning'), 'warning'),
    ...nouns(many('note'), 'note'),
  ];
}

function nouns(count: number, noun: string): readonly string[] {
  return count === 0 ? [] : [counted(count, noun)];
}

function counts(count: number, word: string): readonly string[] {
  return count === 0 ? [] : [`${grouped(count)} ${word}`];
}

function requests(sent: RequestCounts): string {
  return `Requests: ${sent.list} list, ${sent.get} get, ${sent.create} create, ${sent.patch} patch, ${sent.delete} delete.`;
}
