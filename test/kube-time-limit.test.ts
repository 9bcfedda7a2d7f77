import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { TimeLimit } from '../src/kube/time-limit.ts';

const TIME = 40;

/** A timer may be early by the part of a millisecond that its clock does not have. */
const CLOCK = 1;

function timersNow(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}

/** Resolves with the milliseconds that it took until the limit ended the wait. */
function ended(limit: TimeLimit): Promise<number> {
  const began = performance.now();
  return new Promise((resolve) => {
    const over = limit.add(() => {
      over();
      resolve(performance.now() - began);
    });
  });
}

test('a wait is ended when its time is over', async () => {
  const limit = new TimeLimit(TIME);
  assert.ok((await ended(limit)) >= TIME - CLOCK);
  assert.ok((await ended(limit)) >= TIME - CLOCK, 'and the next one, too');
});

test('each wait has the whole time, though they share a timer', async () => {
  const limit = new TimeLimit(TIME);
  const waits: Promise<number>[] = [];
  for (let count = 0; count < 5; count += 1) {
    waits.push(ended(limit));
    await sleep(TIME / 5);
  }
  for (const took of await Promise.all(waits)) assert.ok(took >= TIME - CLOCK, `${took} ms`);
});

test('a wait that is over is not ended, and the ones behind it are all the same', async () => {
  const limit = new TimeLimit(TIME);
  const wrong: string[] = [];
  const [first, second] = ['first', 'second'].map((name) => limit.add(() => wrong.push(name)));
  await sleep(TIME / 2);
  const last = ended(limit);
  first?.();
  second?.();
  assert.ok((await last) >= TIME - CLOCK);
  assert.deepEqual(wrong, []);
});

test('one that begins when another ends has its time', async () => {
  const limit = new TimeLimit(TIME);
  const took = await new Promise<number>((resolve) => {
    const over = limit.add(() => {
      over();
      resolve(ended(limit));
    });
  });
  assert.ok(took >= TIME - CLOCK);
});

test('no timer is left where nobody waits', async () => {
  const before = timersNow();
  const limit = new TimeLimit(60_000);
  const waits = [1, 2, 3].map(() => limit.add(() => assert.fail()));
  assert.equal(timersNow(), before + 1, 'one for all of them');
  for (const over of waits) over();
  assert.equal(timersNow(), before);
  const short = new TimeLimit(TIME);
  await ended(short);
  assert.equal(timersNow(), before);
});
