import { utf8Length } from '../../plan/copy/limits.ts';
import { countOf } from './names-and-counts.ts';

/** Characters of one line of a value that are shown. */
const MAX_LENGTH = 160;

/** What is shown of the part in which two long lines are alike. */
const CONTEXT_LENGTH = 40;

/**
 * Where to begin a line that stands beside another one. Two lines of minified JSON that differ at their ends would
 * look the same if both were cut behind the same start.
 */
export function firstShownAt(line: string, partner: string | undefined): number {
  if (line.length <= MAX_LENGTH || partner === undefined) return 0;
  let same = 0;
  while (same < line.length && line.charCodeAt(same) === partner.charCodeAt(same)) same += 1;
  return same > MAX_LENGTH - CONTEXT_LENGTH ? same - CONTEXT_LENGTH : 0;
}

/** A text of somebody's in quotes: an annotation may have a quarter of a megabyte. */
export function quote(text: string): string {
  return text.length <= MAX_LENGTH ? `"${text}"` : `"${truncate(text, 0)}"`;
}

/** A line from that place on, cut with a count where it is too long. */
export function truncate(line: string, from: number): string {
  const start = from > 0 ? `…` : '';
  const rest = line.length - from;
  if (rest <= MAX_LENGTH) return start + line.slice(from);
  return `${start}${line.slice(from, from + MAX_LENGTH)}… (${countOf(rest - MAX_LENGTH, 'more character')})`;
}

/** The text, or as much of its beginning as leaves room for an ellipsis within so many bytes of UTF-8. */
export function truncateToBytes(text: string, most: number): string {
  if (utf8Length(text) <= most) return text;
  let [kept, bytes] = ['', utf8Length('…')];
  for (const character of text) {
    bytes += utf8Length(character);
    if (bytes > most) break;
    kept += character;
  }
  return `${kept}…`;
}
