import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { version } from '../../src/cli/version.ts';
import { matchesGolden } from '../support/golden.ts';
import { CHART, type Helm, type Said, helms } from '../support/helm.ts';
import {
  type Json,
  manifestsOf,
  podSpecs,
  restrictedProblems,
  the,
  tidy,
  typeProblems,
} from '../support/manifests.ts';
import { kubedSync } from '../support/program.ts';

const HELMS = helms();

function template(helm: Helm, ...args: readonly string[]): Said {
  return helm.run('template', 'kubed-sync', CHART, '--namespace', 'kubed-sync', ...args);
}

function rendered(helm: Helm, ...args: readonly string[]): string {
  const { code, stdout, stderr } = template(helm, ...args);
  assert.equal(code, 0, stderr);
  return stdout;
}

const set = (values: string): readonly string[] => ['--set', values];
const json = (path: string, value: unknown): readonly string[] => [
  '--set-json',
  `${path}=${JSON.stringify(value)}`,
];

/** Values by what they are for. Each has to render to objects that Kubernetes takes. */
const MATRIX: Readonly<Record<string, readonly string[]>> = {
  default: [],
  'the old operator': set(
    'config.configSourceNamespace=demo,config.clusterName=unicorn,imagePullPolicy=Always',
  ),
  'all of config': [
    ...json('config', {
      clusterName: 'prod-1',
      sourceNamespaces: ['platform', 'certs'],
      includeNamespaces: ['team-*', '*'],
      excludeNamespaces: ['kube-*', '?'],
      strip: ['example.com/*', 'note'],
      onConflict: 'adopt',
      prune: false,
      maxPrune: '10%',
      pruneLegacy: true,
      concurrency: 4,
      requestTimeout: '1m30s',
      output: 'json',
      logFormat: 'json',
      verbose: true,
    }),
  ],
  'a number as limit': set('config.maxPrune=1000000'),
  'a limit of nothing': ['--set-string', 'config.maxPrune=0'],
  'dry run': set('dryRun=true'),
  'dry run that fails': set('dryRun=true,failOnDrift=true,events.enabled=true'),
  events: set('events.enabled=true'),
  'ConfigMaps only': set('secrets.enabled=false'),
  'Secrets only': set('configMaps.enabled=false'),
  'no verify': set('verify.schedule='),
  'verify null': set('verify.schedule=null'),
  namespaced: set('rbac.namespaces={platform,a,b},config.sourceNamespaces={platform}'),
  'namespaced with events': set(
    'rbac.namespaces={platform,a,b},config.sourceNamespaces={platform},events.enabled=true',
  ),
  'namespaced dry run': set('rbac.namespaces={platform,a,b},dryRun=true'),
  'namespaced by own roles': set('rbac.namespaces={a},rbac.create=false'),
  'no roles': set('rbac.create=false'),
  'own account': set('serviceAccount.create=false,serviceAccount.name=robot'),
  'default account': set('serviceAccount.create=false'),
  'named account': set('serviceAccount.name=robot,serviceAccount.annotations.a=b'),
  'every schedule field': set(
    'cronJob.schedule=@hourly,cronJob.timeZone=Europe/Berlin,cronJob.suspend=true,cronJob.concurrencyPolicy=Replace,' +
      'cronJob.startingDeadlineSeconds=1000000,cronJob.successfulJobsHistoryLimit=0,cronJob.failedJobsHistoryLimit=0,' +
      'cronJob.annotations.a=b,job.backoffLimit=2,job.ttlSecondsAfterFinished=0,job.annotations.c=d',
  ),
  'no deadlines': set(
    'cronJob.startingDeadlineSeconds=null,job.activeDeadlineSeconds=null,job.timeoutSeconds=null,' +
      'verify.activeDeadlineSeconds=null,verify.timeoutSeconds=null',
  ),
  'a policy for failed pods': json('job.podFailurePolicy', {
    rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
  }),
  'image by digest': set(
    `image.registry=registry.example.com,image.tag=v1,image.digest=sha256:${'0'.repeat(64)}`,
  ),
  'pull secrets': json('imagePullSecrets', [{ name: 'registry' }]),
  metrics: [
    ...set('metrics.file=/metrics/kubed-sync.prom,metrics.pushgateway=http://pushgateway:9091'),
    ...json('extraVolumes', [{ name: 'metrics', persistentVolumeClaim: { claimName: 'metrics' } }]),
    ...json('extraVolumeMounts', [{ name: 'metrics', mountPath: '/metrics' }]),
  ],
  'a Pushgateway with a password': json('extraEnv', [
    { name: 'KUBED_SYNC_PUSHGATEWAY', valueFrom: { secretKeyRef: { name: 'pushgateway', key: 'url' } } },
  ]),
  'more for the pod': [
    ...json('extraArgs', ['--as=robot', '--as-group={"a": b}']),
    ...json('extraEnv', [{ name: 'KUBED_SYNC_COLOR', value: 'never' }]),
    ...json('extraVolumes', [{ name: 'certificates', configMap: { name: 'certificates' } }]),
    ...json('extraVolumeMounts', [{ name: 'certificates', mountPath: '/certificates' }]),
    ...json('envFrom', [{ configMapRef: { name: 'options', optional: true } }]),
    ...json('tolerations', [{ key: 'infra', operator: 'Exists' }]),
    ...json('affinity', {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
        },
      },
    }),
    ...set(
      'nodeSelector.disk=ssd,priorityClassName=high,runtimeClassName=gvisor,terminationGracePeriodSeconds=30',
    ),
    ...set('podLabels.tier=infra,podAnnotations.note=yes,commonLabels.team=a,commonAnnotations.owner=b'),
  ],
  'user by the platform': set(
    'podSecurityContext.runAsUser=null,podSecurityContext.runAsGroup=null,securityContext.runAsUser=null,securityContext.runAsGroup=null',
  ),
  'under an umbrella': set('global.imageRegistry=registry.example.com,global.anything.else=1'),
  'three shards': set('shards=3,job.backoffLimit=1,config.configSourceNamespace=platform'),
  'a thousand shards, only reporting': set(`shards=1000,dryRun=true,fullnameOverride=${'n'.repeat(43)}`),
  'ten shards with the longest name': set(`shards=10,fullnameOverride=${'n'.repeat(45)}`),
  'long names': set(`fullnameOverride=${'long-'.repeat(20)}x,nameOverride=${'n'.repeat(80)}`),
};

/** Values that are refused, and what the refusal has to name. */
const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['cronJob.shedule=@daily', /shedule/],
  ['replicaCount=1', /replicaCount/],
  ['config.additionalOptions={-v}', /additionalOptions/],
  ['config.onConflict=overwrite', /onConflict/],
  ['config.onConflict=adopt', /config\.sourceNamespaces/],
  ['config.maxPrune=10 percent', /maxPrune/],
  ['config.maxPrune=101%', /maxPrune/],
  ['config.sourceNamespaces={Platform}', /sourceNamespaces/],
  ['config.configSourceNamespace=a b', /configSourceNamespace/],
  ['config.clusterName=-x', /clusterName/],
  ['config.concurrency=0', /concurrency/],
  ['cronJob.schedule=every day', /schedule/],
  ['cronJob.schedule=', /schedule/],
  ['cronJob.suspend=null', /suspend/],
  ['cronJob.concurrencyPolicy=Never', /concurrencyPolicy/],
  ['cronJob.startingDeadlineSeconds=5', /startingDeadlineSeconds/],
  ['cronJob.failedJobsHistoryLimit=-1', /failedJobsHistoryLimit/],
  ['cronJob.successfulJobsHistoryLimit=null', /successfulJobsHistoryLimit/],
  ['job.activeDeadlineSeconds=375', /job\.activeDeadlineSeconds/],
  ['verify.timeoutSeconds=2100', /verify\.activeDeadlineSeconds/],
  ['terminationGracePeriodSeconds=300', /terminationGracePeriodSeconds/],
  ['image.pullPolicy=Sometimes', /pullPolicy/],
  ['image.digest=sha256:abc', /digest/],
  ['imagePullPolicy=always', /imagePullPolicy/],
  ['imagePullSecrets={registry}', /imagePullSecrets/],
  ['secrets.enabled=maybe', /enabled/],
  ['secrets=null', /secrets/],
  ['secrets.enabled=false,configMaps.enabled=false', /nothing would be left/],
  ['config.sourceNamespaces={a,a}', /sourceNamespaces/],
  ['rbac.namespaces={a,a}', /namespaces/],
  ['rbac.namespaces={team-*}', /namespaces/],
  ['rbac.namespaces=a', /namespaces/],
  ['rbac.namespaces={a},config.sourceNamespaces={b}', /rbac\.namespaces/],
  ['config.logFormat=xml', /logFormat/],
  ['config.logFormat=', /logFormat/],
  ['events.enabled=maybe', /enabled/],
  ['metrics.file=metrics.prom', /file/],
  ['metrics.file=/metrics/metrics', /file/],
  ['metrics.pushgateway=pushgateway:9091', /pushgateway/],
  ['metrics.pushgateway=http://user:word@pushgateway:9091', /pushgateway/],
  ['commonLabels.a=true', /commonLabels/],
  ['extraArgs={1}', /extraArgs/],
  ['dryrun=true', /dryrun/],
  ['shards=0', /shards/],
  ['shards=1001', /shards/],
  ['shards=1.5', /shards/],
  ['shards=null', /shards/],
  ['shards=auto', /shards/],
  [`shards=11,fullnameOverride=${'n'.repeat(45)}`, /at most 44 characters/],
  [`shards=1000,fullnameOverride=${'n'.repeat(44)}`, /at most 43 characters/],
];

for (const helm of HELMS) {
  const options = { skip: helm.skip };

  test(`helm ${helm.major}: lint --strict has nothing to say`, options, () => {
    for (const args of [[], ['--set', 'dryRun=true'], ['--set', 'rbac.namespaces={a,b}']]) {
      const { code, stdout, stderr } = helm.run('lint', '--strict', CHART, ...args);
      assert.equal(code, 0, stdout + stderr);
    }
  });

  for (const [what, args] of Object.entries(MATRIX)) {
    test(`helm ${helm.major}: ${what} renders to what Kubernetes takes`, options, () => {
      const manifests = manifestsOf(rendered(helm, ...args));
      assert.deepEqual(manifests.flatMap(typeProblems), []);
      const names = manifests.map(
        ({ kind, metadata }) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`,
      );
      assert.deepEqual([...new Set(names)], names);
      for (const { kind, metadata } of manifests)
        assert.ok(metadata.name.length <= (kind === 'CronJob' ? 52 : 63));
      for (const [name, spec] of podSpecs(manifests)) assert.deepEqual(restrictedProblems(spec), [], name);
    });
  }

  test(`helm ${helm.major}: names that look like numbers stay names`, options, () => {
    const { stdout } = helm.run(
      'template',
      '123',
      CHART,
      '-n',
      '007',
      '--set-string',
      'fullnameOverride=123,config.sourceNamespaces={1},rbac.namespaces={1}',
    );
    assert.deepEqual(manifestsOf(stdout).flatMap(typeProblems), []);
    assert.match(stdout, /--namespace=1\n.*--source-namespace=1\n/);
  });

  test(`helm ${helm.major}: the whole of some renderings`, options, () => {
    matchesGolden('chart/default.yaml', tidy(rendered(helm)));
    matchesGolden('chart/dry-run.yaml', tidy(rendered(helm, ...(MATRIX['dry run'] ?? []))));
    matchesGolden('chart/shards.yaml', tidy(rendered(helm, ...(MATRIX['three shards'] ?? []))));
    matchesGolden('chart/config-maps.yaml', tidy(rendered(helm, ...(MATRIX['ConfigMaps only'] ?? []))));
    matchesGolden('chart/events.yaml', tidy(rendered(helm, ...(MATRIX['events'] ?? []))));
    matchesGolden('chart/namespaced.yaml', tidy(rendered(helm, ...(MATRIX['namespaced'] ?? []))));
    const readOnly = rendered(helm, ...(MATRIX['namespaced dry run'] ?? []));
    matchesGolden('chart/namespaced-dry-run.yaml', tidy(readOnly));
    const withEvents = rendered(helm, ...(MATRIX['namespaced with events'] ?? []));
    matchesGolden('chart/namespaced-events.yaml', tidy(withEvents));
  });

  for (const [values, name] of REFUSED) {
    test(`helm ${helm.major}: ${values} is refused`, options, () => {
      const { code, stderr } = template(helm, '--set', values);
      assert.notEqual(code, 0);
      assert.match(stderr, name);
    });
  }

  test(`helm ${helm.major}: Kubernetes before 1.27 is refused, a vendor's 1.27 is not`, options, () => {
    assert.notEqual(template(helm, '--kube-version', '1.26.9').code, 0);
    for (const known of ['1.27.0', '1.27.16-gke.100', '1.36.3']) rendered(helm, '--kube-version', known);
  });

  test(`helm ${helm.major}: shards need Kubernetes 1.29, and one shard is none`, options, () => {
    const { code, stderr } = template(helm, '--set', 'shards=2', '--kube-version', '1.28.15');
    assert.notEqual(code, 0);
    assert.match(stderr, /shards needs Kubernetes 1\.29 or newer, and this is v1\.28\.15/);
    for (const known of ['1.29.0', '1.29.1-eks-508b6b3', '1.36.3'])
      rendered(helm, '--set', 'shards=2', '--kube-version', known);
    const one = rendered(helm, '--set', 'shards=1', '--kube-version', '1.27.0');
    assert.equal(tidy(one), tidy(rendered(helm)));
  });

  test(`helm ${helm.major}: the package has all that the chart renders from`, options, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'kubed-sync-chart-'));
    t.after(() => rmSync(folder, { recursive: true }));
    assert.equal(helm.run('package', CHART, '-d', folder).code, 0);
    const file = join(folder, `kubed-sync-${version()}.tgz`);
    const { code, stdout } = helm.run('template', 'kubed-sync', file, '--namespace', 'kubed-sync');
    assert.deepEqual([code, tidy(stdout)], [0, tidy(rendered(helm))]);
  });
}

const newest = HELMS.at(-1) ?? assert.fail();
const withHelm = { skip: newest.skip };

function cronJobs(...args: readonly string[]): { readonly reconcile: Json; readonly verify: Json } {
  const manifests = manifestsOf(rendered(newest, ...args));
  return {
    reconcile: the(manifests, 'CronJob', 'kubed-sync'),
    verify: the(manifests, 'CronJob', 'kubed-sync-verify'),
  };
}

function argsOf(cronJob: Json): readonly string[] {
  return cronJob.spec.jobTemplate.spec.template.spec.containers[0].args;
}

test('the arguments of every rendering are ones that the program takes', withHelm, async () => {
  const lines = Object.values(MATRIX).flatMap((values) =>
    [...podSpecs(manifestsOf(rendered(newest, ...values))).values()].map((spec) => spec.containers[0].args),
  );
  const distinct = [...new Set(lines.map((line) => JSON.stringify(line)))];
  for (const line of distinct) {
    const { code, stderr } = await kubedSync(
      [...(JSON.parse(line) as string[]), '--kubeconfig=/nonexistent'],
      { env: { JOB_COMPLETION_INDEX: '0' } },
    );
    assert.deepEqual([code, stderr.includes('/nonexistent')], [1, true], `${line}: ${stderr}`);
  }
});

test('the same scope for both schedules and the test', withHelm, () => {
  const manifests = manifestsOf(rendered(newest, ...(MATRIX['all of config'] ?? [])));
  const scope = (args: readonly string[]): readonly string[] =>
    args.filter((one) => !/^(reconcile|--verify|--dry-run|--timeout=.*)$/.test(one));
  const [reconcile, verify, tested] = [...podSpecs(manifests).values()].map(
    (spec) => spec.containers[0].args,
  );
  assert.deepEqual(scope(verify), scope(reconcile));
  assert.deepEqual(scope(tested), scope(reconcile));
  assert.deepEqual(scope(reconcile), [
    '--cluster-name=prod-1',
    '--source-namespace=platform',
    '--source-namespace=certs',
    '--include-namespace=team-*',
    '--include-namespace=*',
    '--exclude-namespace=kube-*',
    '--exclude-namespace=?',
    '--no-prune',
    '--max-prune=10%',
    '--prune-legacy',
    '--on-conflict=adopt',
    '--strip=example.com/*',
    '--strip=note',
    '--concurrency=4',
    '--request-timeout=1m30s',
    '--output=json',
    '--log-format=json',
    '--verbose',
  ]);
});

test("the values of the guide and of the old operator's chart do what they did", withHelm, () => {
  const guide = helmInstallOfTheGuide(newest);
  const { reconcile } = cronJobs(...guide);
  assert.ok(argsOf(reconcile).includes('--source-namespace=demo'));
  assert.equal(reconcile.spec.jobTemplate.spec.template.spec.containers[0].imagePullPolicy, 'Always');
  assert.ok(
    argsOf(cronJobs(...set('config.clusterName=unicorn')).reconcile).includes('--cluster-name=unicorn'),
  );
});

/** `helm install kubed appscode/kubed …` of the guide, but for the chart's place. */
function helmInstallOfTheGuide(helm: Helm): readonly string[] {
  const args = ['--set', 'imagePullPolicy=Always', '--set', 'config.configSourceNamespace=demo'];
  const { code, stdout } = helm.run('template', 'kubed', CHART, '--namespace=kube-system', ...args);
  assert.equal(code, 0);
  assert.match(stdout, /namespace: "kube-system"/);
  return args;
}

test('what a schedule leaves behind: each has a file of its own, and the test has none', withHelm, () => {
  const manifests = manifestsOf(rendered(newest, ...(MATRIX['metrics'] ?? [])));
  const left = [...podSpecs(manifests).values()].map((spec) =>
    spec.containers[0].args.filter((one: string) => /^--(metrics|pushgateway|events)/.test(one)),
  );
  assert.deepEqual(left, [
    ['--metrics-file=/metrics/kubed-sync.prom', '--pushgateway=http://pushgateway:9091'],
    ['--metrics-file=/metrics/kubed-sync-verify.prom', '--pushgateway=http://pushgateway:9091'],
    [],
  ]);
});

test('each shard has a file of its own', withHelm, () => {
  const values = [...(MATRIX['three shards'] ?? []), ...(MATRIX['metrics'] ?? [])];
  const files = [...podSpecs(manifestsOf(rendered(newest, ...values))).values()].flatMap((spec) =>
    spec.containers[0].args.filter((one: string) => one.startsWith('--metrics-file')),
  );
  assert.deepEqual(files, [
    '--metrics-file=/metrics/kubed-sync-$(JOB_COMPLETION_INDEX).prom',
    '--metrics-file=/metrics/kubed-sync-verify-$(JOB_COMPLETION_INDEX).prom',
  ]);
});

test('Events go with the permission for them, and neither is there in a dry run', withHelm, () => {
  const rules = (manifests: readonly Json[]): readonly Json[] =>
    the(manifests, 'ClusterRole').rules.filter(({ resources }: Json) => resources.includes('events'));
  const told = (manifests: readonly Json[]): number =>
    [...podSpecs(manifests).values()].filter((spec) => spec.containers[0].args.includes('--events')).length;
  const [on, off, dry] = ['events', 'default', 'dry run that fails'].map((what) =>
    manifestsOf(rendered(newest, ...(MATRIX[what] ?? assert.fail(what)))),
  );
  assert.deepEqual(rules(on ?? []), [{ apiGroups: [''], resources: ['events'], verbs: ['create'] }]);
  assert.deepEqual([told(on ?? []), told(off ?? []), told(dry ?? [])], [2, 0, 0]);
  assert.deepEqual([rules(off ?? []), rules(dry ?? [])], [[], []]);
});

test(
  'how a run ended goes where Kubernetes reads it, and an empty file falls back to the log',
  withHelm,
  () => {
    for (const what of ['default', 'more for the pod']) {
      for (const spec of podSpecs(manifestsOf(rendered(newest, ...(MATRIX[what] ?? [])))).values()) {
        const [{ env, terminationMessagePath, terminationMessagePolicy }] = spec.containers;
        const [first, ...more] = env;
        assert.deepEqual(first, { name: 'KUBED_SYNC_TERMINATION_MESSAGE', value: terminationMessagePath });
        assert.equal(terminationMessagePolicy, 'FallbackToLogsOnError');
        assert.equal(more.length, what === 'default' ? 0 : 1);
      }
    }
  },
);

test('zeros and false are values, null leaves out', withHelm, () => {
  const { reconcile } = cronJobs(...(MATRIX['every schedule field'] ?? []));
  assert.equal(reconcile.spec.successfulJobsHistoryLimit, 0);
  assert.equal(reconcile.spec.failedJobsHistoryLimit, 0);
  assert.equal(reconcile.spec.jobTemplate.spec.ttlSecondsAfterFinished, 0);
  assert.equal(reconcile.spec.startingDeadlineSeconds, 1_000_000);
  assert.equal(reconcile.spec.suspend, true);
  assert.equal(cronJobs().verify.spec.suspend, false);
  assert.ok(argsOf(cronJobs(...(MATRIX['a limit of nothing'] ?? [])).reconcile).includes('--max-prune=0'));
  assert.ok(argsOf(cronJobs(...set('config.maxPrune=0')).reconcile).includes('--max-prune=0'));
  const bare = cronJobs(...(MATRIX['no deadlines'] ?? [])).verify.spec;
  const keys = new Set([...Object.keys(bare), ...Object.keys(bare.jobTemplate.spec)]);
  for (const key of [
    'startingDeadlineSeconds',
    'activeDeadlineSeconds',
    'ttlSecondsAfterFinished',
    'timeZone',
  ])
    assert.ok(!keys.has(key), key);
});

test('of several shards each goes on when another fails, in both schedules', withHelm, () => {
  const values = MATRIX['three shards'] ?? [];
  for (const cronJob of Object.values(cronJobs(...values))) {
    const { template: _, activeDeadlineSeconds: __, metadata: ___, ...job } = cronJob.spec.jobTemplate.spec;
    assert.deepEqual(job, {
      completionMode: 'Indexed',
      completions: 3,
      parallelism: 3,
      backoffLimitPerIndex: 1,
    });
    assert.ok(argsOf(cronJob).includes('--shard=auto/3'));
  }
  const tested = podSpecs(manifestsOf(rendered(newest, ...values))).get('kubed-sync-test');
  assert.ok(tested.containers[0].args.includes('--shard=0/3'));
  assert.equal(cronJobs().reconcile.spec.jobTemplate.spec.backoffLimit, 0);
});

test('the hostname of a pod of any shard is short enough', withHelm, () => {
  for (const what of ['a thousand shards, only reporting', 'ten shards with the longest name']) {
    const manifests = manifestsOf(rendered(newest, ...(MATRIX[what] ?? [])));
    const made = manifests.filter(({ kind }) => kind === 'CronJob');
    assert.equal(made.length, 2);
    for (const { metadata, spec } of made) {
      // The controller puts the minute behind the name of a Job, of which there are eight digits until 2160.
      const job = `${metadata.name}-${'0'.repeat(8)}`;
      assert.ok(`${job}-${spec.jobTemplate.spec.completions - 1}`.length <= 63, job);
    }
  }
});

test('the verify schedule can be switched off', withHelm, () => {
  for (const values of ['verify.schedule=', 'verify.schedule=null']) {
    const manifests = manifestsOf(rendered(newest, '--set', values));
    assert.deepEqual([...podSpecs(manifests).keys()], ['kubed-sync', 'kubed-sync-test']);
  }
});

test('roles are bound to the account that the pods run as, whoever made it', withHelm, () => {
  const accounts: Readonly<Record<string, string>> = {
    'named account': 'robot',
    'own account': 'robot',
    'default account': 'default',
    default: 'kubed-sync',
  };
  for (const [what, account] of Object.entries(accounts)) {
    const manifests = manifestsOf(rendered(newest, ...(MATRIX[what] ?? [])));
    const { subjects } = the(manifests, 'ClusterRoleBinding');
    assert.deepEqual(subjects, [{ kind: 'ServiceAccount', name: account, namespace: 'kubed-sync' }]);
    for (const spec of podSpecs(manifests).values()) assert.equal(spec.serviceAccountName, account);
    const made = manifests
      .filter(({ kind }) => kind === 'ServiceAccount')
      .map(({ metadata }) => metadata.name);
    assert.deepEqual(made, ['named account', 'default'].includes(what) ? [account] : []);
  }
  const kinds = manifestsOf(rendered(newest, ...(MATRIX['no roles'] ?? []))).map(({ kind }) => kind);
  assert.deepEqual(
    kinds.filter((kind) => /Role/.test(kind)),
    [],
  );
});

test('Kubernetes ends a Job only after the program has had its time, and its grace', withHelm, () => {
  for (const { spec } of Object.values(cronJobs())) {
    const { activeDeadlineSeconds, template: pod } = spec.jobTemplate.spec;
    const timeout = /^--timeout=(\d+)s$/.exec(pod.spec.containers[0].args.at(-1) ?? '')?.[1];
    assert.ok(activeDeadlineSeconds > Number(timeout) + pod.spec.terminationGracePeriodSeconds);
  }
});

test('the notes name what is there', withHelm, () => {
  if (newest.major !== 4) return;
  const notes = (...args: readonly string[]): string =>
    newest
      .run('install', 'kubed', CHART, '-n', 'kube-system', '--dry-run=client', ...args)
      .stdout.split('NOTES:')[1] ?? '';
  const usual = notes();
  assert.match(
    usual,
    /kubectl create job -n kube-system --from=cronjob\/kubed-kubed-sync kubed-kubed-sync-now/,
  );
  assert.match(usual, /helm test kubed -n kube-system --logs/);
  assert.match(usual, /anyone who may annotate/);
  const bounded = notes(
    ...set('config.sourceNamespaces={platform},config.maxPrune=10%,dryRun=true,cronJob.suspend=true'),
  );
  assert.doesNotMatch(bounded, /anyone who may annotate|No limit/);
  assert.match(bounded, /writes nothing/);
  assert.match(bounded, /suspended/);
  assert.match(
    notes(...set('shards=7')),
    /job-name=kubed-kubed-sync-now --prefix --tail=-1 --max-log-requests=7/,
  );
  const narrow = notes(...set('rbac.namespaces={a,b}'));
  assert.match(narrow, /looks at a, b and nowhere else/);
  assert.match(narrow, /in one of the namespaces of rbac\.namespaces now writes to the others/);
  assert.doesNotMatch(notes(...set('rbac.namespaces={a}')), /anyone who may annotate/);
});
