import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../src/cli/options/parse.ts';
import { IMAGE, MATRIX, rendered, set } from '../support/chart-values.ts';
import { CHART, type Helm, newestHelm } from '../support/helm.ts';
import { type Json, manifestsOf, podSpecs, the } from '../support/manifests.ts';
import { kubedSync } from '../support/program.ts';

const newest = newestHelm();
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

test('the program accepts the arguments of every rendering', withHelm, async () => {
  const lines = Object.values(MATRIX).flatMap((values) =>
    [...podSpecs(manifestsOf(rendered(newest, ...values))).values()].map((spec) => spec.containers[0].args),
  );
  const distinct = [...new Set(lines.map((line) => JSON.stringify(line)))];
  for (const line of distinct) {
    const { code, stderr } = await kubedSync(
      [...(JSON.parse(line) as string[]), '--kubeconfig=/nonexistent', '--timeout=1s'],
      { env: { JOB_COMPLETION_INDEX: '0' } },
    );
    assert.deepEqual([code, stderr.includes('/nonexistent')], [1, true], `${line}: ${stderr}`);
  }
});

test('both schedules and the test have the same scope', withHelm, () => {
  const manifests = manifestsOf(rendered(newest, ...MATRIX['all of config']));
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
    '--require-consent',
    '--no-prune',
    '--max-prune=10%',
    '--prune-after=1h30m',
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

test('the values of the guide and of the chart of the old operator work as before', withHelm, () => {
  const guide = helmInstallOfTheGuide(newest);
  const { reconcile } = cronJobs(...guide);
  assert.ok(argsOf(reconcile).includes('--source-namespace=demo'));
  assert.equal(reconcile.spec.jobTemplate.spec.template.spec.containers[0].imagePullPolicy, 'Always');
  assert.ok(
    argsOf(cronJobs(...set('config.clusterName=unicorn')).reconcile).includes('--cluster-name=unicorn'),
  );
});

/** `helm install kubed appscode/kubed …` of the guide, with this chart. */
function helmInstallOfTheGuide(helm: Helm): readonly string[] {
  const args = ['--set', 'imagePullPolicy=Always', '--set', 'config.configSourceNamespace=demo'];
  const image = ['--set', `image.repository=${IMAGE}`];
  const { code, stdout } = helm.run('template', 'kubed', CHART, '--namespace=kube-system', ...image, ...args);
  assert.equal(code, 0);
  assert.match(stdout, /namespace: "kube-system"/);
  return args;
}

test('each schedule has its own metrics file, and the test writes no metrics', withHelm, () => {
  const manifests = manifestsOf(rendered(newest, ...MATRIX['metrics']));
  const left = [...podSpecs(manifests).values()].map((spec) =>
    spec.containers[0].args.filter((one: string) => /^--(metrics|pushgateway|events)/.test(one)),
  );
  assert.deepEqual(left, [
    ['--metrics-file=/metrics/kubed-sync.prom', '--pushgateway=http://pushgateway:9091'],
    ['--metrics-file=/metrics/kubed-sync-verify.prom', '--pushgateway=http://pushgateway:9091'],
    [],
  ]);
});

test('each shard has its own metrics file', withHelm, () => {
  const values = [...MATRIX['three shards'], ...MATRIX['metrics']];
  const files = [...podSpecs(manifestsOf(rendered(newest, ...values))).values()].flatMap((spec) =>
    spec.containers[0].args.filter((one: string) => one.startsWith('--metrics-file')),
  );
  assert.deepEqual(files, [
    '--metrics-file=/metrics/kubed-sync-$(JOB_COMPLETION_INDEX).prom',
    '--metrics-file=/metrics/kubed-sync-verify-$(JOB_COMPLETION_INDEX).prom',
  ]);
});

test('events.enabled adds the option and the permission, but not in a dry run', withHelm, () => {
  const rules = (manifests: readonly Json[]): readonly Json[] =>
    the(manifests, 'ClusterRole').rules.filter(({ resources }: Json) => resources.includes('events'));
  const podsWithEvents = (manifests: readonly Json[]): number =>
    [...podSpecs(manifests).values()].filter((spec) => spec.containers[0].args.includes('--events')).length;
  const on = manifestsOf(rendered(newest, ...MATRIX['events']));
  const off = manifestsOf(rendered(newest));
  const dry = manifestsOf(rendered(newest, ...MATRIX['dry run that fails']));
  assert.deepEqual(rules(on), [{ apiGroups: [''], resources: ['events'], verbs: ['create'] }]);
  assert.deepEqual([on, off, dry].map(podsWithEvents), [2, 0, 0]);
  assert.deepEqual([rules(off), rules(dry)], [[], []]);
});

test(
  'a run writes its summary to the termination message, and without it Kubernetes shows the log',
  withHelm,
  () => {
    for (const what of ['default', 'more for the pod'] as const) {
      for (const spec of podSpecs(manifestsOf(rendered(newest, ...MATRIX[what]))).values()) {
        const [{ env, terminationMessagePath, terminationMessagePolicy }] = spec.containers;
        const [first, ...more] = env;
        assert.deepEqual(first, { name: 'KUBED_SYNC_TERMINATION_MESSAGE', value: terminationMessagePath });
        assert.equal(terminationMessagePolicy, 'FallbackToLogsOnError');
        assert.equal(more.length, what === 'default' ? 0 : 1);
      }
    }
  },
);

test('0 and false are rendered, and null removes a field', withHelm, () => {
  const { reconcile } = cronJobs(...MATRIX['every schedule field']);
  assert.equal(reconcile.spec.successfulJobsHistoryLimit, 0);
  assert.equal(reconcile.spec.failedJobsHistoryLimit, 0);
  assert.equal(reconcile.spec.jobTemplate.spec.ttlSecondsAfterFinished, 0);
  assert.equal(reconcile.spec.startingDeadlineSeconds, 1_000_000);
  assert.equal(reconcile.spec.suspend, true);
  assert.equal(cronJobs().verify.spec.suspend, false);
  assert.ok(argsOf(cronJobs(...MATRIX['a limit of 0']).reconcile).includes('--max-prune=0'));
  assert.ok(argsOf(cronJobs(...set('config.maxPrune=0')).reconcile).includes('--max-prune=0'));
  const bare = cronJobs(...MATRIX['no deadlines']).verify.spec;
  const keys = new Set([...Object.keys(bare), ...Object.keys(bare.jobTemplate.spec)]);
  for (const key of [
    'startingDeadlineSeconds',
    'activeDeadlineSeconds',
    'ttlSecondsAfterFinished',
    'timeZone',
  ])
    assert.ok(!keys.has(key), key);
});

test('a failed shard does not stop the other shards, in both schedules', withHelm, () => {
  const values = MATRIX['three shards'];
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

test('every shard has a hostname of at most 63 characters', withHelm, () => {
  for (const what of ['a thousand shards, only reporting', 'ten shards with the longest name'] as const) {
    const manifests = manifestsOf(rendered(newest, ...MATRIX[what]));
    const made = manifests.filter(({ kind }) => kind === 'CronJob');
    assert.equal(made.length, 2);
    for (const { metadata, spec } of made) {
      // The controller appends the minute to the name of a Job. It has eight digits until 2160.
      const job = `${metadata.name}-${'0'.repeat(8)}`;
      assert.ok(`${job}-${spec.jobTemplate.spec.completions - 1}`.length <= 63, job);
    }
  }
});

test('an empty verify.schedule removes the second CronJob', withHelm, () => {
  for (const values of ['verify.schedule=', 'verify.schedule=null']) {
    const manifests = manifestsOf(rendered(newest, '--set', values));
    assert.deepEqual([...podSpecs(manifests).keys()], ['kubed-sync', 'kubed-sync-test']);
  }
});

test('roles are bound to the account of the pods, if the chart creates it or not', withHelm, () => {
  const accounts = [
    ['named account', 'robot'],
    ['own account', 'robot'],
    ['default', 'kubed-sync'],
  ] as const;
  for (const [what, account] of accounts) {
    const manifests = manifestsOf(rendered(newest, ...MATRIX[what]));
    const { subjects } = the(manifests, 'ClusterRoleBinding');
    assert.deepEqual(subjects, [{ kind: 'ServiceAccount', name: account, namespace: 'kubed-sync' }]);
    for (const spec of podSpecs(manifests).values()) assert.equal(spec.serviceAccountName, account);
    const made = manifests
      .filter(({ kind }) => kind === 'ServiceAccount')
      .map(({ metadata }) => metadata.name);
    assert.deepEqual(made, what === 'own account' ? [] : [account]);
  }
  const kinds = manifestsOf(rendered(newest, ...MATRIX['no roles'])).map(({ kind }) => kind);
  assert.deepEqual(
    kinds.filter((kind) => /Role/.test(kind)),
    [],
  );
});

test(
  'cronJob.every makes runs for a minute in one pod, and leaves the other schedule alone',
  withHelm,
  () => {
    const { reconcile, verify } = cronJobs(...MATRIX['runs within seconds']);
    const { schedule, concurrencyPolicy, jobTemplate } = reconcile.spec;
    assert.deepEqual([schedule, concurrencyPolicy], ['* * * * *', 'Forbid']);
    assert.equal(jobTemplate.spec.activeDeadlineSeconds, 59);
    const without = argsOf(cronJobs().reconcile).filter((arg) => !arg.startsWith('--timeout='));
    const args = argsOf(reconcile);
    assert.deepEqual(
      args.filter((arg) => arg !== '--every=10s'),
      [...without, '--timeout=51s'],
    );
    assert.deepEqual(verify, cronJobs().verify);
    const parsed = parse(args, {});
    assert.ok('request' in parsed && parsed.request.every === 10_000 && parsed.request.timeout === 51_000);
    const shorter = cronJobs(...set('cronJob.every=20s,job.timeoutSeconds=40,job.activeDeadlineSeconds=0'));
    assert.ok(argsOf(shorter.reconcile).includes('--timeout=40s'));
    assert.equal(shorter.reconcile.spec.jobTemplate.spec.activeDeadlineSeconds, 59);
    const written = cronJobs(...set('cronJob.every=10s,job.timeoutSeconds=51,job.activeDeadlineSeconds=59'));
    assert.deepEqual(written.reconcile, reconcile, 'the values that the chart sets may be written too');
  },
);

test(
  'activeDeadlineSeconds is more than the time limit of the program plus its grace period',
  withHelm,
  () => {
    for (const { spec } of Object.values(cronJobs())) {
      const { activeDeadlineSeconds, template: pod } = spec.jobTemplate.spec;
      const timeout = /^--timeout=(\d+)s$/.exec(pod.spec.containers[0].args.at(-1) ?? '')?.[1];
      assert.ok(activeDeadlineSeconds > Number(timeout) + pod.spec.terminationGracePeriodSeconds);
    }
  },
);
