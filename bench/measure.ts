import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Probe } from './probe.ts';

/** One run of one process. */
export interface Sample extends Probe {
  /** From its start to its end, in milliseconds. */
  readonly wall: number;
}

const PROBE = new URL('./probe.js', import.meta.url).href;

/** What a measured process finds: nothing of whoever measures it. */
const ENV = { PATH: process.env['PATH'], HOME: '/nonexistent' };

const NOTHING: Probe = { requests: {}, writing: 0, bytes: 0, cpu: 0, memory: 0 };

/** Runs a node process from start to end and measures it, if `bare` its time alone; one that fails ends the benchmark. */
export async function measure(args: readonly string[], bare = false): Promise<Sample> {
  const began = performance.now();
  const child = spawn(process.execPath, args, {
    env: bare ? ENV : { ...ENV, NODE_OPTIONS: `--import=${PROBE}` },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const [complaints, report] = [collect(child.stdio[2] as Readable), collect(child.stdio[3] as Readable)];
  const [code] = (await once(child, 'exit')) as [number | null];
  const wall = performance.now() - began;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${await complaints}`);
  return { wall, ...(bare ? NOTHING : (JSON.parse(await report) as Probe)) };
}

/**
 * Counts the instructions of a process, of all its threads, in millions: they hardly depend on how busy the machine is.
 * Undefined where there is no valgrind.
 */
export async function countInstructions(args: readonly string[]): Promise<number | undefined> {
  const valgrind = findProgram('valgrind');
  if (valgrind === undefined) return undefined;
  const under = ['--tool=callgrind', '--callgrind-out-file=/dev/null', process.execPath, ...args];
  const child = spawn(valgrind, under, { env: ENV, stdio: ['ignore', 'ignore', 'pipe'] });
  const said = collect(child.stderr);
  const [code] = (await once(child, 'exit')) as [number | null];
  const [, collected] = /Collected : (\d+)/.exec(await said) ?? [];
  if (code !== 0 || collected === undefined) throw new Error(`valgrind ended with ${code}: ${await said}`);
  return Number(collected) / 1e6;
}

/** A program by its name on the PATH. */
export function findProgram(name: string): string | undefined {
  const places = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));
  return places.find((place) => existsSync(place));
}

async function collect(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
