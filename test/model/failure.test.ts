import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { codeOf } from '../../src/model/failure.ts';

function coded(code: unknown, error: Error = new Error('says what nobody may read')): Error {
  return Object.assign(error, { code });
}

describe('the code of', () => {
  const rows: readonly (readonly [what: string, error: unknown, code: string])[] = [
    ['an error of Node', coded('ECONNREFUSED'), 'ECONNREFUSED'],
    ['an error of another kind', new Error('says what nobody may read'), 'otherwise'],
    ['what is no error', 'says what nobody may read', 'otherwise'],
    ['nothing', undefined, 'otherwise'],
    ['several errors: of the first', new AggregateError([coded('ENETUNREACH'), coded('B')]), 'ENETUNREACH'],
    ['several errors that have one of their own', coded('A', new AggregateError([coded('B')])), 'A'],
    ['several errors that are none', new AggregateError([]), 'otherwise'],
  ];
  for (const [what, error, code] of rows) test(what, () => assert.equal(codeOf(error, 'otherwise'), code));
});

test('without a default, a missing code is "unknown"', () => {
  assert.equal(codeOf(new Error('says what nobody may read')), 'unknown');
});
