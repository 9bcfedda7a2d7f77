import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ApiServer } from '../test/support/apiserver.ts';
import { PROGRAM } from '../test/support/program.ts';

const HELP = `Measures how long a change of a source takes to its copy with --every, on the simulated server.

  npm run build && node dist/bench/latency.js [options]

  --namespaces N  how many (default: 1000), each with ten copies that do not change
  --minutes N     so many pods, one a minute (default: 5)
  --pod-start S   seconds from the minute to the start of the program (default: 0)
`;

const { values } = parseArgs({
  options: {
    namespaces: { type: 'string', default: '1000' },
    minutes: { type: 'string', default: '5' },
    'pod-start': { type: 'string', default: '0' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** The options of a pod with `cronJob.every: 10s`. */
const POD = ['--every', '10s', '--timeout', '51s', '--log-format', 'json'];
const SYNC = 'kubed.appscode.com/sync';

/** Ten sources for every namespace, and one for a single namespace: the one that changes. */
function fill(server: ApiServer, count: number): void {
  for (let at = 0; at < count; at += 1) server.namespace(`team-${at}`, at === 0 ? { one: 'yes' } : {});
  server.namespace('platform');
  for (let at = 0; at < 10; at += 1)
    source(server, at % 2 === 0 ? 'ConfigMap' : 'Secret', `every-${at}`, '', 'x'.repeat(2000));
  source(server, 'ConfigMap', 'changing', 'one=yes', '0');
  server.resetRequests();
}

function source(
  server: ApiServer,
  kind: 'ConfigMap' | 'Secret',
  name: string,
  selector: string,
  value: string,
): void {
  const metadata = { name, namespace: 'platform', annotations: { [SYNC]: selector } };
  const resource = kind === 'Secret' ? 'secrets' : 'configmaps';
  server.create(resource, { apiVersion: 'v1', kind, metadata, data: { value } });
}

async function run(kubeconfig: string, ...options: readonly string[]): Promise<void> {
  const args = [PROGRAM, 'reconcile', '--kubeconfig', kubeconfig, '--source-namespace', 'platform'];
  await once(spawn(process.execPath, [...args, ...options], { stdio: 'ignore' }), 'close');
}

/** One pod after the other, at each minute. */
async function schedule(kubeconfig: string): Promise<void> {
  const began = Date.now();
  for (let minute = 0; minute < Number(values.minutes); minute += 1) {
    const due = began + minute * 60_000 + Number(values['pod-start']) * 1000;
    await sleep(Math.max(0, due - Date.now()));
    await run(kubeconfig, ...POD);
  }
}

/** Changes the source at random times until the end. Returns the milliseconds that each change took to its copy. */
async function changes(server: ApiServer, end: AbortSignal): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let value = 1; !end.aborted; value += 1) {
    await sleep(1000 + Math.random() * 6000);
    const began = performance.now();
    server.patch('configmaps', 'platform', 'changing', { data: { value: String(value) } });
    const isThere = (): boolean =>
      server.store.get('configmaps', 'team-0', 'changing')?.data?.['value'] === String(value);
    while (!end.aborted && !isThere()) await sleep(5);
    if (isThere()) taken.push(performance.now() - began);
  }
  return taken.toSorted((a, b) => a - b);
}

function print(taken: readonly number[], server: ApiServer): void {
  const at = (share: number): string =>
    `${((taken[Math.ceil(share * taken.length) - 1] ?? 0) / 1000).toFixed(1)} s`;
  const { list, bytesOut } = server.counts();
  const load = loadavg()[0]?.toFixed(1);
  console.log(`${taken.length} changes: median ${at(0.5)}, 90 % within ${at(0.9)}, longest ${at(1)}`);
  console.log(`${list} lists, ${Math.round(bytesOut / 1000)} KB, in ${values.minutes} minutes`);
  console.log(`${cpus().length} processors, load ${load} at the end`);
}

async function main(): Promise<void> {
  if (values.help) return console.log(HELP);
  const folder = await mkdtemp(join(tmpdir(), 'kubed-sync-latency-'));
  await using server = await ApiServer.start({ logLimit: 0 });
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, server.kubeconfig());
  fill(server, Number(values.namespaces));
  await run(kubeconfig);
  server.resetRequests();
  const end = new AbortController();
  const taken = changes(server, end.signal);
  await schedule(kubeconfig);
  end.abort();
  print(await taken, server);
  await rm(folder, { recursive: true });
}

await main();
