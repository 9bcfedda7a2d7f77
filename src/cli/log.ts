import { type Level, logLine } from '../report/json/log-lines.ts';
import { sanitizeLine } from '../report/strings/sanitize.ts';
import type { LogFormat } from './options/values.ts';
import type { Output } from './output.ts';

/** Writes messages to stderr. */
export interface Log {
  readonly say: (level: Level, message: string, fields?: object) => void;
}

/** Returns a log that writes lines for people, or JSON lines with the time. */
export function logOn(output: Output, format: LogFormat, now: () => Date): Log {
  if (format === 'text') return { say: (_, message) => void output.write(programLine(message)) };
  return {
    say: (level, msg, fields) => void output.write(logLine(now().toISOString(), { level, msg, ...fields })),
  };
}

/** Returns a message as a line with the name of the program, as on every line that is not part of a report. */
export function programLine(text: string): string {
  return `kubed-sync: ${sanitizeLine(text)}\n`;
}
