import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Case, casesOf } from './cases.ts';
import { GROWTHS, type Growth } from './growth.ts';
import { measureInstall } from './install.ts';
import { describeMachine, machineText } from './machine.ts';
import { markdownOf } from './markdown.ts';
import { findProgram, measure } from './measure.ts';
import { openPlace } from './place.ts';
import { play, playInstructions, type Result } from './play.ts';
import type { Size } from './scene.ts';
import { type Server, SERVERS, startSimulated } from './servers.ts';
import { tableOf } from './table.ts';

const HELP = `Measures the built program as a whole process against plain clients, over real HTTP.

  npm run bench -- [options]

  --server NAME   simulated or real (repeatable; default: both). The real one is started from etcd and
                  kube-apiserver in $KUBEBUILDER_ASSETS or /usr/local/kubebuilder/bin, where they are.
  --case WORDS    only the cases whose names contain this (repeatable)
  --instructions  also count instructions, where valgrind is on the PATH: some minutes more
  --runs N        runs of each side (default: 3 to 11, by case)
  --scale X       a smaller or larger cluster (default: 1)
  --concurrency N writes at a time (default: 16)
  --markdown      the tables as the block that docs/performance.md has
  --json          all samples, for machines

A loop of kubectl is measured with $KUBECTL or the kubectl on the PATH, where there is one.
`;

const { values } = parseArgs({
  options: {
    server: { type: 'string', multiple: true, default: Object.keys(SERVERS) },
    case: { type: 'string', multiple: true, default: [''] },
    instructions: { type: 'boolean', default: false },
    runs: { type: 'string' },
    scale: { type: 'string', default: '1' },
    concurrency: { type: 'string', default: '16' },
    markdown: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const asDocument = values.json || values.markdown;

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

function isAsked(name: string): boolean {
  return values.case.some((words) => name.includes(words));
}

/** Prints a result as soon as it is there, but for a document, which is printed at the end. */
function show(server: string, result: Result): Result {
  if (!asDocument) process.stdout.write(`${server}, ${tableOf(result)}\n`);
  return result;
}

async function playOn(name: string, one: Case, folder: string): Promise<Result> {
  note(`${name}: ${one.name}`);
  const result = await play(one, folder, values.runs === undefined ? undefined : Number(values.runs));
  const counted = values.instructions ? await playInstructions(one, folder) : [];
  return show(name, { ...result, rows: [...result.rows, ...counted] });
}

async function measureOn(name: string, server: Server, folder: string): Promise<readonly Result[]> {
  const size = sizeOf(Number(values.scale));
  note(`${name}: building a cluster of ${size.namespaces} namespaces`);
  await using place = await openPlace(server, size, values.concurrency, folder);
  const { bench } = place;
  if (bench.kubectl === undefined) note(`${name}: no kubectl: its loop is left out`);
  const results: Result[] = [];
  for (const one of casesOf(bench)) {
    if (!isAsked(one.name)) continue;
    await measure(bench.reconcile);
    results.push(await playOn(name, one, folder));
  }
  return results;
}

/** On two servers of the simulated kind, since both clusters are there at a time. */
async function measureGrowth(growth: Growth, folder: string): Promise<Result> {
  const open = async (size: Size): ReturnType<typeof openPlace> => {
    const server = await startSimulated(...(growth.inOrder ? ['--still-clock'] : []));
    return openPlace(server, size, growth.inOrder ? '1' : values.concurrency, folder);
  };
  note(`simulated: building the clusters of: ${growth.name}`);
  await using place = await open(growth.size);
  await using smaller = await open(growth.smaller);
  for (const { bench } of [place, smaller]) await measure(bench.reconcile);
  // Awaited here, before the servers go.
  return await playOn('simulated', growth.caseOf(place.bench, smaller.bench), folder);
}

async function measureAll(folder: string): Promise<Record<string, readonly Result[]>> {
  const servers: Record<string, readonly Result[]> = {};
  for (const name of values.server) {
    const server = await SERVERS[name]?.();
    if (server === undefined) note(`${name}: not at hand`);
    else servers[name] = await measureOn(name, server, folder);
  }
  const own: Result[] = [];
  if (values.server.includes('simulated'))
    for (const growth of GROWTHS) if (isAsked(growth.name)) own.push(await measureGrowth(growth, folder));
  if (own.length > 0) servers['simulated'] = [...(servers['simulated'] ?? []), ...own];
  if (isAsked('install')) servers['no'] = [show('no server', measureInstall(folder))];
  return servers;
}

async function main(): Promise<void> {
  const machine = describeMachine();
  if (!asDocument) process.stdout.write(`${machineText(machine)}\n\n`);
  if (values.instructions && findProgram('valgrind') === undefined)
    note('no valgrind: instructions are left out');
  const folder = await mkdtemp(join(tmpdir(), 'kubed-sync-bench-'));
  const servers = await measureAll(folder);
  await rm(folder, { recursive: true });
  const size = sizeOf(Number(values.scale));
  const command = ['npm run bench --', ...process.argv.slice(2)].join(' ');
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, size, servers }, undefined, 2)}\n`);
  else if (values.markdown) process.stdout.write(markdownOf(machine, servers, command));
}

if (values.help) process.stdout.write(HELP);
else await main();
