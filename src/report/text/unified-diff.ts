import { structuredPatch, type StructuredPatchHunk } from 'diff';
import { truncate, firstShownAt } from '../strings/truncate.ts';
import { countOf } from '../strings/names-and-counts.ts';
import type { Tone } from './colors.ts';
import { sanitizeValueLine } from '../strings/sanitize.ts';

/** One line that is printed as it is: neither wrapped nor joined with others. */
export interface Verbatim {
  readonly tone: Tone;
  readonly text: string;
}

/** The two sides of a diff; an absent one is a key that is not there. */
export interface Sides {
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

/** Texts that differ in more lines than this are not compared: the work grows with the square of it. */
const MAX_DIFFERENCES = 2000;

const CONTEXT = 3;

/**
 * A unified diff of two values, as `kubectl diff` shows it, with at most so many lines; `where` ends its first one. The
 * text of a ConfigMap may be anything: every line of it is made visible as names are, and a long one is cut where it is alike.
 */
export function unifiedDiff(
  name: string,
  where: string,
  { before, after }: Sides,
  mostLines: number,
): readonly Verbatim[] {
  const lines = linesOf(before ?? '', after ?? '');
  const body = lines === undefined ? [tooDifferentLine(before, after)] : limitLines(lines, mostLines);
  return [
    { tone: 'lost', text: `--- ${before === undefined ? '/dev/null' : name}${where}` },
    { tone: 'added', text: `+++ ${after === undefined ? '/dev/null' : name}` },
    ...body,
  ];
}

function tooDifferentLine(before = '', after = ''): Verbatim {
  return {
    tone: 'quiet',
    text: `too different to show: ${lineCount(before)} before, ${lineCount(after)} after`,
  };
}

function lineCount(text: string): string {
  return countOf(text.replace(/\n$/, '').split('\n').length, 'line');
}

/** The lines of a diff behind its two names, or undefined where the texts differ too much. */
function linesOf(before: string, after: string): readonly string[] | undefined {
  const [old, now] = withLineEnds(before, after);
  const isChange = old !== '' && now !== '';
  const options = { context: CONTEXT, ...(isChange && { maxEditLength: MAX_DIFFERENCES }) };
  const patch = structuredPatch('', '', old, now, '', '', options);
  return patch?.hunks.flatMap((hunk) => [hunkHead(hunk), ...hunk.lines]);
}

/** Values seldom end with a line break; that neither does is nothing to tell. */
function withLineEnds(before: string, after: string): readonly [string, string] {
  const open = [before, after].every((text) => text === '' || !text.endsWith('\n'));
  const end = (text: string): string => (open && text !== '' ? `${text}\n` : text);
  return [end(before), end(after)];
}

function hunkHead({ oldStart, oldLines, newStart, newLines }: StructuredPatchHunk): string {
  return `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`;
}

/** A range of one line goes without its length; an empty one begins before the first line (POSIX: diff -u). */
function range(start: number, lines: number): string {
  if (lines === 1) return String(start);
  return `${lines === 0 ? start - 1 : start},${lines}`;
}

/** The head of a hunk is not shown without a line of it. */
function limitLines(lines: readonly string[], most: number): readonly Verbatim[] {
  const end = lines[most - 1]?.startsWith('@') ? most - 1 : most;
  const partners = partnersOf(lines);
  const shown = lines.slice(0, end).map((line, at) => diffLine(line, partners.get(at)));
  const rest = lines.length - shown.length;
  const more = `… ${countOf(rest, 'more line')} (all with -v)`;
  return rest > 0 ? [...shown, { tone: 'quiet', text: more }] : shown;
}

const TONES: Readonly<Record<string, Tone>> = { '+': 'added', '-': 'lost', '@': 'hunk', '\\': 'quiet' };

function diffLine(line: string, partner: string | undefined): Verbatim {
  const sign = line.charAt(0);
  const tone = TONES[sign] ?? 'plain';
  if (tone === 'hunk') return { tone, text: line };
  if (tone === 'quiet') return { tone, text: '\\ No newline at the end' };
  const text = line.slice(1);
  const cut = truncate(text, firstShownAt(text, partner?.slice(1)));
  return { tone, text: sign + sanitizeValueLine(cut, tone !== 'plain') };
}

/**
 * The line that a changed one replaces or is replaced by: of each run, the n-th removed and the n-th added. Both are cut at the
 * same place, or two long ones would look alike.
 */
function partnersOf(lines: readonly string[]): ReadonlyMap<number, string> {
  const partners = new Map<number, string>();
  let removed: number[] = [];
  let added = 0;
  for (const [at, line] of lines.entries()) {
    const sign = line.charAt(0);
    if (sign === ' ' || sign === '@' || (sign === '-' && added > 0)) [removed, added] = [[], 0];
    if (sign === '-') removed.push(at);
    if (sign !== '+') continue;
    const partner = removed[added];
    added += 1;
    if (partner === undefined) continue;
    partners.set(at, lines[partner] ?? '').set(partner, line);
  }
  return partners;
}
