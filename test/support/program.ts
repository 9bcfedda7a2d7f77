import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root folder of the repository, relative to the compiled tests. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** The program as it is published: the bin script and the bundle. */
export const PROGRAM = join(ROOT, 'bin', 'kubed-sync.js');

/** The result of a finished program. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run the program, in addition to its arguments. */
export interface RunSettings {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The content of stdin. */
  readonly input?: string;
  /** Sent after the program wrote something to stderr, or after so many milliseconds. */
  readonly signal?: { readonly name: NodeJS.Signals; readonly after: number };
}

/** Runs the built program to its end. Its environment has only PATH and what is given here. */
export async function kubedSync(
  args: readonly string[],
  { env = {}, signal, input }: RunSettings = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env },
    stdio: 'pipe',
  });
  child.stdin.on('error', () => undefined).end(input);
  const timer = signal && setTimeout(() => child.kill(signal.name), signal.after);
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}
