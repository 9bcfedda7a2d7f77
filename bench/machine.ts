import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { PROGRAM } from '../test/support/program.ts';

/** Where the numbers come from. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memory: number;
  readonly system: string;
  readonly node: string;
  readonly program: string;
  /** Before the start: what is above 0 is other people's work. */
  readonly load: number;
}

/** Describes this machine as it is now. */
export function describeMachine(): Machine {
  const file = new URL('../package.json', `file://${PROGRAM}`);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memory: totalmem(),
    system: `${type()} ${release()}`,
    node: process.version,
    program: version,
    load: loadavg()[0] ?? 0,
  };
}

/** One line of it. */
export function machineText({ processor, cores, memory, system, node, program, load }: Machine): string {
  const gigabytes = (memory / 1e9).toFixed(1);
  return `kubed-sync ${program}, node ${node}, ${cores} x ${processor}, ${gigabytes} GB, ${system}, load ${load.toFixed(1)}`;
}
