import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ObjectMeta } from '../src/model/objects.ts';
import { decodeMeta, metaLike } from '../src/kube/read/decode-object.ts';
import { ListIntake } from '../src/kube/list-intake.ts';
import { Tails } from '../src/kube/tails.ts';

/* What copies have in common is held once; whatever decides anything and differs is not. */

const START = '{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{';

interface Changes {
  readonly name?: string;
  readonly labels?: object;
  readonly annotations?: object;
  readonly time?: string;
  readonly manager?: string;
  readonly deletionTimestamp?: string;
}

let place = 0;

function copy({ name = 'omni', labels, annotations, time, manager, deletionTimestamp }: Changes): object {
  place += 1;
  const own = { name, namespace: `n${place}`, uid: `u${place}`, resourceVersion: `${place}` };
  const metadata = {
    ...own,
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    labels: { team: 'a', ...labels },
    annotations: { 'kubed.appscode.com/origin': '{}', ...annotations },
    managedFields: [
      {
        manager: manager ?? 'kubed-sync',
        operation: 'Update',
        time: time ?? '2026-01-01T00:00:00Z',
        fieldsV1: { 'f:data': { 'f:a': {} } },
      },
    ],
  };
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

function textOf(items: readonly object[]): string {
  return JSON.stringify({ kind: 'L', metadata: {}, items });
}

function listed(items: readonly object[]): readonly ObjectMeta[] {
  return read(textOf(items));
}

function read(text: string): readonly ObjectMeta[] {
  const values: ObjectMeta[] = [];
  const form = {
    start: START,
    decode: (item: unknown): ObjectMeta | undefined => decodeMeta('Secret', item),
    tails: new Tails(metaLike),
  };
  const intake = new ListIntake(form, (value) => values.push(value));
  intake.take(Buffer.from(text));
  intake.end();
  return values;
}

function share(a: ObjectMeta | undefined, b: ObjectMeta | undefined): boolean {
  assert.ok(a !== undefined && b !== undefined);
  return a.labels === b.labels && a.annotations === b.annotations && a.managedFields === b.managedFields;
}

describe('the second of two copies', () => {
  const rows: readonly (readonly [name: string, changes: Changes, shared: boolean])[] = [
    ['equal', {}, true],
    ['written at another time', { time: '2026-05-05T05:05:05Z' }, true],
    ['written at a time that is longer', { time: '2026-05-05T05:05:05.123456Z' }, false],
    ['written at no time', { time: '' }, false],
    ['of another name', { name: 'other' }, false],
    ['with a label more', { labels: { b: 'c' } }, false],
    ['with another label', { labels: { team: 'b' } }, false],
    ['with an annotation called time', { annotations: { time: '2026-01-01T00:00:00Z' } }, false],
    ['of another manager', { manager: 'kubed-sink' }, false],
    ['that is being deleted', { deletionTimestamp: '2026-05-05T05:05:05Z' }, false],
  ];
  for (const [name, changes, shared] of rows) {
    test(`${name}: ${shared ? 'shared' : 'its own'}`, () => {
      const [first, second] = listed([copy({}), copy(changes), copy({})]);
      assert.equal(share(first, second), shared);
    });
  }
});

test('an annotation called time is compared like any other', () => {
  const at = (time: string): object => copy({ annotations: { time } });
  const [a, b, c] = listed([
    at('2026-01-01T00:00:00Z'),
    at('2026-05-05T05:05:05Z'),
    at('2026-01-01T00:00:00Z'),
  ]);
  assert.deepEqual(
    [a?.annotations['time'], b?.annotations['time']],
    ['2026-01-01T00:00:00Z', '2026-05-05T05:05:05Z'],
  );
  assert.ok(!share(a, b));
  assert.ok(share(a, c) || c?.annotations['time'] === '2026-01-01T00:00:00Z');
});

describe('in the place of a time, and as long as one', () => {
  const TIME = '2026-05-05T05:05:05Z';
  const items = [copy({}), copy({ time: TIME }), copy({})];
  const withTime = (time: string): string => textOf(items).replace(TIME, time);

  test('the end of the string and another field make the entry another one', () => {
    const [first, second] = read(withTime('2026","a":"2026-01-0'));
    assert.ok(!share(first, second));
    assert.deepEqual(second?.managedFields[0], {
      ...first?.managedFields[0],
      time: '2026',
      a: '2026-01-0',
    });
  });
  for (const [name, time] of [
    ['a control character', '2026-05-05T05:05\n05Z'],
    ['a backslash that escapes the end of the string', '2026-05-05T05:05:05\\'],
  ] as const)
    test(`${name} is no JSON`, () => {
      assert.equal(time.length, TIME.length);
      assert.throws(() => read(withTime(time)), SyntaxError);
    });
});

test('each has its own name, namespace, uid, resource version and time of creation', () => {
  const many = Array.from({ length: 50 }, () => copy({}));
  const values = listed(many);
  assert.deepEqual(
    values.map(({ namespace, uid, resourceVersion }) => ({ namespace, uid, resourceVersion })),
    many.map((one) => {
      const { namespace, uid, resourceVersion } = (one as { metadata: Record<string, string> }).metadata;
      return { namespace, uid, resourceVersion };
    }),
  );
  assert.equal(new Set(values.map(({ labels }) => labels)).size, 1);
});

test('only the last few of a name are kept, and a bounded number of bytes in all', () => {
  const others = ['a', 'b', 'c', 'd'].map((manager) => copy({ manager }));
  const [first, , , , , again] = listed([copy({}), ...others, copy({})]);
  assert.ok(!share(first, again));
  const large = (name: string): object => copy({ name, annotations: { text: 'x'.repeat(900_000) } });
  const sizes = Array.from({ length: 20 }, (_, index) => large(`large-${index}`));
  const values = listed([copy({}), ...sizes, large('large-19'), copy({})]);
  assert.ok(share(values.at(-2), values.at(-3)));
  assert.ok(!share(values[0], values.at(-1)));
});
