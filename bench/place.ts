import { join } from 'node:path';
import { PROGRAM } from '../test/support/program.ts';
import type { Kubectl } from './baseline.ts';
import type { Bench } from './cases.ts';
import { openClient, targetOf } from './client.ts';
import { findProgram } from './measure.ts';
import { Scene, type Size } from './scene.ts';
import type { Server } from './servers.ts';

/** A server with a cluster on it, and the program pointed at it. */
export interface Place extends AsyncDisposable {
  readonly bench: Bench;
}

/** Builds a cluster of this size on a server, and takes the server along when it goes. */
export async function openPlace(
  server: Server,
  size: Size,
  concurrency: string,
  folder: string,
): Promise<Place> {
  const { kubeconfig } = server;
  const target = targetOf(kubeconfig);
  const client = await openClient(target, 64);
  const scene = new Scene(client, size);
  await scene.build();
  const args = ['--kubeconfig', kubeconfig, '--concurrency', concurrency];
  const bench: Bench = {
    scene,
    target,
    program: PROGRAM,
    reconcile: [PROGRAM, 'reconcile', ...args],
    concurrency: Number(concurrency),
    kubectl: findKubectl(kubeconfig, folder),
  };
  const dispose = async (): Promise<void> => {
    client.close();
    await server[Symbol.asyncDispose]();
  };
  return { bench, [Symbol.asyncDispose]: dispose };
}

/** With a cache of its own, as on a machine where it is in use. */
function findKubectl(kubeconfig: string, folder: string): Kubectl | undefined {
  const path = process.env['KUBECTL'] ?? findProgram('kubectl');
  const args = ['--kubeconfig', kubeconfig, '--cache-dir', join(folder, 'kubectl')];
  return path === undefined ? undefined : { path, args };
}
