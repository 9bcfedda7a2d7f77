/**
 * The simulated API server as a process, for benchmarks and demonstrations.
 *
 *   node dist/test/support/apiserver/main.js ['{"namespaces":1000,"sources":20,"helmSecrets":2000}'] [--port N] [--finish-namespaces]
 *
 * prints its URL on stdout and serves until it is killed. In addition to the API it has
 *
 *   POST /_sim/seed        a seed description as body: adds that
 *   POST /_sim/reset       an empty cluster with the four system namespaces
 *   POST /_sim/reset-log   forgets the requests
 *   POST /_sim/finish      the name of a namespace as body: removes it and its content
 *   GET  /_sim/counts      requests by verb, bytes, objects
 *   GET  /_sim/kubeconfig  a kubeconfig
 *   GET  /_sim/metrics     its processor time, with the name that a real API server uses
 */

import { parseArgs } from 'node:util';

import { ApiServer } from '../apiserver.ts';
import { seed, type SeedSpec } from './seed.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: 'string', default: '0' },
    'finish-namespaces': { type: 'boolean', default: false },
  },
});

const server: ApiServer = await ApiServer.start({
  port: Number(values.port),
  holdNamespaces: !values['finish-namespaces'],
  logLimit: 10_000,
  extraRoutes: (path, body) => {
    const route = ROUTES[path];
    return route === undefined ? undefined : `${route(body)}\n`;
  },
});

const ROUTES: Readonly<Record<string, ((body: string) => string) | undefined>> = {
  '/_sim/seed': (body) => {
    seed(server.store, JSON.parse(body) as SeedSpec);
    return counts();
  },
  '/_sim/reset': () => {
    server.reset();
    return counts();
  },
  '/_sim/reset-log': () => {
    server.resetRequests();
    return counts();
  },
  '/_sim/finish': (body) => {
    server.finishNamespace(body.trim());
    return counts();
  },
  '/_sim/counts': counts,
  '/_sim/kubeconfig': () => server.kubeconfig(),
  '/_sim/metrics': metrics,
};

function counts(): string {
  const { store } = server;
  const objects = Object.fromEntries(
    (['namespaces', 'configmaps', 'secrets'] as const).map((resource) => [resource, store.count(resource)]),
  );
  return JSON.stringify({ requests: server.counts(), objects, unexpected: server.unexpected });
}

function metrics(): string {
  const { user, system } = process.cpuUsage();
  return `process_cpu_seconds_total ${(user + system) / 1e6}`;
}

for (const spec of positionals) seed(server.store, JSON.parse(spec) as SeedSpec);
console.log(server.url);
