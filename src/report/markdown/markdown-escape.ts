import { countOf } from '../strings/names-and-counts.ts';

/*
 * Text of others inside of Markdown. In code there are no links, mentions, tags, tables or entities; the only way out
 * is a run of backticks as long as the one that opened it, so that one is made longer than any inside (CommonMark 0.31,
 * sections 4.5 and 6.1).
 */

/** Characters of one text before it is cut: a selector, or what a webhook says, may be a quarter of a megabyte. */
const MAX_LENGTH = 1000;

/** A text of one line as a code span. */
export function codeSpan(text: string): string {
  const shown = truncateText(text);
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
