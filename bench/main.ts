import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PROGRAM } from '../test/support/program.ts';
import { type Bench, casesOf } from './cases.ts';
import { openClient, targetOf } from './client.ts';
import { describeMachine, machineText } from './machine.ts';
import { measure } from './measure.ts';
import { play, type Result } from './play.ts';
import { Scene, type Size } from './scene.ts';
import { type Server, SERVERS } from './servers.ts';
import { tableOf } from './table.ts';

const HELP = `Measures the built program as a whole process against plain clients, over real HTTP.

  npm run bench -- [options]

  --server NAME   simulated or real (repeatable; default: both). The real one is started from etcd and
                  kube-apiserver in $KUBEBUILDER_ASSETS or /usr/local/kubebuilder/bin, where they are.
  --case WORDS    only the cases whose names contain this (repeatable)
  --runs N        runs of each side (default: 3 to 9, by case)
  --scale X       a smaller or larger cluster (default: 1)
  --concurrency N writes at a time (default: 16)
  --json          all samples, for machines
`;

const { values } = parseArgs({
  options: {
    server: { type: 'string', multiple: true, default: Object.keys(SERVERS) },
    case: { type: 'string', multiple: true, default: [''] },
    runs: { type: 'string' },
    scale: { type: 'string', default: '1' },
    concurrency: { type: 'string', default: '16' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

function sizeOf(scale: number): Size {
  return {
    namespaces: Math.round(1000 * scale),
    sources: 10,
    bytes: 2000,
    helmSecrets: Math.round(2000 * scale),
    helmBytes: 50_000,
  };
}

/** Prints a result as soon as it is there, but for a document, which is printed at the end. */
function show(server: string, result: Result): void {
  if (!values.json) process.stdout.write(`${server}, ${tableOf(result)}\n`);
}

async function measureOn(name: string, server: Server, folder: string): Promise<readonly Result[]> {
  const target = targetOf(server.kubeconfig);
  const client = await openClient(target, 64);
  const scene = new Scene(client, sizeOf(Number(values.scale)));
  const { concurrency } = values;
  const args = ['--kubeconfig', server.kubeconfig, '--concurrency', concurrency];
  const bench: Bench = {
    scene,
    target,
    program: PROGRAM,
    reconcile: [PROGRAM, 'reconcile', ...args],
    concurrency: Number(concurrency),
  };
  note(`${name}: building a cluster of ${scene.size.namespaces} namespaces`);
  await scene.build();
  const results: Result[] = [];
  for (const one of casesOf(bench)) {
    if (!values.case.some((words) => one.name.includes(words))) continue;
    note(`${name}: ${one.name}`);
    await measure(bench.reconcile);
    const result = await play(one, folder, values.runs === undefined ? undefined : Number(values.runs));
    results.push(result);
    show(name, result);
  }
  client.close();
  return results;
}

async function main(): Promise<void> {
  const machine = describeMachine();
  if (!values.json) process.stdout.write(`${machineText(machine)}\n\n`);
  const folder = await mkdtemp(join(tmpdir(), 'kubed-sync-bench-'));
  const servers: Record<string, readonly Result[]> = {};
  for (const name of values.server) {
    const server = await SERVERS[name]?.();
    if (server === undefined) {
      note(`${name}: not at hand`);
      continue;
    }
    await using _ = server;
    servers[name] = await measureOn(name, server, folder);
  }
  await rm(folder, { recursive: true });
  const size = sizeOf(Number(values.scale));
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, size, servers }, undefined, 2)}\n`);
}

if (values.help) process.stdout.write(HELP);
else await main();
