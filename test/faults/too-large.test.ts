import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '../support/apiserver.ts';
import { Rig } from '../support/faults.ts';

/* Objects that etcd rejects as too large: not retried, and not tried ten thousand times. */

const MANY = 20;
const TOO_LARGE: Readonly<Record<string, Fault>> = {
  'etcd says so': { status: 500, message: 'etcdserver: request is too large' },
  'its client says so': {
    status: 500,
    message:
      'rpc error: code = ResourceExhausted desc = trying to send message larger than max (2610191 vs. 2097152)',
  },
  'the API server says so': { status: 413 },
};

async function prepared(): Promise<Rig> {
  const rig = await Rig.open();
  for (let at = 10; at < 10 + MANY; at += 1) rig.server.namespace(`n-${at}`);
  rig.server.namespace('src');
  const annotations = { 'kubed.appscode.com/sync': '' };
  for (const name of ['large', 'small'])
    rig.server.create('configmaps', { metadata: { namespace: 'src', name, annotations }, data: { name } });
  return rig;
}

const NARROW = { settings: { includeNamespaces: ['n-*'] }, concurrency: 1 };

for (const [who, fault] of Object.entries(TOO_LARGE))
  test(`${who}: three copies of a source are tried, once each, and the others are left`, async () => {
    await using rig = await prepared();
    for (const namespace of ['n-10', 'n-11', 'n-12'])
      rig.server.failNext({ verb: 'create', namespace }, fault);
    const { changes: carried, findings, requests } = await rig.report(NARROW);
    const ends = carried.map(({ change, outcome }) =>
      `${change.name} ${outcome.outcome} ${outcome.outcome === 'skipped' ? outcome.why : ''}`.trim(),
    );
    const count = (text: string): number => ends.filter((end) => end === text).length;
    assert.deepEqual(
      [count('large failed'), count('large skipped source-not-copyable'), count('small done')],
      [3, MANY - 3, MANY],
      ends.join('\n'),
    );
    assert.equal(requests.create, 3 + MANY, 'none is retried');
    const reported = findings.filter(({ reason }) => reason === 'source-not-copyable');
    assert.deepEqual(reported, [
      {
        reason: 'source-not-copyable',
        kind: 'ConfigMap',
        namespace: 'src',
        name: 'large',
        why: { code: 'refused-as-too-large' },
      },
    ]);
  });

test('after an accepted copy a rejected one concerns only its namespace', async () => {
  await using rig = await prepared();
  for (const namespace of ['n-11', 'n-12', 'n-13', 'n-14', 'n-15'])
    rig.server.failNext({ verb: 'create', namespace }, { status: 413 }, 2);
  const { changes: carried } = await rig.report(NARROW);
  assert.equal(carried.filter(({ outcome }) => outcome.outcome === 'skipped').length, 0);
  assert.equal(carried.filter(({ outcome }) => outcome.outcome === 'failed').length, 10);
  rig.server.clearRules();
  assert.ok((await rig.report(NARROW)).changes.every(({ outcome }) => outcome.outcome === 'done'));
});
