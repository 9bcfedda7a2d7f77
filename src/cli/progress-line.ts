import { countingMessage, readingMessage, retryingMessage } from '../report/messages/progress-message.ts';
import type { Progress } from '../model/progress.ts';
import type { Log } from './log.ts';
import type { Style } from './options/request.ts';
import type { Output } from './output.ts';

/** Shows that a run makes progress, and removes its line before the report. */
export interface ProgressView {
  readonly show: (event: Progress) => void;
  readonly end: () => void;
}

const PATIENCE = 1000;
const REDRAW = 150;
const WIPE = '\r\u001b[K';

/**
 * Returns how progress is shown: on a terminal as one line that is rewritten, once a run takes more than a second. With
 * `--verbose` as lines that stay, wherever stderr goes. A log in JSON has such lines or none.
 */
export function progressOn(output: Output, { quiet, verbose, log: format }: Style, log: Log): ProgressView {
  if (quiet) return { show: () => undefined, end: () => undefined };
  if (verbose) return { show: lasting(log), end: () => undefined };
  return output.isTTY && format === 'text'
    ? rewritten(output)
    : { show: () => undefined, end: () => undefined };
}

/** Writes a line for each phase and each retry. */
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

/** Returns the fields of a line of a log in JSON, without counts that still grow. */
function fieldsOf(event: Progress): object {
  switch (event.phase) {
    case 'reading':
      return { phase: event.phase, resource: event.resource };
    case 'retrying':
      return { phase: event.phase, attempt: event.attempt, delaySeconds: event.delay / 1000 };
    case 'comparing':
    case 'writing':
    case 'server-dry-run':
      return { phase: event.phase, total: event.total };
  }
}

function rewritten(output: Output): ProgressView {
  let now = '';
  let drawn = '';
  const draw = (): void => {
    if (now === drawn) return;
    drawn = now;
    output.write(`${WIPE}${now.slice(0, (output.columns ?? 80) - 1)}`);
  };
  let redraw: NodeJS.Timeout | undefined;
  const patience = setTimeout(() => (redraw = setInterval(draw, REDRAW).unref()), PATIENCE).unref();
  const end = (): void => {
    clearTimeout(patience);
    clearInterval(redraw);
    if (drawn !== '') output.write(WIPE);
    drawn = now = '';
  };
  return { show: (event) => void (now = wordsOf(event)), end };
}

function wordsOf(event: Progress): string {
  switch (event.phase) {
    case 'reading':
      return readingMessage(event.resource, event.items);
    case 'comparing':
    case 'writing':
    case 'server-dry-run':
      return countingMessage(event.phase, event.done, event.total);
    case 'retrying':
      return retryingMessage(event.failure, event.attempt, event.delay);
  }
}
