import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Body } from '../../src/model/objects.ts';
import { keyOf } from '../../src/model/keys.ts';
import { draftPlan } from '../../src/plan/draft.ts';
import { finalizePlan } from '../../src/plan/finalize.ts';
import { planReads } from '../../src/plan/read-plan.ts';
import { scopeOf } from '../../src/plan/scope.ts';
import type { Reader } from '../../src/readers/reader.ts';
import { decideCopies } from '../../src/run/read-for-draft.ts';
import { changed, configMap, copyOf, namespace } from '../support/build.ts';
import { settingsWith, snapshotOf, worldOf } from '../support/world.ts';

/** The object, with content that cannot be read: a stand-in for an error that nobody thought of. */
function poisoned(body: Body): Body {
  return Object.defineProperty({ ...body }, 'content', {
    get: () => {
      throw new Error('boom');
    },
  });
}

test('an exception about one copy is a finding about this copy, and all others are handled', async () => {
  const source = configMap('demo/omni', { sync: '', data: { k: 'new' }, resourceVersion: '2' });
  const copies = ['a', 'b'].map((name) =>
    changed(copyOf(source, name), { data: { k: 'old' }, annotations: {} }),
  );
  const marked = copies.map((copy) => ({
    ...copy,
    annotations: copyOf(configMap('demo/omni'), copy.namespace).annotations,
  }));
  const world = worldOf(
    ['demo', 'a', 'b'].map((name) => namespace(name)),
    [source, ...marked],
  );
  const scope = scopeOf(settingsWith());
  const draft = draftPlan(snapshotOf(world, scope), scope);
  const reads = planReads(draft);
  const bodies = marked.map((copy) => (copy.namespace === 'a' ? poisoned(copy) : copy));
  const reader: Pick<Reader, 'copies' | 'body'> = {
    copies: async function* pages() {
      yield await Promise.resolve({ ok: true, value: bodies } as const);
    },
    body: ({ namespace: at }) =>
      Promise.resolve({ ok: true, value: bodies.find((body) => body.namespace === at) } as const),
  };
  const sources = new Map([[keyOf(source), source]]);
  const work = { draft, reads, sources, progress: () => undefined, values: false };
  const decided = await decideCopies(reader as Reader, work);
  assert.ok(decided.ok);
  const plan = finalizePlan(draft, { sources, origins: new Map(), decisions: decided.value });
  assert.deepEqual(
    plan.changes.map(({ action, namespace: at }) => `${action} ${at}`),
    ['update b'],
  );
  assert.deepEqual(
    plan.findings.filter(({ reason }) => reason === 'internal-error'),
    [{ reason: 'internal-error', kind: 'ConfigMap', namespace: 'a', name: 'omni' }],
  );
});
