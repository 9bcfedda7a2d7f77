import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ReadOptions } from '../../src/manifests/read-manifests.ts';
import {
  complaints,
  configMap,
  fromFiles,
  fromStdin,
  good,
  some,
  secret,
  writeTree,
} from '../support/reading.ts';

/* Files and directories, read as kubectl reads them. */

const MAKE_PIPE = 'mkfifo';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubed-sync-files-'));
});
after(() => rm(folder, { recursive: true }));

const files = (name: string, texts: Readonly<Record<string, string | Uint8Array>>): Promise<string> =>
  writeTree(join(folder, name), texts);

const named = (name: string): string => configMap('').replace('omni', name);

async function lines(paths: readonly string[], options: ReadOptions = {}): Promise<readonly string[]> {
  return (await complaints(fromFiles(paths, options))).map((line) => line.replaceAll(`${folder}/`, ''));
}

async function names(paths: readonly string[], options: ReadOptions = {}): Promise<readonly string[]> {
  return (await some(fromFiles(paths, options))).objects.map(({ name }) => name);
}

test('the files of a directory are read, and with -R those below, in order and each once', async () => {
  const path = await files('tree', {
    'b.yml': named('b'),
    'a/deep/down.json': JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'json' } }),
    'c.yaml': named('c'),
    '.hidden/x.yaml': named('hidden'),
    '.git/x.yaml': 'not: [yaml',
    'notes.txt': 'not: [yaml',
  });
  await symlink(join(path, 'a'), join(path, 'z'));
  await symlink(join(path, 'a'), join(path, 'linked.yaml'));
  await symlink(join(path, 'c.yaml'), join(path, 'd.yaml'));
  execFileSync(MAKE_PIPE, [join(path, 'pipe.yaml')]);
  assert.deepEqual(await names([path]), ['b', 'c']);
  const all = [path, join(path, 'b.yml'), path];
  assert.deepEqual(await names(all, { recursive: true }), ['hidden', 'json', 'b', 'c']);
  assert.deepEqual(await lines(all, { recursive: true }), []);
});

test('a link that leads nowhere or in a circle is a problem, and the rest is read', async () => {
  const path = await files('broken', { 'a/x.yaml': named('x'), 'b.yaml': named('b') });
  await symlink('gone.yaml', join(path, 'dangling.yaml'));
  await symlink('self.yaml', join(path, 'self.yaml'));
  await symlink('..', join(path, 'a', 'up'));
  assert.deepEqual(await names([path], { recursive: true }), ['x', 'b']);
  assert.deepEqual(await lines([path, join(folder, 'nothing.yaml')], { recursive: true }), [
    'broken/dangling.yaml: no such file or directory',
    'broken/self.yaml: the symbolic links form a cycle',
    'nothing.yaml: no such file or directory',
  ]);
});

test('a large file is a problem without being read, and a large stream is read quickly', async () => {
  const bytes = Buffer.alloc(30 * 1024 * 1024, 'x');
  const path = await files('large', { 'x.yaml': bytes });
  assert.deepEqual(await lines([path]), [
    'large/x.yaml:1: the file has 31,457,280 bytes, and the limit is 10,485,760; for the dump of a whole cluster, use -f - and a pipe',
  ]);
  assert.deepEqual(await complaints(fromStdin(bytes)), [
    'stdin:1: not an object: apiVersion and kind are missing',
  ]);
});

test('a directory without manifests is not an empty cluster', async () => {
  const path = await files('empty', { 'README.md': 'x', 'sub/x.yaml': named('x') });
  assert.deepEqual(await lines([path, '-']), ['empty, stdin: no manifests found']);
});

test('a named pipe is read', async () => {
  const path = join(folder, 'named-pipe');
  execFileSync(MAKE_PIPE, [path]);
  const [read] = await Promise.all([good(fromFiles([path])), writeFile(path, configMap(''))]);
  assert.equal(read.objects.length, 1);
});

test('documents that are not objects are ignored and counted in a directory, and are problems in a named file', async () => {
  const path = await files('mixed', {
    'Chart.yaml': 'apiVersion: v2\nname: x\n',
    'compose.yaml': 'services: {}\n---\nkind: ClusterIP\n',
    'list.json': '[1, 2]',
    'text.yml': 'hello\n',
    'x.yaml': `replicas: 2\n---\n${named('x')}---\napiVersion: apps/v1\nkind: Deployment\n`,
    'lost.yaml': 'kind: ConfigMap\nmetadata: {name: lost}\n',
  });
  const { ignored } = await some(fromFiles([path]));
  assert.deepEqual(
    [...ignored],
    [
      ['', 6],
      ['Deployment', 1],
    ],
  );
  assert.deepEqual(await lines([path]), [
    'mixed/lost.yaml:1: ConfigMap: apiVersion is missing; it should be v1',
  ]);
  assert.deepEqual(await lines([join(path, 'Chart.yaml'), join(path, 'x.yaml')]), [
    'mixed/Chart.yaml:1: not an object: apiVersion and kind are missing',
    'mixed/x.yaml:1: not an object: apiVersion and kind are missing',
  ]);
});

test('a problem names its file and line, and an object that comes twice names both', async () => {
  const path = await files('two', {
    'a.yaml': secret(''),
    'b/c.yml': `# a comment\n---\n${secret('type: x\n')}`,
  });
  assert.deepEqual(await lines([path], { recursive: true }), [
    'two/b/c.yml:3: Secret demo/omni: two/a.yaml:1 declares it too, with other content; this one is used, because kubectl apply uses the last one',
  ]);
  const { objects } = await some(fromFiles([path], { recursive: true }));
  assert.deepEqual(
    objects.map(({ type }) => type),
    ['x'],
  );
});

test('objects whose controllers make sources are listed', async () => {
  const marked = 'annotations: {kubed.appscode.com/sync: ""}';
  const path = await files('makers', {
    'certificate.yaml': `apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: wildcard, namespace: certs}\nspec:\n  secretTemplate:\n    ${marked}\n`,
    'external.yaml': `apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: a}\nspec: {target: {template: {metadata: {${marked}}}}}\n`,
    'cluster-external.yaml': `apiVersion: external-secrets.io/v1\nkind: ClusterExternalSecret\nmetadata: {name: b}\nspec: {externalSecretSpec: {target: {template: {metadata: {${marked}}}}}}\n`,
    'kustomization.yaml': `secretGenerator:\n- name: a\n- name: b\n  options:\n    ${marked}\n`,
    'kustomize/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nconfigMapGenerator: [{name: a}]\ngeneratorOptions: {${marked}}\n`,
    'plain.yaml':
      'apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: plain}\nspec: {secretTemplate: {annotations: {a: b}}}\n',
    'sealed.yaml': `apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: s, namespace: ns}\nspec: {template: {metadata: {${marked}}}}\n`,
    'unused.yaml': `generatorOptions: {${marked}}\n`,
  });
  const { makers } = await some(fromFiles([path], { recursive: true }));
  assert.deepEqual(
    makers.map(({ at: { file, line }, object }) => [file.replace(`${path}/`, ''), line, object]),
    [
      ['certificate.yaml', 6, 'Certificate certs/wildcard'],
      ['cluster-external.yaml', 4, 'ClusterExternalSecret b'],
      ['external.yaml', 4, 'ExternalSecret a'],
      ['kustomization.yaml', 1, 'Kustomization'],
      ['kustomize/kustomization.yaml', 4, 'Kustomization'],
      ['sealed.yaml', 4, 'SealedSecret ns/s'],
    ],
  );
});
