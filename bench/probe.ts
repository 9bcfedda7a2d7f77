import { subscribe } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/*
 * `node --import` loads it before a measured process. It watches the requests through node's own channels, and writes
 * what the process cost to file descriptor 3 at the end. The program does not know about it.
 */

const sockets = new Set<Socket>();
let [requests, writes, first, last] = [0, 0, 0, 0];

subscribe('http.client.request.start', (message) => {
  requests += 1;
  if ((message as { readonly request: ClientRequest }).request.method === 'GET') return;
  writes += 1;
  first ||= performance.now();
});

subscribe('http.client.response.finish', (message) => {
  const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
  sockets.add(response.socket);
  if (request.method !== 'GET') last = performance.now();
});

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const received = [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead / 1000, 0);
  // From the first write that was sent to the last that was answered.
  const rate = writes === 0 ? 0 : (writes / (last - first)) * 1000;
  const used = { processor: (userCPUTime + systemCPUTime) / 1000, memory: (maxRSS * 1024) / 1e6 };
  writeSync(3, JSON.stringify({ ...used, received, requests, writes, rate }));
});
