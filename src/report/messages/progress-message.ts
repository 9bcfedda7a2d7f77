import type { Failure } from '../../model/failure.ts';
import { counted, grouped } from '../strings/words.ts';
import { oneLine } from '../strings/sanitize.ts';

/** `reading secrets: 7,000`. */
export function readingWords(resource: string, items: number): string {
  return oneLine(`reading ${resource}: ${grouped(items)}`);
}

type Counting = 'comparing' | 'writing' | 'server-dry-run';

const COUNTING: Readonly<Record<Counting, string>> = {
  comparing: 'comparing',
  writing: 'writing',
  'server-dry-run': 'asking the API server',
};

/** `writing: 12 of 10,000`. */
export function countingWords(phase: Counting, done: number, total: number): string {
  return `${COUNTING[phase]}: ${grouped(done)} of ${grouped(total)}`;
}

/** `attempt 2 in 1.5 s: MESSAGE`, after a request that failed in passing. */
export function retryingWords(failure: Failure, attempt: number, delay: number): string {
  const { attempt: tried, message } = failure;
  const what = tried === undefined ? 'a request' : `${tried.verb} ${tried.resource}`;
  return oneLine(
    `retrying ${what} (${counted(attempt, 'attempt')} failed) in ${(delay / 1000).toFixed(1)} s: ${message}`,
  );
}

/** Said at the first signal: a reader who waits wants to know why the program is still there. */
export function stoppingWords(signal: string): string {
  return `${signal}: no new writes; waiting for those under way. A second Ctrl-C ends at once.`;
}
