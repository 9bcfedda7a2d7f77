import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { BatchV1Api, KubeConfig, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { IMAGE, set } from '../support/chart-values.ts';
import { findBinaries, startControlPlane } from '../support/control-plane.ts';
import { CHART, type Helm, helms } from '../support/helm.ts';
import { temporaryFolder } from '../support/umbrella.ts';

/* Runs the commands of docs/install.md on a real API server. It has no controllers and no nodes, so nothing runs. */

const binaries = findBinaries();
const NAMESPACE = 'kubed-sync';

/** A release in its own namespace. */
interface Release {
  /** Runs helm, which must succeed. Returns its output. */
  readonly helm: (...args: readonly string[]) => string;
  /** Runs helm, which must fail. Returns its message. */
  readonly refusal: (...args: readonly string[]) => string;
  /** Returns `suspend` of each CronJob in the cluster, by name. */
  readonly suspended: () => Promise<Record<string, boolean | undefined>>;
  /** Sets `suspend` as `kubectl patch` does. */
  readonly patch: (suspend: boolean) => Promise<void>;
}

function releaseIn(helm: Helm, kubeconfig: string): Release {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const api = config.makeApiClient(BatchV1Api);
  const run = (...args: readonly string[]): ReturnType<Helm['run']> =>
    helm.on(kubeconfig)(...args, '--namespace', NAMESPACE);
  return {
    helm: (...args) => {
      const { code, stdout, stderr } = run(...args);
      assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
      return stdout;
    },
    refusal: (...args) => {
      const { code, stderr } = run(...args);
      assert.notEqual(code, 0, args.join(' '));
      return stderr;
    },
    suspended: async () => {
      const { items } = await api.listNamespacedCronJob({ namespace: NAMESPACE });
      return Object.fromEntries(items.map(({ metadata, spec }) => [metadata?.name ?? '', spec?.suspend]));
    },
    patch: async (suspend) => {
      const body = { spec: { suspend } };
      const target = { name: 'kubed-sync', namespace: NAMESPACE, fieldManager: 'kubectl-patch', body };
      const type = setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch);
      await api.patchNamespacedCronJob(target, type);
    },
  };
}

/** An older chart: this one without most of its values. */
function olderChart(context: TestContext): string {
  const folder = temporaryFolder(context);
  cpSync(CHART, folder, { recursive: true });
  writeFileSync(join(folder, 'values.yaml'), 'cronJob:\n  schedule: "@daily"\nresources: {}\n');
  return folder;
}

const install = ['install', 'kubed-sync', CHART, '--create-namespace', '--set', `image.repository=${IMAGE}`];
const upgrade = ['upgrade', 'kubed-sync', CHART];
const RUNNING = { 'kubed-sync': false, 'kubed-sync-verify': false };
const PAUSED = { 'kubed-sync': true, 'kubed-sync-verify': true };

for (const helm of helms()) {
  const skip = helm.skip || (binaries === undefined && 'kube-apiserver and etcd are not available');

  test(
    `helm ${helm.major}: the commands of docs/install.md work on an API server`,
    { skip },
    async (context) => {
      await using plane = await startControlPlane(binaries ?? '');
      const release = releaseIn(helm, plane.kubeconfig);

      await context.test('install, pause, continue, roll back', async () => {
        release.helm(...install);
        assert.deepEqual(await release.suspended(), RUNNING);
        assert.match(release.helm('get', 'hooks', 'kubed-sync'), /kind: Pod/);
        release.helm(...upgrade, '--reset-then-reuse-values', ...set('cronJob.suspend=true'));
        assert.deepEqual(await release.suspended(), PAUSED);
        release.helm(...upgrade, '--reset-then-reuse-values', ...set('cronJob.suspend=false'));
        assert.deepEqual(await release.suspended(), RUNNING);
        release.helm('rollback', 'kubed-sync', '2');
        assert.deepEqual(await release.suspended(), PAUSED);
        release.helm('rollback', 'kubed-sync', '1');
        assert.deepEqual(await release.suspended(), RUNNING);
      });

      await context.test('after kubectl patch, Helm 4 needs --force-conflicts once', async () => {
        await release.patch(true);
        const back = [...upgrade, '--reset-then-reuse-values', ...set('cronJob.suspend=false')];
        if (helm.major === 4) {
          assert.match(release.refusal(...back), /conflict with "kubectl-patch".*: \.spec\.suspend/);
          release.helm(...back, '--force-conflicts');
        } else release.helm(...back);
        assert.deepEqual(await release.suspended(), RUNNING);
        release.helm(...upgrade, '--reset-then-reuse-values');
        release.helm('rollback', 'kubed-sync');
        release.helm('uninstall', 'kubed-sync');
      });

      for (const keep of ['--reuse-values', '--reset-then-reuse-values'])
        await context.test(`${keep} after nulls, from a chart that lacks values`, async (nested) => {
          const older = olderChart(nested);
          const nulls = set('resources=null,commonLabels=null,job.podFailurePolicy=null');
          release.helm(...install.map((one) => (one === CHART ? older : one)), ...nulls);
          release.helm('upgrade', 'kubed-sync', older, keep);
          release.helm(...upgrade, keep);
          release.helm(...upgrade, keep, ...set('cronJob.suspend=true'));
          const both = keep === '--reuse-values' ? { 'kubed-sync': true } : PAUSED;
          assert.deepEqual(await release.suspended(), both);
          assert.doesNotMatch(release.helm('get', 'manifest', 'kubed-sync'), /512Mi/);
          release.helm('uninstall', 'kubed-sync');
        });
    },
  );
}
