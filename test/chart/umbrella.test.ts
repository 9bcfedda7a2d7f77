import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { IMAGE } from '../support/chart-values.ts';
import { type Helm, type Said, helms } from '../support/helm.ts';
import { type Json, manifestsOf, podSpecs, typeProblems } from '../support/manifests.ts';
import { umbrella } from '../support/umbrella.ts';

const image = { repository: IMAGE };

/** An umbrella chart with a condition for the chart. */
function withCondition(context: TestContext, values: object, more: object = {}): string {
  const dependency = { condition: 'kubed-sync.enabled' };
  return umbrella(context, [dependency], { 'kubed-sync': { image, ...values }, ...more });
}

function kindsOf(rendering: Said): readonly string[] {
  assert.equal(rendering.code, 0, rendering.stderr);
  return manifestsOf(rendering.stdout).map(({ kind }) => kind);
}

/** The pods of an umbrella chart that removes defaults in its values.yaml. */
function podsWith(helm: Helm, context: TestContext, values: object): readonly Json[] {
  const { code, stdout, stderr } = helm.run('template', 'apps', withCondition(context, values));
  assert.equal(code, 0, stderr);
  assert.deepEqual(manifestsOf(stdout).flatMap(typeProblems), []);
  return [...podSpecs(manifestsOf(stdout)).values()];
}

for (const helm of helms()) {
  const options = { skip: helm.skip };

  test(`helm ${helm.major}: a condition switches the chart on and off`, options, (context) => {
    const globals = { global: { imageRegistry: 'elsewhere' }, tags: { infra: true } };
    for (const given of [{}, { enabled: true }, { enabled: null }]) {
      const rendering = helm.run('template', 'apps', withCondition(context, given, globals));
      assert.ok(kindsOf(rendering).includes('CronJob'), JSON.stringify(given));
    }
    const off = withCondition(context, { enabled: false }, globals);
    assert.deepEqual(kindsOf(helm.run('template', 'apps', off)), []);
    const on = ['--set', 'kubed-sync.enabled=true'];
    assert.ok(kindsOf(helm.run('template', 'apps', off, ...on)).includes('CronJob'));
  });

  test(
    `helm ${helm.major}: empty text and 0 remove defaults that null does not remove`,
    options,
    (context) => {
      const noLimits = { timeoutSeconds: 0, activeDeadlineSeconds: 0 };
      const noUser = { runAsUser: '', runAsGroup: '' };
      const pods = podsWith(helm, context, {
        job: noLimits,
        verify: { schedule: '' },
        podSecurityContext: noUser,
        securityContext: noUser,
        resources: { limits: { memory: '' } },
      });
      assert.equal(pods.length, 1);
      const text = JSON.stringify(pods);
      assert.doesNotMatch(text, /runAsUser|runAsGroup|--timeout=|512Mi/);
      assert.match(text, /runAsNonRoot/);
    },
  );
}
