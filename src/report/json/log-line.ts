import { oneLine, visible } from '../strings/sanitize.ts';

/** How much a line of the log matters. Findings that are notes are `info`. */
export type Level = 'info' | 'warning' | 'error';

/** One line of the log before it has a time. The keys besides these two differ from line to line. */
export interface LogEntry {
  readonly level: Level;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/**
 * A line of a log in JSON (`--log-format json`). What a terminal obeys instead of showing becomes an escape, and the
 * message has no line breaks even when it is read.
 */
export function logLine(time: string, { level, msg, ...fields }: LogEntry): string {
  const text = JSON.stringify({ time, level, msg: oneLine(msg), ...fields });
  return `${text.replace(/[^ -~]/gu, visible)}\n`;
}
