import { countingWords, readingWords, retryingWords } from '../report/progress.ts';
import type { Progress } from '../run.ts';
import type { Log } from './log.ts';
import type { Style } from './options/request.ts';
import type { Screen } from './screen.ts';

/** Shows that a run is alive, and wipes its traces before the report. */
export interface ProgressView {
  readonly show: (event: Progress) => void;
  readonly end: () => void;
}

const PATIENCE = 1000;
const REDRAW = 150;
const WIPE = '\r\u001b[K';

/**
 * Progress is for people who watch: a line that is rewritten, on a terminal and once a run takes longer than a
 * moment. `-v` has lines instead that stay, wherever stderr goes, and a log in JSON has lines or nothing.
 */
export function progressOn(screen: Screen, { quiet, verbose, log: format }: Style, log: Log): ProgressView {
  if (quiet) return { show: () => undefined, end: () => undefined };
  if (verbose) return { show: lasting(log), end: () => undefined };
  return screen.isTTY && format === 'text'
    ? rewritten(screen)
    : { show: () => undefined, end: () => undefined };
}

/** Each phase once, each retry. */
function lasting(log: Log): ProgressView['show'] {
  const seen = new Set<string>();
  return (event) => {
    const phase = event.phase === 'reading' ? `reading ${event.resource}` : event.phase;
    if (event.phase !== 'retrying' && seen.has(phase)) return;
    seen.add(phase);
    const level = event.phase === 'retrying' ? 'warning' : 'info';
    log.say(level, event.phase === 'reading' ? phase : wordsOf(event), fieldsOf(event));
  };
}

/** What a machine that reads the log may ask of a line; counts that go on growing are not among it. */
function fieldsOf(event: Progress): object {
  switch (event.phase) {
    case 'reading':
      return { phase: event.phase, resource: event.resource };
    case 'retrying':
      return { phase: event.phase, attempt: event.attempt, delaySeconds: event.delay / 1000 };
    case 'comparing':
    case 'writing':
    case 'rehearsing':
      return { phase: event.phase, total: event.total };
  }
}

function rewritten(screen: Screen): ProgressView {
  let now = '';
  let drawn = '';
  const draw = (): void => {
    if (now === drawn) return;
    drawn = now;
    screen.write(`${WIPE}${now.slice(0, (screen.columns ?? 80) - 1)}`);
  };
  let redraw: NodeJS.Timeout | undefined;
  const patience = setTimeout(() => (redraw = setInterval(draw, REDRAW).unref()), PATIENCE).unref();
  const end = (): void => {
    clearTimeout(patience);
    clearInterval(redraw);
    if (drawn !== '') screen.write(WIPE);
    drawn = now = '';
  };
  return { show: (event) => void (now = wordsOf(event)), end };
}

function wordsOf(event: Progress): string {
  switch (event.phase) {
    case 'reading':
      return readingWords(event.resource, event.items);
    case 'comparing':
    case 'writing':
    case 'rehearsing':
      return countingWords(event.phase, event.done, event.total);
    case 'retrying':
      return retryingWords(event.failure, event.attempt, event.delay);
  }
}
