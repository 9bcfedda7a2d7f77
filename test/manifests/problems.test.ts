import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { manifestMessage } from '../../src/report/messages/manifest-message.ts';
import { complaints, configMap, fromStdin, secret, some } from '../support/reading.ts';

/* One line for each problem that a manifest can have. */

/** The beginning of every value of a Secret here. No line may contain it. */
const VALUE = 'hunter2';

const ENC = 'ENC[AES256_GCM,data:Tr7o=,iv:1=,tag:2=,type:str]';
const SYNC = 'kubed.appscode.com/sync';

const meta = (kind: string, below: string): string => `apiVersion: v1\nkind: ${kind}\nmetadata:\n${below}`;
const docker = (text: string): string => Buffer.from(text).toString('base64');

type Row = readonly [what: string, text: string | Uint8Array, ...says: string[]];

const SYNTAX: readonly Row[] = [
  ['nothing', '', 'stdin: no manifests found'],
  ['only comments', '# nothing\n---\n# here\n', 'stdin: no manifests found'],
  ['a null byte', 'a: \0', 'stdin:1: invalid YAML: it has a control character'],
  ['a broken map', `a: 1\nb: ${VALUE}: c\n`, 'stdin:2: invalid YAML: there is no key before this colon'],
  ['a tab', secret(`data:\n\tk: ${VALUE}\n`), 'stdin:5: invalid YAML: a tab is used for indentation'],
  [
    'an alias without an anchor',
    secret(`stringData:\n  k: *${VALUE}\n`),
    'stdin:5: invalid YAML: an alias has no anchor before it',
  ],
  [
    'an undeclared prefix of a tag',
    secret(`stringData:\n  k: !${VALUE}!x y\n`),
    'stdin:5: invalid YAML: a tag has a prefix that is not declared',
  ],
  [
    'a bad tag',
    secret(`stringData:\n  k: !${VALUE}^ y\n`),
    'stdin:5: invalid YAML: a tag must be followed by a space',
  ],
  [
    'a tag that does not fit',
    secret(`stringData:\n  k: !!int ${VALUE}\n`),
    'stdin:5: invalid YAML: a value does not match its tag',
  ],
  [
    'a quote without an end',
    secret(`stringData:\n  k: "${VALUE}`),
    'stdin:5: invalid YAML: a quoted text does not end',
  ],
  ['a map as a key', '? {a: 1}\n: 2', 'stdin:1: invalid YAML: a map or list cannot be a key'],
  ['nothing as a key', 'a: 1\n~: 2', 'stdin:2: invalid YAML: a key must be text, true, false or a number'],
  [
    'a key without a colon',
    'a: 1\nb\nc: 2',
    'stdin:2: invalid YAML: a key is not followed by a colon and a space on its line',
  ],
  [
    'too little indentation',
    'a:\n    b: 1\n  c: 2',
    'stdin:3: invalid YAML: a key was expected here; check the indentation',
  ],
  ['a list without an end', 'a: [b', 'stdin:1: invalid YAML: a comma or ] was expected here'],
  ['a directive', '%YAML 1.2\n---\n', 'stdin:1: invalid YAML: kubectl rejects a line that begins with %'],
  [
    'a separator with a value',
    '--- {a: b}\n',
    'stdin:1: invalid YAML: a line that begins with --- has other text on it',
  ],
  ['an alias of itself', 'a: &a [*a]', 'stdin:1: invalid YAML: an alias refers to a node that contains it'],
  ['infinity', 'a: .inf', 'stdin:1: invalid YAML: JSON cannot hold infinity or NaN'],
  ['a merge of text', 'a: 1\n<<: b', 'stdin:2: invalid YAML: only maps can be merged'],
  ['too deep', '['.repeat(2000), 'stdin:1: invalid YAML: it is nested too deeply'],
  [
    'text that is not JSON after JSON',
    '{"kind":"A","apiVersion":"v1"}\n{"kind":"B","apiVersion":"v1"}\nx',
    'stdin:2: invalid YAML: the text after the last JSON object is not JSON',
  ],
  ['text', `${VALUE}\n`, 'stdin:1: not an object: apiVersion and kind are missing'],
  [
    'a list of objects',
    `- ${configMap('').replaceAll('\n', '\n  ')}`,
    'stdin:1: not an object: apiVersion and kind are missing',
  ],
  ['no kind', 'apiVersion: v1\nreplicas: 2\n', 'stdin:1: not an object: apiVersion and kind are missing'],
  [
    'an item that is not an object',
    `apiVersion: v1\nkind: List\nitems:\n- ${VALUE}\n`,
    'stdin:4: not an object: apiVersion and kind are missing',
  ],
  [
    'items that are not a list',
    'apiVersion: v1\nkind: List\nitems: {a: 1}\n',
    'stdin:3: items must be a list, but it is a map',
  ],
  [
    'a list in a list',
    'apiVersion: v1\nkind: List\nitems:\n- kind: List\n  items: []\n',
    'stdin:4: kubectl does not accept a list in a list',
  ],
];

const TEMPLATE = 'this is a template; render it first, for example: helm template … | kubed-sync … -f -';

const TEMPLATES: readonly Row[] = [
  ['a value', secret('# {{ not this }}\nstringData:\n  k: {{ .Values.k }}\n'), `stdin:6: ${TEMPLATE}`],
  [
    'a condition',
    `# about {{ it }}\n{{- if .Values.on }}\n${configMap('')}{{- end }}\n`,
    `stdin:2: ${TEMPLATE}`,
  ],
  ['an include', configMap('labels:\n  {{- include "x" . | nindent 4 }}\n'), `stdin:5: ${TEMPLATE}`],
  ['a statement of Jinja', `{% if x %}\n${configMap('')}`, `stdin:1: ${TEMPLATE}`],
  ['a variable in a flow', configMap('data: {a: ${A}}\n'), `stdin:4: ${TEMPLATE}`],
  [
    'a name',
    meta('ConfigMap', '  name: "{{ .Release.Name }}-x"\n'),
    `stdin:4: ConfigMap: metadata.name is a template; render it first, for example: helm template … | kubed-sync … -f -`,
  ],
  [
    'a namespace',
    meta('ConfigMap', '  name: x\n  namespace: ${NS}\n'),
    `stdin:5: ConfigMap: metadata.namespace is a template; render it first, for example: helm template … | kubed-sync … -f -`,
  ],
  [
    'a mistake in a document that is not a template',
    configMap('data:\n  a: "{{ x }}"\n  b: c: d\n'),
    'stdin:6: invalid YAML: there is no key before this colon',
  ],
];

const FIELDS: readonly Row[] = [
  [
    'no apiVersion',
    'kind: Secret\nmetadata: {name: x}\n',
    'stdin:1: Secret: apiVersion is missing; it should be v1',
  ],
  ['no name', meta('Secret', '  namespace: demo\n'), 'stdin:3: Secret: metadata.name is missing'],
  ['no metadata', 'apiVersion: v1\nkind: Namespace\n', 'stdin:1: Namespace: metadata.name is missing'],
  [
    'a generated name',
    meta('ConfigMap', '  generateName: x-\n'),
    'stdin:3: ConfigMap: metadata.name is missing',
  ],
  [
    'metadata that is text',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: x\n',
    'stdin:3: ConfigMap: metadata must be a map, but it is text',
  ],
  [
    'an invalid name',
    meta('ConfigMap', '  name: ../x\n'),
    'stdin:4: ConfigMap: metadata.name "../x" is not a valid name',
  ],
  [
    'a name with control characters',
    meta('ConfigMap', '  name: "\\e[2J"\n'),
    'stdin:4: ConfigMap: metadata.name "\\u001b[2J" is not a valid name',
  ],
  [
    'a name that is true',
    meta('ConfigMap', '  name: on\n'),
    'stdin:4: ConfigMap: metadata.name must be text, but it is true or false; put it in quotes',
  ],
  [
    'an invalid namespace',
    meta('ConfigMap', '  name: x\n  namespace: a.b\n'),
    'stdin:5: ConfigMap: metadata.namespace "a.b" is not a valid name',
  ],
  [
    'an invalid Namespace',
    meta('Namespace', '  name: a.b\n'),
    'stdin:4: Namespace: metadata.name "a.b" is not a valid name',
  ],
  [
    'an annotation that is true',
    meta('ConfigMap', `  name: x\n  annotations:\n    ${SYNC}: true\n`),
    `stdin:6: ConfigMap default/x: metadata.annotations.${SYNC} must be text, but it is true or false; put it in quotes`,
  ],
  [
    'a label that is a number',
    meta('Namespace', '  name: x\n  labels:\n    tier: 1\n'),
    'stdin:6: Namespace x: metadata.labels.tier must be text, but it is a number; put it in quotes',
  ],
  [
    'a number',
    configMap('data:\n  a: "1"\n  port: 5432\n'),
    'stdin:6: ConfigMap demo/omni: data.port must be text, but it is a number; put it in quotes',
  ],
  [
    'what YAML 1.1 reads as true',
    secret('stringData:\n  on: "x"\n  flag: yes\n'),
    'stdin:6: Secret demo/omni: stringData.flag must be text, but it is true or false; put it in quotes',
  ],
  [
    'what YAML 1.1 reads as a number',
    configMap('data:\n  a: 1_000\n  b: 0b11\n  c: 0X1F\n  d: 0O17\n  e: 017\n'),
    ...['a', 'b', 'c', 'd', 'e'].map(
      (key, at) =>
        `stdin:${5 + at}: ConfigMap demo/omni: data.${key} must be text, but it is a number; put it in quotes`,
    ),
  ],
  [
    'a map as a value',
    configMap('data:\n  a:\n    b: c\n'),
    'stdin:5: ConfigMap demo/omni: data.a must be text, but it is a map',
  ],
  [
    'a list as data',
    secret(`data:\n- ${VALUE}\n`),
    'stdin:4: Secret demo/omni: data must be a map, but it is a list',
  ],
  [
    'no base64',
    secret(`data:\n  k: ${VALUE}\n`),
    'stdin:5: Secret demo/omni: data.k is not base64; plain text goes into stringData',
  ],
  [
    'invalid base64 in a ConfigMap',
    configMap('binaryData: {k: x}\n'),
    'stdin:4: ConfigMap demo/omni: binaryData.k is not base64; plain text goes into data',
  ],
  [
    'base64 without its end',
    secret('data: {k: aGk}\n'),
    'stdin:4: Secret demo/omni: data.k is not base64; plain text goes into stringData',
  ],
  [
    'immutable in quotes',
    configMap('immutable: "true"\n'),
    'stdin:4: ConfigMap demo/omni: immutable must be true or false, but it is text',
  ],
  [
    'a type that is a number',
    secret('type: 1\n'),
    'stdin:4: Secret demo/omni: type must be text, but it is a number; put it in quotes',
  ],
  [
    'unknown fields',
    secret('stringdata:\n  k: x\nfoo: bar\n'),
    'stdin:4: Secret demo/omni: unknown field stringdata; did you mean stringData?',
    'stdin:6: Secret demo/omni: unknown field. Its name is not shown, because a value may be here by mistake; check the indentation',
  ],
  [
    'an unknown field of metadata',
    meta('ConfigMap', '  name: x\n  Labels: {}\n'),
    'stdin:5: ConfigMap default/x: unknown field metadata.Labels; did you mean labels?',
  ],
  [
    'fields of another kind',
    configMap('stringData: {}\ntype: Opaque\n'),
    'stdin:4: ConfigMap demo/omni: unknown field stringData',
    'stdin:5: ConfigMap demo/omni: unknown field type',
  ],
  [
    'invalid keys',
    configMap('data:\n  a/b: x\n  ..c: x\n  .: x\n'),
    ...['a/b', '..c', '.'].map(
      (key, at) =>
        `stdin:${5 + at}: ConfigMap demo/omni: data.${key} is not a valid key: letters, digits, "-", "_" and "." are allowed, at most 253, and not ".." at the start`,
    ),
  ],
  [
    'a key in data and binaryData',
    configMap('data: {a: x}\nbinaryData: {a: eA==}\n'),
    'stdin:5: ConfigMap demo/omni: the key a is in data and in binaryData',
  ],
  [
    'an invalid key of a label',
    meta('Namespace', '  name: x\n  labels:\n    a/b/c: x\n'),
    'stdin:6: Namespace x: metadata.labels.a/b/c is not a valid key of labels or annotations',
  ],
  [
    'an invalid value of a label',
    meta('Namespace', '  name: x\n  labels:\n    a: b c\n'),
    'stdin:6: Namespace x: metadata.labels.a has an invalid value: at most 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends',
  ],
  [
    'an invalid key of an annotation',
    meta('ConfigMap', '  name: x\n  annotations:\n    a b: x\n'),
    'stdin:6: ConfigMap default/x: metadata.annotations.a b is not a valid key of labels or annotations',
  ],
  [
    'annotations that are too large',
    meta('ConfigMap', `  name: x\n  annotations: {a: ${'x'.repeat(262_144)}}\n`),
    'stdin:5: ConfigMap default/x: the annotations have 262,145 bytes, and Kubernetes accepts 262,144',
  ],
  [
    'values that are too large',
    configMap(`data: {k: ${'x'.repeat(1_048_577)}}`),
    'stdin:1: ConfigMap demo/omni: the values have 1,048,577 bytes, and Kubernetes accepts 1,048,576',
  ],
  [
    'tls without its keys',
    secret('type: kubernetes.io/tls\ndata: {tls.crt: ""}\n'),
    'stdin:4: Secret demo/omni: a Secret of type kubernetes.io/tls needs the key tls.key',
  ],
  [
    'a token without an account',
    secret('type: kubernetes.io/service-account-token\n'),
    'stdin:4: Secret demo/omni: a Secret of type kubernetes.io/service-account-token needs the annotation kubernetes.io/service-account.name',
  ],
  [
    'basic-auth without anything',
    secret('type: kubernetes.io/basic-auth\n'),
    'stdin:4: Secret demo/omni: a Secret of type kubernetes.io/basic-auth needs the key username or password',
  ],
  [
    'ssh-auth with an empty key',
    secret('type: kubernetes.io/ssh-auth\nstringData: {ssh-privatekey: ""}\n'),
    'stdin:4: Secret demo/omni: a Secret of type kubernetes.io/ssh-auth needs the key ssh-privatekey',
  ],
  [
    'dockerconfigjson without its key',
    secret('type: kubernetes.io/dockerconfigjson\n'),
    'stdin:4: Secret demo/omni: a Secret of type kubernetes.io/dockerconfigjson needs the key .dockerconfigjson',
  ],
  [
    'dockerconfigjson that is not JSON',
    secret(`type: kubernetes.io/dockerconfigjson\ndata: {.dockerconfigjson: ${docker(`{${VALUE}`)}}\n`),
    'stdin:5: Secret demo/omni: the key .dockerconfigjson of a Secret of type kubernetes.io/dockerconfigjson must hold a JSON object',
  ],
  [
    'several things',
    secret(`data:\n  a: ${VALUE}\n  b/: x\n  c: 1\nfoo: x\n`),
    'stdin:7: Secret demo/omni: data.c must be text, but it is a number; put it in quotes',
    'stdin:5: Secret demo/omni: data.a is not base64; plain text goes into stringData',
    'stdin:6: Secret demo/omni: data.b/ is not base64; plain text goes into stringData',
    'stdin:8: Secret demo/omni: unknown field. Its name is not shown, because a value may be here by mistake; check the indentation',
  ],
  [
    'twice, with other values',
    `${secret('')}---\n${secret('stringData: {a: b}\n')}`,
    'stdin:5: Secret demo/omni: stdin:1 declares it too, with other content; this one is used, because kubectl apply uses the last one',
  ],
  [
    'a Namespace twice, with other labels',
    `${meta('Namespace', '  name: x\n')}---\n${meta('Namespace', '  name: x\n  labels: {a: b}\n')}`,
    'stdin:6: Namespace x: stdin:1 declares it too, with other content; this one is used, because kubectl apply uses the last one',
  ],
  [
    'twice, with the same values in another order',
    `${configMap('data: {a: b, c: d}\n')}---\n${configMap('data: {c: d, a: b}\n')}`,
  ],
];

const ENCRYPTED: readonly Row[] = [
  [
    'a name',
    meta('Secret', `  name: ${ENC}\nsops: {}\n`),
    'stdin:4: Secret: metadata.name is encrypted, so the object cannot be previewed; use encrypted_regex of SOPS to encrypt only data and stringData',
  ],
  [
    'the selector',
    meta('Secret', `  name: x\n  annotations:\n    ${SYNC}: ${ENC}\nsops: {}\n`),
    `stdin:6: Secret default/x: metadata.annotations.${SYNC} is encrypted, so the object cannot be previewed; use encrypted_regex of SOPS to encrypt only data and stringData`,
  ],
  [
    'all data as one',
    secret(`data: ${ENC}\nsops: {}\n`),
    'stdin:4: Secret demo/omni: data is encrypted, so the object cannot be previewed; use encrypted_regex of SOPS to encrypt only data and stringData',
  ],
];

const WARNINGS: readonly Row[] = [
  [
    'an annotation without a value',
    meta('ConfigMap', `  name: x\n  annotations:\n    ${SYNC}:\n`),
    `stdin:6: ConfigMap default/x: metadata.annotations.${SYNC} has no value: kubectl create, server-side apply and kubectl apply of 1.36 store "", which selects every namespace, and this preview assumes that; kubectl apply of 1.32 drops all annotations of the object. Write "" or remove it`,
  ],
  [
    'a key without a value',
    configMap('data:\n  a:\n'),
    'stdin:5: ConfigMap demo/omni: data.a has no value: client-side kubectl apply drops it, and this preview assumes that; kubectl create and server-side apply store "". Write "" or remove it',
  ],
  [
    'what kubectl ignores',
    `${configMap('')}...\n${secret('')}`,
    'stdin:5: kubectl ignores the document from here to the next ---; put --- between documents',
  ],
  [
    'JSON after JSON behind a marker',
    '---\n{"apiVersion":"v1","kind":"A"}\n{"apiVersion":"v1","kind":"B"}\n',
    'stdin:3: kubectl ignores the document from here to the next ---; put --- between documents',
  ],
  [
    'bytes that are not UTF-8',
    Buffer.from(configMap('data: {a: "caf\u00e9"}\n'), 'latin1'),
    'stdin: bytes that are not UTF-8 were replaced by �, as kubectl does',
  ],
];

for (const [group, rows] of Object.entries({ SYNTAX, TEMPLATES, FIELDS, ENCRYPTED, WARNINGS })) {
  for (const [what, text, ...says] of rows) {
    test(`${group.toLowerCase()} problem: ${what}`, async () => {
      const said = await complaints(fromStdin(text));
      assert.deepEqual(said, says);
      assert.ok(!said.join('').includes(VALUE));
    });
  }
}

test('types that have their keys are accepted', async () => {
  const accepted = [
    'type: kubernetes.io/tls\ndata: {tls.crt: "", tls.key: ""}\n',
    'type: kubernetes.io/basic-auth\nstringData: {password: ""}\n',
    'type: kubernetes.io/ssh-auth\nstringData: {ssh-privatekey: x}\n',
    `type: kubernetes.io/dockercfg\ndata: {.dockercfg: ${docker('{}')}}\n`,
    `type: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: "${ENC}"}\nsops: {}\n`,
    'type: example.com/anything\n',
  ];
  for (const below of accepted) assert.deepEqual(await complaints(fromStdin(secret(below))), []);
});

test('the other documents are read despite a bad one', async () => {
  const texts = [
    configMap('').replace('omni', 'a'),
    'a: [\n',
    configMap('data: {a: 1}\n'),
    configMap('').replace('omni', 'b'),
    '{{ if }}\n',
    configMap('').replace('omni', 'c'),
  ];
  const { objects, problems } = await some(fromStdin(texts.join('---\n')));
  assert.deepEqual(
    objects.map(({ name }) => name),
    ['a', 'b', 'c'],
  );
  assert.deepEqual(
    problems.map(({ at: { line }, issue }) => [line, issue.code]),
    [
      [6, 'malformed'],
      [10, 'wrong-type'],
      [16, 'template'],
    ],
  );
});

/* For any input, reading ends with manifests and lines, and no line contains a value of a Secret. */

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
    '{{',
    '${',
  ),
  fc.string({ maxLength: 3, unit: 'binary' }),
);
const LINE = /^\P{Cc}+$/u;
const RUNS = { numRuns: Number(process.env['LAW_RUNS'] ?? 2000) };

test('any text gives manifests and lines', () =>
  fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
      for (const line of await complaints(fromStdin(pieces.join('')))) assert.match(line, LINE);
    }),
    RUNS,
  ));

test('no line contains a value of a Secret, whatever is wrong around it', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 6 }),
      fc.array(piece, { maxLength: 6 }),
      async (front, behind) => {
        const value = 'S3cr3tS3cr3t';
        const [before, after] = [front.join(''), behind.join('')];
        const text = secret(
          `stringData:\n  k: ${before}${value}${after}\n  l: ${value}\ndata:\n  m: ${value}${after}\n`,
        );
        const read = await fromStdin(text);
        const troubles = read.ok ? [...read.value.problems, ...read.value.warnings] : read.problems;
        for (const trouble of troubles)
          assert.ok(!manifestMessage(trouble).includes(value), manifestMessage(trouble));
      },
    ),
    RUNS,
  ));
