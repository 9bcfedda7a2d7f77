import { readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Row, SYNC } from './cases.ts';
import { type Metric, median, middle, type Sample, UNITS } from './measure.ts';
import { type Cost, plot } from './plot.ts';

/** A row that was measured, as the cells of the table. */
export interface Result {
  readonly cells: readonly string[];
  readonly met: boolean;
}

/** The runs of each contender, by its name. */
export type Samples = Readonly<Record<string, readonly Sample[]>>;

const HEAD = ['server', 'case', 'runs', '', SYNC, 'compared with', 'ratio', 'bar', ''];
const WORDS: Partial<Record<Metric, string>> = {
  server: 'processor of the API server',
  rate: 'rate of writes',
};

/** Compares what was measured with the bar of a row. */
export function resultOf(row: Row, samples: Samples, server: string, name: string): Result {
  const { metric, of, against, atMost, atLeast } = row;
  const [ours = [], theirs = []] = [samples[of], samples[against ?? '']];
  const [value, other] = [middle(ours, metric), middle(theirs, metric)];
  // Round by round, so that a slow minute of the machine slows both sides.
  const ratios = ours.map((one, round) => one[metric] / (theirs[round]?.[metric] ?? Number.NaN));
  const ratio = metric === 'server' ? value / other : median(ratios);
  const compared = against === undefined ? value : ratio;
  const met = atMost === undefined ? compared >= Number(atLeast) : compared <= atMost;
  const bar = atMost === undefined ? `≥ ${atLeast}` : `≤ ${atMost.toLocaleString('en')}`;
  const cells = [
    server,
    name,
    String(ours.length),
    `${WORDS[metric] ?? metric}${of === SYNC ? '' : ` of ${of}`}`,
    number(value, metric),
    against === undefined ? '' : `${against}: ${number(other, metric)}`,
    against === undefined ? '' : ratio.toFixed(2),
    `${bar} ${against === undefined ? UNITS[metric] : '×'}`.trim(),
    met ? 'met' : '**missed**',
  ];
  return { cells, met };
}

/** The table of the bars. */
export function barTable(results: readonly Result[]): string {
  return table([HEAD, ...results.map(({ cells }) => cells)]);
}

/** What a run of the program costs, by the number of copies. */
function costTable(costs: readonly Cost[]): string {
  const metrics = ['time', 'processor', 'memory', 'received', 'requests', 'server'] as const;
  const head = ['copies', ...metrics.map((metric) => WORDS[metric] ?? metric), 'server'];
  const rows = costs
    .filter(({ who }) => who === SYNC)
    .map((cost) => [
      cost.copies.toLocaleString('en'),
      ...metrics.map((metric) => number(middle(cost.samples, metric), metric)),
      cost.server,
    ]);
  return table([head, ...rows]);
}

function number(value: number, metric: Metric): string {
  return `${Math.round(value).toLocaleString('en')} ${UNITS[metric]}`.trim();
}

/** A Markdown table whose columns are aligned, for terminals too. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  const [head = [], ...rest] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rest.map(line)].join('\n');
}

/** Where the numbers come from, in one line. */
export function origin(): string {
  const processor = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`;
  const memory = `${(totalmem() / 1e9).toFixed(0)} GB`;
  const load = `load ${loadavg()[0]?.toFixed(1)} at the start`;
  return `Measured by \`npm run bench\`: medians; Node.js ${process.version}, ${processor}, ${memory}, ${load}.`;
}

/** Writes the picture, and both tables into the generated section of performance.md. */
export async function writeDocs(
  docs: string,
  from: string,
  results: readonly Result[],
  costs: readonly Cost[],
) {
  const file = join(docs, 'performance.md');
  const page = await readFile(file, 'utf8');
  const section = [from, costTable(costs), barTable(results)].join('\n\n');
  const [before = '', after = ''] = page.split(/(?<=<!-- begin[^\n]*-->\n)[^]*(?=<!-- end -->)/);
  await writeFile(file, `${before}\n${section}\n\n${after}`);
  await writeFile(join(docs, 'performance.svg'), plot(costs));
}
