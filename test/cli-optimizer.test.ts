import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { optimizeLate, setterFor } from '../src/cli/optimizer.ts';
import type { Progress, RunHooks } from '../src/run.ts';

/** What was done, in order: flags that were set, and phases that were told on. */
class Diary {
  readonly entries: string[] = [];
  readonly hooks: RunHooks = {
    progress: ({ phase }) => void this.entries.push(phase),
    stop: new AbortController().signal,
  };
  readonly setFlags = (flags: string): void => void this.entries.push(flags);
}

async function entriesOf(events: readonly Progress[]): Promise<readonly string[]> {
  const { hooks, setFlags, entries } = new Diary();
  await optimizeLate(hooks, async ({ progress }) => events.forEach(progress), setFlags);
  return entries;
}

const reading: Progress = { phase: 'reading', resource: 'secrets', items: 9000 };
const readingMore: Progress = { ...reading, items: 0, more: true };
const writing = (done: number, total: number): Progress => ({ phase: 'writing', done, total });

describe('V8 optimizes', () => {
  const table: Readonly<Record<string, readonly [readonly Progress[], readonly string[]]>> = {
    'nothing of a run without progress': [[], ['--no-opt', '--opt']],
    'nothing of a short run': [
      [reading, { phase: 'comparing', done: 9000, total: 90_000 }, writing(1999, 1999)],
      ['--no-opt', 'reading', 'comparing', 'writing', '--opt'],
    ],
    'a run that reads more than a page, from there on': [
      [readingMore, reading, readingMore, writing(1, 3000)],
      ['--no-opt', '--opt', 'reading', 'reading', 'reading', 'writing'],
    ],
    'a run with much to write, from its first write on': [
      [reading, writing(1, 2000), writing(2, 2000)],
      ['--no-opt', 'reading', '--opt', 'writing', 'writing'],
    ],
    'a dry run that sends as many': [
      [reading, { phase: 'rehearsing', done: 1, total: 2000 }],
      ['--no-opt', 'reading', '--opt', 'rehearsing'],
    ],
  };
  for (const [name, [events, entries]] of Object.entries(table))
    test(name, async () => assert.deepEqual(await entriesOf(events), entries));

  test('again behind a run that failed, which stays the failure that it was', async () => {
    const { hooks, setFlags, entries } = new Diary();
    const failing = optimizeLate(hooks, () => Promise.reject(new Error('no way')), setFlags);
    await assert.rejects(failing, /no way/);
    assert.deepEqual(entries, ['--no-opt', '--opt']);
  });

  test('as before behind a run: what was compiled with other flags, V8 would refuse', async () => {
    const cachedData = new Script('1 + 1').createCachedData();
    const { hooks } = new Diary();
    assert.equal(await optimizeLate(hooks, () => Promise.resolve('done')), 'done');
    assert.equal(new Script('1 + 1', { cachedData }).cachedDataRejected, false);
  });

  test('as ever where flags cannot be put back: in Node.js 22', () => {
    assert.notEqual(setterFor('v22.23.3'), setFlagsFromString);
    for (const version of ['v20.20.2', 'v24.21.0']) assert.equal(setterFor(version), setFlagsFromString);
  });
});
