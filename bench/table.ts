import type { Bar } from './cases.ts';
import type { Result, Row } from './play.ts';
import type { Spread } from './statistics.ts';

const HEADS = ['', 'program', 'baseline', 'ratio', 'bar', '', 'goal', ''];

/** A case as a table: medians, in brackets the least and the most. */
export function tableOf({ name, program, baseline, runs, rows }: Result): string {
  const title = `${name}: ${program} against ${baseline}, ${runs} run${runs === 1 ? '' : 's'} of each`;
  return [title, ...layOut([HEADS, ...rows.map(cellsOf)]), ''].join('\n');
}

/** The cells of a row: what, both sides, ratio, bar, goal. */
export function cellsOf({ what, unit, program, baseline, ratio, bar, goal }: Row): readonly string[] {
  return [
    `  ${what}`,
    spreadText(program, unit),
    spreadText(baseline, unit),
    ratio === undefined
      ? ''
      : `${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)}-${ratio.most.toFixed(2)})`,
    ...barCells(bar, unit),
    ...barCells(goal, unit),
  ];
}

function spreadText({ median, least, most }: Spread, unit: string): string {
  if (Number.isNaN(median) || most === 0) return '-';
  const show = (value: number): string => value.toFixed(0);
  const range = show(least) === show(most) ? '' : ` (${show(least)}-${show(most)})`;
  return `${show(median)}${unit === '' ? '' : ` ${unit}`}${range}`;
}

function barCells(bar: Row['bar'], unit: string): readonly string[] {
  if (bar === undefined) return ['', ''];
  return [barText(bar, unit), bar.met ? 'ok' : 'MISSED'];
}

function barText({ of, most, least }: Bar, unit: string): string {
  const text = most === undefined ? `>= ${least}` : `<= ${most}`;
  return of === 'ratio' ? `${text} x` : `${text}${unit === '' ? '' : ` ${unit}`}`;
}

function layOut(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = HEADS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
