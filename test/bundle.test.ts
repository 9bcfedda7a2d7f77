import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
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

function textOf(name: string): string {
  return readFileSync(new URL(`lib/${name}`, root), 'utf8');
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

test('the bundle requires only what Node has, and its own files', () => {
  for (const file of ['kubed-sync.cjs', 'engine.cjs', 'rarely-needed.cjs']) {
    const names = [...textOf(file).matchAll(/\brequire\(["']([^"']+)["']\)/g)].map(([, name = '']) => name);
    assert.ok(names.length > 3, file);
    for (const name of names) {
      const isOurs = ['./engine.cjs', './rarely-needed.cjs'].includes(name);
      assert.ok(isOurs || builtinModules.includes(name.replace(/^node:/, '')), name);
    }
  }
});

test('what does not run does not load client-node', () => {
  const isIn = (name: string): boolean => textOf(name).includes('current-context');
  assert.deepEqual([isIn('kubed-sync.cjs'), isIn('engine.cjs')], [false, true]);
  for (const line of [['--version'], ['--help'], ['reconcile', '--help'], ['reconcile', '--nonsense']]) {
    const { stderr } = ran(line, { NODE_DEBUG: 'module' });
    assert.ok(stderr.includes('MODULE'), 'the trace is on');
    assert.ok(!stderr.includes('engine.cjs'), line.join(' '));
  }
  assert.ok(
    ran(['reconcile', '--kubeconfig', '/none'], { NODE_DEBUG: 'module' }).stderr.includes('engine.cjs'),
  );
});

test('a run does not load what few runs need', () => {
  const { stderr } = ran(['reconcile', '--kubeconfig', '/none'], { NODE_DEBUG: 'module' });
  assert.ok(stderr.includes('engine.cjs'));
  assert.ok(!stderr.includes('rarely-needed.cjs'));
});

test('the licences of what is bundled travel with it', () => {
  const text = textOf('THIRD-PARTY-LICENSES.txt');
  for (const name of ['@kubernetes/client-node', 'chalk', 'commander', 'js-yaml']) {
    assert.match(text, new RegExp(`^${name} [0-9.]+ \\(`, 'm'));
  }
});

test('what few runs need is in a file of its own, and works', () => {
  const load = createRequire(import.meta.url);
  const rarely = load(new URL('lib/rarely-needed.cjs', root).pathname) as Record<string, () => object>;
  assert.deepEqual(Object.keys(rarely), ['jsonpath-plus', 'openid-client', 'socks', 'socks-proxy-agent']);
  for (const loaded of Object.values(rarely)) assert.ok(Object.keys(loaded()).length > 0);
  const text = textOf('kubed-sync.cjs') + textOf('engine.cjs');
  for (const word of ['authorization_endpoint', 'invalid Socks5 initial handshake'])
    assert.ok(!text.includes(word), word);
});
