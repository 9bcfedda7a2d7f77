import type { Action } from '../../model/change.ts';
import type { Outcome, Report, SkipReason } from '../../model/run-report.ts';
import { groupChanges, groupSubject, type ChangeGroup } from './group-changes.ts';
import { formatCount } from '../strings/words.ts';
import type { Row } from './layout.ts';
import type { Tone } from './colors.ts';
import { type ValueLimits, valueLimits, valueLines } from './value-lines.ts';
import { failureHint } from '../messages/failure-hint.ts';
import { DONE_VERBS, reasonText } from '../messages/reason-text.ts';

/** How many lines of one action are shown without `-v`. The rest is a count. */
const MAX_LINES = 40;

const TONES: Readonly<Record<Action, Tone>> = {
  create: 'added',
  update: 'changed',
  replace: 'removed',
  refresh: 'quiet',
  prune: 'removed',
};

/** Why a change was not made. */
export const SKIP_REASONS: Readonly<Record<SkipReason, string>> = {
  'namespace-terminating': 'the namespace is terminating',
  'namespace-gone': 'the namespace is gone',
  conflict: 'an object that is not a copy has this name',
  'changed-meanwhile': 'it changed during this run',
  'source-not-copyable': 'the API server rejected other copies of this source as too large',
  'prune-withheld': 'refused by --max-prune',
  interrupted: 'the run was interrupted',
  'timed-out': 'the run reached its --timeout',
};

/** Returns the rows of the changes that were made, or would be made, in their order. */
export function doneRows(report: Report, verbose: boolean): readonly Row[] {
  const done = report.changes.filter(
    ({ outcome }) => outcome.outcome === 'done' || outcome.outcome === 'planned',
  );
  const room = valueLimits(verbose);
  const rows: RowsOf = (one) => [...doneRow(one, verbose), ...valueRows(one, room)];
  return limitRows(groupChanges(done, verbose), verbose, ({ changes }) => changes[0].action, rows);
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

type RowsOf = (one: ChangeGroup, verbose: boolean) => readonly Row[];

function limitRows(
  folds: readonly ChangeGroup[],
  verbose: boolean,
  sortOf: (one: ChangeGroup) => string,
  rows: RowsOf,
): readonly Row[] {
  if (verbose) return folds.flatMap((one) => rows(one, verbose));
  const seen = new Map<string, number>();
  for (const one of folds) seen.set(sortOf(one), (seen.get(sortOf(one)) ?? 0) + 1);
  const left = new Map<string, number>();
  return folds.flatMap((one) => {
    const at = (left.get(sortOf(one)) ?? 0) + 1;
    left.set(sortOf(one), at);
    if (at <= MAX_LINES) return rows(one, verbose);
    const rest = (seen.get(sortOf(one)) ?? 0) - MAX_LINES;
    return at === MAX_LINES + 1 ? [quietRow(`and ${formatCount(rest)} more like these (all with -v)`)] : [];
  });
}

function doneRow(one: ChangeGroup, verbose: boolean): readonly Row[] {
  const [{ action }] = one.changes;
  const label = one.outcome.outcome === 'planned' ? `would ${action}` : DONE_VERBS[action];
  const why = reasonText(one.changes, verbose);
  return [
    { label, tone: TONES[action], text: `${groupSubject(one, verbose)} (${why}${waitingText(one.outcome)})` },
  ];
}

function valueRows({ changes }: ChangeGroup, room: ValueLimits): readonly Row[] {
  return valueLines(changes, room).map((line) => ({ label: '', verbatim: true, ...line }));
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
