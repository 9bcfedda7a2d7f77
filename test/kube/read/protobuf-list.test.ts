import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseProtobufList } from '../../../src/kube/read/protobuf-list.ts';
import type { Json } from '../../../src/kube/api.ts';
import type { ObjectMeta } from '../../support/apiserver/model.ts';
import {
  bytes,
  integer,
  protobufItem,
  protobufList,
  protobufObject,
  varint,
} from '../../support/apiserver/protobuf-list.ts';
import { readByReference } from '../../support/protobuf-reference.ts';

/*
 * A list in protobuf gives the same as the list in JSON. Other bytes are an error, or what a plain reader reads from
 * the same bytes.
 */

const runs = { numRuns: Number(process.env['LAW_RUNS'] ?? 300) };

interface List {
  readonly kind: unknown;
  readonly metadata: unknown;
  readonly items: readonly Json[];
}

function read(body: Buffer): List {
  const items: Json[] = [];
  const { kind, metadata } = parseProtobufList(body, (item) => items.push(item));
  return { kind, metadata, items };
}

/** The metadata of the items of a list. */
function metadataIn(body: Buffer): readonly Json[] {
  return read(body).items.map(({ metadata }) => metadata as Json);
}

/** The list as the API server writes it in JSON, with the fields that the program uses. */
function asJson(items: readonly ObjectMeta[]): readonly Json[] {
  const parsed = JSON.parse(JSON.stringify(items)) as ObjectMeta[];
  return parsed.map((meta) => ({
    metadata: {
      name: meta.name,
      namespace: meta.namespace ?? '',
      uid: meta.uid ?? '',
      resourceVersion: meta.resourceVersion ?? '',
      creationTimestamp: meta.creationTimestamp,
      deletionTimestamp: meta.deletionTimestamp,
      labels: meta.labels ?? {},
      annotations: meta.annotations ?? {},
      managedFields: (meta.managedFields ?? []).map(
        ({ manager = '', operation = '', time, fieldsV1, subresource = '' }) => ({
          manager,
          operation,
          time,
          fieldsV1,
          subresource,
        }),
      ),
    },
  }));
}

const text = fc.oneof(
  fc.constantFrom('', 'é\u{1F600}', '\uFEFFx', 'a'.repeat(130), '"\\\n'),
  fc.string({ maxLength: 12, unit: 'grapheme' }),
);
const key = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'time', 'a'), text);
const word = fc.string({ minLength: 1, maxLength: 8 });
const seconds = fc
  .oneof(fc.constantFrom(0, 253_402_300_799, -62_167_219_200), fc.integer({ min: 1e9, max: 2e9 }))
  .map((at) => new Date(at * 1000).toISOString().replace('.000', ''));
const entry = fc.record(
  {
    manager: word,
    operation: fc.constantFrom('Update', 'Apply'),
    apiVersion: word,
    time: seconds,
    fieldsType: fc.constant('FieldsV1'),
    fieldsV1: fc.dictionary(key, fc.dictionary(key, fc.constant({}))),
    subresource: word,
  },
  { requiredKeys: [] },
);
const shared = fc.record(
  {
    labels: fc.dictionary(key, text, { maxKeys: 3, noNullPrototype: true }),
    annotations: fc.dictionary(key, text, { maxKeys: 3, noNullPrototype: true }),
    ownerReferences: fc.constant([{ kind: 'a', name: 'b', uid: 'c', apiVersion: 'v1', controller: true }]),
    finalizers: fc.array(word, { maxLength: 2 }),
    managedFields: fc.array(entry, { maxLength: 3 }),
  },
  { requiredKeys: [] },
);
const own = fc.record(
  {
    name: fc.constantFrom('a', 'b', 'a-longer-one'),
    namespace: word,
    uid: word,
    resourceVersion: word,
    generation: fc.nat(),
    creationTimestamp: seconds,
    deletionTimestamp: seconds,
    deletionGracePeriodSeconds: fc.nat(),
  },
  { requiredKeys: ['name'] },
);
/** Few different parts and many objects, so most parts come more than once, with other times. */
const items = fc.array(shared, { minLength: 1, maxLength: 3 }).chain((parts) =>
  fc.array(
    fc.tuple(own, fc.constantFrom(...parts), seconds).map(([first, rest, time]): ObjectMeta => {
      const { managedFields } = rest;
      const written = managedFields?.map((one) => ({ ...one, ...(one.time !== undefined && { time }) }));
      return { ...first, ...rest, ...(written && { managedFields: written }) };
    }),
    { maxLength: 12 },
  ),
);

const listMeta = { resourceVersion: '7', continue: 'abc', remainingItemCount: 12 };

function encoded(metas: readonly ObjectMeta[]): Buffer {
  return protobufList(listMeta, metas.map(protobufItem));
}

const lists = items.map(encoded);

describe('a list in protobuf', () => {
  test('gives the same as in JSON', () => {
    fc.assert(
      fc.property(items, (metas) => {
        const { kind, metadata, items: found } = read(encoded(metas));
        assert.deepEqual([kind, metadata], ['PartialObjectMetadataList', listMeta]);
        assert.deepEqual(found, asJson(metas));
      }),
      runs,
    );
  });

  test('may be without items, or a page that is not the last', () => {
    const { metadata, items: found } = read(protobufList({ resourceVersion: '7' }, []));
    assert.deepEqual([metadata, found], [{ resourceVersion: '7', continue: '', remainingItemCount: 0 }, []]);
  });

  test('keeps equal parts of copies once, whatever their times', () => {
    const copy = (place: number, more: Partial<ObjectMeta> = {}): ObjectMeta => ({
      name: 'omni',
      namespace: `n${place}`,
      uid: `u${place}`,
      resourceVersion: String(place),
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { team: 'a' },
      annotations: { note: 'x' },
      managedFields: [
        {
          manager: 'm',
          operation: 'Update',
          time: `2026-01-01T00:00:${10 + place}Z`,
          fieldsV1: { 'f:data': {} },
        },
      ],
      ...more,
    });
    const others: Partial<ObjectMeta>[] = [
      { labels: { team: 'b' } },
      { annotations: { note: 'y' } },
      { managedFields: [{ manager: 'n', time: '2026-01-01T00:00:00Z' }] },
      { managedFields: [{ manager: 'm', operation: 'Update', fieldsV1: { 'f:data': {} } }] },
      { finalizers: ['f'] },
    ];
    const metas = [copy(1), copy(2), copy(3), ...others.map((other, index) => copy(4 + index, other))];
    assert.deepEqual(read(encoded(metas)).items, asJson(metas));
    const [first, ...rest] = metadataIn(encoded(metas));
    const fieldsOf = (meta: Json = {}): unknown => {
      const [entry] = (meta['managedFields'] ?? []) as Json[];
      return entry?.['fieldsV1'];
    };
    for (const other of rest.slice(0, 2)) {
      assert.equal(other['labels'], first?.['labels']);
      assert.equal(other['annotations'], first?.['annotations']);
      assert.equal(fieldsOf(other), fieldsOf(first));
    }
    const [withLabel, withAnnotation, withOwner] = rest.slice(2);
    assert.notEqual(withLabel?.['labels'], first?.['labels']);
    assert.notEqual(withAnnotation?.['annotations'], first?.['annotations']);
    assert.notEqual(fieldsOf(withOwner), fieldsOf(first));
  });

  test('may have unknown fields in every message', () => {
    const unknown = [bytes(100, [Buffer.from('abc')]), integer(101, -1), Buffer.from([0xb5, 6, 1, 2, 3, 4])];
    const meta = Buffer.concat([bytes(1, [Buffer.from('a')]), ...unknown]);
    const item = bytes(2, [bytes(1, [meta]), ...unknown]);
    const body = protobufObject('v1', 'L', [bytes(1, [bytes(2, [Buffer.from('7')])]), item, ...unknown]);
    const [found] = metadataIn(Buffer.concat([body, ...unknown]));
    assert.equal(found?.['name'], 'a');
  });

  test('keeps labels and annotations with the same bytes apart, and two different entries too', () => {
    const field = (number: number, value: string): Buffer => bytes(number, [Buffer.from(value)]);
    const item = (...fields: readonly Buffer[]): Buffer => bytes(2, [bytes(1, [field(1, 'a'), ...fields])]);
    const [key, value] = [field(1, 'k'), field(2, 'v')];
    const body = protobufObject('v1', 'L', [
      item(bytes(11, [key, value])),
      item(bytes(12, [key, value])),
      item(bytes(11, [key]), bytes(11, [value])),
      item(bytes(11, [key]), bytes(12, [value])),
    ]);
    const maps = metadataIn(body).map(({ labels, annotations }) => [labels, annotations]);
    assert.deepEqual(maps, [
      [{ k: 'v' }, {}],
      [{}, { k: 'v' }],
      [{ k: '', '': 'v' }, {}],
      [{ k: '' }, { '': 'v' }],
    ]);
  });

  test('uses the last value of a field that comes twice, and the last value of each key of a map', () => {
    const field = (number: number, value: string): Buffer => bytes(number, [Buffer.from(value)]);
    const pair = (k: string, v: string): Buffer => bytes(11, [field(1, k), field(2, v)]);
    const meta = [
      field(1, 'a'),
      field(1, 'b'),
      pair('x', '1'),
      pair('y', '2'),
      pair('x', '3'),
      field(3, 'late'),
    ];
    const body = protobufObject('v1', 'L', [bytes(1, []), bytes(2, [bytes(1, meta)])]);
    const [{ name, namespace, labels } = {}] = metadataIn(body);
    assert.deepEqual([name, namespace, labels], ['b', 'late', { x: '3', y: '2' }]);
  });

  test('may have its fields in any order', () => {
    const field = (number: number, value: string): Buffer => bytes(number, [Buffer.from(value)]);
    const item = (namespace: string): Buffer =>
      bytes(2, [bytes(1, [field(1, 'a'), bytes(11, [field(1, 'k')]), field(3, namespace)])]);
    const body = protobufObject('v1', 'L', [item('x'), item('y'), item('x')]);
    assert.deepEqual(
      metadataIn(body).map(({ namespace }) => namespace),
      ['x', 'y', 'x'],
    );
  });
});

describe('what is not a list in protobuf is an error', () => {
  const whole = encoded([{ name: 'a', labels: { b: 'c' } }, { name: 'b' }]);
  const raw = [bytes(1, [bytes(2, [Buffer.from('7')])])];
  const rows: readonly (readonly [name: string, body: Buffer])[] = [
    ['nothing', Buffer.alloc(0)],
    ['JSON', Buffer.from('{"kind":"PartialObjectMetadataList","metadata":{},"items":[]}')],
    ['other magic bytes', Buffer.concat([Buffer.from('k8t\0'), whole.subarray(4)])],
    ['an envelope without an object', Buffer.concat([Buffer.from('k8s\0'), bytes(1, [])])],
    ['two objects', Buffer.concat([protobufObject('v1', 'L', raw), bytes(2, raw)])],
    ['two answers', Buffer.concat([whole, whole])],
    ['zeros after it', Buffer.concat([whole, Buffer.alloc(3)])],
    ['text after it', Buffer.concat([whole, Buffer.from('\n')])],
    [
      'a text where a message should be',
      protobufObject('v1', 'L', [bytes(2, [Buffer.from('\u0001\u0002')])]),
    ],
    ['an integer where a text should be', protobufObject('v1', 'L', [bytes(2, [bytes(1, [integer(1, 5)])])])],
    [
      'a field that leaves its message',
      protobufObject('v1', 'L', [bytes(2, [Buffer.from([0x0a, 9])]), bytes(2, raw)]),
    ],
    [
      'a length of more than 32 bits',
      protobufObject('v1', 'L', [bytes(2, [Buffer.from([0x0a]), varint(2 ** 32 + 1), Buffer.from([0])])]),
    ],
    ['a length in more bytes than it needs', protobufObject('v1', 'L', [Buffer.from([0x12, 0x80, 0])])],
    [
      'owners that are not JSON',
      protobufObject('v1', 'L', [
        bytes(2, [bytes(1, [bytes(17, [bytes(7, [bytes(1, [Buffer.from('{')])])])])]),
      ]),
    ],
    [
      'a year of five digits',
      protobufObject('v1', 'L', [bytes(2, [bytes(1, [bytes(8, [integer(1, 2 ** 48)])])])]),
    ],
  ];
  for (const [name, body] of rows) test(name, () => assert.throws(() => read(body), Error));

  test('a list that is cut is an error, unless all of it was there', () => {
    fc.assert(
      fc.property(items, fc.nat(), (metas, length) => {
        const all = encoded(metas);
        const cut = all.subarray(0, length % all.length);
        assert.deepEqual(readable(cut) ?? read(all), read(all));
        if (cut.length < all.length - 4) assert.equal(readable(cut), undefined);
      }),
      runs,
    );
  });
});

/** The list, or undefined if the bytes were rejected. */
function readable(body: Buffer): List | undefined {
  try {
    return read(body);
  } catch (error) {
    assert.ok(error instanceof Error);
    return undefined;
  }
}

/** Checks that the bytes are rejected, or read as the plain reader reads them. */
function isRight(body: Buffer): void {
  const list = readable(body);
  if (list === undefined) return;
  const { metadata, ...wanted } = readByReference(body);
  const empty = { resourceVersion: '', continue: '', remainingItemCount: 0 };
  assert.deepEqual(
    { ...list, metadata: { ...empty, ...(list.metadata as object) } },
    {
      ...wanted,
      metadata: { ...empty, ...metadata },
    },
  );
}

const edit = fc.tuple(fc.nat(), fc.nat({ max: 255 }), fc.constantFrom('set', 'insert', 'remove', 'flip'));

function edited(body: Buffer, edits: readonly (readonly [number, number, string])[]): Buffer {
  const all = [...body];
  for (const [place, byte, how] of edits) {
    const at = place % all.length;
    if (how === 'set') all[at] = byte;
    else if (how === 'flip') all[at] = (all[at] ?? 0) ^ (1 << (byte % 8));
    else if (how === 'insert') all.splice(at, 0, byte);
    else all.splice(at, 1);
  }
  return Buffer.from(all);
}

describe('changed bytes are rejected, or read as a plain reader does', () => {
  test('the plain reader reads unchanged lists', () => {
    fc.assert(
      fc.property(items, (metas) => {
        const list = readByReference(encoded(metas));
        assert.deepEqual(
          [list.kind, list.metadata, list.items],
          ['PartialObjectMetadataList', listMeta, asJson(metas)],
        );
      }),
      { numRuns: 200 },
    );
  });

  test('in lists', () => {
    fc.assert(
      fc.property(lists, fc.array(edit, { minLength: 1, maxLength: 4 }), (body, edits) =>
        isRight(edited(body, edits)),
      ),
      { numRuns: 4 * runs.numRuns },
    );
  });

  test('in the object itself, with an intact envelope', () => {
    fc.assert(
      fc.property(items, fc.array(edit, { minLength: 1, maxLength: 3 }), (metas, edits) => {
        const changed = metas.map((meta) => bytes(2, [edited(protobufItem(meta), edits)]));
        isRight(protobufObject('v1', 'L', changed));
      }),
      { numRuns: 4 * runs.numRuns },
    );
  });

  test('in lists of parts in another order', () => {
    fc.assert(
      fc.property(lists, lists, fc.nat(), fc.nat(), (a, b, from, to) =>
        isRight(Buffer.concat([a.subarray(0, from % a.length), b.subarray(to % b.length)])),
      ),
      runs,
    );
  });

  test('in an envelope or without one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (any, inside) =>
        isRight(inside ? protobufObject('v1', 'L', [bytes(2, [Buffer.from(any)])]) : Buffer.from(any)),
      ),
      { numRuns: 2 * runs.numRuns },
    );
  });
});
