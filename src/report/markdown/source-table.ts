import type { ObjectName } from '../../model/objects.ts';
import type { Report } from '../../model/run-report.ts';
import { sourceSelectorText } from '../messages/source-message.ts';
import { type SourceSummary, summarizeSources } from '../source-summary.ts';
import { countOf, formatCount } from '../strings/names-and-counts.ts';
import { removeNameMarks } from '../strings/name-marks.ts';
import { codeSpan } from './markdown-escape.ts';

/* The sources of a report in Markdown: a table of their counts, and warnings of those that lose all their copies. */

/** How many sources the table and the warnings name. */
const MAX_SOURCES = 30;
/** Characters of a selector in the table. */
const MAX_SELECTOR = 80;
/** The longest name of an object with its namespace. */
const MAX_NAME = 63 + 1 + 253;

/** Returns the table of sources, with those first that have the most to do. Empty without sources. */
export function sourceTable(report: Report): string {
  const sources = summarizeSources(report).toSorted((a, b) => changesOf(b) - changesOf(a));
  if (sources.length === 0) return '';
  const rows = sources.slice(0, MAX_SOURCES).map((source) => rowOf(source, report));
  const rest = sources.length - rows.length;
  const deleted = report.dryRun ? 'to delete' : 'deleted';
  return [
    `| source | selector | namespaces | up to date | pending | ${deleted} | in conflict |`,
    '|---|---|---:|---:|---:|---:|---:|',
    ...rows,
    ...(rest > 0 ? [`\n…and ${countOf(rest, 'more source')}: see \`-o text -v\`.`] : []),
  ].join('\n');
}

/** Returns one warning for each source that loses all its copies. */
export function lossWarnings(report: Report): string {
  const lost = summarizeSources(report).filter(({ losesAllCopies }) => losesAllCopies);
  const lines = lost.slice(0, MAX_SOURCES).map((source) => `⚠️ **${lossText(source, report)}**`);
  const rest = lost.length - lines.length;
  return [
    ...lines,
    ...(rest > 0 ? [`⚠️ **…and so ${rest === 1 ? 'does' : 'do'} ${countOf(rest, 'more source')}.**`] : []),
  ].join('\n\n');
}

function lossText(source: SourceSummary, { dryRun }: Report): string {
  const { deletes } = source;
  const copies = deletes === 1 ? 'its only copy' : `all its ${formatCount(deletes)} copies`;
  return `${nameCell(source)} ${dryRun ? 'loses' : 'lost'} ${copies}.`;
}

function rowOf(source: SourceSummary, { plan }: Report): string {
  const { upToDate, pending, deletes, conflicts } = source;
  const counts = [upToDate, pending, deletes, conflicts].map(formatCount);
  const reach =
    source.selector === undefined ? '' : `${formatCount(source.reach)} of ${formatCount(plan.namespaces)}`;
  return `| ${[nameCell(source), selectorCell(source), reach, ...counts].join(' | ')} |`;
}

/** Returns the cell with the name of a source. */
export function nameCell({ kind, namespace, name }: ObjectName): string {
  return `${kind} ${cell(`${namespace}/${name}`, MAX_NAME)}`;
}

/** Returns the cell with what a source asks for. Only valid annotations are shown. They have no character that ends a cell. */
export function selectorCell(
  source: Pick<SourceSummary, 'selector' | 'contexts' | 'frozen' | 'syncNamespaces' | 'syncKeys'>,
): string {
  const { selector, contexts, frozen, syncNamespaces, syncKeys } = source;
  const text = sourceSelectorText(source);
  if (frozen) return text;
  const isCode = contexts !== undefined || (selector !== undefined && text.startsWith('"'));
  const own = contexts === undefined ? (selector ?? '') : removeNameMarks(text);
  return [
    isCode ? cell(own, MAX_SELECTOR) : text,
    ...(syncNamespaces === undefined ? [] : [`namespaces ${cell(syncNamespaces, MAX_SELECTOR)}`]),
    ...(syncKeys === undefined ? [] : [`keys ${cell(syncKeys, MAX_SELECTOR)}`]),
  ].join(', ');
}

/** Returns a text as code in a cell. A vertical bar would end the cell, also in code (GFM 0.29, 4.10). */
function cell(text: string, most: number): string {
  const line = text.replaceAll('|', '¦');
  return codeSpan(line.length > most ? `${line.slice(0, most)}…` : line);
}

function changesOf({ pending, deletes }: SourceSummary): number {
  return pending + deletes;
}
