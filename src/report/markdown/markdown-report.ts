import { type Action, ACTIONS } from '../../model/change.ts';
import { KINDS } from '../../model/objects.ts';
import { type Report, isIncomplete } from '../../model/run-report.ts';
import { summaryLines } from '../text/summary-line.ts';
import { findingRows } from '../text/finding-lines.ts';
import { summarize } from '../json/json-report.ts';
import { formatCount } from '../strings/names-and-counts.ts';
import { manifestRows } from '../messages/manifest-message.ts';
import { type Item, itemsOf, shareRoom, itemsWithin } from './markdown-items.ts';
import { codeSpan } from './markdown-escape.ts';
import { doneRows, failedRows, skippedRows } from '../text/change-lines.ts';
import { DONE_VERBS } from '../messages/reason-text.ts';

/** GitHub accepts 65,536 characters in a comment. The rest is for text that others put around the report. */
const MAX_LENGTH = 64_000;

/** The characters of a section without its items. */
const SECTION_OVERHEAD = 300;

interface Section {
  readonly title: string;
  /** Whether the section is shown open. */
  readonly open: boolean;
  readonly items: readonly Item[];
}

/**
 * Returns the report for a comment on a pull request: a table of counts, what is wrong, and the changes, which are
 * collapsed. It fits into a comment. Text from the cluster is never markup: all of it is code.
 */
export function renderMarkdown(report: Report): string {
  const head = [title(report), table(report), summaryLines(report, false).map(withCode).join('\n\n')];
  const sections = sectionsOf(report).filter(({ items }) => items.length > 0);
  const room = MAX_LENGTH - head.join('').length - SECTION_OVERHEAD * sections.length;
  const shares = shareRoom(
    sections.map(({ items }) => items),
    room,
  );
  const parts = sections.map((section, at) => renderSection(section, shares[at] ?? 0));
  return `${[...head, ...parts].filter((part) => part !== '').join('\n\n')}\n`;
}

function title(report: Report): string {
  const { dryRun, clusterName } = report;
  const cluster = clusterName === '' ? '' : ` in cluster ${codeSpan(clusterName)}`;
  const incomplete = isIncomplete(report) ? ' (incomplete)' : '';
  return `### kubed-sync: ${dryRun ? 'what a run would change' : 'what a run changed'}${cluster}${incomplete}`;
}

/** Returns a sentence of the summary with the name of the annotation as code. */
function withCode(sentence: string): string {
  return sentence.replaceAll('kubed.appscode.com/sync', '`kubed.appscode.com/sync`');
}

function table(report: Report): string {
  const counts = summarize(report);
  if (report.changes.length === 0) return '';
  const rows = [
    ...ACTIONS.filter((action) => counts[action] > 0).map((action) =>
      row(report, actionText(report, action), action),
    ),
    ...(counts.failed > 0 ? [row(report, report.serverDryRun ? 'would fail' : 'failed', 'failed')] : []),
    ...(counts.skipped > 0 ? [row(report, 'skipped', 'skipped')] : []),
  ];
  return ['| | ConfigMaps | Secrets |', '|---|---:|---:|', ...rows].join('\n');
}

function actionText({ dryRun }: Report, action: Action): string {
  return dryRun ? `to ${action}` : DONE_VERBS[action];
}

function row({ changes: carried }: Report, word: string, what: string): string {
  const cells = KINDS.map((kind) => {
    const counted = carried.filter(({ change, outcome }) => {
      const ended = outcome.outcome === 'failed' || outcome.outcome === 'skipped';
      return change.kind === kind && what === (ended ? outcome.outcome : change.action);
    });
    return formatCount(counted.length);
  });
  return `| ${[word, ...cells].join(' | ')} |`;
}

function sectionsOf(report: Report): readonly Section[] {
  const findings = itemsOf([...findingRows(report.findings, false), ...manifestRows(report, false)]);
  const labelled = (name: string, label: string, open: boolean): Section => ({
    title: name,
    open,
    items: findings.filter((item) => item.label === label),
  });
  const counts = summarize(report);
  const done = itemsOf(doneRows(report, false));
  return [
    labelled('Problems in the manifests', 'problem', true),
    labelled('Errors', 'error', true),
    {
      title: report.serverDryRun ? 'The API server would reject' : 'Failed',
      open: true,
      items: itemsOf(failedRows(report, false)),
    },
    labelled('Warnings', 'warning', true),
    ...ACTIONS.map((action) => {
      const label = report.dryRun ? `would ${action}` : DONE_VERBS[action];
      const name = `${formatCount(counts[action])} ${actionText(report, action)}`;
      return { title: name, open: false, items: done.filter((item) => item.label === label) };
    }),
    {
      title: `${formatCount(counts.skipped)} skipped`,
      open: false,
      items: itemsOf(skippedRows(report, false)),
    },
    labelled('Notes', 'note', false),
  ];
}

function renderSection({ title: name, open, items }: Section, room: number): string {
  const body = itemsWithin(items, room);
  if (open) return `**${name}**\n\n${body}`;
  return `<details><summary>${name}</summary>\n\n${body}\n\n</details>`;
}
