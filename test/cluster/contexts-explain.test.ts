import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../support/cluster.ts';
import { assertExplanation } from '../support/schema.ts';
import { TwoClusters } from '../support/two-clusters.ts';

/* What `kubed-sync explain` says about copies in other clusters: the same that a run would do, from metadata alone. */

const SYNC_CONTEXTS = 'kubed.appscode.com/sync-contexts';

test('explain lists the copies in other clusters, and writes nothing', async (context) => {
  if (TwoClusters.isMissing) return context.skip('needs two control planes');
  await using two = await TwoClusters.open();
  const { home, there } = two;
  for (const each of ['src', 'a', 'b']) {
    await home.namespace(each);
    await there.namespace(each);
  }
  const path = await two.kubeconfig({
    east: { cluster: there, namespace: home.ns('a') },
    west: { cluster: there, namespace: home.ns('b') },
    dead: { cluster: { server: 'https://127.0.0.1:1' } },
  });
  const annotations = { [SYNC_CONTEXTS]: 'east,west,old' };
  await home.create('Secret/src/tls', { stringData: { k: 'first-value' } }, { annotations });
  await home.create('ConfigMap/src/plain', {}, {});
  await there.create('Secret/b/tls', {}, {}, { manager: 'helm' });
  await two.reconcile(path);
  await home.merge('Secret/src/tls', { stringData: { k: 'second-value' } });
  there.simulated?.resetRequests();

  const explain = async (...args: readonly string[]): Promise<{ text: string; code: number | null }> => {
    const options = ['--remote-kubeconfig', path, '--remote-allow', 'insecure', ...home.own];
    const { stdout, stderr, code } = await home.run('explain', ...args, ...options);
    return { text: stdout + stderr, code };
  };
  const all = await explain('-o', 'json');
  const inventory: Json = JSON.parse(all.text);
  assertExplanation(inventory);
  const counts = inventory.contexts.map(({ name, reachable, sources, findings }: Json) => [
    name,
    reachable,
    sources.map(({ contexts, behind, conflicts }: Json) => [contexts, behind, conflicts]),
    findings.map(({ reason }: Json) => reason),
  ]);
  assert.deepEqual(counts, [
    ['dead', false, [], ['context-failed']],
    ['east', true, [['east,west,old', 1, 0]], []],
    ['west', true, [['east,west,old', 0, 1]], ['conflict']],
  ]);
  const reasons = ({ findings }: Json): readonly string[] => findings.map(({ reason }: Json) => reason);
  assert.deepEqual(reasons(inventory), ['unknown-context']);

  const source = `secret/${home.ns('src')}/tls`;
  const one: Json = JSON.parse((await explain(source, '-o', 'json')).text);
  assertExplanation(one);
  assert.deepEqual(reasons(one), ['unknown-context']);
  const other: Json = JSON.parse((await explain(`cm/${home.ns('src')}/plain`, '-o', 'json')).text);
  assert.deepEqual(reasons(other), [], 'that is about another object');
  assert.deepEqual(
    one.contexts.map(({ name, namespaces }: Json) => [name, namespaces.map(({ state }: Json) => state)]),
    [
      ['dead', []],
      ['east', ['behind']],
      ['west', ['conflict']],
    ],
  );
  for (const format of ['text', 'markdown', 'yaml']) {
    const { text, code } = await explain(source, '-o', format);
    assert.equal(code, 0, text);
    assert.match(text, /east/u);
    assert.ok(!text.includes('value'), text);
  }
  if (there.simulated !== undefined) {
    const { create, patch, delete: deleted } = there.simulated.counts();
    assert.deepEqual([create ?? 0, patch ?? 0, deleted ?? 0], [0, 0, 0]);
  }
});
