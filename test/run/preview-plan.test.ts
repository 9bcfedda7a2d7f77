import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Body, Namespace } from '../../src/model/objects.ts';
import type { Change } from '../../src/model/change.ts';
import type { Settings } from '../../src/model/settings.ts';
import type { Report } from '../../src/model/run-report.ts';
import { reconcile } from '../../src/run/reconcile.ts';
import type { RunOptions } from '../../src/run/run-options.ts';
import { ApiServer, type LoggedRequest } from '../support/apiserver.ts';
import { cluster, narrowing } from '../support/clusters.ts';
import { NOW, planOf, settingsWith, type World } from '../support/world.ts';

/* A preview shows what the next run does. Neither of the two previews changes anything. */

const RUNS = { numRuns: Math.ceil(Number(process.env['LAW_RUNS'] ?? 1000) / 10) };

const HOOKS = { progress: (): void => undefined, stop: new AbortController().signal };

type How = Pick<RunOptions, 'dryRun' | 'serverDryRun' | 'values'>;

/** A simulated server for one world after the other, with runs in this process. */
class Lab {
  readonly server: ApiServer;
  readonly #folder: string;

  private constructor(server: ApiServer, folder: string) {
    this.server = server;
    this.#folder = folder;
  }

  static async open(): Promise<Lab> {
    const folder = await mkdtemp(join(tmpdir(), 'kubed-sync-test-'));
    const server = await ApiServer.start({ now: () => new Date(NOW) });
    await writeFile(join(folder, 'kubeconfig'), server.kubeconfig());
    return new Lab(server, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
    await rm(this.#folder, { recursive: true });
    this.server.assertNoUnexpected();
  }

  put({ namespaces, objects }: World): void {
    this.server.reset();
    for (const namespace of namespaces) this.#putNamespace(namespace);
    for (const object of objects.values()) this.#putObject(object);
    this.server.resetRequests();
  }

  #putNamespace({ name, labels, annotations, terminating }: Namespace): void {
    const gone = terminating ? { deletionTimestamp: '2026-02-01T00:00:00Z' } : {};
    this.server.store.put('namespaces', { metadata: { name, labels, annotations, ...gone } });
  }

  #putObject({ kind, content, managedFields, ...meta }: Body): void {
    const { data, binaryData, immutable, type } = content;
    this.server.store.put(kind === 'Secret' ? 'secrets' : 'configmaps', {
      metadata: { ...meta, managedFields },
      data,
      ...(kind === 'ConfigMap' && { binaryData }),
      ...(immutable && { immutable }),
      ...(kind === 'Secret' && type !== undefined && { type }),
    });
  }

  /** All objects with their content. */
  get state(): unknown {
    const { store } = this.server;
    return [store.list('namespaces'), store.list('configmaps'), store.list('secrets')];
  }

  async run(settings: Settings, how: How): Promise<Report> {
    const connect = {
      kubeconfig: join(this.#folder, 'kubeconfig'),
      asGroups: [],
      requestTimeout: 0,
      userAgent: 'test',
      env: {},
      parseYaml: (text: string): unknown => JSON.parse(text),
    };
    const result = await reconcile({ settings, connect, concurrency: 1, ...how }, HOOKS);
    assert.ok(result.ok);
    return result.value;
  }
}

/** Returns base64 for a Secret. */
function withBase64({ namespaces, objects }: World): World {
  const encoded = ([key, value]: readonly [string, string]): [string, string] => [
    key,
    Buffer.from(value).toString('base64'),
  ];
  const all = [...objects].map(([key, object]) => {
    const { data, binaryData } = object.content;
    const content = {
      ...object.content,
      data: object.kind === 'Secret' ? Object.fromEntries(Object.entries(data).map(encoded)) : data,
      binaryData: Object.fromEntries(Object.entries(binaryData).map(encoded)),
    };
    return [key, { ...object, content }] as const;
  });
  return { namespaces, objects: new Map(all) };
}

function writesOf({ requests }: ApiServer): readonly LoggedRequest[] {
  return requests.filter(({ verb }) => verb !== 'list' && verb !== 'get');
}

function isDry({ method, query, body }: LoggedRequest): boolean {
  return method === 'DELETE' ? JSON.parse(body).dryRun?.[0] === 'All' : query.dryRun === 'All';
}

/** The object that a write is about. */
function objectOf({ resource, namespace, name, body }: LoggedRequest): string {
  return [resource, namespace, name ?? JSON.parse(body).metadata.name].join('/');
}

function nameOf({ kind, namespace, name }: Change): string {
  return [`${kind.toLowerCase()}s`, namespace, name].join('/');
}

const any = fc.tuple(cluster, narrowing);

/** Few random clusters have anything to do, but most of these have. */
const busy = fc.oneof(
  { weight: 1, arbitrary: any },
  {
    weight: 4,
    arbitrary: any.filter(([world, options]) => planOf(world, settingsWith(options)).changes.length > 0),
  },
);

test('a dry run sends no write, and the next run does the changes of its plan in the same order', async () => {
  await using lab = await Lab.open();
  let changes = 0;
  const holds = async ([random, options]: readonly [World, Partial<Settings>]): Promise<void> => {
    const settings = settingsWith(options);
    lab.put(withBase64(random));
    const before = structuredClone(lab.state);

    const dry = await lab.run(settings, { dryRun: true });
    assert.deepEqual(writesOf(lab.server), []);

    lab.server.resetRequests();
    const asked = await lab.run(settings, { dryRun: true, serverDryRun: true });
    for (const write of writesOf(lab.server)) assert.ok(isDry(write), `${write.method} ${write.path}`);
    assert.deepEqual(lab.state, before);
    assert.deepEqual(asked.plan, dry.plan);

    lab.server.resetRequests();
    const real = await lab.run(settings, { dryRun: false });
    assert.deepEqual(real.plan, dry.plan);
    const written = writesOf(lab.server).map(objectOf);
    const once = written.filter((name, at) => name !== written[at - 1]);
    assert.deepEqual(once, real.plan.changes.map(nameOf));
    for (const [at, { outcome }] of real.changes.entries()) {
      const predicted = asked.changes[at]?.outcome;
      if (outcome.outcome === 'done') assert.deepEqual(predicted, { outcome: 'planned' });
      else assert.deepEqual(predicted, outcome);
    }
    changes += real.plan.changes.length;
  };
  await fc.assert(fc.asyncProperty(busy, holds), RUNS);
  assert.ok(changes > RUNS.numRuns / 2, `${changes}`);
});
