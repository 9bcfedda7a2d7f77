import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { version } from '../../src/cli/version.ts';
import { IMAGE, MATRIX, type Scene, rendered, template } from '../support/chart-values.ts';
import { matchesGolden } from '../support/golden.ts';
import { CHART, helms } from '../support/helm.ts';
import { manifestsOf, podSpecs, restrictedProblems, tidy, typeProblems } from '../support/manifests.ts';

/** The renderings that are compared as a whole. */
const GOLDENS: readonly (readonly [string, Scene])[] = [
  ['default', 'default'],
  ['dry-run', 'dry run'],
  ['shards', 'three shards'],
  ['config-maps', 'ConfigMaps only'],
  ['events', 'events'],
  ['every', 'runs within seconds'],
  ['namespaced', 'namespaced'],
  ['namespaced-dry-run', 'namespaced dry run'],
  ['namespaced-events', 'namespaced with events'],
  ['clusters', 'other clusters'],
  ['clusters-namespaced', 'other clusters, namespaced'],
  ['target', 'a target'],
  ['target-cluster-wide', 'a target for all namespaces'],
];

/** Values that the chart rejects, and what the message must contain. */
const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['cronJob.shedule=@daily', /shedule/],
  ['replicaCount=1', /replicaCount/],
  ['config.additionalOptions={-v}', /additionalOptions/],
  ['config.onConflict=overwrite', /onConflict/],
  ['config.onConflict=adopt', /config\.sourceNamespaces/],
  ['config.onConflict=adopt-mirrors', /config\.sourceNamespaces/],
  ['config.maxPrune=10 percent', /maxPrune/],
  ['config.maxPrune=101%', /maxPrune/],
  ['config.sourceNamespaces={Platform}', /sourceNamespaces/],
  ['config.configSourceNamespace=a b', /configSourceNamespace/],
  ['config.clusterName=-x', /clusterName/],
  ['config.concurrency=0', /concurrency/],
  ['cronJob.schedule=every day', /schedule/],
  ['cronJob.schedule=', /cronJob\.schedule is empty.*cronJob\.suspend=true/],
  ['cronJob.every=9s', /every/],
  ['cronJob.every=60s', /every/],
  ['cronJob.every=1m', /every/],
  ['cronJob.every=10', /every/],
  [
    'cronJob.every=10s,cronJob.concurrencyPolicy=Replace',
    /cronJob\.every needs cronJob\.concurrencyPolicy=Forbid, and it is Replace/,
  ],
  ['cronJob.every=10s,config.output=json', /config\.output=json contradict.*config\.logFormat=json/],
  [
    'cronJob.every=10s,job.timeoutSeconds=0,job.activeDeadlineSeconds=51',
    /job\.activeDeadlineSeconds must be more than job\.timeoutSeconds, which is 51/,
  ],
  ['cronJob.concurrencyPolicy=Never', /concurrencyPolicy/],
  ['cronJob.startingDeadlineSeconds=5', /startingDeadlineSeconds is 5.*at least 10/],
  ['cronJob.failedJobsHistoryLimit=-1', /failedJobsHistoryLimit/],
  ['job.activeDeadlineSeconds=375', /job\.activeDeadlineSeconds/],
  ['verify.timeoutSeconds=2100', /verify\.activeDeadlineSeconds/],
  ['terminationGracePeriodSeconds=300', /terminationGracePeriodSeconds/],
  ['image.pullPolicy=Sometimes', /pullPolicy/],
  ['image.digest=sha256:abc', /digest/],
  ['imagePullPolicy=always', /imagePullPolicy/],
  ['imagePullSecrets={registry}', /imagePullSecrets/],
  ['secrets.enabled=maybe', /enabled/],
  ['secrets.enabled=false,configMaps.enabled=false', /there is nothing to copy/],
  ['image.repository=', /image\.repository is empty\. Build the image.*docs\/install\.md/],
  ['failOnDrift=true', /failOnDrift works only with dryRun=true/],
  ['serviceAccount.create=false', /serviceAccount\.name is empty\. Set serviceAccount\.name/],
  ['serviceAccount.create=false,serviceAccount.name=default', /must not be default/],
  ['serviceAccount.name=default', /must not be default/],
  ['config.sourceNamespaces={a,a}', /sourceNamespaces/],
  ['rbac.namespaces={a,a}', /namespaces/],
  ['rbac.namespaces={team-*}', /namespaces/],
  ['rbac.namespaces=a', /namespaces/],
  ['rbac.namespaces={a},config.sourceNamespaces={b}', /rbac\.namespaces/],
  ['config.logFormat=xml', /logFormat/],
  ['events.enabled=maybe', /enabled/],
  ['metrics.file=metrics.prom', /file/],
  ['metrics.file=/metrics/metrics', /file/],
  ['metrics.pushgateway=pushgateway:9091', /pushgateway/],
  ['metrics.pushgateway=http://user:word@pushgateway:9091', /pushgateway/],
  ['commonLabels.a=true', /commonLabels/],
  ['extraArgs={1}', /extraArgs/],
  ['dryrun=true', /dryrun/],
  [
    'config.kubeconfigContent=x,config.kubeconfigSecret.name=y',
    /config\.kubeconfigContent and config\.kubeconfigSecret\.name are both set\. Set one of them/,
  ],
  ['config.kubeconfigSecret.key=x', /config\.kubeconfigSecret\.name is empty\. Set the name/],
  ['config.kubeconfigSecret=x', /kubeconfigSecret/],
  ['config.kubeconfigSecret.key=a/b,config.kubeconfigSecret.name=c', /key/],
  ['config.remoteContexts={a}', /config\.remoteContexts is about the kubeconfig of other clusters/],
  ['config.remoteAllow={exec}', /config\.remoteAllow is about the kubeconfig of other clusters/],
  ['config.remoteAllow={http}', /remoteAllow/],
  ['config.formerClusterUids={x}', /formerClusterUids/],
  ['remote.timeoutSeconds=900', /remote\.activeDeadlineSeconds must be more than/],
  ['remote.schedule=sometimes', /schedule/],
  ['target.enabled=true', /target\.namespaces is empty\. Name the namespaces.*target\.clusterWide=true/],
  ['target.enabled=true,target.clusterWide=true,target.namespaces={a}', /are both set\. Set one of them/],
  ['target.enabled=true,target.namespaces={a},config.kubeconfigContent=x', /Use two releases/],
  ['target.enabled=true,target.namespaces={a},serviceAccount.name=default', /must not be default/],
  ['shards=0', /shards/],
  ['shards=1001', /shards/],
  ['shards=1.5', /shards/],
  ['shards=auto', /shards/],
  [`shards=11,fullnameOverride=${'n'.repeat(45)}`, /at most 44 characters/],
  [`shards=1000,fullnameOverride=${'n'.repeat(44)}`, /at most 43 characters/],
];

/** Values that `helm lint` reads in addition to the default. */
const LINTED = ['dryRun=true', 'rbac.namespaces={a,b}', 'target.enabled=true,target.clusterWide=true'];

for (const helm of helms()) {
  const options = { skip: helm.skip };

  test(`helm ${helm.major}: lint --strict reports nothing`, options, () => {
    for (const args of [[], ...LINTED.map((values) => ['--set', values])]) {
      const { code, stdout, stderr } = helm.run('lint', '--strict', CHART, ...args);
      assert.equal(code, 0, stdout + stderr);
    }
  });

  for (const [what, args] of Object.entries(MATRIX)) {
    test(`helm ${helm.major}: ${what} renders to objects that Kubernetes accepts`, options, () => {
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

  test(`helm ${helm.major}: a name that looks like a number stays text`, options, () => {
    const values = ['--set-string', 'fullnameOverride=123,config.sourceNamespaces={1},rbac.namespaces={1}'];
    const stdout = rendered(helm, ...values, '--namespace', '007');
    assert.deepEqual(manifestsOf(stdout).flatMap(typeProblems), []);
    assert.match(stdout, /--namespace=1\n.*--source-namespace=1\n/);
  });

  test(`helm ${helm.major}: some renderings equal the golden files`, options, () => {
    for (const [name, scene] of GOLDENS)
      matchesGolden(`chart/${name}.yaml`, tidy(rendered(helm, ...MATRIX[scene])));
  });

  for (const [values, name] of REFUSED) {
    test(`helm ${helm.major}: ${values} is rejected`, options, () => {
      const { code, stderr } = template(helm, ['--set', values]);
      assert.notEqual(code, 0);
      assert.match(stderr, name);
    });
  }

  test(
    `helm ${helm.major}: Kubernetes before 1.27 is rejected, and 1.27 of a vendor is accepted`,
    options,
    () => {
      assert.notEqual(template(helm, ['--kube-version', '1.26.9']).code, 0);
      for (const known of ['1.27.0', '1.27.16-gke.100', '1.36.3']) rendered(helm, '--kube-version', known);
    },
  );

  test(`helm ${helm.major}: several shards need Kubernetes 1.29, one does not`, options, () => {
    const { code, stderr } = template(helm, ['--set', 'shards=2', '--kube-version', '1.28.15']);
    assert.notEqual(code, 0);
    assert.match(stderr, /shards=2 needs Kubernetes 1\.29 or newer, and this is v1\.28\.15/);
    for (const known of ['1.29.0', '1.29.1-eks-508b6b3', '1.36.3'])
      rendered(helm, '--set', 'shards=2', '--kube-version', known);
    const one = rendered(helm, '--set', 'shards=1', '--kube-version', '1.27.0');
    assert.equal(tidy(one), tidy(rendered(helm)));
  });

  test(`helm ${helm.major}: the package renders like the folder`, options, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'kubed-sync-chart-'));
    t.after(() => rmSync(folder, { recursive: true }));
    assert.equal(helm.run('package', CHART, '-d', folder).code, 0);
    const file = join(folder, `kubed-sync-${version()}.tgz`);
    const { code, stdout } = template(helm, [], file);
    assert.deepEqual([code, tidy(stdout)], [0, tidy(rendered(helm))]);
  });

  test(`helm ${helm.major}: helm template prints no Pod, so kubectl apply creates none`, options, () => {
    const args = ['template', 'kubed-sync', CHART, '--set', `image.repository=${IMAGE}`];
    const { code, stdout } = helm.run(...args);
    const kinds = new Set(manifestsOf(stdout).map(({ kind }) => kind));
    assert.deepEqual([code, kinds.has('CronJob'), kinds.has('Pod')], [0, true, false]);
    assert.doesNotMatch(rendered(helm, '--set', 'tests.enabled=false'), /kind: Pod/);
  });
}
