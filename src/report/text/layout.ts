import type { Colorize, Tone } from './colors.ts';
import { sanitizeLine } from '../strings/sanitize.ts';

/** One paragraph of a text report, with a label in front or, with an empty one, continuing the row above. */
export interface Row {
  readonly label: string;
  readonly tone: Tone;
  readonly text: string;
  /** A line of a value, sanitised already: indented a little, and neither wrapped nor changed. */
  readonly verbatim?: true;
  /** The title of the rows below it, which belong together. */
  readonly heading?: true;
}

/** How a text report is laid out. */
export interface Layout {
  readonly colorize: Colorize;
  /** Columns to wrap at; none when nobody watches, so that `grep` finds whole lines. */
  readonly width?: number;
}

const GAP = 2;
const VERBATIM_INDENT = '    ';
const MIN_WIDTH = 24;

/**
 * Rows as lines, the texts in one column. All that is printed of a report passes here and is made {@link sanitizeLine}, but
 * for lines of values.
 */
export function layOutRows(rows: readonly Row[], { colorize, width }: Layout): string {
  const indent = rows.reduce((most, row) => Math.max(most, row.label.length), 0) + GAP;
  const room = width === undefined ? Infinity : Math.max(MIN_WIDTH, width - indent);
  return rows.map((row) => rowLines(row, indent, room, colorize)).join('');
}

/** Plain sentences, each from the first column on. */
export function layOutParagraphs(texts: readonly string[], { width }: Layout): string {
  return texts
    .flatMap((text) => wrap(sanitizeLine(text), width ?? Infinity).map((line) => `${line}\n`))
    .join('');
}

function rowLines(row: Row, indent: number, room: number, colorize: Colorize): string {
  if (row.heading) return `\n${colorize(row.tone, sanitizeLine(row.text))}\n`;
  if (row.verbatim) return `${VERBATIM_INDENT}${colorize(row.tone, row.text)}\n`;
  const [first = '', ...more] = wrap(sanitizeLine(row.text), room);
  const label =
    row.label === ''
      ? ' '.repeat(indent)
      : colorize(row.tone, row.label) + ' '.repeat(indent - row.label.length);
  const body = (line: string): string => (row.label === '' ? colorize(row.tone, line) : line);
  return `${label}${body(first)}\n${more.map((line) => `${' '.repeat(indent)}${body(line)}\n`).join('')}`;
}

/** Breaks at spaces; a word that is too long for a line stays whole, since it is a name that someone will copy. */
function wrap(text: string, room: number): readonly string[] {
  const done: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      done.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...done, line];
}
