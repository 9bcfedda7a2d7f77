import type { AppliedChange, ContextSummary, Report } from '../../model/run-report.ts';
import { findingText } from '../messages/finding-message.ts';
import { markName } from '../strings/name-marks.ts';
import { countOf } from '../strings/names-and-counts.ts';
import { doneRows, failedRows, skippedRows } from '../text/change-lines.ts';
import { findingRows } from '../text/finding-lines.ts';
import type { Row } from '../text/layout.ts';

// The blocks of a text report about other clusters, one for each context.

/** Returns the part of a report that is about one context. Undefined is the home cluster. */
export function partOf(report: Report, context: string | undefined): Report {
  return {
    ...report,
    changes: report.changes.filter(({ change }) => change.context === context),
    findings: report.findings.filter((finding) => finding.context === context),
  };
}

/** Returns the rows of each context that has something to say; of every context with `verbose`. */
export function contextParts(report: Report, verbose: boolean): readonly (readonly Row[])[] {
  return (report.contexts ?? []).map((context) => {
    const rows = rowsOf(partOf(report, context.name), verbose);
    return rows.length === 0 && !verbose ? [] : [headingOf(context), ...rows];
  });
}

/** The heading names the context, so the rows below it do not. */
function rowsOf(report: Report, verbose: boolean): readonly Row[] {
  const part = { ...report, changes: report.changes.map(withoutContext) };
  return [
    ...doneRows(part, verbose),
    ...failedRows(part, verbose),
    ...skippedRows(part, verbose),
    ...findingRows(part.findings, verbose, findingText),
  ];
}

function withoutContext({ change, outcome }: AppliedChange): AppliedChange {
  const { context: _, ...rest } = change;
  return { change: rest, outcome };
}

/** Returns `Context prod-eu (https://10.0.0.1:6443): 47 copies up to date`. */
function headingOf({ name, server, unchanged }: ContextSummary): Row {
  const where = server === undefined ? '' : ` (${markName(server)})`;
  const copies = `${countOf(unchanged, 'copy', 'copies')} up to date`;
  return { label: '', heading: true, tone: 'plain', text: `Context ${markName(name)}${where}: ${copies}` };
}
