import { readFileSync } from 'node:fs';
import type { Agent, RequestOptions } from 'node:http';
import { gunzipSync } from 'node:zlib';

/** An API server to measure against. */
export interface Target {
  readonly url: string;
  readonly ca?: string;
  readonly token?: string;
}

interface KubeconfigFile {
  readonly clusters: readonly { readonly cluster: { server: string; 'certificate-authority'?: string } }[];
  readonly users: readonly { readonly user?: { readonly token?: string } }[];
}

/** Reads a kubeconfig of the kind that our test servers write: JSON, one cluster, at most a token. */
export function targetOf(kubeconfig: string): Target {
  const { clusters, users } = JSON.parse(readFileSync(kubeconfig, 'utf8')) as KubeconfigFile;
  const { server = '', 'certificate-authority': ca } = clusters[0]?.cluster ?? {};
  const token = users[0]?.user?.token;
  return { url: server, ...(ca && { ca: readFileSync(ca, 'utf8') }), ...(token && { token }) };
}

/** Sends one request and returns the unzipped body with its content type. Every status from 300 on is an error. */
export type Send = (
  method: string,
  path: string,
  outgoing?: { readonly accept?: string; readonly contentType?: string; readonly body?: string },
) => Promise<{ readonly type: string; readonly body: Buffer }>;

const JSON_TYPE = 'application/json';
export const MERGE_PATCH = 'application/merge-patch+json';

/** The plainest client that keeps its connections: the program is measured against it. */
export async function openClient({ url, ca, token }: Target): Promise<{ send: Send; agent: Agent }> {
  const { hostname, port, protocol } = new URL(url);
  const http = await (protocol === 'https:' ? import('node:https') : import('node:http'));
  const agent: Agent = new http.Agent({ keepAlive: true, maxSockets: 64, ...(ca && { ca }) });
  const common = { 'accept-encoding': 'gzip', ...(token && { authorization: `Bearer ${token}` }) };
  const send: Send = (method, path, { accept = JSON_TYPE, contentType = JSON_TYPE, body } = {}) =>
    new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
      const headers = { ...common, accept, 'content-type': contentType, ...length };
      const options: RequestOptions = { agent, hostname, port, method, path, headers };
      const request = http.request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
        response.on('end', () => {
          const whole = Buffer.concat(chunks);
          const unzipped = response.headers['content-encoding'] === 'gzip' ? gunzipSync(whole) : whole;
          const { statusCode = 0, headers } = response;
          if (statusCode < 300) resolve({ type: headers['content-type'] ?? '', body: unzipped });
          else reject(new Error(`${method} ${path}: ${statusCode} ${unzipped.toString()}`));
        });
      });
      request.on('error', reject).end(body);
    });
  return { send, agent };
}
