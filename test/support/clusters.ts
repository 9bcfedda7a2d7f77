import fc from 'fast-check';
import type { Body, Namespace, StringMap } from '../../src/model/objects.ts';
import type { Settings } from '../../src/model/settings.ts';
import { keyOf } from '../../src/model/keys.ts';
import { type World, act, entryOf, fieldsOf, planOf, settingsWith, worldOf } from './world.ts';

/* Random clusters for the laws. They have few names, so many objects have the same name. */

const NAMESPACES = ['a', 'b', 'c', 'd', 'kube-system'];
const NAMES = ['omni', 'tls'];
const SYNCS = [
  '',
  'true',
  'env=prod',
  'env!=prod',
  'team in (x,y)',
  '!env',
  'env=',
  'false',
  'env in (',
  'app=“x”',
];

/** The start of every value in these clusters. No output may contain it. */
export const VALUE_MARK = 'VaLuE';

const labels: fc.Arbitrary<StringMap> = fc.dictionary(
  fc.constantFrom('env', 'team', 'app'),
  fc.constantFrom('prod', 'x', 'y', ''),
  { maxKeys: 2 },
);

function namespaceOf(name: string): fc.Arbitrary<Namespace> {
  return fc.record({
    name: fc.constant(name),
    labels,
    annotations: fc.constantFrom<StringMap>(
      {},
      {},
      {},
      {},
      { 'kubed.appscode.com/ignore': 'true' },
      { 'kubed.appscode.com/ignore': 'yes' },
      { 'kubed.appscode.com/ignored': 'true' },
      { 'kubed.appscode.com/accept-from': 'a,b' },
      { 'kubed.appscode.com/accept-from': 'a' },
      { 'kubed.appscode.com/accept-from': '' },
      { 'kubed.appscode.com/accept-from': '?' },
      { 'kubed.appscode.com/accept-from': 'A' },
    ),
    terminating: fc.constantFrom(false, false, false, false, true),
  });
}

const value = fc.integer({ min: 0, max: 3 }).map((number) => `${VALUE_MARK}${number}`);
const dataKey = fc.constantFrom('k', 'ca.crt', '__proto__', 'constructor');

const content = fc.record({
  data: fc.dictionary(dataKey, value, { maxKeys: 3, noNullPrototype: true }),
  binaryData: fc.dictionary(fc.constantFrom('bin'), value, { maxKeys: 1, noNullPrototype: true }),
  immutable: fc.constantFrom(false, false, false, true),
});

const MARKS: fc.Arbitrary<StringMap> = fc.dictionary(
  fc
    .constantFrom('origin.name', 'origin.namespace', 'origin.cluster')
    .map((mark) => `kubed.appscode.com/${mark}`),
  fc.constantFrom('omni', 'a', 'b', '', 'unicorn'),
  { maxKeys: 3 },
);

/** Annotations that narrow a source, some with invalid values. */
const NARROWED: readonly StringMap[] = [
  {},
  {},
  {},
  { 'kubed.appscode.com/sync-namespaces': 'b*,c' },
  { 'kubed.appscode.com/sync-namespaces': '!b,!kube-*' },
  { 'kubed.appscode.com/sync-namespaces': 'B' },
  { 'kubed.appscode.com/sync-keys': '*' },
  { 'kubed.appscode.com/sync-keys': 'k,ca.crt' },
  { 'kubed.appscode.com/sync-keys': 'k=renamed,*' },
  { 'kubed.appscode.com/sync-keys': '!k' },
  { 'kubed.appscode.com/sync-keys': 'k,,' },
];

interface Raw {
  readonly sync: string | undefined;
  readonly narrowed: StringMap;
  readonly content: Body['content'];
  readonly labels: StringMap;
  readonly forged: StringMap;
  readonly type: string;
  readonly created: number;
  readonly deleting: boolean;
  readonly manager: string;
  /** A restore brought the managedFields of an earlier object back. */
  readonly restored: boolean;
}

const TOKEN = 'kubernetes.io/service-account-token';

const raw: fc.Arbitrary<Raw> = fc.record({
  sync: fc.option(fc.constantFrom(...SYNCS), { nil: undefined }),
  narrowed: fc.constantFrom(...NARROWED),
  content,
  labels,
  forged: fc.oneof({ weight: 4, arbitrary: fc.constant<StringMap>({}) }, { weight: 1, arbitrary: MARKS }),
  type: fc.constantFrom('Opaque', 'Opaque', 'example.com/other', TOKEN),
  created: fc.integer({ min: 0, max: 2 }),
  deleting: fc.constantFrom(false, false, false, false, false, true),
  manager: fc.constantFrom('kubectl', 'kubed-sync', 'kubed', 'helm'),
  restored: fc.constantFrom(false, false, false, true),
});

let uids = 0;

function objectOf(kind: Body['kind'], namespace: string, name: string, from: Raw): Body {
  uids += 1;
  const { data, binaryData, immutable } = from.content;
  const body: Body = {
    kind,
    namespace,
    name,
    uid: `uid-${uids}`,
    resourceVersion: `${uids}`,
    labels: { ...from.labels, ...from.forged },
    annotations: {
      ...(from.sync !== undefined && { 'kubed.appscode.com/sync': from.sync }),
      ...from.narrowed,
      ...(kind === 'Secret' && from.type === TOKEN && { 'kubernetes.io/service-account.name': 'x' }),
    },
    creationTimestamp: `2026-01-0${from.created + 1}T00:00:00Z`,
    ...(from.deleting && { deletionTimestamp: '2026-02-01T00:00:00Z' }),
    managedFields: [],
    content:
      kind === 'Secret'
        ? { data, binaryData: {}, immutable, type: from.type }
        : { data, binaryData, immutable },
  };
  const time = from.restored ? '2025-01-01T00:00:00Z' : body.creationTimestamp;
  return { ...body, managedFields: [entryOf(from.manager, fieldsOf(body), 'Update', time)] };
}

/** A change of a cluster between two runs, which the next run may have to repair. */
type Edit = (world: World) => World;

const edits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc
    .tuple(
      fc.nat(),
      fc.constantFrom(
        'resync',
        'narrow',
        'unsync',
        'data',
        'delete',
        'label',
        'relabel',
        'reset',
        'own',
        'old',
        'ignore',
        'accept',
        'take',
        'finalize',
      ),
      raw,
    )
    .map(
      ([pick, what, from]): Edit =>
        (world) =>
          edited(world, pick, what, from),
    ),
  { maxLength: 5 },
);

function edited(world: World, pick: number, what: string, from: Raw): World {
  const objects = [...world.objects.values()];
  const object = objects[pick % Math.max(1, objects.length)];
  if (object === undefined) return world;
  if (what === 'relabel' || what === 'ignore' || what === 'accept') {
    const annotations: StringMap =
      what === 'ignore' ? { 'kubed.appscode.com/ignore': 'true' } : { 'kubed.appscode.com/accept-from': 'b' };
    const changed = what === 'relabel' ? { labels: from.labels } : { annotations };
    const namespaces = world.namespaces.map((one, index) =>
      index === pick % world.namespaces.length ? { ...one, ...changed } : one,
    );
    return { ...world, namespaces };
  }
  const rest = objects.filter((one) => one !== object);
  if (what === 'delete') return worldOf(world.namespaces, rest);
  return worldOf(world.namespaces, [...rest, editedObject(object, what, from)]);
}

function editedObject(object: Body, what: string, from: Raw): Body {
  uids += 1;
  const touched = { ...object, resourceVersion: `${uids}` };
  const { 'kubed.appscode.com/sync': sync, ...unsynced } = object.annotations;
  const editor = entryOf('kubectl-edit', ['data/k']);
  switch (what) {
    case 'unsync':
      return { ...touched, annotations: unsynced };
    case 'data':
      return {
        ...touched,
        content: { ...object.content, data: { k: `${VALUE_MARK}9` } },
        managedFields: [editor],
      };
    case 'narrow':
      return { ...touched, annotations: { ...object.annotations, ...from.narrowed } };
    case 'label':
      return { ...touched, labels: { ...object.labels, ...from.labels } };
    case 'old': {
      const { 'app.kubernetes.io/managed-by': _, ...labels } = object.labels;
      return { ...touched, labels, managedFields: [entryOf('kubed', fieldsOf(object))] };
    }
    case 'take':
      return { ...touched, annotations: unsynced, labels: from.labels };
    case 'finalize':
      return { ...touched, deletionTimestamp: '2026-02-01T00:00:00Z' };
    case 'reset':
      return { ...touched, managedFields: [] };
    case 'own':
      return {
        ...touched,
        managedFields: [...object.managedFields, entryOf('argocd', ['data/k', 'stringData'], 'Apply')],
      };
    default:
      return {
        ...touched,
        annotations: { ...object.annotations, 'kubed.appscode.com/sync': from.sync ?? sync ?? '' },
      };
  }
}

/** A random cluster after earlier runs, with edits in between. */
export const cluster: fc.Arbitrary<World> = fc
  .tuple(
    fc.tuple(...NAMESPACES.map(namespaceOf)),
    fc.dictionary(
      fc
        .tuple(
          fc.constantFrom<Body['kind']>('ConfigMap', 'Secret'),
          fc.constantFrom(...NAMESPACES),
          fc.constantFrom(...NAMES),
        )
        .map((parts) => parts.join('/')),
      raw,
      { maxKeys: 8 },
    ),
    fc.array(edits, { maxLength: 3 }),
  )
  .map(([namespaces, raws, rounds]) => {
    const objects = Object.entries(raws).map(([key, from]) => {
      const [kind = '', namespace = '', name = ''] = key.split('/');
      return objectOf(kind === 'Secret' ? 'Secret' : 'ConfigMap', namespace, name, from);
    });
    return rounds.reduce(
      (world, round) => round.reduce((now, edit) => edit(now), reconciled(world)),
      worldOf(namespaces, objects),
    );
  });

/** A world after one run. */
export function reconciled(world: World, settings: Settings = settingsWith()): World {
  return act(world, planOf(world, settings).changes, settings);
}

/** Some of the namespaces, at least two: nothing leads from one alone to another. */
export const some: fc.Arbitrary<readonly string[]> = fc.subarray(NAMESPACES, { minLength: 2 });

/** Random options that narrow a run. */
export const narrowing: fc.Arbitrary<Partial<Settings>> = fc.record(
  {
    namespaces: fc.subarray(NAMESPACES),
    sourceNamespaces: fc.subarray(NAMESPACES),
    includeNamespaces: fc.subarray(['a', 'b*', '?', 'kube-*']),
    excludeNamespaces: fc.subarray(['a', 'b*', 'kube-*']),
    kinds: fc.subarray<Body['kind']>(['ConfigMap', 'Secret'], { minLength: 1 }),
    requireConsent: fc.boolean(),
    prune: fc.boolean(),
    verify: fc.boolean(),
    onConflict: fc.constantFrom('fail', 'skip'),
    strip: fc.subarray(['env', 'te*']),
    clusterName: fc.constantFrom('', 'unicorn'),
  },
  { requiredKeys: [] },
);

/** The keys of objects, for comparing sets of them. */
export function keysOf(objects: Iterable<Body>): Set<string> {
  return new Set([...objects].map(keyOf));
}
