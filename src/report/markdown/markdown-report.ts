import { type Action, ACTIONS } from '../../model/change.ts';
import { KINDS } from '../../model/objects.ts';
import { type Report, isIncomplete } from '../../model/run-report.ts';
import { closing } from '../text/summary-line.ts';
import { findingRows } from '../text/finding-lines.ts';
import { summaryOf } from '../json/json-report.ts';
import { grouped } from '../strings/words.ts';
import { manifestRows } from '../messages/manifest-message.ts';
import { type Item, itemsOf, sharesOf, someOf } from './markdown-items.ts';
import { codeSpan } from './markdown-escape.ts';
import { doneRows, failedRows, skippedRows } from '../text/change-lines.ts';
import { DONE } from '../messages/reason-text.ts';

/** GitHub takes 65,536 characters for a comment; the rest is for whoever puts something around the report. */
const LONGEST = 64_000;

/** What a section takes besides its items. */
const FRAME = 300;

interface Section {
  readonly title: string;
  /** Said right away, and not only when somebody unfolds it. */
  readonly open: boolean;
  readonly items: readonly Item[];
}

/**
 * The report for a comment on a pull request: a table of counts, what is wrong, and the rest folded. It is never longer
 * than a comment may be, and nothing that comes from the cluster is markup in it: all of it stands in code.
 */
export function renderMarkdown(report: Report): string {
  const head = [title(report), table(report), closing(report, false).map(plain).join('\n\n')];
  const sections = sectionsOf(report).filter(({ items }) => items.length > 0);
  const room = LONGEST - head.join('').length - FRAME * sections.length;
  const shares = sharesOf(
    sections.map(({ items }) => items),
    room,
  );
  const parts = sections.map((section, at) => rendered(section, shares[at] ?? 0));
  return `${[...head, ...parts].filter((part) => part !== '').join('\n\n')}\n`;
}

function title(report: Report): string {
  const { dryRun, clusterName } = report;
  const cluster = clusterName === '' ? '' : ` in cluster ${codeSpan(clusterName)}`;
  const incomplete = isIncomplete(report) ? ' (incomplete)' : '';
  return `### kubed-sync: ${dryRun ? 'what a run would change' : 'what a run changed'}${cluster}${incomplete}`;
}

/** The sentences of the closing hold counts and words of ours; a line that begins like a list would become one. */
function plain(sentence: string): string {
  return sentence.replaceAll('kubed.appscode.com/sync', '`kubed.appscode.com/sync`');
}

function table(report: Report): string {
  const counts = summaryOf(report);
  if (report.changes.length === 0) return '';
  const rows = [
    ...ACTIONS.filter((action) => counts[action] > 0).map((action) =>
      row(report, wordOf(report, action), action),
    ),
    ...(counts.failed > 0 ? [row(report, report.serverDryRun ? 'would fail' : 'failed', 'failed')] : []),
    ...(counts.skipped > 0 ? [row(report, 'skipped', 'skipped')] : []),
  ];
  return ['| | ConfigMaps | Secrets |', '|---|---:|---:|', ...rows].join('\n');
}

function wordOf({ dryRun }: Report, action: Action): string {
  return dryRun ? `to ${action}` : DONE[action];
}

function row({ changes: carried }: Report, word: string, what: string): string {
  const cells = KINDS.map((kind) => {
    const counted = carried.filter(({ change, outcome }) => {
      const ended = outcome.outcome === 'failed' || outcome.outcome === 'skipped';
      return change.kind === kind && what === (ended ? outcome.outcome : change.action);
    });
    return grouped(counted.length);
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
  const counts = summaryOf(report);
  const done = itemsOf(doneRows(report, false));
  return [
    labelled('Problems in the manifests', 'problem', true),
    labelled('Errors', 'error', true),
    {
      title: report.serverDryRun ? 'The API server would refuse' : 'Failed',
      open: true,
      items: itemsOf(failedRows(report, false)),
    },
    labelled('Warnings', 'warning', true),
    ...ACTIONS.map((action) => {
      const label = report.dryRun ? `would ${action}` : DONE[action];
      const name = `${grouped(counts[action])} ${wordOf(report, action)}`;
      return { title: name, open: false, items: done.filter((item) => item.label === label) };
    }),
    { title: `${grouped(counts.skipped)} skipped`, open: false, items: itemsOf(skippedRows(report, false)) },
    labelled('Notes', 'note', false),
  ];
}

function rendered({ title: name, open, items }: Section, room: number): string {
  const body = someOf(items, room);
  if (open) return `**${name}**\n\n${body}`;
  return `<details><summary>${name}</summary>\n\n${body}\n\n</details>`;
}
