import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dump } from 'js-yaml';
import { finalizePlan } from '../../../src/plan/finalize.ts';
import type { Manifests } from '../../../src/model/manifest.ts';
import type { Body } from '../../../src/model/objects.ts';
import type { Plan } from '../../../src/model/plan.ts';
import type { Settings } from '../../../src/model/settings.ts';
import { draftPlan } from '../../../src/plan/draft.ts';
import { keyOf } from '../../../src/model/keys.ts';
import { planReads } from '../../../src/plan/read-plan.ts';
import { scopeOf } from '../../../src/plan/scope.ts';
import { metaOf, offlineReader } from '../../../src/readers/offline-reader.ts';
import { overlayReader } from '../../../src/readers/overlay-reader.ts';
import { readManifests } from '../../../src/manifests/read-manifests.ts';
import { decideCopies, readSources } from '../../../src/run/read-for-draft.ts';
import type { Reader } from '../../../src/readers/reader.ts';
import { cluster, narrowing, reconciled } from '../../support/clusters.ts';
import { type World, planOf, settingsWith, worldOf } from '../../support/world.ts';

/* On random clusters: a dump of a cluster as manifests gives the same plan as the cluster. */

const RUNS = { numRuns: Number(process.env['LAW_RUNS'] ?? 300) };
const NOW = '2026-06-01T00:00:00Z';

function law(name: string, holds: (world: World, options: Partial<Settings>) => Promise<void>): void {
  test(name, () => fc.assert(fc.asyncProperty(cluster, narrowing, holds), RUNS));
}

/** Converts to manifests: values in these clusters are plain, and those of a Secret are base64 in a manifest. */
function valuesOf({ kind, content }: Body): object {
  const encode = (map: object): object =>
    Object.fromEntries(
      Object.entries(map).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    );
  const { data, binaryData, immutable, type } = content;
  return kind === 'Secret'
    ? { data: encode(data), type, ...(immutable && { immutable }) }
    : { data, binaryData: encode(binaryData), ...(immutable && { immutable }) };
}

/** What `kubectl get ns,cm,secret -A -o yaml` prints, with managedFields or without. */
function dumpOf(
  { namespaces, objects }: World,
  { managedFields: shown }: { managedFields: boolean },
): string {
  const items = [
    ...namespaces.map(({ name, labels, annotations, terminating }) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels, annotations, ...(terminating && { deletionTimestamp: NOW }) },
    })),
    ...[...objects.values()].map((body) => {
      const { kind, content: _, managedFields, ...metadata } = body;
      return {
        apiVersion: 'v1',
        kind,
        metadata: { ...metadata, ...(shown && { managedFields }) },
        ...valuesOf(body),
      };
    }),
  ];
  return dump({ apiVersion: 'v1', kind: 'List', items }, { noRefs: true });
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function readBack(text: string): Promise<Manifests> {
  const read = await readManifests(['-'], bytesOf(text));
  assert.ok(read.ok, JSON.stringify(read));
  return read.value;
}

async function planFrom(reader: Reader, settings: Settings): Promise<Plan> {
  const rules = scopeOf(settings);
  const snapshot = await reader.snapshot(rules.kinds);
  assert.ok(snapshot.ok);
  const drafted = draftPlan(snapshot.value, rules);
  const reads = planReads(drafted);
  const read = await readSources(reader, reads);
  assert.ok(read.ok);
  const work = {
    draft: drafted,
    reads,
    sources: read.value.sources,
    progress: () => undefined,
    values: false,
  };
  const decisions = await decideCopies(reader, work);
  assert.ok(decisions.ok);
  return finalizePlan(drafted, { ...read.value, decisions: decisions.value });
}

/** A cluster that answers as the API server does, with binary values as base64. */
function readerOf(world: World): Reader {
  const objects = new Map([...world.objects].map(([key, body]) => [key, encoded(body)]));
  const found = <T>(value: T): Promise<{ ok: true; value: T }> => Promise.resolve({ ok: true, value });
  return {
    snapshot: (kinds) =>
      found({
        namespaces: world.namespaces,
        objects: [...objects.values()].filter(({ kind }) => kinds.includes(kind)).map(metaOf),
      }),
    body: (name) => found(objects.get(keyOf(name))),
    meta: (name) => found(objects.get(keyOf(name))),
    copies: async function* copies({ kind }) {
      yield await found([...objects.values()].filter((body) => body.kind === kind));
    },
  };
}

function encoded(body: Body): Body {
  return { ...body, content: { ...body.content, ...valuesOf(body) } };
}

law('a dump with managedFields gives the plan of its cluster', async (world, options) => {
  const settings = settingsWith(options);
  const manifests = await readBack(dumpOf(world, { managedFields: true }));
  const offline = await planFrom(offlineReader(manifests), { ...settings, ownership: 'unknown' });
  const touched = [...world.objects.values()].some(({ managedFields }) => managedFields.length === 0);
  if (!touched) assert.deepEqual(offline, planOf(world, settings));
});

law(
  'a dump without managedFields of a synced cluster gives no changes, except about orphans',
  async (world, options) => {
    const settings = settingsWith(options);
    const after = reconciled(world, settings);
    // Only managedFields show that a copy is an orphan, and the dump has none.
    const orphans = new Set(
      planOf(after, settings).findings.flatMap((one) => (one.reason === 'orphan' ? [keyOf(one)] : [])),
    );
    const manifests = await readBack(dumpOf(after, { managedFields: false }));
    const { changes } = await planFrom(offlineReader(manifests), { ...settings, ownership: 'unknown' });
    assert.deepEqual(
      changes.filter((change) => !orphans.has(keyOf(change))),
      [],
    );
  },
);

law('manifests equal to the live objects change nothing in the plan', async (world, options) => {
  const settings = settingsWith(options);
  const manifests = await readBack(dumpOf(world, { managedFields: false }));
  const live = readerOf(world);
  assert.deepEqual(
    await planFrom(overlayReader(live, manifests, { now: NOW }), settings),
    await planFrom(live, settings),
  );
});

law('a preview of a manifest has the plan of the run after it is applied', async (world, options) => {
  const settings = settingsWith(options);
  const [first, ...others] = [...world.objects.values()];
  if (first === undefined || first.deletionTimestamp !== undefined) return;
  const without = worldOf(world.namespaces, others);
  const manifests = await readBack(dumpOf(worldOf([], [first]), { managedFields: false }));
  const preview = await planFrom(overlayReader(readerOf(without), manifests, { now: NOW }), settings);
  const applied = { ...first, uid: 'new', resourceVersion: 'new', creationTimestamp: NOW, managedFields: [] };
  const after = await planFrom(readerOf(worldOf(world.namespaces, [...others, applied])), settings);
  const reported = ({ changes }: Plan): unknown[] =>
    changes.map(({ action, reason, kind, namespace, name }) => [action, reason, kind, namespace, name]);
  assert.deepEqual(reported(preview), reported(after));
});
