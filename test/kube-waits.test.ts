import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitsOn } from '../src/kube/waits.ts';

function waiting(names: readonly string[], signal: AbortSignal): { ended: string[]; over: (() => void)[] } {
  const ended: string[] = [];
  return { ended, over: names.map((name) => waitsOn(signal).add(() => ended.push(name))) };
}

test('the abort of a signal ends every wait that is not over, once', () => {
  const stop = new AbortController();
  const { ended, over } = waiting(['a', 'b', 'c'], stop.signal);
  over[1]?.();
  stop.abort();
  stop.abort();
  assert.deepEqual(ended, ['a', 'c']);
});

test('a wait that is over twice leaves its place to the next one only', () => {
  const stop = new AbortController();
  const { over } = waiting(['a'], stop.signal);
  over[0]?.();
  const next = waiting(['b', 'c'], stop.signal);
  over[0]?.();
  const last = waiting(['d'], stop.signal);
  stop.abort();
  assert.deepEqual([next.ended, last.ended], [['b', 'c'], ['d']]);
});

test('an end that takes itself and others out ends the rest all the same', () => {
  const stop = new AbortController();
  const ended: string[] = [];
  const waits = waitsOn(stop.signal);
  const first = waits.add(() => {
    ended.push('first');
    first();
  });
  waits.add(() => ended.push('second'));
  stop.abort();
  assert.deepEqual(ended, ['first', 'second']);
});

test('signals do not end the waits of one another', () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const { ended } = waiting(['a'], one.signal);
  other.abort();
  assert.deepEqual(ended, []);
});
