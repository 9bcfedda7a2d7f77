import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { test } from 'node:test';
import { version } from '../src/cli/version.ts';

const root = new URL('../../', import.meta.url);
const BIN = new URL('bin/kubed-sync.js', root).pathname;

function ran(
  line: readonly string[],
  env: NodeJS.ProcessEnv = {},
): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...line], { encoding: 'utf8', env });
  return { code: status, stdout, stderr };
}

test('the bundle runs and has the version of the package', () => {
  assert.deepEqual(ran(['--version']), { code: 0, stdout: `${version()}\n`, stderr: '' });
  assert.deepEqual(ran(['reconcile', '--frobnicate']).code, 2);
});

test('the bundle loads the engine', () => {
  const { code, stdout, stderr } = ran(['reconcile', '--kubeconfig', '/nonexistent/config']);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /^kubed-sync: [^\n]*\/nonexistent\/config[^\n]*\n$/);
});

test('the bundle imports only what Node has', () => {
  const text = readFileSync(new URL('lib/kubed-sync.js', root), 'utf8');
  const names = [...text.matchAll(/(?:^|[;}])import[^'"();]*from\s*["']([^"']+)["']/g)].map(
    ([, name = '']) => name,
  );
  assert.ok(names.length > 0);
  for (const name of names) assert.ok(builtinModules.includes(name.replace(/^node:/, '')), name);
});

test('the licences of what is bundled travel with it', () => {
  const text = readFileSync(new URL('lib/THIRD-PARTY-LICENSES.txt', root), 'utf8');
  for (const name of ['@kubernetes/client-node', 'chalk', 'commander', 'js-yaml']) {
    assert.match(text, new RegExp(`^${name} [0-9.]+ \\(`, 'm'));
  }
});
