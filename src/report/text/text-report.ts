import type { Report } from '../../model/run-report.ts';
import { closing } from './summary-line.ts';
import { findingRows } from './finding-lines.ts';
import { layOut, layOutParagraphs, type Layout } from './layout.ts';
import { eventRows } from '../messages/event-message.ts';
import { manifestRows, problemRows } from '../messages/manifest-message.ts';
import { doneRows, failedRows, skippedRows } from './change-lines.ts';
import { severityOf } from '../../model/finding.ts';

/** How the text for people looks. */
export interface TextOptions extends Layout {
  /** Everything by name: all namespaces, all fields, each finding. */
  readonly verbose: boolean;
}

/** The report for people: what was done, what was not and why, what else there is to tell, and the counts. */
export function renderText(report: Report, options: TextOptions): string {
  const parts = [
    doneRows(report, options.verbose),
    [...failedRows(report, options.verbose), ...skippedRows(report, options.verbose)],
    [...findingRows(report.findings, options.verbose), ...eventRows(report.events)],
    manifestRows(report, options.verbose),
  ].filter((rows) => rows.length > 0);
  const body = layOut(parts.flat(), options);
  const end = layOutParagraphs(closing(report, options.verbose), options);
  return parts.length === 0 ? end : `${body}\n${end}`;
}

/** What went wrong and nothing else, for stderr: under `-q`, and beside a report that is made for machines. */
export function renderComplaints(report: Report, options: TextOptions): string {
  const errors = report.findings.filter((finding) => severityOf(finding) === 'error');
  const rows = [
    ...failedRows(report, options.verbose),
    ...findingRows(errors, options.verbose),
    ...eventRows(report.events),
    ...(report.manifests === undefined ? [] : problemRows(report.manifests, options.verbose)),
  ];
  return rows.length === 0 ? '' : layOut(rows, options);
}
