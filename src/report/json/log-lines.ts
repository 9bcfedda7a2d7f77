import type { Change } from '../../model/change.ts';
import { type Finding, type Severity, severityOf } from '../../model/finding.ts';
import type { AppliedChange, EventCounts, Report } from '../../model/run-report.ts';
import { changeData, reportDocument } from './json-report.ts';
import { eventsMessage } from '../messages/event-message.ts';
import { findingHint } from '../messages/finding-hint.ts';
import { findingMessage } from '../messages/finding-message.ts';
import { manifestRows } from '../messages/manifest-message.ts';
import { DONE_VERBS, reasonText } from '../messages/reason-text.ts';
import { sanitize, sanitizeLine } from '../strings/sanitize.ts';
import { markName } from '../strings/name-marks.ts';
import { objectName } from '../strings/names-and-counts.ts';
import { SKIP_REASONS } from '../text/change-lines.ts';
import { summaryLine } from '../text/summary-line.ts';

const LABELS: ReadonlyMap<string, Level> = new Map([
  ['problem', 'error'],
  ['warning', 'warning'],
]);

const LEVELS: Readonly<Record<Severity, Level>> = { error: 'error', warning: 'warning', note: 'info' };

/**
 * A report as entries of a log: one per change, one per finding. Each has a bounded size whatever the run did, since
 * collectors cut long lines; the arrays of the document are these lines.
 */
export function reportEntries(report: Report): readonly LogEntry[] {
  const { changes: applied, findings, events } = report;
  return [
    ...applied.map(changeEntry),
    ...findings.map(findingEntry),
    ...eventsEntries(events),
    ...manifestEntries(report),
  ];
}

function manifestEntries(report: Report): readonly LogEntry[] {
  return manifestRows(report, true).map(({ label, text }) => ({
    level: LABELS.get(label) ?? 'info',
    msg: text,
  }));
}

/** The last entry of a run: its counts, and its exit code. */
export function summaryEntry(report: Report, exitCode: number): LogEntry {
  const document = reportDocument(report);
  const {
    changes: _changes,
    findings: _findings,
    manifests: _m,
    sources: _sources,
    apiVersion: _,
    kind: _kind,
    ...rest
  } = document;
  return {
    level: exitCode === 0 || exitCode === 3 ? 'info' : 'error',
    msg: summaryLine(report),
    ...rest,
    exitCode,
  };
}

function changeEntry(applied: AppliedChange): LogEntry {
  const {
    fields: _fields,
    editors: _editors,
    selector: _selector,
    causes: _causes,
    ...entry
  } = changeData(applied);
  return { level: levelOf(applied), msg: changeMessage(applied), ...entry };
}

function levelOf({ outcome }: AppliedChange): Level {
  switch (outcome.outcome) {
    case 'planned':
    case 'done':
      return 'info';
    case 'failed':
      return 'error';
    case 'skipped':
      return 'warning';
  }
}

function changeMessage({ change, outcome }: AppliedChange): string {
  const { action } = change;
  const object = `${objectName(change)}${contextText(change)}`;
  switch (outcome.outcome) {
    case 'planned':
      return `would ${action} ${object} (${reasonText([change], false)}${anywayText(change)})`;
    case 'done':
      return `${DONE_VERBS[action]} ${object} (${reasonText([change], false)})`;
    case 'failed':
      return `could not ${action} ${object}: ${outcome.message}`;
    case 'skipped':
      return `did not ${action} ${object}: ${SKIP_REASONS[outcome.why]}`;
  }
}

function contextText({ context }: Change): string {
  return context === undefined ? '' : ` of context ${markName(context)}`;
}

function anywayText({ pendingAnyway }: Change): string {
  return pendingAnyway ? '; pending anyway' : '';
}

function findingEntry(finding: Finding): LogEntry {
  return {
    level: LEVELS[severityOf(finding)],
    msg: [findingMessage(finding), findingHint(finding)].join(' ').trimEnd(),
    reason: finding.reason,
    ...(finding.context !== undefined && { context: sanitize(finding.context) }),
    ...('kind' in finding && { kind: finding.kind }),
    ...('namespace' in finding && { namespace: sanitize(finding.namespace) }),
    ...('name' in finding && { name: sanitize(finding.name) }),
  };
}

function eventsEntries(events: EventCounts | undefined): readonly LogEntry[] {
  const line = events && eventsMessage(events);
  return line === undefined ? [] : [{ level: 'error', msg: line }];
}

/** How much a line of the log matters. Findings that are notes are `info`. */
export type Level = 'info' | 'warning' | 'error';

/** One line of the log before it has a time. Its other keys differ from line to line. */
export interface LogEntry {
  readonly level: Level;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/**
 * A line of a log in JSON (`--log-format json`). What a terminal obeys instead of showing becomes an escape, and the
 * message has no line breaks even when it is read.
 */
export function logLine(time: string, { level, msg, ...fields }: LogEntry): string {
  const text = JSON.stringify({ time, level, msg: sanitizeLine(msg), ...fields });
  return `${text.replace(/[^ -~]/gu, sanitize)}\n`;
}
