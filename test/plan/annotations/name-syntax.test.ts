import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  isLabelKey,
  isLabelValue,
  isNamespaceName,
  isObjectName,
} from '../../../src/plan/annotations/name-syntax.ts';

const LONG = 'a'.repeat(63);
const LONG_PREFIX = `${'a'.repeat(251)}.b`;

suite('label keys', () => {
  const rows: readonly (readonly [key: string, valid: boolean])[] = [
    ['a', true],
    ['A9', true],
    ['a.b_c-d', true],
    [LONG, true],
    [`${LONG}a`, false],
    ['kubed-sync.example/x', true],
    ['a.b-c.d9/e', true],
    [`${LONG_PREFIX}/a`, true],
    [`a${LONG_PREFIX}/a`, false],
    ['', false],
    ['/', false],
    ['a/', false],
    ['/a', false],
    ['-a/b', false],
    ['a-/b', false],
    ['a./b', false],
    ['.a/b', false],
    ['a.-b/c', false],
    ['A/b', false],
    ['__proto__', false],
    ['a\n', false],
  ];
  for (const [key, valid] of rows)
    test(`${JSON.stringify(key)}: ${valid}`, () => assert.equal(isLabelKey(key), valid));
});

suite('label values', () => {
  const rows: readonly (readonly [value: string, valid: boolean])[] = [
    ['', true],
    ['0', true],
    ['a.b_C-d', true],
    ['a..b', true],
    [LONG, true],
    [`${LONG}a`, false],
    ['a/b', false],
    ['-a', false],
    ['a_', false],
    [' ', false],
    ['a\n', false],
  ];
  for (const [value, valid] of rows)
    test(`${JSON.stringify(value)}: ${valid}`, () => assert.equal(isLabelValue(value), valid));
});

suite('names of namespaces', () => {
  const rows: readonly (readonly [name: string, valid: boolean])[] = [
    ['a', true],
    ['0-9', true],
    ['a--b', true],
    [LONG, true],
    [`${LONG}a`, false],
    ['', false],
    ['A', false],
    ['a.b', false],
    ['a_b', false],
    ['-a', false],
    ['a-', false],
    ['a\n', false],
  ];
  for (const [name, valid] of rows)
    test(`${JSON.stringify(name)}: ${valid}`, () => assert.equal(isNamespaceName(name), valid));
});

suite('names of objects', () => {
  const rows: readonly (readonly [name: string, valid: boolean])[] = [
    ['a', true],
    ['kube-root-ca.crt', true],
    [`${LONG}a`, true],
    [LONG_PREFIX, true],
    [`a${LONG_PREFIX}`, false],
    ['', false],
    ['A', false],
    ['a..b', false],
    ['a.-b', false],
    ['.a', false],
    ['a.', false],
    ['a_b', false],
    ['a/b', false],
    ['a\n', false],
  ];
  for (const [name, valid] of rows)
    test(`${JSON.stringify(name)}: ${valid}`, () => assert.equal(isObjectName(name), valid));
});
