import type { Report, Stopped } from '../model/run-report.ts';
import { severityOf } from '../model/severity.ts';

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

/** Returns the code of a run that has a report. Trouble outweighs pending changes. */
export function exitCodeOf(report: Report, pendingCounts: boolean): number {
  if (report.stopped !== undefined) return exitCodeOfStop(report.stopped);
  const failed = report.carried.some(({ outcome }) => outcome.outcome === 'failed');
  if (failed || report.findings.some((finding) => severityOf(finding) === 'error')) return EXIT.trouble;
  if ((report.events?.failed ?? 0) > 0) return EXIT.trouble;
  const pending = report.carried.some(({ outcome }) => outcome.outcome === 'planned');
  return pending && pendingCounts ? EXIT.pending : EXIT.ok;
}
