import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Client, METADATA_LIST, configMap, names, owners, secret, transportTo } from './api-client.ts';
import { ApiServer, type ApiServerOptions, type Fault, type Json } from './apiserver.ts';
import { TEST_CERTIFICATE, TEST_KEY } from './connecting.ts';
import { readByReference } from './protobuf-reference.ts';

/*
 * What only the simulated API server can do: faults, hooks, its log. What it has in common with a real one is in
 * `cluster/apiserver.test.ts`, which runs against both.
 */

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const SECRETS = '/api/v1/namespaces/default/secrets';

/** A client of the simulated server, with the server at hand. */
class Simulated extends Client {
  readonly server: ApiServer;

  constructor(server: ApiServer) {
    super(transportTo(server.url));
    this.server = server;
  }
}

/** Owners are in the order of their times, which have seconds: by a clock that stands still, in that of their names. */
async function start(t: TestContext, options: ApiServerOptions = {}): Promise<Simulated> {
  const began = new Date();
  const server = await ApiServer.start({ now: () => began, ...options });
  t.after(() => server.stop());
  return new Simulated(server);
}

test('an expired token is 410 and offers to go on without a snapshot', async (t) => {
  const client = await start(t);
  for (const name of ['a', 'b', 'c']) client.server.create('secrets', secret(name));
  const first = await client.get('/api/v1/secrets?limit=1');
  client.server.expireContinueTokens();
  client.server.store.delete('secrets', 'default', 'b');
  const gone = await client.get(`/api/v1/secrets?limit=5&continue=${first.token}`);
  assert.equal(gone.status, 410);
  assert.equal(gone.body['reason'], 'Expired');
  const rest = await client.get(`/api/v1/secrets?limit=5&continue=${gone.token}`);
  assert.deepEqual(names(rest), ['c']);
  assert.equal((await client.get('/api/v1/secrets?continue=nonsense')).status, 400);
});

test('a deleted namespace terminates until somebody finishes it', async (t) => {
  const client = await start(t);
  client.server.namespace('team', { team: 'a' });
  client.server.create('configmaps', configMap('a', {}, { namespace: 'team' }));
  const marked = await client.send('DELETE', '/api/v1/namespaces/team');
  assert.deepEqual(marked.body['status'], { phase: 'Terminating' });
  const refused = await client.post('/api/v1/namespaces/team/configmaps', configMap('b'));
  assert.equal(refused.status, 403);
  assert.equal(refused.body['details']?.['causes']?.['0']?.['reason'], 'NamespaceTerminating');
  client.server.finishNamespace('team');
  assert.equal(client.server.store.count('configmaps'), 0);
  assert.equal((await client.get('/api/v1/namespaces/team')).status, 404);
  assert.equal((await client.send('DELETE', '/api/v1/namespaces/default')).status, 403);
});

test('with a controller in mind namespaces go at once', async (t) => {
  const client = await start(t, { holdNamespaces: false });
  client.server.namespace('team');
  client.server.create('configmaps', configMap('a', {}, { namespace: 'team', finalizers: ['x.io/f'] }));
  assert.equal((await client.send('DELETE', '/api/v1/namespaces/team')).status, 200);
  assert.equal((await client.get('/api/v1/namespaces/team')).status, 404);
  assert.equal(client.server.store.count('configmaps'), 0);
});

test('quota counts before names are looked at', async (t) => {
  const client = await start(t);
  client.server.create('configmaps', configMap('a'));
  client.server.quota('default', { count: 1 });
  for (const name of ['a', 'b']) {
    const reply = await client.post(CONFIGMAPS, configMap(name));
    assert.equal(reply.status, 403);
    assert.match(
      reply.message,
      /exceeded quota: .* used: count\/configmaps=1, limited: count\/configmaps=1$/u,
    );
  }
  assert.equal((await client.post(SECRETS, secret('b'))).status, 201);
  client.server.quota('default');
  assert.equal((await client.post(CONFIGMAPS, configMap('b'))).status, 201);
});

test('admission hooks refuse, and change what nobody then owns', async (t) => {
  const client = await start(t);
  const stop = client.server.validate(({ metadata }) =>
    metadata.name === 'no' ? 'not this name' : undefined,
  );
  const refused = await client.post(CONFIGMAPS, configMap('no'));
  assert.equal(refused.status, 422);
  assert.match(refused.message, /denied request: not this name$/u);
  stop();
  assert.equal((await client.post(CONFIGMAPS, configMap('no'))).status, 201);
  client.server.mutate((object) => ({ ...object, data: { ...object.data, added: 'x' } }));
  const reply = await client.post(CONFIGMAPS, configMap('a', { k: 'v' }));
  assert.deepEqual(reply.body['data'], { added: 'x', k: 'v' });
  assert.deepEqual(owners(reply), ['tester Update: data. data/k']);
});

test('faults that answer', async (t) => {
  const client = await start(t);
  client.server.failNext({ verb: 'list', resource: 'secrets' }, { status: 429, retryAfter: 3 });
  const busy = await client.get('/api/v1/secrets');
  assert.equal(busy.status, 429);
  assert.equal(busy.headers.get('retry-after'), '3');
  assert.equal(busy.body['reason'], 'TooManyRequests');
  assert.equal((await client.get('/api/v1/secrets')).status, 200);
  client.server.failNext({}, { status: 502, html: true });
  const page = await client.get('/api/v1/secrets');
  assert.match(page.headers.get('content-type') ?? '', /html/u);
  client.server.failNext({ verb: 'create' }, { status: 500, acts: true });
  assert.equal((await client.post(CONFIGMAPS, configMap('a'))).status, 500);
  assert.equal((await client.post(CONFIGMAPS, configMap('a'))).status, 409);
  client.server.failNext({ verb: 'write' }, { status: 503 }, 2);
  const statuses = [];
  for (let count = 0; count < 3; count++)
    statuses.push((await client.post(CONFIGMAPS, configMap('b'))).status);
  assert.deepEqual(statuses, [503, 503, 201]);
});

test('faults that break the connection or the body', async (t) => {
  const client = await start(t);
  const faults: readonly (readonly [Fault, boolean])[] = [
    ['reset-before', false],
    ['reset-after', true],
    ['half-body', true],
  ];
  for (const [fault, done] of faults) {
    const name = `a-${JSON.stringify(fault).replaceAll('"', '')}`;
    client.server.failNext({ verb: 'create' }, fault);
    await assert.rejects(client.post(CONFIGMAPS, configMap(name)), TypeError);
    assert.equal(client.server.store.get('configmaps', 'default', name) !== undefined, done, name);
  }
  client.server.failNext({}, 'truncated-json');
  assert.equal(typeof (await client.get('/api/v1/secrets')).body, 'string');
  client.server.failNext({}, 'empty-body');
  assert.equal((await client.get('/api/v1/secrets')).text, '');
  client.server.failNext({}, 'stall');
  const signal = AbortSignal.timeout(50);
  await assert.rejects(fetch(`${client.server.url}/api/v1/secrets`, { signal }), { name: 'TimeoutError' });
  assert.equal(client.server.pendingRules, 0);
});

test('rights that are denied are denied in the words of RBAC', async (t) => {
  const client = await start(t);
  const allow = client.server.deny({ verb: ['list', 'patch'], resource: 'secrets' });
  const as = { headers: { 'impersonate-user': 'bob', 'impersonate-group': 'dev' } };
  const list = await client.send('GET', '/api/v1/secrets', undefined, as);
  assert.deepEqual([list.status, list.body['details']], [403, { kind: 'secrets' }]);
  assert.equal(
    list.body['message'],
    'secrets is forbidden: User "bob" cannot list resource "secrets" in API group "" at the cluster scope',
  );
  const apply = await client.apply(`${SECRETS}/s?fieldManager=x`, secret('s'));
  assert.equal(
    apply.body['message'],
    'secrets "s" is forbidden: User "admin" cannot patch resource "secrets" in API group "" in the namespace "default"',
  );
  allow();
  assert.equal((await client.get('/api/v1/secrets')).status, 200);
  assert.deepEqual(client.server.requests[0]?.groups, ['dev']);
});

test('who was granted something may do that alone, by name and by token', async (t) => {
  const client = await start(t);
  client.server.namespace('other');
  const token = client.server.grant('robot', [
    { namespace: 'default', resources: ['namespaces'], resourceNames: ['default'], verbs: ['get'] },
    { namespace: 'default', resources: ['secrets'], verbs: ['list', 'create', 'patch'] },
    { resources: ['configmaps'], resourceNames: ['one'], verbs: ['get', 'list', 'create', 'delete'] },
  ]);
  const as = { headers: { authorization: `Bearer ${token}` } };
  const status = async (method: string, path: string, body?: Json): Promise<number> =>
    (await client.send(method, path, body, as)).status;
  const rows: readonly (readonly [string, string, number, Json?])[] = [
    ['GET', '/api/v1/namespaces/default', 200],
    ['GET', '/api/v1/namespaces/other', 403],
    ['GET', '/api/v1/namespaces/none', 403],
    ['GET', '/api/v1/namespaces', 403],
    ['GET', SECRETS, 200],
    ['GET', '/api/v1/secrets', 403],
    ['GET', '/api/v1/namespaces/other/secrets', 403],
    ['GET', `${SECRETS}/s`, 403],
    ['POST', SECRETS, 201, secret('s')],
    ['DELETE', `${SECRETS}/s`, 403],
    ['POST', CONFIGMAPS, 403, configMap('one')],
    ['GET', CONFIGMAPS, 403],
    ['GET', `${CONFIGMAPS}/one`, 404],
    ['GET', `${CONFIGMAPS}/two`, 403],
    ['GET', '/version', 200],
  ];
  for (const [method, path, expected, body] of rows)
    assert.equal(await status(method, path, body), expected, `${method} ${path}`);
  const robot = { headers: { 'impersonate-user': 'robot' } };
  const refused = await client.send('GET', '/api/v1/namespaces/other', undefined, robot);
  assert.equal(
    refused.body['message'],
    'namespaces "other" is forbidden: User "robot" cannot get resource "namespaces" in API group "" in the namespace "other"',
  );
  assert.equal((await client.get('/api/v1/secrets')).status, 200, 'others may do everything');
});

test('callbacks run around a request', async (t) => {
  const client = await start(t);
  client.server.create('configmaps', configMap('a'));
  const { resourceVersion = '' } = client.server.store.get('configmaps', 'default', 'a')?.metadata ?? {};
  client.server.before({ verb: 'patch', name: 'a' }, () => {
    client.server.patch('configmaps', 'default', 'a', { data: { raced: '1' } });
  });
  const lost = await client.merge(`${CONFIGMAPS}/a`, { metadata: { resourceVersion } });
  assert.equal(lost.status, 409);
  client.server.after({ verb: 'create' }, ({ status }) => {
    assert.equal(status, 201);
    client.server.store.delete('configmaps', 'default', 'b');
  });
  assert.equal((await client.post(CONFIGMAPS, configMap('b'))).status, 201);
  assert.equal((await client.get(`${CONFIGMAPS}/b`)).status, 404);
});

test('the log knows every request, its answer and its size', async (t) => {
  const client = await start(t);
  await client.post(`${CONFIGMAPS}?fieldManager=me&dryRun=All`, configMap('a'));
  await client.get('/api/v1/secrets?limit=7&labelSelector=a', METADATA_LIST);
  await client.apply(`${CONFIGMAPS}/b?fieldManager=me`, configMap('b'));
  const [create, list] = client.server.requests;
  assert.deepEqual(
    [create?.verb, create?.resource, create?.namespace, create?.query, create?.status],
    ['create', 'configmaps', 'default', { fieldManager: 'me', dryRun: 'All' }, 201],
  );
  assert.deepEqual([list?.accept, list?.query.limit, list?.user], ['metadata', '7', 'admin']);
  const { bytesIn, bytesOut, ...verbs } = client.server.counts();
  assert.deepEqual([verbs.create, verbs.list, verbs.apply, verbs.patch], [1, 1, 1, 0]);
  assert.ok(bytesIn > 100 && bytesOut > 300);
  client.server.resetRequests();
  assert.equal(client.server.requests.length, 0);
  assert.equal(client.server.counts().create, 0);
});

test('an unknown route is answered and remembered', async (t) => {
  const client = await start(t);
  client.server.assertNoUnexpected();
  assert.equal((await client.get('/api/v1/pods')).status, 404);
  assert.equal((await client.send('DELETE', CONFIGMAPS)).status, 405);
  assert.deepEqual(client.server.unexpected, ['GET /api/v1/pods', `DELETE ${CONFIGMAPS}`]);
  assert.throws(() => client.server.assertNoUnexpected());
});

test('big answers are gzipped for those who take it', async (t) => {
  const client = await start(t);
  const raw = async (): Promise<string | null> => {
    const response = await fetch(`${client.server.url}/api/v1/configmaps`, {
      headers: { 'accept-encoding': 'gzip' },
    });
    await response.text();
    return response.headers.get('content-encoding');
  };
  assert.equal(await raw(), null);
  client.server.create('configmaps', configMap('big', { a: 'x'.repeat(200_000) }));
  assert.equal(await raw(), 'gzip');
  assert.ok((client.server.requests[1]?.bytesOut ?? 0) < 10_000);
});

test('lists of metadata come in protobuf to who asks for it, and everything else in JSON', async (t) => {
  const protobuf = 'application/vnd.kubernetes.protobuf';
  const either = `${METADATA_LIST.replace('application/json', protobuf)}, ${METADATA_LIST}`;
  const [client, other] = [await start(t), await start(t, { protobuf: false })];
  const typeOf = async (to: Client, path: string, accept: string): Promise<string | null> =>
    (await to.get(path, accept)).headers.get('content-type');
  assert.equal(await typeOf(client, '/api/v1/namespaces', either), protobuf);
  assert.equal(await typeOf(client, '/api/v1/namespaces', METADATA_LIST), 'application/json');
  assert.equal(await typeOf(other, '/api/v1/namespaces', either), 'application/json');
  assert.equal(
    await typeOf(client, '/api/v1/namespaces', `${protobuf},application/json`),
    'application/json',
  );
  const { status, headers } = await client.get('/api/v1/secrets?limit=x', either);
  assert.deepEqual([status, headers.get('content-type')], [400, 'application/json']);
  assert.equal((await other.get('/api/v1/namespaces', either.split(',', 1)[0])).status, 406);
  const response = await fetch(`${client.server.url}/api/v1/namespaces?limit=3`, {
    headers: { accept: either },
  });
  const list = readByReference(Buffer.from(await response.arrayBuffer()));
  const { body } = await client.get('/api/v1/namespaces?limit=3', METADATA_LIST);
  assert.deepEqual([list.kind, list.metadata], [body['kind'], body['metadata']]);
  assert.equal(list.items.length, 3);
});

test('discovery tells kubectl what there is', async (t) => {
  const client = await start(t);
  assert.deepEqual((await client.get('/api')).body['versions'], ['v1']);
  assert.deepEqual((await client.get('/apis')).body['groups'], []);
  const { body } = await client.get('/api/v1');
  const kinds = (body['resources'] as unknown as { kind: string }[]).map(({ kind }) => kind);
  assert.deepEqual(kinds, ['ConfigMap', 'Namespace', 'Secret']);
  assert.equal((await client.get('/readyz')).text, 'ok');
  assert.equal((await client.get('/version')).body['minor'], '36');
  client.server.assertNoUnexpected();
});

test('protobuf, as kubectl create sends it', async (t) => {
  const client = await start(t);
  const field = (tag: number, bytes: Buffer): Buffer =>
    Buffer.concat([Buffer.from([tag, bytes.length]), bytes]);
  const text = (tag: number, value: string): Buffer => field(tag, Buffer.from(value));
  const pair = field(0x12, Buffer.concat([text(0x0a, 'k'), text(0x12, 'v')]));
  const object = Buffer.concat([field(0x0a, text(0x0a, 'proto')), pair, Buffer.from([0x20, 1])]);
  const type = field(0x0a, Buffer.concat([text(0x0a, 'v1'), text(0x12, 'ConfigMap')]));
  const response = await fetch(client.server.url + CONFIGMAPS, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.kubernetes.protobuf' },
    body: Buffer.concat([Buffer.from('k8s\0'), type, field(0x12, object)]),
  });
  assert.equal(response.status, 201);
  const stored = client.server.store.get('configmaps', 'default', 'proto');
  assert.deepEqual([stored?.data, stored?.immutable], [{ k: 'v' }, true]);
});

test('a token is asked for, and may change', async (t) => {
  const client = await start(t, { token: 'old' });
  const status = async (token: string): Promise<number> =>
    (
      await client.send('GET', '/api/v1/secrets', undefined, {
        headers: { authorization: `Bearer ${token}` },
      })
    ).status;
  assert.equal((await client.get('/api/v1/secrets')).status, 401);
  assert.equal(await status('old'), 200);
  client.server.token = 'new';
  assert.deepEqual([await status('old'), await status('new')], [401, 200]);
});

function overTls(server: ApiServer, options: RequestOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const url = new URL('/api/v1/secrets', server.url);
    const request = httpsRequest(url, { ...options, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject).end();
  });
}

test('HTTPS, with client certificates', async (t) => {
  const tls = { key: TEST_KEY, cert: TEST_CERTIFICATE };
  const { server } = await start(t, { tls, clientCA: TEST_CERTIFICATE });
  assert.match(server.url, /^https:/u);
  assert.equal(await overTls(server, { ca: TEST_CERTIFICATE }), 401);
  assert.equal(await overTls(server, { ca: TEST_CERTIFICATE, ...tls }), 200);
  assert.equal(server.requests.at(-1)?.user, 'api.test');
  await assert.rejects(overTls(server, {}), /self-signed certificate/u);
  const { clusters } = JSON.parse(server.kubeconfig()) as { clusters: { cluster: Record<string, string> }[] };
  const data = clusters[0]?.cluster['certificate-authority-data'] ?? '';
  assert.equal(Buffer.from(data, 'base64').toString(), TEST_CERTIFICATE);
});

test('a kubeconfig says where the server is, and what a test adds', async (t) => {
  const { server } = await start(t, { token: 'secret-token' });
  const extra = { context: 'prod', namespace: 'team', user: { token: null, tokenFile: '/t' } };
  assert.deepEqual(JSON.parse(server.kubeconfig(extra)), {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'prod',
    clusters: [{ name: 'prod', cluster: { server: server.url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'prod', user: { tokenFile: '/t' } }],
    contexts: [{ name: 'prod', context: { cluster: 'prod', user: 'prod', namespace: 'team' } }],
  });
});

test('as a process of its own it is filled and read by control routes', async (t) => {
  const main = fileURLToPath(new URL('./apiserver/main.js', import.meta.url));
  const child = spawn(process.execPath, [main, '{"namespaces":3,"sources":2}'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill());
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  const url = chunk.toString().trim();
  const counts = async (path: string, body?: string): Promise<unknown> => {
    const response = await fetch(url + path, body === undefined ? {} : { method: 'POST', body });
    return ((await response.json()) as { objects: unknown }).objects;
  };
  assert.deepEqual(await counts('/_sim/counts'), { namespaces: 8, configmaps: 1, secrets: 1 });
  const more = '{"helmSecrets":4,"helmBytes":100,"bystanders":5}';
  assert.deepEqual(await counts('/_sim/seed', more), { namespaces: 8, configmaps: 6, secrets: 5 });
  assert.deepEqual(await counts('/_sim/reset', ''), { namespaces: 4, configmaps: 0, secrets: 0 });
});
