import type { Report } from '../../model/run-report.ts';
import { sourceMessage } from '../messages/source-message.ts';
import { summarizeSources } from '../source-summary.ts';
import { formatCount } from '../strings/names-and-counts.ts';
import type { Row } from './layout.ts';

const MAX_SOURCES = 20;

/** Returns one row for each source: with `-v`, and in a preview of manifests. Those with the most to do come first. */
export function sourceRows(report: Report, verbose: boolean): readonly Row[] {
  if (!verbose && report.manifests === undefined) return [];
  const sources = summarizeSources(report).toSorted((a, b) => changesOf(b) - changesOf(a));
  const shown = verbose || sources.length <= MAX_SOURCES + 1 ? sources : sources.slice(0, MAX_SOURCES);
  const rest = sources.length - shown.length;
  return [
    ...shown.map((source) => row('source', sourceMessage(source, report))),
    ...(rest === 0 ? [] : [row('', `and ${formatCount(rest)} more sources (all with -v)`)]),
  ];
}

function changesOf({ pending, deletes }: ReturnType<typeof summarizeSources>[number]): number {
  return pending + deletes;
}

function row(label: string, text: string): Row {
  return { label, tone: 'quiet', text };
}
