import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { readBody } from '../../../src/kube/read/read-object.ts';
import type { ApiRequest, ApiClient } from '../../../src/kube/http/client.ts';
import { connect } from '../../../src/kube/connect.ts';
import { Retries, type Retrying } from '../../../src/kube/http/retry.ts';
import { cleanMessage } from '../../../src/kube/http/request-error.ts';
import {
  type StubAnswer,
  answering,
  connectOptions,
  connectTo,
  failureOf,
  kubeconfigFile,
  kubeconfigText,
  statusOf,
  stubServer,
  valueOf,
} from '../../support/connecting.ts';

/** The tries of one request, as docs/design.md 6 has them. */
const MOST_TRIES = 6;

const READ: ApiRequest = {
  method: 'GET',
  path: '/api/v1/namespaces/demo/secrets/omni',
  attempt: { verb: 'get', resource: 'secrets', kind: 'Secret', namespace: 'demo', name: 'omni' },
};
const WRITE: ApiRequest = {
  method: 'POST',
  path: '/api/v1/namespaces/demo/secrets',
  attempt: { ...READ.attempt, verb: 'create' },
  body: '{"é":1}',
};
const FINE: StubAnswer = { json: { fine: true } };

const terminating = { causes: [{ reason: 'Other' }, { reason: 'NamespaceTerminating' }] };
const REFUSALS: readonly (readonly [string, StubAnswer, string])[] = [
  ['401', statusOf(401, 'Unauthorized'), 'anonymous'],
  ['403', statusOf(403, 'Forbidden'), 'forbidden'],
  ['403 of a terminating namespace', statusOf(403, 'Forbidden', 'x', terminating), 'namespace-terminating'],
  ['404', statusOf(404, 'NotFound', 'x', { kind: 'secrets' }), 'not-found'],
  ['404 of the namespace', statusOf(404, 'NotFound', 'x', { kind: 'namespaces' }), 'namespace-gone'],
  ['404 of something else', { status: 404, text: '404 page not found' }, 'malformed-answer'],
  ['409', statusOf(409, 'Conflict'), 'conflict'],
  ['409 of an existing object', statusOf(409, 'AlreadyExists'), 'already-exists'],
  ['400', statusOf(400, 'BadRequest'), 'status'],
  ['410', statusOf(410, 'Expired'), 'status'],
  ['422', statusOf(422, 'Invalid'), 'status'],
  ['a redirect', { status: 302, headers: { location: 'https://login.test' }, text: '' }, 'malformed-answer'],
  ['a login page', { headers: { 'content-type': 'text/html' }, text: '<html>' }, 'malformed-answer'],
  ['a 403 page', { status: 403, headers: { 'content-type': 'text/html' }, text: '<html>' }, 'forbidden'],
  ['a 401 page', { status: 401, headers: { 'content-type': 'text/html' }, text: '<html>' }, 'anonymous'],
];

for (const [name, answer, reason] of REFUSALS)
  test(`${name} is ${reason} and is not retried`, async (t) => {
    const server = await stubServer(t, answering(answer));
    const failure = failureOf(await (await connectTo(t, server.url)).send(READ));
    assert.equal(failure.reason, reason);
    assert.equal(failure.attempt, READ.attempt);
    // After a 401, the client gets new credentials once.
    assert.equal(server.requests.length, reason === 'anonymous' ? 2 : 1);
  });

const PASSING: readonly (readonly [string, StubAnswer, string])[] = [
  ['429', statusOf(429, 'TooManyRequests'), 'status'],
  ['500', statusOf(500, 'InternalError'), 'status'],
  ['502', { status: 502, headers: { 'content-type': 'text/html' }, text: '<html>' }, 'status'],
  ['503', statusOf(503, 'ServiceUnavailable'), 'status'],
  ['504', statusOf(504, 'Timeout'), 'status'],
  ['a cut connection', 'reset', 'connection-lost'],
];

for (const [name, answer, reason] of PASSING)
  test(`${name} is retried, and is ${reason} after the last try`, async (t) => {
    const passing = await stubServer(t, answering(answer, answer, FINE));
    assert.deepEqual(valueOf(await (await connectTo(t, passing.url)).send(WRITE)).json, { fine: true });
    const lasting = await stubServer(t, answering(answer));
    const connection = await connectTo(t, lasting.url);
    assert.equal(failureOf(await connection.send(WRITE)).reason, reason);
    assert.equal(lasting.requests.length, MOST_TRIES);
    assert.equal(connection.counts().create, MOST_TRIES);
  });

/** An answer to a write, and whether the write may have been carried out although that answer says otherwise. */
const LOST: readonly (readonly [string, StubAnswer, boolean])[] = [
  ['429', statusOf(429, 'TooManyRequests'), false],
  ['500', statusOf(500, 'InternalError'), true],
  ['502', { status: 502, headers: { 'content-type': 'text/html' }, text: '<html>' }, true],
  ['503', statusOf(503, 'ServiceUnavailable'), true],
  ['504', statusOf(504, 'Timeout'), true],
  ['a cut connection', 'reset', true],
];

for (const [name, answer, isLost] of LOST)
  test(`after ${name}, a write ${isLost ? 'may' : 'cannot'} have been carried out`, async (t) => {
    const server = await stubServer(t, answering(answer, statusOf(409, 'AlreadyExists')));
    const failure = failureOf(await (await connectTo(t, server.url)).send(WRITE));
    assert.equal(failure.reason, 'already-exists');
    assert.equal(failure.afterLost ?? false, isLost);
  });

test('after a request used up its tries, each request gets one try until the server responds', async (t) => {
  const busy = statusOf(503, 'ServiceUnavailable');
  const server = await stubServer(
    t,
    answering(...Array.from({ length: MOST_TRIES + 1 }, () => busy), FINE, busy, FINE),
  );
  const connection = await connectTo(t, server.url);
  failureOf(await connection.send(READ));
  failureOf(await connection.send(READ));
  assert.equal(server.requests.length, MOST_TRIES + 1);
  valueOf(await connection.send(READ));
  valueOf(await connection.send(READ));
  assert.equal(server.requests.length, MOST_TRIES + 4);
});

test('a read with cut JSON is retried, and a write is not', async (t) => {
  const cut = { text: '{"kind":"Sec' };
  const reading = await stubServer(t, answering(cut, FINE));
  valueOf(await (await connectTo(t, reading.url)).send(READ));
  const writing = await stubServer(t, answering(cut, FINE));
  assert.equal(failureOf(await (await connectTo(t, writing.url)).send(WRITE)).reason, 'malformed-answer');
});

test('a body shorter than announced is a lost connection', async (t) => {
  const short = { headers: { 'content-length': '100' }, text: '{}' };
  const server = await stubServer(t, (request, response) => {
    answering(server.requests.length > 1 ? FINE : short)(request, response);
    if (server.requests.length === 1) setTimeout(() => request.socket.destroy(), 20);
  });
  valueOf(await (await connectTo(t, server.url)).send(READ));
  assert.equal(server.requests.length, 2);
});

test('gzip is requested and read, and broken gzip is a malformed response', async (t) => {
  const whole = gzipSync('{"fine":true}');
  const server = await stubServer(t, (_, response) => {
    const body = server.requests.length === 1 ? whole : whole.subarray(0, 12);
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' }).end(body);
  });
  const connection = await connectTo(t, server.url);
  assert.deepEqual(valueOf(await connection.send(READ)).json, { fine: true });
  assert.equal(connection.bytes, whole.length);
  assert.equal(server.requests[0]?.headers['accept-encoding'], 'gzip');
  assert.equal(failureOf(await connection.send(READ)).reason, 'malformed-answer');
});

test('a body is sent whole, with its length', async (t) => {
  const server = await stubServer(t, answering(FINE));
  valueOf(await (await connectTo(t, server.url)).send(WRITE));
  const [request] = server.requests;
  assert.deepEqual([request?.body, request?.headers['content-length']], ['{"é":1}', '8']);
});

test('a server that never responded is unreachable at once, and one that went away is retried', async (t) => {
  const server = await stubServer(t, answering(FINE));
  const retries: Retrying[] = [];
  const before = await connectTo(t, server.url, { progress: (event) => retries.push(event) });
  valueOf(await before.send(READ));
  await server.close();
  assert.equal(failureOf(await before.send(READ)).reason, 'unreachable');
  assert.equal(retries.length, MOST_TRIES - 1);
  assert.deepEqual(
    retries.map(({ attempt }) => attempt),
    [1, 2, 3, 4, 5],
  );
  const never = await connectTo(t, server.url, { progress: (event) => retries.push(event) });
  const failure = failureOf(await never.send(READ));
  assert.deepEqual(
    [failure.reason, failure.message, failure.subject],
    ['unreachable', 'ECONNREFUSED', server.url],
  );
  assert.equal(retries.length, MOST_TRIES - 1);
});

test('a name that does not resolve is unreachable', async (t) => {
  const connection = await connectTo(t, 'http://nowhere.invalid:6443');
  assert.equal(failureOf(await connection.send(READ)).reason, 'unreachable');
});

test('a response that does not arrive, or not completely, times out', async (t) => {
  const silent = await connectTo(t, (await stubServer(t, () => undefined)).url, {}, 30);
  assert.equal(failureOf(await silent.send(READ)).reason, 'timed-out');
  assert.equal(silent.counts().get, MOST_TRIES);
  const stalled = await stubServer(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"half":');
  });
  assert.equal(failureOf(await (await connectTo(t, stalled.url, {}, 30)).send(READ)).reason, 'timed-out');
});

test('a finished request leaves no timer, and all requests share one listener', async (t) => {
  const server = await stubServer(t, answering(FINE, statusOf(404, 'NotFound'), FINE));
  const stop = new AbortController();
  const connection = await connectTo(t, server.url, { stop: stop.signal }, 60_000);
  const listeners = (): number => getEventListeners(stop.signal, 'abort').length;
  valueOf(await connection.send(READ));
  const before = listeners();
  await Promise.all(Array.from({ length: 20 }, () => connection.send(READ)));
  assert.equal(listeners(), before);
  const timers = process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout');
  assert.ok(timers.length < 3, `${timers.length} timers`);
});

test('each request has the full time, whatever ran before it', async (t) => {
  const server = await stubServer(t, (request, response) => {
    setTimeout(() => answering(FINE)(request, response), 40);
  });
  const connection = await connectTo(t, server.url, {}, 500);
  for (let each = 0; each < 15; each += 1) valueOf(await connection.send(READ));
  assert.equal(server.requests.length, 15);
});

/** Milliseconds that `act` sleeps. */
async function sleepOf(random: number, act: (retries: Retries) => Promise<unknown>): Promise<number> {
  let slept = NaN;
  const sleep = (milliseconds: number): Promise<void> => {
    slept = milliseconds;
    return Promise.resolve();
  };
  await act(new Retries({ random: () => random, now: () => Date.parse('2026-01-01T00:00:00Z'), sleep }));
  return slept;
}

/** Milliseconds before the next try. */
function delayAfter(tries: number, random: number, retryAfter?: string): Promise<number> {
  const failure = { reason: 'status', message: 'busy' } as const;
  const error = { failure, retryable: true, ...(retryAfter !== undefined && { retryAfter }) };
  return sleepOf(random, (retries) => retries.wait(error, tries, undefined));
}

test('Retry-After may be seconds or a date, and has a maximum', async () => {
  const delay = (retryAfter?: string): Promise<number> => delayAfter(1, 0, retryAfter);
  const without = 125;
  assert.equal(await delay(), without);
  assert.equal(await delay('7'), 7000);
  assert.equal(await delay('Thu, 01 Jan 2026 00:00:05 GMT'), 5000);
  assert.equal(await delay('Wed, 31 Dec 2025 00:00:00 GMT'), without);
  assert.equal(await delay('86400'), 60_000);
  assert.equal(await delay('soon'), without);
});

test('the wait doubles with each try, half of it is random, and Retry-After is its minimum', async () => {
  const { signal } = new AbortController();
  const delays = (random: number): Promise<readonly number[]> =>
    Promise.all([
      ...[1, 2, 3].map((tries) => delayAfter(tries, random)),
      ...[3, 9].map((tries) => sleepOf(random, (retries) => retries.pause(tries, signal))),
    ]);
  assert.deepEqual(await delays(0), [125, 250, 500, 500, 5000]);
  assert.deepEqual(await delays(1), [250, 500, 1000, 1000, 10_000]);
  assert.equal(await delayAfter(1, 0, '3'), 3000);
});

/** Sleeps that end when the test says so. */
function heldSleeps(): { sleep: () => Promise<void>; wake: () => void; asleep: () => number } {
  const held: (() => void)[] = [];
  const sleep = (): Promise<void> => new Promise((resolve) => held.push(resolve));
  return { sleep, asleep: () => held.length, wake: () => held.splice(0).forEach((resolve) => resolve()) };
}

const SLOWING: readonly (readonly [string, StubAnswer, boolean])[] = [
  ['a 429', statusOf(429, 'TooManyRequests'), true],
  [
    'a 503 with Retry-After',
    { ...(statusOf(503, 'ServiceUnavailable') as object), headers: { 'retry-after': '1' } },
    true,
  ],
  ['a 503 without', statusOf(503, 'ServiceUnavailable'), false],
];

for (const [name, answer, everybody] of SLOWING)
  test(`${name} delays ${everybody ? 'all requests' : 'only the request itself'}`, async (t) => {
    const server = await stubServer(t, answering(answer, FINE));
    const { sleep, wake, asleep } = heldSleeps();
    const connection = await connectTo(t, server.url, { sleep });
    const first = connection.send(READ);
    while (asleep() === 0) await wait(1);
    const second = connection.send(READ);
    await wait(30);
    assert.equal(server.requests.length, everybody ? 1 : 2);
    wake();
    valueOf(await first);
    valueOf(await second);
    assert.equal(server.requests.length, 3);
  });

test('a stop ends a read that waits for its response or for a retry', async (t) => {
  const stop = new AbortController();
  const silent = await stubServer(t, () => stop.abort('SIGINT'));
  const connection = await connectTo(t, silent.url, { stop: stop.signal });
  assert.equal(failureOf(await connection.send(READ)).reason, 'stopped');
  assert.equal(failureOf(await connection.send(READ)).reason, 'stopped');
  assert.equal(silent.requests.length, 1);
});

test(
  'a stop ends every read that waits, also after another one has timed out',
  { timeout: 10_000 },
  async (t) => {
    const stop = new AbortController();
    const silent = await stubServer(t, () => undefined);
    const hasty = await connectTo(t, silent.url, { stop: stop.signal }, 30);
    const patient = await connectTo(t, silent.url, { stop: stop.signal }, 0);
    const timed = hasty.send(READ);
    const waiting = [patient.send(READ), patient.send(READ)];
    assert.equal(failureOf(await timed).reason, 'timed-out');
    stop.abort('SIGINT');
    for (const one of waiting) assert.equal(failureOf(await one).reason, 'stopped');
  },
);

test('a stop during a wait ends the request', async (t) => {
  const server = await stubServer(t, answering(statusOf(500, 'InternalError')));
  const stopping = async (): Promise<ApiClient> => {
    const stop = new AbortController();
    return connectTo(t, server.url, { stop: stop.signal, sleep: async () => stop.abort('SIGTERM') });
  };
  assert.equal(failureOf(await (await stopping()).send(READ)).reason, 'stopped');
  const write = failureOf(await (await stopping()).send(WRITE));
  assert.deepEqual([write.reason, write.status], ['status', 500]);
  assert.equal(server.requests.length, 2);
  failureOf(await (await stopping()).send({ ...WRITE, mustFinish: true }));
  assert.equal(server.requests.length, 2 + MOST_TRIES);
});

test('the system timers wait, and end early at a stop', async (t) => {
  const server = await stubServer(t, answering(statusOf(500, 'InternalError')));
  const kubeconfig = kubeconfigFile(t, kubeconfigText({ server: server.url }));
  const stop = new AbortController();
  const connection = valueOf(
    await connect(connectOptions({ kubeconfig }), {
      stop: stop.signal,
      progress: () => setImmediate(() => stop.abort()),
    }),
  );
  t.after(() => connection.close());
  assert.equal(failureOf(await connection.send(READ)).reason, 'stopped');
});

test('messages lose control characters and text direction, and long ones are cut', () => {
  assert.equal(cleanMessage('a\u001B[31m\n\tb\u202Ec '), 'a [31m b c');
  assert.equal(cleanMessage('x'.repeat(5000)).length, 1001);
});

test('a 404 of a proxy does not mean that the object is missing', async (t) => {
  const server = await stubServer(
    t,
    answering({ status: 404, headers: { 'content-type': 'text/html' }, text: '<html>' }),
  );
  const read = await readBody(await connectTo(t, server.url), {
    kind: 'Secret',
    namespace: 'demo',
    name: 'omni',
  });
  assert.equal(failureOf(read).reason, 'malformed-answer');
});
