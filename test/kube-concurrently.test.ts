import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import fc from 'fast-check';
import { concurrently } from '../src/kube/concurrently.ts';

test('each is begun once and in order, never more than the limit at a time, and all are over at the end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(4), { maxLength: 30 }),
      fc.integer({ min: 1, max: 8 }),
      async (turns, limit) => {
        let [under, most] = [0, 0];
        const begun: number[] = [];
        await concurrently([...turns.entries()], limit, async ([place, count]) => {
          begun.push(place);
          most = Math.max(most, (under += 1));
          for (let one = 0; one <= count; one += 1) await turn();
          under -= 1;
        });
        assert.deepEqual(begun, [...turns.keys()]);
        assert.deepEqual([most, under], [Math.min(limit, turns.length), 0]);
      },
    ),
  );
});

test('after one that rejects no other is begun', async () => {
  const begun: number[] = [];
  const act = async (thing: number): Promise<void> => {
    begun.push(thing);
    await turn();
    if (thing === 1) throw new Error('one');
    await turn();
  };
  await assert.rejects(concurrently([0, 1, 2, 3, 4, 5], 3, act), /^Error: one$/);
  for (let count = 0; count < 10; count += 1) await turn();
  assert.deepEqual(begun, [0, 1, 2]);
});
