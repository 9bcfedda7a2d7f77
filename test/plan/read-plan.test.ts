import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { draftPlan } from '../../src/plan/draft.ts';
import { type ReadPlan, pageSize, planReads } from '../../src/plan/read-plan.ts';
import { scopeOf } from '../../src/plan/scope.ts';
import type { Settings } from '../../src/model/settings.ts';
import { changed, configMap, copyOf, namespace } from '../support/build.ts';
import { settingsWith } from '../support/world.ts';

/* An array with so many items does not fit into the arguments of one call. */
const MANY = 150_000;

const names = Array.from({ length: MANY }, (_, index) => `n${index}`);
const source = configMap('demo/omni', { sync: '', data: { you: 'only' } });

/** The reads of a run in which every copy of one source is compared. */
function readsOf(settings: Partial<Settings>): ReadPlan {
  const stale = changed(copyOf(source, 'n0'), { managedFields: [] });
  const foreign = configMap('n0/omni');
  const there = settings.onConflict === 'adopt' ? foreign : stale;
  const snapshot = {
    namespaces: [...names, 'demo'].map((name) => namespace(name)),
    objects: [source, ...names.map((name) => ({ ...there, namespace: name, uid: `uid-${name}` }))],
  };
  return planReads(draftPlan(snapshot, scopeOf(settingsWith({ sourceNamespaces: ['demo'], ...settings }))));
}

suite('a very large cluster', () => {
  test('a run on named namespaces reads copies one by one', () => {
    const { lists, copies } = readsOf({ namespaces: ['demo', ...names] });
    assert.deepEqual([lists.length, copies.length], [0, MANY]);
  });

  test('objects to adopt are read one by one', () => {
    const { lists, copies } = readsOf({ onConflict: 'adopt' });
    assert.deepEqual([lists.length, copies.length], [0, MANY]);
  });

  test('the page size is limited for any number of sources', () =>
    assert.equal(pageSize(names.map(() => source)), 500));

  test('the page size is limited for any number of keys of a source', () => {
    const data = Object.fromEntries(names.map((name) => [name, 'x'.repeat(50)]));
    assert.equal(pageSize([configMap('demo/omni', { data })]), 1);
  });
});
