import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ApiServer, type LoggedRequest } from './support/apiserver.ts';
import { kubeconfigFile } from './support/connecting.ts';
import { type Json, manifestsOf, podSpecs, the } from './support/manifests.ts';
import { ROOT, kubedSync } from './support/program.ts';

/*
 * What the roles allow, verb by verb, and that a run needs neither less nor more. The renderings are goldens, which
 * another test holds to what helm renders.
 */

function golden(name: string): readonly Json[] {
  return manifestsOf(readFileSync(join(ROOT, 'test/golden/chart', `${name}.yaml`), 'utf8'));
}

const CHANGES = ['get', 'list', 'create', 'patch', 'delete'];
const READS = ['get', 'list'];

/** The rules of a role by resource, one line each; a rule of another form than the chart has fails. */
function allowed({ rules }: Json): Record<string, readonly string[]> {
  const entries = rules.flatMap(({ apiGroups, resources, verbs, ...rest }: Json) => {
    assert.deepEqual([apiGroups, rest], [[''], {}]);
    return resources.map((resource: string) => [resource, verbs]);
  });
  assert.equal(new Set(entries.map(([resource]: [string]) => resource)).size, entries.length);
  return Object.fromEntries(entries);
}

test('the role of a schedule that writes', () => {
  const manifests = golden('default');
  assert.deepEqual(allowed(the(manifests, 'ClusterRole')), {
    namespaces: ['list'],
    configmaps: CHANGES,
    secrets: CHANGES,
  });
  assert.deepEqual(
    manifests.filter(({ kind }) => kind === 'Role'),
    [],
  );
});

test('the role of a schedule that only reports can only read', () => {
  assert.deepEqual(allowed(the(golden('dry-run'), 'ClusterRole')), {
    namespaces: ['list'],
    configmaps: READS,
    secrets: READS,
  });
  for (const spec of podSpecs(golden('dry-run')).values())
    assert.ok(spec.containers[0].args.includes('--dry-run'));
});

test('Events need one verb more, and nothing else does', () => {
  assert.deepEqual(allowed(the(golden('events'), 'ClusterRole')), {
    ...allowed(the(golden('default'), 'ClusterRole')),
    events: ['create'],
  });
});

test('no binding gives more than the role of this chart', () => {
  for (const name of ['default', 'dry-run', 'events']) {
    for (const { kind, metadata, roleRef } of golden(name)) {
      if (!kind.endsWith('Binding')) continue;
      const { apiGroup, kind: role, name: of } = roleRef;
      assert.deepEqual([apiGroup, of], ['rbac.authorization.k8s.io', metadata.name]);
      assert.equal(role, kind.replace('Binding', ''));
    }
  }
});

test('no token is handed to whoever else uses the account', () => {
  const manifests = golden('default');
  assert.equal(the(manifests, 'ServiceAccount').automountServiceAccountToken, false);
  for (const spec of podSpecs(manifests).values()) assert.equal(spec.automountServiceAccountToken, true);
});

/** Sources of both kinds, one of them immutable, in a cluster with some namespaces. */
async function populated(t: TestContext): Promise<ApiServer> {
  const server = await ApiServer.start();
  t.after(() => server.stop());
  for (const name of ['demo', 'a', 'b']) server.namespace(name);
  const annotations = { 'kubed.appscode.com/sync': '' };
  server.create('configmaps', {
    metadata: { name: 'omni', namespace: 'demo', annotations },
    data: { you: 'only' },
  });
  server.create('secrets', {
    metadata: { name: 'key', namespace: 'demo', annotations },
    stringData: { a: 'b' },
  });
  return server;
}

/** The verbs that requests used, by resource, as RBAC counts them. */
function used(requests: readonly LoggedRequest[]): Record<string, readonly string[]> {
  const verbs: Record<string, Set<string>> = {};
  for (const { verb, resource = 'other' } of requests) (verbs[resource] ??= new Set()).add(verb);
  return Object.fromEntries(Object.entries(verbs).map(([resource, set]) => [resource, [...set].toSorted()]));
}

function sorted(rules: Record<string, readonly string[]>): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(rules).map(([resource, verbs]) => [resource, verbs.toSorted()]));
}

/** Runs the containers of a rendering, one after the other, through a life of copies: made, edited, changed, unwanted. */
async function life(t: TestContext, server: ApiServer, name: string): Promise<readonly LoggedRequest[]> {
  const kubeconfig = kubeconfigFile(t, server.kubeconfig());
  const steps: readonly (() => unknown)[] = [
    () => server.resetRequests(),
    () => server.patch('configmaps', 'demo', 'omni', { data: { you: 'live' } }),
    () => server.patch('secrets', 'demo', 'key', { data: { a: 'Yw==' } }),
    () =>
      server.patch('configmaps', 'demo', 'omni', {
        metadata: { annotations: { 'kubed.appscode.com/sync': 'x=y' } },
      }),
    () =>
      server.patch('secrets', 'demo', 'key', {
        metadata: { annotations: { 'kubed.appscode.com/sync': null } },
      }),
  ];
  const requests: LoggedRequest[] = [];
  for (const step of steps) {
    step();
    for (const spec of podSpecs(golden(name)).values()) {
      const { code, stderr } = await kubedSync([...spec.containers[0].args, '--kubeconfig', kubeconfig]);
      assert.equal(code, 0, stderr);
    }
    requests.push(...server.requests);
    server.resetRequests();
  }
  server.assertNoUnexpected();
  return requests;
}

test('a life of copies needs exactly the verbs of the role', async (t) => {
  const server = await populated(t);
  const requests = await life(t, server, 'default');
  assert.deepEqual(used(requests), sorted(allowed(the(golden('default'), 'ClusterRole'))));
});

test('a life of copies that is told in Events needs exactly the verbs of the role with Events', async (t) => {
  const server = await populated(t);
  const requests = await life(t, server, 'events');
  assert.deepEqual(used(requests), sorted(allowed(the(golden('events'), 'ClusterRole'))));
});

test('a schedule that only reports needs exactly the verbs of its role', async (t) => {
  const server = await populated(t);
  const kubeconfig = kubeconfigFile(t, server.kubeconfig());
  assert.equal((await kubedSync(['reconcile', '--kubeconfig', kubeconfig])).code, 0);
  const requests = await life(t, server, 'dry-run');
  assert.deepEqual(used(requests), sorted(allowed(the(golden('dry-run'), 'ClusterRole'))));
});
