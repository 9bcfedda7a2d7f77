import type { Report } from '../model/run-report.ts';
import { logLine, reportEntries, summaryEntry } from '../report/json/log-lines.ts';
import { summaryLine } from '../report/text/summary-line.ts';
import { renderJson } from '../report/json/json-report.ts';
import { renderMarkdown } from '../report/markdown/markdown-report.ts';
import { colorsFor } from '../report/text/colors.ts';
import { renderComplaints, renderText } from '../report/text/text-report.ts';
import { renderYaml } from '../report/json/yaml-report.ts';
import type { Style } from './options/request.ts';
import type { ColorMode, Environment } from './options/values.ts';

/** A stream to write to. */
export interface Output {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly write: (text: string) => unknown;
}

/** Where a report is written to, and how its colors are decided. */
export interface Outputs {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Environment;
}

/** What printing a report needs. */
export interface PrintWorld extends Outputs {
  readonly now: () => Date;
}

/**
 * Prints a report to stdout, as text or as a document. Errors also go to stderr where stdout does not show them to a
 * person: beside a document, and with `--quiet`, which prints no text.
 */
export function print(report: Report, style: Style, world: PrintWorld): void {
  const { stdout, stderr, env } = world;
  const looks = (output: Output): Parameters<typeof renderText>[1] => ({
    verbose: style.verbose,
    colorize: colorsFor(style.log === 'json' ? 0 : colorLevel(style.color, env, output.isTTY ?? false)),
    ...widthOf(output),
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

/** Writes the report as lines of a log, all of them or only the errors, in one piece. */
function printEntries(report: Report, output: Output, { now }: PrintWorld, only?: 'error'): void {
  const time = now().toISOString();
  const entries = reportEntries(report).filter(({ level }) => only === undefined || level === only);
  if (entries.length > 0) output.write(entries.map((entry) => logLine(time, entry)).join(''));
}

/** Prints the last line of a log in JSON on stdout, which has the exit code. Other formats have no such line. */
export function printEnd(report: Report, exitCode: number, style: Style, { stdout, now }: PrintWorld): void {
  if (style.output !== 'log' || style.quiet) return;
  stdout.write(logLine(now().toISOString(), summaryEntry(report, exitCode)));
}

/** Returns a report as a termination message: first how the run ended, then what went wrong. */
export function terminationText(report: Report): string {
  const complaints = renderComplaints(report, { verbose: false, colorize: colorsFor(0) });
  return [summaryLine(report), ...(complaints === '' ? [] : [complaints.trimEnd()])].join('\n');
}

/** Returns the columns to wrap at. A stream that is not a terminal has none. */
export function widthOf({ isTTY, columns = 0 }: Output): { readonly width?: number } {
  return isTTY && columns > 0 ? { width: columns } : {};
}

/**
 * Returns whether to print in color: what the option says, else `NO_COLOR` (no-color.org), `FORCE_COLOR`, `TERM=dumb`,
 * else whether the stream is a terminal. It is decided here, because chalk ignores `NO_COLOR`.
 */
export function colorLevel(mode: ColorMode, env: Environment, isTerminal: boolean): 0 | 1 {
  if (mode !== 'auto') return mode === 'always' ? 1 : 0;
  const force = env['FORCE_COLOR'] ?? '';
  if ((env['NO_COLOR'] ?? '') !== '' || force === '0' || force === 'false') return 0;
  return force !== '' || (isTerminal && env['TERM'] !== 'dumb') ? 1 : 0;
}
