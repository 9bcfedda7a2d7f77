import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type ControlPlane, findBinaries, startControlPlane } from '../test/support/control-plane.ts';
import { ROOT } from '../test/support/program.ts';
import { openClient, type Send, type Target, targetOf } from './client.ts';
import type { ServerClock } from './measure.ts';

/** A running API server in its own process. */
export interface Server extends ControlPlane {
  /** `simulated`, or the version of the real one. */
  readonly name: string;
  readonly isReal: boolean;
  readonly target: Target;
  readonly send: Send;
  readonly clock: ServerClock;
}

const SIMULATED = join(ROOT, 'dist/test/support/apiserver/main.js');

/** Starts the simulated API server. It gets more memory, because it holds a whole cluster. */
export async function startSimulated(): Promise<Server> {
  const args = ['--max-old-space-size=6144', SIMULATED];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  const folder = await mkdtemp(join(tmpdir(), 'kubed-sync-bench-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, await (await fetch(`${url}/_sim/kubeconfig`)).text());
  const dispose = async (): Promise<void> => {
    child.kill();
    await rm(folder, { recursive: true });
  };
  return open({ kubeconfig, [Symbol.asyncDispose]: dispose }, '/_sim/metrics', () => 'simulated');
}

/** Starts a real API server. Returns undefined if its binaries are missing. */
export async function startReal(): Promise<Server | undefined> {
  const binaries = findBinaries();
  if (binaries === undefined) return undefined;
  return open(await startControlPlane(binaries), '/metrics', (version) => `Kubernetes ${version}`);
}

async function open(
  plane: ControlPlane,
  metrics: string,
  nameOf: (version: string) => string,
): Promise<Server> {
  const target = targetOf(plane.kubeconfig);
  const { send, agent } = await openClient(target);
  const version = JSON.parse((await send('GET', '/version')).body.toString()) as { gitVersion: string };
  const clock = async (): Promise<number> => {
    const { body } = await send('GET', metrics, { accept: 'text/plain' });
    return Number(/^process_cpu_seconds_total (\S+)/m.exec(body.toString())?.[1]) * 1000;
  };
  const dispose = async (): Promise<void> => {
    agent.destroy();
    await plane[Symbol.asyncDispose]();
  };
  const name = nameOf(version.gitVersion);
  return {
    ...plane,
    name,
    isReal: name !== 'simulated',
    target,
    send,
    clock,
    [Symbol.asyncDispose]: dispose,
  };
}
