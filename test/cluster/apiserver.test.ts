import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  type Client,
  METADATA,
  METADATA_LIST,
  type Reply,
  base64,
  configMap,
  names,
  owners,
  secret,
} from '../support/api-client.ts';
import type { Json, KubeObject } from '../support/apiserver.ts';
import { TestCluster } from '../support/cluster.ts';

/*
 * What an API server answers, and who owns a field afterwards: the facts that this program and its simulated API server are
 * built on. The same expectations hold for both: `real.test.ts` replays them on a real kube-apiserver.
 */

/** A client in a namespace of its own. */
async function start(t: TestContext): Promise<Client> {
  const cluster = await TestCluster.open();
  t.after(() => cluster[Symbol.asyncDispose]());
  return cluster.client(await cluster.namespace('api'));
}

test('a cluster starts with the namespaces that every cluster has', async (t) => {
  const client = await start(t);
  const reply = await client.get('/api/v1/namespaces');
  for (const name of ['default', 'kube-node-lease', 'kube-public', 'kube-system'])
    assert.ok((names(reply) as string[]).includes(name), name);
  assert.equal(reply.body['kind'], 'NamespaceList');
  const { body } = await client.get('/api/v1/namespaces/default');
  assert.deepEqual(body['metadata']?.['labels'], { 'kubernetes.io/metadata.name': 'default' });
});

test('an object comes back as it was created, with what the server adds', async (t) => {
  const client = await start(t);
  const reply = await client.post(
    `${client.configmaps}?fieldManager=me`,
    configMap('omni', { b: '2', a: '1' }),
  );
  assert.equal(reply.status, 201);
  const { uid, resourceVersion, creationTimestamp, managedFields } = reply.body['metadata'] as unknown as {
    [key: string]: string;
  };
  assert.match(uid ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u);
  assert.match(resourceVersion ?? '', /^\d+$/u);
  assert.match(creationTimestamp ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/u);
  const metadata = {
    name: 'omni',
    namespace: client.namespace,
    uid,
    resourceVersion,
    creationTimestamp,
    managedFields,
  };
  const whole = { kind: 'ConfigMap', apiVersion: 'v1', metadata, data: { a: '1', b: '2' } };
  assert.deepEqual(reply.body, whole);
  assert.deepEqual((await client.get(`${client.configmaps}/omni`)).body, whole);
  const partial = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
  assert.deepEqual((await client.get(`${client.configmaps}/omni`, METADATA)).body, partial);
  const list = await client.get(`${client.configmaps}?fieldSelector=metadata.name%3Domni`, METADATA_LIST);
  assert.equal(list.body['kind'], 'PartialObjectMetadataList');
  assert.deepEqual(list.body['items'], [partial]);
  const full = await client.get(`${client.configmaps}?fieldSelector=metadata.name%3Domni`);
  assert.deepEqual(full.body['items'], [{ metadata, data: { a: '1', b: '2' } }]);
});

test('a key named __proto__ is a key like any other', async (t) => {
  const client = await start(t);
  const data = JSON.parse('{"__proto__":"x","k":"v"}') as Json;
  const created = await client.post(client.configmaps, configMap('p', data));
  assert.deepEqual(Object.entries(created.body['data'] ?? {}), [
    ['__proto__', 'x'],
    ['k', 'v'],
  ]);
  assert.deepEqual(owners(created), ['tester Update: data. data/__proto__ data/k']);
  const patched = await client.merge(
    `${client.configmaps}/p`,
    JSON.parse('{"data":{"__proto__":null}}') as Json,
  );
  assert.deepEqual(Object.keys(patched.body['data'] ?? {}), ['k']);
  const again = await client.apply(
    `${client.configmaps}/p?fieldManager=ap`,
    configMap('p', JSON.parse('{"__proto__":"y"}') as Json),
  );
  assert.equal(JSON.stringify(again.body['data']), '{"__proto__":"y","k":"v"}');
});

test('pages show one snapshot under one resourceVersion', async (t) => {
  const client = await start(t);
  for (const name of ['a', 'b', 'c', 'd', 'e']) await client.create('secrets', secret(name));
  const first = await client.get(`${client.secrets}?limit=2`);
  assert.deepEqual(names(first), ['a', 'b']);
  const { resourceVersion, remainingItemCount } = first.body['metadata'] ?? {};
  assert.equal(remainingItemCount, 3);
  await client.send('DELETE', `${client.secrets}/d`);
  await client.create('secrets', secret('f'));
  const second = await client.get(`${client.secrets}?limit=2&continue=${first.token}`);
  assert.deepEqual(names(second), ['c', 'd']);
  const last = await client.get(`${client.secrets}?limit=2&continue=${second.token}`);
  assert.deepEqual(names(last), ['e']);
  assert.equal(last.body['metadata']?.['resourceVersion'], resourceVersion);
  assert.equal(last.body['metadata']?.['continue'], undefined);
});

test('with a selector a last page may be empty and nothing says how many remain', async (t) => {
  const client = await start(t);
  for (const name of ['a', 'b', 'c'])
    await client.create('secrets', secret(name, {}, { labels: { app: name === 'c' ? 'y' : 'x' } }));
  const first = await client.get(`${client.secrets}?limit=2&labelSelector=app%3Dx`);
  assert.equal(first.body['metadata']?.['remainingItemCount'], undefined);
  const next = await client.get(`${client.secrets}?limit=2&labelSelector=app%3Dx&continue=${first.token}`);
  assert.deepEqual(next.body['items'], []);
  assert.equal(next.body['metadata']?.['continue'], undefined);
});

test('a list at resourceVersion 0 is whole, one of the future is refused', async (t) => {
  const client = await start(t);
  const all = names(await client.get('/api/v1/namespaces?limit=1&resourceVersion=0')) as string[];
  assert.ok(all.length > 4, 'the four of every cluster, and that of this test');
  const future = await client.get('/api/v1/namespaces?resourceVersion=99999999');
  assert.equal(future.status, 504);
  assert.equal(future.headers.get('retry-after'), '1');
});

test('label selectors', async (t) => {
  const client = await start(t);
  const put = (name: string, labels: Record<string, string>): Promise<KubeObject> =>
    client.create('configmaps', configMap(name, {}, { labels }));
  await put('none', {});
  await put('x1', { app: 'x', n: '1' });
  await put('y12', { app: 'y', n: '12', 'a.b/c': '' });
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
    const reply = await client.get(`${client.configmaps}?labelSelector=${encodeURIComponent(selector)}`);
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
    const reply = await client.get(`${client.configmaps}?labelSelector=${encodeURIComponent(bad)}`);
    assert.equal(reply.status, 400, bad);
  }
});

test('field selectors', async (t) => {
  const client = await start(t);
  await client.create('secrets', secret('plain'));
  await client.create('secrets', secret('release', { type: 'helm.sh/release.v1' }));
  const list = async (selector: string): Promise<Reply> =>
    client.get(`${client.secrets}?fieldSelector=${encodeURIComponent(selector)}`);
  assert.deepEqual(names(await list('type!=helm.sh/release.v1')), ['plain']);
  assert.deepEqual(names(await list('type=helm.sh/release.v1')), ['release']);
  const byName = await list(`metadata.name=plain,metadata.namespace==${client.namespace}`);
  assert.deepEqual(names(byName), ['plain']);
  assert.equal((await list('data=x')).status, 400);
  assert.equal((await client.get(`${client.configmaps}?fieldSelector=type%3Dx`)).status, 400);
});

test('what cannot be created, and why', async (t) => {
  const client = await start(t);
  await client.create('configmaps', configMap('taken'));
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
    const reply = await client.post(client.configmaps, body);
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

test('what the types of Secrets ask for', async (t) => {
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
    const reply = await client.post(client.secrets, secret('x', { type, data }));
    assert.equal(reply.status, 422, type);
    assert.equal(reply.body['details']?.['causes']?.['0']?.['field'], field);
  }
  const fine = secret('x', {
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': base64('{}') },
  });
  assert.equal((await client.post(client.secrets, fine)).status, 201);
  assert.match(
    (await client.merge(`${client.secrets}/x`, { type: 'y' })).message,
    /type: Invalid value: "y": field is immutable/u,
  );
});

test('stringData becomes data, and Opaque is the type of a Secret that says none', async (t) => {
  const client = await start(t);
  const reply = await client.post(
    client.secrets,
    secret('s', { data: { a: base64('1') }, stringData: { a: '2', b: '3' } }),
  );
  assert.deepEqual(reply.body['data'], { a: base64('2'), b: base64('3') });
  assert.equal(reply.body['stringData'], undefined);
  assert.equal(reply.body['type'], 'Opaque');
  assert.deepEqual(owners(reply), ['tester Update: data. data/a data/b type']);
});

test('immutable objects refuse content and take metadata', async (t) => {
  const client = await start(t);
  await client.create('configmaps', { ...(configMap('im', { a: '1' }) as object), immutable: true });
  const reply = await client.merge(`${client.configmaps}/im`, { data: { a: '2' }, immutable: null });
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
  assert.equal(
    (await client.merge(`${client.configmaps}/im`, { metadata: { labels: { a: 'b' } } })).status,
    200,
  );
  assert.equal(
    (await client.merge(`${client.configmaps}/im`, { metadata: { managedFields: [{}] } })).status,
    200,
  );
});

test('to an immutable object an empty map is not the same as none', async (t) => {
  const client = await start(t);
  await client.create('configmaps', { ...(configMap('im') as object), immutable: true });
  await client.create('secrets', { ...(secret('im') as object), immutable: true });
  assert.equal((await client.merge(`${client.configmaps}/im`, { data: { gone: null } })).status, 200);
  const binary = await client.merge(`${client.configmaps}/im`, { binaryData: { gone: null } });
  assert.match(binary.message, /binaryData: Forbidden/u);
  assert.match(
    (await client.merge(`${client.secrets}/im`, { data: { gone: null } })).message,
    /data: Forbidden/u,
  );
});

test('merge patches are guarded by uid and resourceVersion', async (t) => {
  const client = await start(t);
  const { metadata } = await client.create('configmaps', configMap('a', { k: 'v' }));
  const path = `${client.configmaps}/a`;
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
  assert.equal((await client.merge(`${client.configmaps}/b`, {})).status, 404);
  const same = await client.merge(path, { data: { k: 'v' } });
  assert.equal(same.body['metadata']?.['resourceVersion'], metadata.resourceVersion);
  const guard = { uid: metadata.uid ?? '', resourceVersion: metadata.resourceVersion ?? '' };
  assert.equal((await client.merge(path, { metadata: guard, data: { k: 'w' } })).status, 200);
  assert.equal((await client.merge(path, { metadata: guard, data: { k: 'z' } })).status, 409);
});

test('a patch that does not decode is told with all the values', async (t) => {
  const client = await start(t);
  await client.create('secrets', secret('s', { stringData: { password: 'hunter2' } }));
  const reply = await client.merge(`${client.secrets}/s`, { data: { x: '***' } });
  assert.equal(reply.status, 422);
  assert.ok(reply.message.includes(base64('hunter2')));
});

test('JSON patches and strategic merge patches', async (t) => {
  const client = await start(t);
  await client.create('configmaps', configMap('a', { k: 'v', gone: '' }, { finalizers: ['x.io/a'] }));
  const json = (...operations: readonly Json[]): Promise<Reply> =>
    client.send('PATCH', `${client.configmaps}/a`, operations, { type: 'application/json-patch+json' });
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
    `${client.configmaps}/a`,
    { data: { $patch: 'replace', only: 'x' }, metadata: { finalizers: ['x.io/b'] } },
    { type: 'application/strategic-merge-patch+json' },
  );
  assert.deepEqual(strategic.body['data'], { only: 'x' });
  assert.deepEqual(strategic.body['metadata']?.['finalizers'], ['x.io/b', 'x.io/a']);
  assert.equal(
    (await client.send('PATCH', `${client.configmaps}/a`, {}, { type: 'application/json' })).status,
    415,
  );
});

test('updates own what they change and lose what others change', async (t) => {
  const client = await start(t);
  await client.post(
    `${client.configmaps}?fieldManager=one`,
    configMap('a', { x: '1', y: '1' }, { labels: { l: '1' } }),
  );
  const by = async (manager: string, body: Json): Promise<string[]> =>
    owners(await client.merge(`${client.configmaps}/a?fieldManager=${manager}`, body));
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
    `${client.configmaps}/a?fieldManager=four`,
    configMap('a', { x: '2', q: '' }),
  );
  assert.deepEqual(owners(put), ['four Update: data/q', 'one Update: data', 'two Update: data/x']);
});

test('applies own what they send, share what is equal and conflict where it is not', async (t) => {
  const client = await start(t);
  const by = (manager: string, data: Json, query = ''): Promise<Reply> =>
    client.apply(`${client.configmaps}/a?fieldManager=${manager}${query}`, configMap('a', data));
  const created = await by('one', { x: '1', y: '2' });
  assert.equal(created.status, 201);
  assert.deepEqual(owners(created), ['one Apply: data/x data/y']);
  assert.deepEqual(owners(await by('two', { x: '1' })), ['one Apply: data/x data/y', 'two Apply: data/x']);
  const conflict = await by('two', { x: '2', y: '3' });
  assert.equal(conflict.status, 409);
  assert.equal(
    conflict.body['message'],
    'Apply failed with 2 conflicts: conflicts with "one":\n- .data.x\n- .data.y',
  );
  const forced = await by('two', { x: '2' }, '&force=true');
  assert.deepEqual(owners(forced), ['one Apply: data/y', 'two Apply: data/x']);
  const update = await client.merge(`${client.configmaps}/a?fieldManager=up`, { data: { y: '9' } });
  assert.deepEqual(owners(update), ['two Apply: data/x', 'up Update: data/y']);
  const against = await by('one', { y: 'mine' });
  assert.equal(against.body['message'], 'Apply failed with 1 conflict: conflict with "up" using v1: .data.y');
  const dropped = await by('two', {});
  assert.deepEqual(dropped.body['data'], { y: '9' });
  assert.equal((await client.apply(`${client.configmaps}/a`, configMap('a'))).status, 422);
});

test('applied stringData changes data without a change of owner', async (t) => {
  const client = await start(t);
  await client.create('secrets', secret('s', { stringData: { a: '1' } }), 'one');
  const reply = await client.apply(
    `${client.secrets}/s?fieldManager=ap`,
    secret('s', { stringData: { a: '2', b: '3' } }),
  );
  assert.deepEqual(reply.body['data'], { a: base64('2'), b: base64('3') });
  assert.deepEqual(owners(reply), ['ap Apply: stringData/a stringData/b', 'one Update: data. data/a type']);
});

function entry(manager: string, fields: Json, rest: Readonly<Record<string, Json>> = {}): Json {
  const base = { manager, operation: 'Update', apiVersion: 'v1', time: '2020-01-01T00:00:00Z' };
  return { ...base, fieldsType: 'FieldsV1', fieldsV1: fields, ...rest };
}

test('managedFields in a request are taken when they are well-formed', async (t) => {
  const client = await start(t);
  await client.create('configmaps', configMap('m', { a: '1', b: '2' }), 'one');
  const send = async (entries: Json, data: Json = {}): Promise<string[]> =>
    owners(
      await client.merge(`${client.configmaps}/m?fieldManager=w&dryRun=All`, {
        metadata: { managedFields: entries },
        data,
      }),
    );
  const a = { 'f:data': { 'f:a': {} } };
  const before = ['one Update: data. data/a data/b'];
  assert.deepEqual(await send([entry('x', a)]), ['x Update: data/a']);
  assert.deepEqual(await send([entry('x', a)], { b: '9' }), ['w Update: data/b', 'x Update: data/a']);
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

test('after a reset an object stays untracked until it is applied or given owners', async (t) => {
  const client = await start(t);
  await client.create('configmaps', configMap('m', { a: '1' }));
  await client.merge(`${client.configmaps}/m`, { metadata: { managedFields: [{}] } });
  assert.deepEqual(owners(await client.merge(`${client.configmaps}/m`, { data: { b: '2' } })), []);
  const applied = await client.apply(
    `${client.configmaps}/m?fieldManager=ap&force=true`,
    configMap('m', { b: '3' }),
  );
  assert.deepEqual(owners(applied), ['ap Apply: data/b', 'before-first-apply Update: data. data/a']);
});

test('the oldest of more than ten updaters become ancient-changes', async (t) => {
  const client = await start(t);
  await client.create('configmaps', configMap('m', { a0: '1' }), 'm0');
  const times = Array.from({ length: 12 }, (_, index) => `2020-01-${10 + index}T00:00:00Z`);
  const entries = times.map((time, index) => {
    const all = entry(`m${index}`, { 'f:data': { [`f:a${index}`]: {} } }, { time });
    return index === 5 ? entry('m5', { 'f:data': { 'f:a5': {} } }, { time: null }) : all;
  });
  const reply = await client.merge(`${client.configmaps}/m`, { metadata: { managedFields: entries } });
  assert.equal(owners(reply).length, 10);
  assert.equal(owners(reply)[0], 'ancient-changes Update: data/a0 data/a1 data/a5');
});

test('deletes are guarded, and say what they deleted', async (t) => {
  const client = await start(t);
  const { metadata } = await client.create('configmaps', configMap('a'));
  const path = `${client.configmaps}/a`;
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
  await client.create('configmaps', configMap('a', {}, { finalizers: ['x.io/f'] }));
  const marked = await client.send('DELETE', `${client.configmaps}/a`);
  assert.equal(marked.status, 200);
  assert.notEqual(marked.body['metadata']?.['deletionTimestamp'], undefined);
  const again = await client.post(client.configmaps, configMap('a'));
  assert.equal(again.body['message'], 'object is being deleted: configmaps "a" already exists');
  assert.equal(
    (await client.merge(`${client.configmaps}/a`, { metadata: { finalizers: ['x.io/f', 'x.io/g'] } })).status,
    422,
  );
  assert.equal(
    (await client.merge(`${client.configmaps}/a`, { metadata: { finalizers: null } })).status,
    200,
  );
  assert.equal((await client.get(`${client.configmaps}/a`)).status, 404);
});

test('dry runs pass every check and change nothing', async (t) => {
  const client = await start(t);
  const created = await client.post(`${client.configmaps}?dryRun=All`, configMap('a'));
  assert.equal(created.status, 201);
  assert.equal(created.body['metadata']?.['resourceVersion'], undefined);
  await client.create('configmaps', configMap('a'));
  assert.equal((await client.post(`${client.configmaps}?dryRun=All`, configMap('a'))).status, 409);
  assert.equal((await client.merge(`${client.configmaps}/a?dryRun=All`, { data: { k: 'v' } })).status, 200);
  assert.equal((await client.get(`${client.configmaps}/a`)).body['data'], undefined);
  assert.equal((await client.post(`${client.configmaps}?dryRun=Some`, configMap('b'))).status, 422);
});

test('forms that do not fit are 406', async (t) => {
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
