import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { contentDifferences, metadataDifferences } from '../../../src/plan/copy/differences.ts';
import { contentFields, typeOf } from '../../../src/plan/copy/desired.ts';
import type { Body, StringMap } from '../../../src/model/objects.ts';
import type { FieldDifference } from '../../../src/model/change.ts';
import { type Parts, configMap, contentNames, mapWith, secret } from '../../support/build.ts';

/** `+ data.a`, `- data.a`, `~ data.a`. */
function shown(differences: readonly FieldDifference[]): string[] {
  const sign = { add: '+', remove: '-', change: '~' } as const;
  return differences.map(({ part, key, op }) => `${sign[op]} ${part}${key === undefined ? '' : `.${key}`}`);
}

const rows: readonly (readonly [name: string, want: Parts, have: Parts, differences: readonly string[]])[] = [
  ['nothing in both', {}, {}, []],
  [
    'the same',
    { data: { a: '1' }, binaryData: { b: 'AA==' } },
    { data: { a: '1' }, binaryData: { b: 'AA==' } },
    [],
  ],
  ['the same in another order', { data: { a: '1', b: '2' } }, { data: { b: '2', a: '1' } }, []],
  ['a value changed', { data: { a: '1', b: '2' } }, { data: { a: '1', b: '3' } }, ['~ data.b']],
  ['a key missing', { data: { a: '1', b: '2' } }, { data: { a: '1' } }, ['+ data.b']],
  ['a key too many', { data: { a: '1' } }, { data: { a: '1', b: '2' } }, ['- data.b']],
  ['all data gone', {}, { data: { a: '1' } }, ['- data.a']],
  ['an empty value missing', { data: { a: '' } }, {}, ['+ data.a']],
  ['an empty value too many', {}, { data: { a: '' } }, ['- data.a']],
  ['emptied', { data: { a: '' } }, { data: { a: '1' } }, ['~ data.a']],
  ['filled', { data: { a: '1' } }, { data: { a: '' } }, ['~ data.a']],
  ['empty in both', { data: { a: '' } }, { data: { a: '' } }, []],
  ['blanks count', { data: { a: 'x' } }, { data: { a: 'x\n' } }, ['~ data.a']],
  [
    'binary data',
    { binaryData: { a: 'AA==', b: 'AQ==' } },
    { binaryData: { b: 'Ag==', c: '' } },
    ['+ binaryData.a', '~ binaryData.b', '- binaryData.c'],
  ],
  [
    'a key moves to binaryData',
    { binaryData: { a: 'AA==' } },
    { data: { a: 'x' } },
    ['- data.a', '+ binaryData.a'],
  ],
  [
    'a key moves to data',
    { data: { a: 'x' } },
    { binaryData: { a: 'AA==' } },
    ['+ data.a', '- binaryData.a'],
  ],
  [
    'sorted by key, not by operation',
    { data: { c: '1', b: '1' } },
    { data: { d: '1', b: '2', a: '1' } },
    ['- data.a', '~ data.b', '+ data.c', '- data.d'],
  ],
  ['upper case before lower', { data: { b: '', B: '' } }, {}, ['+ data.B', '+ data.b']],
  ['immutable switched on', { immutable: true }, {}, ['+ immutable']],
  ['immutable switched off', {}, { immutable: true }, ['- immutable']],
  ['immutable in both', { immutable: true }, { immutable: true }, []],
  [
    'everything',
    { data: { a: '' }, binaryData: { b: '' }, immutable: true },
    {},
    ['+ data.a', '+ binaryData.b', '+ immutable'],
  ],
  ['__proto__ missing', { data: mapWith('__proto__', 'x') }, {}, ['+ data.__proto__']],
  ['__proto__ too many', {}, { data: mapWith('__proto__', 'x') }, ['- data.__proto__']],
  [
    '__proto__ changed',
    { data: mapWith('__proto__', 'x') },
    { data: mapWith('__proto__', 'y') },
    ['~ data.__proto__'],
  ],
  ['__proto__ the same', { data: mapWith('__proto__', 'x') }, { data: mapWith('__proto__', 'x') }, []],
  ['constructor missing', { data: mapWith('constructor', 'x') }, {}, ['+ data.constructor']],
  ['constructor too many', {}, { data: mapWith('constructor', 'x') }, ['- data.constructor']],
  [
    'toString changed',
    { data: mapWith('toString', 'x') },
    { data: mapWith('toString', '') },
    ['~ data.toString'],
  ],
  ['the type of a ConfigMap does not count', { type: 'a' }, { type: 'b' }, []],
];

suite('differences in content', () => {
  for (const [name, want, have, differences] of rows) {
    test(`${name}: ${differences.join(', ') || 'nothing'}`, () => {
      const found = contentDifferences(configMap('demo/omni', want), configMap('team-a/omni', have));
      assert.deepEqual(shown(found), differences);
    });
  }

  const types: readonly (readonly [
    want: Parts['type'],
    have: Parts['type'],
    differences: readonly string[],
  ])[] = [
    ['Opaque', 'Opaque', []],
    ['kubernetes.io/tls', 'Opaque', ['~ type']],
    ['Opaque', 'kubernetes.io/tls', ['~ type']],
    ['', 'Opaque', ['~ type']],
  ];
  for (const [want, have, differences] of types) {
    test(`between a Secret of type ${want} and one of ${have}`, () => {
      const found = contentDifferences(
        secret('demo/omni', { ...(want !== undefined && { type: want }) }),
        secret('team-a/omni', { ...(have !== undefined && { type: have }) }),
      );
      assert.deepEqual(shown(found), differences);
    });
  }

  test('treat a Secret without a type as Opaque', () => {
    const { type: _, ...untyped } = secret('demo/omni').content;
    const source: Body = { ...secret('demo/omni'), content: untyped };
    assert.equal(typeOf(untyped), 'Opaque');
    assert.deepEqual(contentDifferences(source, secret('team-a/omni')), []);
    assert.deepEqual(contentDifferences(secret('demo/omni'), source), []);
  });

  test('do not include metadata', () => {
    const source = configMap('demo/omni', { labels: { a: 'b' }, annotations: { c: 'd' } });
    assert.deepEqual(contentDifferences(source, configMap('team-a/omni')), []);
  });

  test('have names and never a value', () => {
    const value = fc.string({ minLength: 1 }).map((text) => `<${text}>`);
    const map = fc.dictionary(fc.constantFrom('a', 'b', 'c'), value, { noNullPrototype: true });
    fc.assert(
      fc.property(map, map, (want, have) => {
        const found = contentDifferences(
          secret('demo/x', { data: want }),
          secret('team-a/x', { data: have }),
        );
        assert.ok(!JSON.stringify(found).includes('<'));
      }),
    );
  });
});

suite('differences in labels and annotations', () => {
  const metadata: readonly {
    readonly name: string;
    readonly want?: StringMap;
    readonly have?: StringMap;
    readonly unwanted?: readonly string[];
    readonly differences: readonly string[];
  }[] = [
    { name: 'nothing', differences: [] },
    { name: 'the same', want: { a: '1' }, have: { a: '1' }, differences: [] },
    { name: 'missing', want: { a: '' }, differences: ['+ labels.a'] },
    { name: 'changed', want: { a: '1' }, have: { a: '' }, differences: ['~ labels.a'] },
    { name: 'a label of another client', have: { a: '1' }, differences: [] },
    { name: 'ours and no longer wanted', have: { a: '1' }, unwanted: ['a'], differences: ['- labels.a'] },
    { name: 'ours, unwanted twice', have: { a: '1' }, unwanted: ['a', 'a'], differences: ['- labels.a'] },
    { name: 'ours and gone already', unwanted: ['a'], differences: [] },
    { name: 'ours and wanted', want: { a: '1' }, have: { a: '1' }, unwanted: ['a'], differences: [] },
    {
      name: 'ours, wanted, changed',
      want: { a: '1' },
      have: { a: '2' },
      unwanted: ['a'],
      differences: ['~ labels.a'],
    },
    {
      name: 'sorted',
      want: { c: '', a: '' },
      have: { b: '', a: '1' },
      unwanted: ['b'],
      differences: ['~ labels.a', '- labels.b', '+ labels.c'],
    },
    {
      name: 'inherited by plain objects',
      want: mapWith('constructor', 'x'),
      unwanted: ['toString'],
      differences: ['+ labels.constructor'],
    },
  ];
  const nothing = { labels: {}, annotations: {} };
  for (const { name, want = {}, have = {}, unwanted = [], differences } of metadata) {
    test(`labels, ${name}: ${differences.join(', ')}`, () => {
      const found = metadataDifferences({ ...nothing, labels: want }, configMap('a/b', { labels: have }), {
        labels: unwanted,
        annotations: [],
      });
      assert.deepEqual(shown(found), differences);
    });
    test(`annotations, ${name}: ${differences.join(', ')}`, () => {
      const found = metadataDifferences(
        { ...nothing, annotations: want },
        configMap('a/b', { annotations: have }),
        {
          labels: [],
          annotations: unwanted,
        },
      );
      assert.deepEqual(
        shown(found),
        differences.map((difference) => difference.replace('labels.', 'annotations.')),
      );
    });
  }

  test('list labels before annotations', () => {
    const found = metadataDifferences({ labels: { z: '' }, annotations: { a: '' } }, configMap('a/b'), {
      labels: new Set<string>(),
      annotations: new Set<string>(),
    });
    assert.deepEqual(shown(found), ['+ labels.z', '+ annotations.a']);
  });
});

suite('content fields', () => {
  const bodies: readonly (readonly [name: string, body: Body, fields: readonly string[]])[] = [
    ['an empty ConfigMap', configMap('a/b'), []],
    ['a ConfigMap', configMap('a/b', { data: { x: '' }, binaryData: { x: '' } }), ['binaryData/x', 'data/x']],
    ['an immutable ConfigMap', configMap('a/b', { immutable: true }), ['immutable']],
    ['an empty Secret', secret('a/b'), ['type']],
    [
      'an immutable Secret',
      secret('a/b', { data: { type: '' }, immutable: true }),
      ['data/type', 'immutable', 'type'],
    ],
    ['special keys', configMap('a/b', { data: mapWith('__proto__', '') }), ['data/__proto__']],
  ];
  for (const [name, body, fields] of bodies) {
    test(name, () => {
      assert.deepEqual(contentFields(body).toSorted(), fields);
      assert.deepEqual(contentNames(body).toSorted(), fields);
    });
  }
});
