import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IMAGE, set } from '../support/chart-values.ts';
import { CHART, newestHelm } from '../support/helm.ts';

const newest = newestHelm();
const withHelm = { skip: newest.skip };

/** Returns the notes of an installation with these values. */
function notes(...args: readonly string[]): string {
  const image = set(`image.repository=${IMAGE}`);
  const install = ['install', 'kubed', CHART, '-n', 'kube-system', '--dry-run=client', ...image];
  const { code, stdout, stderr } = newest.run(...install, ...args);
  assert.equal(code, 0, stderr);
  return stdout.split('NOTES:')[1] ?? '';
}

test('the notes name the commands for this release', withHelm, () => {
  const usual = notes();
  assert.match(
    usual,
    /kubectl create job -n kube-system --from=cronjob\/kubed-kubed-sync kubed-kubed-sync-now/,
  );
  assert.match(usual, /helm test kubed -n kube-system --logs/);
  assert.doesNotMatch(notes(...set('tests.enabled=false')), /helm test/);
  assert.match(
    notes(...set('shards=7')),
    /job-name=kubed-kubed-sync-now --prefix --tail=-1 --max-log-requests=7/,
  );
});

test('the notes say when runs start', withHelm, () => {
  assert.match(notes(), /runs at "\*\/2 \* \* \* \*"\. At "23 3 \* \* \*" it also compares/);
  assert.match(notes(...set('cronJob.every=10s')), /runs every 10s, in one pod for each minute\. At "23 3/);
});

test('the notes say what the values restrict', withHelm, () => {
  const bounded = notes(
    ...set('config.sourceNamespaces={platform},config.maxPrune=50,dryRun=true,cronJob.suspend=true'),
  );
  assert.doesNotMatch(bounded, /any user who can annotate|no limit on deletes/);
  assert.match(bounded, /writes nothing/);
  assert.match(bounded, /It is suspended\./);
  assert.doesNotMatch(bounded, /Pause all runs/);
  assert.match(notes(), /Pause all runs with a value[^]*--set cronJob\.suspend=true\n/);
  assert.match(notes(...set('rbac.namespaces={a,b}')), /reads and writes only in a, b\./);
});

test('the notes warn if any namespace may hold sources', withHelm, () => {
  assert.match(notes(), /any user who can annotate .* in any namespace can copy it to every namespace/);
  const narrow = notes(...set('rbac.namespaces={a,b}'));
  assert.match(narrow, /any user who can annotate .* in one of these namespaces can copy it to the others/);
  assert.doesNotMatch(notes(...set('rbac.namespaces={a}')), /any user who can annotate/);
});

test('the notes recommend a number as the limit on deletes', withHelm, () => {
  assert.match(notes(), /There is no limit on deletes\.[^]*--set config\.maxPrune=\d+\n/);
  assert.doesNotMatch(notes(...set('config.prune=false')), /maxPrune/);
});
