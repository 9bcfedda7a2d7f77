import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { KubeObject, Match } from '../support/apiserver.ts';
import { FAULTS, REQUESTS, mayHaveActed, setTheScene } from '../support/fault-scene.ts';
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

/*
 * Every kind of request × every fault, once and for good. After each, no object of others has changed and no wanted
 * copy is lost. The report matches the server, and a clean run gives the same result as a run without faults.
 */

const READS = /^(?:list|get)/;

/** Wrong answers that a run must believe: only the API server can say that an object is gone. */
const IS_GONE = new Set(['prune 404', 'prune 200 with something else']);

interface Before {
  readonly foreign: ReadonlyMap<string, KubeObject>;
  readonly copies: ReadonlySet<string>;
}

function before(rig: Rig): Before {
  const objects = [...objectsOf(rig.server)];
  return {
    foreign: new Map(objects.filter(([, object]) => !looksLikeCopy(object))),
    copies: new Set(objects.flatMap(([place, object]) => (looksLikeCopy(object) ? [place] : []))),
  };
}

/** What no fault may cause. */
function isUnharmed(rig: Rig, { foreign, copies }: Before, ended: Ended): void {
  const now = objectsOf(rig.server);
  for (const [place, object] of foreign) assert.deepEqual(now.get(place), object, place);
  const changes = 'report' in ended ? ended.report.changes : [];
  for (const copy of copies) {
    if (copy === 'configmaps/old/old' || now.has(copy)) continue;
    const end = changes.find(({ change }) => placeOf(change) === copy)?.outcome;
    assert.ok(end?.outcome === 'failed' && end.missing === true, `${copy} is lost: ${JSON.stringify(end)}`);
  }
}

function isTrue(rig: Rig, ended: Ended, cell: string, mayBeUnknown: boolean): void {
  if (!('report' in ended)) {
    const written = rig.server.requests.filter(({ method }) => method !== 'GET');
    assert.equal(written.length, 0, 'a run that could not read writes nothing');
    return;
  }
  for (const { change, outcome } of ended.report.changes) {
    const claimed = outcome.outcome === 'done';
    if (claimed === isDone(rig.server, change) || (!claimed && mayBeUnknown)) continue;
    if (!IS_GONE.has(cell))
      assert.fail(`${placeOf(change)} differs from the report:\n${shown(ended.report).join('\n')}`);
  }
}

async function cleanEnd(): Promise<object> {
  await using rig = await Rig.open();
  await setTheScene(rig);
  const report = await rig.report();
  const actions = report.changes.map(({ change, outcome }) => `${change.action} ${outcome.outcome}`);
  assert.deepEqual(
    actions,
    ['create', ...Array<string>(5).fill('update'), 'replace', 'refresh', 'prune'].map(
      (action) => `${action} done`,
    ),
  );
  return stateOf(rig.server);
}

const expected = cleanEnd();

async function cell(request: string, fault: string, times: number): Promise<void> {
  const how = FAULTS[fault] ?? assert.fail(fault);
  const match: Match = REQUESTS[request] ?? assert.fail(request);
  await using rig = await Rig.open();
  await setTheScene(rig);
  const was = before(rig);
  rig.server.failNext(match, how, times);
  const requestTimeout = fault.startsWith('stall') ? 100 : 5000;
  const ended = await rig.run({ requestTimeout });
  if (times === 1) assert.equal(rig.server.pendingRules, 0, 'the fault met no request');
  rig.server.assertNoUnexpected();
  isUnharmed(rig, was, ended);
  isTrue(rig, ended, `${request} ${fault}`, times > 1 && mayHaveActed(how));
  if (times > 1 && READS.test(request))
    assert.ok(
      'failure' in ended || request === 'get the metadata of an origin' || fault === '404',
      'it is reported',
    );
  rig.server.clearRules();
  await rig.report();
  assert.deepEqual(stateOf(rig.server), await expected);
  assert.deepEqual((await rig.report()).changes, []);
}

for (const [name, times] of [
  ['once', 1],
  ['for good', 1_000_000],
] as const)
  suite(name, { concurrency: 4 }, () => {
    for (const request of Object.keys(REQUESTS))
      test(request, async () => {
        for (const fault of Object.keys(FAULTS))
          await cell(request, fault, times).catch((error: unknown) => {
            throw new Error(`${request} × ${fault}, ${name}`, { cause: error });
          });
      });
  });
