import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { ManagedFieldsEntry } from '../../../src/model/objects.ts';
import {
  type FieldOwnership,
  contentFieldsIn,
  isOurEntry,
  readFieldOwnership,
} from '../../../src/plan/managed-fields/managed-fields.ts';
import { branch } from '../../../src/plan/managed-fields/field-tree.ts';
import { configMap, contentNames, copyOf, entry, ourEntry, secret, tree } from '../../support/build.ts';

interface Owned {
  readonly known?: boolean;
  readonly content?: readonly string[];
  readonly labels?: readonly string[];
  readonly annotations?: readonly string[];
  readonly others?: readonly string[];
  readonly stringData?: boolean;
}

function shown(ownership: FieldOwnership): Required<Owned> {
  return {
    ...ownership,
    content: ownership.content.toSorted(),
    labels: [...ownership.labels].toSorted(),
    annotations: [...ownership.annotations].toSorted(),
  };
}

const NOBODY: Required<Owned> = {
  known: false,
  content: [],
  labels: [],
  annotations: [],
  others: [],
  stringData: false,
};

const DATA = tree('{"f:data":{".":{},"f:a":{},"f:b":{}}}');
const LABEL = tree('{"f:metadata":{"f:labels":{".":{},"f:app":{}}}}');

const rows: readonly (readonly [name: string, entries: readonly ManagedFieldsEntry[], owned: Owned])[] = [
  ['nobody', [], {}],
  ['we alone', [ourEntry(DATA)], { known: true, content: ['data/a', 'data/b'] }],
  [
    'we, all fields',
    copyOf(
      secret('demo/omni', {
        data: { 'tls.crt': 'x' },
        binaryData: { bin: 'x' },
        immutable: true,
        labels: { app: 'x' },
      }),
      'team-a',
    ).managedFields,
    {
      known: true,
      content: ['binaryData/bin', 'data/tls.crt', 'immutable', 'type'],
      labels: [
        'app',
        'app.kubernetes.io/managed-by',
        'kubed.appscode.com/origin.cluster',
        'kubed.appscode.com/origin.name',
        'kubed.appscode.com/origin.namespace',
      ],
      annotations: ['kubed.appscode.com/fields', 'kubed.appscode.com/origin'],
    },
  ],
  [
    'we, in two entries',
    [ourEntry(DATA), ourEntry(tree('{"f:data":{"f:b":{},"f:c":{}}}'), { apiVersion: 'v2' })],
    { known: true, content: ['data/a', 'data/b', 'data/c'] },
  ],
  ['we, only the map itself', [ourEntry(tree('{"f:data":{".":{}}}'))], { known: true }],
  ['we, an empty map', [ourEntry(tree('{"f:data":{}}'))], { known: true }],
  ['we, an entry without fields', [{ manager: 'kubed-sync', operation: 'Update' }], { known: true }],
  ['another', [entry('kubectl-edit', DATA)], { others: ['kubectl-edit'] }],
  ['another, metadata only', [entry('kubectl-edit', LABEL)], {}],
  ['another, the type', [entry('kubectl-edit', tree('{"f:type":{}}'))], { others: ['kubectl-edit'] }],
  ['another, immutable', [entry('kubectl-edit', tree('{"f:immutable":{}}'))], { others: ['kubectl-edit'] }],
  [
    'another, binary data',
    [entry('kubectl-edit', tree('{"f:binaryData":{"f:a":{}}}'))],
    { others: ['kubectl-edit'] },
  ],
  ['another, the map itself only', [entry('kubectl-edit', tree('{"f:data":{".":{}}}'))], {}],
  [
    'another that owns the same',
    [ourEntry(DATA), entry('helm', DATA, { operation: 'Apply' })],
    { known: true, content: ['data/a', 'data/b'], others: ['helm'] },
  ],
  [
    'others, sorted and each once',
    [entry('b', DATA), entry('a', DATA), entry('b', DATA, { operation: 'Apply' })],
    { others: ['a', 'b'] },
  ],
  ['a manager without a name', [{ operation: 'Update', fieldsV1: DATA }], { others: [''] }],
  ['applied in our name', [ourEntry(DATA, { operation: 'Apply' })], { others: ['kubed-sync'] }],
  ['by a subresource in our name', [ourEntry(DATA, { subresource: 'status' })], { others: ['kubed-sync'] }],
  [
    'an empty subresource does not count',
    [ourEntry(DATA, { subresource: '' })],
    { known: true, content: ['data/a', 'data/b'] },
  ],
  ['a name like ours', [entry('Kubed-Sync', DATA)], { others: ['Kubed-Sync'] }],
  ['no operation', [{ manager: 'kubed-sync', fieldsV1: DATA }], { others: ['kubed-sync'] }],
  [
    'stringData applied',
    [ourEntry(DATA), entry('kubectl', tree('{"f:stringData":{"f:a":{}}}'), { operation: 'Apply' })],
    { known: true, content: ['data/a', 'data/b'], stringData: true },
  ],
  ['stringData in our name', [ourEntry(tree('{"f:stringData":{}}'))], { known: true, stringData: true }],
  ['stringData that is not a tree', [entry('kubectl', tree('{"f:stringData":"x"}'))], {}],
  [
    'metadata of ours',
    [
      ourEntry(
        tree(
          '{"f:metadata":{"f:labels":{".":{},"f:a/b":{}},"f:annotations":{"f:c.d":{}},"f:finalizers":{}}}',
        ),
      ),
    ],
    { known: true, labels: ['a/b'], annotations: ['c.d'] },
  ],
  [
    'metadata of another manager does not count',
    [entry('x', tree('{"f:metadata":{"f:labels":{"f:a":{}}}}'))],
    {},
  ],
  [
    'keys that plain objects treat specially',
    [ourEntry(tree('{"f:data":{"f:__proto__":{},"f:constructor":{},"__proto__":{"f:x":{}}}}'))],
    { known: true, content: ['data/__proto__', 'data/constructor'] },
  ],
  [
    'a prototype that owns something',
    [ourEntry(tree('{"__proto__":{"f:data":{"f:x":{}}}}'))],
    { known: true },
  ],
  [
    'a leaf that is not a tree',
    [ourEntry(tree('{"f:type":"x","f:immutable":null,"f:data":{"f:a":1}}'))],
    { known: true, content: ['data/a'] },
  ],
  [
    'a map that is not a tree',
    [ourEntry(tree('{"f:data":"abc","f:binaryData":5,"f:metadata":{"f:labels":true}}'))],
    { known: true },
  ],
  [
    'a list instead of a map',
    [ourEntry(tree('{"f:data":["f:a"],"f:metadata":["f:labels"]}'))],
    { known: true },
  ],
  ['a tree that is a list', [ourEntry(tree('["f:data"]'))], { known: true }],
  ['a tree that is a text', [ourEntry(tree('"f:data"'))], { known: true }],
  [
    'steps that name no field',
    [ourEntry(tree('{"f:data":{"a":{},"k:{\\"a\\":1}":{},"v:1":{},"i:0":{}}}'))],
    { known: true },
  ],
];

suite('managedFields show who owns', () => {
  for (const [name, entries, owned] of rows) {
    test(name, () => assert.deepEqual(shown(readFieldOwnership(entries)), { ...NOBODY, ...owned }));
  }

  test('nothing, for any tree, without throwing', () => {
    fc.assert(
      fc.property(fc.array(anyEntry), (entries) => {
        const ownership = readFieldOwnership(entries);
        assert.ok(ownership.known || ownership.content.length === 0);
      }),
    );
  });

  test('exactly the content of a copy that we wrote', () => {
    const source = configMap('demo/omni', { data: { b: '', a: '1' }, binaryData: { c: '' } });
    assert.deepEqual(
      readFieldOwnership(copyOf(source, 'team-a').managedFields).content.toSorted(),
      contentNames(source).toSorted(),
    );
  });
});

const step = fc.constantFrom(
  'f:data',
  'f:binaryData',
  'f:stringData',
  'f:metadata',
  'f:labels',
  'f:type',
  '.',
  'f:',
);
const anyTree = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue({ maxDepth: 1 }).filter((value) => value !== null),
    fc.array(fc.tuple(step, tie('tree'))).map((steps) => Object.fromEntries(steps)),
  ),
})).tree;
const anyEntry = fc
  .record({
    manager: fc.constantFrom('kubed-sync', 'kubectl'),
    operation: fc.constantFrom('Update', 'Apply', ''),
    fieldsV1: anyTree.map((value) => tree(JSON.stringify(value))),
  })
  .map((parts): ManagedFieldsEntry => parts);

suite('is it the entry of our writes?', () => {
  const entries: readonly (readonly [name: string, entry: ManagedFieldsEntry, is: boolean])[] = [
    ['ours', ourEntry(DATA), true],
    ['without anything else', { manager: 'kubed-sync', operation: 'Update' }, true],
    ['applied', ourEntry(DATA, { operation: 'Apply' }), false],
    ['of a subresource', ourEntry(DATA, { subresource: 'status' }), false],
    ['of another', entry('kubed', DATA), false],
    ['without a manager', {}, false],
  ];
  for (const [name, one, is] of entries) test(`${name}: ${is}`, () => assert.equal(isOurEntry(one), is));
});

suite('a step down a tree', () => {
  test('without a tree finds nothing', () => assert.equal(branch(undefined, 'f:data'), undefined));
  test('that does not exist finds nothing', () => assert.equal(branch({}, 'constructor'), undefined));
  test('finds the tree below', () =>
    assert.deepEqual(branch({ 'f:a': { 'f:b': {} } }, 'f:a'), { 'f:b': {} }));
  test('without a tree finds no content', () => assert.deepEqual(contentFieldsIn(undefined), []));
});
