import type { Report, Stopped } from '../core/outcome.ts';
import { severityOf } from '../report/severity.ts';

/** The exit codes of design section 6. */
export const EXIT = { ok: 0, trouble: 1, usage: 2, pending: 3 } as const;

/** The code of a run that was told to stop: 128 and the number of the signal, as a shell has it. */
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

/** The code where something that was asked for besides the sync could not be done: trouble, if nothing else is said. */
export function exitCodeAfterTrouble(code: number): number {
  return code === EXIT.ok || code === EXIT.pending ? EXIT.trouble : code;
}

/** Whether a run did what it was there for; pending changes are what a dry run was to find. */
export function isSuccess(code: number): boolean {
  return code === EXIT.ok || code === EXIT.pending;
}

/** The code of a run that came to a report; trouble outweighs pending changes. */
export function exitCodeOf(report: Report, pendingCounts: boolean): number {
  if (report.stopped !== undefined) return exitCodeOfStop(report.stopped);
  const failed = report.carried.some(({ outcome }) => outcome.outcome === 'failed');
  if (failed || report.findings.some((finding) => severityOf(finding) === 'error')) return EXIT.trouble;
  if ((report.events?.failed ?? 0) > 0) return EXIT.trouble;
  const pending = report.carried.some(({ outcome }) => outcome.outcome === 'planned');
  return pending && pendingCounts ? EXIT.pending : EXIT.ok;
}
