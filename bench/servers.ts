import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type ControlPlane, findBinaries, startControlPlane } from '../test/support/control-plane.ts';

/** An API server in processes of its own. */
export type Server = ControlPlane;

/** What can be measured against, and how to start it; undefined where it is not at hand. */
export const SERVERS: Readonly<Record<string, () => Promise<Server | undefined>>> = {
  simulated: () => startSimulated(),
  real: async () => {
    const binaries = findBinaries();
    return binaries === undefined ? undefined : startControlPlane(binaries);
  },
};

const MAIN = fileURLToPath(new URL('../test/support/apiserver/main.js', import.meta.url));

/** The simulated API server. It is given memory, since it holds a whole cluster. */
export async function startSimulated(...flags: readonly string[]): Promise<Server> {
  const child = spawn(process.execPath, ['--max-old-space-size=4096', MAIN, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  const folder = await mkdtemp(join(tmpdir(), 'kubed-sync-bench-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, await (await fetch(`${url}/_sim/kubeconfig`)).text());
  return {
    kubeconfig,
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await rm(folder, { recursive: true });
    },
  };
}
