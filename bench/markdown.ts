import { type Machine, machineText } from './machine.ts';
import type { Result } from './play.ts';
import { cellsOf } from './table.ts';

/** All results as the block that docs/performance.md has. */
export function markdownOf(
  machine: Machine,
  servers: Readonly<Record<string, readonly Result[]>>,
  command: string,
): string {
  const tables = Object.entries(servers).map(([name, results]) => tableOf(name, results));
  return [
    '<!-- begin: printed by `npm run bench -- --markdown` -->',
    '',
    `\`${command}\` on ${machineText(machine)}. Medians, in brackets the least and the most.`,
    '',
    ...tables,
    '<!-- end -->',
    '',
  ].join('\n');
}

function tableOf(name: string, results: readonly Result[]): string {
  const rows = results.flatMap((result) => {
    const sides = `**${result.name}**, against ${result.baseline}, ${result.runs} each`;
    const measured = result.rows.map((row) => lineOf(cellsOf(row).map((cell) => cell.trim())));
    return [lineOf([sides, ...Array.from({ length: 7 }, () => '')]), ...measured];
  });
  const head = lineOf([`${name} API server`, 'program', 'baseline', 'ratio', 'bar', '', 'goal', '']);
  return [head, lineOf(Array.from({ length: 8 }, () => '---')), ...rows, ''].join('\n');
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`.replaceAll(/ {2,}/g, ' ');
}
