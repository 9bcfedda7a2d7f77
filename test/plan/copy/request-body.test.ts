import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { decideCopy } from '../../../src/plan/decide-copy.ts';
import type { Body, ManagedFieldsEntry, StringMap } from '../../../src/model/objects.ts';
import type { Refresh, Update } from '../../../src/model/change.ts';
import { createBody, createText, patchBody, patchText } from '../../../src/plan/copy/request-body.ts';
import {
  changed,
  configMap,
  copyOf,
  entry,
  mapWith,
  markLabels,
  oldCopyOf,
  ourEntry,
  relabeled,
  secret,
  settings,
  sha256,
  treeOf,
} from '../../support/build.ts';

const TIME = '2026-01-03T00:00:00Z';
const fieldsMark = (...names: string[]): string => sha256(names.join('\n')).slice(0, 16);

suite('the body of a create', () => {
  test('has all fields of a ConfigMap', () => {
    const source = configMap('demo/omni', {
      uid: 'u-1',
      resourceVersion: '42',
      sync: 'team=a',
      data: { b: '2', a: '' },
      binaryData: { c: 'AA==' },
      labels: { app: 'omni', 'helm.sh/chart': 'x' },
      annotations: { note: 'n', 'example.com/local': 'y' },
    });
    assert.deepEqual(
      createBody(source, 'team-a', settings({ clusterName: 'prod', strip: ['example.com/*'] })),
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          namespace: 'team-a',
          name: 'omni',
          labels: {
            app: 'omni',
            ...markLabels(source, 'prod'),
            'app.kubernetes.io/managed-by': 'kubed-sync',
          },
          annotations: {
            note: 'n',
            'kubed.appscode.com/origin':
              '{"namespace":"demo","name":"omni","uid":"u-1","resourceVersion":"42"}',
            'kubed.appscode.com/fields': fieldsMark('binaryData/c', 'data/a', 'data/b'),
          },
        },
        data: { b: '2', a: '' },
        binaryData: { c: 'AA==' },
      },
    );
  });

  const contents: readonly (readonly [name: string, source: Body, content: object])[] = [
    ['an empty ConfigMap', configMap('demo/omni'), {}],
    ['an immutable ConfigMap', configMap('demo/omni', { immutable: true }), { immutable: true }],
    ['an empty Secret', secret('demo/omni'), { type: 'Opaque' }],
    [
      'a Secret',
      secret('demo/omni', { type: 'kubernetes.io/tls', data: { 'tls.crt': 'AA==' } }),
      { type: 'kubernetes.io/tls', data: { 'tls.crt': 'AA==' } },
    ],
    ['a Secret without a type', { ...configMap('demo/omni'), kind: 'Secret' }, { type: 'Opaque' }],
    [
      'special keys',
      configMap('demo/omni', { data: mapWith('__proto__', 'x') }),
      { data: mapWith('__proto__', 'x') },
    ],
  ];
  for (const [name, source, content] of contents) {
    test(`has content of ${name}`, () => {
      const { apiVersion: _, kind, metadata: __, ...rest } = bodyOf(source, 'team-a');
      assert.equal(kind, source.kind);
      assert.deepEqual(rest, content);
    });
  }

  test('has no uid, version or owner of the source', () => {
    const source = configMap('demo/omni', { deletionTimestamp: TIME, managedFields: [entry('x', {})] });
    const metadata = Object.keys(bodyOf(source, 'team-a')['metadata'] ?? {});
    assert.deepEqual(metadata, ['namespace', 'name', 'labels', 'annotations']);
  });
});

suite('the text of a create is the same as JSON', () => {
  const namespaces = ['team-a', '', 'a"b', 'a\\', '\u{2028}', '$&', '"namespace":""', '\u{1f600}', 'é\n'];
  const sources: readonly (readonly [name: string, source: Body])[] = [
    ['plain', configMap('demo/omni', { data: { a: '1' } })],
    [
      'with the words of the gap as a value',
      configMap('demo/omni', {
        data: { namespace: '', a: '"namespace":""' },
        annotations: { namespace: '' },
        labels: { namespace: '' },
      }),
    ],
    ['with __proto__', configMap('demo/omni', { data: mapWith('__proto__', 'x') })],
    ['a Secret', secret('demo/omni', { data: { namespace: '' } })],
  ];
  for (const [name, source] of sources) {
    const text = createText(source, settings());
    for (const namespace of namespaces) {
      test(`${name}, into ${JSON.stringify(namespace)}`, () => {
        assert.equal(text(namespace), JSON.stringify(createBody(source, namespace, settings())));
      });
    }
  }

  test('for all names and values', () => {
    const map = fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true });
    fc.assert(
      fc.property(fc.string(), map, map, (namespace, data, annotations) => {
        const source = configMap('demo/omni', { data, annotations });
        assert.equal(
          createText(source, settings())(namespace),
          JSON.stringify(createBody(source, namespace, settings())),
        );
      }),
    );
  });
});

/** JSON with keys known only at run time. */
interface Tree {
  readonly [key: string]: unknown;
}

function bodyOf(source: Body, namespace: string): Tree {
  return treeFrom(createBody(source, namespace, settings()));
}

function treeFrom(value: object): Tree {
  const copy: Tree = JSON.parse(JSON.stringify(value));
  return copy;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Applies a merge patch (RFC 7396, section 2). */
function merge(target: unknown, patch: Tree): Tree {
  const result = new Map(isTree(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key);
    else result.set(key, isTree(value) ? merge(result.get(key), value) : value);
  }
  return Object.fromEntries(result);
}

const source = secret('demo/omni', {
  uid: 'u-1',
  resourceVersion: '42',
  data: { a: 'c2VjcmV0LWE=', b: 'c2VjcmV0LWI=' },
  labels: { app: 'omni' },
});
const copy = changed(copyOf(source, 'team-a'), { uid: 'u-2', resourceVersion: '7' });

/** The change that the table gives for this copy of this source. */
function changeOf(from: Body, there: Body, options = settings()): Update | Refresh {
  const decision = decideCopy({ namespace: there.namespace, source: from }, there, options);
  assert.ok(decision.result === 'change');
  const { change } = decision;
  assert.ok(change.action === 'update' || change.action === 'refresh');
  return change;
}

function patchOf(from: Body, there: Body, options = settings()): Tree {
  return treeFrom(patchBody(changeOf(from, there, options), from, options));
}

const GUARD = { uid: 'u-2', resourceVersion: '7' };
const { 'app.kubernetes.io/managed-by': _, ...withoutManagedBy } = copy.labels;
const sourceLater = changed(source, { resourceVersion: '43' });
const originLater = '{"namespace":"demo","name":"omni","uid":"u-1","resourceVersion":"43"}';

const patches: readonly (readonly [name: string, from: Body, there: Body, patch: object])[] = [
  [
    'one value changed',
    source,
    changed(copy, { data: { ...source.content.data, a: 'x' } }),
    { metadata: GUARD, data: { a: 'c2VjcmV0LWE=' } },
  ],
  [
    'a key that was removed',
    source,
    changed(copy, { data: { a: 'c2VjcmV0LWE=' } }),
    { metadata: GUARD, data: { b: 'c2VjcmV0LWI=' } },
  ],
  [
    'a key that was added',
    source,
    changed(copy, { data: { ...source.content.data, c: 'x' } }),
    { metadata: GUARD, data: { c: null } },
  ],
  [
    'a label changed: no data at all',
    source,
    relabeled(copy, { ...copy.labels, app: 'x' }),
    { metadata: { ...GUARD, labels: { app: 'omni' } } },
  ],
  [
    'a mark removed',
    source,
    relabeled(copy, withoutManagedBy),
    { metadata: { ...GUARD, labels: { 'app.kubernetes.io/managed-by': 'kubed-sync' } } },
  ],
  [
    'a label of another client',
    source,
    relabeled(copy, { ...copy.labels, app: 'x', theirs: 'y' }),
    { metadata: { ...GUARD, labels: { app: 'omni' } } },
  ],
  [
    'a label that the source no longer has',
    changed(source, { labels: {} }),
    copy,
    { metadata: { ...GUARD, labels: { app: null } } },
  ],
  [
    'the source was written without a change',
    sourceLater,
    copy,
    { metadata: { ...GUARD, annotations: { 'kubed.appscode.com/origin': originLater } } },
  ],
  [
    'ownership moves',
    source,
    changed(copy, { managedFields: [entry('x', treeOf(copy))] }),
    { metadata: { ...GUARD, managedFields: [{ ...ourEntry(treeOf(copy)), time: TIME }] } },
  ],
  [
    'others keep the time of their entries',
    source,
    changed(copy, { managedFields: [entry('x', { ...treeOf(copy), 'f:x': {} })] }),
    {
      metadata: {
        ...GUARD,
        managedFields: [entry('x', { 'f:x': {} }), { ...ourEntry(treeOf(copy)), time: TIME }],
      },
    },
  ],
  [
    'immutable is switched on',
    changed(source, { content: { ...source.content, immutable: true } }),
    copy,
    {
      metadata: {
        ...GUARD,
        annotations: { 'kubed.appscode.com/fields': fieldsMark('data/a', 'data/b', 'immutable', 'type') },
      },
      immutable: true,
    },
  ],
];

suite('the merge patch', () => {
  for (const [name, from, there, patch] of patches) {
    test(name, () => assert.deepEqual(patchOf(from, there), patch));
  }

  test('moves a key from data to binaryData', () => {
    const from = configMap('demo/omni', { binaryData: { a: 'AA==' } });
    const there = changed(copyOf(configMap('demo/omni', { data: { a: 'x' } }), 'team-a'), GUARD);
    assert.deepEqual(patchOf(from, there), {
      metadata: { ...GUARD, annotations: { 'kubed.appscode.com/fields': fieldsMark('binaryData/a') } },
      data: { a: null },
      binaryData: { a: 'AA==' },
    });
  });

  test('can have a key __proto__', () => {
    const from = configMap('demo/omni', { data: mapWith('__proto__', 'x') });
    const there = changed(copyOf(configMap('demo/omni'), 'team-a'), GUARD);
    assert.deepEqual(patchOf(from, there)['data'], mapWith('__proto__', 'x'));
    assert.equal(
      JSON.stringify(patchOf(configMap('demo/omni'), copyOf(from, 'team-a'))['data']),
      '{"__proto__":null}',
    );
  });

  test('sets a time only in our new entry', () => {
    const { time: __, ...timeless } = entry('x', { 'f:x': {} });
    const applied = ourEntry({ 'f:x': {} }, { operation: 'Apply' });
    const there = changed(copy, { managedFields: [timeless, applied] });
    assert.deepEqual(metadataOf(patchOf(source, there))['managedFields'], [
      timeless,
      applied,
      { ...ourEntry(treeOf(copy)), time: TIME },
    ]);
  });

  test('can remove immutable', () => {
    const change: Update = {
      ...changeOf(source, changed(copy, { data: {} })),
      action: 'update',
      fields: [{ part: 'immutable', op: 'remove' }],
    };
    assert.deepEqual(patchBody(change, source, settings()), { metadata: GUARD, immutable: null });
  });
});

/* Patches over random sources and random copies that other clients have edited. */

const value = fc.constantFrom('', 'PLAIN', 'c2VjcmV0', '"', 'null');
const map = (...keys: string[]): fc.Arbitrary<StringMap> =>
  fc.dictionary(fc.constantFrom(...keys), value, { noNullPrototype: true, maxKeys: 3 });
const keys = map('a', 'b', 'tls.crt', 'constructor', '__proto__');
const parts = fc.record({
  data: keys,
  binaryData: map('x', 'y'),
  labels: map('app', 'team', 'helm.sh/chart'),
  annotations: map('note', 'a.b/c'),
});
const manager = fc.constantFrom('x', 'kubed', 'kubed-sync');
const situation = fc
  .tuple(fc.boolean(), parts, parts, parts, manager, fc.boolean(), fc.boolean())
  .map(([isSecret, now, then, edited, editor, rewritten, old]) => {
    const make = (all: typeof now): Body =>
      isSecret ? secret('demo/omni', { ...all, binaryData: {} }) : configMap('demo/omni', all);
    const written = (old ? oldCopyOf : copyOf)(make(then), 'team-a');
    const labeled = relabeled(written, { ...written.labels, ...edited.labels });
    const there = changed(labeled, {
      data: { ...written.content.data, ...edited.data },
      managedFields: [...labeled.managedFields, entry(editor, treeOf(make(edited)), { operation: 'Apply' })],
    });
    // A source that is written gets another resourceVersion.
    return { from: rewritten ? changed(make(now), { resourceVersion: '2' }) : make(then), there };
  });

/** What a create sends, with the additions of other clients and the empty maps that a merge leaves. */
function withTheirs(from: Body, there: Body, patch: Tree): Tree {
  const created = bodyOf(from, there.namespace);
  const gone = (part: string): string[] => {
    const metadata = isTree(patch['metadata']) ? patch['metadata'][part] : {};
    return isTree(metadata) ? Object.keys(metadata).filter((key) => metadata[key] === null) : [];
  };
  const kept = (map: StringMap, without: readonly string[]): StringMap =>
    Object.fromEntries(Object.entries(map).filter(([key]) => !without.includes(key)));
  const metadata = isTree(created['metadata']) ? created['metadata'] : {};
  const { labels, annotations } = { ...metadata };
  return {
    ...created,
    metadata: {
      ...metadata,
      labels: { ...kept(there.labels, gone('labels')), ...(isTree(labels) && labels) },
      annotations: {
        ...kept(there.annotations, gone('annotations')),
        ...(isTree(annotations) && annotations),
      },
    },
  };
}

function jsonOf({ kind, namespace, name, labels, annotations, content }: Body): Tree {
  const { data, binaryData, type, immutable } = content;
  return treeFrom({
    apiVersion: 'v1',
    kind,
    metadata: { namespace, name, labels, annotations },
    ...(type !== undefined && { type }),
    ...(immutable && { immutable }),
    data,
    binaryData,
  });
}

function withoutEmpty(body: Tree): Tree {
  const isEmpty = (part: unknown): boolean => isTree(part) && Object.keys(part).length === 0;
  return Object.fromEntries(Object.entries(body).filter(([, part]) => !isEmpty(part)));
}

function forEachPatch(holds: (from: Body, there: Body, change: Update | Refresh, patch: Tree) => void): void {
  fc.assert(
    fc.property(situation, ({ from, there }) => {
      const decision = decideCopy({ namespace: 'team-a', source: from }, there, settings());
      if (decision.result !== 'change') return;
      const { change } = decision;
      if (change.action !== 'update' && change.action !== 'refresh') return;
      holds(from, there, change, treeFrom(patchBody(change, from, settings())));
    }),
    { numRuns: 2000 },
  );
}

suite('every merge patch', () => {
  test('is the same as JSON, whatever was patched before it', () => {
    forEachPatch((from, _there, change) => {
      const { fields, managedFields: _moved, ...rest } = change;
      const text = patchText(from, settings());
      const guard = { uid: '"', resourceVersion: '7' };
      const differing = [fields, fields.slice(1), fields.slice(0, -1), fields, fields.toReversed()];
      const others = differing.flatMap((some) => [
        { ...rest, fields: some },
        { ...rest, fields: some, guard },
      ]);
      for (const one of [change, ...others, change])
        assert.equal(text(one), JSON.stringify(patchBody(one, from, settings())));
    });
  });

  test('turns the copy into what a create makes, and keeps what others added', () => {
    forEachPatch((from, there, _change, patch) => {
      const { uid: __, resourceVersion: ___, managedFields: ____, ...metadata } = treeFrom(metadataOf(patch));
      const after = merge(jsonOf(there), { ...patch, metadata });
      assert.deepEqual(withoutEmpty(after), withoutEmpty(withTheirs(from, there, patch)));
    });
  });

  test('contains the guard', () => {
    forEachPatch((_from, there, _change, patch) => {
      const { uid, resourceVersion } = metadataOf(patch);
      assert.deepEqual([uid, resourceVersion], [there.uid, there.resourceVersion]);
    });
  });

  test('sets nothing that is already so, and removes nothing that is not there', () => {
    forEachPatch((_from, there, _change, patch) => {
      const before = jsonOf(there);
      const { labels, annotations } = metadataOf(patch);
      const pairs = [
        [patch['data'], before['data']],
        [patch['binaryData'], before['binaryData']],
        [labels, there.labels],
        [annotations, there.annotations],
      ];
      for (const [sets, had] of pairs) {
        if (!isTree(sets) || !isTree(had)) continue;
        for (const [key, set] of Object.entries(sets))
          assert.notEqual(set, Object.hasOwn(had, key) ? had[key] : null, key);
      }
      assert.equal(patch['type'], undefined);
    });
  });

  test('names exactly the fields of its change', () => {
    forEachPatch((_from, _there, change, patch) => {
      const { labels, annotations } = metadataOf(patch);
      const { data, binaryData, immutable } = patch;
      const named = Object.entries({ data, binaryData, labels, annotations }).flatMap(([part, sets]) =>
        isTree(sets) ? Object.keys(sets).map((key) => `${part}.${key}`) : [],
      );
      if (immutable !== undefined) named.push('immutable.undefined');
      assert.deepEqual(named.toSorted(), change.fields.map(({ part, key }) => `${part}.${key}`).toSorted());
    });
  });

  test('of a refresh contains no content', () => {
    forEachPatch((_from, _there, { action }, patch) => {
      if (action === 'refresh') assert.deepEqual(Object.keys(patch), ['metadata']);
    });
  });

  test('gives our entry the time of the write, and leaves the others', () => {
    forEachPatch((_from, there, change, patch) => {
      const { managedFields } = metadataOf(patch);
      assert.equal(managedFields === undefined, change.managedFields === undefined);
      for (const one of entriesOf(managedFields)) {
        const known = there.managedFields.some(
          ({ manager: name, time }) => name === one.manager && time === one.time,
        );
        assert.ok(known || (one.manager === 'kubed-sync' && one.time === TIME));
      }
    });
  });
});

function metadataOf(patch: Tree): Tree {
  return isTree(patch['metadata']) ? patch['metadata'] : {};
}

function entriesOf(value: unknown): readonly ManagedFieldsEntry[] {
  return Array.isArray(value) ? value : [];
}
