import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sharing } from '../src/kube/sharing.ts';
import { entry, tree } from './support/build.ts';

/* Parts of copies that are equal become one; a part that differs in anything that decides stays its own. */

const owned = tree('{"f:data":{".":{},"f:a":{}},"f:type":{}}');

describe('entries of managedFields', () => {
  const rows: readonly (readonly [name: string, entries: ReturnType<typeof entry>[], shared: boolean])[] = [
    ['equal', [entry('m', structuredClone(owned))], true],
    ['of another time', [entry('m', owned, { time: '2026-05-05T05:05:05Z' })], true],
    ['of another manager', [entry('n', owned)], false],
    ['of another operation', [entry('m', owned, { operation: 'Apply' })], false],
    ['of a subresource', [entry('m', owned, { subresource: 'status' })], false],
    ['with one more', [entry('m', owned), entry('n', owned)], false],
    ['with a field less', [entry('m', tree('{"f:data":{".":{}},"f:type":{}}'))], false],
    ['with a field more', [entry('m', tree('{"f:data":{".":{},"f:a":{},"f:b":{}},"f:type":{}}'))], false],
    [
      'with a field below another',
      [entry('m', tree('{"f:data":{".":{},"f:a":{"f:b":{}}},"f:type":{}}'))],
      false,
    ],
    ['with another field', [entry('m', tree('{"f:data":{".":{},"f:b":{}},"f:type":{}}'))], false],
    ['of nothing', [], false],
  ];
  for (const [name, entries, shared] of rows) {
    test(`${name}: ${shared ? 'shared' : 'its own'}`, () => {
      const { entries: share } = sharing();
      const first = share('bucket', [entry('m', owned)]);
      const second = share('bucket', entries);
      assert.equal(second, shared ? first : entries);
    });
  }

  test('a tree deeper than any API server makes is its own, and ends no run', () => {
    const deep = (): ReturnType<typeof entry>[] => [
      entry('m', tree(`${'{"f:x":'.repeat(9000)}{}${'}'.repeat(9000)}`)),
    ];
    const { entries: share } = sharing();
    const [first, second] = [share('bucket', deep()), share('bucket', deep())];
    assert.notEqual(first, second);
  });

  test('buckets do not meet, and only the last few of each are kept', () => {
    const { entries: share } = sharing();
    const first = share('bucket', [entry('m', owned)]);
    assert.notEqual(share('other', [entry('m', owned)]), first);
    for (const manager of ['a', 'b', 'c', 'd']) share('bucket', [entry(manager, owned)]);
    assert.notEqual(share('bucket', [entry('m', owned)]), first);
  });
});

test('maps are shared when all keys and values are equal', () => {
  const { map: share } = sharing();
  const first = share('bucket', { a: '1', b: '2' });
  assert.equal(share('bucket', { a: '1', b: '2' }), first);
  for (const other of [{ a: '1', b: '3' }, { a: '1' }, { a: '1', b: '2', c: '3' }, {}])
    assert.equal(share('bucket', other), other);
});
