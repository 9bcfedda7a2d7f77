/*
 * Where does "exit 1" come from? `exitCodeOf` returns it if a write failed, if a finding is an error (`severityOf` in
 * `model/finding.ts`), or if an Event could not be recorded. `exitCodeAfterTrouble` returns it if metrics could not be
 * written. `command.ts` uses it if there is no plan, because a read failed, and after a crash (docs/design.md 8).
 *
 * Example: one conflict without `--on-conflict skip` → 1. The same run with a broken manifest in `-f` → 2.
 */

import { type Report, type Stopped, isIncomplete } from '../model/run-report.ts';
import { severityOf } from '../model/finding.ts';

/** The exit codes of the program. */
export const EXIT = { ok: 0, trouble: 1, usage: 2, pending: 3 } as const;

/** Returns the code of a run that was stopped: 128 plus the number of the signal, as in a shell. */
export function exitCodeOfStop(stopped: Stopped): number {
  switch (stopped) {
    case 'SIGINT':
      return 130;
    case 'SIGTERM':
      return 143;
    case 'timeout':
      return EXIT.trouble;
  }
}

/** Returns the code of a run whose metrics could not be written: trouble, unless the code already says something worse. */
export function exitCodeAfterTrouble(code: number): number {
  return code === EXIT.ok || code === EXIT.pending ? EXIT.trouble : code;
}

/** Returns whether a run succeeded. Pending changes are a success, because a dry run looks for them. */
export function isSuccess(code: number): boolean {
  return code === EXIT.ok || code === EXIT.pending;
}

/** From the best code to the worst. A run that was stopped is better than one that failed. */
const ORDER: readonly number[] = [
  EXIT.ok,
  EXIT.pending,
  exitCodeOfStop('SIGTERM'),
  exitCodeOfStop('SIGINT'),
  EXIT.trouble,
  EXIT.usage,
];

/** Returns the worse one of two codes, for a series of runs. */
export function worstOf(a: number, b: number): number {
  return ORDER.indexOf(a) < ORDER.indexOf(b) ? b : a;
}

/** How a report becomes an exit code. */
export interface ExitOptions {
  /** Pending changes have a code of their own. */
  readonly pendingCounts: boolean;
  /** A report with problems in its manifests is as good as a complete one. */
  readonly ignoreBad: boolean;
}

/** Returns the code of a run that has a report. Bad manifests outweigh trouble, and trouble outweighs pending changes. */
export function exitCodeOf(report: Report, { pendingCounts, ignoreBad }: ExitOptions): number {
  if (report.stopped !== undefined) return exitCodeOfStop(report.stopped);
  if (isIncomplete(report) && !ignoreBad) return EXIT.usage;
  const failed = report.changes.some(({ outcome }) => outcome.outcome === 'failed');
  if (failed || report.findings.some((finding) => severityOf(finding) === 'error')) return EXIT.trouble;
  if ((report.events?.failed ?? 0) > 0) return EXIT.trouble;
  const pending = report.changes.some(({ outcome }) => outcome.outcome === 'planned');
  return pending && pendingCounts ? EXIT.pending : EXIT.ok;
}
