import { utf8Length } from '../../plan/copy/limits.ts';
import { counted } from './words.ts';

/** Characters of one line of a value that are shown. */
const LONGEST = 160;

/** What is shown of the part in which two long lines are alike. */
const LEAD = 40;

/**
 * Where to begin a line that stands beside another one. Two lines of minified JSON that differ at their ends would
 * look the same if both were cut behind the same start.
 */
export function startOf(line: string, partner: string | undefined): number {
  if (line.length <= LONGEST || partner === undefined) return 0;
  let same = 0;
  while (same < line.length && line.charCodeAt(same) === partner.charCodeAt(same)) same += 1;
  return same > LONGEST - LEAD ? same - LEAD : 0;
}

/** A text of somebody's in quotes: an annotation may have a quarter of a megabyte. */
export function quoted(text: string): string {
  return text.length <= LONGEST ? `"${text}"` : `"${clipped(text, 0)}"`;
}

/** A line from that place on, cut with a count where it is too long. */
export function clipped(line: string, from: number): string {
  const start = from > 0 ? `…` : '';
  const rest = line.length - from;
  if (rest <= LONGEST) return start + line.slice(from);
  return `${start}${line.slice(from, from + LONGEST)}… (${counted(rest - LONGEST, 'more character')})`;
}

/** The text, or as much of its beginning as leaves room for an ellipsis within so many bytes of UTF-8. */
export function withinBytes(text: string, most: number): string {
  if (utf8Length(text) <= most) return text;
  let [kept, bytes] = ['', utf8Length('…')];
  for (const character of text) {
    bytes += utf8Length(character);
    if (bytes > most) break;
    kept += character;
  }
  return `${kept}…`;
}
