import { ACTIONS } from '../../model/change.ts';
import { type Severity, severityOf } from '../../model/finding.ts';
import type { Report, RequestCounts, SkipReason, Stopped } from '../../model/run-report.ts';
import { stopperName } from '../messages/failure-message.ts';
import { shardName, summarize, type Summary } from '../json/json-report.ts';
import { removeNameMarks } from '../strings/name-marks.ts';
import { countOf, formatCount } from '../strings/names-and-counts.ts';
import { incompleteMessage } from '../messages/manifest-message.ts';
import { DONE_VERBS } from '../messages/reason-text.ts';

/** Returns how a run ended, as one line for a log or a termination message. */
export function summaryLine(report: Report): string {
  return removeNameMarks(summaryLines(report, false).join(' '));
}

/** Returns the last lines of a text report: how the run ended, in counts. */
export function summaryLines(report: Report, verbose: boolean): readonly string[] {
  const summary = summarize(report);
  const incomplete = incompleteMessage(report);
  return [
    ...(incomplete === undefined ? [] : [incomplete]),
    ...(report.stopped === undefined ? [] : [stopped(report, report.stopped)]),
    outcomeLine(report, summary),
    ...(verbose ? [requests(report.requests)] : []),
  ];
}

function stopped(report: Report, by: Stopped): string {
  const left = report.changes.filter(
    ({ outcome }) => outcome.outcome === 'skipped' && STOPPED.has(outcome.why),
  );
  const changes = countOf(left.length, 'change');
  return report.serverDryRun
    ? `Stopped by ${stopperName(by)}: ${changes} not checked by the API server.`
    : `Stopped by ${stopperName(by)}: ${changes} not made. Run again to make the rest.`;
}

const STOPPED: ReadonlySet<SkipReason> = new Set(['interrupted', 'timed-out']);

function outcomeLine(report: Report, summary: Summary): string {
  const changes = ACTIONS.filter((action) => summary[action] > 0).map((action) =>
    report.dryRun
      ? `${formatCount(summary[action])} to ${action}`
      : `${formatCount(summary[action])} ${DONE_VERBS[action]}`,
  );
  const problems = [
    ...counts(summary.failed, report.serverDryRun ? 'would fail' : 'failed'),
    ...counts(summary.skipped, 'skipped'),
    ...severities(report),
  ];
  const purge = report.purge === true;
  if (report.changes.length === 0)
    return purge ? nothingToPurge(report, problems) : nothingToDo(report, summary, problems);
  const unchanged = purge ? [] : [`${formatCount(summary.unchanged)} unchanged`];
  const which = counts(summary.pendingAnyway, 'of these pending anyway');
  const all = [...changes, ...which, ...unchanged, ...problems].join(', ');
  const of = `${countOf(summary.sources, 'source')}, ${countOf(summary.namespaces, 'namespace')}${inShard('of', report)}${otherClusters(', ', report)}`;
  return `${report.dryRun ? dryRun(report) : ''}${all} (${of}).`;
}

/** Returns the shard of the run, so that a reader of one log knows that it is a part. */
function inShard(word: 'of' | 'in', { shard }: Report): string {
  return shard === undefined ? '' : ` ${word} shard ${shardName(shard)}`;
}

/** Returns how many other clusters the run served: `2 other clusters`, or `1 of 2 other clusters`. */
function otherClusters(before: string, { contexts = [] }: Report): string {
  if (contexts.length === 0) return '';
  const reached = contexts.filter(({ reachable }) => reachable).length;
  const part = reached === contexts.length ? '' : `${formatCount(reached)} of `;
  return `${before}${part}${countOf(contexts.length, 'other cluster')}`;
}

function dryRun({ serverDryRun }: Report): string {
  return `Dry run${serverDryRun ? ' by the API server' : ''}, nothing was written: `;
}

/** The word is "up to date", not "proved": a run without `--verify` compares metadata (docs/design.md 5.2). */
function nothingToDo(report: Report, { sources, unchanged }: Summary, problems: readonly string[]): string {
  if (sources === 0) {
    return `${['No sources: no object has the annotation kubed.appscode.com/sync', ...problems].join(', ')}.`;
  }
  const copies = countOf(unchanged, 'copy', 'copies');
  const upToDate = `Nothing to write${inShard('in', report)}: ${copies} of ${countOf(sources, 'source')} ${unchanged === 1 ? 'is' : 'are'} up to date${otherClusters(' here and in ', report)}`;
  return `${[upToDate, ...problems].join(', ')}.`;
}

function nothingToPurge(report: Report, problems: readonly string[]): string {
  return `${[`Nothing to purge${inShard('in', report)}: there is no copy within the scope of the options`, ...problems].join(', ')}.`;
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
  return count === 0 ? [] : [countOf(count, noun)];
}

function counts(count: number, word: string): readonly string[] {
  return count === 0 ? [] : [`${formatCount(count)} ${word}`];
}

function requests(sent: RequestCounts): string {
  const events = sent.events === undefined ? '' : `, ${sent.events} for Events`;
  return `Requests: ${sent.list} list, ${sent.get} get, ${sent.create} create, ${sent.patch} patch, ${sent.delete} delete${events}.`;
}
