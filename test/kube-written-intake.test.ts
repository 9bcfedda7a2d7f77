import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Written, decodeWritten } from '../src/kube/read/decode-object.ts';
import type { Json } from '../src/kube/json.ts';
import { WrittenIntake, type WrittenTails, writtenTails } from '../src/kube/written-intake.ts';

/* Answers to writes that are alike are parsed once, and whatever differs in them is seen. */

interface Changes {
  readonly name?: string;
  readonly uid?: string;
  readonly data?: object;
  readonly type?: string;
  readonly immutable?: boolean;
  readonly labels?: object;
  readonly manager?: string;
  readonly time?: string;
}

let place = 0;

/** As an API server writes it. */
function answer(changes: Changes = {}): string {
  const { name = 'omni', data = { a: 'QQ==' }, type = 'Opaque', immutable, labels, manager, time } = changes;
  place += 1;
  const { uid = `u${place}` } = changes;
  const own = { name, namespace: `n${place}`, uid, resourceVersion: `${place}` };
  const entry = {
    manager: manager ?? 'kubed-sync',
    operation: 'Update',
    time: time ?? '2026-01-01T00:00:00Z',
  };
  const metadata = {
    ...own,
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { team: 'a', ...labels },
    managedFields: [{ ...entry, fieldsV1: { 'f:data': { 'f:a': {} } } }],
  };
  const object = { kind: 'Secret', apiVersion: 'v1', metadata, ...(immutable && { immutable }), data, type };
  return `${JSON.stringify(object)}\n`;
}

function read(text: string, tails: WrittenTails, size = text.length): Written | undefined {
  const intake = new WrittenIntake('Secret', tails);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) intake.take(bytes.subarray(at, at + size));
  intake.end();
  return intake.written;
}

/** What the second of two answers is read as, and whether its content is that of the first. */
function second(first: string, text: string): { shared: boolean } {
  const tails = writtenTails();
  const [before, after] = [read(first, tails), read(text, tails)];
  // Times decide nothing, and are those of the answer that was parsed.
  assert.deepEqual(timeless(after), timeless(decodeWritten('Secret', JSON.parse(text))));
  return { shared: before !== undefined && before.content === after?.content };
}

function timeless(written: Written | undefined): unknown {
  return (
    written && { ...written, managedFields: written.managedFields.map((entry) => ({ ...entry, time: '' })) }
  );
}

describe('the second of two answers', () => {
  const time = '2026-05-05T05:05:05Z';
  const rows: readonly (readonly [name: string, first: string, second: string, shared: boolean])[] = [
    ['that are equal', answer(), answer(), true],
    ['written at another time', answer(), answer({ time }), true],
    ['of another name', answer(), answer({ name: 'other' }), false],
    ['with another value', answer(), answer({ data: { a: 'Qg==' } }), false],
    ['with another key', answer(), answer({ data: { b: 'QQ==' } }), false],
    ['of another type', answer(), answer({ type: 'x' }), false],
    ['that is immutable', answer(), answer({ immutable: true }), false],
    ['with another label', answer(), answer({ labels: { team: 'b' } }), false],
    ['of another manager', answer(), answer({ manager: 'x' }), false],
    [
      'with a key called time',
      answer({ data: { time: '2026-01-01T00:00:00Z' } }),
      answer({ data: { time } }),
      false,
    ],
    [
      'with the end of the owners in one of them',
      answer({ manager: '}]' }),
      answer({ manager: '}]', time }),
      false,
    ],
    ['that goes on', answer(), `${answer()} `, false],
    ['without the end of the line', answer(), answer().trimEnd(), false],
    ['without a uid', answer(), answer({ uid: '' }), false],
    ['in other letters', answer({ labels: { a: '\u00e9' } }), answer({ labels: { a: '\u00e8' } }), false],
    ['in the same letters', answer({ labels: { a: '\u00e9' } }), answer({ labels: { a: '\u00e9' } }), true],
  ];
  for (const [name, first, text, shared] of rows)
    test(`${name}: ${shared ? 'shared' : 'its own'}`, () =>
      assert.deepEqual(second(first, text), { shared }));
});

test('owners that are written among the fields of its own are those of each', () => {
  const early = (manager: string): string => {
    const { metadata, ...rest } = JSON.parse(answer({ manager })) as Json & { metadata: Json };
    const { name, namespace, uid, ...more } = metadata;
    const { managedFields, ...behind } = more;
    const own = { name, namespace, uid, managedFields };
    return JSON.stringify({
      kind: 'Secret',
      apiVersion: 'v1',
      metadata: { ...own, ...behind },
      data: rest['data'],
    });
  };
  const tails = writtenTails();
  read(early('a'), tails);
  assert.equal(read(early('b'), tails)?.managedFields[0]?.manager, 'b');
});

test('an answer that is cut off is no JSON, whatever was answered before', () => {
  const tails = writtenTails();
  const text = answer();
  read(text, tails);
  for (let length = 0; length < text.length - 1; length += 1)
    assert.throws(() => read(text.slice(0, length), tails), SyntaxError, String(length));
});

test('what is no such object is none', () => {
  for (const text of ['{}', '[]', 'null', '{"kind":"Status"}', '{"metadata":{"name":"a","namespace":"b"}}'])
    assert.equal(read(text, writtenTails()), undefined);
});

test('ConfigMaps and Secrets are not taken for each other', () => {
  const tails = writtenTails();
  const text = answer().replace('"Secret"', '"ConfigMap"');
  const intake = new WrittenIntake('ConfigMap', tails);
  intake.take(Buffer.from(text));
  intake.end();
  assert.equal(intake.written?.content.type, undefined);
  assert.equal(read(answer(), tails)?.content.type, 'Opaque');
});

test('whatever is answered in whatever pieces, it is read as JSON.parse would', () => {
  const word = fc.constantFrom(
    'time',
    'a',
    '}]',
    '"',
    '\\',
    '2026-01-01T00:00:00Z',
    '"managedFields":[{',
    '\u00e9',
    '',
  );
  const changes = fc.record(
    {
      name: fc.constantFrom('omni', 'other'),
      data: fc.dictionary(word, word, { noNullPrototype: true, maxKeys: 3 }),
      type: word,
      labels: fc.dictionary(word, word, { noNullPrototype: true, maxKeys: 2 }),
      manager: word,
      immutable: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(changes, fc.integer({ min: 1, max: 400 })), { maxLength: 12 }), (all) => {
      const tails = writtenTails();
      for (const [change, size] of all) {
        const text = answer(change);
        assert.deepEqual(read(text, tails, size), decodeWritten('Secret', JSON.parse(text)));
      }
    }),
    { numRuns: 500 },
  );
});
