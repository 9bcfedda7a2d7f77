import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { Probe } from './probe.ts';

/** One run of one process. */
export interface Sample extends Probe {
  /** From its start to its end, in milliseconds. */
  readonly wall: number;
}

const PROBE = new URL('./probe.js', import.meta.url).href;

const NOTHING: Probe = { requests: {}, writing: 0, bytes: 0, cpu: 0, memory: 0 };

/** Runs a node process from start to end and measures it, if `bare` its time alone; one that fails ends the benchmark. */
export async function measure(args: readonly string[], bare = false): Promise<Sample> {
  const env = { PATH: process.env['PATH'], HOME: '/nonexistent' };
  const began = performance.now();
  const child = spawn(process.execPath, args, {
    env: bare ? env : { ...env, NODE_OPTIONS: `--import=${PROBE}` },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const [complaints, report] = [collect(child.stdio[2] as Readable), collect(child.stdio[3] as Readable)];
  const [code] = (await once(child, 'exit')) as [number | null];
  const wall = performance.now() - began;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${await complaints}`);
  return { wall, ...(bare ? NOTHING : (JSON.parse(await report) as Probe)) };
}

async function collect(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
