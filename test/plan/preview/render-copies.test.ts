import assert from 'node:assert/strict';
import { lstat, mkdir, mkdtemp, readFile, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import {
  type DeclaredObjects,
  type Manifest,
  type NamespaceManifest,
  bodyOf,
} from '../../../src/model/manifest.ts';
import type { Settings } from '../../../src/model/settings.ts';
import {
  type RenderedCopies,
  type RenderedCopy,
  renderCopies,
} from '../../../src/plan/preview/render-copies.ts';
import { staleCheck } from '../../../src/plan/preview/stale-copies.ts';
import { scopeOf } from '../../../src/plan/scope.ts';
import { readManifests } from '../../../src/manifests/read-manifests.ts';
import { writeFiles, yamlStream } from '../../../src/manifests/write-manifests.ts';
import {
  filesMessage,
  noCopiesMessage,
  secretsMessage,
  staleFilesMessage,
} from '../../../src/report/messages/publish-message.ts';
import { settings } from '../../support/build.ts';
import { kubedSync } from '../../support/program.ts';

/* Copies as manifests, for users who keep them in Git. */

const SYNC = 'kubed.appscode.com/sync';
const NOTHING_KNOWN = { uid: '', resourceVersion: '', creationTimestamp: '', managedFields: [] };

function manifest(place: string, parts: Partial<Manifest> = {}): Manifest {
  const [kind = '', namespace = '', name = ''] = place.split('/');
  return { kind: kind === 'Secret' ? kind : 'ConfigMap', namespace, name, ...NOTHING_KNOWN, ...parts };
}

function source(place: string, parts: Partial<Manifest> = {}, selector = ''): Manifest {
  return manifest(place, { ...parts, annotations: { [SYNC]: selector, ...parts.annotations } });
}

function among(
  objects: readonly Manifest[],
  ...namespaces: readonly (string | NamespaceManifest)[]
): DeclaredObjects {
  return {
    objects,
    namespaces: namespaces.map((one) => (typeof one === 'string' ? { name: one, terminating: false } : one)),
  };
}

function rendered(manifests: DeclaredObjects, changes: Partial<Settings> = {}): RenderedCopies {
  return renderCopies(manifests, scopeOf(settings(changes)));
}

function named({ copies }: RenderedCopies): readonly string[] {
  return copies.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`);
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const OMNI = source('ConfigMap/demo/omni', {
  labels: { app: 'x', 'app.kubernetes.io/instance': 'argo' },
  data: { b: '2', a: '1\n2\n' },
  binaryData: { bin: 'AAE=' },
  immutable: true,
});
const CREDS = source('Secret/demo/creds', { data: { password: 'aHVudGVyMg==' }, type: 'example.com/x' });

const GOLDEN = `---
# A copy of ConfigMap demo/omni by kubed-sync render. Change the source, not this file.
apiVersion: v1
kind: ConfigMap
metadata:
  namespace: team
  name: omni
  labels:
    app: x
    kubed.appscode.com/origin.name: omni
    kubed.appscode.com/origin.namespace: demo
    kubed.appscode.com/origin.cluster: ''
    app.kubernetes.io/managed-by: kubed-sync
  annotations:
    kubed.appscode.com/origin: '{"namespace":"demo","name":"omni","uid":"","resourceVersion":""}'
    kubed.appscode.com/fields: 6b776ebf9ed2720a
data:
  a: |
    1
    2
  b: '2'
binaryData:
  bin: AAE=
immutable: true
---
# A copy of Secret demo/creds by kubed-sync render. Change the source, not this file.
apiVersion: v1
kind: Secret
metadata:
  namespace: team
  name: creds
  labels:
    kubed.appscode.com/origin.name: creds
    kubed.appscode.com/origin.namespace: demo
    kubed.appscode.com/origin.cluster: ''
    app.kubernetes.io/managed-by: kubed-sync
  annotations:
    kubed.appscode.com/origin: '{"namespace":"demo","name":"creds","uid":"","resourceVersion":""}'
    kubed.appscode.com/fields: 9235453bec80fe3f
data:
  password: aHVudGVyMg==
type: example.com/x
`;

test('the output has complete marks, and is the same for a dump and for any order', () => {
  assert.equal(yamlStream(rendered(among([OMNI, CREDS], 'team')).copies), GOLDEN);
  const dumped = (object: Manifest): Manifest => ({
    ...object,
    uid: 'u',
    resourceVersion: '7',
    creationTimestamp: 'x',
  });
  const reversed = { ...OMNI, data: { a: '1\n2\n', b: '2' } };
  const other = rendered(among([dumped(CREDS), dumped(reversed)], 'team'));
  assert.equal(yamlStream(other.copies), GOLDEN);
});

test('copies are sorted by kind, namespace and name, for declared and implied namespaces that are selected', () => {
  const prod = source('ConfigMap/demo/prod', {}, 'env=prod');
  const namespaces = ['b', { name: 'a', labels: { env: 'prod' }, terminating: false }];
  const all = rendered(among([CREDS, prod, OMNI, manifest('ConfigMap/implied/x')], ...namespaces));
  assert.deepEqual(named(all), [
    'ConfigMap/a/omni',
    'ConfigMap/a/prod',
    'ConfigMap/b/omni',
    'ConfigMap/implied/omni',
    'Secret/a/creds',
    'Secret/b/creds',
    'Secret/implied/creds',
  ]);
  assert.deepEqual([all.sources, all.findings], [3, []]);
});

test('copies among the manifests make no difference', async () => {
  const { classified: _, ...once } = rendered(among([OMNI, CREDS], 'team', 'other'));
  const read = await readManifests(['-'], bytesOf(yamlStream(once.copies)));
  assert.ok(read.ok);
  const stale = read.value.objects.map((copy) => ({ ...copy, data: { old: '' } }));
  const { classified: __, ...again } = rendered(among([...stale, OMNI, CREDS], 'team', 'other'));
  assert.deepEqual(again, once);
});

test('the options of scope, the cluster name and the strip list apply', () => {
  const here = among([OMNI, CREDS, source('ConfigMap/else/other')], 'team-a', 'team-b');
  assert.deepEqual(named(rendered(here, { kinds: ['Secret'], includeNamespaces: ['team-*'] })), [
    'Secret/team-a/creds',
    'Secret/team-b/creds',
  ]);
  const scope = { sourceNamespaces: ['else'], excludeNamespaces: ['team-b', 'demo'] };
  assert.deepEqual(named(rendered(here, scope)), ['ConfigMap/team-a/other']);
  const [copy] = rendered(among([OMNI], 'team'), { clusterName: 'east', strip: ['app'] }).copies;
  const text = copy === undefined ? '' : yamlOf(copy);
  assert.match(text, /origin\.cluster: east/);
  assert.ok(!text.includes('app: x'));
});

test('a conflict, a contested name and a source that cannot be copied are findings, as in a cluster', () => {
  const there = rendered(
    among([OMNI, manifest('ConfigMap/team/omni'), source('ConfigMap/demo/bad', {}, 'a b')]),
  );
  assert.deepEqual(
    there.findings.map(({ reason }) => reason),
    ['conflict', 'invalid-selector'],
  );
  const token = source('Secret/demo/token', { type: 'kubernetes.io/service-account-token' });
  const rivals = rendered(among([OMNI, source('ConfigMap/also/omni'), token], 'team'));
  assert.deepEqual(
    rivals.findings.map(({ reason }) => reason),
    ['contested', 'own-source-there', 'own-source-there', 'source-not-copyable'],
  );
  assert.deepEqual(named(rivals), ['ConfigMap/team/omni']);
  assert.deepEqual(rivals.copies[0]?.origin, { namespace: 'also', name: 'omni' });
});

/** One copy as a document, without the line that begins it. */
function yamlOf(copy: RenderedCopy): string {
  return yamlStream([copy]).slice('---\n'.length);
}

test('a key or text that kubectl would read as a number is quoted', () => {
  const texts = { '-_0': '0o17', '+1_0': '0b1', y: '.5_0' };
  const [yaml] = rendered(among([source('ConfigMap/demo/numbers', { data: texts })], 'team')).copies.map(
    yamlOf,
  );
  for (const text of Object.entries(texts).flat()) assert.ok(yaml?.includes(`'${text}'`), text);
});

test('any text of any key can be read back', () =>
  fc.assert(
    fc.asyncProperty(
      fc.dictionary(
        fc.stringMatching(/^[-._a-zA-Z0-9]+$/).filter((key) => key !== '.' && !key.startsWith('..')),
        fc.string({ unit: 'grapheme' }),
        {
          noNullPrototype: true,
        },
      ),
      fc.array(
        fc.constantFrom(
          'yes',
          '0123',
          '0x1f',
          '1_000',
          '~',
          'null',
          '12:30',
          ' a ',
          'a\r\nb',
          '\t',
          '#',
          'a: b',
          '- x',
          '\n\n',
          'a\n ',
          '\u0085',
          '\u2028',
          '---',
          '%x',
          '&a',
          '*a',
          '!t',
          '"',
          "'",
          '|',
          '>',
        ),
      ),
      async (data, odd) => {
        const all = { ...data, ...Object.fromEntries(odd.map((text, index) => [`odd${index}`, text])) };
        const [copy] = rendered(among([source('ConfigMap/demo/omni', { data: all })], 'team')).copies;
        assert.ok(copy);
        const read = await readManifests(['-'], bytesOf(yamlStream([copy])));
        assert.ok(read.ok, JSON.stringify(read));
        assert.deepEqual(read.value.objects[0]?.data ?? {}, all);
      },
    ),
    { numRuns: Number(process.env['LAW_RUNS'] ?? 500) },
  ));

test('a copy is stale if render wrote it, it is in scope, and no source asks for it', () => {
  const also = source('ConfigMap/also/other');
  const before = rendered(among([OMNI, CREDS, also], 'team')).copies.map(
    ({ kind, namespace, name, body }) => {
      const { metadata } = body as { metadata: Pick<Manifest, 'labels' | 'annotations'> };
      const { labels = {}, annotations = {} } = metadata;
      return bodyOf(manifest(`${kind}/${namespace}/${name}`, { labels, annotations }));
    },
  );
  const staleIn = (manifests: DeclaredObjects, changes: Partial<Settings> = {}): readonly string[] => {
    const scope = scopeOf(settings(changes));
    const isStale = staleCheck(renderCopies(manifests, scope));
    return before.filter(isStale).map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`);
  };
  const now = among([CREDS, also], 'team');
  assert.deepEqual(staleIn(among([OMNI, CREDS, also], 'team')), []);
  assert.deepEqual(staleIn(now), ['ConfigMap/also/omni', 'ConfigMap/team/omni']);
  assert.deepEqual(staleIn(now, { sourceNamespaces: ['also'] }), []);
  assert.deepEqual(staleIn(now, { kinds: ['Secret'] }), []);
  assert.deepEqual(staleIn(now, { includeNamespaces: ['team'] }), ['ConfigMap/team/omni']);
  assert.deepEqual(staleIn(now, { clusterName: 'east' }), []);
  const broken = { ...OMNI, annotations: { [SYNC]: 'a b' } };
  assert.deepEqual(staleIn(among([broken, CREDS, also], 'team')), []);
  // OMNI was moved. The source at its new place asks for its copies, or may do so once it is corrected.
  const moved = source('ConfigMap/also/omni');
  const misspelt = { ...moved, annotations: { [SYNC]: 'a b' } };
  assert.deepEqual(staleIn(among([misspelt, CREDS, also], 'team')), []);
  assert.deepEqual(staleIn(among([moved, CREDS, also], 'team'), { sourceNamespaces: ['demo'] }), [
    'ConfigMap/also/omni',
  ]);
  // The copies in a namespace whose accept-from is invalid stay.
  const problem = { code: 'bad-namespace', found: '!' } as const;
  const invalid = { reason: 'invalid-accept-from', namespace: 'team', value: '!', at: 0, problem } as const;
  const frozen = staleCheck({ ...rendered(among([], 'team')), findings: [invalid] });
  assert.ok(before.filter(frozen).every(({ namespace }) => namespace !== 'team'));
  const withoutTeam = staleIn(among([also], 'demo')).filter((one) => one.endsWith('other'));
  assert.deepEqual(withoutTeam, ['ConfigMap/team/other']);
});

/* Files. */

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubed-sync-render-'));
});
after(() => rm(folder, { recursive: true }));

const COPIES = rendered(among([OMNI, CREDS], 'team')).copies;
const FILES = ['team_configmap_omni.yaml', 'team_secret_creds.yaml'];

test('there is one file for each copy, a current file stays, and so does every other file', async () => {
  const path = join(folder, 'deep', 'copies');
  assert.deepEqual(await writeFiles(path, COPIES), {
    ok: true,
    value: { changed: 2, unchanged: 0 },
  });
  assert.deepEqual(await readdir(path), FILES);
  const before = await lstat(join(path, 'team_secret_creds.yaml'));
  await writeFile(join(path, 'team_configmap_omni.yaml'), 'edited');
  await writeFile(join(path, 'old_secret_x.yaml'), COPIES[1] === undefined ? '' : yamlOf(COPIES[1]));
  await writeFile(join(path, 'hand_configmap_made.yaml'), 'a: 1');
  await writeFile(join(path, 'kustomization.yaml'), '# A copy of nothing');
  await mkdir(join(path, 'x_configmap_folder.yaml'));
  assert.deepEqual(await writeFiles(path, COPIES), {
    ok: true,
    value: { changed: 1, unchanged: 1 },
  });
  assert.deepEqual((await lstat(join(path, 'team_secret_creds.yaml'))).mtimeMs, before.mtimeMs);
  assert.equal((await readdir(path)).length, 6);
});

test('a link is replaced, and never followed out of the folder', async () => {
  const path = join(folder, 'links');
  await mkdir(path);
  await writeFile(join(folder, 'outside'), 'mine');
  await symlink('../outside', join(path, 'team_configmap_omni.yaml'));
  assert.ok((await writeFiles(path, COPIES)).ok);
  assert.equal(await readFile(join(folder, 'outside'), 'utf8'), 'mine');
  await assert.rejects(readlink(join(path, 'team_configmap_omni.yaml')));
});

test('a file that cannot be written is a problem with its name, and is never half written', async () => {
  const path = join(folder, 'blocked');
  await mkdir(join(path, 'team_configmap_omni.yaml'), { recursive: true });
  const blocked = await writeFiles(path, COPIES);
  const message = 'illegal operation on a directory';
  assert.deepEqual(blocked, {
    ok: false,
    problem: {
      at: { file: join(path, 'team_configmap_omni.yaml') },
      issue: { code: 'unreadable', message },
    },
  });
  assert.deepEqual(await readdir(path), ['team_configmap_omni.yaml']);
  await writeFile(join(folder, 'file'), '');
  const under = await writeFiles(join(folder, 'file', 'x'), COPIES);
  assert.ok(!under.ok && under.problem.issue.code === 'unreadable');
});

test('no two copies share a file, and no file name is too long', async () => {
  const copy = (parts: Partial<RenderedCopy>): RenderedCopy => ({
    kind: 'ConfigMap',
    namespace: 'a',
    name: 'x',
    origin: { namespace: 'o', name: 'x' },
    body: {},
    ...parts,
  });
  const long = 'x'.repeat(253);
  const copies = [
    {},
    { kind: 'Secret' as const },
    { name: `${long.slice(1)}y` },
    { name: long },
    { name: 'x.y' },
    { namespace: 'n'.repeat(63), name: long },
  ].map(copy);
  const path = join(folder, 'names');
  assert.ok((await writeFiles(path, copies)).ok);
  const names = await readdir(path);
  assert.equal(names.length, copies.length);
  for (const name of names) assert.ok(name.length <= 255 && /^[-a-z0-9._]+$/.test(name), name);
});

test('a summary describes what was rendered', () => {
  assert.equal(
    secretsMessage(1),
    '1 copy of a Secret is not rendered; --include-secrets renders them, including their values',
  );
  assert.equal(
    secretsMessage(2),
    '2 copies of Secrets are not rendered; --include-secrets renders them, including their values',
  );
  assert.equal(filesMessage('d', { changed: 1, unchanged: 2 }), '3 copies in d: 1 file written, 2 unchanged');
  assert.equal(
    staleFilesMessage('d', ['a'], 'named', false),
    '1 stale file left, though no source asks for it: d/a. --prune deletes it',
  );
  assert.equal(
    staleFilesMessage('d', ['a', 'b'], 'deleted', false),
    '2 stale files deleted, because no source asks for them: d/a, d/b',
  );
  const many = Array.from({ length: 9 }, (_, at) => String(at));
  assert.match(staleFilesMessage('d', many, 'problems', false), /manifests have problems.*d\/4 and 4 more$/);
  assert.match(staleFilesMessage('d', many, 'no-sources', true), /no manifest is a source.*d\/8$/);
  assert.match(noCopiesMessage(0), /^no sources/);
  assert.match(noCopiesMessage(1), /^no copies: 1 source but/);
});

/* The program. */

const INPUT = `apiVersion: v1
kind: Namespace
metadata: {name: team}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: omni, namespace: demo, annotations: {kubed.appscode.com/sync: ""}}
data: {a: "1"}
---
apiVersion: v1
kind: Secret
metadata: {name: creds, namespace: demo, annotations: {kubed.appscode.com/sync: ""}}
stringData: {password: hunter2}
`;
const LEFT_OUT =
  'kubed-sync: 1 copy of a Secret is not rendered; --include-secrets renders them, including their values\n';

test('the program writes a stream to stdout, Secrets only if asked for, and findings to stderr', async () => {
  const plain = await kubedSync(['render', '-f', '-'], { input: INPUT });
  assert.deepEqual([plain.code, plain.stderr], [0, LEFT_OUT]);
  assert.equal(plain.stdout.match(/^kind:.*$/gm)?.join(), 'kind: ConfigMap');
  const quiet = await kubedSync(['render', '-f', '-', '-q'], { input: INPUT });
  assert.deepEqual(quiet, { ...plain, stderr: '' });
  const full = await kubedSync(['render', '-f', '-', '--include-secrets'], { input: INPUT });
  assert.equal(full.stderr, '');
  assert.match(full.stdout, /password: aHVudGVyMg==/);
  const none = await kubedSync(['render', '-f', '-'], { input: INPUT.replaceAll('sync: ""', 'sync: "a b"') });
  assert.deepEqual([none.code, none.stdout], [1, '']);
  assert.match(none.stderr, /^error .*omni/);
  assert.match(none.stderr, /kubed-sync: no copies: 2 sources/);
});

test('the program writes files', async () => {
  const path = join(folder, 'program');
  const args = ['render', '-f', '-', '--output-dir', path];
  const { code, stdout, stderr } = await kubedSync(args, { input: INPUT });
  assert.deepEqual(
    [code, stdout, stderr],
    [0, '', `${LEFT_OUT}kubed-sync: 1 copy in ${path}: 1 file written, 0 unchanged\n`],
  );
  const narrow = [...args, '--include-namespace', 'none', '--kind', 'cm', '--prune'];
  const again = await kubedSync(narrow, { input: INPUT });
  assert.ok(
    again.stderr.endsWith(`kubed-sync: 0 copies in ${path}: 0 files written, 0 unchanged\n`),
    again.stderr,
  );
  assert.deepEqual(await readdir(path), ['team_configmap_omni.yaml']);
  await writeFile(join(folder, 'occupied'), '');
  const failed = await kubedSync(['render', '-q', '-f', '-', '--output-dir', join(folder, 'occupied')], {
    input: INPUT,
  });
  assert.deepEqual(failed, {
    code: 1,
    stdout: '',
    stderr: `kubed-sync: ${folder}/occupied: file already exists\n`,
  });
});

/** A folder with sources, three namespaces, and the copies of an earlier run below it. */
async function repository(name: string): Promise<{ readonly root: string; readonly copies: string }> {
  const [root, copies] = [join(folder, name), join(folder, name, 'copies')];
  await mkdir(root);
  await writeFile(join(root, 'sources.yaml'), INPUT);
  await writeFile(join(root, 'gone.yaml'), 'apiVersion: v1\nkind: Namespace\nmetadata: {name: gone}\n');
  assert.equal((await render(root)).code, 0);
  return { root, copies };
}

function render(root: string, ...more: readonly string[]): ReturnType<typeof kubedSync> {
  const args = ['render', '-R', '-f', root, '--output-dir', join(root, 'copies'), '--include-secrets'];
  return kubedSync([...args, ...more]);
}

const ALL = [
  'gone_configmap_omni.yaml',
  'gone_secret_creds.yaml',
  'team_configmap_omni.yaml',
  'team_secret_creds.yaml',
];

test('the output of an earlier run is no reason for a namespace to exist, and --prune deletes what is stale', async () => {
  const { root, copies } = await repository('removed-namespace');
  assert.deepEqual(await readdir(copies), ALL);
  await rm(join(root, 'gone.yaml'));
  const named = await render(root);
  const stale = `${copies}/gone_configmap_omni.yaml, ${copies}/gone_secret_creds.yaml`;
  assert.deepEqual(named, {
    code: 0,
    stdout: '',
    stderr: [
      `kubed-sync: 2 copies in ${copies}: 0 files written, 2 unchanged\n`,
      `kubed-sync: 2 stale files left, though no source asks for them: ${stale}. --prune deletes them\n`,
    ].join(''),
  });
  const others = ['--cluster-name', 'east'];
  for (const more of [['--kind', 'cm', '--exclude-namespace', 'gone'], ['--source-namespace', 'x'], others])
    await render(root, '--prune', ...more);
  assert.deepEqual((await readdir(copies)).length, 4);
  await render(root, '-q');
  const variable = await kubedSync(['render', '-R', '-f', root, '--output-dir', copies], {
    env: { KUBED_SYNC_PRUNE: 'true' },
  });
  assert.match(variable.stderr, /2 stale files left/);
  const pruned = await render(root, '--prune');
  assert.equal(pruned.code, 0);
  assert.match(pruned.stderr, /2 stale files deleted, because no source asks for them: /);
  assert.deepEqual(await readdir(copies), ALL.slice(2));
});

test('only files that render wrote are deleted', async () => {
  const { root, copies } = await repository('foreign-files');
  const copy = await readFile(join(copies, 'gone_configmap_omni.yaml'), 'utf8');
  await rm(join(root, 'gone.yaml'));
  await rm(join(copies, 'gone_secret_creds.yaml'));
  const head = copy.split('\n')[0] ?? '';
  const files: Readonly<Record<string, string>> = {
    // Not where render writes this copy, other marks, no marks, and more than the copy.
    'other_configmap_omni.yaml': copy,
    'east_configmap_omni.yaml': copy.replaceAll('gone', 'east').replace("cluster: ''", 'cluster: east'),
    'hand_configmap_made.yaml': `${head}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: made, namespace: hand}\n`,
    'more_configmap_omni.yaml': `${copy.replaceAll('gone', 'more')}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: more}\n`,
    'note_configmap_omni.yaml': copy.replaceAll('gone', 'note').replace(head, '# my note'),
    'live_configmap_omni.yaml': copy
      .replaceAll('gone', 'live')
      .replace('metadata:\n', 'metadata:\n  uid: u\n'),
    'bad_configmap_omni.yaml': `${head}\n{`,
    'kustomization.yaml': head,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(copies, name), text);
  await mkdir(join(copies, 'x_configmap_folder.yaml'));
  await writeFile(join(folder, 'linked.yaml'), copy.replaceAll('gone', 'link'));
  await symlink(join(folder, 'linked.yaml'), join(copies, 'link_configmap_omni.yaml'));
  // The files above are in the way of `-R`, so the sources are read alone.
  const args = ['render', '-f', root, '--output-dir', copies, '--include-secrets', '--prune'];
  const { code, stderr } = await kubedSync(args);
  assert.match(
    stderr,
    /1 stale file deleted, because no source asks for it: [^,]*gone_configmap_omni\.yaml\n$/,
  );
  assert.equal(code, 0);
  const left = [
    ...Object.keys(files),
    ...ALL.slice(2),
    'link_configmap_omni.yaml',
    'x_configmap_folder.yaml',
  ];
  assert.deepEqual((await readdir(copies)).toSorted(), left.toSorted());
});

test('nothing is deleted where a source may be missing', async () => {
  const { root, copies } = await repository('missing-source');
  await rm(join(root, 'gone.yaml'));
  await writeFile(join(root, 'broken.yaml'), 'a: b: c');
  const broken = await render(root, '--prune', '-q', '--ignore-bad-manifests');
  assert.equal(broken.code, 1);
  assert.match(broken.stderr, /2 stale files not deleted, because the manifests have problems/);
  assert.equal((await render(root, '--prune')).code, 2);
  await rm(join(root, 'broken.yaml'));
  await writeFile(join(root, 'sources.yaml'), INPUT.replaceAll('sync: ""', 'sync: "a b"'));
  const frozen = await render(root, '--prune');
  assert.ok(!frozen.stderr.includes('stale'), frozen.stderr);
  await writeFile(join(root, 'sources.yaml'), 'apiVersion: v1\nkind: Namespace\nmetadata: {name: team}\n');
  const none = await render(root, '--prune');
  assert.equal(none.code, 1);
  assert.match(none.stderr, /4 stale files not deleted, because no manifest is a source/);
  assert.deepEqual(await readdir(copies), ALL);
});

test('--prune of render needs --output-dir', async () => {
  const { code, stderr } = await kubedSync(['render', '-f', '-', '--prune'], { input: INPUT });
  assert.equal(code, 2);
  assert.match(stderr, /--prune needs --output-dir/);
});
