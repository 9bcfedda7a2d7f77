import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../test/support/program.ts';
import { atMost, type Measure } from './cases.ts';
import { type Result, rowOf } from './play.ts';

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
}

/** What an installation costs: packs the package as `npm publish` would, installs that, and looks at what is there. */
export function measureInstall(folder: string): Result {
  const packed = pack(folder);
  const { packages, dependencies } = install(folder, packed.filename);
  const rows: readonly (readonly [Omit<Measure, 'value'>, number])[] = [
    [{ what: 'download', unit: 'KB', bar: atMost(3000) }, packed.size / 1e3],
    [{ what: 'unpacked', unit: 'KB', bar: atMost(3000) }, packed.unpackedSize / 1e3],
    [{ what: 'packages', unit: '', bar: atMost(1) }, packages],
    [{ what: 'dependencies', unit: '', bar: atMost(0) }, dependencies],
  ];
  return {
    name: 'install',
    program: 'kubed-sync',
    baseline: 'nothing',
    runs: 1,
    rows: rows.map(([measure, value]) => rowOf(measure, [value], [])),
    samples: { program: [], baseline: [] },
  };
}

function pack(folder: string): Packed {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [packed] = JSON.parse(npm(args, ROOT)) as readonly Packed[];
  if (packed === undefined) throw new Error('npm pack made nothing');
  return packed;
}

/** Without a registry: whatever it would take from there is a dependency, and there must be none. */
function install(folder: string, tarball: string): { packages: number; dependencies: number } {
  npm(['install', '--offline', '--no-audit', '--no-fund', '--prefix', folder, join(folder, tarball)], folder);
  const modules = join(folder, 'node_modules');
  const read = (file: string): Record<string, object | undefined> =>
    JSON.parse(readFileSync(join(modules, file), 'utf8')) as Record<string, object | undefined>;
  const { dependencies, optionalDependencies, peerDependencies } = read('kubed-sync/package.json');
  const all = { ...dependencies, ...optionalDependencies, ...peerDependencies };
  const packages = Object.keys(read('.package-lock.json')['packages'] ?? {}).length;
  return { packages, dependencies: Object.keys(all).length };
}

function npm(args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${args[0]}: ${stderr}`);
  return stdout;
}
