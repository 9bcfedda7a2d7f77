import type { Failure } from '../../model/failure.ts';
import type { Stopped } from '../../model/run-report.ts';
import type { RunCounts } from '../metrics-text.ts';
import { stopperName } from './failure-message.ts';
import { countOf, formatCount } from '../strings/names-and-counts.ts';
import { sanitizeLine } from '../strings/sanitize.ts';

/** Returns `reading secrets: 7,000`. */
export function readingMessage(resource: string, items: number): string {
  return sanitizeLine(`reading ${resource}: ${formatCount(items)}`);
}

type CountedPhase = 'comparing' | 'writing' | 'server-dry-run';

const PHASE_NAMES: Readonly<Record<CountedPhase, string>> = {
  comparing: 'comparing',
  writing: 'writing',
  'server-dry-run': 'asking the API server',
};

/** Returns `writing: 12 of 10,000`. */
export function countingMessage(phase: CountedPhase, done: number, total: number): string {
  return `${PHASE_NAMES[phase]}: ${formatCount(done)} of ${formatCount(total)}`;
}

/** Returns the line about a request that failed and is sent again: `retrying list secrets (1 attempt failed) in 1.5 s`. */
export function retryingMessage(failure: Failure, attempt: number, delay: number): string {
  const { attempt: tried, message } = failure;
  const what = tried === undefined ? 'a request' : `${tried.verb} ${tried.resource}`;
  return sanitizeLine(
    `retrying ${what} (${countOf(attempt, 'attempt')} failed) in ${(delay / 1000).toFixed(1)} s: ${message}`,
  );
}

/** Returns the line for the first signal. It says why the program is still running. */
export function stoppingMessage(signal: string): string {
  return `${signal}: no new writes. Waiting for writes in progress. Press Ctrl-C again to end at once.`;
}

/** Said after a run that took more than a tenth of the time of `--every`. */
export const LONG_PAUSE =
  'The run took more than a tenth of --every. So the pause is longer: ten times as long as the run.';

/** Returns the last line of a series of runs: `Ended by SIGTERM after 6 runs, 1 failed.` */
export function seriesMessage(by: Stopped | undefined, runs: RunCounts): string {
  const ended = by === undefined ? 'Ended' : `Ended by ${stopperName(by)}`;
  const failed = runs.failed === 0 ? '' : `, ${formatCount(runs.failed)} failed`;
  return `${ended} after ${countOf(runs.total, 'run')}${failed}.`;
}
