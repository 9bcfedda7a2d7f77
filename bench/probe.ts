import { subscribe } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/*
 * Loaded in front of a measured process by `node --import`: it watches the requests through node's own channels, and
 * writes what the process cost to file descriptor 3 when it ends. Nothing of it is in the program.
 */

/** What a process says of itself at its end. */
export interface Probe {
  /** Requests by verb: list, get, create, patch, delete. */
  readonly requests: Readonly<Record<string, number>>;
  /** From the first write that was sent to the last that was answered, in milliseconds. */
  readonly writing: number;
  /** Read from the sockets. */
  readonly bytes: number;
  /** Milliseconds of processor time, in the process and in the kernel for it. */
  readonly cpu: number;
  /** Most memory that it held at a time, in bytes. */
  readonly memory: number;
}

const requests: Record<string, number> = {};
const sockets = new Set<Socket>();
let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

subscribe('http.client.request.start', (message) => {
  const { request } = message as { readonly request: ClientRequest };
  const verb = verbOf(request);
  requests[verb] = (requests[verb] ?? 0) + 1;
  if (request.method !== 'GET') first = Math.min(first, performance.now());
});

subscribe('http.client.response.finish', (message) => {
  const { request, response } = message as {
    readonly request: ClientRequest;
    readonly response: IncomingMessage;
  };
  sockets.add(response.socket);
  if (request.method !== 'GET') last = performance.now();
});

const VERBS: Readonly<Record<string, string>> = { POST: 'create', PATCH: 'patch', DELETE: 'delete' };
const COLLECTION = /\/(?:configmaps|secrets|namespaces)(?:\?|$)/;

function verbOf({ method, path }: ClientRequest): string {
  return VERBS[method] ?? (COLLECTION.test(path) ? 'list' : 'get');
}

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const probe: Probe = {
    requests,
    writing: Math.max(0, last - first),
    bytes: [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead, 0),
    cpu: (userCPUTime + systemCPUTime) / 1000,
    memory: maxRSS * 1024,
  };
  writeSync(3, JSON.stringify(probe));
});
