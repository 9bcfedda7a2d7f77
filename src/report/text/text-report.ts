import type { Report } from '../../model/run-report.ts';
import { summaryLines } from './summary-line.ts';
import { findingRows } from './finding-lines.ts';
import { layOutRows, layOutParagraphs, type Layout, type Row } from './layout.ts';
import { eventRows } from '../messages/event-message.ts';
import { manifestRows, problemRows } from '../messages/manifest-message.ts';
import { anywayRows, doneRows, failedRows, skippedRows } from './change-lines.ts';
import { sourceRows } from './source-lines.ts';
import { targetLines } from '../messages/target-message.ts';
import { contextParts, partOf } from '../contexts/context-rows.ts';
import { severityOf } from '../../model/finding.ts';

/** How the text for people looks. */
export interface TextOptions extends Layout {
  /** Whether to name everything: all namespaces, all fields, each finding. */
  readonly verbose: boolean;
}

/** Returns the report for people: what was done, what was not done and why, the findings, and the counts. */
export function renderText(report: Report, options: TextOptions): string {
  const home = partOf(report, undefined);
  const parts = [
    doneRows(home, options.verbose),
    [...failedRows(home, options.verbose), ...skippedRows(home, options.verbose)],
    [...findingRows(home.findings, options.verbose), ...eventRows(report.events)],
    ...contextParts(report, options.verbose),
    manifestRows(report, options.verbose),
    sourceRows(report, options.verbose),
    pendingAnywayRows(report, options.verbose),
  ].filter((rows) => rows.length > 0);
  const body = layOutRows(parts.flat(), options);
  const lines = [...(report.dryRun ? targetLines(report) : []), ...summaryLines(report, options.verbose)];
  const end = layOutParagraphs(lines, options);
  return parts.length === 0 ? end : `${body}\n${end}`;
}

/** Returns the changes that the manifests of a preview do not cause, under a title of their own. */
function pendingAnywayRows(report: Report, verbose: boolean): readonly Row[] {
  const rows = anywayRows(report, verbose);
  if (rows.length === 0) return [];
  const title: Row = {
    label: '',
    heading: true,
    tone: 'plain',
    text: 'Pending anyway, also without these manifests:',
  };
  return [title, ...rows];
}

/** Returns only what went wrong, for stderr: with `-q`, and beside a JSON, YAML or Markdown report. */
export function renderComplaints(report: Report, options: TextOptions): string {
  const errors = report.findings.filter((finding) => severityOf(finding) === 'error');
  const rows = [
    ...failedRows(report, options.verbose),
    ...findingRows(errors, options.verbose),
    ...eventRows(report.events),
    ...(report.manifests === undefined ? [] : problemRows(report.manifests, options.verbose)),
  ];
  return rows.length === 0 ? '' : layOutRows(rows, options);
}
