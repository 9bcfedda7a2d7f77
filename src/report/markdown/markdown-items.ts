import type { Row } from '../text/layout.ts';
import { countOf } from '../strings/names-and-counts.ts';
import { codeSpan, diffBlock } from './markdown-escape.ts';
import { sanitizeLine } from '../strings/sanitize.ts';

/** One bullet: a line of the text report with what stands below it. */
export interface Item {
  readonly label: string;
  readonly head: string;
  /** The values, in a block of their own; left out where there is no room. */
  readonly values: string;
}

/** Rows as bullets; one without a label belongs to the bullet before. */
export function itemsOf(rows: readonly Row[]): readonly Item[] {
  const groups: { readonly first: Row; readonly rest: Row[] }[] = [];
  for (const row of rows) {
    if (row.label === '') groups.at(-1)?.rest.push(row);
    else groups.push({ first: row, rest: [] });
  }
  return groups.map(({ first, rest }) => itemOf(first, rest));
}

function itemOf(first: Row, rest: readonly Row[]): Item {
  const below = rest.flatMap((row) =>
    row.verbatim ? [] : [`<br>${sanitizeLine(row.text).replace(/^-> /, '')}`],
  );
  const lines = rest.flatMap((row) => (row.verbatim ? [row.text] : []));
  return {
    label: first.label,
    head: `- ${codeSpan(sanitizeLine(first.text))}${below.join('')}`,
    values: lines.length === 0 ? '' : `\n\n${diffBlock(lines)}`,
  };
}

/** Divides the room so that a section that needs little gets it all, and the large ones share what is left. */
export function shareRoom(sections: readonly (readonly Item[])[], room: number): readonly number[] {
  const needs = sections.map((items) => items.reduce((sum, item) => sum + lengthOf(item), 0));
  const shares = needs.map(() => 0);
  let left = room;
  const order = needs.map((_, at) => at).toSorted((a, b) => (needs[a] ?? 0) - (needs[b] ?? 0));
  for (const [done, at] of order.entries()) {
    const share = Math.min(needs[at] ?? 0, Math.floor(left / (order.length - done)));
    shares[at] = share;
    left -= share;
  }
  return shares;
}

/** As many items as the room holds, values before later items, and a count of the others. */
export function itemsWithin(items: readonly Item[], room: number): string {
  const lines: string[] = [];
  let [left, withoutValues] = [room, 0];
  for (const item of items) {
    const whole = lengthOf(item) <= left;
    const text = whole ? item.head + item.values : item.head;
    if (text.length + 1 > left) break;
    lines.push(text);
    left -= text.length + 1;
    if (!whole) withoutValues += 1;
  }
  return [...lines, ...leftOutLine(items.length - lines.length, withoutValues)].join('\n');
}

function lengthOf({ head, values }: Item): number {
  return head.length + values.length + 1;
}

function leftOutLine(items: number, values: number): readonly string[] {
  const parts = [
    ...(items > 0 ? [countOf(items, 'more line')] : []),
    ...(values > 0 ? [`the values of ${countOf(values, 'line')}`] : []),
  ];
  if (parts.length === 0) return [];
  return [`\n…and ${parts.join(', and ')}, for which a comment has no room: see \`-o text -v\`.`];
}
