import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

import {
  ApiServer,
  type ApiServerOptions,
  type Fault,
  type Json,
  type KubeObject,
  type ManagedFieldsEntry,
} from './apiserver.ts';
import { TEST_CERTIFICATE, TEST_KEY } from './connecting.ts';
import { readByReference } from './protobuf-reference.ts';

/*
 * The simulated API server, compared with a real one of Kubernetes 1.36: every expectation here was first an answer of
 * a real kube-apiserver to the same request.
 */

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const SECRETS = '/api/v1/namespaces/default/secrets';
const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const MERGE = 'application/merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

/** The answer. A body that is not JSON is its text. */
interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Loose;
  readonly text: string;
  /** Of an error. */
  readonly message: string;
  /** Of a list: the continue token. Also of a 410. */
  readonly token: string;
}

/** JSON whose shape the test does not declare. */
interface Loose {
  readonly [key: string]: Loose;
}

interface Sending {
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

class Client {
  readonly server: ApiServer;

  constructor(server: ApiServer) {
    this.server = server;
  }

  async send(method: string, path: string, body?: Json, sending: Sending = {}): Promise<Reply> {
    const { type = 'application/json', headers = {} } = sending;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(this.server.url + path, {
      method,
      headers: {
        'user-agent': 'tester/1.0',
        ...(body === undefined ? {} : { 'content-type': type }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: text }),
    });
    return reply(response.status, response.headers, await response.text());
  }

  get(path: string, accept = 'application/json'): Promise<Reply> {
    return this.send('GET', path, undefined, { headers: { accept } });
  }

  post(path: string, body: Json): Promise<Reply> {
    return this.send('POST', path, body);
  }

  merge(path: string, body: Json): Promise<Reply> {
    return this.send('PATCH', path, body, { type: MERGE });
  }

  apply(path: string, body: Json): Promise<Reply> {
    return this.send('PATCH', path, body, { type: APPLY });
  }
}

function parse(text: string): Loose {
  try {
    return JSON.parse(text) as Loose;
  } catch {
    return text as unknown as Loose;
  }
}

function reply(status: number, headers: Headers, text: string): Reply {
  const body = parse(text);
  const { message = '', metadata } = body as unknown as {
    readonly message?: string;
    readonly metadata?: { readonly continue?: string };
  };
  return { status, headers, body, text, message, token: metadata?.continue ?? '' };
}

/**
 * Owners are in the order of their times, which have seconds. With a clock that stops, they are in the order of their
 * names.
 */
async function start(t: TestContext, options: ApiServerOptions = {}): Promise<Client> {
  const began = new Date();
  const server = await ApiServer.start({ now: () => began, ...options });
  t.after(() => server.stop());
  return new Client(server);
}

function configMap(name: string, data: Json = {}, metadata: Readonly<Record<string, Json>> = {}): Json {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

function secret(name: string, rest: Readonly<Record<string, Json>> = {}): Json {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, ...rest };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function names(reply: Reply): unknown {
  return (reply.body['items'] as unknown as KubeObject[]).map(({ metadata }) => metadata.name);
}

/** `manager operation: fields`, the fields as dotted paths without `f:`. */
function owners(reply: Reply | KubeObject): string[] {
  const object = ('body' in reply ? reply.body : reply) as unknown as KubeObject;
  return (object.metadata.managedFields ?? []).map(owner);
}

function owner({ manager = '', operation = '', fieldsV1 }: ManagedFieldsEntry): string {
  return `${manager} ${operation}: ${paths(fieldsV1 as unknown as Loose).join(' ')}`;
}

function paths(fields: Loose, prefix = ''): string[] {
  return Object.entries(fields).flatMap(([key, inner]) => {
    const path =
      key === '.' ? `${prefix}.` : `${prefix === '' ? '' : `${prefix}/`}${key.replace(/^f:/u, '')}`;
    return Object.keys(inner).length === 0 ? [path] : paths(inner, path);
  });
}

test('a cluster starts with the namespaces that every cluster has', async (t) => {
  const client = await start(t);
  const reply = await client.get('/api/v1/namespaces');
  assert.deepEqual(names(reply), ['default', 'kube-node-lease', 'kube-public', 'kube-system']);
  assert.equal(reply.body['kind'], 'NamespaceList');
  assert.deepEqual(reply.body['items']?.['0']?.['metadata']?.['labels'], {
    'kubernetes.io/metadata.name': 'default',
  });
});

test('an object is returned as it was created, with what the server adds', async (t) => {
  const client = await start(t);
  const reply = await client.post(`${CONFIGMAPS}?fieldManager=me`, configMap('omni', { b: '2', a: '1' }));
  assert.equal(reply.status, 201);
  const { uid, resourceVersion, creationTimestamp, managedFields } = reply.body['metadata'] as unknown as {
    [key: string]: string;
  };
  assert.match(uid ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u);
  assert.match(resourceVersion ?? '', /^\d+$/u);
  assert.match(creationTimestamp ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/u);
  const metadata = {
    name: 'omni',
    namespace: 'default',
    uid,
    resourceVersion,
    creationTimestamp,
    managedFields,
  };
  const whole = { kind: 'ConfigMap', apiVersion: 'v1', metadata, data: { a: '1', b: '2' } };
  assert.deepEqual(reply.body, whole);
  assert.deepEqual((await client.get(`${CONFIGMAPS}/omni`)).body, whole);
  const partial = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
  assert.deepEqual((await client.get(`${CONFIGMAPS}/omni`, METADATA)).body, partial);
  const list = await client.get('/api/v1/configmaps', METADATA_LIST);
  assert.equal(list.body['kind'], 'PartialObjectMetadataList');
  assert.deepEqual(list.body['items'], [partial]);
  const full = await client.get('/api/v1/configmaps');
  assert.deepEqual(full.body['items'], [{ metadata, data: { a: '1', b: '2' } }]);
});

test('a key named __proto__ is treated like any other key', async (t) => {
  const client = await start(t);
  const data = JSON.parse('{"__proto__":"x","k":"v"}') as Json;
  const created = await client.post(CONFIGMAPS, configMap('p', data));
  assert.deepEqual(Object.entries(created.body['data'] ?? {}), [
    ['__proto__', 'x'],
    ['k', 'v'],
  ]);
  assert.deepEqual(owners(created), ['tester Update: data. data/__proto__ data/k']);
  const patched = await client.merge(`${CONFIGMAPS}/p`, JSON.parse('{"data":{"__proto__":null}}') as Json);
  assert.deepEqual(Object.keys(patched.body['data'] ?? {}), ['k']);
  const again = await client.apply(
    `${CONFIGMAPS}/p?fieldManager=ap`,
    configMap('p', JSON.parse('{"__proto__":"y"}') as Json),
  );
  assert.equal(JSON.stringify(again.body['data']), '{"__proto__":"y","k":"v"}');
});

test('pages show one snapshot with one resourceVersion', async (t) => {
  const client = await start(t);
  for (const name of ['a', 'b', 'c', 'd', 'e']) client.server.create('secrets', secret(name));
  const first = await client.get('/api/v1/secrets?limit=2');
  assert.deepEqual(names(first), ['a', 'b']);
  const { resourceVersion, remainingItemCount } = first.body['metadata'] ?? {};
  assert.equal(remainingItemCount, 3);
  client.server.store.delete('secrets', 'default', 'd');
  client.server.create('secrets', secret('f'));
  const second = await client.get(`/api/v1/secrets?limit=2&continue=${first.token}`);
  assert.deepEqual(names(second), ['c', 'd']);
  const last = await client.get(`/api/v1/secrets?limit=2&continue=${second.token}`);
  assert.deepEqual(names(last), ['e']);
  assert.equal(last.body['metadata']?.['resourceVersion'], resourceVersion);
  assert.equal(last.body['metadata']?.['continue'], undefined);
  assert.deepEqual(
    client.server.requests.map(({ page }) => page),
    [1, 2, 3],
  );
});

test('an expired token gives 410 and a token to continue without a snapshot', async (t) => {
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

test('with a selector a last page may be empty, and the number of remaining items is unknown', async (t) => {
  const client = await start(t);
  for (const name of ['a', 'b', 'c'])
    client.server.store.put('secrets', {
      metadata: { name, namespace: 'default', labels: { app: name === 'c' ? 'y' : 'x' } },
    });
  const first = await client.get('/api/v1/secrets?limit=2&labelSelector=app%3Dx');
  assert.equal(first.body['metadata']?.['remainingItemCount'], undefined);
  const next = await client.get(`/api/v1/secrets?limit=2&labelSelector=app%3Dx&continue=${first.token}`);
  assert.deepEqual(next.body['items'], []);
  assert.equal(next.body['metadata']?.['continue'], undefined);
});

test('a list at resourceVersion 0 is complete, and one of the future is rejected', async (t) => {
  const client = await start(t);
  assert.equal(
    (names(await client.get('/api/v1/namespaces?limit=1&resourceVersion=0')) as string[]).length,
    4,
  );
  const future = await client.get('/api/v1/namespaces?resourceVersion=99999999');
  assert.equal(future.status, 504);
  assert.equal(future.headers.get('retry-after'), '1');
});

test('label selectors work', async (t) => {
  const client = await start(t);
  const put = (name: string, labels: Record<string, string>): void => {
    client.server.store.put('configmaps', { metadata: { name, namespace: 'default', labels } });
  };
  put('none', {});
  put('x1', { app: 'x', n: '1' });
  put('y12', { app: 'y', n: '12', 'a.b/c': '' });
  const selects: readonly (readonly [string, string[]])[] = [
    ['app', ['x1', 'y12']],
    ['!app', ['none']],
    ['app=x', ['x1']],
    ['app == x , n', ['x1']],
    ['app!=x', ['none', 'y12']],
    ['app in (x,y)', ['x1', 'y12']],
    ['app notin (x)', ['none', 'y12']],
    ['app in ()', []],
    ['n>1', ['y12']],
    ['n<12', ['x1']],
    ['a.b/c=', ['y12']],
    ['a.b/c,app', ['y12']],
    ['', ['none', 'x1', 'y12']],
  ];
  for (const [selector, expected] of selects) {
    const reply = await client.get(`${CONFIGMAPS}?labelSelector=${encodeURIComponent(selector)}`);
    assert.deepEqual(names(reply), expected, selector);
  }
  for (const bad of [
    'x===y',
    'x foo',
    'a > b',
    '-a',
    'a,',
    'a b',
    '!a=b',
    'a in (b',
    'a in b',
    `a=${'x'.repeat(64)}`,
  ]) {
    const reply = await client.get(`${CONFIGMAPS}?labelSelector=${encodeURIComponent(bad)}`);
    assert.equal(reply.status, 400, bad);
  }
});

test('field selectors work', async (t) => {
  const client = await start(t);
  client.server.create('secrets', secret('plain'));
  client.server.create('secrets', secret('release', { type: 'helm.sh/release.v1' }));
  const list = async (selector: string): Promise<Reply> =>
    client.get(`/api/v1/secrets?fieldSelector=${encodeURIComponent(selector)}`);
  assert.deepEqual(names(await list('type!=helm.sh/release.v1')), ['plain']);
  assert.deepEqual(names(await list('type=helm.sh/release.v1')), ['release']);
  assert.deepEqual(names(await list('metadata.name=plain,metadata.namespace==default')), ['plain']);
  assert.equal((await list('data=x')).status, 400);
  assert.equal((await client.get('/api/v1/configmaps?fieldSelector=type%3Dx')).status, 400);
});

test('invalid objects cannot be created', async (t) => {
  const client = await start(t);
  client.server.create('configmaps', configMap('taken'));
  const big = 'x'.repeat(1_048_577);
  const cases: readonly (readonly [Json, number, string, RegExp])[] = [
    [configMap('taken'), 409, 'AlreadyExists', /^configmaps "taken" already exists$/u],
    [
      configMap('Bad'),
      422,
      'Invalid',
      /^ConfigMap "Bad" is invalid: metadata.name: Invalid value: "Bad": a lower/u,
    ],
    [configMap(''), 422, 'Invalid', /name or generateName is required$/u],
    [configMap('b', { 'a b': '' }), 422, 'Invalid', /data\[a b\]: Invalid value: "a b": a valid config key/u],
    [configMap('b', { '..': '' }), 422, 'Invalid', /must not be '\.\.'/u],
    [configMap('b', { a: 1 }), 400, 'BadRequest', /cannot unmarshal number/u],
    [configMap('b', { a: big }), 422, 'Invalid', /Too long: may not be more than 1048576 bytes$/u],
    [configMap('b', { a: 'x'.repeat(3 * 1024 * 1024) }), 413, 'RequestEntityTooLarge', /limit is 3145728$/u],
    [
      configMap('b', {}, { labels: { a: 'x'.repeat(64) } }),
      422,
      'Invalid',
      /must be no more than 63 bytes$/u,
    ],
    [configMap('b', {}, { labels: { a: '-' } }), 422, 'Invalid', /a valid label must be/u],
    [configMap('b', {}, { labels: { 'a/b/c': '' } }), 422, 'Invalid', /a valid label key must/u],
    [configMap('b', {}, { annotations: { a: 'x'.repeat(262_144) } }), 422, 'Invalid', /262144 bytes$/u],
    [configMap('b', {}, { annotations: { '-a': '' } }), 422, 'Invalid', /name part must consist/u],
    [configMap('b', {}, { namespace: 'other' }), 400, 'BadRequest', /does not match the namespace sent/u],
    [configMap('b', {}, { finalizers: ['bad'] }), 422, 'Invalid', /nor is it fully qualified$/u],
    [secret('b'), 400, 'BadRequest', /unknown conversion$/u],
    ['{bad', 400, 'BadRequest', /^the object provided is unrecognized/u],
    [
      { ...(configMap('b', { a: '' }) as object), binaryData: { a: '' } },
      422,
      'Invalid',
      /duplicate of key present in binaryData$/u,
    ],
    [
      { ...(configMap('b') as object), binaryData: { a: '!' } },
      400,
      'BadRequest',
      /illegal base64 data at input byte 0$/u,
    ],
  ];
  for (const [body, status, reason, message] of cases) {
    const reply = await client.post(CONFIGMAPS, body);
    const seen = reply.body as unknown as { reason: string; message: string; code: number };
    assert.deepEqual([reply.status, seen.reason, seen.code], [status, reason, status], seen.message);
    assert.match(seen.message, message);
  }
  const elsewhere = await client.post('/api/v1/namespaces/nope/configmaps', configMap('a'));
  assert.deepEqual(elsewhere.body['details'], { name: 'nope', kind: 'namespaces' });
  assert.equal(elsewhere.body['message'], 'namespaces "nope" not found');
  const dotted = await client.post('/api/v1/namespaces', { metadata: { name: 'a.b' } });
  assert.match(dotted.message, /must not contain dots/u);
});

test('a Secret must have what its type requires', async (t) => {
  const client = await start(t);
  const missing: readonly (readonly [string, Json, string])[] = [
    ['kubernetes.io/tls', { 'tls.crt': '' }, 'data[tls.key]'],
    ['kubernetes.io/dockerconfigjson', {}, 'data[.dockerconfigjson]'],
    ['kubernetes.io/dockerconfigjson', { '.dockerconfigjson': base64('{') }, 'data[.dockerconfigjson]'],
    ['kubernetes.io/dockercfg', {}, 'data[.dockercfg]'],
    ['kubernetes.io/basic-auth', {}, 'data[username]'],
    ['kubernetes.io/ssh-auth', { 'ssh-privatekey': '' }, 'data[ssh-privatekey]'],
    ['kubernetes.io/service-account-token', {}, 'metadata.annotations[kubernetes.io/service-account.name]'],
  ];
  for (const [type, data, field] of missing) {
    const reply = await client.post(SECRETS, secret('x', { type, data }));
    assert.equal(reply.status, 422, type);
    assert.equal(reply.body['details']?.['causes']?.['0']?.['field'], field);
  }
  const fine = secret('x', {
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': base64('{}') },
  });
  assert.equal((await client.post(SECRETS, fine)).status, 201);
  assert.match(
    (await client.merge(`${SECRETS}/x`, { type: 'y' })).message,
    /type: Invalid value: "y": field is immutable/u,
  );
});

test('stringData becomes data, and Opaque is the type of a Secret without one', async (t) => {
  const client = await start(t);
  const reply = await client.post(
    SECRETS,
    secret('s', { data: { a: base64('1') }, stringData: { a: '2', b: '3' } }),
  );
  assert.deepEqual(reply.body['data'], { a: base64('2'), b: base64('3') });
  assert.equal(reply.body['stringData'], undefined);
  assert.equal(reply.body['type'], 'Opaque');
  assert.deepEqual(owners(reply), ['tester Update: data. data/a data/b type']);
});

test('immutable objects reject content and accept metadata', async (t) => {
  const client = await start(t);
  client.server.create('configmaps', { ...(configMap('im', { a: '1' }) as object), immutable: true });
  const reply = await client.merge(`${CONFIGMAPS}/im`, { data: { a: '2' }, immutable: null });
  assert.equal(reply.status, 422);
  assert.deepEqual(reply.body['details']?.['causes'], [
    {
      reason: 'FieldValueForbidden',
      message: 'Forbidden: field is immutable when `immutable` is set',
      field: 'immutable',
    },
    {
      reason: 'FieldValueForbidden',
      message: 'Forbidden: field is immutable when `immutable` is set',
      field: 'data',
    },
  ]);
  assert.equal((await client.merge(`${CONFIGMAPS}/im`, { metadata: { labels: { a: 'b' } } })).status, 200);
  assert.equal((await client.merge(`${CONFIGMAPS}/im`, { metadata: { managedFields: [{}] } })).status, 200);
});

test('in an immutable object an empty map differs from a missing one', async (t) => {
  const client = await start(t);
  client.server.create('configmaps', { ...(configMap('im') as object), immutable: true });
  client.server.create('secrets', { ...(secret('im') as object), immutable: true });
  assert.equal((await client.merge(`${CONFIGMAPS}/im`, { data: { gone: null } })).status, 200);
  const binary = await client.merge(`${CONFIGMAPS}/im`, { binaryData: { gone: null } });
  assert.match(binary.message, /binaryData: Forbidden/u);
  assert.match((await client.merge(`${SECRETS}/im`, { data: { gone: null } })).message, /data: Forbidden/u);
});

test('merge patches are guarded by uid and resourceVersion', async (t) => {
  const client = await start(t);
  const { metadata } = client.server.create('configmaps', configMap('a', { k: 'v' }));
  const path = `${CONFIGMAPS}/a`;
  const uid = '00000000-0000-4000-8000-000000000000';
  const wrongUid = await client.merge(path, { metadata: { uid } });
  assert.equal(wrongUid.status, 422);
  assert.match(wrongUid.message, /metadata.uid: Invalid value: ".*": field is immutable$/u);
  const stale = await client.merge(path, { metadata: { uid, resourceVersion: '1' } });
  assert.equal(stale.status, 409);
  assert.equal(
    stale.body['message'],
    'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
  );
  assert.equal((await client.merge(`${CONFIGMAPS}/b`, {})).status, 404);
  const same = await client.merge(path, { data: { k: 'v' } });
  assert.equal(same.body['metadata']?.['resourceVersion'], metadata.resourceVersion);
  const guard = { uid: metadata.uid ?? '', resourceVersion: metadata.resourceVersion ?? '' };
  assert.equal((await client.merge(path, { metadata: guard, data: { k: 'w' } })).status, 200);
  assert.equal((await client.merge(path, { metadata: guard, data: { k: 'z' } })).status, 409);
});

test('a patch that does not decode is answered with all the values', async (t) => {
  const client = await start(t);
  client.server.create('secrets', secret('s', { stringData: { password: 'hunter2' } }));
  const reply = await client.merge(`${SECRETS}/s`, { data: { x: '***' } });
  assert.equal(reply.status, 422);
  assert.ok(reply.message.includes(base64('hunter2')));
});

test('JSON patches and strategic merge patches work', async (t) => {
  const client = await start(t);
  client.server.create('configmaps', configMap('a', { k: 'v', gone: '' }, { finalizers: ['x.io/a'] }));
  const json = (...operations: readonly Json[]): Promise<Reply> =>
    client.send('PATCH', `${CONFIGMAPS}/a`, operations, { type: 'application/json-patch+json' });
  const done = await json(
    { op: 'test', path: '/data/k', value: 'v' },
    { op: 'replace', path: '/data/k', value: 'w' },
    { op: 'remove', path: '/data/gone' },
    { op: 'add', path: '/data/n', value: '1' },
  );
  assert.deepEqual(done.body['data'], { k: 'w', n: '1' });
  for (const operation of [
    { op: 'test', path: '/data/k', value: 'v' },
    { op: 'remove', path: '/data/none' },
    { op: 'add', path: '/none/x', value: '' },
    { op: 'frob', path: '/data/k' },
  ]) {
    const refused = await json(operation);
    assert.equal(refused.status, 422);
    assert.deepEqual(refused.body['details'], {});
  }
  const strategic = await client.send(
    'PATCH',
    `${CONFIGMAPS}/a`,
    { data: { $patch: 'replace', only: 'x' }, metadata: { finalizers: ['x.io/b'] } },
    { type: 'application/strategic-merge-patch+json' },
  );
  assert.deepEqual(strategic.body['data'], { only: 'x' });
  assert.deepEqual(strategic.body['metadata']?.['finalizers'], ['x.io/b', 'x.io/a']);
  assert.equal((await client.send('PATCH', `${CONFIGMAPS}/a`, {}, { type: 'application/json' })).status, 415);
});

test('updates own what they change and lose what others change', async (t) => {
  const client = await start(t);
  await client.post(
    `${CONFIGMAPS}?fieldManager=one`,
    configMap('a', { x: '1', y: '1' }, { labels: { l: '1' } }),
  );
  const by = async (manager: string, body: Json): Promise<string[]> =>
    owners(await client.merge(`${CONFIGMAPS}/a?fieldManager=${manager}`, body));
  assert.deepEqual(await by('two', { data: { x: '1' } }), [
    'one Update: data. data/x data/y metadata/labels. metadata/labels/l',
  ]);
  assert.deepEqual(await by('two', { data: { x: '2', z: '1' } }), [
    'one Update: data. data/y metadata/labels. metadata/labels/l',
    'two Update: data/x data/z',
  ]);
  assert.deepEqual(await by('three', { data: { y: null, z: null }, metadata: { labels: { m: '1' } } }), [
    'one Update: data metadata/labels. metadata/labels/l',
    'three Update: metadata/labels/m',
    'two Update: data/x',
  ]);
  const put = await client.send(
    'PUT',
    `${CONFIGMAPS}/a?fieldManager=four`,
    configMap('a', { x: '2', q: '' }),
  );
  assert.deepEqual(owners(put), ['four Update: data/q', 'one Update: data', 'two Update: data/x']);
});

test('applies own what they send, share equal values, and conflict for other values', async (t) => {
  const client = await start(t);
  const by = (manager: string, data: Json, query = ''): Promise<Reply> =>
    client.apply(`${CONFIGMAPS}/a?fieldManager=${manager}${query}`, configMap('a', data));
  const created = await by('one', { x: '1', y: '2' });
  assert.equal(created.status, 201);
  assert.deepEqual(owners(created), ['one Apply: data/x data/y']);
  assert.deepEqual(owners(await by('two', { x: '1' })), ['two Apply: data/x', 'one Apply: data/x data/y']);
  const conflict = await by('two', { x: '2', y: '3' });
  assert.equal(conflict.status, 409);
  assert.equal(
    conflict.body['message'],
    'Apply failed with 2 conflicts: conflicts with "one":\n- .data.x\n- .data.y',
  );
  const forced = await by('two', { x: '2' }, '&force=true');
  assert.deepEqual(owners(forced), ['one Apply: data/y', 'two Apply: data/x']);
  const update = await client.merge(`${CONFIGMAPS}/a?fieldManager=up`, { data: { y: '9' } });
  assert.deepEqual(owners(update), ['two Apply: data/x', 'up Update: data/y']);
  const against = await by('one', { y: 'mine' });
  assert.equal(against.body['message'], 'Apply failed with 1 conflict: conflict with "up" using v1: .data.y');
  const dropped = await by('two', {});
  assert.deepEqual(dropped.body['data'], { y: '9' });
  assert.equal((await client.apply(`${CONFIGMAPS}/a`, configMap('a'))).status, 422);
});

test('applied stringData changes data without a change of owner', async (t) => {
  const client = await start(t);
  client.server.create('secrets', secret('s', { stringData: { a: '1' } }), 'one');
  const reply = await client.apply(
    `${SECRETS}/s?fieldManager=ap`,
    secret('s', { stringData: { a: '2', b: '3' } }),
  );
  assert.deepEqual(reply.body['data'], { a: base64('2'), b: base64('3') });
  assert.deepEqual(owners(reply), ['ap Apply: stringData/a stringData/b', 'one Update: data. data/a type']);
});

function entry(manager: string, fields: Json, rest: Readonly<Record<string, Json>> = {}): Json {
  const base = { manager, operation: 'Update', apiVersion: 'v1', time: '2020-01-01T00:00:00Z' };
  return { ...base, fieldsType: 'FieldsV1', fieldsV1: fields, ...rest };
}

test('managedFields in a request are used if they are well-formed', async (t) => {
  const client = await start(t);
  client.server.create('configmaps', configMap('m', { a: '1', b: '2' }), 'one');
  const send = async (entries: Json, data: Json = {}): Promise<string[]> =>
    owners(
      await client.merge(`${CONFIGMAPS}/m?fieldManager=w&dryRun=All`, {
        metadata: { managedFields: entries },
        data,
      }),
    );
  const a = { 'f:data': { 'f:a': {} } };
  const before = ['one Update: data. data/a data/b'];
  assert.deepEqual(await send([entry('x', a)]), ['x Update: data/a']);
  assert.deepEqual(await send([entry('x', a)], { b: '9' }), ['x Update: data/a', 'w Update: data/b']);
  assert.deepEqual(await send([entry('x', a)], { a: '9' }), ['w Update: data/a']);
  assert.deepEqual(await send([entry('x', { 'f:data': { '.': {}, 'f:none': {} } })]), [
    'x Update: data. data/none',
  ]);
  for (const bad of [
    { operation: 'Foo' },
    { fieldsType: 'Foo' },
    { apiVersion: '' },
    { fieldsV1: { bad: {} } },
    { fieldsV1: { 'f:data': '' } },
  ])
    assert.deepEqual(await send([entry('x', a, bad)]), before, JSON.stringify(bad));
  assert.deepEqual(await send(null), before);
  assert.deepEqual(await send([{}]), []);
  assert.deepEqual(await send([]), []);
});

test('after a reset an object stays untracked until it is applied or gets owners', async (t) => {
  const client = await start(t);
  client.server.create('configmaps', configMap('m', { a: '1' }));
  await client.merge(`${CONFIGMAPS}/m`, { metadata: { managedFields: [{}] } });
  assert.deepEqual(owners(await client.merge(`${CONFIGMAPS}/m`, { data: { b: '2' } })), []);
  const applied = await client.apply(
    `${CONFIGMAPS}/m?fieldManager=ap&force=true`,
    configMap('m', { b: '3' }),
  );
  assert.deepEqual(owners(applied), ['ap Apply: data/b', 'before-first-apply Update: data. data/a']);
});

test('the oldest of more than ten updaters become ancient-changes', async (t) => {
  const client = await start(t);
  client.server.create('configmaps', configMap('m', { a0: '1' }), 'm0');
  const times = Array.from({ length: 12 }, (_, index) => `2020-01-${10 + index}T00:00:00Z`);
  const entries = times.map((time, index) => {
    const all = entry(`m${index}`, { 'f:data': { [`f:a${index}`]: {} } }, { time });
    return index === 5 ? entry('m5', { 'f:data': { 'f:a5': {} } }, { time: null }) : all;
  });
  const reply = await client.merge(`${CONFIGMAPS}/m`, { metadata: { managedFields: entries } });
  assert.equal(owners(reply).length, 10);
  assert.equal(owners(reply)[0], 'ancient-changes Update: data/a0 data/a1 data/a5');
});

test('deletes are guarded, and return what they deleted', async (t) => {
  const client = await start(t);
  const { metadata } = client.server.create('configmaps', configMap('a'));
  const path = `${CONFIGMAPS}/a`;
  const uid = '00000000-0000-4000-8000-000000000000';
  const wrong = await client.send('DELETE', path, { preconditions: { uid } });
  assert.equal(wrong.status, 409);
  assert.match(wrong.message, /on ConfigMap "a": the UID in the precondition/u);
  assert.equal((await client.send('DELETE', path, { preconditions: { resourceVersion: '1' } })).status, 409);
  assert.equal((await client.send('DELETE', `${path}?dryRun=All`)).status, 200);
  const guard = { uid: metadata.uid ?? '', resourceVersion: metadata.resourceVersion ?? '' };
  const gone = await client.send('DELETE', path, { preconditions: guard });
  assert.deepEqual(gone.body, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: 'a', kind: 'configmaps', uid: metadata.uid },
  });
  assert.equal((await client.send('DELETE', path)).status, 404);
});

test('an object with finalizers waits for them', async (t) => {
  const client = await start(t);
  client.server.create('configmaps', configMap('a', {}, { finalizers: ['x.io/f'] }));
  const marked = await client.send('DELETE', `${CONFIGMAPS}/a`);
  assert.equal(marked.status, 200);
  assert.notEqual(marked.body['metadata']?.['deletionTimestamp'], undefined);
  const again = await client.post(CONFIGMAPS, configMap('a'));
  assert.equal(again.body['message'], 'object is being deleted: configmaps "a" already exists');
  assert.equal(
    (await client.merge(`${CONFIGMAPS}/a`, { metadata: { finalizers: ['x.io/f', 'x.io/g'] } })).status,
    422,
  );
  assert.equal((await client.merge(`${CONFIGMAPS}/a`, { metadata: { finalizers: null } })).status, 200);
  assert.equal((await client.get(`${CONFIGMAPS}/a`)).status, 404);
});

test('dry runs pass every check and change nothing', async (t) => {
  const client = await start(t);
  const created = await client.post(`${CONFIGMAPS}?dryRun=All`, configMap('a'));
  assert.equal(created.status, 201);
  assert.equal(created.body['metadata']?.['resourceVersion'], undefined);
  client.server.create('configmaps', configMap('a'));
  assert.equal((await client.post(`${CONFIGMAPS}?dryRun=All`, configMap('a'))).status, 409);
  assert.equal((await client.merge(`${CONFIGMAPS}/a?dryRun=All`, { data: { k: 'v' } })).status, 200);
  assert.equal(client.server.store.get('configmaps', 'default', 'a')?.data, undefined);
  assert.equal((await client.post(`${CONFIGMAPS}?dryRun=Some`, configMap('b'))).status, 422);
});

test('a deleted namespace terminates until it is finished', async (t) => {
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

test('without holdNamespaces a namespace is gone at once', async (t) => {
  const client = await start(t, { holdNamespaces: false });
  client.server.namespace('team');
  client.server.create('configmaps', configMap('a', {}, { namespace: 'team', finalizers: ['x.io/f'] }));
  assert.equal((await client.send('DELETE', '/api/v1/namespaces/team')).status, 200);
  assert.equal((await client.get('/api/v1/namespaces/team')).status, 404);
  assert.equal(client.server.store.count('configmaps'), 0);
});

test('quota is checked before names', async (t) => {
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

test('admission hooks reject objects, and what they change has no owner', async (t) => {
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

test('faults can answer', async (t) => {
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

test('faults can break the connection or the body', async (t) => {
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

test('a denied request has the message of RBAC', async (t) => {
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

test('a user with grants can do only that, by name and by token', async (t) => {
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

test('the log has every request, its answer and its size', async (t) => {
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

test('an unknown route is answered and recorded', async (t) => {
  const client = await start(t);
  client.server.assertNoUnexpected();
  assert.equal((await client.get('/api/v1/pods')).status, 404);
  assert.equal((await client.send('DELETE', CONFIGMAPS)).status, 405);
  assert.deepEqual(client.server.unexpected, ['GET /api/v1/pods', `DELETE ${CONFIGMAPS}`]);
  assert.throws(() => client.server.assertNoUnexpected());
});

test('large answers are gzipped for clients that accept it', async (t) => {
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

test('formats that do not fit give 406', async (t) => {
  const client = await start(t);
  assert.equal((await client.get('/api/v1/secrets', METADATA)).status, 406);
  assert.equal((await client.get('/api/v1/namespaces/default', METADATA_LIST)).status, 406);
  assert.equal((await client.get('/api/v1/secrets', 'text/html')).status, 406);
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  assert.equal(
    (await client.get('/api/v1/namespaces', table)).body['rows']?.['0']?.['cells']?.['1'],
    'Active',
  );
});

test('lists of metadata are protobuf if requested, and everything else is JSON', async (t) => {
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

test('discovery is enough for kubectl', async (t) => {
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

test('protobuf of kubectl create is read', async (t) => {
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

test('a token can be required, and may change', async (t) => {
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

test('HTTPS works with client certificates', async (t) => {
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

test('a kubeconfig has the address of the server, and what a test adds', async (t) => {
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

test('as a separate process the server is filled and read with control routes', async (t) => {
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
