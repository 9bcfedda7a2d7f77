import type { Action } from '../../model/change.ts';
import type { Outcome, Report, SkipReason } from '../../model/run-report.ts';
import { groupBy } from '../../util/group-by.ts';
import { groupChanges, groupSubject, type ChangeGroup } from './group-changes.ts';
import { formatCount } from '../strings/names-and-counts.ts';
import type { Row } from './layout.ts';
import type { Tone } from './colors.ts';
import type { Verbatim } from './unified-diff.ts';
import { valueLimits, valueLinesOfEach } from './value-lines.ts';
import { failureHint } from '../messages/failure-hint.ts';
import { DONE_VERBS, reasonText } from '../messages/reason-text.ts';

/** How many lines of one action are shown without `-v`. The rest is a count. */
const MAX_LINES = 40;

const TONES: Readonly<Record<Action, Tone>> = {
  create: 'added',
  update: 'changed',
  replace: 'removed',
  refresh: 'quiet',
  mark: 'quiet',
  prune: 'removed',
};

/** Why a change was not made. */
export const SKIP_REASONS: Readonly<Record<SkipReason, string>> = {
  'namespace-terminating': 'the namespace is terminating',
  'namespace-gone': 'the namespace is gone',
  conflict: 'an object that is not a copy has this name',
  'changed-meanwhile': 'it changed during this run',
  'source-not-copyable': 'the API server rejected other copies of this source as too large',
  'marks-lost': 'the cluster removed the marks of another object of this kind',
  'prune-withheld': 'refused by --max-prune',
  interrupted: 'the run was interrupted',
  'timed-out': 'the run reached its --timeout',
  crashed: 'the program crashed before it knew the result',
};

/** Returns the rows of the changes that were made, or would be made, in their order. */
export function doneRows(report: Report, verbose: boolean): readonly Row[] {
  const done = report.changes.filter(
    ({ outcome }) => outcome.outcome === 'done' || outcome.outcome === 'planned',
  );
  const groups = limitGroups(groupChanges(done, verbose), verbose, ({ changes }) => changes[0].action);
  const values = valueLinesOfEach(
    groups.map(({ shown }) => shown?.changes ?? []),
    valueLimits(verbose),
  );
  return groups.flatMap((one, index) =>
    one.shown === undefined
      ? [hiddenRow(one.hidden)]
      : [...doneRow(one.shown, verbose), ...(values[index] ?? []).map(valueRow)],
  );
}

/** Returns the rows of the changes that failed, each with the message of the API server and what to do. */
export function failedRows(report: Report, verbose: boolean): readonly Row[] {
  const failed = report.changes.filter(({ outcome }) => outcome.outcome === 'failed');
  const serverDryRun = report.serverDryRun === true;
  const rows: RowsOf = (one) => failedRow(one, verbose, serverDryRun);
  return limitRows(groupChanges(failed, verbose), verbose, () => 'failed', rows);
}

/** Returns the rows of the changes that were skipped. */
export function skippedRows(report: Report, verbose: boolean): readonly Row[] {
  const skipped = report.changes.filter(({ outcome }) => outcome.outcome === 'skipped');
  return limitRows(groupChanges(skipped, verbose), verbose, () => 'skipped', skippedRow);
}

type RowsOf = (group: ChangeGroup, verbose: boolean) => readonly Row[];

function limitRows(
  groups: readonly ChangeGroup[],
  verbose: boolean,
  keyOf: (group: ChangeGroup) => string,
  rowsOf: RowsOf,
): readonly Row[] {
  return limitGroups(groups, verbose, keyOf).flatMap((one) =>
    one.shown === undefined ? [hiddenRow(one.hidden)] : rowsOf(one.shown, verbose),
  );
}

/** A group to show, or the number of groups that are not shown. */
type LimitedGroup =
  | { readonly shown: ChangeGroup; readonly hidden?: undefined }
  | { readonly shown?: undefined; readonly hidden: number };

/** Returns the first groups of each key, followed by the number of the others: 50 groups → 40 groups and `hidden: 10`. */
function limitGroups(
  groups: readonly ChangeGroup[],
  verbose: boolean,
  keyOf: (group: ChangeGroup) => string,
): readonly LimitedGroup[] {
  if (verbose) return groups.map((shown) => ({ shown }));
  return [...groupBy(groups, keyOf).values()].flatMap((alike): readonly LimitedGroup[] => {
    const first = alike.slice(0, MAX_LINES).map((shown) => ({ shown }));
    const hidden = alike.length - first.length;
    return hidden === 0 ? first : [...first, { hidden }];
  });
}

function hiddenRow(count: number): Row {
  return quietRow(`and ${formatCount(count)} more like these (all with -v)`);
}

function doneRow(one: ChangeGroup, verbose: boolean): readonly Row[] {
  const [{ action }] = one.changes;
  const label = one.outcome.outcome === 'planned' ? `would ${action}` : DONE_VERBS[action];
  const why = reasonText(one.changes, verbose);
  return [
    { label, tone: TONES[action], text: `${groupSubject(one, verbose)} (${why}${waitingText(one.outcome)})` },
  ];
}

function valueRow(line: Verbatim): Row {
  return { label: '', verbatim: true, ...line };
}

function waitingText(outcome: Outcome): string {
  return outcome.outcome === 'done' && outcome.waitsForFinalizers ? '; waits for finalizers' : '';
}

function failedRow(one: ChangeGroup, verbose: boolean, serverDryRun: boolean): readonly Row[] {
  if (one.outcome.outcome !== 'failed') return [];
  const [{ action }] = one.changes;
  const { message, status } = one.outcome;
  const said = status === undefined ? message : `${message} (HTTP ${status})`;
  return [
    {
      label: serverDryRun ? 'would fail' : 'failed',
      tone: 'bad',
      text: `${action} ${groupSubject(one, verbose)}: ${said}`,
    },
    quietRow(`-> ${failureHint(action, one.outcome, serverDryRun)}`),
  ];
}

function skippedRow(one: ChangeGroup, verbose: boolean): readonly Row[] {
  if (one.outcome.outcome !== 'skipped') return [];
  const [{ action }] = one.changes;
  return [
    {
      label: 'skipped',
      tone: 'warning',
      text: `${action} ${groupSubject(one, verbose)}: ${SKIP_REASONS[one.outcome.why]}`,
    },
  ];
}

function quietRow(text: string): Row {
  return { label: '', tone: 'quiet', text };
}
