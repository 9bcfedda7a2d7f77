import { type Action, ACTIONS } from '../../model/change.ts';
import { KINDS } from '../../model/objects.ts';
import { type Report, isIncomplete } from '../../model/run-report.ts';
import { summaryLines } from '../text/summary-line.ts';
import { findingRows } from '../text/finding-lines.ts';
import { summarize } from '../json/json-report.ts';
import { formatCount } from '../strings/names-and-counts.ts';
import { manifestRows } from '../messages/manifest-message.ts';
import { type Item, itemsOf, shareRoom, itemsWithin } from './markdown-items.ts';
import { codeSpan, markdownText } from './markdown-escape.ts';
import { anywayRows, doneRows, failedRows, skippedRows } from '../text/change-lines.ts';
import { targetLines } from '../messages/target-message.ts';
import { lossWarnings, sourceTable } from './source-table.ts';
import { contextTable } from './context-table.ts';
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
 * collapsed. It fits into a comment. Sentences are text, and the names in them are code. Nothing from the cluster is
 * markup.
 */
export function renderMarkdown(report: Report): string {
  const lines = [...targetLines(report), ...summaryLines(report, false)].map(markdownText);
  const head = [title(report), table(report), contextTable(report), lines.join('\n\n'), lossWarnings(report)];
  const end = collapsed('Sources', sourceTable(report));
  const sections = sectionsOf(report).filter(({ items }) => items.length > 0);
  const room = MAX_LENGTH - [...head, end].join('').length - SECTION_OVERHEAD * sections.length;
  const shares = shareRoom(
    sections.map(({ items }) => items),
    room,
  );
  const parts = sections.map((section, at) => renderSection(section, shares[at] ?? 0));
  return `${[...head, ...parts, end].filter((part) => part !== '').join('\n\n')}\n`;
}

function title(report: Report): string {
  const { dryRun, clusterName } = report;
  const cluster = clusterName === '' ? '' : ` in cluster ${codeSpan(clusterName)}`;
  const incomplete = isIncomplete(report) ? ' (incomplete)' : '';
  return `### kubed-sync: ${dryRun ? 'what a run would change' : 'what a run changed'}${cluster}${incomplete}`;
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

function row({ changes }: Report, word: string, what: string): string {
  const cells = KINDS.map((kind) => {
    const counted = changes.filter(({ change, outcome }) => {
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
  const [deletes, others] = changeSections(report);
  return [
    ...deletes,
    labelled('Problems in the manifests', 'problem', true),
    labelled('Errors', 'error', true),
    {
      title: report.serverDryRun ? 'The API server would reject' : 'Failed',
      open: true,
      items: itemsOf(failedRows(report, false)),
    },
    labelled('Warnings', 'warning', true),
    ...others,
    {
      title: `${formatCount(summarize(report).skipped)} skipped`,
      open: false,
      items: itemsOf(skippedRows(report, false)),
    },
    labelled('Notes', 'note', false),
  ];
}

/** Returns the sections of deletes, which are open, and those of all other changes. */
function changeSections(report: Report): readonly [readonly Section[], readonly Section[]] {
  const done = itemsOf(doneRows(report, false));
  const anyway = itemsOf(anywayRows(report, false));
  const ofAction = (action: Action): Section => {
    const label = report.dryRun ? `would ${action}` : DONE_VERBS[action];
    const name = `${formatCount(causedCount(report, action))} ${actionText(report, action)}`;
    return { title: name, open: isDelete(action), items: done.filter((item) => item.label === label) };
  };
  const ofAnyway = (name: string, open: boolean): Section => ({
    title: `${name} anyway, also without these manifests`,
    open,
    items: anyway.filter(({ label }) => DELETE_LABELS.has(label) === open),
  });
  return [
    [...ACTIONS.filter(isDelete).toReversed().map(ofAction), ofAnyway('To prune', true)],
    [...ACTIONS.filter((action) => !isDelete(action)).map(ofAction), ofAnyway('Pending', false)],
  ];
}

const DELETE_LABELS: ReadonlySet<string> = new Set(['would prune', 'would mark']);

/** Returns whether an action deletes a copy, now or later. */
function isDelete(action: Action): boolean {
  return action === 'prune' || action === 'mark';
}

/** Returns how many changes of an action are made, without those that are pending anyway. */
function causedCount({ changes }: Report, action: Action): number {
  return changes.filter(
    ({ change, outcome }) =>
      change.action === action &&
      change.pendingAnyway !== true &&
      (outcome.outcome === 'done' || outcome.outcome === 'planned'),
  ).length;
}

function renderSection({ title: name, open, items }: Section, room: number): string {
  const body = itemsWithin(items, room);
  if (open) return `**${name}**\n\n${body}`;
  return collapsed(name, body);
}

function collapsed(name: string, body: string): string {
  return body === '' ? '' : `<details><summary>${name}</summary>\n\n${body}\n\n</details>`;
}
