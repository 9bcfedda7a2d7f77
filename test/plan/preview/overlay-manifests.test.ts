import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideCopy } from '../../../src/plan/decide-copy.ts';
import { type Manifest, bodyOf, byKey, namespacesOf } from '../../../src/model/manifest.ts';
import type { Body, ManagedFieldsEntry, StringMap } from '../../../src/model/objects.ts';
import { overlayBody, overlayNamespace } from '../../../src/plan/preview/overlay-manifests.ts';
import {
  changed,
  configMap,
  copyOf,
  entry,
  mapWith,
  namespace,
  secret,
  settings,
} from '../../support/build.ts';

/* Merges one manifest into a live object, row by row. Each row was seen with kubectl 1.32 and Kubernetes 1.36. */

const LAST = 'kubectl.kubernetes.io/last-applied-configuration';
const NOW = '2026-06-01T00:00:00Z';

const NOTHING_KNOWN = { uid: '', resourceVersion: '', creationTimestamp: '', managedFields: [] };

/** A manifest of `demo/omni` in Git. */
function manifest(parts: Partial<Manifest> = {}): Manifest {
  return { kind: 'ConfigMap', namespace: 'demo', name: 'omni', ...NOTHING_KNOWN, ...parts };
}

/** The annotation of kubectl after it applied this. */
function noted(applied: object): StringMap {
  return { [LAST]: JSON.stringify(applied) };
}

/** The entry of a server-side apply. */
function applied(
  manager: string,
  fields: object,
  parts: Partial<ManagedFieldsEntry> = {},
): ManagedFieldsEntry {
  return entry(manager, JSON.parse(JSON.stringify(fields)), { operation: 'Apply', ...parts });
}

interface Row {
  readonly what: string;
  readonly manifest: Partial<Manifest>;
  readonly live: Parameters<typeof configMap>[1];
  /** The changes of the live object. Empty: it stays as it is. */
  readonly becomes?: {
    readonly labels?: StringMap;
    readonly annotations?: StringMap;
    readonly content?: Partial<Body['content']>;
  };
}

const SYNC = 'kubed.appscode.com/sync';

const ROWS: readonly Row[] = [
  { what: 'the same', manifest: { data: { a: '1' } }, live: { data: { a: '1' } } },
  {
    what: 'less than the live object, never applied',
    manifest: {},
    live: { data: { a: '1' }, labels: { b: '2' } },
  },
  {
    what: 'a value',
    manifest: { data: { a: '2' } },
    live: { data: { a: '1', b: '1' } },
    becomes: { content: { data: { b: '1', a: '2' } } },
  },
  {
    what: 'a new key',
    manifest: { data: { b: '2' } },
    live: { data: { a: '1' } },
    becomes: { content: { data: { a: '1', b: '2' } } },
  },
  {
    what: 'a new binary key',
    manifest: { binaryData: { b: 'AA==' } },
    live: {},
    becomes: { content: { binaryData: { b: 'AA==' } } },
  },
  {
    what: 'a key that plain objects treat specially',
    manifest: { data: mapWith('__proto__', '2') },
    live: { data: { a: '1' } },
    becomes: { content: { data: { a: '1', ['__proto__']: '2' } } },
  },
  {
    what: 'annotation added',
    manifest: { annotations: { [SYNC]: '' } },
    live: {},
    becomes: { annotations: { [SYNC]: '' } },
  },
  {
    what: 'selector changed',
    manifest: { annotations: { [SYNC]: 'a=b' } },
    live: { sync: 'a=c' },
    becomes: { annotations: { [SYNC]: 'a=b' } },
  },
  { what: 'annotation that was never applied stays', manifest: { annotations: {} }, live: { sync: 'a=c' } },
  {
    what: 'annotation removed, applied by kubectl',
    manifest: {},
    live: {
      annotations: { [SYNC]: '', other: 'x', ...noted({ metadata: { annotations: { [SYNC]: '' } } }) },
    },
    becomes: { annotations: { other: 'x', ...noted({ metadata: { annotations: { [SYNC]: '' } } }) } },
  },
  {
    what: 'the note of kubectl in a dump is nothing that a manifest says',
    manifest: { annotations: noted({ metadata: {} }) },
    live: { annotations: noted({ metadata: { labels: null } }) },
  },
  {
    what: 'a key removed, applied by kubectl and edited since',
    manifest: { data: { a: '1' } },
    live: { data: { a: '1', b: 'edited', z: 'mine' }, annotations: noted({ data: { a: '1', b: '1' } }) },
    becomes: { content: { data: { z: 'mine', a: '1' } } },
  },
  {
    what: 'all data removed by kubectl takes the rest along',
    manifest: {},
    live: { data: { a: '1', z: 'mine' }, annotations: noted({ data: { a: '1' } }) },
    becomes: { content: { data: {} } },
  },
  {
    what: 'empty data removes only what was applied',
    manifest: { data: {} },
    live: { data: { a: '1', z: 'mine' }, annotations: noted({ data: { a: '1' } }) },
    becomes: { content: { data: { z: 'mine' } } },
  },
  {
    what: 'annotations that a tool adds while it applies stay',
    manifest: { labels: {} },
    live: {
      labels: { 'kustomize.toolkit.fluxcd.io/name': 'x' },
      annotations: {
        'argocd.argoproj.io/tracking-id': 'x',
        ...noted({ metadata: { annotations: { 'argocd.argoproj.io/tracking-id': 'x' } } }),
      },
      managedFields: [
        applied('kustomize-controller', {
          'f:metadata': { 'f:labels': { 'f:kustomize.toolkit.fluxcd.io/name': {} } },
        }),
      ],
    },
  },
  {
    what: 'a last-applied annotation that is not JSON',
    manifest: {},
    live: { data: { a: '1' }, annotations: { [LAST]: '{' } },
  },
  {
    what: 'a last-applied annotation that is not an object',
    manifest: {},
    live: { data: { a: '1' }, annotations: { [LAST]: '[]' } },
  },
  {
    what: 'a last-applied annotation with unusual parts',
    manifest: {},
    live: { data: { a: '1' }, annotations: noted({ metadata: 1, data: 2 }) },
  },
  {
    what: 'server-side: keys and labels removed',
    manifest: { data: { a: '1' }, labels: {} },
    live: {
      data: { a: '1', b: '1', z: 'mine' },
      labels: { l: 'x', m: 'mine' },
      managedFields: [
        applied('argocd', {
          'f:data': { '.': {}, 'f:a': {}, 'f:b': {} },
          'f:metadata': { 'f:labels': { 'f:l': {} } },
        }),
      ],
    },
    becomes: { content: { data: { z: 'mine', a: '1' } }, labels: { m: 'mine' } },
  },
  {
    what: 'server-side: the only applier, though it shares nothing with the manifest',
    manifest: { data: { new: '1' } },
    live: { data: { old: '1' }, managedFields: [applied('flux', { 'f:data': { 'f:old': {} } })] },
    becomes: { content: { data: { new: '1' } } },
  },
  {
    what: 'server-side: a key that another manager owns too stays',
    manifest: { data: { a: '1' } },
    live: {
      data: { a: '1', b: '1' },
      managedFields: [
        applied('argocd', { 'f:data': { 'f:a': {}, 'f:b': {} } }),
        entry('kubectl-edit', { 'f:data': { 'f:b': {} } }),
      ],
    },
  },
  {
    what: 'server-side: a controller that fills in a key keeps it',
    manifest: { labels: { l: 'x' } },
    live: {
      data: { 'ca.crt': '1' },
      labels: { l: 'x', m: 'x' },
      managedFields: [
        applied('argocd', { 'f:metadata': { 'f:labels': { 'f:l': {}, 'f:m': {} } } }),
        applied('trust-manager', { 'f:data': { 'f:ca.crt': {} } }),
      ],
    },
    becomes: { labels: { l: 'x' } },
  },
  {
    what: 'server-side: beside a note of kubectl an applier that shares nothing is not the one',
    manifest: { labels: { l: 'x' } },
    live: {
      data: { 'ca.crt': '1' },
      labels: { l: 'x' },
      annotations: noted({ metadata: { labels: { l: 'x' } } }),
      managedFields: [applied('trust-manager', { 'f:data': { 'f:ca.crt': {} } })],
    },
  },
  {
    what: 'server-side: an apply to a subresource does not count',
    manifest: { data: {} },
    live: {
      data: { a: '1' },
      managedFields: [applied('x', { 'f:data': { 'f:a': {} } }, { subresource: 'status' })],
    },
  },
  { what: 'immutable', manifest: { immutable: true }, live: {}, becomes: { content: { immutable: true } } },
  { what: 'immutable that the manifest leaves out', manifest: {}, live: { immutable: true } },
];

for (const { what, manifest: parts, live: liveParts, becomes } of ROWS) {
  test(`a manifest laid over what is live: ${what}`, () => {
    const live = configMap('demo/omni', { resourceVersion: '7', ...liveParts });
    const after = overlayBody(manifest(parts), live, NOW);
    if (becomes === undefined) return assert.equal(after, live);
    const { content, ...metadata } = becomes;
    const expected = { ...live, ...metadata, content: { ...live.content, ...content } };
    assert.deepEqual(
      { ...after, managedFields: [] },
      { ...expected, resourceVersion: '7+manifest', managedFields: [] },
    );
  });
}

test('a Secret gets the type of its manifest', () => {
  const live = secret('demo/omni', { type: 'Opaque' });
  const typed = manifest({ kind: 'Secret', type: 'kubernetes.io/tls' });
  assert.equal(overlayBody(typed, live, NOW).content.type, 'kubernetes.io/tls');
  assert.equal(overlayBody(manifest({ kind: 'Secret' }), live, NOW), live);
});

test('a new object has marks that no copy names, and is created now', () => {
  const dumped = manifest({
    data: { a: '1' },
    uid: 'u',
    resourceVersion: '3',
    deletionTimestamp: NOW,
    managedFields: [entry('x', {})],
  });
  assert.deepEqual(overlayBody(dumped, undefined, NOW), {
    ...configMap('demo/omni', { data: { a: '1' } }),
    uid: 'manifest',
    resourceVersion: 'manifest',
    creationTimestamp: NOW,
  });
});

test('a copy whose content a manifest changes is compared, not treated as up to date', () => {
  const source = configMap('demo/omni', { sync: '', data: { a: '1' } });
  const live = copyOf(source, 'team');
  const after = overlayBody(manifest({ namespace: 'team', data: { a: '2' } }), live, NOW);
  const decision = decideCopy({ namespace: 'team', source }, after, settings());
  assert.ok(decision.result === 'change' && decision.change.action === 'update');
  assert.deepEqual(decision.change.fields, [{ part: 'data', key: 'a', op: 'change' }]);
  const bare = overlayBody(
    manifest({ data: { a: '2' } }),
    configMap('demo/omni', { managedFields: [entry('x', {})] }),
    NOW,
  );
  assert.deepEqual(bare.managedFields, [entry('x', {})]);
});

test('labels and annotations of a namespace are set, added and removed, and the name label stays', () => {
  const NAME = 'kubernetes.io/metadata.name';
  assert.deepEqual(overlayNamespace({ name: 'new', terminating: false }, undefined), {
    name: 'new',
    labels: { [NAME]: 'new' },
    annotations: {},
    terminating: false,
  });
  const live = namespace('team', {
    labels: { env: 'dev', keep: 'x', [NAME]: 'team', old: 'x' },
    annotations: {
      'kubed.appscode.com/ignore': 'true',
      ...noted({ metadata: { annotations: { 'kubed.appscode.com/ignore': 'true' } } }),
    },
    managedFields: [applied('argocd', { 'f:metadata': { 'f:labels': { 'f:env': {}, 'f:old': {} } } })],
    terminating: true,
  });
  const after = overlayNamespace({ name: 'team', labels: { env: 'prod' }, terminating: false }, live);
  assert.deepEqual(after.labels, { keep: 'x', [NAME]: 'team', env: 'prod' });
  assert.deepEqual(Object.keys(after.annotations), [LAST]);
  assert.equal(after.terminating, true);
});

test('without a cluster there are the declared namespaces, and those that objects are in', () => {
  const declared = { name: 'b', labels: { env: 'prod' }, terminating: true };
  const manifests = {
    namespaces: [declared],
    objects: [manifest({ namespace: 'a' }), manifest({ namespace: 'b' })],
  };
  const NAME = 'kubernetes.io/metadata.name';
  assert.deepEqual(namespacesOf(manifests), [
    { name: 'a', labels: { [NAME]: 'a' }, annotations: {}, terminating: false },
    { name: 'b', labels: { env: 'prod', [NAME]: 'b' }, annotations: {}, terminating: true },
  ]);
  assert.deepEqual([...byKey(manifests.objects).keys()], ['ConfigMap/a/omni', 'ConfigMap/b/omni']);
  assert.deepEqual(bodyOf(manifest({ type: 'x' })).content, {
    data: {},
    binaryData: {},
    immutable: false,
    type: 'x',
  });
});

test('missing owners are not a change if the input may lack them, and present owners count', () => {
  const source = configMap('demo/omni', { sync: '', data: { a: '1' } });
  const copy = copyOf(source, 'team');
  const judged = (there: Body, ownership?: 'unknown'): string =>
    decideCopy({ namespace: 'team', source }, there, settings(ownership && { ownership })).result;
  const dumped = changed(copy, { managedFields: [] });
  assert.equal(judged(dumped, 'unknown'), 'current');
  assert.equal(judged(dumped), 'change');
  assert.equal(
    judged(changed(copy, { managedFields: [entry('kubectl-edit', { 'f:data': { 'f:a': {} } })] }), 'unknown'),
    'change',
  );
  assert.equal(judged(changed(dumped, { data: { a: '2' } }), 'unknown'), 'change');
});
