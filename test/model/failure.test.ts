import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { codeOf } from '../../src/model/failure.ts';

function coded(code: unknown, error: Error = new Error('a message that must not be shown')): Error {
  return Object.assign(error, { code });
}

describe('the code of', () => {
  const rows: readonly (readonly [what: string, error: unknown, code: string])[] = [
    ['an error of Node', coded('ECONNREFUSED'), 'ECONNREFUSED'],
    ['an error of another kind', new Error('a message that must not be shown'), 'otherwise'],
    ['a value that is not an error', 'a message that must not be shown', 'otherwise'],
    ['nothing', undefined, 'otherwise'],
    [
      'several errors: the code of the first',
      new AggregateError([coded('ENETUNREACH'), coded('B')]),
      'ENETUNREACH',
    ],
    ['several errors with their own code', coded('A', new AggregateError([coded('B')])), 'A'],
    ['an empty list of errors', new AggregateError([]), 'otherwise'],
  ];
  for (const [what, error, code] of rows) test(what, () => assert.equal(codeOf(error, 'otherwise'), code));
});

test('without a default, a missing code is "unknown"', () => {
  assert.equal(codeOf(new Error('a message that must not be shown')), 'unknown');
});
