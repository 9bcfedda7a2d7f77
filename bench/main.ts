import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../test/support/program.ts';
import * as cases from './cases.ts';
import { CONTEXTS, manyContexts } from './contexts.ts';
import { measure, type Sample, type ServerClock } from './measure.ts';
import { type Cost, LOOP } from './plot.ts';
import { barTable, origin, type Result, resultOf, type Samples, writeDocs } from './report.ts';
import { Scene, SOURCES } from './scene.ts';
import { type Server, startReal, startSimulated } from './servers.ts';

const HELP = `Measures the built program as a whole process against plain clients, over real HTTP.

  npm run bench -- [options]

  --case WORDS   only the cases whose names contain this (repeatable): nothing to do, first sync,
                 changed source, 100,000 copies, other clusters, start,
                 growth (the picture)
  --server NAME  only simulated or real. The real one needs etcd and kube-apiserver in
                 $KUBEBUILDER_ASSETS or /usr/local/kubebuilder/bin.
  --runs N       runs of each contender (default: 3 to 21, by case)
  --scale X      a smaller or larger cluster (default: 1)
  --docs FOLDER  writes performance.svg and the generated section of performance.md there
                 (default: docs if no other option is given)

The picture has a kubectl loop where $KUBECTL or a kubectl on the PATH is there.
`;

const { values } = parseArgs({
  options: {
    case: { type: 'string', multiple: true, default: [''] },
    server: { type: 'string', default: '' },
    runs: { type: 'string' },
    scale: { type: 'string', default: '1' },
    docs: { type: 'string', ...(process.argv.length === 2 && { default: 'docs' }) },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const SIZES = [1, 10, 100, 1000].map(scaled);
const BASELINE = join(ROOT, 'dist/bench/baseline.js');
const folder = await mkdtemp(join(tmpdir(), 'kubed-sync-bench-'));
const results: Result[] = [];
const costs: Cost[] = [];

function isAsked(name: string): boolean {
  return values.case.some((words) => name.includes(words));
}

function scaled(namespaces: number): number {
  return Math.ceil(namespaces * Number(values.scale));
}

/**
 * Runs the contenders of a case in turns, A B, B A, and so on, and prints its rows. Prints nothing if it was not
 * selected.
 */
async function play(one: cases.Case, place?: cases.Place): Promise<Samples> {
  if (!isAsked(one.name)) return {};
  const server = place?.server.name ?? '-';
  process.stderr.write(`${server}: ${one.name}\n`);
  // The case before may have left copies that are out of sync.
  if (place !== undefined) await measure(cases.reconcile(place));
  const samples: Record<string, Sample[]> = {};
  const order = Object.entries(one.contenders);
  for (let round = 0; round < Number(values.runs ?? one.runs); round += 1)
    for (const [name, contender] of round % 2 === 0 ? order : order.toReversed())
      (samples[name] ??= []).push(await runOnce(name, contender, place?.server.clock));
  const own = one.rows.map((row) => resultOf(row, samples, server, one.name));
  if (own.length > 0) process.stdout.write(`\n${barTable(own)}\n`);
  results.push(...own);
  return samples;
}

async function runOnce(name: string, contender: cases.Contender, clock?: ServerClock): Promise<Sample> {
  const { args, job, prepare, writes } = contender;
  await prepare?.();
  const file = join(folder, 'job.json');
  if (job !== undefined) await writeFile(file, JSON.stringify(job()));
  const sample = await measure(args ?? [BASELINE, file], clock);
  if (sample.writes === (writes ?? sample.writes)) return sample;
  throw new Error(`${name} made ${sample.writes} writes, not ${writes}`);
}

function addCosts({ scene }: cases.Place, samples: Samples, server: string): void {
  for (const [who, runs] of Object.entries(samples))
    costs.push({ server, who, copies: scene.copies, samples: runs });
}

/** Loops over a few namespaces. Each namespace costs the same, so larger loops follow from them. */
async function measureLoops(place: cases.Place): Promise<void> {
  const kubectl = process.env['KUBECTL'] ?? 'kubectl';
  if (spawnSync(kubectl, ['version', '--client']).status !== 0) return;
  const looped = Object.entries(await play(await cases.loops(place, kubectl, folder), place));
  const common = { server: place.server.name, who: LOOP };
  for (const [copies, samples] of looped) costs.push({ ...common, copies: Number(copies), samples });
  const [most, samples = []] = looped.at(-1) ?? [];
  for (const copies of SIZES.map((size) => size * SOURCES).filter((size) => size > Number(most)))
    costs.push({ ...common, copies, samples, times: copies / Number(most) });
}

async function measureOn(server: Server, withGrowth: boolean): Promise<void> {
  await using running = server;
  const place = { server: running, scene: new Scene(server.send, { bytes: 2000, helm: true }) };
  for (const size of withGrowth ? new Set(SIZES) : []) {
    await place.scene.grow(size);
    addCosts(place, await play(cases.growth(place), place), server.name);
  }
  await place.scene.grow(scaled(1000));
  for (const make of [cases.nothingToDo, cases.firstSync, cases.changedSource])
    await play(make(place), place);
  if (withGrowth) await measureLoops(place);
}

async function measureMany(server: Server): Promise<void> {
  await using running = server;
  const place = { server: running, scene: new Scene(server.send, { bytes: 200, helm: false }) };
  await place.scene.grow(scaled(10_000));
  addCosts(place, await play(cases.manyCopies(place), place), `${server.name}, small values`);
}

/** A quiet run through many contexts, with a home and another cluster. */
async function measureContexts(): Promise<void> {
  await using home = await startSimulated();
  await using there = await startSimulated();
  const one = await manyContexts({ home, there, folder });
  await measure(one.contenders['20 contexts']?.args ?? []);
  await play(one);
}

/** Runs the cases that need a server on each server. The first one also gives the numbers of the picture. */
async function measureServers(): Promise<void> {
  let withGrowth = isAsked('growth');
  for (const [name, startServer] of Object.entries({ real: startReal, simulated: startSimulated })) {
    const server = name.includes(values.server) ? await startServer() : undefined;
    if (server === undefined) process.stderr.write(`${name}: left out\n`);
    else {
      await measureOn(server, withGrowth);
      withGrowth = false;
    }
  }
}

async function main(): Promise<void> {
  const from = origin();
  process.stdout.write(`${from}\n`);
  await play(cases.start());
  if (['nothing to do', 'first sync', 'changed source', 'growth'].some(isAsked)) await measureServers();
  if (values.server !== 'real' && isAsked(cases.MANY)) await measureMany(await startSimulated());
  if (values.server !== 'real' && isAsked(CONTEXTS)) await measureContexts();
  const missed = results.filter(({ met }) => !met).length;
  process.stdout.write(`\n${results.length} bars, ${missed} missed.\n`);
  if (values.docs !== undefined) await writeDocs(values.docs, from, results, costs);
}

if (values.help) process.stdout.write(HELP);
else await main();
await rm(folder, { recursive: true });
