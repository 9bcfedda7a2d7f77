import { structuredPatch, type StructuredPatchHunk } from 'diff';
import { clipped, startOf } from '../strings/truncate.ts';
import { counted } from '../strings/words.ts';
import type { Tone } from './colors.ts';
import { visibleLine } from '../strings/sanitize.ts';

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
const MOST_DIFFERENCES = 2000;

const CONTEXT = 3;

/**
 * A unified diff of two values, as `kubectl diff` shows it, with at most so many lines; `where` ends its first
 * one. Text of a ConfigMap may be anything: every line of it goes through the same sanitiser as names do, and a long one is cut where it is alike.
 */
export function unified(
  name: string,
  where: string,
  { before, after }: Sides,
  mostLines: number,
): readonly Verbatim[] {
  const head = [
    { tone: 'lost', text: `--- ${before === undefined ? '/dev/null' : name}${where}` },
    { tone: 'added', text: `+++ ${after === undefined ? '/dev/null' : name}` },
  ] as const;
  const hunks = hunksOf(before, after);
  if (hunks === undefined) return [...head, tooDifferent(before, after)];
  return [...head, ...bounded(hunks, mostLines)];
}

function tooDifferent(before = '', after = ''): Verbatim {
  return { tone: 'quiet', text: `too different to show: ${size(before)} before, ${size(after)} after` };
}

function size(text: string): string {
  return counted(linesOf(text).length, 'line');
}

function bounded(hunks: readonly StructuredPatchHunk[], most: number): readonly Verbatim[] {
  const lines: Verbatim[] = [];
  let total = 0;
  for (const hunk of hunks) {
    total += hunk.lines.length + 1;
    const room = most - lines.length;
    if (room > 1) lines.push({ tone: 'hunk', text: headOf(hunk) }, ...bodyOf(hunk, room - 1));
  }
  const rest = total - lines.length;
  const more = `… ${counted(rest, 'more line')} (all with -v)`;
  return rest > 0 ? [...lines, { tone: 'quiet', text: more }] : lines;
}

function hunksOf(before: string | undefined, after: string | undefined): StructuredPatchHunk[] | undefined {
  const [old, now] = ended(before ?? '', after ?? '');
  if (old === '' || now === '') return oneSided(old, now);
  const options = { context: CONTEXT, maxEditLength: MOST_DIFFERENCES };
  return structuredPatch('', '', old, now, '', '', options)?.hunks;
}

/** Values seldom end with a line break; that neither does is nothing to tell. */
function ended(before: string, after: string): readonly [string, string] {
  const open = [before, after].every((text) => text === '' || !text.endsWith('\n'));
  const end = (text: string): string => (open && text !== '' ? `${text}\n` : text);
  return [end(before), end(after)];
}

function oneSided(old: string, now: string): StructuredPatchHunk[] {
  const [oldLines, newLines] = [linesOf(old), linesOf(now)];
  const lines = [...oldLines.map((line) => `-${line}`), ...newLines.map((line) => `+${line}`)];
  if (lines.length === 0) return [];
  return [
    {
      oldStart: 1,
      oldLines: oldLines.length,
      newStart: 1,
      newLines: newLines.length,
      lines,
    },
  ];
}

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function headOf({ oldStart, oldLines, newStart, newLines }: StructuredPatchHunk): string {
  return `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`;
}

/** A range of one line goes without its length; an empty one begins before the first line (POSIX: diff -u). */
function range(start: number, lines: number): string {
  if (lines === 1) return String(start);
  return `${lines === 0 ? start - 1 : start},${lines}`;
}

const TONES: Readonly<Record<string, Tone>> = { '+': 'added', '-': 'lost', '\\': 'quiet' };

/** Lines that replace each other are cut at the same place, or two long ones would look alike. */
function bodyOf({ lines }: StructuredPatchHunk, most: number): readonly Verbatim[] {
  const partners = partnersOf(lines);
  return lines.slice(0, most).map((line, at) => {
    const tone = TONES[line.charAt(0)] ?? 'plain';
    if (tone === 'quiet') return { tone, text: '\\ No newline at the end' };
    const text = line.slice(1);
    const shown = clipped(text, startOf(text, partners.get(at)?.slice(1)));
    return { tone, text: line.charAt(0) + visibleLine(shown, tone !== 'plain') };
  });
}

/** The line that a changed one replaces or is replaced by: of each run, the n-th removed and the n-th added. */
function partnersOf(lines: readonly string[]): ReadonlyMap<number, string> {
  const partners = new Map<number, string>();
  let removed: number[] = [];
  let added = 0;
  for (const [at, line] of lines.entries()) {
    const sign = line.charAt(0);
    if (sign === ' ' || (sign === '-' && added > 0)) [removed, added] = [[], 0];
    if (sign === '-') removed.push(at);
    if (sign !== '+') continue;
    const partner = removed[added];
    added += 1;
    if (partner === undefined) continue;
    partners.set(at, lines[partner] ?? '').set(partner, line);
  }
  return partners;
}
