import assert from 'node:assert/strict';
import { CHART, type Helm, type Said } from './helm.ts';

/* Renderings of the chart, and the sets of values that must work. */

/** The image of a rendering. The chart has none by default. */
export const IMAGE = 'registry.example.com/kubed-sync';

/** Renders a chart as a helm with a cluster does, with the Pod of `helm test`. */
export function template(helm: Helm, args: readonly string[], chart = CHART): Said {
  const always = ['--api-versions', 'v1/Pod', '--set', `image.repository=${IMAGE}`];
  return helm.run('template', 'kubed-sync', chart, '--namespace', 'kubed-sync', ...always, ...args);
}

/** The text of a rendering, which must work. */
export function rendered(helm: Helm, ...args: readonly string[]): string {
  const { code, stdout, stderr } = template(helm, args);
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Values for `--set`. */
export const set = (values: string): readonly string[] => ['--set', values];

/** One value of any type. */
export const json = (path: string, value: unknown): readonly string[] => [
  '--set-json',
  `${path}=${JSON.stringify(value)}`,
];

/** Values by purpose. Each must render to objects that Kubernetes accepts. */
export const MATRIX = {
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
      pruneAfter: '1h30m',
      pruneLegacy: true,
      requireConsent: true,
      concurrency: 4,
      requestTimeout: '1m30s',
      output: 'json',
      logFormat: 'json',
      verbose: true,
    }),
  ],
  'a number as limit': set('config.maxPrune=1000000'),
  'a limit of 0': ['--set-string', 'config.maxPrune=0'],
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
  'named account': set('serviceAccount.name=robot,serviceAccount.annotations.a=b'),
  'every schedule field': set(
    'cronJob.schedule=@hourly,cronJob.timeZone=Europe/Berlin,cronJob.suspend=true,cronJob.concurrencyPolicy=Replace,' +
      'cronJob.startingDeadlineSeconds=1000000,cronJob.successfulJobsHistoryLimit=0,cronJob.failedJobsHistoryLimit=0,' +
      'cronJob.annotations.a=b,job.backoffLimit=2,job.ttlSecondsAfterFinished=0,job.annotations.c=d',
  ),
  'runs within seconds': set('cronJob.every=10s'),
  'no deadlines': set(
    'cronJob.startingDeadlineSeconds=null,job.activeDeadlineSeconds=null,job.timeoutSeconds=null,' +
      'verify.activeDeadlineSeconds=null,verify.timeoutSeconds=null',
  ),
  'a policy for failed pods': json('job.podFailurePolicy', {
    rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
  }),
  'image by digest': set(
    `image.registry=registry.example.com,image.repository=kubed-sync,image.tag=v1,image.digest=sha256:${'0'.repeat(64)}`,
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
  'other clusters': [
    ...set('config.kubeconfigSecret.name=clusters,config.kubeconfigSecret.key=kubeconfig'),
    ...set('config.remoteContexts={prod-*,west},config.remoteAllow={exec,insecure}'),
    ...set('config.formerClusterUids={0f6e1c2a-9d0b-4c1e-8f3a-5b7d9e2c4a61}'),
  ],
  'other clusters from a directory': set('config.kubeconfigSecret.name=clusters,remote.schedule='),
  'other clusters from a text': set('config.kubeconfigContent=apiVersion: v1'),
  'other clusters, namespaced': set(
    'config.kubeconfigSecret.name=clusters,rbac.namespaces={platform,a},config.sourceNamespaces={platform}',
  ),
  'other clusters, for all': set(
    'config.kubeconfigSecret.name=clusters,shards=3,metrics.file=/metrics/a.prom,events.enabled=true,dryRun=true',
  ),
  'other clusters, with the longest name': set(
    `config.kubeconfigContent=x,fullnameOverride=${'n'.repeat(45)}`,
  ),
  'a target': set('target.enabled=true,target.namespaces={team-a,team-b}'),
  'a target for all namespaces': set('target.enabled=true,target.clusterWide=true,image.repository='),
  'a target without a token': set(
    'target.enabled=true,target.namespaces={team-a},target.token=false,target.identify=false,secrets.enabled=false',
  ),
  'under an umbrella': set('global.imageRegistry=registry.example.com,global.anything.else=1'),
  'three shards': set('shards=3,job.backoffLimit=1,config.configSourceNamespace=platform'),
  'a thousand shards, only reporting': set(`shards=1000,dryRun=true,fullnameOverride=${'n'.repeat(43)}`),
  'ten shards with the longest name': set(`shards=10,fullnameOverride=${'n'.repeat(45)}`),
  'a name that is cut at a dot': set(`fullnameOverride=${'n'.repeat(44)}.x`),
  'a name that is cut at a dot and a dash': set(`nameOverride=${'n'.repeat(43)}-.x`),
  'no deadlines, without null': set(
    'cronJob.startingDeadlineSeconds=0,job.activeDeadlineSeconds=0,job.timeoutSeconds=0,' +
      'verify.activeDeadlineSeconds=0,verify.timeoutSeconds=0',
  ),
  'user by the platform, without null': set(
    'podSecurityContext.runAsUser=,podSecurityContext.runAsGroup=,securityContext.runAsUser=,securityContext.runAsGroup=',
  ),
  'a large group': set('podSecurityContext.fsGroup=1000680000'),
  'no test': set('tests.enabled=false'),
  'long names': set(`fullnameOverride=${'long-'.repeat(20)}x,nameOverride=${'n'.repeat(80)}`),
} satisfies Readonly<Record<string, readonly string[]>>;

/** Names of {@link MATRIX}. */
export type Scene = keyof typeof MATRIX;
