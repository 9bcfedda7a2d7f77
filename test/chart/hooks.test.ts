import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TestCluster } from '../support/cluster.ts';
import { type Helm, helms } from '../support/helm.ts';
import { type Json, manifestsOf, podSpecs, restrictedProblems, typeProblems } from '../support/manifests.ts';
import { ROOT } from '../support/program.ts';
import { temporaryFolder } from '../support/umbrella.ts';

/* The hooks of docs/gitops.md: Kubernetes accepts them, and their run writes the copies of one namespace and no others. */

const PAGE = readFileSync(join(ROOT, 'docs/gitops.md'), 'utf8');

/** Returns the block of YAML behind a comment. */
function block(comment: string): string {
  const [, yaml] = new RegExp(`<!-- ${comment} -->\\n\`\`\`yaml\\n([^]*?)\`\`\``, 'u').exec(PAGE) ?? [];
  return yaml ?? assert.fail(`no block "${comment}"`);
}

function argsOf(job: Json): readonly string[] {
  return job.spec.template.spec.containers[0].args;
}

/** Checks the manifest, and that it runs outside of the new namespace. */
function isRight(job: Json, name: string): void {
  assert.deepEqual(typeProblems(job), []);
  for (const [, spec] of podSpecs([job])) assert.deepEqual(restrictedProblems(spec), []);
  assert.deepEqual([job.metadata.name, job.metadata.namespace], [name, 'kubed-sync']);
  const { serviceAccountName, automountServiceAccountToken } = job.spec.template.spec;
  // The account of the chart mounts no token by itself.
  assert.deepEqual([serviceAccountName, automountServiceAccountToken], ['kubed-sync', true]);
  assert.ok(name.length <= 63);
}

function rendered(helm: Helm, folder: string, namespace: string): Json {
  const { code, stdout, stderr } = helm.run('template', 'app', folder, '--namespace', namespace);
  assert.equal(code, 0, stderr);
  const [job, ...more] = manifestsOf(stdout);
  assert.deepEqual(more, []);
  return job;
}

for (const helm of helms())
  test(`helm ${helm.major}: the Helm hook of the documentation renders`, { skip: helm.skip }, (context) => {
    const folder = temporaryFolder(context);
    mkdirSync(join(folder, 'templates'));
    writeFileSync(
      join(folder, 'Chart.yaml'),
      JSON.stringify({ apiVersion: 'v2', name: 'app', version: '1.0.0' }),
    );
    writeFileSync(join(folder, 'templates', 'copies.yaml'), block('helm hook'));
    const job = rendered(helm, folder, 'team-new');
    isRight(job, 'copies-team-new');
    assert.equal(job.metadata.annotations['helm.sh/hook'], 'pre-install,pre-upgrade');
    const [argo] = manifestsOf(block('argo cd hook'));
    assert.deepEqual(job.spec, argo.spec, 'both hooks make the same run');
    const long = `${'n'.repeat(55)}-${'x'.repeat(7)}`;
    isRight(rendered(helm, folder, long), `copies-${'n'.repeat(55)}`);
  });

test('the run of the Argo CD hook writes the copies of the new namespace and no others', async () => {
  const [job] = manifestsOf(block('argo cd hook'));
  isRight(job, 'copies-team-new');
  assert.equal(job.metadata.annotations['argocd.argoproj.io/hook'], 'PreSync');
  await using cluster = await TestCluster.open();
  for (const name of ['platform', 'team-old', 'team-new']) await cluster.namespace(name);
  await cluster.source('Secret/platform/pull', { stringData: { word: 'x' } });
  const args = argsOf(job).map((arg) =>
    arg.replace(/(?<=-namespace=)(.*)$/u, (name: string) => cluster.ns(name)),
  );
  const [command = '', ...options] = args;
  const { code, stderr } = await cluster.run(command, ...options);
  assert.equal(code, 0, stderr);
  assert.ok(await cluster.get('Secret/team-new/pull'));
  assert.equal(await cluster.get('Secret/team-old/pull'), undefined);
});
