import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Ended,
  Rig,
  isDone,
  looksLikeCopy,
  objectsOf,
  placeOf,
  shown,
  stateOf,
} from '../support/faults.ts';
import { mayHaveActed } from '../support/fault-scene.ts';
import { Dice, editByOther, populate, randomFaults, randomSetup, watchWrites } from '../support/random.ts';

/*
 * Random clusters, random faults, random options, and other clients that write. After each run, objects that are not
 * ours are unchanged, no wanted copy is lost, and the report is true. Clean runs then give the same result as runs
 * without faults.
 *
 * `npm run soak` does this for ten minutes. SOAK_SECONDS and SOAK_RUNS set how long and how often, SOAK_SEED sets the
 * first seed. RANDOM_SEED repeats one seed.
 */

const { RANDOM_SEED: SEED, SOAK_SECONDS, SOAK_RUNS, SOAK_SEED, npm_lifecycle_event: script } = process.env;
const SECONDS = Number(SOAK_SECONDS ?? (script === 'soak' ? 600 : 25));
const RUNS = Number(SOAK_RUNS ?? Infinity);
const FIRST = Number(SOAK_SEED ?? 1);

/** Runs as many seeds as time allows. A failure names its seed. */
async function forSeeds(share: number, holds: (seed: number) => Promise<void>): Promise<number> {
  if (SEED !== undefined) return holds(Number(SEED)).then(() => 1);
  const until = Date.now() + SECONDS * 1000 * share;
  let runs = 0;
  for (; runs < RUNS && Date.now() < until; runs += 1)
    await holds(FIRST + runs).catch((error: unknown) => {
      throw new Error(`RANDOM_SEED=${FIRST + runs}`, { cause: error });
    });
  return runs;
}

/**
 * Which of two sources is older depends on the second. So the clock moves with every edit, in the same way for every
 * cluster of a seed. It does not move during a run.
 */
async function opened(seed: number): Promise<{ rig: Rig; dice: Dice }> {
  let [time, step] = [Date.UTC(2026, 0, 1), 400];
  const [rig, dice] = [await Rig.open(() => new Date((time += step))), new Dice(seed)];
  populate(dice, rig.server);
  step = 0;
  await rig.report();
  step = 400;
  for (let many = dice.below(6); many > 0; many -= 1) editByOther(dice, rig.server);
  step = 0;
  return { rig, dice };
}

/** Two clean runs: the first completes the work, the second must have nothing to do. */
async function converges(rig: Rig): Promise<void> {
  rig.server.clearRules();
  const first = await rig.report();
  assert.ok(
    first.changes.every(({ outcome }) => outcome.outcome === 'done'),
    shown(first).join('\n'),
  );
  assert.deepEqual(shown(await rig.report()), [], 'the second run has nothing to do');
  rig.server.assertNoUnexpected();
}

function isTrue(rig: Rig, ended: Ended, unknown: boolean, dryRun: boolean): void {
  const writes = rig.server.requests.filter(({ method }) => method !== 'GET');
  if (!('report' in ended) || dryRun) {
    assert.equal(writes.length, 0, 'it writes nothing');
    return;
  }
  for (const { change, outcome } of ended.report.changes) {
    const claimed = outcome.outcome === 'done';
    const isUnclear = unknown || change.action === 'refresh';
    if (claimed !== isDone(rig.server, change) && (claimed || !isUnclear))
      assert.fail(`${placeOf(change)} differs from the report:\n${shown(ended.report).join('\n')}`);
  }
}

/**
 * Returns whether a write may have been done without the knowledge of the run. Then its answer was lost, and the next
 * request about it failed too.
 */
function mayBeUnknown(faults: ReturnType<typeof randomFaults>): boolean {
  return faults.some(([, fault, times]) => mayHaveActed(fault) && (times > 1 || faults.length > 1));
}

/** Returns the copies by place. */
function copiesIn(rig: Rig): ReadonlySet<string> {
  return new Set(
    [...objectsOf(rig.server)].flatMap(([place, object]) => (looksLikeCopy(object) ? [place] : [])),
  );
}

function tellsOfMissing(ended: Ended, copy: string): boolean {
  if (!('report' in ended)) return false;
  const outcome = ended.report.changes.find(({ change }) => placeOf(change) === copy)?.outcome;
  return outcome?.outcome === 'failed' && outcome.missing === true;
}

test('faults alone do no harm', async (context) => {
  const runs = await forSeeds(0.5, async (seed) => {
    const { rig, dice } = await opened(seed);
    const { rig: calm } = await opened(seed);
    await using first = rig;
    await using second = calm;
    assert.notEqual(first, second);
    assert.deepEqual(stateOf(calm.server), stateOf(rig.server));
    const faults = randomFaults(dice);
    const setup = randomSetup(dice);
    const was = copiesIn(rig);
    rig.server.resetRequests();
    const harm = watchWrites(rig.server, () => undefined);
    for (const [match, fault, times] of faults) rig.server.failNext(match, fault, times);
    const ended = await rig.run(setup);
    const after = copiesIn(rig);
    assert.deepEqual(harm, []);
    isTrue(rig, ended, mayBeUnknown(faults), setup.dryRun === true);
    rig.server.clearRules();
    for (const one of [rig, calm]) await one.report(setup);
    await Promise.all([converges(rig), converges(calm)]);
    assert.deepEqual(stateOf(rig.server), stateOf(calm.server), 'it ends where a run without faults ends');
    if (setup.purge === true) return;
    const wanted = copiesIn(calm);
    for (const copy of was)
      assert.ok(!wanted.has(copy) || after.has(copy) || tellsOfMissing(ended, copy), `${copy} was lost`);
  });
  context.diagnostic(`${runs} runs`);
});

test('faults, stops and other writers do no harm', async (context) => {
  const runs = await forSeeds(0.5, async (seed) => {
    const { rig, dice } = await opened(seed);
    await using _ = rig;
    for (let rounds = 1 + dice.below(3); rounds > 0; rounds -= 1) {
      const stop = new AbortController();
      const [rarely, stopsAt] = [3 + dice.below(10), dice.once(5) ? dice.below(30) : -1];
      let requests = 0;
      const harm = watchWrites(rig.server, () => {
        if (dice.once(rarely)) editByOther(dice, rig.server);
        requests += 1;
        if (requests === stopsAt) stop.abort('SIGTERM');
      });
      for (const [match, fault, times] of randomFaults(dice)) rig.server.failNext(match, fault, times);
      await rig.run({ ...randomSetup(dice), stop: stop.signal });
      assert.deepEqual(harm, []);
      rig.server.clearRules();
    }
    await converges(rig);
  });
  context.diagnostic(`${runs} runs`);
});
