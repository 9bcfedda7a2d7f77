import assert from 'node:assert/strict';
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { PublishProblem } from '../../src/model/run-report.ts';
import { type RetryLimits, push } from '../../src/metrics/pushgateway.ts';
import { TestCluster } from '../support/cluster.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../support/connecting.ts';
import { parseExposition, valueOf } from '../support/exposition.ts';
import { kubedSync, type Ran } from '../support/program.ts';

/*
 * What a run publishes: metrics in a file and in a Pushgateway, and a termination message. The built program runs
 * against the simulated API server.
 */

const TEXT = { 'content-type': 'text/plain; charset=utf-8' };

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kubed-sync-publish-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function prepare(cluster: TestCluster): Promise<void> {
  await cluster.namespace('src');
  await cluster.namespace('a');
  await cluster.source('Secret/src/login', { stringData: { word: 'Zq7-open-sesame' } });
}

interface Pushed {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A Pushgateway with these answers, one after the other. It repeats the last one. `hang` does not answer. */
async function pushgateway(
  t: TestContext,
  ...answers: readonly (number | 'hang' | 'reset')[]
): Promise<{ readonly url: string; readonly pushed: Pushed[] }> {
  const pushed: Pushed[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const answer = answers[Math.min(pushed.length, answers.length - 1)];
      pushed.push({ method: request.method, url: request.url, headers: request.headers, body });
      if (answer === 'hang') return;
      if (answer === 'reset') return void request.socket.destroy();
      const location = answer === 302 ? { location: '/elsewhere' } : {};
      response.writeHead(answer ?? 200, { ...TEXT, ...location });
      response.end(answer === 400 ? 'pushed metrics are invalid\nor inconsistent' : '');
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, pushed };
}

test('a metrics file is complete, readable and valid, with no other file beside it', async (t) => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const folder = scratch(t);
  const file = join(folder, 'kubed-sync.prom');
  const first = await cluster.run(
    'reconcile',
    ...cluster.own,
    '--metrics-file',
    file,
    '--cluster-name',
    'east',
  );
  assert.equal(first.code, 0, first.stderr);
  assert.equal(statSync(file).mode & 0o777, 0o644);
  assert.deepEqual(readdirSync(folder), ['kubed-sync.prom']);
  const text = readFileSync(file, 'utf8');
  const metrics = parseExposition(text);
  const labels = { mode: 'reconcile' };
  assert.equal(valueOf(metrics, 'kubed_sync_last_run_success', labels), 1);
  assert.equal(valueOf(metrics, 'kubed_sync_changes', { action: 'create', outcome: 'done' }), 1);
  assert.equal(valueOf(metrics, 'kubed_sync_info', { cluster_name: 'east' }), 1);
  assert.doesNotMatch(text, /Zq7-|login/);
  const success = valueOf(metrics, 'kubed_sync_last_success_timestamp_seconds');
  assert.ok(Math.abs(success - Date.now() / 1000) < 600);
  const reading = openSync(file, 'r');
  const failed = await kubedSync(['reconcile', '--kubeconfig', '/nonexistent', '--metrics-file', file]);
  assert.equal(failed.code, 1);
  assert.equal(readFileSync(reading, 'utf8'), text, 'a reader of the old file can read it to its end');
  closeSync(reading);
  assert.deepEqual(readdirSync(folder), ['kubed-sync.prom']);
  const later = parseExposition(readFileSync(file, 'utf8'));
  assert.equal(valueOf(later, 'kubed_sync_last_run_success'), 0);
  assert.equal(valueOf(later, 'kubed_sync_last_run_exit_code'), 1);
  assert.equal(valueOf(later, 'kubed_sync_last_success_timestamp_seconds'), success, 'carried over');
});

test('the kind of run is a label, and pending changes are not a failure', async (t) => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const folder = scratch(t);
  const modeOf = async (
    code: number,
    command: string,
    ...args: readonly string[]
  ): Promise<string | undefined> => {
    const file = join(folder, 'x.prom');
    const ran = await cluster.run(command, ...cluster.own, '--metrics-file', file, ...args);
    assert.equal(ran.code, code, ran.stderr);
    const metrics = parseExposition(readFileSync(file, 'utf8'));
    assert.equal(valueOf(metrics, 'kubed_sync_last_run_success'), 1);
    assert.equal(valueOf(metrics, 'kubed_sync_last_run_exit_code'), code);
    const modes = new Set(metrics.flatMap(({ series }) => series.map(({ labels }) => labels['mode'])));
    assert.equal(modes.size, 1);
    return [...modes][0];
  };
  assert.equal(await modeOf(3, 'reconcile', '--dry-run', '--exit-code'), 'reconcile-dry-run');
  assert.equal(await modeOf(0, 'reconcile', '--dry-run', '--verify'), 'verify-dry-run');
  assert.equal(await modeOf(0, 'reconcile', '--verify'), 'verify');
  assert.equal(await modeOf(0, 'reconcile'), 'reconcile');
  assert.equal(await modeOf(0, 'purge', '--dry-run'), 'purge-dry-run');
  assert.equal(await modeOf(0, 'purge'), 'purge');
  const contexts = join(folder, 'contexts');
  writeFileSync(contexts, JSON.stringify({ apiVersion: 'v1', kind: 'Config', contexts: [] }));
  const others = ['--clusters', 'remote', '--remote-kubeconfig', contexts];
  assert.equal(await modeOf(0, 'reconcile', ...others), 'reconcile-remote');
  assert.equal(await modeOf(0, 'reconcile', '--verify', '--dry-run', ...others), 'verify-remote-dry-run');
});

test('after a file that cannot be written the sync is done, with one line and exit code 1', async (t) => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const folder = scratch(t);
  mkdirSync(join(folder, 'directory'));
  mkdirSync(join(folder, 'locked'));
  chmodSync(join(folder, 'locked'), 0o500);
  const files: readonly (readonly [string, RegExp])[] = [
    [join(folder, 'missing', 'x.prom'), /ENOENT\. Create the directory/],
    [join(folder, 'directory'), /it is not a file/],
    ['/dev/null', /it is not a file/],
    ['/proc/x.prom', /(?:ENOENT|EACCES|EPERM|EROFS)/],
    ...(process.getuid?.() === 0
      ? []
      : [[join(folder, 'locked', 'x.prom'), /EACCES\. Mount a volume/] as const]),
  ];
  for (const [file, problem] of files) {
    const { code, stderr, stdout } = await cluster.run('reconcile', ...cluster.own, '--metrics-file', file);
    assert.equal(code, 1);
    assert.match(stdout, /up to date|created/);
    assert.match(stderr, /^kubed-sync: The metrics cannot be written to [^\n]*\n$/);
    assert.match(stderr, problem);
  }
  assert.ok(statSync('/dev/null').isCharacterDevice());
  assert.ok((await cluster.get('Secret/a/login')) !== undefined);
  assert.deepEqual(readdirSync(folder).toSorted(), ['directory', 'locked']);
});

for (const status of [200, 202]) {
  test(`a push with the answer ${status} is handled`, async (t) => {
    await using cluster = await TestCluster.open();
    await prepare(cluster);
    const { url, pushed } = await pushgateway(t, status);
    const args = [
      '--pushgateway',
      `${url.replace('//', '//user:Zq7-p%40ss@')}/prefix/`,
      '--cluster-name',
      'east.1',
    ];
    const { code, stdout, stderr } = await cluster.run(
      'reconcile',
      ...cluster.own,
      '--verify',
      '-v',
      ...args,
    );
    assert.equal(code, 0, stderr);
    const [push, ...more] = pushed;
    assert.deepEqual(more, []);
    assert.equal(push?.method, 'POST');
    assert.equal(push?.url, '/prefix/metrics/job/kubed-sync/mode/verify/cluster_name/east.1');
    assert.equal(push?.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(push?.headers['authorization'], `Basic ${Buffer.from('user:Zq7-p@ss').toString('base64')}`);
    assert.equal(
      valueOf(parseExposition(push?.body ?? ''), 'kubed_sync_changes', { action: 'create', outcome: 'done' }),
      1,
    );
    assert.doesNotMatch(push?.body + stdout + stderr, /Zq7-/);
  });
}

test('a failed run is pushed too, and the Pushgateway keeps the time of the last success', async (t) => {
  const { url, pushed } = await pushgateway(t, 200);
  const { code } = await kubedSync(['reconcile', '--kubeconfig', '/nonexistent', '--pushgateway', url]);
  assert.equal(code, 1);
  assert.equal(pushed[0]?.url, '/metrics/job/kubed-sync/mode/reconcile');
  const metrics = parseExposition(pushed[0]?.body ?? '');
  assert.equal(valueOf(metrics, 'kubed_sync_last_run_success'), 0);
  assert.ok(!metrics.some(({ name }) => name.includes('last_success')));
});

const REFUSALS: readonly [string, readonly (number | 'hang' | 'reset')[], number, RegExp][] = [
  [
    '400',
    [400],
    1,
    /: pushed metrics are invalid or inconsistent \(HTTP 400\)\. Other programs may have pushed/,
  ],
  ['401', [401], 1, /: HTTP 401\. Check user and password/],
  ['a redirect', [302], 1, /: HTTP 302\. Check the path/],
  ['500 twice', [500], 2, /: HTTP 500\. Run again\./],
  ['a broken connection, twice', ['reset'], 2, /: ECONNRESET\. Check the address/],
];

for (const [name, answers, tries, problem] of REFUSALS) {
  test(`a push that ends in ${name} gives one line and exit code 1, and the sync is done`, async (t) => {
    await using cluster = await TestCluster.open();
    await prepare(cluster);
    const { url, pushed } = await pushgateway(t, ...answers);
    const withPassword = url.replace('//', '//user:Zq7-word@');
    const { code, stdout, stderr } = await cluster.run(
      'reconcile',
      ...cluster.own,
      '--pushgateway',
      withPassword,
    );
    assert.deepEqual([code, pushed.length], [1, tries]);
    assert.match(stdout, /1 created/);
    assert.match(stderr, /^kubed-sync: The metrics cannot be pushed to http:\/\/127[^\n]*\n$/);
    assert.match(stderr, problem);
    assert.doesNotMatch(stderr, /Zq7-/);
  });
}

test('a push is tried twice', async (t) => {
  const { url, pushed } = await pushgateway(t, 503, 200);
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const { code, stderr } = await cluster.run('reconcile', ...cluster.own, '--pushgateway', url);
  assert.deepEqual([code, stderr, pushed.length], [0, '', 2]);
});

test('a Pushgateway that hangs does not delay the report, and a timeout or a signal ends the wait', async (t) => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const { url, pushed } = await pushgateway(t, 'hang');
  const message = join(scratch(t), 'termination');
  const args = ['--pushgateway', url, '--timeout', '3s', '--termination-message', message];
  const { code, stdout, stderr } = await cluster.run('reconcile', ...cluster.own, ...args);
  assert.deepEqual([code, pushed.length], [1, 1]);
  assert.match(stdout, /1 created/);
  assert.match(stderr, /the run was stopped before it answered/);
  assert.match(readFileSync(message, 'utf8'), /^1 created[^\n]*\nThe metrics cannot be pushed to/);
  const killed = await kubedSync(
    ['reconcile', '--kubeconfig', cluster.kubeconfig, ...cluster.own, '--pushgateway', url],
    { signal: { name: 'SIGTERM', after: 2000 } },
  );
  assert.match(killed.stdout, /Nothing to write/);
  assert.equal(killed.code, 1, killed.stderr);
});

test('over TLS metrics go only to a server with a trusted certificate', async (t) => {
  const pushed: string[] = [];
  const server = createSecureServer({ key: TEST_KEY, cert: TEST_CERTIFICATE }, (request, response) => {
    pushed.push(request.url ?? '');
    request.resume().on('end', () => response.writeHead(200).end());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.after(() => void server.close());
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const args = ['reconcile', '--kubeconfig', '/nonexistent', '--pushgateway', url];
  const { code, stderr } = await kubedSync(args);
  assert.deepEqual([code, pushed], [1, []]);
  assert.match(
    stderr,
    /DEPTH_ZERO_SELF_SIGNED_CERT\. Its certificate is not trusted\. [^\n]*NODE_EXTRA_CA_CERTS [^\n]*\.\n$/,
  );
  const authority = join(scratch(t), 'ca.pem');
  writeFileSync(authority, TEST_CERTIFICATE);
  const trusted = await kubedSync(args, { env: { NODE_EXTRA_CA_CERTS: authority } });
  assert.doesNotMatch(trusted.stderr, /pushed/);
  assert.deepEqual(pushed, ['/metrics/job/kubed-sync/mode/reconcile']);
});

test('a closed port and a port that fetch blocks are reported', async () => {
  const { port } = await closedServer();
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const pushTo = (at: number): Promise<Ran> =>
    cluster.run('reconcile', ...cluster.own, '--pushgateway', `http://127.0.0.1:${at}`);
  const unheard = await pushTo(port);
  assert.equal(unheard.code, 1);
  assert.match(unheard.stderr, /ECONNREFUSED\. Check the address/);
  const refused = await pushTo(6000);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /: bad port\. Check the address/);
});

/** Returns a port that nothing listens on. */
async function closedServer(): Promise<AddressInfo> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return address;
}

/** Pushes once, to a server with this answer. */
async function pushOnce(
  t: TestContext,
  answer: RequestListener,
  patience: Partial<RetryLimits> = {},
): Promise<PublishProblem | undefined> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const trouble = await push(
    { url, group: {}, text: 'x 1\n' },
    { timeout: 20_000, tries: 1, stop: undefined, ...patience },
  );
  if (trouble?.at === 'pushgateway') assert.equal(trouble.url, url);
  return trouble;
}

test('a Pushgateway that does not answer in time, or does not end its answer, is reported', async (t) => {
  const [silent, unending] = [
    await pushOnce(t, () => undefined, { timeout: 200 }),
    await pushOnce(t, (_, response) => void response.writeHead(400, TEXT).write('so far'), { timeout: 200 }),
  ];
  for (const trouble of [silent, unending])
    assert.equal(trouble?.at === 'pushgateway' && trouble.problem, 'timed-out');
});

test('only the beginning of a long error message is read, and nothing of one that is not text', async (t) => {
  const endless: RequestListener = (_, response) => {
    response.writeHead(400, TEXT);
    const more = (): void => {
      while (!response.destroyed && response.write('ä'.repeat(10_000)));
    };
    response.on('drain', more);
    more();
  };
  const long = await pushOnce(t, endless);
  assert.deepEqual(long?.at === 'pushgateway' && long.problem, { status: 400, message: 'ä'.repeat(300) });
  const page = await pushOnce(t, (_, response) =>
    response.writeHead(403, { 'content-type': 'text/html' }).end('<html>'),
  );
  assert.deepEqual(page?.at === 'pushgateway' && page.problem, { status: 403, message: '' });
});

test('a connection that breaks within an error message is reported', async (t) => {
  const trouble = await pushOnce(t, (_, response) => {
    response.writeHead(400, { ...TEXT, 'content-length': 100 }).write('so far');
    setTimeout(() => response.destroy(), 50);
  });
  assert.deepEqual(trouble?.at === 'pushgateway' && trouble.problem, { code: 'ECONNRESET' });
});

test('the termination message has the result, then what went wrong', async (t) => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const file = join(scratch(t), 'termination');
  writeFileSync(file, 'x'.repeat(9000));
  const say = async (...args: readonly string[]): Promise<string> => {
    await cluster.run('reconcile', ...cluster.own, '--termination-message', file, ...args);
    return readFileSync(file, 'utf8');
  };
  assert.match(await say(), /^1 created, 0 unchanged \(1 source, \d+ namespaces\)\.$/);
  assert.match(await say(), /^Nothing to write: 1 copy of 1 source is up to date\.$/);
  await cluster.create('ConfigMap/a/omni', {});
  await cluster.source('ConfigMap/src/omni', {});
  assert.match(
    await say(),
    /^Nothing to write[^\n]*1 error[^\n]*\.\nerror +ConfigMap \S+-a\/omni already exists and is not a copy/,
  );
  assert.match(await say('--kubeconfig', '/nonexistent'), /^No kubeconfig at \/nonexistent[^\n]*$/);
  assert.match(await say('--max-prune', 'x'), /^--max-prune: "x" is neither a count/);
  assert.match(await say('--frobnicate'), /^unknown option '--frobnicate'; see kubed-sync --help$/);
  assert.match(await say('--dry-run', '-f', '/nonexistent.yaml'), /^\/nonexistent\.yaml/);
});

test('a refused connection and a stop are in the termination message too', async (t) => {
  await using cluster = await TestCluster.open();
  const { simulated } = cluster;
  assert.ok(simulated);
  await prepare(cluster);
  const file = join(scratch(t), 'termination');
  simulated.failNext({ resource: 'namespaces' }, 'stall');
  const args = ['reconcile', '--kubeconfig', cluster.kubeconfig, '--termination-message', file];
  const { code } = await kubedSync(args, { signal: { name: 'SIGTERM', after: 1500 } });
  assert.equal(code, 143);
  assert.equal(readFileSync(file, 'utf8'), 'Stopped by SIGTERM before anything was written. Run again.');
  await simulated.stop();
  const refused = await kubedSync(args, { env: { KUBED_SYNC_TERMINATION_MESSAGE: '' } });
  assert.equal(refused.code, 1);
  assert.match(readFileSync(file, 'utf8'), /cannot be reached: ECONNREFUSED/);
});

test('a termination message has at most 4096 bytes, and one that cannot be written does not change the exit code', async (t) => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const file = join(scratch(t), 'termination');
  for (let each = 0; each < 6; each += 1)
    await cluster.source(`ConfigMap/src/omni-${each}`, {}, `${'é'.repeat(300)} in (${each}`);
  for (let each = 0; each < 6; each += 1)
    await cluster.source(`ConfigMap/src/${'long'.repeat(50)}-${each}`, {}, `${'é'.repeat(300)} (${each}`);
  await cluster.run('reconcile', ...cluster.own, '--termination-message', file);
  const bytes = readFileSync(file);
  assert.ok(bytes.length <= 4096 && bytes.length > 1000, `${bytes.length}`);
  assert.ok(!bytes.toString().includes('\ufffd'));
  await cluster.run('purge', ...cluster.own);
  const { code, stderr } = await cluster.run(
    'purge',
    ...cluster.own,
    '--termination-message',
    '/proc/nothing',
  );
  assert.equal(code, 0);
  assert.match(stderr, /^kubed-sync: The termination message cannot be written to \/proc\/nothing: \w+\.\n$/);
});

test('shards do not overwrite the series of each other', async (t) => {
  await using cluster = await TestCluster.open();
  await prepare(cluster);
  const { url, pushed } = await pushgateway(t, 200);
  const changed: number[] = [];
  for (const shard of ['0/2', '1/2']) {
    const ran = await cluster.run('reconcile', ...cluster.own, '--shard', shard, '--pushgateway', url);
    assert.equal(ran.code, 0, ran.stderr);
    const metrics = parseExposition(pushed.at(-1)?.body ?? '');
    changed.push(valueOf(metrics, 'kubed_sync_changes', { action: 'create', outcome: 'done' }));
    assert.equal(valueOf(metrics, 'kubed_sync_last_run_success', { shard: shard.slice(0, 1) }), 1);
  }
  assert.deepEqual(
    pushed.map((one) => one.url),
    ['0', '1'].map((index) => `/metrics/job/kubed-sync/mode/reconcile/shard/${index}`),
  );
  assert.deepEqual(
    changed.toSorted((a, b) => a - b),
    [0, 1],
  );
});
