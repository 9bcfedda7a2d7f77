import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { PROGRAM } from '../test/support/program.ts';
import { MERGE_PATCH, openClient, type Send } from './client.ts';
import { median } from './measure.ts';
import { HOME, Scene } from './scene.ts';
import { startSimulated } from './servers.ts';

const HELP = `Measures how long a change of a source takes to its copy, with runs every few seconds.

  npm run build && node dist/bench/latency.js [options]

  --namespaces N  how many (default: 1000), each with ten copies that do not change
  --minutes M     how long to change the source (default: 5)
  --url URL       a cluster in which the chart runs with cronJob.every, as "kubectl proxy" serves it.
                  Its objects stay there: use a cluster that you can throw away.
                  Default: the simulated server, and one process a minute without the time that a pod takes to start
`;

const { values } = parseArgs({
  options: {
    namespaces: { type: 'string', default: '1000' },
    minutes: { type: 'string', default: '5' },
    url: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** The options of a pod with `cronJob.every: 10s`. */
const POD = ['--every', '10s', '--timeout', '51s', '--log-format', 'json'];
/** The namespace of the only copy that changes. */
const ONE = 'bench-one';
const LENGTH = Number(values.minutes) * 60_000;
/** The path of that copy, or of its source. */
const pathIn = (namespace: string): string => `/api/v1/namespaces/${namespace}/configmaps/changing`;

/** Ten sources for every namespace, and one for a single namespace: the one that changes. */
async function fill(send: Send): Promise<void> {
  const scene = new Scene(send, { bytes: 2000, helm: false });
  await scene.grow(Number(values.namespaces));
  await scene.createNamespace(ONE, { one: 'yes' });
  const metadata = { name: 'changing', annotations: { 'kubed.appscode.com/sync': 'one=yes' } };
  const path = `/api/v1/namespaces/${HOME}/configmaps`;
  await send('POST', path, { body: JSON.stringify({ metadata, data: { value: '' } }) });
}

/** The value of the copy, or undefined if there is none. */
async function read(send: Send): Promise<string | undefined> {
  const answer = await send('GET', pathIn(ONE)).catch(() => undefined);
  if (answer === undefined) return undefined;
  return (JSON.parse(answer.body.toString()) as { data: { value: string } }).data.value;
}

/** Gives the source a value, and returns the milliseconds until the copy has it. */
async function change(send: Send, value: string): Promise<number> {
  const body = JSON.stringify({ data: { value } });
  const began = performance.now();
  await send('PATCH', pathIn(HOME), { contentType: MERGE_PATCH, body });
  while ((await read(send)) !== value) await sleep(50);
  return performance.now() - began;
}

async function run(kubeconfig: string, ...options: readonly string[]): Promise<void> {
  const args = [PROGRAM, 'reconcile', '--kubeconfig', kubeconfig, '--source-namespace', HOME];
  await once(spawn(process.execPath, [...args, ...options], { stdio: 'ignore' }), 'close');
}

/** One process after the other, at each minute, until the end and one more: the last change waits for it. */
async function schedule(kubeconfig: string, end: number): Promise<void> {
  for (let due = Date.now(); due < end + 60_000; due += 60_000) {
    await sleep(Math.max(0, due - Date.now()));
    await run(kubeconfig, ...POD);
  }
}

/** Changes the source at random times until the end. */
async function changes(send: Send, end: number): Promise<readonly number[]> {
  const taken: number[] = [];
  while (Date.now() < end) {
    await sleep(1000 + Math.random() * 6000);
    taken.push(await change(send, String(taken.length)));
  }
  return taken.toSorted((a, b) => a - b);
}

function print(taken: readonly number[]): void {
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  const within = (share: number): string => seconds(taken[Math.ceil(share * taken.length) - 1] ?? 0);
  const longest = `90 % within ${within(0.9)}, longest ${within(1)}`;
  console.log(`${taken.length} changes: median ${seconds(median(taken))}, ${longest}`);
  console.log(`${cpus().length} processors, load ${loadavg()[0]?.toFixed(1)} at the end`);
}

async function measureSimulated(): Promise<readonly number[]> {
  await using server = await startSimulated();
  await fill(server.send);
  await run(server.kubeconfig);
  const end = Date.now() + LENGTH;
  const [taken] = await Promise.all([changes(server.send, end), schedule(server.kubeconfig, end)]);
  return taken;
}

async function measureChart(url: string): Promise<readonly number[]> {
  const { send, agent } = await openClient({ url });
  await fill(send);
  while ((await read(send)) === undefined) await sleep(1000);
  // The first run wrote all copies. The pause after it is ten times as long.
  await sleep(60_000);
  const taken = await changes(send, Date.now() + LENGTH);
  agent.destroy();
  return taken;
}

if (values.help) console.log(HELP);
else print(await (values.url === undefined ? measureSimulated() : measureChart(values.url)));
