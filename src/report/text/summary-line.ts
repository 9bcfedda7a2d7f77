import { ACTIONS } from '../../model/change.ts';
import { type Severity, severityOf } from '../../model/finding.ts';
import type { Report, RequestCounts, SkipReason, Stopped } from '../../model/run-report.ts';
import { stopperOf } from '../messages/failure-message.ts';
import { shardName, summaryOf, type Summary } from '../json/json-report.ts';
import { counted, grouped } from '../strings/words.ts';
import { incompleteLine } from '../messages/manifest-message.ts';
import { DONE } from '../messages/reason-text.ts';

/** How a run ended, as the one line that a log and a termination message end with. */
export function summaryLine(report: Report): string {
  return closing(report, false).join(' ');
}

/** The last lines of a text report: how it ended, in counts. */
export function closing(report: Report, verbose: boolean): readonly string[] {
  const summary = summaryOf(report);
  const incomplete = incompleteLine(report);
  return [
    ...(incomplete === undefined ? [] : [incomplete]),
    ...(report.stopped === undefined ? [] : [stopped(report, report.stopped)]),
    verdict(report, summary),
    ...(verbose ? [requests(report.requests)] : []),
  ];
}

function stopped(report: Report, by: Stopped): string {
  const left = report.changes.filter(
    ({ outcome }) => outcome.outcome === 'skipped' && STOPPED.has(outcome.why),
  );
  const changes = counted(left.length, 'change');
  return report.serverDryRun
    ? `Stopped by ${stopperOf(by)}: the API server was not asked about ${changes}.`
    : `Stopped by ${stopperOf(by)}: ${changes} left undone. The next run does the rest.`;
}

const STOPPED: ReadonlySet<SkipReason> = new Set(['interrupted', 'timed-out']);

function verdict(report: Report, summary: Summary): string {
  const changes = ACTIONS.filter((action) => summary[action] > 0).map((action) =>
    report.dryRun
      ? `${grouped(summary[action])} to ${action}`
      : `${grouped(summary[action])} ${DONE[action]}`,
  );
  const troubles = [
    ...counts(summary.failed, report.serverDryRun ? 'would fail' : 'failed'),
    ...counts(summary.skipped, 'skipped'),
    ...severities(report),
  ];
  const purge = report.purge === true;
  if (report.changes.length === 0)
    return purge ? nothingToPurge(report, troubles) : nothingToDo(report, summary, troubles);
  const unchanged = purge ? [] : [`${grouped(summary.unchanged)} unchanged`];
  const all = [...changes, ...unchanged, ...troubles].join(', ');
  const of = `${counted(summary.sources, 'source')}, ${counted(summary.namespaces, 'namespace')}${inShard('of', report)}`;
  return `${report.dryRun ? dryRun(report) : ''}${all} (${of}).`;
}

/** A reader of one log has to know that it is not the whole. */
function inShard(word: 'of' | 'in', { shard }: Report): string {
  return shard === undefined ? '' : ` ${word} shard ${shardName(shard)}`;
}

function dryRun({ serverDryRun }: Report): string {
  return `Dry run${serverDryRun ? ' by the API server' : ''}, nothing was written: `;
}

/** "Current" and not more: a run that trusts metadata has no proof (design section 4). */
function nothingToDo(report: Report, { sources, unchanged }: Summary, troubles: readonly string[]): string {
  if (sources === 0) {
    return `${['No sources: nothing carries the annotation kubed.appscode.com/sync', ...troubles].join(', ')}.`;
  }
  const copies = counted(unchanged, 'copy', 'copies');
  const current = `Nothing to write${inShard('in', report)}: ${copies} of ${counted(sources, 'source')} ${unchanged === 1 ? 'is' : 'are'} current`;
  return `${[current, ...troubles].join(', ')}.`;
}

function nothingToPurge(report: Report, troubles: readonly string[]): string {
  return `${[`Nothing to purge${inShard('in', report)}: no copy is ours and within the options`, ...troubles].join(', ')}.`;
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
  const events = sent.events === undefined ? '' : `, ${sent.events} for Events`;
  return `Requests: ${sent.list} list, ${sent.get} get, ${sent.create} create, ${sent.patch} patch, ${sent.delete} delete${events}.`;
}
