import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Json, manifestsOf, podSpecs, the } from '../support/manifests.ts';
import { ROOT } from '../support/program.ts';
import { type RoleScene, chartRules, disturbed, lineOf, needed, sceneOf } from '../support/role-scene.ts';

/*
 * The verbs of the roles: a run needs all of them and no others. The renderings are golden files. Another test compares
 * these with the output of helm.
 */

function golden(name: string): readonly Json[] {
  return manifestsOf(readFileSync(join(ROOT, 'test/golden/chart', `${name}.yaml`), 'utf8'));
}

/** Every rendering whose roles are compared with the requests of its pods. */
const RENDERED = [
  'default',
  'dry-run',
  'config-maps',
  'events',
  'namespaced',
  'namespaced-dry-run',
  'namespaced-events',
] as const;

const CHANGES = ['get', 'list', 'create', 'patch', 'delete'];
const READS = ['get', 'list'];

/** Returns the verbs of a role by resource. Fails for a rule with any other field. */
function allowed({ rules }: Json): Record<string, readonly string[]> {
  const entries = rules.flatMap(({ apiGroups, resources, verbs, ...rest }: Json) => {
    assert.deepEqual([apiGroups, rest], [[''], {}]);
    return resources.map((resource: string) => [resource, verbs]);
  });
  assert.equal(new Set(entries.map(([resource]: [string]) => resource)).size, entries.length);
  return Object.fromEntries(entries);
}

test('a schedule that writes has the verbs for changes', () => {
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

test('a schedule with dryRun can only read', () => {
  assert.deepEqual(allowed(the(golden('dry-run'), 'ClusterRole')), {
    namespaces: ['list'],
    configmaps: READS,
    secrets: READS,
  });
  for (const spec of podSpecs(golden('dry-run')).values())
    assert.ok(spec.containers[0].args.includes('--dry-run'));
});

test('with rbac.namespaces there is a Role in each namespace and no ClusterRole', () => {
  const manifests = golden('namespaced');
  assert.deepEqual(
    manifests.filter(({ kind }) => kind.startsWith('ClusterRole')),
    [],
  );
  const roles = manifests.filter(({ kind }) => kind === 'Role');
  assert.deepEqual(
    roles.map(({ metadata }) => metadata.namespace),
    ['platform', 'a', 'b'],
  );
  for (const { metadata, rules } of roles) {
    const [namespaces, ...rest] = rules;
    const resourceNames = [metadata.namespace];
    assert.deepEqual(namespaces, {
      apiGroups: [''],
      resources: ['namespaces'],
      resourceNames,
      verbs: ['get'],
    });
    const verbs = metadata.namespace === 'platform' ? READS : CHANGES;
    assert.deepEqual(allowed({ rules: rest }), { configmaps: verbs, secrets: verbs });
    const bound = manifests.find(
      (one) => one.kind === 'RoleBinding' && one.metadata.namespace === metadata.namespace,
    );
    assert.deepEqual([bound.roleRef.kind, bound.roleRef.name], ['Role', metadata.name]);
    assert.deepEqual(bound.subjects, [
      { kind: 'ServiceAccount', name: 'kubed-sync', namespace: 'kubed-sync' },
    ]);
  }
  for (const spec of podSpecs(manifests).values())
    assert.deepEqual(
      spec.containers[0].args.filter((one: string) => one.startsWith('--namespace')),
      ['--namespace=platform', '--namespace=a', '--namespace=b'],
    );
});

test('events.enabled adds one verb and changes nothing else', () => {
  assert.deepEqual(allowed(the(golden('events'), 'ClusterRole')), {
    ...allowed(the(golden('default'), 'ClusterRole')),
    events: ['create'],
  });
});

test('every binding refers to the role of this chart', () => {
  for (const name of RENDERED) {
    for (const { kind, metadata, roleRef } of golden(name)) {
      if (!kind.endsWith('Binding')) continue;
      const { apiGroup, kind: role, name: of } = roleRef;
      assert.deepEqual([apiGroup, of], ['rbac.authorization.k8s.io', metadata.name]);
      assert.equal(role, kind.replace('Binding', ''));
    }
  }
});

test('only the pods of the chart get a token of the service account', () => {
  const manifests = golden('default');
  assert.equal(the(manifests, 'ServiceAccount').automountServiceAccountToken, false);
  for (const spec of podSpecs(manifests).values()) assert.equal(spec.automountServiceAccountToken, true);
});

/** Returns the rules without one verb of one rule. */
function without(rules: RoleScene['rules'], at: number, verb: string): RoleScene['rules'] {
  return rules.map((rule, index) =>
    index === at ? { ...rule, verbs: rule.verbs.filter((one) => one !== verb) } : rule,
  );
}

for (const name of RENDERED) {
  const manifests = golden(name);
  const rules = chartRules(manifests);

  test(`${name}: the pods need every rule of their role, and no others`, async () => {
    const used = new Set<string>();
    for (const [pod, spec] of podSpecs(manifests)) {
      await using scene = await sceneOf(rules);
      disturbed(scene.server);
      const { code, stdout, stderr } = await scene.run(spec.containers[0].args);
      assert.equal(code, 0, `${pod}: ${stdout}${stderr}`);
      for (const request of scene.server.requests) used.add(lineOf(request, rules));
    }
    assert.deepEqual([...used].toSorted(), needed(rules));
  });
}

/** Without time before a delete, so that one run also deletes. */
function atOnce(arg: string): string {
  return arg.startsWith('--prune-after=') ? '--prune-after=0s' : arg;
}

for (const name of ['default', 'namespaced']) {
  const rules = chartRules(golden(name));
  const [pod] = [...podSpecs(golden(name)).values()];
  for (const [at, { resources, verbs, namespace }] of rules.entries())
    for (const verb of namespace === 'b' ? [] : verbs)
      test(`${name}: without ${verb} on ${resources.join(', ')} ${namespace ?? ''} a run says what is missing`, async () => {
        await using scene = await sceneOf(without(rules, at, verb));
        disturbed(scene.server);
        const args = (pod.containers[0].args as readonly string[]).map(atOnce);
        const { code, stdout, stderr } = await scene.run(args);
        assert.equal(code, 1, stdout);
        const said = (stdout + stderr).replaceAll(/\s+/g, ' ');
        const on = `(?:this resource|${resources.join('|')})`;
        assert.match(said, new RegExp(`Grant the verb ${verb} on ${on}`));
        assert.match(said, new RegExp(`\\b${namespace ?? ''}\\b`));
        assert.match(said, /system:serviceaccount:kubed-sync:kubed-sync/);
      });
}
