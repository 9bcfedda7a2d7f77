import { createHash } from 'node:crypto';
import { type ReadObjects, finalizePlan, decidePending } from '../../src/plan/finalize.ts';
import { keyOf } from '../../src/model/keys.ts';
import type {
  Body,
  FieldTree,
  ManagedFieldsEntry,
  Namespace,
  ObjectKey,
  ObjectMeta,
  Snapshot,
} from '../../src/model/objects.ts';
import type { Change } from '../../src/model/change.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Settings } from '../../src/model/settings.ts';
import { type DraftPlan, draftPlan } from '../../src/plan/draft.ts';
import { planReads } from '../../src/plan/read-plan.ts';
import { scopeOf } from '../../src/plan/scope.ts';
import type { ValuePreview } from '../../src/plan/preview/preview-values.ts';
import { createBody, patchBody } from '../../src/plan/copy/request-body.ts';

/**
 * A cluster as a value, with an interpreter for plans, for the tests of the laws. It imitates what the laws need of the
 * API server: create, merge patch, delete, and field ownership.
 */
export interface World {
  readonly namespaces: readonly Namespace[];
  readonly objects: ReadonlyMap<ObjectKey, Body>;
}

/** SHA-256 in hex, as `cli/` provides it. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The time of every run, and so of what it writes. */
export const NOW = '2026-01-03T00:00:00Z';

/** Settings of a run without options, changed at will. */
export function settingsWith(changes: Partial<Settings> = {}): Settings {
  return {
    clusterName: '',
    namespaces: [],
    sourceNamespaces: [],
    includeNamespaces: [],
    excludeNamespaces: [],
    kinds: ['ConfigMap', 'Secret'],
    requireConsent: false,
    prune: true,
    pruneLegacy: false,
    verify: false,
    onConflict: 'fail',
    strip: [],
    pruneAfter: 0,
    now: NOW,
    sha256,
    ...changes,
  };
}

/** A world of these namespaces and objects. */
export function worldOf(namespaces: readonly Namespace[], objects: readonly Body[]): World {
  return { namespaces, objects: new Map(objects.map((object) => [keyOf(object), object])) };
}

/** What the three lists show: metadata of the kinds in scope. */
export function snapshotOf({ namespaces, objects }: World, settings: Settings): Snapshot {
  const listed = [...objects.values()].filter((object) => settings.kinds.includes(object.kind));
  return { namespaces, objects: listed.map(({ content: _, ...meta }): ObjectMeta => meta) };
}

/** Everything that a run decides in this world. Its reads are answered from the world. */
export function planOf(world: World, settings: Settings = settingsWith(), preview?: ValuePreview): Plan {
  const drafted = draftPlan(snapshotOf(world, settings), scopeOf(settings));
  return finalizePlan(drafted, answersOf(world, drafted, preview));
}

/** The answers to the reads of a draft. */
export function answersOf(world: World, drafted: DraftPlan, preview?: ValuePreview): ReadObjects {
  const reads = planReads(drafted);
  const sources = new Map(reads.sources.map((source) => [keyOf(source), world.objects.get(keyOf(source))]));
  const origins = new Map(reads.origins.map((origin) => [keyOf(origin), world.objects.get(keyOf(origin))]));
  const decisions = drafted.pending.flatMap((pending) => {
    const source = sources.get(keyOf(pending.source.meta));
    const there = world.objects.get(pending.key);
    const decision = pending.there && decidePending(pending, source, there, drafted);
    if (decision === undefined) return [];
    const shown = source && there && preview?.show(decision, source, there);
    return [[pending.key, shown ?? decision] as const];
  });
  return { sources, origins, decisions: new Map(decisions) };
}

/** The world after the changes of a plan. */
export function act(world: World, changes: readonly Change[], settings: Settings = settingsWith()): World {
  return changes.reduce((now, change) => actOnce(now, change, settings), world);
}

let lastVersion = 1_000_000;

function actOnce(world: World, change: Change, settings: Settings): World {
  const objects = new Map(world.objects);
  const key = keyOf(change);
  const source = world.objects.get(keyOf({ ...change, ...change.origin }));
  const there = world.objects.get(key);
  lastVersion += 1;
  const resourceVersion = String(lastVersion);
  if (change.action === 'prune') objects.delete(key);
  else if (change.action === 'mark') {
    if (there === undefined) throw new Error(`${key}: nothing to mark`);
    const annotations = { 'kubed.appscode.com/unwanted-since': change.since };
    objects.set(key, { ...patched(there, { metadata: { annotations } }), resourceVersion });
  } else if (source === undefined) throw new Error(`${key}: no source`);
  else if (change.action === 'create' || change.action === 'replace') {
    objects.set(key, {
      ...created(source, change.namespace, settings),
      uid: `uid-${resourceVersion}`,
      resourceVersion,
    });
  } else if (there === undefined) throw new Error(`${key}: nothing to patch`);
  else
    objects.set(key, {
      ...patched(there, patchBody(change, source, settings)),
      resourceVersion,
    });
  return { ...world, objects };
}

function created(source: Body, namespace: string, settings: Settings): Body {
  const text = JSON.stringify(createBody(source, namespace, settings));
  const body = decoded(JSON.parse(text), source);
  return { ...body, managedFields: [entryOf('kubed-sync', fieldsOf(body))] };
}

function decoded(json: Record<string, never>, like: Body): Body {
  const {
    metadata,
    data = {},
    binaryData = {},
    type,
    immutable,
  } = json as unknown as {
    metadata: ObjectMeta;
    data?: Record<string, string>;
    binaryData?: Record<string, string>;
    type?: string;
    immutable?: boolean;
  };
  const { deletionTimestamp: _, ...rest } = like;
  return {
    ...rest,
    creationTimestamp: NOW,
    namespace: metadata.namespace,
    labels: metadata.labels,
    annotations: metadata.annotations,
    content: { data, binaryData, immutable: immutable === true, ...(type !== undefined && { type }) },
  };
}

/** An entry of managedFields over fields named `data/KEY`, `labels/KEY`, `type`, … */
export function entryOf(
  manager: string,
  fields: readonly string[],
  operation = 'Update',
  time = NOW,
): ManagedFieldsEntry {
  const below = (prefix: string): [string, FieldTree][] =>
    fields.flatMap((field) =>
      field.startsWith(`${prefix}/`) ? [[`f:${field.slice(prefix.length + 1)}`, {}]] : [],
    );
  const tree = (prefix: string): FieldTree => Object.fromEntries(below(prefix));
  const fieldsV1: FieldTree = {
    'f:data': tree('data'),
    'f:binaryData': tree('binaryData'),
    'f:metadata': { 'f:labels': tree('labels'), 'f:annotations': tree('annotations') },
    ...(fields.includes('type') && { 'f:type': {} }),
    ...(fields.includes('immutable') && { 'f:immutable': {} }),
    ...(fields.includes('stringData') && { 'f:stringData': {} }),
  };
  return {
    manager,
    operation,
    apiVersion: 'v1',
    time,
    fieldsType: 'FieldsV1',
    fieldsV1,
  };
}

/** The names of all fields of an object, as {@link entryOf} takes them. */
export function fieldsOf({ content, labels, annotations, kind }: Body): readonly string[] {
  const named = (prefix: string, map: object): string[] => Object.keys(map).map((key) => `${prefix}/${key}`);
  return [
    ...named('data', content.data),
    ...named('binaryData', content.binaryData),
    ...named('labels', labels),
    ...named('annotations', annotations),
    ...(kind === 'Secret' ? ['type'] : []),
    ...(content.immutable ? ['immutable'] : []),
  ];
}

/** A merge patch (RFC 7396) on one map. */
function merge(
  map: Readonly<Record<string, string>>,
  patch: Readonly<Record<string, string | null>> = {},
): Record<string, string> {
  const kept = Object.entries(map).filter(([key]) => !Object.hasOwn(patch, key));
  const set = Object.entries(patch).flatMap(([key, value]) =>
    value === null ? [] : [[key, value] as const],
  );
  return Object.fromEntries([...kept, ...set]);
}

interface Patch {
  readonly metadata: {
    readonly labels?: Record<string, string | null>;
    readonly annotations?: Record<string, string | null>;
    readonly managedFields?: readonly ManagedFieldsEntry[];
  };
  readonly data?: Record<string, string | null>;
  readonly binaryData?: Record<string, string | null>;
  readonly immutable?: boolean | null;
}

/** An object after a merge patch of a manager: it owns what changed, and what was removed has no owner. */
export function patched(there: Body, patchObject: object, manager = 'kubed-sync'): Body {
  const patch = patchObject as Patch;
  const content = {
    ...there.content,
    data: merge(there.content.data, patch.data),
    binaryData: merge(there.content.binaryData, patch.binaryData),
    ...(patch.immutable !== undefined && { immutable: patch.immutable === true }),
  };
  const labels = merge(there.labels, patch.metadata.labels);
  const annotations = merge(there.annotations, patch.metadata.annotations);
  const after = { ...there, content, labels, annotations };
  return {
    ...after,
    managedFields: ownedAfter(there, after, patch.metadata.managedFields ?? there.managedFields, manager),
  };
}

function ownedAfter(
  before: Body,
  after: Body,
  entries: readonly ManagedFieldsEntry[],
  manager: string,
): readonly ManagedFieldsEntry[] {
  const [was, is] = [valuesOf(before), valuesOf(after)];
  const changed = [...is].flatMap(([field, value]) => (was.get(field) === value ? [] : [field]));
  const owners = new Map(
    entries.map((entry) => [`${entry.manager} ${entry.operation}`, { entry, fields: namesIn(entry) }]),
  );
  const key = `${manager} Update`;
  if (changed.length > 0 && !owners.has(key)) owners.set(key, { entry: entryOf(manager, []), fields: [] });
  return [...owners].flatMap(([owner, { entry, fields }]) => {
    const kept = fields.filter(
      (field) => field === 'stringData' || (is.has(field) && (owner === key || !changed.includes(field))),
    );
    const all = owner === key ? [...new Set([...kept, ...changed])] : kept;
    return all.length === 0 ? [] : [entryOf(entry.manager ?? '', all, entry.operation, entry.time)];
  });
}

function valuesOf(body: Body): ReadonlyMap<string, string> {
  const named = (prefix: string, map: Readonly<Record<string, string>>): [string, string][] =>
    Object.entries(map).map(([key, value]) => [`${prefix}/${key}`, value]);
  return new Map([
    ...named('data', body.content.data),
    ...named('binaryData', body.content.binaryData),
    ...named('labels', body.labels),
    ...named('annotations', body.annotations),
    ...(body.kind === 'Secret' ? [['type', body.content.type ?? 'Opaque'] as [string, string]] : []),
    ...(body.content.immutable ? [['immutable', 'true'] as [string, string]] : []),
  ]);
}

function namesIn({ fieldsV1 = {} }: ManagedFieldsEntry): readonly string[] {
  const keys = (prefix: string, tree: FieldTree = {}): string[] =>
    Object.keys(tree).flatMap((step) => (step.startsWith('f:') ? [`${prefix}/${step.slice(2)}`] : []));
  return [
    ...keys('data', fieldsV1['f:data']),
    ...keys('binaryData', fieldsV1['f:binaryData']),
    ...keys('labels', fieldsV1['f:metadata']?.['f:labels']),
    ...keys('annotations', fieldsV1['f:metadata']?.['f:annotations']),
    ...['type', 'immutable', 'stringData'].filter((field) => Object.hasOwn(fieldsV1, `f:${field}`)),
  ];
}
