import { BODIES, SYNC } from './cases.ts';
import { type Metric, middle, type Sample } from './measure.ts';

/*
 * The picture of docs/performance.md: cost against copies, both on a log scale. It brings its own background, so that
 * it is readable on any page, and it follows the color scheme of the reader.
 */

/** What a run with nothing to do costs in a cluster with so many copies. */
export interface Cost {
  readonly server: string;
  readonly who: string;
  readonly copies: number;
  readonly samples: readonly Sample[];
  /** The samples come from a cluster that is so many times smaller. The cost is multiplied, not measured. */
  readonly times?: number;
}

export const LOOP = 'kubectl loop';

const [PANEL, GAP, LEFT, TOP, HEIGHT] = [340, 76, 68, 108, 230];
const [RIGHT, BOTTOM] = [LEFT + 2 * PANEL + GAP + 28, TOP + HEIGHT];

const STYLE = `
  svg { color: #1f2328; font: 13px system-ui, sans-serif }
  rect { fill: #fff } text { fill: currentColor } .title { font-weight: 600 } .small { font-size: 12px }
  .grid { stroke: currentColor; stroke-opacity: .15 }
  .line { fill: none; stroke: currentColor; stroke-width: 2.5 } .guess { stroke-dasharray: 5 5 }
  circle { fill: currentColor; stroke: currentColor; stroke-width: 2 } .hollow { fill: none }
  .sync { color: #0969da } .bodies { color: #bc4c00 } .loop { color: #8250df }
  @media (prefers-color-scheme: dark) {
    svg { color: #e6edf3 } rect { fill: #0d1117 }
    .sync { color: #58a6ff } .bodies { color: #f0883e } .loop { color: #bc8cff }
  }`;

const SERIES = [
  { who: SYNC, css: 'sync', label: 'kubed-sync', left: LEFT },
  { who: BODIES, css: 'bodies', label: 'a client that lists everything with bodies', left: LEFT + 130 },
  { who: LOOP, css: 'loop', label: 'kubectl get | apply for each namespace', left: LEFT + 440 },
];

/** Draws both panels as an SVG file, of the costs on the first server. */
export function plot(all: readonly Cost[]): string {
  const costs = all.filter(({ server }) => server === all[0]?.server);
  const where = all[0]?.server === 'simulated' ? 'a simulated API server' : all[0]?.server;
  const caption = `10 sources of 2 KB, 2 Helm releases of 50 KB in each namespace, ${where}. Hollow and dashed: extrapolated.`;
  const title = 'Cost of a run that finds nothing to do, by the number of copies';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${RIGHT} ${BOTTOM + 84}" role="img">`,
    `<title>${title}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect width="${RIGHT}" height="${BOTTOM + 84}" rx="8"/>`,
    ...SERIES.map(({ css, label, left }) => {
      const mark = `<path class="line" d="M${left} 36h22"/><circle cx="${left + 11}" cy="36" r="4"/>`;
      return `<g class="${css}">${mark}</g>${text(left + 30, 40, label)}`;
    }),
    ...panel(LEFT, 'Time of a run that finds nothing to do', costs, 'time'),
    ...panel(LEFT + PANEL + GAP, 'Processor time that it costs the API server', costs, 'server'),
    text(LEFT, BOTTOM + 68, caption, 'small'),
    '</svg>\n',
  ].join('\n');
}

function panel(left: number, title: string, costs: readonly Cost[], metric: Metric): readonly string[] {
  const value = ({ samples, times = 1 }: Cost): number => Math.max(1, middle(samples, metric) * times);
  const copies = costs.map((cost) => cost.copies);
  const [x, y] = [scale(copies, left, left + PANEL), scale(costs.map(value), BOTTOM, TOP)];
  const points = costs.map((cost) => ({ ...cost, at: `${x.at(cost.copies)} ${y.at(value(cost))}` }));
  const lines = SERIES.map(({ who, css }) => {
    const own = points.filter((point) => point.who === who);
    const known = own.filter(({ times }) => times === undefined);
    const path = (part: typeof own, extra: string): string =>
      part.length < 2 ? '' : `<path class="line ${extra}" d="M${part.map(({ at }) => at).join('L')}"/>`;
    const dots = own.map(
      ({ at, times }) =>
        `<circle class="${times === undefined ? '' : 'hollow'}" transform="translate(${at})" r="4"/>`,
    );
    const guess = path(own.slice(Math.max(0, known.length - 1)), 'guess');
    return `<g class="${css}">${path(known, '')}${own.length > known.length ? guess : ''}${dots.join('')}</g>`;
  });
  return [
    text(left, TOP - 22, title, 'title'),
    ...y.ticks.map((tick) => `<path class="grid" d="M${left} ${y.at(tick)}h${PANEL}"/>`),
    ...y.ticks.map((tick) => text(left - 10, y.at(tick) + 4, duration(tick), 'small', 'end')),
    ...x.ticks.map((tick) => text(x.at(tick), BOTTOM + 20, tick.toLocaleString('en'), 'small', 'middle')),
    text(left + PANEL / 2, BOTTOM + 40, 'copies', 'small', 'middle'),
    ...lines,
  ];
}

/** A log scale over the whole powers of ten around the values. */
function scale(values: readonly number[], start: number, end: number) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const at = (value: number): number =>
    Math.round(start + ((Math.log10(value) - low) / (high - low)) * (end - start));
  return { at, ticks: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)) };
}

function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds} ms`;
  return `${(milliseconds / 1000).toLocaleString('en')} s`;
}

function text(x: number, y: number, words: string, css = '', anchor = 'start'): string {
  return `<text x="${x}" y="${y}" class="${css}" text-anchor="${anchor}">${words}</text>`;
}
