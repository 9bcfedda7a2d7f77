import { type Level, logLine } from '../report/log-line.ts';
import { oneLine } from '../report/visible.ts';
import type { LogFormat } from './options/values.ts';
import type { Screen } from './screen.ts';

/** What is said on stderr: complaints, and words on the way. */
export interface Log {
  readonly say: (level: Level, message: string, fields?: object) => void;
}

/** Writes lines for people, or JSON lines; the clock that dates those belongs to `cli/`. */
export function logOn(screen: Screen, format: LogFormat, now: () => Date): Log {
  if (format === 'text') return { say: (_, message) => void screen.write(complaint(message)) };
  return {
    say: (level, msg, fields) => void screen.write(logLine(now().toISOString(), { level, msg, ...fields })),
  };
}

/** A line of complaint, with the name of the program as on every line that is not a report. */
export function complaint(text: string): string {
  return `kubed-sync: ${oneLine(text)}\n`;
}
