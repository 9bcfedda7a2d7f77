import type { ContextSummary, Report } from '../../model/run-report.ts';
import { summarizeContext } from '../json/json-report.ts';
import { countOf, formatCount } from '../strings/names-and-counts.ts';
import { codeSpan } from './markdown-escape.ts';

/** How many contexts the table shows. */
const MAX_CONTEXTS = 50;
/** Characters of a name in the table. */
const MAX_NAME = 80;

/** Returns the table of other clusters, a row for each context. Empty if the run served none. */
export function contextTable(report: Report): string {
  const { contexts = [] } = report;
  if (contexts.length === 0) return '';
  const rest = contexts.length - MAX_CONTEXTS;
  return [
    `| context | reachable | ${report.dryRun ? 'to write' : 'written'} | ${report.dryRun ? 'to delete' : 'deleted'} | up to date | failed | findings |`,
    '|---|---|---:|---:|---:|---:|---:|',
    ...contexts.slice(0, MAX_CONTEXTS).map((context) => rowOf(context, report)),
    ...(rest > 0 ? [`\n…and ${countOf(rest, 'more context')}.`] : []),
  ].join('\n');
}

function rowOf({ name, reachable, unchanged }: ContextSummary, report: Report): string {
  const { create, update, replace, refresh, mark, prune, failed, findings } = summarizeContext(
    name,
    unchanged,
    report,
  );
  const counts = [create + update + replace + refresh, mark + prune, unchanged, failed, findings];
  const shown = name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;
  const cells = [
    codeSpan(shown.replaceAll('|', '¦')),
    reachable ? 'yes' : '**no**',
    ...counts.map(formatCount),
  ];
  return `| ${cells.join(' | ')} |`;
}
