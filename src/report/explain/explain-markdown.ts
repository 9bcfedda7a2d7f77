import type { Explanation, InventoryEntry } from '../../model/explanation.ts';
import { countOf, formatCount } from '../strings/names-and-counts.ts';
import { codeSpan, markdownText } from '../markdown/markdown-escape.ts';
import { itemsOf, itemsWithin } from '../markdown/markdown-items.ts';
import type { Row } from '../text/layout.ts';
import { nameCell, selectorCell } from '../markdown/source-table.ts';
import { contextBlocks } from './context-answers.ts';
import { endLines, problemRows } from './explain-text.ts';
import { COUNTS, answerRows, objectSentence } from './explain-rows.ts';

/** GitHub accepts 65,536 characters in a comment. */
const MAX_LENGTH = 60_000;

/** Returns an explanation in Markdown: a table of all sources, or a list of answers. */
export function renderExplanationMarkdown(explanation: Explanation): string {
  const { object, clusterName } = explanation;
  const cluster = clusterName === '' ? '' : ` in cluster ${codeSpan(clusterName)}`;
  const title = `### kubed-sync: ${object === undefined ? 'sources and their copies' : 'why'}${cluster}`;
  const body =
    object === undefined
      ? [inventoryTable(explanation)]
      : [markdownText(objectSentence(object, explanation)), answerList(answerRows(object, false))];
  const contexts = contextBlocks(explanation, false).map(
    ({ heading, rows }) => `**${markdownText(heading)}**\n\n${answerList(rows)}`,
  );
  const problems = answerList(problemRows(explanation, false));
  const end = endLines(explanation).map(markdownText).join('\n\n');
  return `${[title, ...body, problems, ...contexts, end].filter((part) => part !== '').join('\n\n')}\n`;
}

/** The state is a part of the text here: a list has no column of labels. */
function answerList(rows: readonly Row[]): string {
  const labelled = rows.map((row) => (row.label === '' ? row : { ...row, text: `${row.label} ${row.text}` }));
  return itemsWithin(itemsOf(labelled), MAX_LENGTH);
}

function inventoryTable({ sources, namespaces }: Explanation): string {
  if (sources.length === 0) return '';
  const head = ['source', 'selector', 'namespaces', ...COUNTS.map(([, word]) => word)];
  const lines = [
    `| ${head.join(' | ')} |`,
    `|---|---|${'---:|'.repeat(head.length - 2)}`,
    ...sources.map((source) => tableRow(source, namespaces)),
  ];
  const shown = linesWithin(lines);
  const rest = lines.length - shown.length;
  return [...shown, ...(rest > 0 ? [`\n…and ${countOf(rest, 'more source')}: see \`-o text\`.`] : [])].join(
    '\n',
  );
}

function tableRow(source: InventoryEntry, namespaces: number): string {
  const reach =
    source.selector === undefined ? '' : `${formatCount(source.reach)} of ${formatCount(namespaces)}`;
  const counts = COUNTS.map(([key]) => formatCount(source[key]));
  return `| ${[nameCell(source), selectorCell(source), reach, ...counts].join(' | ')} |`;
}

function linesWithin(lines: readonly string[]): readonly string[] {
  let left = MAX_LENGTH;
  return lines.filter((line) => (left -= line.length + 1) > 0);
}
