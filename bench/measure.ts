import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** The unit of everything that is measured of a run. `server` is the processor time of the API server. */
export const UNITS = {
  time: 'ms',
  processor: 'ms',
  memory: 'MB',
  received: 'KB',
  requests: '',
  writes: '',
  rate: '/s',
  server: 'ms',
} as const;

/** What is measured. */
export type Metric = keyof typeof UNITS;

/** One run of one process, or a summary of several. */
export type Sample = Readonly<Record<Metric, number>>;

/** Reads how much processor time the API server has used since its start, in milliseconds. */
export type ServerClock = () => Promise<number>;

const PROBE = new URL('./probe.js', import.meta.url).href;
const ENV = { PATH: process.env['PATH'], HOME: '/nonexistent' };
const NOTHING = { processor: 0, memory: 0, received: 0, requests: 0, writes: 0, rate: 0, server: 0 };

/** Runs a node process to its end. Without a clock, only its time is measured, and no probe is loaded. */
export async function measure(args: readonly string[], clock?: ServerClock): Promise<Sample> {
  // A reading costs the server processor time too: the difference of two readings says how much.
  const [before = 0, start = 0] = [await clock?.(), await clock?.()];
  const began = performance.now();
  const env = clock === undefined ? ENV : { ...ENV, NODE_OPTIONS: `--import=${PROBE}` };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  const [errors, report] = [text(child.stdio[2] as Readable), text(child.stdio[3] as Readable)];
  const [code] = (await once(child, 'exit')) as [number | null];
  const time = performance.now() - began;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${await errors}`);
  if (clock === undefined) return { ...NOTHING, time };
  const server = (await clock()) - start - (start - before);
  return { ...(JSON.parse(await report) as Sample), time, server };
}

/** The median. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  return (at(Math.floor((sorted.length - 1) / 2)) + at(Math.ceil((sorted.length - 1) / 2))) / 2;
}

/** The medians of several runs. For the API server the mean, because it collects its garbage in one run of many. */
export function middle(samples: readonly Sample[], metric: Metric): number {
  const values = samples.map((sample) => sample[metric]);
  if (metric !== 'server') return median(values);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
