import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { IMAGE, MATRIX, rendered, set } from '../support/chart-values.ts';
import type { Grant } from '../support/apiserver.ts';
import { CHART, newestHelm } from '../support/helm.ts';
import { type Json, manifestsOf, podSpecs, the } from '../support/manifests.ts';
import { chartRules, lineOf, needed } from '../support/role-scene.ts';
import { ROOT, type Ran } from '../support/program.ts';
import { TwoClusters } from '../support/two-clusters.ts';

/* The chart on both sides of copies in other clusters: who serves them, and what the account over there may do. */

const newest = newestHelm();
const withHelm = { skip: newest.skip };
const SYNC_CONTEXTS = 'kubed.appscode.com/sync-contexts';

/** The arguments of each pod that are about other clusters, by the name of what makes it. */
function clusterArgs(manifests: readonly Json[]): Record<string, readonly string[]> {
  const about = /^--(clusters|remote|former|shard)/;
  return Object.fromEntries(
    [...podSpecs(manifests)].map(([name, spec]) => [
      name.replace('kubed-sync', ''),
      spec.containers[0].args.filter((one: string) => about.test(one)),
    ]),
  );
}

test('a CronJob of its own serves other clusters, and the first one only this cluster', withHelm, () => {
  const manifests = manifestsOf(rendered(newest, ...MATRIX['other clusters']));
  const options = [
    '--remote-kubeconfig=/etc/kubed-sync/clusters/kubeconfig',
    '--remote-context=prod-*',
    '--remote-context=west',
    '--remote-allow=exec',
    '--remote-allow=insecure',
    '--former-cluster-uid=0f6e1c2a-9d0b-4c1e-8f3a-5b7d9e2c4a61',
  ];
  assert.deepEqual(clusterArgs(manifests), {
    '': ['--clusters=home'],
    '-verify': options,
    '-remote': ['--clusters=remote', ...options],
    '-test': options,
  });
  const { spec } = the(manifests, 'CronJob', 'kubed-sync-remote');
  assert.deepEqual([spec.schedule, spec.concurrencyPolicy], ['*/5 * * * *', 'Forbid']);
  assert.equal(spec.jobTemplate.spec.activeDeadlineSeconds, 900);
});

test('without remote.schedule the first CronJob serves all clusters', withHelm, () => {
  const manifests = manifestsOf(rendered(newest, ...MATRIX['other clusters from a directory']));
  const options = ['--remote-kubeconfig=/etc/kubed-sync/clusters'];
  assert.deepEqual(clusterArgs(manifests), { '': options, '-verify': options, '-test': options });
});

test('runs within seconds are only those for this cluster', withHelm, () => {
  const values = [...MATRIX['other clusters from a text'], ...set('cronJob.every=20s')];
  const manifests = manifestsOf(rendered(newest, ...values));
  const every = [...podSpecs(manifests)].map(([name, spec]) => {
    const { args } = spec.containers[0];
    return [name, args.includes('--every=20s'), args.includes('--clusters=home')];
  });
  assert.deepEqual(every, [
    ['kubed-sync', true, true],
    ['kubed-sync-verify', false, false],
    ['kubed-sync-remote', false, false],
    ['kubed-sync-test', false, false],
  ]);
});

test('without a kubeconfig no option is about other clusters', withHelm, () => {
  const manifests = manifestsOf(rendered(newest));
  assert.deepEqual(clusterArgs(manifests), { '': [], '-verify': [], '-test': [] });
});

test('only the pods that serve other clusters mount the kubeconfig, read-only', withHelm, () => {
  for (const [what, secret] of [
    ['other clusters', 'clusters'],
    ['other clusters from a text', 'kubed-sync-kubeconfig'],
  ] as const) {
    for (const [name, spec] of podSpecs(manifestsOf(rendered(newest, ...MATRIX[what])))) {
      const [container] = spec.containers;
      const isHome = name === 'kubed-sync';
      const volume = { name: 'kubed-sync-clusters', secret: { secretName: secret } };
      const mount = { name: volume.name, mountPath: '/etc/kubed-sync/clusters', readOnly: true };
      assert.deepEqual(spec.volumes, isHome ? undefined : [volume]);
      assert.deepEqual(container.volumeMounts, isHome ? undefined : [mount]);
    }
  }
});

test('more volumes stay, and the Secret of the chart has the text of the kubeconfig', withHelm, () => {
  const values = [...MATRIX['metrics'], ...MATRIX['other clusters from a text']];
  const manifests = manifestsOf(rendered(newest, ...values));
  const spec = podSpecs(manifests).get('kubed-sync-remote');
  assert.deepEqual(
    spec.volumes.map(({ name }: Json) => name),
    ['kubed-sync-clusters', 'metrics'],
  );
  assert.ok(spec.containers[0].args.includes('--metrics-file=/metrics/kubed-sync-remote.prom'));
  const { data, type } = the(manifests, 'Secret');
  assert.deepEqual([type, Buffer.from(data.kubeconfig, 'base64').toString()], ['Opaque', 'apiVersion: v1']);
  const none = manifestsOf(rendered(newest, ...MATRIX['other clusters']));
  assert.deepEqual(
    none.filter(({ kind }) => kind === 'Secret'),
    [],
  );
});

test('the CronJob for other clusters has one pod, also with shards', withHelm, () => {
  const manifests = manifestsOf(rendered(newest, ...MATRIX['other clusters, for all']));
  const { spec } = the(manifests, 'CronJob', 'kubed-sync-remote').spec.jobTemplate;
  assert.deepEqual([spec.completionMode, spec.completions, spec.backoffLimit], [undefined, undefined, 0]);
  const { args } = spec.template.spec.containers[0];
  assert.ok(args.includes('--metrics-file=/metrics/a-remote.prom') && args.includes('--dry-run'));
  assert.ok(!args.some((one: string) => one.startsWith('--shard')));
  const { '': home = [], '-verify': verify = [] } = clusterArgs(manifests);
  assert.deepEqual([home[0], verify[0]], ['--shard=auto/3', '--shard=auto/3']);
});

test('home is identified by kube-system: with Roles only, one more allows to get it', withHelm, () => {
  const inSystem = (what: 'other clusters, namespaced' | 'namespaced'): readonly Json[] =>
    manifestsOf(rendered(newest, ...MATRIX[what])).filter(
      ({ metadata }) => metadata.namespace === 'kube-system',
    );
  const [role, binding] = inSystem('other clusters, namespaced');
  assert.deepEqual(role.rules, [
    { apiGroups: [''], resources: ['namespaces'], resourceNames: ['kube-system'], verbs: ['get'] },
  ]);
  assert.deepEqual(binding.roleRef.name, role.metadata.name);
  assert.deepEqual(inSystem('namespaced'), []);
  const named = 'config.kubeconfigSecret.name=clusters,rbac.namespaces={kube-system,a}';
  const roles = manifestsOf(rendered(newest, ...set(named))).filter(({ kind }) => kind === 'Role');
  assert.deepEqual(
    roles.map(({ metadata }) => metadata.namespace),
    ['kube-system', 'a'],
  );
});

test('a target has an account, its roles and a token, and nothing else', withHelm, () => {
  const kinds = (values: readonly string[]): readonly string[] =>
    manifestsOf(rendered(newest, ...values)).map(
      ({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
    );
  assert.deepEqual(kinds(MATRIX['a target']).toSorted(), [
    'Role kube-system/kubed-sync',
    'Role team-a/kubed-sync',
    'Role team-b/kubed-sync',
    'RoleBinding kube-system/kubed-sync',
    'RoleBinding team-a/kubed-sync',
    'RoleBinding team-b/kubed-sync',
    'Secret kubed-sync/kubed-sync-token',
    'ServiceAccount kubed-sync/kubed-sync',
  ]);
  assert.deepEqual(kinds(MATRIX['a target for all namespaces']).toSorted(), [
    'ClusterRole /kubed-sync',
    'ClusterRoleBinding /kubed-sync',
    'Secret kubed-sync/kubed-sync-token',
    'ServiceAccount kubed-sync/kubed-sync',
  ]);
  const bare = manifestsOf(rendered(newest, ...MATRIX['a target without a token']));
  assert.deepEqual(the(bare, 'Role').rules[1], {
    apiGroups: [''],
    resources: ['configmaps'],
    verbs: ['get', 'list', 'create', 'patch', 'delete'],
  });
  assert.deepEqual(
    bare.map(({ kind }) => kind),
    ['ServiceAccount', 'Role', 'RoleBinding'],
  );
});

test('the token of a target belongs to its account', withHelm, () => {
  const values = [...MATRIX['a target'], ...set('serviceAccount.name=pusher,commonAnnotations.a=b')];
  const { metadata, type } = the(manifestsOf(rendered(newest, ...values)), 'Secret');
  assert.equal(type, 'kubernetes.io/service-account-token');
  assert.equal(metadata.annotations['kubernetes.io/service-account.name'], 'pusher');
});

test('docs/clusters.md has the manifests that the chart renders for a target', withHelm, () => {
  const page = readFileSync(join(ROOT, 'docs/clusters.md'), 'utf8');
  const blocks = Array.from(page.matchAll(/```yaml\n([^]*?)```/g), ([, text = '']) => text);
  const written = manifestsOf(blocks.find((text) => text.includes('kind: Role')) ?? '');
  const values = set('target.enabled=true,target.namespaces={team-a}');
  const made = manifestsOf(rendered(newest, ...values));
  const facts = (manifests: readonly Json[]): readonly string[] =>
    manifests
      .map(({ metadata: { name, namespace, annotations }, rules, ...rest }: Json) => {
        const sorted = rules?.toSorted((a: Json, b: Json) => (a.resources[0] < b.resources[0] ? -1 : 1));
        const { apiVersion, kind, roleRef, subjects, type } = rest;
        return JSON.stringify([
          apiVersion,
          kind,
          name,
          namespace,
          annotations,
          sorted,
          roleRef,
          subjects,
          type,
        ]);
      })
      .toSorted();
  assert.deepEqual(facts(written), facts(made));
});

const USER = 'system:serviceaccount:kubed-sync:kubed-sync';
const KINDS = ['ConfigMap', 'Secret'] as const;

/** Sources at home with copies through the context `east`, as an account of the other cluster with these rules. */
class Pushing {
  readonly #two: TwoClusters;
  readonly #path: string;
  readonly rules: readonly Grant[];

  private constructor(two: TwoClusters, path: string, rules: readonly Grant[]) {
    this.#two = two;
    this.#path = path;
    this.rules = rules;
  }

  /** `values` get the namespace of the context, if it has one. */
  static async start(two: TwoClusters, values: (namespace: string) => string): Promise<Pushing> {
    const { home, there } = two;
    await home.namespace('src');
    for (const short of ['src', 'a']) await there.namespace(short);
    const scene = values(there.ns('a'));
    const rules = chartRules(manifestsOf(rendered(newest, ...set(scene))));
    const token = there.simulated?.grant(USER, rules);
    const namespace = scene.includes('clusterWide') ? {} : { namespace: there.ns('a') };
    const path = await two.kubeconfig({ east: { cluster: there, user: { token }, ...namespace } });
    const pushing = new Pushing(two, path, rules);
    for (const name of ['changed', 'gone']) await pushing.#ask(name);
    assert.equal((await pushing.run()).code, 0);
    return pushing;
  }

  /** Gives the next run something to create, update and prune of each kind. */
  async disturb(): Promise<void> {
    const { home, there } = this.#two;
    await this.#ask('new');
    await home.merge('ConfigMap/src/changed', { data: { k: 'w' } });
    await home.merge('Secret/src/changed', { stringData: { k: 'w' } });
    for (const kind of KINDS) await home.delete(`${kind}/src/gone`);
    there.simulated?.resetRequests();
  }

  run(): ReturnType<TwoClusters['reconcile']> {
    return this.#two.reconcile(this.#path);
  }

  /** The report as text. */
  print(): Promise<Ran> {
    const { home } = this.#two;
    const options = ['--remote-kubeconfig', this.#path, '--remote-allow', 'insecure'];
    return home.run('reconcile', ...home.own, ...options);
  }

  async #ask(name: string): Promise<void> {
    for (const kind of KINDS) {
      const content = { [kind === 'Secret' ? 'stringData' : 'data']: { k: 'v' } };
      const annotations = { [SYNC_CONTEXTS]: 'east' };
      await this.#two.home.create(`${kind}/src/${name}`, content, { annotations });
    }
  }
}

const one = (namespace: string): string => `target.enabled=true,target.namespaces={${namespace}}`;
const everywhere = (): string => 'target.enabled=true,target.clusterWide=true';

for (const [what, values] of [
  ['one namespace', one],
  ['all namespaces', everywhere],
] as const)
  test(`a run needs every rule of a target for ${what}, and no others`, withHelm, async () => {
    await using two = await TwoClusters.open();
    const pushing = await Pushing.start(two, values);
    await pushing.disturb();
    const ran = await pushing.run();
    const actions = two.remoteChanges(ran).map((line) => line.split(' ')[1] ?? '');
    assert.deepEqual(actions.toSorted(), ['create', 'create', 'prune', 'prune', 'update', 'update']);
    assert.equal(ran.code, 0);
    const requests = two.there.simulated?.requests ?? [];
    const used = new Set(requests.map((request) => lineOf(request, pushing.rules)));
    assert.deepEqual([...used].toSorted(), needed(pushing.rules));
  });

for (const resource of ['configmaps', 'secrets'])
  for (const verb of ['get', 'list', 'create', 'patch', 'delete'])
    test(
      `without ${verb} on ${resource} of a target a run says what is missing there`,
      withHelm,
      async () => {
        await using two = await TwoClusters.open();
        const pushing = await Pushing.start(two, one);
        await pushing.disturb();
        const verbsOf = (rule: Grant, of: string): readonly string[] =>
          rule.verbs.filter((each) => of !== resource || each !== verb);
        const rules = pushing.rules.flatMap((rule) =>
          rule.resources.map((of) => ({ ...rule, resources: [of], verbs: verbsOf(rule, of) })),
        );
        two.there.simulated?.grant(USER, rules);
        const { code, stdout } = await pushing.print();
        assert.equal(code, 1);
        const said = stdout.replaceAll(/\s+/g, ' ');
        assert.match(said, /Context east /);
        const on = `(?:this resource|${resource})`;
        assert.match(said, new RegExp(`Grant the verb ${verb} on ${on}`), stdout);
        assert.match(said, new RegExp(`\\b${two.there.ns('a')}\\b`));
      },
    );

test('the notes name the CronJob for other clusters, and how to use the token of a target', withHelm, () => {
  const notes = (...args: readonly string[]): string => {
    const install = ['install', 'kubed-sync', CHART, '-n', 'sync', '--dry-run=client'];
    const { code, stdout, stderr } = newest.run(...install, ...set(`image.repository=${IMAGE}`), ...args);
    assert.equal(code, 0, stderr);
    return stdout.split('NOTES:')[1] ?? '';
  };
  assert.match(
    notes(...MATRIX['other clusters']),
    /other clusters at "\*\/5 \* \* \* \*" \(the CronJob kubed-sync-remote\)/,
  );
  assert.match(notes(...MATRIX['other clusters from a directory']), /in the same runs, so a slow cluster/);
  const target = notes(...MATRIX['a target']);
  assert.match(target, /may write copies to team-a, team-b of this cluster\. Nothing runs here\./);
  assert.match(target, /get secret -n sync kubed-sync-token .*\{\{ \.data\.token \| base64decode \}\}/);
  assert.match(target, /set-context NAME --cluster NAME --user NAME --namespace team-a\n/);
  assert.match(notes(...MATRIX['a target for all namespaces']), /write copies to all namespaces of this/);
  assert.doesNotMatch(notes(...MATRIX['a target without a token']), /token/);
});
