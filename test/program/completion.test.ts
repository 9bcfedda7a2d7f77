import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { SHELLS } from '../../src/cli/options/command-line.ts';
import { ApiServer } from '../support/apiserver.ts';
import { kubedSync, PROGRAM, type Ran, ROOT } from '../support/program.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'kubed-sync-completion-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function complete(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  return kubedSync(['complete', '--', ...words], { env });
}

function fileWith(t: TestContext, text: string): string {
  const file = join(folder(t), 'config');
  writeFileSync(file, text);
  return file;
}

/** A kubeconfig with these contexts, all for the same server. */
function kubeconfig(contexts: readonly string[], server = 'http://127.0.0.1:1', user: object = {}): string {
  return JSON.stringify({
    'current-context': contexts[0],
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user }],
    contexts: contexts.map((name) => ({ name, context: { cluster: 'c', user: 'u' } })),
  });
}

const NOTHING: Ran = { code: 0, stdout: ':4\n', stderr: '' };

test('candidates are lines with a description, and the last line is a directive', async () => {
  const stdout = 'render\twrite the copies of the sources in manifests as manifests\n:4\n';
  assert.deepEqual(await complete(['ren']), { code: 0, stdout, stderr: '' });
  assert.deepEqual(await complete(['reconcile', '-f', '']), { code: 0, stdout: ':0\n', stderr: '' });
  assert.deepEqual(await complete(['render', '--output-dir', '']), { code: 0, stdout: ':16\n', stderr: '' });
});

test('contexts come from the kubeconfig of the command line, the variable or KUBECONFIG', async (t) => {
  const [one, two] = [fileWith(t, kubeconfig(['dev', 'prod'])), fileWith(t, kubeconfig(['arn:aws:eks/x']))];
  const line = ['reconcile', '--kubeconfig', one, '--context', ''];
  assert.equal((await complete(line)).stdout, 'dev\nprod\n:4\n');
  const context = ['reconcile', '--context', ''];
  assert.equal((await complete(context, { KUBED_SYNC_KUBECONFIG: two })).stdout, 'arn:aws:eks/x\n:4\n');
  const both = { KUBECONFIG: [one, two, '/none'].join(delimiter) };
  assert.equal((await complete(context, both)).stdout, 'dev\nprod\narn:aws:eks/x\n:4\n');
});

test('a context that a shell could execute or misread is not a candidate', async (t) => {
  const names = ['$(date)', '`date`', 'a b', "a'b", 'a\nb', 'a;b', '-x', 'good'];
  const file = fileWith(t, kubeconfig(names));
  assert.equal((await complete(['reconcile', '--context', ''], { KUBECONFIG: file })).stdout, 'good\n:4\n');
});

test('a bad kubeconfig gives no candidates and no error', async (t) => {
  const texts = ['', '{', 'contexts: 3', 'a: b: c', '[]', kubeconfig([]), '\u0000'];
  const files = [...texts.map((text) => fileWith(t, text)), '/none', '/'];
  for (const KUBECONFIG of files)
    for (const option of ['--context', '--namespace'])
      assert.deepEqual(await complete(['reconcile', option, ''], { KUBECONFIG }), NOTHING, KUBECONFIG);
});

test('namespaces come from the cluster, and nothing else is read', async (t) => {
  await using server = await ApiServer.start();
  const file = fileWith(t, server.kubeconfig());
  const { stdout, stderr } = await complete(['purge', '--source-namespace=kube-'], { KUBECONFIG: file });
  assert.deepEqual([stdout, stderr], ['kube-node-lease\nkube-public\nkube-system\n:4\n', '']);
  assert.deepEqual(
    server.requests.map(({ verb, resource }) => [verb, resource]),
    [['list', 'namespaces']],
  );
});

/** Runs and returns the time in milliseconds. */
async function timed(run: () => Promise<Ran>): Promise<readonly [Ran, number]> {
  const start = performance.now();
  return [await run(), performance.now() - start];
}

/** One second for the cluster, and the rest for the start of two programs on a busy machine. */
const PATIENCE = 4000;

test('a cluster that does not answer gives no candidates after a second', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const file = fileWith(t, kubeconfig(['a'], `http://127.0.0.1:${port}`));
  const [ran, time] = await timed(() => complete(['purge', '--namespace', ''], { KUBECONFIG: file }));
  assert.deepEqual(ran, NOTHING);
  assert.ok(time >= 900 && time < PATIENCE, String(time));
});

test('a login plugin that hangs gives no candidates after a second', async (t) => {
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sleep', args: ['6'] };
  const text = kubeconfig(['a'], 'http://127.0.0.1:1', { exec: { ...exec, interactiveMode: 'Never' } });
  const file = fileWith(t, text);
  const [ran, time] = await timed(() => complete(['purge', '--namespace', ''], { KUBECONFIG: file }));
  assert.deepEqual(ran, NOTHING);
  assert.ok(time < PATIENCE, String(time));
});

test('completion prints one script for each shell, and rejects others', async () => {
  for (const shell of SHELLS) {
    const { code, stdout, stderr } = await kubedSync(['completion', shell]);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /kubed-sync complete/);
  }
  const { code, stdout, stderr } = await kubedSync(['completion', 'tcsh']);
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(stderr, /^kubed-sync: [^\n]*bash, zsh, fish, powershell[^\n]*\n$/);
});

function lacks(...programs: readonly string[]): string | false {
  const missing = programs.find((one) => spawnSync('sh', ['-c', `command -v ${one}`]).status !== 0);
  return missing === undefined ? false : `${missing} is not on this machine`;
}

/** A folder for PATH with the programs as npm installs them. */
function installed(t: TestContext): string {
  const bin = folder(t);
  const node = dirname(process.execPath);
  symlinkSync(PROGRAM, join(bin, 'kubed-sync'));
  symlinkSync(PROGRAM, join(bin, 'kubectl-kubed_sync'));
  symlinkSync(join(ROOT, 'bin', 'kubectl-complete.js'), join(bin, 'kubectl_complete-kubed_sync'));
  chmodSync(join(bin, 'kubed-sync'), 0o755);
  return [bin, node, process.env['PATH']].join(delimiter);
}

const PROMPT = 'ready> ';

/** What to type into a shell, and where. */
interface Session {
  readonly command: string;
  readonly setup: string;
  /** Texts to type. Each ends with a Tab. */
  readonly keys: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Types into a real shell on its own terminal. Returns the completed lines, which an `echo` before each line prints.
 */
async function typed(t: TestContext, { command, setup, keys, env }: Session): Promise<readonly string[]> {
  const all = { PATH: installed(t), HOME: folder(t), TERM: 'dumb', PS1: PROMPT, LANG: 'C.UTF-8', ...env };
  const child = spawn('script', ['-qec', command, '/dev/null'], { env: all, stdio: 'pipe', cwd: ROOT });
  t.after(() => child.kill());
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const appears = async (text: RegExp): Promise<string> => {
    for (let tries = 0; !text.test(output); tries += 1) {
      assert.ok(tries < 600, output);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return text.exec(output)?.[1] ?? '';
  };
  child.stdin.write(`${setup}; echo set''up\n`);
  await appears(/setup\r?\n/);
  const lines: string[] = [];
  for (const [index, one] of keys.entries()) {
    child.stdin.write(`${one}\u0001echo 'li''ne' ${index}: \u0005\n`);
    const line = await appears(new RegExp(`line ${index}: ([^\\r\\n]*)\\r?\\n`));
    // zsh removes the slash after a directory at the end of a line.
    lines.push(line.trim().replace(/\/$/, ''));
  }
  child.stdin.end('exit\n');
  return lines;
}

/** Texts that end with Tab, and the completed lines. */
const LINES: readonly (readonly [keys: string, line: string])[] = [
  ['pur\t', 'purge'],
  ['reconcile --conc\t', 'reconcile --concurrency'],
  ['reconcile --color alw\t', 'reconcile --color always'],
  ['reconcile --color=alw\t', 'reconcile --color=always'],
  ['reconcile --kubeconfig CONTRIB\t', 'reconcile --kubeconfig CONTRIBUTING.md'],
  ['reconcile --kubeconfig=CONTRIB\t', 'reconcile --kubeconfig=CONTRIBUTING.md'],
  ['render --output-dir scri\t', 'render --output-dir scripts'],
  ['reconcile --context arn:aws:e\t', 'reconcile --context arn:aws:eks/x'],
  ['reconcile --context=arn:aws:e\t', 'reconcile --context=arn:aws:eks/x'],
];

const SETUPS = [
  ['bash', 'bash --noprofile --norc -i', 'source <(kubed-sync completion bash)'],
  [
    'zsh',
    'zsh -f -i',
    'autoload -Uz compinit; compinit -u -D; bindkey -e; source <(kubed-sync completion zsh)',
  ],
] as const;

for (const [shell, command, setup] of SETUPS) {
  test(`a real ${shell} completes`, { skip: lacks(shell, 'script') }, async (t) => {
    const KUBECONFIG = fileWith(t, kubeconfig(['arn:aws:eks/x', 'other']));
    const keys = LINES.map(([one]) => `kubed-sync ${one}`);
    const lines = await typed(t, { command, setup, keys, env: { KUBECONFIG } });
    assert.deepEqual(
      lines,
      LINES.map(([, line]) => `kubed-sync ${line}`),
    );
  });
}

test('the script of bash can be loaded twice', { skip: lacks('bash') }, (t) => {
  const load = 'source <(kubed-sync completion bash)';
  const env = { PATH: installed(t), HOME: folder(t) };
  const { status, stderr } = spawnSync('bash', ['--norc', '-c', `${load}; ${load}`], {
    env,
    encoding: 'utf8',
  });
  assert.deepEqual([status, stderr], [0, '']);
});

test('a real fish completes', { skip: lacks('fish') }, (t) => {
  const KUBECONFIG = fileWith(t, kubeconfig(['arn:aws:eks/x', 'other']));
  const env = { PATH: installed(t), HOME: folder(t), KUBECONFIG };
  const found = (line: string): string => {
    const commands = `kubed-sync completion fish | source; complete --do-complete '${line}'`;
    return spawnSync('fish', ['--no-config', '-c', commands], { env, encoding: 'utf8', cwd: ROOT }).stdout;
  };
  assert.match(found('kubed-sync pur'), /^purge\t/);
  assert.equal(found('kubed-sync reconcile --color alw'), 'always\n');
  assert.equal(found('kubed-sync reconcile --color=alw'), '--color=always\n');
  assert.equal(found('kubed-sync reconcile --context arn:aws:e'), 'arn:aws:eks/x\n');
  assert.match(found('kubed-sync reconcile --kubeconfig CONTRIB'), /^CONTRIBUTING\.md/);
});

test('kubectl completes the words of its plugin', { skip: lacks('kubectl') }, (t) => {
  const env = { PATH: installed(t), HOME: folder(t) };
  const { stdout } = spawnSync('kubectl', ['__complete', 'kubed-sync', 'pu'], { env, encoding: 'utf8' });
  assert.equal(stdout, 'purge\tdelete every copy and leave the sources as they are\n:4\n');
});
