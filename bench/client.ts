import { readFileSync } from 'node:fs';
import type { Agent, OutgoingHttpHeaders } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** An API server to measure against. */
export interface Target {
  readonly url: string;
  readonly ca?: string;
  readonly token?: string;
}

interface KubeconfigFile {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority'?: string };
  }[];
  readonly users: readonly { readonly user?: { readonly token?: string } }[];
}

/** Reads a kubeconfig as our own servers write it: JSON, one cluster, at most a token. */
export function targetOf(kubeconfig: string): Target {
  const file = JSON.parse(readFileSync(kubeconfig, 'utf8')) as KubeconfigFile;
  const { server = '', 'certificate-authority': ca } = file.clusters[0]?.cluster ?? {};
  const token = file.users[0]?.user?.token;
  return {
    url: server,
    ...(ca !== undefined && { ca: readFileSync(ca, 'utf8') }),
    ...(token !== undefined && { token }),
  };
}

/** An answer, unzipped. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** One request. */
export interface Outgoing {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: OutgoingHttpHeaders;
}

/** The plainest client that keeps its connections: it is what the program is measured against. */
export interface Client {
  readonly send: (outgoing: Outgoing) => Promise<Answer>;
  readonly close: () => void;
}

/** Opens a client with so many connections at most. */
export async function openClient({ url, ca, token }: Target, connections: number): Promise<Client> {
  const { hostname, port, protocol } = new URL(url);
  const http = await (protocol === 'https:' ? import('node:https') : import('node:http'));
  const agent: Agent = new http.Agent({ keepAlive: true, maxSockets: connections, ...(ca && { ca }) });
  const common = {
    'accept-encoding': 'gzip',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const send: Client['send'] = ({ method, path, body, headers }) =>
    new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
      const options = { agent, hostname, port, method, path, headers: { ...common, ...length, ...headers } };
      const request = http.request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const whole = Buffer.concat(chunks);
          const zipped = response.headers['content-encoding'] === 'gzip';
          const text = (zipped ? gunzipSync(whole) : whole).toString();
          resolve({ status: response.statusCode ?? 0, text });
        });
      });
      request.on('error', reject);
      request.end(body);
    });
  return { send, close: () => agent.destroy() };
}

/** Does something with each of many, so many at a time. */
export async function each<T>(
  items: readonly T[],
  concurrency: number,
  act: (item: T) => Promise<unknown>,
): Promise<void> {
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) await act(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
