import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { ROOT, type Ran } from './program.ts';

/*
 * The image without a builder and without a download. It has the files that the last stage of the Dockerfile copies, on
 * a base with the Node.js of this machine. It starts as a kubelet starts it: as process 1, as user 65532, with nothing
 * writable, and with the files of a service account. It needs root on Linux, for its own namespaces.
 */

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** The instructions of each stage of the Dockerfile, with continued lines joined. */
function stages(): readonly (readonly Instruction[])[] {
  const text = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '');
  return text.split(/^(?=FROM )/m).map((stage) =>
    stage.split('\n').flatMap((line) => {
      const [name = '', ...rest] = line.split(' ');
      return name === '' ? [] : [{ name, rest: rest.join(' ') }];
    }),
  );
}

/** The instructions of the last stage, which is the image. */
export function lastStage(): readonly Instruction[] {
  return stages().at(-1) ?? [];
}

/** The instructions of the stage that fills the compile cache of Node.js. */
function cacheStage(): readonly Instruction[] {
  return stages().find(([from]) => from?.rest.endsWith(' AS cache')) ?? [];
}

/** The arguments of an instruction in the last stage, or in another one. */
export function instruction(wanted: string, stage = lastStage()): string {
  return stage.find(({ name }) => name === wanted)?.rest ?? '';
}

/** The files and folders of the image that come from this repository: target and origin of each. */
export function filesOfImage(): ReadonlyMap<string, string> {
  return new Map(
    lastStage()
      .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from=cache '))
      .flatMap(({ rest }) => {
        const words = rest.split(' ').filter((word) => !word.startsWith('--'));
        const target = words.at(-1) ?? '';
        return words
          .slice(0, -1)
          .map((from): [string, string] => [
            target.endsWith('/') ? target + posix.basename(from) : target,
            join(ROOT, from.replace(/^\/src\//, '')),
          ]);
      }),
  );
}

/** The environment variables of a stage. */
function environmentOf(stage: readonly Instruction[]): Record<string, string> {
  const words = instruction('ENV', stage)
    .split(' ')
    .map((word) => word.split('=', 2) as [string, string]);
  return Object.fromEntries(words);
}

/** Why the image cannot be imitated here, or false. */
export function cannotImitate(): string | false {
  if (process.platform !== 'linux') return 'it needs namespaces of Linux';
  if (process.getuid?.() !== 0) return 'it needs root, to change the root directory and the user';
  const { status } = spawnSync('unshare', ['--mount', '--pid', '--fork', 'chroot', '/', '/bin/true']);
  return status === 0 ? false : 'it needs unshare and chroot, and a machine that allows them';
}

/** What a kubelet gives to a pod with a service account. */
export interface ServiceAccount {
  readonly token: string;
  readonly ca: string;
}

const NONROOT = 65_532;

/** A container that can be started again and again. */
export class Container {
  readonly #root = mkdtempSync(join(tmpdir(), 'kubed-sync-image-'));

  constructor(account: ServiceAccount) {
    chmodSync(this.#root, 0o755);
    this.#base();
    for (const [to, from] of filesOfImage()) this.#put(to, from);
    this.#fillCache();
    const folder = join(this.#root, 'var/run/secrets/kubernetes.io/serviceaccount');
    mkdirSync(folder, { recursive: true });
    const files = { token: account.token, 'ca.crt': account.ca, namespace: 'kubed-sync' };
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      chownSync(join(folder, name), NONROOT, NONROOT);
    }
  }

  /** Node.js at its path in distroless, and its shared libraries. */
  #base(): void {
    this.#put('/nodejs/bin/node', process.execPath);
    const { stdout } = spawnSync('ldd', [process.execPath], { encoding: 'utf8' });
    for (const [library] of stdout.matchAll(/\/\S+/g)) this.#put(library, realpathSync(library));
    for (const folder of ['proc', 'tmp']) mkdirSync(join(this.#root, folder));
  }

  /** Does what the stage `cache` does: a run that may write to /tmp, and a read-only copy of the result. */
  #fillCache(): void {
    const [tmp, cache] = [join(this.#root, 'tmp'), join(this.#root, 'app/cache')];
    chmodSync(tmp, 0o1777);
    const stage = cacheStage();
    this.#put('/cache-run.yaml', join(ROOT, 'scripts', 'cache-run.yaml'));
    const words: readonly string[] = JSON.parse(instruction('RUN', stage));
    const { status, stderr } = spawnSync('unshare', this.#unshared(words, stage, 'writable'), {
      env: { PATH: process.env['PATH'], ...environmentOf(stage) },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`the build of the image fails: ${stderr}`);
    cpSync(tmp, cache, { recursive: true });
    spawnSync('chmod', ['-R', '0755', cache]);
    rmSync(tmp, { recursive: true });
    rmSync(join(this.#root, 'cache-run.yaml'));
    mkdirSync(tmp);
  }

  /** The arguments of `unshare`: start this command as process 1, as the user of a stage. */
  #unshared(
    words: readonly string[],
    stage: readonly Instruction[],
    root: 'writable' | 'read-only',
  ): string[] {
    const user = instruction('USER', stage);
    const script = [
      'mount --bind "$0" "$0"',
      'mount -t proc proc "$0/proc"',
      ...(root === 'read-only' ? ['mount -o remount,bind,ro "$0"'] : []),
      `exec chroot --userspec=${user} --groups=${user.replace(/.*:/, '')} "$0" "$@"`,
    ].join(' && ');
    return ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', script, this.#root, ...words];
  }

  #put(to: string, from: string): void {
    const place = join(this.#root, to);
    mkdirSync(dirname(place), { recursive: true });
    cpSync(from, place, { recursive: true, dereference: true });
  }

  /** Starts this command as process 1, in the environment of the image and with these variables. */
  start(words: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
    return spawn('unshare', this.#unshared(words, lastStage(), 'read-only'), {
      env: { PATH: process.env['PATH'], ...environmentOf(lastStage()), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Runs the entrypoint of the image with these arguments to its end. */
  run(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    terminate?: Promise<void>,
  ): Promise<Ran> {
    const entrypoint: readonly string[] = JSON.parse(instruction('ENTRYPOINT'));
    return this.exec([...entrypoint, ...args], env, terminate);
  }

  /** Runs a command to its end. Sends SIGTERM when the promise resolves. */
  async exec(
    words: readonly string[],
    env: Readonly<Record<string, string>>,
    terminate?: Promise<void>,
  ): Promise<Ran> {
    const child = this.start(words, env);
    void terminate?.then(() => process.kill(firstChildOf(child.pid ?? 0), 'SIGTERM'));
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
  }

  /** Removes the root directory. Its mounts ended with the processes. */
  [Symbol.dispose](): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** `unshare` waits for process 1 of its namespace, which is its only child. */
function firstChildOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}

/** Copies the files of the image to a folder, to run the program without the rest of the repository. */
export function unpackImage(folder: string): string {
  for (const [to, from] of filesOfImage()) cpSync(from, join(folder, to), { recursive: true });
  return join(folder, 'app', 'bin', 'kubed-sync.js');
}
