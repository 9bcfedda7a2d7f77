import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import Module, { builtinModules, createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Script } from 'node:vm';
import { version } from '../src/cli/version.ts';

const root = new URL('../../', import.meta.url);
const BIN = new URL('bin/kubed-sync.js', root).pathname;

function ran(
  line: readonly string[],
  env: NodeJS.ProcessEnv = {},
  bin = BIN,
): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...line], { encoding: 'utf8', env });
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

/** Tells on stderr of every file that is read at once, as all that is loaded is. */
const TRACE = `import fs from 'node:fs';
const read = fs.readFileSync;
fs.readFileSync = (file, ...more) => { fs.writeSync(2, 'read ' + file + '\\n'); return read(file, ...more); };`;

/** Files of the program that a command loads. */
function loadedBy(line: readonly string[]): string[] {
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(TRACE)}`;
  const { stderr } = ran(line, { NODE_OPTIONS });
  return [...stderr.matchAll(/^read .*\/lib\/(\S+)$/gm)].map(([, file = '']) => file);
}

/** As the file of what was compiled of it is called. */
function compiledName(name: string): string {
  const digest = /^\/\/ ([0-9a-f]{16})\n/.exec(textOf(name))?.[1];
  return `compiled/${name}-${digest}-${process.version}-${process.arch}`;
}

test('what does not run does not load client-node', () => {
  const isIn = (name: string): boolean => textOf(name).includes('current-context');
  assert.deepEqual([isIn('kubed-sync.cjs'), isIn('engine.cjs')], [false, true]);
  const start = ['kubed-sync.cjs', compiledName('kubed-sync.cjs')];
  for (const line of [['--version'], ['--help'], ['reconcile', '--help'], ['reconcile', '--nonsense']])
    assert.deepEqual(loadedBy(line), start, line.join(' '));
});

test('a run does not load what few runs need', () => {
  const files = ['kubed-sync.cjs', 'engine.cjs'].flatMap((name) => [name, compiledName(name)]);
  assert.deepEqual(loadedBy(['reconcile', '--kubeconfig', '/none']), files);
});

test('each file begins with the digest of the rest, so that nothing is taken that was compiled of another', () => {
  for (const name of ['kubed-sync.cjs', 'engine.cjs', 'rarely-needed.cjs']) {
    const [first = '', ...rest] = textOf(name).split('\n');
    const digest = createHash('sha256').update(rest.join('\n')).digest('hex');
    assert.equal(first, `// ${digest.slice(0, 16)}`);
  }
});

test('V8 takes what was compiled', () => {
  for (const name of ['kubed-sync.cjs', 'engine.cjs']) {
    const cachedData = readFileSync(new URL(`lib/${compiledName(name)}`, root));
    const script = new Script(Module.wrap(textOf(name)), { cachedData });
    assert.equal(script.cachedDataRejected, false, name);
  }
});

test('without what was compiled, and with something else in its place, the program is the same', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kubed-sync-bundle-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const part of ['bin', 'lib', 'package.json'])
    cpSync(new URL(part, root), join(folder, part), { recursive: true });
  const bin = join(folder, 'bin/kubed-sync.js');
  const line = ['reconcile', '--kubeconfig', '/nonexistent/config'];
  const expected = ran(line);
  assert.equal(expected.code, 1);
  for (const name of ['kubed-sync.cjs', 'engine.cjs'])
    writeFileSync(join(folder, 'lib', compiledName(name)), 'nothing that V8 knows');
  assert.deepEqual(ran(line, {}, bin), expected);
  rmSync(join(folder, 'lib/compiled'), { recursive: true });
  assert.deepEqual(ran(line, {}, bin), expected);
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
