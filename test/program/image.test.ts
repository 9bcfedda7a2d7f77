import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { after, test } from 'node:test';
import { version } from '../../src/cli/version.ts';
import { ApiServer } from '../support/apiserver.ts';
import { TEST_CERTIFICATE, TEST_KEY } from '../support/connecting.ts';
import {
  Container,
  cannotImitate,
  filesOfImage,
  instruction,
  lastStage,
  unpackImage,
} from '../support/image.ts';
import { manifestsOf, podSpecs } from '../support/manifests.ts';
import { ROOT } from '../support/program.ts';

const skip = cannotImitate();
const TOKEN = 'a-token-of-a-service-account';

/** The arguments of the pods of the chart. Another test compares the rendering with this file. */
const golden = readFileSync(join(ROOT, 'test/golden/chart/default.yaml'), 'utf8');
const ARGS: readonly string[] = podSpecs(manifestsOf(golden)).get('kubed-sync').containers[0].args;

const container = skip === false ? new Container({ token: TOKEN, ca: TEST_CERTIFICATE }) : undefined;
after(() => container?.[Symbol.dispose]());

function inContainer(): Container {
  return container ?? assert.fail('no container');
}

function cluster(latency = 0): Promise<ApiServer> {
  return ApiServer.start({ tls: { key: TEST_KEY, cert: TEST_CERTIFICATE }, token: TOKEN, latency });
}

/** What Kubernetes puts into the environment of every container. */
function environmentIn(server: ApiServer): Record<string, string> {
  const { hostname, port } = new URL(server.url);
  return { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
}

test('the image has the program, its licences and the compile cache of Node.js, and nothing else', () => {
  assert.deepEqual([...filesOfImage().keys()].toSorted(), [
    '/app/LICENSE',
    '/app/bin',
    '/app/lib',
    '/app/package.json',
  ]);
  assert.deepEqual(readdirSync(join(ROOT, 'bin')).toSorted(), [
    'kubectl-complete.js',
    'kubed-sync.js',
    'package.json',
  ]);
  assert.deepEqual(readdirSync(join(ROOT, 'lib')).toSorted(), [
    'THIRD-PARTY-LICENSES.txt',
    'completion.cjs',
    'jsonpath-plus.cjs',
    'kubed-sync.cjs',
    'openid-client.cjs',
    'runtime.cjs',
    'socks-proxy-agent.cjs',
    'socks.cjs',
  ]);
  assert.ok(!lastStage().some(({ name }) => name === 'RUN'), 'distroless has no shell');
});

test('the image runs as a numeric user, without a shell, on a base that can be chosen', () => {
  assert.equal(instruction('FROM'), '${BASE}');
  assert.equal(instruction('USER'), '65532:65532');
  assert.deepEqual(JSON.parse(instruction('ENTRYPOINT')), ['/nodejs/bin/node', '/app/bin/kubed-sync.js']);
  const text = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  assert.match(text, /^ARG BASE=gcr\.io\/distroless\/nodejs24-debian\d+:nonroot$/m);
  for (const label of ['title', 'description', 'licenses', 'version', 'revision', 'created', 'source'])
    assert.match(instruction('LABEL'), new RegExp(`org\\.opencontainers\\.image\\.${label}=`));
});

test('the build context has only what the Dockerfile copies', () => {
  const allowed = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
    .split('\n')
    .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  const copied = [...readFileSync(join(ROOT, 'Dockerfile'), 'utf8').matchAll(/^COPY (?!--from)(.+) \S+$/gm)];
  const wanted = copied.flatMap(([, from = '']) => from.split(' '));
  assert.deepEqual(allowed.toSorted(), wanted.toSorted());
});

test('the files of the image run without other files', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kubed-sync-image-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const program = unpackImage(folder);
  const { stdout } = spawnSync(process.execPath, [program, '--version'], { encoding: 'utf8', env: {} });
  assert.equal(stdout, `${version()}\n`);
});

test('the imitated container is as strict as a pod', { skip }, async () => {
  const script =
    "const fs=require('fs');let e='';try{fs.writeFileSync('/tmp/x','')}catch(x){e=x.code}" +
    'console.log(process.pid,process.getuid(),process.getgid(),process.getgroups().join(),e)';
  const { stdout, stderr } = await inContainer().exec(['/nodejs/bin/node', '-e', script], {});
  assert.equal(stdout, '1 65532 65532 65532 EROFS\n', stderr);
});

test('the image has the compile cache of Node.js for the user that runs it', { skip }, async () => {
  const { code, stderr } = await inContainer().run(['reconcile'], { NODE_DEBUG_NATIVE: 'COMPILE_CACHE' });
  assert.equal(code, 1);
  for (const name of ['kubed-sync.js', 'kubed-sync.cjs', 'runtime.cjs'])
    assert.equal(stderr.includes(`/${name} was accepted`), 'enableCompileCache' in module, stderr);
});

test('in a pod it reconciles with the service account of the pod', { skip }, async () => {
  await using server = await cluster();
  server.namespace('demo');
  server.create('secrets', {
    metadata: { name: 'omni', namespace: 'demo', annotations: { 'kubed.appscode.com/sync': '' } },
    stringData: { password: 'WATCHFULxVALUE' },
  });
  const ran = await inContainer().run(ARGS, environmentIn(server));
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /^created {2}Secret demo\/omni in 4 namespaces/m);
  assert.doesNotMatch(ran.stdout + ran.stderr, /WATCHFUL|V0FUQ0hGVUx/);
  assert.equal(server.counts().create, 4);
  server.token = 'a-newer-token';
  const refused = await inContainer().run(ARGS, environmentIn(server));
  assert.deepEqual([refused.code, refused.stdout], [1, '']);
  assert.match(refused.stderr, /credentials/);
  server.assertNoUnexpected();
});

test('as process 1 it ends after SIGTERM, and reports what is left', { skip }, async () => {
  await using server = await cluster(50);
  for (let number = 0; number < 40; number += 1) server.namespace(`team-${number}`);
  server.create('configmaps', {
    metadata: { name: 'omni', namespace: 'default', annotations: { 'kubed.appscode.com/sync': '' } },
    data: { you: 'only' },
  });
  const begun = new Promise<void>((resolve) => {
    server.after({ verb: 'create' }, () => resolve());
  });
  const ran = await inContainer().run([...ARGS, '--concurrency=1'], environmentIn(server), begun);
  assert.equal(ran.code, 143, ran.stderr);
  assert.ok(server.counts().create < 43, 'the rest was left');
  assert.match(ran.stdout, /not (done|reached)|left|skipped/);
});
