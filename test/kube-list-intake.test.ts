import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ObjectMeta } from '../src/model/objects.ts';
import { decodeMeta, metaLike } from '../src/kube/read/decode-object.ts';
import { ListIntake, type ListTaken } from '../src/kube/list-intake.ts';
import { Tails } from '../src/kube/tails.ts';

/*
 * A list taken apart while it comes in is the list: whatever its items hold, wherever it is cut into pieces, and however
 * it is written. JSON.parse of the whole is the judge.
 */

const START = '{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{';
const form = {
  start: START,
  decode: (item: unknown): ObjectMeta | undefined => decodeMeta('ConfigMap', item),
};

interface Read {
  readonly taken: ListTaken;
  readonly values: readonly ObjectMeta[];
}

function read(text: Buffer, cuts: readonly number[], tails?: Tails<ObjectMeta>): Read {
  const values: ObjectMeta[] = [];
  const intake = new ListIntake({ ...form, ...(tails && { tails }) }, (value) => values.push(value));
  let from = 0;
  for (const cut of [...cuts.map((one) => one % (text.length + 1)).toSorted((a, b) => a - b), text.length]) {
    intake.take(text.subarray(from, cut));
    from = cut;
  }
  return { taken: intake.end(), values: timeless(values) };
}

/** The times at which managers wrote decide nothing, and are not kept apart. */
function timeless(values: readonly ObjectMeta[]): readonly ObjectMeta[] {
  return values.map((value) => ({
    ...value,
    managedFields: value.managedFields.map(({ time: _, ...entry }) => entry),
  }));
}

/** What the whole text says, by JSON.parse. */
function expected(text: string): Read {
  const { items, ...list } = JSON.parse(text) as { readonly items: readonly unknown[] };
  const decoded = items.map(form.decode);
  const bad = decoded.indexOf(undefined);
  const values = decoded.slice(0, bad < 0 ? undefined : bad).filter((value) => value !== undefined);
  return { taken: { list, items: items.length, ...(bad >= 0 && { bad }) }, values: timeless(values) };
}

function sameAs(text: string, cuts: readonly number[], tails?: Tails<ObjectMeta>): void {
  const { taken, values } = read(Buffer.from(text), cuts, tails);
  const wanted = expected(text);
  const { items: _, ...list } = taken.list as Record<string, unknown>;
  assert.deepEqual({ taken: { ...taken, list }, values }, wanted);
}

/** Texts that look like what a list is cut by. */
const TRAPS = [
  `},${START}`,
  START,
  '"items":[',
  '"creationTimestamp":"2026-01-01T00:00:00Z"',
  '"managedFields":[{',
  '"time":"2026-01-01T00:00:00Z"',
  '\\',
  '\\"',
  ']}',
  'é\u{1F600}',
  '',
];
const text = fc.oneof(fc.constantFrom(...TRAPS), fc.string({ maxLength: 12, unit: 'grapheme' }));
const key = fc.oneof(
  fc.constantFrom('time', 'managedFields', 'creationTimestamp', '__proto__', 'a', 'items'),
  text,
);
const MARK = {
  'kubed.appscode.com/origin': '{"namespace":"demo","name":"a","uid":"u","resourceVersion":"1"}',
};
const time = fc.constantFrom(
  '2026-01-01T00:00:00Z',
  '2026-11-22T21:21:00Z',
  '2026',
  '2026-01-01T00:00:00.123456Z',
);
const entries = fc.array(
  fc.record(
    {
      manager: fc.constantFrom('kubed-sync', 'kubectl'),
      operation: fc.constantFrom('Update', 'Apply'),
      time,
      fieldsV1: fc.constantFrom({ 'f:data': { '.': {}, 'f:a': {} } }, { 'f:data': { 'f:time': {} } }),
    },
    { requiredKeys: ['manager'] },
  ),
  { maxLength: 3 },
);
const own = fc.record({
  name: fc.oneof(fc.constantFrom('a', 'b'), fc.string({ minLength: 1, maxLength: 5 })),
  namespace: fc.constantFrom('x', 'y', 'z'),
  uid: fc.stringMatching(/^[0-9a-f]{8}$/),
  resourceVersion: fc.stringMatching(/^[1-9][0-9]{0,3}$/),
});
const tail = fc.record(
  {
    deletionTimestamp: time,
    labels: fc.dictionary(key, text, { maxKeys: 2 }),
    annotations: fc.dictionary(key, text, { maxKeys: 2 }).map((more) => ({ ...MARK, ...more })),
    managedFields: entries,
  },
  { requiredKeys: [] },
);

function item(owned: object, created: string, rest: object): object {
  const metadata = { ...owned, creationTimestamp: created, ...rest };
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

/** Few tails and many objects: so that most of them are known ones. */
const objects = fc.array(tail, { minLength: 1, maxLength: 3 }).chain((tails) =>
  fc.array(
    fc.tuple(own, time, fc.constantFrom(...tails), time).map(([owned, created, rest, written]) =>
      item(
        owned,
        created,
        rest.managedFields === undefined
          ? rest
          : {
              ...rest,
              managedFields: rest.managedFields.map((entry) => ({ ...entry, time: written })),
            },
      ),
    ),
    { maxLength: 12 },
  ),
);
const list = objects.map((items) => ({
  kind: 'PartialObjectMetadataList',
  apiVersion: 'meta.k8s.io/v1',
  metadata: { resourceVersion: '7', continue: 'abc' },
  items,
}));
const cuts = fc.array(fc.nat(), { maxLength: 6 });
const runs = { numRuns: Number(process.env['LAW_RUNS'] ?? 1500) };

describe('a list read in pieces', () => {
  test('as an API server writes it', () => {
    fc.assert(
      fc.property(list, cuts, (value, at) => sameAs(`${JSON.stringify(value)}\n`, at, new Tails(metaLike))),
      runs,
    );
  });

  test('in pieces of one byte', () => {
    fc.assert(
      fc.property(list, (value) => {
        const whole = JSON.stringify(value);
        sameAs(
          whole,
          Array.from({ length: Buffer.byteLength(whole) }, (_, at) => at),
          new Tails(metaLike),
        );
      }),
      { numRuns: 50 },
    );
  });

  test('written in any other way', () => {
    const sorted = (value: unknown): unknown =>
      typeof value !== 'object' || value === null || Array.isArray(value)
        ? value
        : Object.fromEntries(
            Object.entries(value)
              .toSorted(([a], [b]) => (a < b ? -1 : 1))
              .map(([name, below]) => [name, sorted(below)]),
          );
    const ways: readonly ((value: { items: readonly object[] }) => string)[] = [
      (value) => JSON.stringify(value, undefined, 2),
      ({ items, ...rest }) => JSON.stringify({ items, ...rest }),
      ({ items, ...rest }) => JSON.stringify({ ...rest, items, more: [1] }),
      ({ items, ...rest }) => JSON.stringify({ ...rest, items: items.map(sorted) }),
      ({ items, ...rest }) =>
        JSON.stringify({ ...rest, items: items.map((one) => ({ ...one, kind: 'PartialObjectMetadata' })) }),
    ];
    fc.assert(
      fc.property(list, fc.constantFrom(...ways), cuts, (value, way, at) => {
        const written = way(value);
        let result: Read | undefined;
        try {
          result = read(Buffer.from(written), at, new Tails(metaLike));
        } catch (error) {
          // Something behind the items, seen when they are taken already: refused, not misread.
          assert.ok(error instanceof SyntaxError && written.endsWith('"more":[1]}'));
        }
        if (result !== undefined) assert.deepEqual(result.values, expected(written).values);
      }),
      runs,
    );
  });

  test('a list that breaks off is never taken for a whole one', () => {
    fc.assert(
      fc.property(list, fc.nat(), cuts, (value, length, at) => {
        const whole = Buffer.from(JSON.stringify(value));
        const part = whole.subarray(0, length % whole.length);
        assert.throws(() => read(part, at, new Tails(metaLike)), SyntaxError);
      }),
      runs,
    );
  });

  test('a list with a byte changed is refused, or is what JSON.parse makes of it', () => {
    fc.assert(
      fc.property(list, fc.nat(), fc.nat({ max: 255 }), cuts, (value, place, byte, at) => {
        const changed = Buffer.from(JSON.stringify(value));
        changed[place % changed.length] = byte;
        let result: Read;
        try {
          result = read(changed, at, new Tails(metaLike));
        } catch (error) {
          assert.ok(error instanceof SyntaxError);
          return;
        }
        if (Array.isArray((JSON.parse(changed.toString()) as { items?: unknown }).items))
          assert.deepEqual(result.values, expected(changed.toString()).values);
        else assert.deepEqual(result.values, []);
      }),
      { numRuns: 2 * runs.numRuns },
    );
  });

  test('what it says before its items is told before them, once, and not where it stands elsewhere', () => {
    const items = ['a', 'b'].map((name) =>
      item({ name, namespace: 'x', uid: 'u', resourceVersion: '1' }, '2026-01-01T00:00:00Z', {}),
    );
    const head = { kind: 'L', metadata: { resourceVersion: '7', continue: 'abc' } };
    const told = (value: object): readonly unknown[] => {
      const all: unknown[] = [];
      const take = ({ name }: ObjectMeta): number => all.push(name);
      const intake = new ListIntake(form, take, ({ metadata }) => void all.push(metadata));
      for (const byte of Buffer.from(JSON.stringify(value))) intake.take(Buffer.of(byte));
      intake.end();
      return all;
    };
    assert.deepEqual(told({ ...head, items }), [head.metadata, 'a', 'b']);
    assert.deepEqual(told({ items, ...head }), ['a', 'b']);
  });

  test('no items at all', () => {
    for (const items of ['[]', 'null']) {
      const { taken, values } = read(Buffer.from(`{"kind":"L","metadata":{},"items":${items}}`), [3, 20]);
      assert.deepEqual([taken.items, values], [0, []]);
      assert.equal((taken.list as { kind: string }).kind, 'L');
    }
    assert.deepEqual(read(Buffer.from('{"kind":"Status"}'), []).taken.items, 0);
    assert.throws(() => read(Buffer.from(''), []), SyntaxError);
  });

  test('the first item that cannot be one is named, and nothing behind it is taken', () => {
    const good = item(
      { name: 'a', namespace: 'x', uid: 'u', resourceVersion: '1' },
      '2026-01-01T00:00:00Z',
      {},
    );
    const value = {
      kind: 'L',
      metadata: {},
      items: [good, item({ name: '' }, '2026-01-01T00:00:00Z', {}), good],
    };
    const { taken, values } = read(Buffer.from(JSON.stringify(value)), [100, 300], new Tails(metaLike));
    assert.deepEqual([taken.bad, values.length], [1, 1]);
  });
});
