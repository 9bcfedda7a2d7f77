import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as tick } from 'node:timers/promises';
import type { Failure, Result } from '../../../src/model/failure.ts';
import { streamPages } from '../../../src/kube/read/page-stream.ts';

const FAILURE: Failure = { reason: 'timed-out', message: 'late' };

interface Source {
  readonly events: string[];
  readonly read: (take: (items: readonly number[]) => void) => Promise<Result<unknown>>;
}

/** A list of three pages that records when it reads each of them. */
function threePages(end: () => Result<unknown> = () => ({ ok: true, value: 3 })): Source {
  const events: string[] = [];
  const read: Source['read'] = async (take) => {
    for (const page of [1, 2, 3]) {
      await tick();
      events.push(`read ${page}`);
      take([page]);
    }
    return end();
  };
  return { events, read };
}

test('each page is used before the next one is read', async () => {
  const { events, read } = threePages();
  for await (const page of streamPages(read))
    events.push(`use ${page.ok ? page.value.join(' ') : 'failure'}`);
  assert.deepEqual(events, ['read 1', 'use 1', 'read 2', 'use 2', 'read 3', 'use 3']);
});

test('a failure comes after the pages before it', async () => {
  const pages: Result<readonly number[]>[] = [];
  for await (const page of streamPages(threePages(() => ({ ok: false, failure: FAILURE })).read))
    pages.push(page);
  assert.deepEqual(
    pages.map((page) => (page.ok ? page.value : page.failure)),
    [[1], [2], [3], FAILURE],
  );
});

test('an exception of the read reaches the loop', async () => {
  const { events, read } = threePages(() => {
    throw new Error('injected');
  });
  await assert.rejects(async () => {
    for await (const _ of streamPages(read)) events.push('use');
  }, /injected/);
  assert.equal(events.length, 6);
});

test('an exception in the loop ends the read at its next page', async () => {
  const { events, read } = threePages();
  await assert.rejects(async () => {
    for await (const _ of streamPages(read)) throw new Error('in the loop');
  }, /in the loop/);
  for (let each = 0; each < 5; each += 1) await tick();
  assert.deepEqual(events, ['read 1', 'read 2']);
});

test('a list without pages yields nothing', async () => {
  for await (const _ of streamPages(() => Promise.resolve({ ok: true, value: 0 }))) assert.fail('a page');
});
