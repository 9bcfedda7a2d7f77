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

/** The code of a run that came to a report; trouble outweighs pending changes. */
export function exitCodeOf(report: Report, pendingCounts: boolean): number {
  if (report.stopped !== undefined) return exitCodeOfStop(report.stopped);
  const failed = report.carried.some(({ outcome }) => outcome.outcome === 'failed');
  if (failed || report.findings.some((finding) => severityOf(finding) === 'error')) return EXIT.trouble;
  const pending = report.carried.some(({ outcome }) => outcome.outcome === 'planned');
  return pending && pendingCounts ? EXIT.pending : EXIT.ok;
}
