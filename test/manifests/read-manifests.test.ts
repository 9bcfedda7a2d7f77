import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { dump } from 'js-yaml';
import type { Manifests } from '../../src/model/manifest.ts';
import { type ManifestsRead, readManifests } from '../../src/manifests/read-manifests.ts';
import { manifestLine, passedOverLine } from '../../src/report/messages/manifest-message.ts';

/* Reading manifests: what is read, and one line for each thing that can be wrong. */

/** Begins every value of a Secret here; it must occur in no complaint. */
const VALUE = 'hunter2';

const MAKE_PIPE = 'mkfifo';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubed-sync-manifests-'));
});
after(() => rm(folder, { recursive: true }));

async function* bytesOf(...texts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

function fromStdin(...texts: readonly (string | Uint8Array)[]): Promise<ManifestsRead> {
  return readManifests(['-'], bytesOf(...texts));
}

async function good(read: Promise<ManifestsRead>): Promise<Manifests> {
  const result = await read;
  assert.ok(result.ok, result.ok ? '' : manifestLine(result.problem));
  return result.value;
}

async function complaint(read: Promise<ManifestsRead>): Promise<string> {
  const result = await read;
  assert.ok(!result.ok);
  return manifestLine(result.problem).replaceAll(`${folder}/`, '');
}

/** Writes files into a new folder of that name. */
async function files(name: string, texts: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  for (const [file, text] of Object.entries(texts)) {
    await mkdir(dirname(join(folder, name, file)), { recursive: true });
    await writeFile(join(folder, name, file), text);
  }
  return join(folder, name);
}

const secret = (below: string): string =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: omni, namespace: demo}\n${below}`;
const configMap = (below: string): string => secret(below).replace('Secret', 'ConfigMap');

const BAD: readonly (readonly [what: string, text: string | Uint8Array, says: string])[] = [
  ['nothing', '', 'stdin: there is no manifest'],
  ['only comments', '# nothing\n---\n# here\n', 'stdin: there is no manifest'],
  ['no text', Buffer.from([0xff, 0xfe, 0x41]), 'stdin:1: this is no UTF-8 text'],
  ['a null byte', 'a: \0', 'stdin:1: this is no valid YAML: null byte is not allowed in input'],
  [
    'a broken map',
    `a: 1\nb: ${VALUE}: c\n`,
    'stdin:2: this is no valid YAML: bad indentation of a mapping entry',
  ],
  [
    'a tab',
    secret(`data:\n\tk: ${VALUE}\n`),
    'stdin:5: this is no valid YAML: tab characters must not be used in indentation',
  ],
  [
    'a key twice',
    secret(`stringData:\n  k: ${VALUE}\n  j: x\n  k: ${VALUE}\n`),
    'stdin:7: this is no valid YAML: duplicated mapping key',
  ],
  ['a key twice in JSON', '{\n"a": 1,\n"a": 2}', 'stdin:3: this is no valid YAML: duplicated mapping key'],
  [
    'an alias of nothing',
    secret(`stringData:\n  k: *${VALUE}\n`),
    'stdin:5: this is no valid YAML: unidentified alias',
  ],
  [
    'an unknown tag',
    secret(`stringData:\n  k: !${VALUE} x\n`),
    'stdin:5: this is no valid YAML: unknown scalar tag',
  ],
  [
    'an undeclared tag handle',
    secret(`stringData:\n  k: !${VALUE}!x y\n`),
    'stdin:5: this is no valid YAML: undeclared tag handle',
  ],
  [
    'a bad tag',
    secret(`stringData:\n  k: !${VALUE}^ y\n`),
    'stdin:5: this is no valid YAML: tag name cannot contain such characters',
  ],
  [
    'a tag that does not fit',
    secret(`stringData:\n  k: !!int ${VALUE}\n`),
    'stdin:5: this is no valid YAML: cannot resolve a node with explicit tag',
  ],
  [
    'binary that is no text',
    secret('stringData:\n  k: !!binary //79\n'),
    'stdin:5: this is no valid YAML: cannot resolve a node with explicit tag',
  ],
  [
    'a quote without an end',
    secret(`stringData:\n  k: "${VALUE}`),
    'stdin:5: this is no valid YAML: unexpected end of the stream within a double quoted scalar',
  ],
  [
    'a map for a key',
    '? {a: 1}\n: 2',
    'stdin:1: this is no valid YAML: object-based map does not support complex keys',
  ],
  ['too deep', '['.repeat(200), 'stdin:1: this is no valid YAML: nesting exceeded maxDepth (100)'],
  ['a text', `${configMap('')}---\n${VALUE}\n`, 'stdin:5: this is no object with apiVersion and kind'],
  [
    'a list of objects',
    `- ${configMap('').replaceAll('\n', '\n  ')}`,
    'stdin:1: this is no object with apiVersion and kind',
  ],
  [
    'an item that is no object',
    `apiVersion: v1\nkind: List\nitems:\n- ${VALUE}\n`,
    'stdin:4: this is no object with apiVersion and kind',
  ],
  [
    'items that are no list',
    'apiVersion: v1\nkind: List\nitems: {a: 1}\n',
    'stdin:3: items is a map where a list belongs',
  ],
  [
    'a list in itself',
    '&a\napiVersion: v1\nkind: List\nitems:\n- *a\n',
    'stdin:5: aliases put the same list here twice',
  ],
  [
    'no apiVersion',
    'kind: Secret\nmetadata: {name: x}\n',
    'stdin:1: Secret: apiVersion is missing; it should be v1',
  ],
  [
    'no name',
    'apiVersion: v1\nkind: Secret\nmetadata:\n  namespace: demo\n',
    'stdin:4: Secret: metadata.name is missing',
  ],
  ['no metadata', 'apiVersion: v1\nkind: Namespace\n', 'stdin:1: Namespace: metadata.name is missing'],
  [
    'a generated name',
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  generateName: x-\n',
    'stdin:4: ConfigMap: metadata.name is missing',
  ],
  [
    'metadata that is no map',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: x\n',
    'stdin:3: ConfigMap: metadata is text where a map belongs',
  ],
  [
    'a name that cannot be',
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ../x\n',
    'stdin:4: ConfigMap: metadata.name "../x" is no name that Kubernetes takes',
  ],
  [
    'a name that drives terminals',
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "\\e[2J"\n',
    'stdin:4: ConfigMap: metadata.name "\\u001b[2J" is no name that Kubernetes takes',
  ],
  [
    'a name that is true',
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: on\n',
    'stdin:4: ConfigMap: metadata.name is true or false where text belongs; put it in quotes',
  ],
  [
    'a namespace that cannot be',
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  namespace: a.b\n',
    'stdin:5: ConfigMap: metadata.namespace "a.b" is no name that Kubernetes takes',
  ],
  [
    'a Namespace that cannot be',
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: a.b}\n',
    'stdin:3: Namespace: metadata.name "a.b" is no name that Kubernetes takes',
  ],
  [
    'an annotation that is true',
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n  annotations:\n    kubed.appscode.com/sync: true\n',
    'stdin:6: ConfigMap default/x: metadata.annotations.kubed.appscode.com/sync is true or false where text belongs; put it in quotes',
  ],
  [
    'a label that is a number',
    'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n  labels:\n    tier: 1\n',
    'stdin:6: Namespace x: metadata.labels.tier is a number where text belongs; put it in quotes',
  ],
  [
    'a number',
    configMap('data:\n  a: "1"\n  port: 5432\n'),
    'stdin:6: ConfigMap demo/omni: data.port is a number where text belongs; put it in quotes',
  ],
  [
    'a value that YAML 1.1 takes for true',
    secret('stringData:\n  on: "x"\n  flag: yes\n'),
    'stdin:6: Secret demo/omni: stringData.flag is true or false where text belongs; put it in quotes',
  ],
  [
    'a map as value',
    configMap('data:\n  a:\n    b: c\n'),
    'stdin:6: ConfigMap demo/omni: data.a is a map where text belongs',
  ],
  [
    'a list as data',
    secret(`data:\n- ${VALUE}\n`),
    'stdin:5: Secret demo/omni: data is a list where a map belongs',
  ],
  [
    'no base64',
    secret(`data:\n  k: ${VALUE}\n`),
    'stdin:5: Secret demo/omni: data.k is no base64; plain text goes into stringData',
  ],
  [
    'no base64 in a ConfigMap',
    configMap('binaryData: {k: x}\n'),
    'stdin:4: ConfigMap demo/omni: binaryData.k is no base64; plain text goes into data',
  ],
  [
    'base64 without its end',
    secret('data: {k: aGk}\n'),
    'stdin:4: Secret demo/omni: data.k is no base64; plain text goes into stringData',
  ],
  [
    'immutable in quotes',
    configMap('immutable: "true"\n'),
    'stdin:4: ConfigMap demo/omni: immutable is text where true or false belongs',
  ],
  [
    'a type that is a number',
    secret('type: 1\n'),
    'stdin:4: Secret demo/omni: type is a number where text belongs; put it in quotes',
  ],
  ['twice', `${secret('')}---\n${secret('')}`, 'stdin:5: Secret demo/omni: it is in stdin:1 already'],
  [
    'a Namespace twice',
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n'
      .repeat(2)
      .replace('\napi', '\n---\napi')
      .replace('}\napi', '}\n---\napi'),
    'stdin:5: Namespace x: it is in stdin:1 already',
  ],
  [
    'more than Kubernetes takes',
    configMap(`data: {k: ${'x'.repeat(1_048_577)}}`),
    'stdin:1: ConfigMap demo/omni: 1,048,577 bytes of values, and Kubernetes takes 1,048,576',
  ],
];

for (const [what, text, says] of BAD) {
  test(`refused with one line: ${what}`, async () => {
    const said = await complaint(fromStdin(text));
    assert.equal(said, says);
    assert.ok(!said.includes(VALUE));
  });
}

test('files are named with their line, and an object that is in two of them with both', async () => {
  const path = await files('two', { 'a.yaml': secret(''), 'b/c.yml': `# a comment\n---\n${secret('')}` });
  assert.equal(
    await complaint(readManifests([path], bytesOf())),
    'two/b/c.yml:3: Secret demo/omni: it is in two/a.yaml:1 already',
  );
});

test('what cannot be read is told in the words of the system', async () => {
  const path = await files('broken', { 'a.txt': 'x' });
  await symlink('gone.yaml', join(path, 'link.yaml'));
  assert.equal(
    await complaint(readManifests([join(folder, 'nothing.yaml')], bytesOf())),
    'nothing.yaml: no such file or directory',
  );
  assert.equal(
    await complaint(readManifests([path], bytesOf())),
    'broken/link.yaml: no such file or directory',
  );
});

test('links that go round in a circle', async () => {
  const path = await files('circle', { 'a/x.yaml': configMap('') });
  await symlink('..', join(path, 'a', 'up'));
  assert.equal(
    await complaint(readManifests([path], bytesOf())),
    'circle/a/up: links go round in a circle here',
  );
  await symlink('self.yaml', join(folder, 'self.yaml'));
  assert.equal(
    await complaint(readManifests([join(folder, 'self.yaml')], bytesOf())),
    'self.yaml: links go round in a circle here',
  );
});

test('a file of 30 MB is refused unread, and as a stream is read in no time', async () => {
  const bytes = Buffer.alloc(30 * 1024 * 1024, 'x');
  const path = await files('large', { 'x.yaml': bytes });
  assert.equal(
    await complaint(readManifests([path], bytesOf())),
    'large/x.yaml:1: 31,457,280 bytes, and a file may have 10,485,760; the dump of a whole cluster goes through a pipe: -f -',
  );
  assert.equal(await complaint(fromStdin(bytes)), 'stdin:1: this is no object with apiVersion and kind');
});

test('a folder without manifests is not a cluster without objects', async () => {
  const path = await files('empty', { 'README.md': 'x', 'sub/.hidden.yaml': configMap('') });
  assert.equal(await complaint(readManifests([path, '-'], bytesOf())), 'empty, stdin: there is no manifest');
});

test('folders are read to the bottom, in order, each file once, without what begins with a dot and what is no manifest', async () => {
  const named = (name: string): string => configMap('').replace('omni', name);
  const path = await files('tree', {
    'b.yml': named('b'),
    'a/deep/down.json': JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'json' } }),
    'c.yaml': named('c'),
    '.git/x.yaml': 'not: [yaml',
    'notes.txt': 'not: [yaml',
  });
  await symlink(join(path, 'a'), join(path, 'z'));
  await symlink(join(path, 'c.yaml'), join(path, 'd.yaml'));
  execFileSync(MAKE_PIPE, [join(path, 'pipe.yaml')]);
  const { objects } = await good(readManifests([path, join(path, 'b.yml'), path], bytesOf()));
  assert.deepEqual(
    objects.map(({ namespace, name }) => `${namespace}/${name}`),
    ['default/json', 'demo/b', 'demo/c'],
  );
});

test('a pipe that is named is read', async () => {
  const path = join(folder, 'named-pipe');
  execFileSync(MAKE_PIPE, [path]);
  const [read] = await Promise.all([good(readManifests([path], bytesOf())), writeFile(path, configMap(''))]);
  assert.equal(read.objects.length, 1);
});

test('many documents, lists and lists without kinds; other kinds are counted', async () => {
  const text = [
    `\uFEFF# a comment\n---\n`,
    'apiVersion: v1\nkind: Namespace\nmetadata: {name: demo, labels: {env: prod}}\n---\n---\n',
    dump({
      apiVersion: 'v1',
      kind: 'List',
      items: [{ apiVersion: 'v1', kind: 'ConfigMapList', items: [{ metadata: { name: 'a' } }] }],
    }),
    '---\n{"apiVersion": "v1", "kind": "SecretList", "items": null}\n---\n',
    dump({
      apiVersion: 'v1',
      kind: 'NamespaceList',
      items: [{ metadata: { name: 'x', deletionTimestamp: 'now' } }],
    }),
    '---\napiVersion: apps/v1\nkind: Deployment\n---\napiVersion: bitnami.com/v1alpha1\nkind: Secret\n---\nreplicas: 2\n---\nkind: Deployment\napiVersion: v1\n',
  ];
  const manifests = await good(fromStdin(...text));
  assert.deepEqual(manifests.namespaces, [
    { name: 'demo', labels: { env: 'prod' }, terminating: false },
    { name: 'x', terminating: true },
  ]);
  assert.deepEqual(
    manifests.objects.map(({ kind, namespace, name }) => [kind, namespace, name]),
    [['ConfigMap', 'default', 'a']],
  );
  assert.equal(
    passedOverLine(manifests),
    'passed over 4 manifests that are no Namespace, ConfigMap or Secret: Deployment 2, Secret 1, without a kind 1',
  );
  const one = await good(fromStdin('kind: Job'));
  assert.equal(
    passedOverLine(one),
    'passed over 1 manifest that is no Namespace, ConfigMap or Secret: Job 1',
  );
  assert.equal(passedOverLine(await good(fromStdin(configMap('')))), undefined);
});

test('releases of Helm are passed over without a word, as no run lists them', async () => {
  const manifests = await good(
    fromStdin(secret('type: helm.sh/release.v1\ndata: {release: "not looked at"}\n')),
  );
  assert.deepEqual([manifests.objects.length, passedOverLine(manifests)], [0, undefined]);
});

test('values are taken as kubectl takes them', async () => {
  const text = secret(
    `type: kubernetes.io/tls\nimmutable: true\ndata: {a: aGl=, b: "aGk=\\n", c: null, 1: ""}\nstringData:\n  b: ${VALUE}\n  m: !!binary aGk=\n  __proto__: "12:30"\n  o: ~\n`,
  );
  const { objects } = await good(fromStdin(text));
  const encode = (value: string): string => Buffer.from(value).toString('base64');
  assert.deepEqual(
    objects[0]?.data,
    JSON.parse(`{"1":"","a":"aGk=","b":"${encode(VALUE)}","m":"aGk=","__proto__":"${encode('12:30')}"}`),
  );
  assert.deepEqual([objects[0]?.type, objects[0]?.immutable], ['kubernetes.io/tls', true]);
  const merged = await good(
    fromStdin('x: &x {a: b}\n---\n', configMap('metadata2: &y {a: "1"}\ndata: {<<: *y, c: 2026-01-01}\n')),
  );
  assert.deepEqual(merged.objects[0]?.data, { a: '1', c: '2026-01-01' });
});

test('what a manifest does not mention is absent, what it leaves empty is empty', async () => {
  const { objects } = await good(fromStdin(configMap('data: {}\nbinaryData:\n')));
  const { data, ...others } = objects[0] ?? {};
  assert.deepEqual(data, {});
  assert.ok(!('binaryData' in others) && !('labels' in others) && !('immutable' in others));
});

test('what only a dump says is kept', async () => {
  const metadata = {
    name: 'omni',
    uid: 'u',
    resourceVersion: '7',
    creationTimestamp: '2026-01-01T00:00:00Z',
    deletionTimestamp: 'x',
  };
  const managedFields = [{ manager: 'kubectl', operation: 'Update' }];
  const text = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...metadata, managedFields: [...managedFields, 'x'] },
  });
  const { objects } = await good(fromStdin(text));
  assert.deepEqual(objects[0], { kind: 'Secret', namespace: 'default', ...metadata, managedFields });
});

/* Whatever comes in, reading ends in manifests or in one line, and no value of a Secret is in that line. */

const word = fc.constantFrom(
  'a',
  'kind',
  'Secret',
  'data',
  'stringData',
  'List',
  'items',
  VALUE,
  'name',
  'v1',
  'yes',
  '1',
  '""',
);
const piece = fc.oneof(
  word,
  fc.constantFrom(
    ': ',
    ':\n  ',
    '\n',
    '\n---\n',
    '\t',
    '- ',
    '&a ',
    '*a',
    '!',
    '!!binary ',
    '|\n ',
    '{',
    '}',
    '[',
    ']',
    ', ',
    '"',
    "'",
    '<<: ',
    '? ',
    '%',
    '\0',
    '#',
    '\u{1f600}',
    '\ud800',
  ),
  fc.string({ maxLength: 3, unit: 'binary' }),
);
const LINE = /^\P{Cc}+$/u;

async function endsWell(text: string): Promise<void> {
  const read = await fromStdin(text);
  if (read.ok) return;
  assert.match(manifestLine(read.problem), LINE);
}

test('any text whatever ends in manifests or in one line', () =>
  fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }), (pieces) => endsWell(pieces.join(''))),
    { numRuns: Number(process.env['LAW_RUNS'] ?? 2000) },
  ));

test('no value of a Secret is in a complaint, whatever is wrong around it', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 6 }),
      fc.array(piece, { maxLength: 6 }),
      async (front, behind) => {
        const value = 'S3cr3tS3cr3t';
        const around = (pieces: readonly string[]): string => pieces.join('');
        const read = await fromStdin(
          secret(
            `stringData:\n  k: ${around(front)}${value}${around(behind)}\n  l: ${value}\ndata:\n  m: ${value}${around(behind)}\n`,
          ),
        );
        if (!read.ok) assert.ok(!manifestLine(read.problem).includes(value), manifestLine(read.problem));
      },
    ),
    { numRuns: Number(process.env['LAW_RUNS'] ?? 2000) },
  ));
