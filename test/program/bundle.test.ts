import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import module, { builtinModules, createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { version } from '../../src/cli/version.ts';

const root = new URL('../../../', import.meta.url);
const BIN = new URL('bin/kubed-sync.js', root).pathname;
const FILES = readdirSync(new URL('lib', root)).filter((name) => name.endsWith('.cjs'));

/** Node 22 and newer. */
const KEEPS_COMPILED = 'enableCompileCache' in module;

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

test('the bundle loads the runtime', () => {
  const { code, stdout, stderr } = ran(['reconcile', '--kubeconfig', '/nonexistent/config']);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /^kubed-sync: [^\n]*\/nonexistent\/config[^\n]*\n$/);
});

test('the bundle requires only what Node has, and its own files', () => {
  for (const file of FILES) {
    const names = [...textOf(file).matchAll(/\brequire\(["']([^"']+)["']\)/g)].map(([, name = '']) => name);
    for (const name of names) {
      const isOurs = FILES.includes(name.replace(/^\.\//, ''));
      assert.ok(isOurs || builtinModules.includes(name.replace(/^node:/, '')), `${file}: ${name}`);
    }
  }
});

/** Prints the name of every file that is read synchronously, which includes all that is loaded. */
const TRACE = `import fs from 'node:fs';
const read = fs.readFileSync;
fs.readFileSync = (file, ...more) => { fs.writeSync(2, 'read ' + file + '\\n'); return read(file, ...more); };`;

/** Returns the files of the program that a command loads. */
function loadedBy(line: readonly string[]): string[] {
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(TRACE)}`;
  const { stderr } = ran(line, { NODE_OPTIONS });
  return [...stderr.matchAll(/^read .*\/lib\/(\S+)$/gm)].map(([, file = '']) => file);
}

test('a command without a run does not load client-node', () => {
  const isIn = (name: string): boolean => textOf(name).includes('current-context');
  assert.deepEqual([isIn('kubed-sync.cjs'), isIn('runtime.cjs')], [false, true]);
  for (const line of [['--version'], ['--help'], ['reconcile', '--help'], ['reconcile', '--nonsense']])
    assert.deepEqual(loadedBy(line), ['kubed-sync.cjs'], line.join(' '));
});

test('a run does not load what few runs need', () => {
  assert.deepEqual(loadedBy(['reconcile', '--kubeconfig', '/none']), ['kubed-sync.cjs', 'runtime.cjs']);
});

test('completion loads the runtime only for names, and a run does not load completion', () => {
  const [main, completion] = ['kubed-sync.cjs', 'completion.cjs'];
  assert.deepEqual(loadedBy(['completion', 'zsh']), [main, completion]);
  assert.deepEqual(loadedBy(['complete', '--', 're']), [main, completion]);
  assert.deepEqual(loadedBy(['complete', '--', 'purge', '--context', '']), [main, completion, 'runtime.cjs']);
});

test('every program of the package is an executable file in it', () => {
  const { bin, files } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
    readonly bin: Readonly<Record<string, string>>;
    readonly files: readonly string[];
  };
  assert.deepEqual(Object.keys(bin), ['kubectl-kubed_sync', 'kubectl_complete-kubed_sync', 'kubed-sync']);
  for (const file of Object.values(bin)) {
    assert.ok(files.includes(file.split('/')[0] ?? ''), file);
    accessSync(new URL(file, root), constants.X_OK);
    assert.match(readFileSync(new URL(file, root), 'utf8'), /^#!\/usr\/bin\/env node\n/);
  }
});

/** A run that loads the runtime and ends at once. */
function shortRun(env: NodeJS.ProcessEnv): ReturnType<typeof ran> {
  return ran(['reconcile', '--kubeconfig', '/nonexistent/config'], env);
}

test('if Node can keep its compile cache, the second run uses it', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kubed-sync-bundle-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const first = shortRun({ TMPDIR: folder });
  assert.equal(first.code, 1);
  const { stderr } = shortRun({ TMPDIR: folder, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' });
  for (const name of ['kubed-sync.cjs', 'runtime.cjs'])
    assert.equal(stderr.includes(`/${name} was accepted`), KEEPS_COMPILED, stderr);
  assert.equal(readdirSync(folder).length, KEEPS_COMPILED ? 1 : 0);
});

test('if Node cannot keep its compile cache, the program works the same', () => {
  const expected = shortRun({ NODE_DISABLE_COMPILE_CACHE: '1' });
  const nowhere = '/dev/null/nothing';
  assert.deepEqual(shortRun({ TMPDIR: nowhere }), expected);
  assert.deepEqual(shortRun({ TMPDIR: nowhere, NODE_COMPILE_CACHE: nowhere }), expected);
});

test('the package contains the licences of what is bundled', () => {
  const text = textOf('THIRD-PARTY-LICENSES.txt');
  for (const name of ['@bomb.sh/tab', '@kubernetes/client-node', 'chalk', 'commander', 'js-yaml']) {
    assert.match(text, new RegExp(`^${name} [0-9.]+ \\(`, 'm'));
  }
});

test('what few runs need is in separate files, and works', () => {
  const load = createRequire(import.meta.url);
  const exportOf = {
    'jsonpath-plus': 'JSONPath',
    'openid-client': 'Configuration',
    socks: 'SocksClient',
    'socks-proxy-agent': 'SocksProxyAgent',
  };
  for (const [name, wanted] of Object.entries(exportOf)) {
    const loaded = load(new URL(`lib/${name}.cjs`, root).pathname) as Record<string, unknown>;
    assert.equal(typeof loaded[wanted], 'function', name);
  }
  const text = textOf('kubed-sync.cjs') + textOf('runtime.cjs');
  for (const word of ['authorization_endpoint', 'invalid Socks5 initial handshake'])
    assert.ok(!text.includes(word), word);
});
