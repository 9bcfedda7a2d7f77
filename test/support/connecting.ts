import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  createServer,
} from 'node:http';
import { type ServerOptions, createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { parseKubeconfig } from '../../src/cli/kubeconfig-yaml.ts';
import type { Failure, Result } from '../../src/model/failure.ts';
import { type ConnectHooks, type ConnectOptions, connect } from '../../src/kube/connect.ts';
import type { ApiClient } from '../../src/kube/http/client.ts';
import { readBody } from '../../src/kube/read/read-object.ts';

/** A self-signed certificate for 127.0.0.1 and api.test, good until 2120. It protects nothing: it is for tests only. */
export const TEST_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBZDCCAQqgAwIBAgIBATAKBggqhkjOPQQDAjATMREwDwYDVQQDDAhhcGkudGVz
dDAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowEzERMA8GA1UEAwwI
YXBpLnRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAT8ieaVo09ruX1J3pIx
cjewrmElaviv7Ly6XC10w57Y6exfUSCgznLI/RXz1xRsAWqfbEnXCbRu1y6Vj7Nd
+BIdo00wSzAPBgNVHRMBAf8EBTADAQH/MBkGA1UdEQQSMBCCCGFwaS50ZXN0hwR/
AAABMB0GA1UdDgQWBBS/ziyBKmSU6SLgA2ZqUTyvbKaOTzAKBggqhkjOPQQDAgNI
ADBFAiBvLSV8Jy8EFGcKRf9jLe2+KRbPV6EpbUGN/DgHxEhlDAIhAPqE/qIQHmZ6
42emOVcjxUj9qxt+0U0wg/4Da/cOKXeP
-----END CERTIFICATE-----
`;

/** The key of {@link TEST_CERTIFICATE}. */
export const TEST_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg50nP2+I5u0qalpoh
lFP4Ne/VVKC/t02N/+UAZo5nZR+hRANCAAT8ieaVo09ruX1J3pIxcjewrmElaviv
7Ly6XC10w57Y6exfUSCgznLI/RXz1xRsAWqfbEnXCbRu1y6Vj7Nd+BId
-----END PRIVATE KEY-----
`;

/** A self-signed certificate for 127.0.0.1 that expired in 2011, with its key. It protects nothing. */
export const EXPIRED_PAIR = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBYjCCAQigAwIBAgIBATAKBggqhkjOPQQDAjATMREwDwYDVQQDDAhvbGQudGVz
dDAeFw0xMDAxMDEwMDAwMDBaFw0xMTAxMDEwMDAwMDBaMBMxETAPBgNVBAMMCG9s
ZC50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEUzHrXjs0qj7w3TMxF1wP
f5L7gaF/TKjgPX8YuvydAQ37BZ6hV2HhW63WPkdvc3KyFEg5WfcTRbfDbHmPH3HF
baNNMEswDwYDVR0TAQH/BAUwAwEB/zAZBgNVHREEEjAQgghvbGQudGVzdIcEfwAA
ATAdBgNVHQ4EFgQUjfx8s0NgRM7f8ngNodp+XkoztN0wCgYIKoZIzj0EAwIDSAAw
RQIgK/o/d5VFBb921M8CdJx2MD1ltPwMg7r1rYY2Q3cxWL4CIQCLoGBiMmZVXpLh
BeJ/of5ClGwKjAqbC6FikPB53PJhVQ==
-----END CERTIFICATE-----
`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgj8d7vY3UDGYXQh7x
Y/lDCbxlMdwIMX5VJEz8QWt6/k6hRANCAARTMeteOzSqPvDdMzEXXA9/kvuBoX9M
qOA9fxi6/J0BDfsFnqFXYeFbrdY+R29zcrIUSDlZ9xNFt8NseY8fccVt
-----END PRIVATE KEY-----
`,
};

/** A server that records its requests and answers as a test says. */
export interface StubServer {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly Recorded[];
  /** Connections opened so far. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

/** One request as it arrived. */
export interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Starts a {@link StubServer} for the duration of a test. `true` is {@link TEST_CERTIFICATE}. */
export async function stubServer(
  t: TestContext,
  answer: RequestListener,
  secure: boolean | ServerOptions = false,
): Promise<StubServer> {
  const requests: Recorded[] = [];
  const listener: RequestListener = (request, response) => {
    void bodyOf(request).then((body) => {
      const { method = '', url = '', headers } = request;
      requests.push({ method, url, headers, body });
      return answer(request, response);
    });
  };
  const pair = { cert: TEST_CERTIFICATE, key: TEST_KEY };
  const isSecure = secure !== false;
  const server = isSecure
    ? createSecureServer(secure === true ? pair : { ...pair, ...secure }, listener)
    : createServer(listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  t.after(close);
  return {
    url: `${isSecure ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    requests,
    connections: () => sockets.size,
    close,
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

/** A {@link RequestListener} that gives these answers one after the other, and repeats the last one. */
export function answering(...answers: readonly StubAnswer[]): RequestListener {
  let count = 0;
  return (request, response) => {
    const answer = answers[Math.min(count, answers.length - 1)];
    count += 1;
    if (answer === undefined || answer === 'reset') {
      request.socket.destroy();
      return;
    }
    const { status = 200, headers = {}, json, text = JSON.stringify(json) } = answer;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(text);
  };
}

/** An answer of a {@link StubServer}, or a connection that is cut without one. */
export type StubAnswer =
  | 'reset'
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly json?: unknown;
      readonly text?: string;
    };

/** A `Status` of the API server. */
export function statusOf(code: number, reason: string, message = reason, details: object = {}): StubAnswer {
  return {
    status: code,
    json: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, details },
  };
}

/** A directory that is deleted after the test. */
export function scratch(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'kubed-sync-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** The text of a kubeconfig with one context, `here`. */
export function kubeconfigText(cluster: object, user: object = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'there', cluster }],
    users: [{ name: 'me', user }],
    contexts: [{ name: 'here', context: { cluster: 'there', user: 'me' } }],
    'current-context': 'here',
  });
}

/** Writes a kubeconfig into a {@link scratch} directory. */
export function kubeconfigFile(t: TestContext, text: string): string {
  const file = join(scratch(t), 'config');
  writeFileSync(file, text);
  return file;
}

/** Connect options for a kubeconfig, changed at will. */
export function connectOptions(changes: Partial<ConnectOptions> = {}): ConnectOptions {
  return {
    asGroups: [],
    requestTimeout: 5000,
    userAgent: 'kubed-sync/test',
    env: { HOME: '/nowhere' },
    parseYaml: parseKubeconfig,
    ...changes,
  };
}

/** Waits that end at once, and retries without randomness. */
export const INSTANT = { sleep: () => Promise.resolve(), random: () => 0 };

/** A connection to a stub server, which does not wait unless the hooks say so. */
export async function connectTo(
  t: TestContext,
  url: string,
  hooks: ConnectHooks = {},
  timeout = 5000,
): Promise<ApiClient> {
  const kubeconfig = kubeconfigFile(t, kubeconfigText({ server: url }));
  const connection = valueOf(
    await connect(connectOptions({ kubeconfig, requestTimeout: timeout }), { ...INSTANT, ...hooks }),
  );
  t.after(() => connection.close());
  return connection;
}

/** The value of a result, which must have one. */
export function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  return assert.fail(`${result.failure.reason}: ${result.failure.message}`);
}

/** The failure of a result, which must be one. */
export function failureOf(result: Result<unknown>): Failure {
  if (!result.ok) return result.failure;
  return assert.fail('it did not fail');
}

/** The name of an object that no stub server has. */
export const ABSENT = { kind: 'Secret', namespace: 'demo', name: 'omni' } as const;

/** Sends one request and returns it as the server got it. */
export async function askOnce(server: StubServer, connection: ApiClient): Promise<Recorded> {
  valueOf(await readBody(connection, ABSENT));
  const last = server.requests.at(-1);
  assert.ok(last);
  return last;
}
