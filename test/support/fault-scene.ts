import type { Fault, Match } from './apiserver.ts';
import type { Rig } from './faults.ts';

/*
 * A cluster in which one run does one change of every kind, each in its own namespace. It also lists the ways in which a
 * request can fail.
 */

const SYNC = 'kubed.appscode.com/sync';
const TARGETS = ['new', 'upd', 'ref', 'fix', 'old', 'many-1', 'many-2', 'many-3', 'taken'];

function to(namespaces: string): Record<string, string> {
  return { [SYNC]: `kubernetes.io/metadata.name in (${namespaces})` };
}

/**
 * | namespace | object          | what the next run does            |
 * |-----------|-----------------|-----------------------------------|
 * | new       | ConfigMap new   | create                            |
 * | upd       | ConfigMap upd   | update, after a read of the copy  |
 * | upd       | Secret tls      | update                            |
 * | many-1..3 | ConfigMap many  | update, after a list of the copies|
 * | ref       | ConfigMap ref   | refresh                           |
 * | fix       | ConfigMap fix   | replace                           |
 * | old       | ConfigMap old   | prune, after a read of the origin |
 * | taken     | ConfigMap taken | nothing: it is not ours           |
 */
export async function setTheScene(rig: Rig): Promise<void> {
  const { server } = rig;
  for (const name of ['src', ...TARGETS]) server.namespace(name);
  const source = (name: string, targets: string, extra: object = {}): unknown =>
    server.create('configmaps', {
      metadata: { namespace: 'src', name, annotations: to(targets) },
      data: { k: 'old' },
      ...extra,
    });
  source('upd', 'upd');
  source('many', 'many-1,many-2,many-3');
  source('ref', 'ref');
  source('fix', 'fix', { immutable: true });
  source('old', 'old');
  server.create('secrets', {
    metadata: { namespace: 'src', name: 'tls', annotations: to('upd') },
    data: { k: 'b2xk' },
  });
  await rig.report();
  server.patch('configmaps', 'src', 'upd', { data: { k: 'new' } });
  server.patch('configmaps', 'src', 'many', { data: { k: 'new', more: '1' } });
  server.patch('secrets', 'src', 'tls', { data: { k: 'bmV3' } });
  server.patch('configmaps', 'ref', 'ref', {
    metadata: { labels: { 'app.kubernetes.io/managed-by': 'me' } },
  });
  for (const name of ['fix', 'old']) server.store.delete('configmaps', 'src', name);
  source('fix', 'fix', { immutable: true, data: { k: 'new' } });
  source('new', 'new');
  source('taken', 'taken');
  for (const [namespace, name] of [
    ['taken', 'taken'],
    ['upd', 'other'],
    ['old', 'other'],
  ] as const)
    server.create('configmaps', {
      metadata: { namespace, name, labels: { mine: 'yes' } },
      data: { k: 'mine' },
    });
  const labels = { 'kubed.appscode.com/origin.name': 'half', 'kubed.appscode.com/origin.namespace': 'src' };
  server.create('secrets', { metadata: { namespace: 'old', name: 'half', labels }, data: { k: 'bWluZQ==' } });
  server.resetRequests();
}

/** Every kind of request that a run of the scene sends. */
export const REQUESTS: Readonly<Record<string, Match>> = {
  'list configmaps': { verb: 'list', resource: 'configmaps', accept: 'metadata' },
  'list secrets': { verb: 'list', resource: 'secrets' },
  'list namespaces': { verb: 'list', resource: 'namespaces' },
  'list the copies of a source': { verb: 'list', resource: 'configmaps', accept: 'full' },
  'get a source': { verb: 'get', resource: 'configmaps', namespace: 'src', name: 'upd', accept: 'full' },
  'get a copy': { verb: 'get', resource: 'configmaps', namespace: 'upd', accept: 'full' },
  'get the metadata of an origin': { verb: 'get', accept: 'metadata' },
  create: { verb: 'create', namespace: 'new' },
  update: { verb: 'patch', resource: 'configmaps', namespace: 'upd' },
  'update a secret': { verb: 'patch', resource: 'secrets', namespace: 'upd' },
  refresh: { verb: 'patch', namespace: 'ref' },
  'serverDryRun a replace': { verb: 'create', namespace: 'fix', dryRun: true },
  'delete to replace': { verb: 'delete', namespace: 'fix' },
  'create to replace': { verb: 'create', namespace: 'fix', dryRun: false },
  prune: { verb: 'delete', namespace: 'old' },
};

/** Every way to fail. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  429: { status: 429 },
  '429 with Retry-After': { status: 429, retryAfter: 1 },
  500: { status: 500 },
  '500 after it was done': { status: 500, acts: true },
  '502 with HTML': { status: 502, html: true },
  503: { status: 503 },
  '503 with Retry-After': { status: 503, retryAfter: 1 },
  504: { status: 504 },
  '504 after it was done': { status: 504, acts: true },
  'reset before': 'reset-before',
  'reset after': 'reset-after',
  'half a body': 'half-body',
  stall: 'stall',
  'stall in the body': 'stall-body',
  400: { status: 400 },
  401: { status: 401 },
  403: { status: 403 },
  '403 with HTML': { status: 403, html: true },
  404: { status: 404 },
  '404 with HTML': { status: 404, html: true },
  409: { status: 409 },
  410: { status: 410 },
  413: { status: 413 },
  422: { status: 422 },
  'a redirect': { status: 302, body: '' },
  'truncated JSON': 'truncated-json',
  'an empty body': 'empty-body',
  '200 with HTML': { status: 200, html: true },
  '200 with something else': { status: 200, body: '{"kind":"Status","apiVersion":"v1","status":"Success"}' },
  '200 with null': { status: 200, body: 'null' },
};

/** Returns whether a request may have been done although its answer does not say so. */
export function mayHaveActed(fault: Fault): boolean {
  if (typeof fault === 'object') return 'acts' in fault && (fault.acts ?? false);
  return fault !== 'reset-before' && fault !== 'stall';
}
