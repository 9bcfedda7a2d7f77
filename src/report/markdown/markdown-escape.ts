import { NAME_END, NAME_START, removeNameMarks } from '../strings/name-marks.ts';
import { sanitizeLine } from '../strings/sanitize.ts';
import { countOf } from '../strings/names-and-counts.ts';

/*
 * How does a sentence become Markdown in which nothing of others is markup? Names are code. In code there are no links,
 * mentions, references, tags or entities. The only way out is a run of backticks as long as the one that opened it, so
 * that run is longer than any inside (CommonMark 0.31, sections 4.5 and 6.1). Outside of code there are only ordinary
 * words, numbers and the punctuation of sentences. Everything else becomes code too, also where a mark was forgotten:
 *
 *   ConfigMap «a|b» has --max-prune @all  →  ConfigMap `a|b` has `--max-prune` `@all`
 */

/** Characters of one text before it is cut: a selector, or what a webhook says, may be a quarter of a megabyte. */
const MAX_LENGTH = 1000;

/** A part of a sentence without white space outside of names. */
const CHUNK = new RegExp(`(?:${NAME_START}[^${NAME_END}]*${NAME_END}|[^\\s${NAME_START}])+`, 'g');

const NAME = new RegExp(`^${NAME_START}([^${NAME_END}]*)${NAME_END}$`);

/** Words and numbers that mean nothing to Markdown, GitHub and GitLab. `GH-1` and `@all` do. */
const ORDINARY = /^(?:\p{L}+(?:['’-]\p{L}+)*|\d[\d,.]*%?|[-–…→]?)$/u;

/** What would begin a list inside of a list. */
const LIST_MARKER = /^(?:[-+]|\d+[.)])$/;

const OPENING = /^[("']*/;
const CLOSING: ReadonlySet<string> = new Set([')', '"', "'", ',', '.', ':', ';', '!', '?', '…']);

/** Returns a sentence as text of one line, with its names as code. */
export function markdownText(sentence: string): string {
  const chunks = sentence.match(CHUNK) ?? [];
  return chunks
    .map((chunk, at) => (at === 0 && LIST_MARKER.test(chunk) ? codeSpan(chunk) : chunkText(chunk)))
    .join(' ');
}

function chunkText(chunk: string): string {
  const [opening = ''] = OPENING.exec(chunk) ?? [];
  const end = endOfCore(chunk, opening.length);
  const [core, closing] = [chunk.slice(opening.length, end), chunk.slice(end)];
  if (ORDINARY.test(core)) return chunk;
  const name = NAME.exec(core)?.[1] ?? removeNameMarks(core);
  // Code needs no quotes around it. Only an empty text does, because there is no empty code span.
  if (!opening.endsWith('"') || !closing.startsWith('"'))
    return `${opening}${codeSpan(name || '""')}${closing}`;
  return `${opening.slice(0, -1)}${codeSpan(name || '""')}${closing.slice(1)}`;
}

/** Returns where the punctuation at the end of a chunk begins. */
function endOfCore(chunk: string, start: number): number {
  let end = chunk.length;
  while (end > start && CLOSING.has(chunk.charAt(end - 1))) end -= 1;
  return end;
}

/** Returns a text as a code span. */
export function codeSpan(text: string): string {
  const shown = truncateText(sanitizeLine(text));
  const ticks = '`'.repeat(longestRun(shown) + 1);
  // One blank at either end belongs to the delimiter; a text that begins with a backtick needs it.
  return /^[` ]|[` ]$/.test(shown) ? `${ticks} ${shown} ${ticks}` : ticks + shown + ticks;
}

/** Lines as a code block that GitHub colours as a diff, inside of an item of a list. */
export function diffBlock(lines: readonly string[]): string {
  const fence = '`'.repeat(Math.max(3, longestRun(lines.join('\n')) + 1));
  return [`${fence}diff`, ...lines, fence].map((line) => `  ${line}`).join('\n');
}

function truncateText(text: string): string {
  if (text.length <= MAX_LENGTH) return text;
  return `${text.slice(0, MAX_LENGTH)}… (${countOf(text.length - MAX_LENGTH, 'more character')})`;
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
}
