import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { FieldDifference } from '../../../src/model/change.ts';
import type { FieldTree, ManagedFieldsEntry, StringMap } from '../../../src/model/objects.ts';
import {
  contentFieldsIn,
  isOurEntry,
  readFieldOwnership,
} from '../../../src/plan/managed-fields/managed-fields.ts';
import { type FieldsToOwn, transferOwnership } from '../../../src/plan/managed-fields/transfer-ownership.ts';
import { entry, ourEntry, tree } from '../../support/build.ts';

/** A tree as the API server writes it: `"."` in every map. */
function fields(
  parts: Partial<Record<'data' | 'binaryData' | 'labels' | 'annotations', string>> & { leaves?: string },
): FieldTree {
  const map = (keys: string): FieldTree =>
    Object.fromEntries([['.', {}], ...keys.split(' ').map((key) => [`f:${key}`, {}])]);
  const { data, binaryData, labels, annotations, leaves } = parts;
  const metadata = {
    ...(annotations !== undefined && { 'f:annotations': map(annotations) }),
    ...(labels !== undefined && { 'f:labels': map(labels) }),
  };
  return {
    ...(data !== undefined && { 'f:data': map(data) }),
    ...(binaryData !== undefined && { 'f:binaryData': map(binaryData) }),
    ...Object.fromEntries((leaves?.split(' ') ?? []).map((leaf) => [`f:${leaf}`, {}])),
    ...(Object.keys(metadata).length > 0 && { 'f:metadata': metadata }),
  };
}

const change = (
  part: FieldDifference['part'],
  key: string,
  op: FieldDifference['op'] = 'change',
): FieldDifference => ({ part, key, op });

/** The wanted copy of these rows: two keys, one label, one annotation. */
const OWNED: FieldsToOwn = {
  content: ['data/a', 'data/b'],
  labels: { app: 'x' },
  annotations: { note: 'y' },
};
const ALL = fields({ data: 'a b', labels: 'app', annotations: 'note' });
const TIME = '2026-06-01T00:00:00Z';
/** Our entry as a patch sends it. */
const sent = (fieldsV1: FieldTree): ManagedFieldsEntry => ourEntry(fieldsV1, { time: TIME });
const OURS = sent(ALL);

interface Row {
  readonly name: string;
  readonly entries: readonly ManagedFieldsEntry[];
  readonly owned?: Partial<FieldsToOwn>;
  readonly changes?: readonly FieldDifference[];
  /** Absent: managedFields need no change. */
  readonly sends?: readonly ManagedFieldsEntry[];
}

const rows: readonly Row[] = [
  { name: 'all is ours', entries: [ourEntry(ALL)] },
  {
    name: 'all is ours, in two entries',
    entries: [ourEntry(fields({ data: 'a' })), ourEntry(fields({ data: 'b' }), { apiVersion: 'v2' })],
  },
  { name: 'content is ours, metadata has no owner', entries: [ourEntry(fields({ data: 'a b' }))] },
  {
    name: 'another manager owns unwanted metadata',
    entries: [ourEntry(ALL), entry('x', fields({ labels: 'team', annotations: 'z' }))],
  },
  {
    name: 'another manager owns only the map itself',
    entries: [ourEntry(ALL), entry('x', tree('{"f:data":{".":{}}}'))],
  },
  {
    name: 'another manager has malformed fields',
    entries: [ourEntry(ALL), entry('x', tree('{"f:data":"a","f:metadata":5}'))],
  },

  {
    name: 'another edited a key that the patch changes',
    entries: [ourEntry(fields({ data: 'b' })), entry('x', fields({ data: 'a' }))],
    changes: [change('data', 'a')],
  },
  {
    name: 'another applies a key that the patch changes',
    entries: [ourEntry(ALL), entry('x', fields({ data: 'a' }), { operation: 'Apply' })],
    changes: [change('data', 'a')],
  },
  {
    name: 'another added a key that the patch removes',
    entries: [ourEntry(ALL), entry('x', fields({ data: 'c' }))],
    changes: [change('data', 'c', 'remove')],
  },
  {
    name: 'a key that was removed',
    entries: [ourEntry(fields({ data: 'b' }))],
    changes: [change('data', 'a', 'add')],
  },
  {
    name: 'a key of ours that the patch removes',
    entries: [ourEntry(fields({ data: 'a b c' }))],
    changes: [change('data', 'c', 'remove')],
  },
  {
    name: 'the other edited a label that the patch changes',
    entries: [ourEntry(fields({ data: 'a b' })), entry('x', fields({ labels: 'app' }))],
    changes: [change('labels', 'app')],
  },
  {
    name: 'the other edited an annotation that the patch changes',
    entries: [ourEntry(fields({ data: 'a b' })), entry('x', fields({ annotations: 'note' }))],
    changes: [change('annotations', 'note')],
  },
  {
    name: 'the other has the type, which changes',
    entries: [ourEntry(ALL), entry('x', fields({ leaves: 'type' }))],
    owned: { content: ['data/a', 'data/b', 'type'] },
    changes: [{ part: 'type', op: 'change' }],
  },
  {
    name: 'a key that moves to binaryData',
    entries: [ourEntry(fields({ data: 'a b' }))],
    owned: { content: ['data/b', 'binaryData/a'] },
    changes: [change('data', 'a', 'remove'), change('binaryData', 'a', 'add')],
  },
  {
    name: 'immutable is switched on',
    entries: [ourEntry(fields({ data: 'a b' }))],
    owned: { content: ['data/a', 'data/b', 'immutable'] },
    changes: [{ part: 'immutable', op: 'add' }],
  },

  { name: 'a copy that the old operator wrote', entries: [entry('kubed', ALL)], sends: [OURS] },
  { name: 'a reset: no field has an owner', entries: [], sends: [OURS] },
  {
    name: 'content has no owner',
    entries: [entry('x', fields({ labels: 'team' }))],
    sends: [entry('x', fields({ labels: 'team' })), OURS].map(withoutDots),
  },
  {
    name: 'another manager owns a key',
    entries: [ourEntry(fields({ data: 'b' })), entry('x', fields({ data: 'a' }))],
    sends: [OURS],
  },
  {
    name: 'another manager owns a key too',
    entries: [ourEntry(ALL), entry('x', fields({ data: 'a' }), { operation: 'Apply' })],
    sends: [OURS],
  },
  {
    name: 'another manager owns a changed and an unchanged key',
    entries: [ourEntry(fields({})), entry('x', fields({ data: 'a b' }))],
    changes: [change('data', 'a')],
    sends: [OURS],
  },
  {
    name: 'another manager owns a key and unwanted metadata',
    entries: [ourEntry(fields({ data: 'b' })), entry('x', fields({ data: 'a', labels: 'team app' }))],
    sends: [entry('x', tree('{"f:metadata":{"f:labels":{"f:team":{}}}}')), OURS],
  },
  {
    name: 'another manager owns a wanted label',
    entries: [ourEntry(fields({ data: 'a b' })), entry('x', fields({ labels: 'app' }))],
    sends: [OURS],
  },
  {
    name: 'another manager owns a wanted annotation too',
    entries: [ourEntry(ALL), entry('x', fields({ annotations: 'note' }), { operation: 'Apply' })],
    sends: [OURS],
  },
  {
    name: 'one label is changed, another has another owner',
    entries: [ourEntry(fields({ data: 'a b' })), entry('x', fields({ labels: 'app', annotations: 'note' }))],
    changes: [change('labels', 'app')],
    sends: [OURS],
  },
  {
    name: 'the other has finalizers',
    entries: [
      entry(
        'x',
        tree('{"f:data":{"f:a":{},"f:b":{}},"f:metadata":{"f:finalizers":{".":{},"v:\\"x\\"":{}}}}'),
      ),
    ],
    sends: [entry('x', tree('{"f:metadata":{"f:finalizers":{".":{},"v:\\"x\\"":{}}}}')), OURS],
  },
  {
    name: 'stringData applied',
    entries: [ourEntry(ALL), entry('x', tree('{"f:stringData":{"f:a":{}}}'), { operation: 'Apply' })],
    sends: [OURS],
  },
  { name: 'applied in our name', entries: [entry('kubed-sync', ALL, { operation: 'Apply' })], sends: [OURS] },
  {
    name: 'by a subresource in our name',
    entries: [ourEntry(ALL), ourEntry(fields({ data: 'a' }), { subresource: 'status' })],
    sends: [OURS],
  },
  { name: 'content that no longer exists', entries: [ourEntry(fields({ data: 'a b gone' }))], sends: [OURS] },
  {
    name: 'binary data that no longer exists',
    entries: [ourEntry(fields({ data: 'a b', binaryData: 'gone' }))],
    sends: [OURS],
  },
  {
    name: 'none of the content exists any longer',
    entries: [ourEntry(fields({ data: 'gone' }))],
    owned: { content: [] },
    sends: [sent(fields({ labels: 'app', annotations: 'note' }))],
  },
  {
    name: 'immutable that is not wanted',
    entries: [ourEntry(ALL), entry('x', fields({ leaves: 'immutable' }))],
    sends: [OURS],
  },
  {
    name: 'a type that another manager owns',
    entries: [ourEntry(ALL), entry('x', fields({ leaves: 'type' }))],
    owned: { content: ['data/a', 'data/b', 'type'] },
    sends: [sent({ ...ALL, 'f:type': {} })],
  },
  {
    name: 'two entries of ours become one',
    entries: [
      ourEntry(fields({ data: 'a', labels: 'app old' })),
      ourEntry(fields({ data: 'b' }), { apiVersion: 'v2' }),
      entry('x', fields({ data: 'a' })),
    ],
    sends: [sent(fields({ data: 'a b', labels: 'app old', annotations: 'note' }))],
  },
  {
    name: 'entries without fields are dropped with it',
    entries: [{ manager: 'x', operation: 'Update' }, entry('y', {}), entry('z', fields({ data: 'a' }))],
    sends: [OURS],
  },
  {
    name: 'our entry without fields',
    entries: [{ manager: 'kubed-sync', operation: 'Update' }],
    sends: [OURS],
  },
  {
    name: 'malformed fields of another manager, in addition to content',
    entries: [entry('x', tree('{"f:data":{"f:a":{}},"f:metadata":"x","f:status":5}'))],
    sends: [entry('x', tree('{"f:status":{}}')), OURS],
  },
  {
    name: 'keys with dots',
    entries: [entry('x', fields({ data: 'tls.crt .a ..' }))],
    owned: { content: ['data/tls.crt', 'data/.a', 'data/..'] },
    sends: [sent(fields({ data: 'tls.crt .a ..', labels: 'app', annotations: 'note' }))],
  },
  {
    name: 'a key named like a part',
    entries: [entry('x', fields({ data: 'type' }))],
    owned: { content: ['data/type', 'data/immutable'] },
    sends: [sent(fields({ data: 'type immutable', labels: 'app', annotations: 'note' }))],
  },
  {
    name: 'keys that plain objects treat specially',
    entries: [entry('x', fields({ data: '__proto__', binaryData: 'constructor' }))],
    owned: { content: ['data/__proto__', 'binaryData/constructor'] },
    sends: [
      sent(fields({ data: '__proto__', binaryData: 'constructor', labels: 'app', annotations: 'note' })),
    ],
  },
  {
    name: 'a step __proto__ of another',
    entries: [entry('x', tree('{"__proto__":{"f:a":{}},"f:data":{"f:a":{}}}'))],
    sends: [entry('x', tree('{"__proto__":{"f:a":{}}}')), OURS],
  },
  {
    name: 'only the marks are wanted',
    entries: [entry('x', fields({ data: 'c' }))],
    owned: { content: [] },
    sends: [sent(fields({ labels: 'app', annotations: 'note' }))],
  },
];

/** The map itself goes to us with its first field. The rest is the same as a set. */
function withoutDots(one: ManagedFieldsEntry): ManagedFieldsEntry {
  return isOurEntry(one)
    ? one
    : { ...one, fieldsV1: tree(JSON.stringify(one.fieldsV1).replaceAll('".":{},', '')) };
}

suite('moving the ownership of fields', () => {
  for (const { name, entries, owned, changes = [], sends } of rows) {
    test(`${name}: ${sends === undefined ? 'nothing to send' : 'sent'}`, () => {
      const before = structuredClone(entries);
      assert.deepEqual(transferOwnership(entries, { ...OWNED, ...owned }, changes, TIME), sends);
      assert.deepEqual(entries, before);
    });
  }

  test('after a reset and a patch of all content, an update leaves untracked fields untracked', () => {
    const changes = [change('data', 'a'), change('data', 'b'), change('labels', 'app', 'add')];
    assert.deepEqual(transferOwnership([], OWNED, changes, TIME), [OURS]);
  });

  test('forged stringData in our name is removed', () => {
    const entries = [ourEntry({ ...ALL, 'f:stringData': { 'f:a': {} } })];
    assert.deepEqual(transferOwnership(entries, OWNED, [], TIME), [OURS]);
  });

  test('a tree that only a forger makes so deep is handled', () => {
    const deep = tree(`${'{"f:x":'.repeat(9000)}{}${'}'.repeat(9000)}`);
    const moved = transferOwnership([ourEntry(deep), entry('x', deep)], OWNED, [], TIME);
    assert.ok(moved !== undefined && readFieldOwnership(moved).content.length === 2);
  });

  test('our entry has the time of the run', () => {
    const moved = transferOwnership([entry('x', ALL)], OWNED, [], TIME) ?? [];
    assert.deepEqual(
      moved.map(({ manager, time }) => [manager, time]),
      [['kubed-sync', TIME]],
    );
  });

  test('maps in our entry have the order of the API server', () => {
    const owned = { ...OWNED, content: ['type', 'immutable', 'data/a', 'binaryData/b'] };
    const [ours] = transferOwnership([], owned, [], TIME) ?? [];
    assert.deepEqual(Object.keys(ours?.fieldsV1 ?? {}), [
      'f:binaryData',
      'f:data',
      'f:immutable',
      'f:metadata',
      'f:type',
    ]);
  });
});

/* Random ownership and random changes, with the rules of the API server for managedFields. */

const KEYS = ['data/a', 'data/b', 'data/tls.crt', 'binaryData/a', 'type', 'immutable'];
const WORDS = ['app', 'team', 'a.b/c'];
const some = (words: readonly string[]): fc.Arbitrary<string[]> => fc.subarray([...words]);
const metadataTree = fc.record({ labels: some(WORDS), annotations: some(WORDS) });
const anyFields = fc.tuple(some(KEYS), metadataTree, fc.boolean()).map(([content, metadata, stringData]) => ({
  ...contentTree(content),
  'f:metadata': { 'f:labels': leaves(metadata.labels), 'f:annotations': leaves(metadata.annotations) },
  ...(stringData && { 'f:stringData': {} }),
}));
const theirs = fc
  .tuple(fc.constantFrom('x', 'kubectl', 'kubed-sync'), anyFields)
  .map(([manager, all]) => entry(manager, all, { operation: manager === 'x' ? 'Update' : 'Apply' }));
const ours = fc.tuple(some(KEYS), metadataTree).map(([content, metadata]) =>
  ourEntry({
    ...contentTree(content),
    'f:metadata': { 'f:labels': leaves(metadata.labels), 'f:annotations': leaves(metadata.annotations) },
  }),
);
const anyOwned = fc
  .tuple(some(KEYS), metadataTree)
  .map(([content, { labels, annotations }]): FieldsToOwn => ({
    content,
    labels: mapOf(labels),
    annotations: mapOf(annotations),
  }));
/** Each of these fields either changes or does not. A changed field that is not wanted is removed. */
const anyChanges = (owned: FieldsToOwn): fc.Arbitrary<FieldDifference[]> =>
  some(KEYS).map((names) => names.map((name) => difference(name, owned.content.includes(name))));

function difference(name: string, wanted: boolean): FieldDifference {
  const op = wanted ? 'change' : 'remove';
  if (name === 'type' || name === 'immutable') return { part: name, op };
  const [part, key] = name.split('/');
  return { part: part === 'data' ? 'data' : 'binaryData', key: key ?? '', op };
}

function mapOf(keys: readonly string[]): StringMap {
  return Object.fromEntries(keys.map((key) => [key, 'v']));
}

function leaves(keys: readonly string[]): FieldTree {
  return Object.fromEntries([['.', {}], ...keys.map((key) => [`f:${key}`, {}])]);
}

function contentTree(content: readonly string[]): FieldTree {
  const below = (part: string): string[] =>
    content.flatMap((name) => (name.startsWith(part) ? [name.slice(part.length)] : []));
  return {
    ...(below('data/').length > 0 && { 'f:data': leaves(below('data/')) }),
    ...(below('binaryData/').length > 0 && { 'f:binaryData': leaves(below('binaryData/')) }),
    ...(content.includes('type') && { 'f:type': {} }),
    ...(content.includes('immutable') && { 'f:immutable': {} }),
  };
}

const situation = fc
  .tuple(fc.array(theirs, { maxLength: 3 }), fc.array(ours, { minLength: 1, maxLength: 2 }), anyOwned)
  .chain(([others, own, owned]) =>
    fc.record({
      entries: fc.constant([...others, ...own]),
      owned: fc.constant(owned),
      changes: anyChanges(owned),
    }),
  );

/** The rules of the API server: what a patch changes is ours alone, and what it removes has no owner. */
function afterPatch(
  entries: readonly ManagedFieldsEntry[],
  changes: readonly FieldDifference[],
): ManagedFieldsEntry[] {
  const names = changes.map(({ part, key }) => (key === undefined ? part : `${part}/${key}`));
  const gained = changes.flatMap(({ op }, at) => (op === 'remove' ? [] : [names[at] ?? '']));
  const kept = entries.map((one) => {
    const rest = contentFieldsIn(one.fieldsV1).filter((name) => !names.includes(name));
    const { 'f:stringData': stringData } = one.fieldsV1 ?? {};
    return { ...one, fieldsV1: { ...contentTree(rest), ...(stringData && { 'f:stringData': stringData }) } };
  });
  return [...kept, ourEntry(contentTree(gained))];
}

const labelsOf = (one: ManagedFieldsEntry): string[] => keysBelow(one, 'f:labels');
function keysBelow({ fieldsV1 }: ManagedFieldsEntry, map: string): string[] {
  return Object.keys(fieldsV1?.['f:metadata']?.[map] ?? {}).filter((step) => step !== '.');
}

suite('after the patch, whatever the owners were before', () => {
  test('kubed-sync owns exactly the wanted content, and no other manager owns content', () => {
    fc.assert(
      fc.property(situation, ({ entries, owned, changes }) => {
        const sends = transferOwnership(entries, owned, changes, TIME);
        const after = readFieldOwnership(afterPatch(sends ?? entries, changes));
        assert.deepEqual(after.content.toSorted(), owned.content.toSorted());
        assert.deepEqual(after.others, []);
        assert.equal(after.stringData, false);
      }),
      { numRuns: 3000 },
    );
  });

  test('we own every wanted label, and other managers keep the other labels', () => {
    fc.assert(
      fc.property(situation, ({ entries, owned, changes }) => {
        const sends = transferOwnership(entries, owned, changes, TIME);
        if (sends === undefined) return;
        const unwanted = (all: readonly ManagedFieldsEntry[]): string[][] =>
          all
            .filter((one) => !isOurEntry(one))
            .map((one) => labelsOf(one).filter((step) => !Object.hasOwn(owned.labels, step.slice(2))))
            .filter((labels) => labels.length > 0);
        assert.deepEqual(unwanted(sends), unwanted(entries));
        const mine = sends.find(isOurEntry) ?? {};
        for (const key of Object.keys(owned.labels)) assert.ok(labelsOf(mine).includes(`f:${key}`));
        for (const other of sends.filter((one) => !isOurEntry(one)))
          for (const step of labelsOf(other)) assert.ok(!Object.hasOwn(owned.labels, step.slice(2)));
        assert.ok(sends.every(({ fieldsV1 }) => Object.keys(fieldsV1 ?? {}).length > 0));
      }),
      { numRuns: 1000 },
    );
  });

  test('no ownership is left to move', () => {
    fc.assert(
      fc.property(situation, ({ entries, owned, changes }) => {
        const sends = transferOwnership(entries, owned, changes, TIME);
        if (sends !== undefined) assert.equal(transferOwnership(sends, owned, [], TIME), undefined);
      }),
      { numRuns: 1000 },
    );
  });
});
