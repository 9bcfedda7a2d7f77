import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { STRIP_LIST, copied, isStripped } from '../../../src/plan/copy/strip.ts';
import { mapWith } from '../../support/build.ts';

const rows: readonly (readonly [key: string, stripped: boolean, more?: readonly string[]])[] = [
  ['kubectl.kubernetes.io/last-applied-configuration', true],
  ['kubectl.kubernetes.io/restartedAt', false],
  ['app.kubernetes.io/managed-by', true],
  ['app.kubernetes.io/instance', true],
  ['app.kubernetes.io/instance-id', false],
  ['app.kubernetes.io/name', false],
  ['app.kubernetes.io/part-of', false],
  ['helm.sh/chart', true],
  ['helm.sh/resource-policy', true],
  ['helm.sh', false],
  ['meta.helm.sh/release-name', true],
  ['argocd.argoproj.io/instance', true],
  ['argocd.argoproj.io/tracking-id', true],
  ['argocd.argoproj.io/installation-id', true],
  ['argocd.argoproj.io/hook', true],
  ['argocd.argoproj.io/hook-delete-policy', true],
  ['argocd.argoproj.io/sync-wave', true],
  ['argocd.argoproj.io/secret-type', false],
  ['argocd.argoproj.io/sync-options', false],
  ['argocd.argoproj.io/compare-options', false],
  ['kustomize.toolkit.fluxcd.io/name', true],
  ['helm.toolkit.fluxcd.io/name', true],
  ['source.toolkit.fluxcd.io/name', false],
  ['cert-manager.io/certificate-name', true],
  ['controller.cert-manager.io/fao', true],
  ['other.cert-manager.io/x', false],
  ['kapp.k14s.io/app', true],
  ['applyset.kubernetes.io/part-of', true],
  ['config.kubernetes.io/owning-inventory', true],
  ['config.kubernetes.io/local-config', false],
  ['objectset.rio.cattle.io/hash', true],
  ['olm.managed', true],
  ['olm.owner.namespace', true],
  ['olmo', false],
  ['reflector.v1.k8s.emberstack.com/reflects', true],
  ['replicator.v1.mittwald.de/replicate-to', true],
  ['hnc.x-k8s.io/inherited-from', true],
  ['propagate.hnc.x-k8s.io/select', true],
  ['generate.kyverno.io/clone-source', true],
  ['reconcile.external-secrets.io/created-by', true],
  ['external-secrets.io/type', false],
  ['sealedsecrets.bitnami.com/managed', true],
  ['operator.1password.io/item-path', true],
  ['secretgen.carvel.dev/image-pull-secret', true],
  ['management.cattle.io/project-scoped-secret', true],
  ['management.cattle.io/project-scoped-secret-copy', true],
  ['management.cattle.io/other', false],
  ['strimzi.io/kind', true],
  ['strimzi.io/cluster', true],
  ['x', false],
  ['x', true, ['x']],
  ['xy', false, ['x']],
  ['xy', true, ['x*']],
  ['x', true, ['x*']],
  ['wx', false, ['x*']],
  ['anything', true, ['*']],
  ['anything', false, ['']],
  ['a*b', true, ['a*b']],
  ['aab', false, ['a*b']],
  ['second', true, ['first', 'second']],
];

suite('the strip list', () => {
  for (const [key, stripped, more = []] of rows) {
    const added = more.length > 0 ? ` with --strip ${more.join(' ')}` : '';
    test(`${key}${added}: ${stripped}`, () => assert.equal(isStripped(key, more), stripped));
  }

  test('docs/values.md has each key with its reason, and no other', () => {
    const page = readFileSync(new URL('../../../../docs/values.md', import.meta.url), 'utf8');
    const [, section = ''] = /^### Keys that are not copied$([^]*?)^###/mu.exec(page) ?? [];
    const rows = [...section.matchAll(/^\| (`.+?) \| (.+) \|$/gmu)];
    const keys = rows.flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/gu)].map(([, key]) => key));
    assert.deepEqual(new Set(keys), new Set(STRIP_LIST));
    assert.equal(keys.length, STRIP_LIST.length);
    for (const [, key, reason = ''] of rows) assert.ok(reason.length > 10, key);
  });

  test('has no entry twice', () => assert.equal(new Set(STRIP_LIST).size, STRIP_LIST.length));
});

suite('labels and annotations of copies', () => {
  test('are those of the source without marks and stripped keys', () => {
    const map = {
      app: 'omni',
      empty: '',
      'kubed.appscode.com/sync': '',
      'kubed.appscode.com/anything': '1',
      'kubed.appscode.com': 'no mark',
      'helm.sh/chart': 'omni-1',
      'example.com/local': 'x',
    };
    assert.deepEqual(copied(map, ['example.com/*']), {
      app: 'omni',
      empty: '',
      'kubed.appscode.com': 'no mark',
    });
    assert.deepEqual(Object.keys(copied(map, [])), [
      'app',
      'empty',
      'kubed.appscode.com',
      'example.com/local',
    ]);
  });

  test('can have keys that plain objects treat specially', () => {
    const special = mapWith('constructor', 'x');
    assert.deepEqual(copied(special, []), special);
    assert.ok(Object.hasOwn(copied(mapWith('__proto__', 'x'), []), '__proto__'));
  });
});
