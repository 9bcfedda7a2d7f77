import type { Action } from '../../model/change.ts';
import type { Outcome, Report, SkipReason } from '../../model/run-report.ts';
import { fold, subject, type Fold } from './group-changes.ts';
import { grouped } from '../strings/words.ts';
import type { Row } from './layout.ts';
import type { Tone } from './colors.ts';
import { type Room, roomFor, valueLines } from './value-lines.ts';
import { writeRemedy } from '../messages/failure-hint.ts';
import { DONE, whyOf } from '../messages/reason-text.ts';

/** Lines of one action before the rest is a number; all of them with `-v`. */
const MOST_LINES = 40;

const TONES: Readonly<Record<Action, Tone>> = {
  create: 'added',
  update: 'changed',
  replace: 'removed',
  refresh: 'quiet',
  prune: 'removed',
};

/** Why a change was left undone, in words. */
export const SKIPPED: Readonly<Record<SkipReason, string>> = {
  'namespace-terminating': 'the namespace is terminating',
  'namespace-gone': 'the namespace is gone',
  conflict: 'an object of somebody else is there',
  'changed-meanwhile': 'it changed while this run was under way',
  'source-not-copyable': 'other copies of the source were refused as too large',
  'marks-lost': 'the cluster removed the marks of another object of this kind',
  'prune-withheld': '--max-prune withholds every delete of this run',
  interrupted: 'the run was interrupted',
  'timed-out': 'the time-out of the run was over',
};

/** What was or would be done, in the order in which it was. */
export function doneRows(report: Report, verbose: boolean): readonly Row[] {
  const done = report.changes.filter(
    ({ outcome }) => outcome.outcome === 'done' || outcome.outcome === 'planned',
  );
  const room = roomFor(verbose);
  const rows: Rows = (one) => [...doneRow(one, verbose), ...valueRows(one, room)];
  return capped(fold(done, verbose), verbose, ({ changes }) => changes[0].action, rows);
}

/** What failed, with the server's message and what to do about it. */
export function failedRows(report: Report, verbose: boolean): readonly Row[] {
  const failed = report.changes.filter(({ outcome }) => outcome.outcome === 'failed');
  const serverDryRun = report.serverDryRun === true;
  const rows: Rows = (one) => failedRow(one, verbose, serverDryRun);
  return capped(fold(failed, verbose), verbose, () => 'failed', rows);
}

/** What was left undone though nothing went wrong with it. */
export function skippedRows(report: Report, verbose: boolean): readonly Row[] {
  const skipped = report.changes.filter(({ outcome }) => outcome.outcome === 'skipped');
  return capped(fold(skipped, verbose), verbose, () => 'skipped', skippedRow);
}

type Rows = (one: Fold, verbose: boolean) => readonly Row[];

function capped(
  folds: readonly Fold[],
  verbose: boolean,
  sortOf: (one: Fold) => string,
  rows: Rows,
): readonly Row[] {
  if (verbose) return folds.flatMap((one) => rows(one, verbose));
  const seen = new Map<string, number>();
  for (const one of folds) seen.set(sortOf(one), (seen.get(sortOf(one)) ?? 0) + 1);
  const left = new Map<string, number>();
  return folds.flatMap((one) => {
    const at = (left.get(sortOf(one)) ?? 0) + 1;
    left.set(sortOf(one), at);
    if (at <= MOST_LINES) return rows(one, verbose);
    const rest = (seen.get(sortOf(one)) ?? 0) - MOST_LINES;
    return at === MOST_LINES + 1 ? [quiet(`and ${grouped(rest)} more like these (all with -v)`)] : [];
  });
}

function doneRow(one: Fold, verbose: boolean): readonly Row[] {
  const [{ action }] = one.changes;
  const label = one.outcome.outcome === 'planned' ? `would ${action}` : DONE[action];
  const why = whyOf(one.changes, verbose);
  return [{ label, tone: TONES[action], text: `${subject(one, verbose)} (${why}${waiting(one.outcome)})` }];
}

function valueRows({ changes }: Fold, room: Room): readonly Row[] {
  return valueLines(changes, room).map((line) => ({ label: '', verbatim: true, ...line }));
}

function waiting(outcome: Outcome): string {
  return outcome.outcome === 'done' && outcome.waitsForFinalizers ? '; waits for finalizers' : '';
}

function failedRow(one: Fold, verbose: boolean, serverDryRun: boolean): readonly Row[] {
  if (one.outcome.outcome !== 'failed') return [];
  const [{ action }] = one.changes;
  const { message, status } = one.outcome;
  const said = status === undefined ? message : `${message} (HTTP ${status})`;
  return [
    {
      label: serverDryRun ? 'would fail' : 'failed',
      tone: 'bad',
      text: `${action} ${subject(one, verbose)}: ${said}`,
    },
    quiet(`-> ${writeRemedy(action, one.outcome, serverDryRun)}`),
  ];
}

function skippedRow(one: Fold, verbose: boolean): readonly Row[] {
  if (one.outcome.outcome !== 'skipped') return [];
  const [{ action }] = one.changes;
  return [
    {
      label: 'skipped',
      tone: 'warning',
      text: `${action} ${subject(one, verbose)}: ${SKIPPED[one.outcome.why]}`,
    },
  ];
}

function quiet(text: string): Row {
  return { label: '', tone: 'quiet', text };
}
