import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiServer, Fault } from '../support/apiserver.ts';
import { type Json, TestCluster } from '../support/cluster.ts';

/*
 * Writes that fail, on the simulated server. A failure stays with its object, temporary errors are retried, and a write
 * whose answer was lost is recognized as done.
 */

function simulatedOf({ simulated }: TestCluster): ApiServer {
  assert.ok(simulated, 'these tests need the simulated server');
  return simulated;
}

/** Temporary faults, by the namespace that has them. */
const PASSING: Readonly<Record<string, Fault>> = {
  'acts-and-says-500': { status: 500, acts: true },
  'empty-answer': 'empty-body',
  'half-an-answer': 'half-body',
  'half-json': 'truncated-json',
  'html-504': { status: 504, html: true },
  'lost-answer': 'reset-after',
  reset: 'reset-before',
  'says-429': { status: 429, retryAfter: 1 },
  'says-500': { status: 500 },
};

test('create, update and delete succeed after temporary faults, each copy once', async () => {
  await using cluster = await TestCluster.open();
  const simulated = simulatedOf(cluster);
  await cluster.namespace('src');
  for (const each of Object.keys(PASSING)) await cluster.namespace(each, { copies: 'yes' });
  await cluster.source('ConfigMap/src/omni', { data: { you: 'only' } }, 'copies');
  const copies = Object.keys(PASSING).map((each) => `ConfigMap/${each}/omni`);
  const arm = (verb: 'create' | 'patch' | 'delete'): void => {
    for (const [each, fault] of Object.entries(PASSING))
      simulated.failNext({ verb, namespace: cluster.ns(each) }, fault);
  };

  arm('create');
  await cluster.heals(copies.map((copy) => `create ${copy} missing done`));
  const before = await Promise.all(copies.map((copy) => cluster.get(copy)));

  await cluster.merge('ConfigMap/src/omni', { data: { you: 'first' } });
  arm('patch');
  await cluster.heals(copies.map((copy) => `update ${copy} source-changed done`));
  for (const [each, copy] of copies.entries()) {
    const { data, metadata } = await cluster.get(copy);
    assert.deepEqual([data, metadata.uid], [{ you: 'first' }, before[each].metadata.uid]);
  }

  await cluster.delete('ConfigMap/src/omni');
  arm('delete');
  await cluster.heals(copies.map((copy) => `prune ${copy} source-gone done`));
  assert.equal(simulated.pendingRules, 0);
});

test('the run waits as long as Retry-After says', async () => {
  await using cluster = await TestCluster.open();
  await cluster.namespace('src');
  await cluster.namespace('a');
  await cluster.source('ConfigMap/src/omni', {});
  const times: number[] = [];
  simulatedOf(cluster).before({ verb: 'create' }, () => void times.push(Date.now()), 2);
  simulatedOf(cluster).after({ verb: 'list', resource: 'namespaces' }, () => void times.push(Date.now()));
  simulatedOf(cluster).failNext({ verb: 'create' }, { status: 429, retryAfter: 2 });
  await cluster.reconcile();
  const [listed = 0, created = 0] = times;
  assert.ok(created - listed >= 2000, `${created - listed} ms`);
});

/** Rejections that are not retried, and what the report says. */
const REFUSALS: readonly (readonly [
  what: string,
  refuse: (simulated: ApiServer, a: string) => unknown,
  status: number,
  message: RegExp,
])[] = [
  ['a quota', (simulated, a) => simulated.quota(a, { count: 0 }), 403, /exceeded quota/u],
  [
    'admission',
    (simulated, a) =>
      simulated.validate(({ metadata }) => (metadata.namespace === a ? 'not on my watch' : undefined)),
    422,
    /not on my watch/u,
  ],
  [
    'a missing permission',
    (simulated, a) => simulated.deny({ verb: 'create', namespace: a }),
    403,
    /cannot create/u,
  ],
  [
    'a bad request',
    (simulated, a) =>
      simulated.failNext({ verb: 'create', namespace: a }, { status: 400, message: 'bad, bad' }),
    400,
    /bad, bad/u,
  ],
];

for (const [what, refuse, status, message] of REFUSALS)
  test(`${what} rejects one copy, which fails, the others are written, and the exit code is 1`, async () => {
    await using cluster = await TestCluster.open();
    await cluster.namespace('src');
    for (const each of ['a', 'b', 'c']) await cluster.namespace(each);
    await cluster.source('ConfigMap/src/omni', {});
    refuse(simulatedOf(cluster), cluster.ns('a'));
    const { changes, code, report } = await cluster.reconcile();
    assert.deepEqual(
      changes,
      ['a failed', 'b done', 'c done'].map((each) => {
        const [namespace, outcome] = each.split(' ');
        return `create ConfigMap/${namespace}/omni missing ${outcome}`;
      }),
    );
    assert.deepEqual([code, report.summary.failed, report.summary.create], [1, 1, 2]);
    assert.equal(report.changes[0].status, status);
    assert.match(report.changes[0].message, message);
    assert.equal(report.requests.create, 3, 'it is not retried');
  });

test('a server that fails one object for good gets six tries, and the others are done', async () => {
  await using cluster = await TestCluster.open();
  await cluster.namespace('src');
  for (const each of ['a', 'b']) await cluster.namespace(each);
  await cluster.source('ConfigMap/src/omni', {});
  simulatedOf(cluster).failNext({ verb: 'create', namespace: cluster.ns('a') }, { status: 500 }, 100);
  const { changes, code, report } = await cluster.reconcile();
  assert.deepEqual(changes, [
    'create ConfigMap/a/omni missing failed',
    'create ConfigMap/b/omni missing done',
  ]);
  assert.deepEqual([code, report.changes[0].status, report.requests.create], [1, 500, 7]);
  simulatedOf(cluster).clearRules();
  await cluster.heals(['create ConfigMap/a/omni missing done']);
});

test('after a lost answer and a rejected read the write has failed, and the report says that the read failed', async () => {
  await using cluster = await TestCluster.open();
  await cluster.namespace('src');
  await cluster.namespace('a');
  await cluster.source('ConfigMap/src/omni', {});
  const namespace = cluster.ns('a');
  simulatedOf(cluster).failNext({ verb: 'create', namespace }, 'reset-after');
  simulatedOf(cluster).failNext({ verb: 'get', namespace }, { status: 403, message: 'not yours to see' });
  const { changes, code, report } = await cluster.reconcile();
  assert.deepEqual([changes, code], [['create ConfigMap/a/omni missing failed'], 1]);
  const [{ message, status }] = report.changes;
  assert.deepEqual([message, status], ['what is there now could not be read: not yours to see', 403]);
  await cluster.isQuiet();
});

const COPY = 'ConfigMap/a/fixed';

/** A copy that can only be replaced: immutable, and its source has other content now. */
async function replaceable(cluster: TestCluster): Promise<Json> {
  await cluster.namespace('src');
  await cluster.namespace('a');
  await cluster.source('ConfigMap/src/fixed', { data: { you: 'only' }, immutable: true });
  await cluster.reconcile();
  await cluster.delete('ConfigMap/src/fixed');
  await cluster.source('ConfigMap/src/fixed', { data: { you: 'new' }, immutable: true });
  return cluster.get(COPY);
}

test('a replace whose dry run is rejected deletes nothing', async () => {
  await using cluster = await TestCluster.open();
  const before = await replaceable(cluster);
  const stop = simulatedOf(cluster).validate(({ data }) =>
    data?.['you'] === 'new' ? 'nothing new, please' : undefined,
  );
  const { changes, code, report } = await cluster.reconcile();
  assert.deepEqual([changes, code], [[`replace ${COPY} source-changed failed`], 1]);
  assert.deepEqual([report.changes[0].missing, report.requests.delete], [undefined, 0]);
  assert.deepEqual(await cluster.get(COPY), before);
  stop();
  await cluster.heals([`replace ${COPY} source-changed done`]);
});

test('a replace whose create fails at first is completed', async () => {
  await using cluster = await TestCluster.open();
  await replaceable(cluster);
  const real = { verb: 'create', dryRun: false, namespace: cluster.ns('a') } as const;
  simulatedOf(cluster).failNext(real, { status: 403, message: 'not now' }, 2);
  simulatedOf(cluster).failNext(real, 'reset-after');
  await cluster.heals([`replace ${COPY} source-changed done`]);
  assert.deepEqual((await cluster.get(COPY)).data, { you: 'new' });
});

test('a replace whose create fails for good reports the missing copy, and the next run creates it', async () => {
  await using cluster = await TestCluster.open();
  await replaceable(cluster);
  const real = { verb: 'create', dryRun: false, namespace: cluster.ns('a') } as const;
  simulatedOf(cluster).failNext(real, { status: 403, message: 'not now' }, 100);
  const { changes, code, report } = await cluster.reconcile();
  assert.deepEqual([changes, code], [[`replace ${COPY} source-changed failed`], 1]);
  assert.deepEqual([report.changes[0].missing, report.requests.create > 2], [true, true]);
  assert.equal(await cluster.get(COPY), undefined);
  simulatedOf(cluster).clearRules();
  await cluster.heals([`create ${COPY} missing done`]);
});

test('a replace of a copy with a finalizer does not fail for ever, and the run after it is quiet', async () => {
  await using cluster = await TestCluster.open();
  await replaceable(cluster);
  await cluster.merge(COPY, { metadata: { finalizers: ['example.com/hold'] } });
  const { changes } = await cluster.reconcile();
  assert.equal(changes.length, 1);
  assert.deepEqual((await cluster.reconcile()).findings, ['being-deleted']);
  await cluster.merge(COPY, { metadata: { finalizers: null } });
  await cluster.heals([`create ${COPY} missing done`]);
});
