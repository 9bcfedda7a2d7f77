import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { wantedCopyOf, decideCopy } from '../../../src/plan/decide-copy.ts';
import type { Body, Kind } from '../../../src/model/objects.ts';
import type { Change, Create, Prune } from '../../../src/model/change.ts';
import type { Finding } from '../../../src/model/finding.ts';
import type { Settings } from '../../../src/model/settings.ts';
import type { Outcome } from '../../../src/model/run-report.ts';
import { keyOf } from '../../../src/model/keys.ts';
import { readBody } from '../../../src/kube/read/read-object.ts';
import {
  type AppliedChanges,
  type ApplyContext,
  applyChanges,
} from '../../../src/kube/write/apply-changes.ts';
import type { ApiClient } from '../../../src/kube/http/client.ts';
import { ApiServer, type Json } from '../../support/apiserver.ts';
import { connectTo, INSTANT, valueOf } from '../../support/connecting.ts';
import { settingsWith } from '../../support/world.ts';

const RESOURCES = { ConfigMap: 'configmaps', Secret: 'secrets' } as const;

/** A cluster with the source `demo/omni` of a kind, and target namespaces `a`, `b` and `c`. */
class Scene {
  readonly server: ApiServer;
  readonly connection: ApiClient;
  readonly kind: Kind;
  readonly settings: Settings;
  readonly stop: AbortController;
  source: Body;

  private constructor(
    server: ApiServer,
    connection: ApiClient,
    source: Body,
    settings: Settings,
    stop: AbortController,
  ) {
    this.server = server;
    this.connection = connection;
    this.source = source;
    this.kind = source.kind;
    this.settings = settings;
    this.stop = stop;
  }

  static async open(
    t: TestContext,
    kind: Kind = 'ConfigMap',
    settings: Partial<Settings> = {},
    extra: { [key: string]: Json } = {},
  ): Promise<Scene> {
    const server = await ApiServer.start();
    t.after(() => server.stop());
    for (const name of ['demo', 'a', 'b', 'c']) server.namespace(name);
    const data =
      kind === 'Secret'
        ? { pass: Buffer.from('hunter2-geheim').toString('base64') }
        : { pass: 'hunter2-geheim' };
    const annotations = { 'kubed.appscode.com/sync': '' };
    server.create(
      RESOURCES[kind],
      { metadata: { namespace: 'demo', name: 'omni', annotations }, data, ...extra },
      'kubectl',
    );
    const stop = new AbortController();
    const connection = await connectTo(t, server.url, { ...INSTANT, stop: stop.signal });
    const source = valueOf(await readBody(connection, { kind, namespace: 'demo', name: 'omni' }));
    assert.ok(source);
    server.resetRequests();
    return new Scene(
      server,
      connection,
      source,
      settingsWith({ now: '2099-01-02T03:04:05Z', ...settings }),
      stop,
    );
  }

  get resource(): 'configmaps' | 'secrets' {
    return RESOURCES[this.kind];
  }

  create(namespace: string): Create {
    return {
      action: 'create',
      kind: this.kind,
      namespace,
      name: 'omni',
      origin: { namespace: 'demo', name: 'omni' },
      reason: 'missing',
    };
  }

  /** The change that the table asks for, by what is there now. */
  async judge(namespace: string, adopt = false): Promise<Change> {
    const name = { kind: this.kind, namespace, name: 'omni' };
    const there = valueOf(await readBody(this.connection, name));
    const decision = decideCopy(
      { ...wantedCopyOf(this.create(namespace), this.source), ...(adopt && there && { adopt: there.uid }) },
      there,
      this.settings,
    );
    this.server.resetRequests();
    return decision.result === 'change' ? decision.change : assert.fail(JSON.stringify(decision));
  }

  async prune(namespace: string): Promise<Prune> {
    const there = valueOf(await readBody(this.connection, { kind: this.kind, namespace, name: 'omni' }));
    assert.ok(there);
    this.server.resetRequests();
    const { uid, resourceVersion } = there;
    return {
      ...this.create(namespace),
      action: 'prune',
      reason: 'source-gone',
      guard: { uid, resourceVersion },
    };
  }

  carry(changes: readonly Change[], context: Partial<ApplyContext> = {}): Promise<AppliedChanges> {
    return applyChanges(this.connection, changes, {
      sources: new Map([[keyOf(this.source), this.source]]),
      settings: this.settings,
      concurrency: 4,
      stop: this.stop.signal,
      progress: () => undefined,
      ...context,
    });
  }

  /** Carries out one change: its outcome, and the findings. */
  async one(change: Change): Promise<{ outcome: Outcome; findings: readonly Finding[] }> {
    const { applied, findings } = await this.carry([change]);
    assert.equal(applied.length, 1);
    assert.equal(this.server.pendingRules, 0);
    this.server.assertNoUnexpected();
    return { outcome: applied[0]?.outcome ?? assert.fail(), findings };
  }

  /** Makes the copy in a namespace. */
  async copied(namespace: string): Promise<void> {
    assert.deepEqual(await this.one(this.create(namespace)), { outcome: { outcome: 'done' }, findings: [] });
    this.server.resetRequests();
  }

  /** Changes the source, and reads it. */
  async edit(patch: { [key: string]: Json }): Promise<void> {
    this.server.patch(this.resource, 'demo', 'omni', patch, 'kubectl');
    this.source = valueOf(await readBody(this.connection, this.source)) ?? assert.fail();
    this.server.resetRequests();
  }

  there(namespace: string): Body {
    return (this.server.store.get(this.resource, namespace, 'omni') ??
      assert.fail(`nothing in ${namespace}`)) as unknown as Body;
  }

  dataOf(namespace: string): unknown {
    return this.server.store.get(this.resource, namespace, 'omni')?.data;
  }

  verbs(): readonly string[] {
    return this.server.requests.map(({ verb, query }) => (query.dryRun === undefined ? verb : `${verb} dry`));
  }
}

const DONE = { outcome: { outcome: 'done' }, findings: [] };
const NEW_DATA = { data: { other: 'dmFsdWU=' } };

for (const kind of ['ConfigMap', 'Secret'] as const)
  test(`create, update, refresh and prune a ${kind}`, async (t) => {
    const scene = await Scene.open(t, kind);
    await scene.copied('a');
    assert.deepEqual(scene.dataOf('a'), scene.source.content.data);
    await scene.edit(NEW_DATA);
    const update = await scene.judge('a');
    assert.equal(update.action, 'update');
    assert.deepEqual(await scene.one(update), DONE);
    assert.deepEqual(scene.dataOf('a'), scene.source.content.data);
    assert.equal(scene.server.requests[0]?.query.fieldManager, 'kubed-sync');
    assert.equal(scene.server.requests[0]?.contentType, 'application/merge-patch+json');
    await scene.edit({ metadata: { labels: { fresh: 'yes' } } });
    const refresh = await scene.judge('a');
    assert.equal(refresh.action, 'refresh');
    assert.deepEqual(await scene.one(refresh), DONE);
    const prune = await scene.prune('a');
    assert.deepEqual(await scene.one(prune), DONE);
    assert.deepEqual(JSON.parse(scene.server.requests[0]?.body ?? ''), {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: prune.guard,
    });
    assert.equal(scene.dataOf('a'), undefined);
  });

test('classes go one after the other; within one so many at a time; outcomes keep the order of the plan', async (t) => {
  const scene = await Scene.open(t);
  await scene.copied('c');
  const prune = await scene.prune('c');
  let [now, most] = [0, 0];
  scene.server.before(
    { verb: 'create' },
    async () => {
      most = Math.max(most, (now += 1));
      await new Promise((resolve) => setTimeout(resolve, 10));
      now -= 1;
    },
    3,
  );
  const told: number[] = [];
  for (const name of ['d', 'e', 'f']) scene.server.namespace(name);
  const changes = [scene.create('d'), scene.create('e'), scene.create('f'), prune];
  const { applied } = await scene.carry(changes, { concurrency: 2, progress: ({ done }) => told.push(done) });
  assert.deepEqual(
    applied.map(({ change }) => change),
    changes,
  );
  assert.equal(most, 2);
  assert.deepEqual(scene.verbs(), ['create', 'create', 'create', 'delete']);
  assert.deepEqual(told, [1, 2, 3, 4]);
});

test('one failure leaves the others alone', async (t) => {
  const scene = await Scene.open(t);
  scene.server.failNext({ verb: 'create', namespace: 'b' }, { status: 403, message: 'no' });
  const { applied } = await scene.carry(['a', 'b', 'c'].map((namespace) => scene.create(namespace)));
  assert.deepEqual(
    applied.map(({ outcome }) => outcome),
    [{ outcome: 'done' }, { outcome: 'failed', message: 'no', status: 403 }, { outcome: 'done' }],
  );
});

test('a namespace on its way out, or gone, is skipped', async (t) => {
  const scene = await Scene.open(t);
  await scene.copied('b');
  await scene.edit(NEW_DATA);
  const update = await scene.judge('b');
  scene.server.terminate('a');
  scene.server.terminate('b');
  scene.server.finishNamespace('b');
  assert.deepEqual((await scene.one(scene.create('a'))).outcome, {
    outcome: 'skipped',
    why: 'namespace-terminating',
  });
  assert.deepEqual((await scene.one(scene.create('b'))).outcome, {
    outcome: 'skipped',
    why: 'namespace-gone',
  });
  assert.deepEqual((await scene.one(update)).outcome, { outcome: 'skipped', why: 'namespace-gone' });
});

test('a quota refuses with its message; of a policy on Secrets only the name is shown', async (t) => {
  const scene = await Scene.open(t, 'Secret');
  scene.server.quota('a', { secrets: 0 });
  const quota = (await scene.one(scene.create('a'))).outcome;
  assert.deepEqual(quota, {
    outcome: 'failed',
    status: 403,
    message:
      'secrets "omni" is forbidden: exceeded quota: simulated, requested: count/secrets=1, used: count/secrets=0, limited: count/secrets=0',
  });
  scene.server.validate(() => 'part of it is hunter2');
  assert.deepEqual((await scene.one(scene.create('b'))).outcome, {
    outcome: 'failed',
    status: 422,
    withheld: true,
    message: `secrets "omni" is forbidden: ValidatingAdmissionPolicy 'simulated' with binding 'simulated' denied request; the rest of the message is withheld, since it may quote values`,
  });
  const { applied } = await scene.carry([scene.create('b')], {
    serverDryRun: true,
    showServerMessages: true,
  });
  assert.match(JSON.stringify(applied[0]?.outcome), /part of it is hunter2/u);
});

test('the message of a policy on ConfigMaps is shown', async (t) => {
  const scene = await Scene.open(t);
  scene.server.validate(() => 'not on my watch');
  assert.match(JSON.stringify((await scene.one(scene.create('b'))).outcome), /not on my watch/u);
});

test('a webhook that answers 404 or 409 says nothing about the object', async (t) => {
  const { scene, change } = await replacing(t);
  const message = 'admission webhook "no.example.com" denied the request: never';
  scene.server.failNext({ verb: 'create', dryRun: true }, { status: 409, message });
  assert.equal((await scene.one(change)).outcome.outcome, 'failed');
  scene.server.failNext({ verb: 'delete' }, { status: 404, message });
  assert.equal((await scene.one(await scene.prune('a'))).outcome.outcome, 'failed');
  assert.deepEqual(scene.dataOf('a'), { pass: 'hunter2-geheim' });
});

test('a full quota hides whether a replace would succeed: nothing is deleted, and the message says so', async (t) => {
  const { scene, change } = await replacing(t);
  scene.server.quota('a', { configmaps: 1 });
  const { outcome } = await scene.one(change);
  assert.match(JSON.stringify(outcome), /full quota hides .* not deleted: .*exceeded quota: simulated/u);
  assert.deepEqual(scene.verbs(), ['create dry']);
});

/** Makes admission take every mark away from what is written to the target namespaces. */
function stripMarks(scene: Scene): () => void {
  return scene.server.mutate((object) =>
    object.metadata.namespace === 'demo'
      ? object
      : { ...object, metadata: { ...object.metadata, labels: {} } },
  );
}

const LOST_MARKS =
  /without the marks that were sent: label kubed\.appscode\.com\/origin\.cluster.*origin\.name.*origin\.namespace/u;

test('a copy created without its marks is deleted again, and no more of its kind is written', async (t) => {
  const scene = await Scene.open(t);
  stripMarks(scene);
  const { applied } = await scene.carry(['a', 'b', 'c'].map((namespace) => scene.create(namespace)));
  const [first, ...rest] = applied.map(({ outcome }) => outcome);
  assert.match(JSON.stringify(first), LOST_MARKS);
  assert.match(JSON.stringify(first), /It was deleted again/u);
  const skip = { outcome: 'skipped', why: 'marks-lost' };
  assert.deepEqual(rest, [skip, skip]);
  assert.deepEqual(scene.verbs(), ['create', 'delete']);
  assert.equal(scene.dataOf('a'), undefined);
  assert.match(scene.server.requests[1]?.body ?? '', /"preconditions":\{"uid":"[^"]+"\}/u);
});

test('where a copy without marks cannot be deleted again, the message names the command', async (t) => {
  const scene = await Scene.open(t);
  stripMarks(scene);
  scene.server.deny({ verb: 'delete' });
  const { applied } = await scene.carry([scene.create('a')]);
  assert.match(JSON.stringify(applied[0]?.outcome), /Run: kubectl delete configmap --namespace a omni/u);
});

test('a patched copy that loses its marks is never deleted', async (t) => {
  const scene = await Scene.open(t);
  for (const namespace of ['a', 'b']) await scene.copied(namespace);
  await scene.edit(NEW_DATA);
  const changes = [await scene.judge('a'), await scene.judge('b')];
  stripMarks(scene);
  const { applied } = await scene.carry(changes);
  assert.match(JSON.stringify(applied[0]?.outcome), LOST_MARKS);
  assert.deepEqual(applied[1]?.outcome, { outcome: 'skipped', why: 'marks-lost' });
  assert.deepEqual(scene.verbs(), ['patch']);
});

test('a replaced copy that loses its marks is never deleted for it', async (t) => {
  const { scene, change } = await replacing(t);
  stripMarks(scene);
  assert.match(JSON.stringify((await scene.one(change)).outcome), LOST_MARKS);
  assert.deepEqual(scene.verbs(), ['create dry', 'delete', 'create']);
  assert.deepEqual(scene.dataOf('a'), { pass: 'second' });
});

test('a server dry run that loses the marks deletes nothing', async (t) => {
  const scene = await Scene.open(t);
  stripMarks(scene);
  const { applied } = await scene.carry([scene.create('a')], { serverDryRun: true });
  assert.match(JSON.stringify(applied[0]?.outcome), LOST_MARKS);
  assert.deepEqual(scene.verbs(), ['create dry']);
});

test('labels and annotations that admission changes, adds or removes are a finding', async (t) => {
  const scene = await Scene.open(t);
  await scene.edit({ metadata: { labels: { team: 'one', gone: 'soon' } } });
  scene.server.mutate((object) => {
    if (object.metadata.namespace === 'demo') return object;
    const { gone: _, ...labels } = object.metadata.labels ?? {};
    return { ...object, metadata: { ...object.metadata, labels: { ...labels, team: 'two', more: 'x' } } };
  });
  const { findings } = await scene.one(scene.create('a'));
  assert.deepEqual(
    findings.flatMap((finding) => (finding.reason === 'changed-by-admission' ? finding.fields : [])),
    [
      { part: 'labels', key: 'gone', op: 'remove' },
      { part: 'labels', key: 'more', op: 'add' },
      { part: 'labels', key: 'team', op: 'change' },
    ],
  );
});

test('what admission changed is a finding', async (t) => {
  const scene = await Scene.open(t);
  scene.server.mutate((object) => ({ ...object, data: { ...object.data, pass: 'x', more: 'y' } }));
  const { outcome, findings } = await scene.one(scene.create('a'));
  assert.deepEqual(outcome, { outcome: 'done' });
  assert.deepEqual(findings, [
    {
      reason: 'changed-by-admission',
      kind: 'ConfigMap',
      namespace: 'a',
      name: 'omni',
      fields: [
        { part: 'data', key: 'more', op: 'add' },
        { part: 'data', key: 'pass', op: 'change' },
      ],
    },
  ]);
});

test('ownership is moved where others have it, and looked for in the answer', async (t) => {
  const scene = await Scene.open(t);
  await scene.copied('a');
  await scene.copied('b');
  for (const namespace of ['a', 'b'])
    scene.server.apply(
      'configmaps',
      namespace,
      'omni',
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'omni', namespace },
        data: { pass: 'hunter2-geheim' },
      },
      'argocd',
    );
  const change = await scene.judge('a');
  assert.ok('managedFields' in change && change.action === 'refresh');
  assert.deepEqual(await scene.one(change), DONE);
  assert.match(scene.server.requests[0]?.body ?? '', /"time":"2099-01-02T03:04:05Z"/);
  const ignored = await scene.judge('b');
  assert.ok(ignored.action === 'refresh');
  const broken = { ...ignored, managedFields: [{ manager: 'kubed-sync', operation: 'Nonsense' }] };
  scene.server.patch('configmaps', 'b', 'omni', { metadata: { managedFields: [{}] } });
  const there = valueOf(
    await readBody(scene.connection, { kind: 'ConfigMap', namespace: 'b', name: 'omni' }),
  );
  const guard = { uid: there?.uid ?? '', resourceVersion: there?.resourceVersion ?? '' };
  const { outcome, findings } = await scene.one({ ...broken, guard });
  assert.equal(outcome.outcome, 'done');
  assert.deepEqual(findings, [
    { reason: 'changed-by-admission', kind: 'ConfigMap', namespace: 'b', name: 'omni', fields: [] },
  ]);
});

test('an answer lost, and the second try refused for another reason: what is there tells', async (t) => {
  const scene = await Scene.open(t);
  const refusal = { status: 403, message: 'exceeded quota: small' };
  scene.server.failNext({ verb: 'create' }, 'reset-after');
  scene.server.failNext({ verb: 'create' }, refusal);
  assert.deepEqual(await scene.one(scene.create('a')), DONE);
  scene.server.failNext({ verb: 'create' }, 'reset-before');
  scene.server.failNext({ verb: 'create' }, refusal, 2);
  const { outcome } = await scene.one(scene.create('b'));
  assert.deepEqual(outcome, { outcome: 'failed', status: 403, message: 'exceeded quota: small' });
});

for (const fault of ['reset-after', 'half-body', 'truncated-json', 'empty-body'] as const)
  test(`an answer lost to ${fault} is found to be done`, async (t) => {
    const scene = await Scene.open(t);
    scene.server.failNext({ verb: 'create' }, fault);
    assert.deepEqual(await scene.one(scene.create('a')), DONE);
    await scene.edit(NEW_DATA);
    const update = await scene.judge('a');
    scene.server.failNext({ verb: 'patch' }, fault);
    assert.deepEqual(await scene.one(update), DONE);
    const prune = await scene.prune('a');
    scene.server.failNext({ verb: 'delete' }, fault);
    assert.deepEqual(await scene.one(prune), DONE);
    assert.equal(scene.dataOf('a'), undefined);
  });

test('a create that meets a foreign object is a conflict, and under adopt one that appeared meanwhile', async (t) => {
  const scene = await Scene.open(t);
  scene.server.create('configmaps', { metadata: { namespace: 'a', name: 'omni' }, data: { own: '1' } });
  const origin = { namespace: 'demo', name: 'omni' };
  const base = { reason: 'conflict', kind: 'ConfigMap', namespace: 'a', name: 'omni', origin };
  assert.deepEqual(await scene.one(scene.create('a')), {
    outcome: { outcome: 'skipped', why: 'conflict' },
    findings: [{ ...base, skipped: false }],
  });
  const adopting = await Scene.open(t, 'ConfigMap', { onConflict: 'adopt' });
  adopting.server.create('configmaps', { metadata: { namespace: 'a', name: 'omni' }, data: { own: '1' } });
  const { findings } = await adopting.one(adopting.create('a'));
  assert.deepEqual(findings, [{ ...base, skipped: false, adopt: 'appeared-meanwhile' }]);
  assert.deepEqual(adopting.dataOf('a'), { own: '1' });
});

test('a create that meets our own old copy brings it up to date', async (t) => {
  const scene = await Scene.open(t);
  await scene.copied('a');
  await scene.edit(NEW_DATA);
  assert.deepEqual(await scene.one(scene.create('a')), DONE);
  assert.deepEqual(scene.verbs(), ['create', 'get', 'patch']);
  assert.deepEqual(scene.dataOf('a'), scene.source.content.data);
});

test('an update that somebody came before is decided again, once', async (t) => {
  const scene = await Scene.open(t);
  await scene.copied('a');
  await scene.edit(NEW_DATA);
  const update = await scene.judge('a');
  const meddle = (): unknown =>
    scene.server.patch('configmaps', 'a', 'omni', { metadata: { labels: { at: String(Math.random()) } } });
  meddle();
  assert.deepEqual(await scene.one(update), DONE);
  assert.deepEqual(scene.verbs(), ['patch', 'get', 'patch']);
  assert.deepEqual(scene.dataOf('a'), scene.source.content.data);
  await scene.edit({ data: { more: 'bW9yZQ==' } });
  const again = await scene.judge('a');
  scene.server.before({ verb: 'patch' }, () => void meddle(), 2);
  const { outcome } = await scene.one(again);
  assert.equal(outcome.outcome === 'failed' && outcome.status, 409);
  assert.deepEqual(scene.verbs(), ['patch', 'get', 'patch']);
});

test('an update of a copy that is gone makes it anew; of one made by somebody else is a conflict', async (t) => {
  const scene = await Scene.open(t);
  await scene.copied('a');
  await scene.copied('b');
  await scene.edit(NEW_DATA);
  const [gone, foreign] = [await scene.judge('a'), await scene.judge('b')];
  scene.server.store.delete('configmaps', 'a', 'omni');
  assert.deepEqual(await scene.one(gone), DONE);
  assert.deepEqual(scene.verbs(), ['patch', 'get', 'create']);
  scene.server.store.delete('configmaps', 'b', 'omni');
  scene.server.create('configmaps', { metadata: { namespace: 'b', name: 'omni' }, data: { own: '1' } });
  assert.deepEqual((await scene.one(foreign)).outcome, { outcome: 'skipped', why: 'conflict' });
});

test('a copy that has become one of another origin is left to the next run', async (t) => {
  const scene = await Scene.open(t);
  await scene.copied('a');
  await scene.edit(NEW_DATA);
  const update = await scene.judge('a');
  const marks = {
    labels: { 'kubed.appscode.com/origin.namespace': 'c' },
    annotations: { 'kubed.appscode.com/origin': '{"namespace":"c","name":"omni"}' },
  };
  scene.server.patch('configmaps', 'a', 'omni', { metadata: marks });
  assert.deepEqual((await scene.one(update)).outcome, { outcome: 'skipped', why: 'changed-meanwhile' });
});

test('a copy that is being deleted is left alone, with a finding', async (t) => {
  const scene = await Scene.open(t);
  await scene.copied('a');
  await scene.edit(NEW_DATA);
  const update = await scene.judge('a');
  scene.server.patch('configmaps', 'a', 'omni', { metadata: { finalizers: ['test/hold'] } });
  const request = await scene.prune('a');
  assert.deepEqual(await scene.one(request), {
    outcome: { outcome: 'done', waitsForFinalizers: true },
    findings: [],
  });
  const { outcome, findings } = await scene.one(update);
  assert.deepEqual(outcome, { outcome: 'skipped', why: 'changed-meanwhile' });
  assert.equal(findings[0]?.reason, 'being-deleted');
  assert.deepEqual((await scene.one(request)).outcome, { outcome: 'done', waitsForFinalizers: true });
});

test('a prune that somebody came before is decided again', async (t) => {
  const scene = await Scene.open(t);
  for (const namespace of ['a', 'b', 'c']) await scene.copied(namespace);
  const [touched, taken, gone] = [await scene.prune('a'), await scene.prune('b'), await scene.prune('c')];
  scene.server.patch('configmaps', 'a', 'omni', { metadata: { labels: { x: 'y' } } });
  scene.server.patch('configmaps', 'b', 'omni', {
    metadata: { labels: { 'kubed.appscode.com/origin.name': null } },
  });
  scene.server.store.delete('configmaps', 'c', 'omni');
  assert.deepEqual(await scene.one(touched), DONE);
  assert.deepEqual(scene.verbs(), ['delete', 'get', 'delete']);
  assert.equal(scene.server.requests[1]?.accept, 'metadata');
  assert.deepEqual((await scene.one(taken)).outcome, { outcome: 'skipped', why: 'changed-meanwhile' });
  assert.deepEqual(await scene.one(gone), DONE);
});

test('a prune that is refused has failed', async (t) => {
  const scene = await Scene.open(t);
  await scene.copied('a');
  const prune = await scene.prune('a');
  scene.server.deny({ verb: 'delete' });
  const { applied } = await scene.carry([prune]);
  assert.equal(applied[0]?.outcome.outcome, 'failed');
  scene.server.clearRules();
  scene.server.patch('configmaps', 'a', 'omni', { metadata: { labels: { x: 'y' } } });
  scene.server.failNext({ verb: 'get' }, { status: 403 });
  assert.equal((await scene.one(prune)).outcome.outcome, 'failed');
});

/** A scene with an immutable copy in `a`, whose source has moved on, and the change that replaces it. */
async function replacing(t: TestContext): Promise<{ scene: Scene; change: Change; finalizer: () => void }> {
  const scene = await Scene.open(t, 'ConfigMap', {}, { immutable: true });
  await scene.copied('a');
  scene.server.store.delete('configmaps', 'demo', 'omni');
  scene.server.create('configmaps', {
    metadata: { namespace: 'demo', name: 'omni' },
    data: { pass: 'second' },
    immutable: true,
  });
  scene.source = valueOf(await readBody(scene.connection, scene.source)) ?? assert.fail();
  const change = await scene.judge('a');
  assert.equal(change.action, 'replace');
  const finalizer = (): void =>
    void scene.server.patch('configmaps', 'a', 'omni', { metadata: { finalizers: ['test/hold'] } });
  return { scene, change, finalizer };
}

test('replace rehearses, deletes and creates', async (t) => {
  const { scene, change } = await replacing(t);
  assert.deepEqual(await scene.one(change), DONE);
  assert.deepEqual(scene.verbs(), ['create dry', 'delete', 'create']);
  assert.deepEqual(scene.dataOf('a'), { pass: 'second' });
  assert.deepEqual(scene.connection.counts().create, 3);
});

test('a rehearsal that is refused deletes nothing', async (t) => {
  const { scene, change } = await replacing(t);
  scene.server.validate((object) => (object.data?.['pass'] === 'second' ? 'no seconds' : undefined));
  const { outcome } = await scene.one(change);
  assert.equal(outcome.outcome === 'failed' && outcome.status, 422);
  assert.equal(outcome.outcome === 'failed' && outcome.missing, undefined);
  assert.deepEqual(scene.dataOf('a'), { pass: 'hunter2-geheim' });
  scene.server.terminate('a');
  assert.deepEqual((await scene.one(change)).outcome, { outcome: 'skipped', why: 'namespace-terminating' });
});

test('a replace whose copy is gone creates it; one whose copy was changed is decided again', async (t) => {
  const { scene, change } = await replacing(t);
  scene.server.patch('configmaps', 'a', 'omni', { metadata: { labels: { x: 'y' } } });
  assert.deepEqual(await scene.one(change), DONE);
  assert.deepEqual(scene.verbs(), ['create dry', 'delete', 'get', 'create dry', 'delete', 'create']);
  scene.server.store.delete('configmaps', 'a', 'omni');
  scene.server.resetRequests();
  assert.deepEqual(await scene.one(change), DONE);
  assert.deepEqual(scene.verbs(), ['create dry', 'delete', 'create']);
});

test('the create after the delete is tried again, and what stays away is said to be missing', async (t) => {
  const { scene, change } = await replacing(t);
  scene.server.failNext({ verb: 'create', dryRun: false }, { status: 403, message: 'not now' }, 2);
  assert.deepEqual(await scene.one(change), DONE);
  const other = await replacing(t);
  other.scene.server.failNext({ verb: 'create', dryRun: false }, { status: 403, message: 'never' }, 4);
  assert.deepEqual((await other.scene.one(other.change)).outcome, {
    outcome: 'failed',
    message: 'never',
    status: 403,
    missing: true,
  });
  assert.equal(other.scene.dataOf('a'), undefined);
});

test('a finalizer that holds the old copy is said, and nothing is missing', async (t) => {
  const { scene, change, finalizer } = await replacing(t);
  finalizer();
  const { outcome } = await scene.one(await scene.judge('a'));
  assert.equal(outcome.outcome === 'failed' && outcome.missing, undefined);
  assert.match(JSON.stringify(outcome), /object is being deleted/);
  assert.equal(change.action, 'replace');
});

test('between delete and create: an answer lost, a foreign object, the namespace on its way out', async (t) => {
  const lost = await replacing(t);
  lost.scene.server.failNext({ verb: 'create', dryRun: false }, 'reset-after');
  assert.deepEqual(await lost.scene.one(lost.change), DONE);
  const foreign = await replacing(t);
  foreign.scene.server.after(
    { verb: 'delete' },
    () => void foreign.scene.server.create('configmaps', { metadata: { namespace: 'a', name: 'omni' } }),
  );
  assert.deepEqual((await foreign.scene.one(foreign.change)).outcome, {
    outcome: 'skipped',
    why: 'conflict',
  });
  const ours = await replacing(t);
  const old = ours.scene.server.store.get('configmaps', 'a', 'omni') ?? assert.fail();
  ours.scene.server.after({ verb: 'delete' }, () => void ours.scene.server.store.put('configmaps', old));
  assert.deepEqual((await ours.scene.one(ours.change)).outcome, {
    outcome: 'skipped',
    why: 'changed-meanwhile',
  });
  const leaving = await replacing(t);
  leaving.scene.server.after({ verb: 'delete' }, () => leaving.scene.server.terminate('a'));
  assert.deepEqual((await leaving.scene.one(leaving.change)).outcome, {
    outcome: 'skipped',
    why: 'namespace-terminating',
  });
});

test('a delete that the plan did not hold is left to the next run', async (t) => {
  const { scene, change } = await replacing(t);
  assert.deepEqual((await scene.one(scene.create('a'))).outcome, {
    outcome: 'skipped',
    why: 'changed-meanwhile',
  });
  assert.deepEqual(scene.verbs(), ['create', 'get']);
  assert.equal(change.action, 'replace');
});

const STOPS = [
  ['SIGINT', 'interrupted'],
  ['SIGTERM', 'interrupted'],
  ['timeout', 'timed-out'],
] as const;

for (const [reason, why] of STOPS)
  test(`after ${reason} what is under way finishes, the rest is skipped`, async (t) => {
    const scene = await Scene.open(t);
    scene.server.before({ verb: 'create' }, () => scene.stop.abort(reason));
    const { applied } = await scene.carry(
      ['a', 'b', 'c'].map((namespace) => scene.create(namespace)),
      { concurrency: 1 },
    );
    assert.deepEqual(
      applied.map(({ outcome }) => outcome),
      [{ outcome: 'done' }, { outcome: 'skipped', why }, { outcome: 'skipped', why }],
    );
    assert.deepEqual(scene.verbs(), ['create']);
  });

test('a stop before the second look, during it, and in a replace', async (t) => {
  const before = await Scene.open(t);
  await before.copied('a');
  before.server.after({ verb: 'create' }, () => before.stop.abort('SIGINT'));
  assert.deepEqual((await before.one(before.create('a'))).outcome, {
    outcome: 'skipped',
    why: 'interrupted',
  });
  const during = await Scene.open(t);
  await during.copied('a');
  await during.edit(NEW_DATA);
  const connection = await connectTo(t, during.server.url, INSTANT);
  during.server.after({ verb: 'get' }, () => during.stop.abort('SIGTERM'));
  const context = {
    sources: new Map([[keyOf(during.source), during.source]]),
    settings: during.settings,
    concurrency: 1,
    stop: during.stop.signal,
    now: () => new Date(),
    progress: () => undefined,
  };
  const { applied } = await applyChanges(connection, [during.create('a')], context);
  assert.deepEqual(applied[0]?.outcome, { outcome: 'skipped', why: 'interrupted' });
  const rehearsing = await replacing(t);
  rehearsing.scene.server.after({ verb: 'create', dryRun: true }, () =>
    rehearsing.scene.stop.abort('SIGINT'),
  );
  assert.deepEqual((await rehearsing.scene.one(rehearsing.change)).outcome, {
    outcome: 'skipped',
    why: 'interrupted',
  });
  assert.deepEqual(rehearsing.scene.verbs(), ['create dry']);
  const deleting = await replacing(t);
  deleting.scene.server.after({ verb: 'delete' }, () => deleting.scene.stop.abort('SIGINT'));
  deleting.scene.server.failNext({ verb: 'create', dryRun: false }, { status: 500 });
  assert.deepEqual(await deleting.scene.one(deleting.change), DONE);
});

test('a server that has gone away fails each change, and soon', async (t) => {
  const scene = await Scene.open(t);
  await scene.copied('a');
  await scene.server.stop();
  const { applied } = await scene.carry(
    ['b', 'c'].map((namespace) => scene.create(namespace)),
    { concurrency: 1 },
  );
  assert.ok(
    applied.every(
      ({ outcome }) => outcome.outcome === 'failed' && outcome.message === 'unreachable: ECONNREFUSED',
    ),
  );
  assert.ok(scene.connection.counts().create <= 1 + 6 + 1);
});

test('a change without its source is a mistake of the program', async (t) => {
  const scene = await Scene.open(t);
  await assert.rejects(scene.carry([scene.create('a')], { sources: new Map() }), /source was not read/);
});
