import type { Report } from '../core/outcome.ts';
import { logLine } from '../report/log-line.ts';
import { reportEntries, summaryEntry } from '../report/log.ts';
import { summaryLine } from '../report/closing.ts';
import { renderJson } from '../report/json.ts';
import { renderMarkdown } from '../report/markdown.ts';
import { painter } from '../report/paint.ts';
import { renderComplaints, renderText } from '../report/text.ts';
import { renderYaml } from '../report/yaml.ts';
import { colorLevel } from './color.ts';
import type { Environment } from './options/inputs.ts';
import type { Style } from './options/request.ts';
import { type Screen, widthOf } from './screen.ts';

/** Where a report goes. */
export interface Screens {
  readonly stdout: Screen;
  readonly stderr: Screen;
}

/** How a report is printed, besides its style. */
export interface PrintWorld extends Screens {
  readonly env: Environment;
  readonly now: () => Date;
}

/**
 * Prints a report: the text or the document on stdout. What went wrong goes to stderr where stdout does not tell it
 * to people: beside a document, and under `-q`, which drops the text.
 */
export function print(report: Report, style: Style, world: PrintWorld): void {
  const { stdout, stderr, env } = world;
  const looks = (screen: Screen): Parameters<typeof renderText>[1] => ({
    verbose: style.verbose,
    paint: painter(style.log === 'json' ? 0 : colorLevel(style.color, env, screen.isTTY ?? false)),
    ...widthOf(screen),
  });
  if (style.output === 'markdown') stdout.write(renderMarkdown(report));
  else if (style.output === 'json') stdout.write(renderJson(report));
  else if (style.output === 'yaml') stdout.write(renderYaml(report));
  else if (style.output === 'log' && !style.quiet) return printEntries(report, stdout, world);
  else if (!style.quiet) return void stdout.write(renderText(report, looks(stdout)));
  if (style.log === 'json') return printEntries(report, stderr, world, 'error');
  const complaints = renderComplaints(report, looks(stderr));
  if (complaints !== '') stderr.write(complaints);
}

/** The report as lines of a log: all of them, or the errors alone. They leave in one piece. */
function printEntries(report: Report, screen: Screen, { now }: PrintWorld, only?: 'error'): void {
  const time = now().toISOString();
  const entries = reportEntries(report).filter(({ level }) => only === undefined || level === only);
  if (entries.length > 0) screen.write(entries.map((entry) => logLine(time, entry)).join(''));
}

/** The last line on stdout of a log in JSON, which has the exit code; other forms have said all by now. */
export function printEnd(report: Report, exitCode: number, style: Style, { stdout, now }: PrintWorld): void {
  if (style.output !== 'log' || style.quiet) return;
  stdout.write(logLine(now().toISOString(), summaryEntry(report, exitCode)));
}

/** A report as a termination message: how it ended, and then what went wrong, as far as there is room. */
export function terminationText(report: Report): string {
  const complaints = renderComplaints(report, { verbose: false, paint: painter(0) });
  return [summaryLine(report), ...(complaints === '' ? [] : [complaints.trimEnd()])].join('\n');
}
