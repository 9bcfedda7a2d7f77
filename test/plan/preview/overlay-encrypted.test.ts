import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Manifest, UNKNOWN_VALUE, bodyOf, unknownAlike } from '../../../src/model/manifest.ts';
import type { Body } from '../../../src/model/objects.ts';
import { overlayBody } from '../../../src/plan/preview/overlay-manifests.ts';
import { offlineReader } from '../../../src/readers/offline-reader.ts';
import { configMap, secret } from '../../support/build.ts';

/* Values that SOPS encrypted: only the names of their keys are compared. */

const NOW = '2026-06-01T00:00:00Z';
const NOTHING_KNOWN = { uid: '', resourceVersion: '', creationTimestamp: '', managedFields: [] };

function manifest(namespace: string, parts: Partial<Manifest>): Manifest {
  return { kind: 'Secret', namespace, name: 'omni', ...NOTHING_KNOWN, ...parts };
}

const ENCRYPTED = manifest('demo', { data: { a: UNKNOWN_VALUE, b: 'Yg==' } });

test('an encrypted value counts as equal to the live one, and a new key stays unknown', () => {
  const live = secret('demo/omni', { data: { a: 'YQ==', b: 'Yg==' } });
  assert.equal(overlayBody(ENCRYPTED, live, NOW), live);
  const less = secret('demo/omni', { data: { b: 'Yg==' } });
  assert.deepEqual(overlayBody(ENCRYPTED, less, NOW).content.data, { a: UNKNOWN_VALUE, b: 'Yg==' });
});

test('an unknown value is unknown in all objects of that name, and in no others', () => {
  const compared = unknownAlike([
    bodyOf(ENCRYPTED),
    bodyOf(manifest('x', { data: { c: UNKNOWN_VALUE } })),
    bodyOf({ ...manifest('x', { binaryData: { d: UNKNOWN_VALUE } }), kind: 'ConfigMap' }),
  ]);
  const valuesOf = ({ content: { data, binaryData } }: Body): object => ({ ...data, ...binaryData });
  const copy = secret('team/omni', { data: { a: 'eA==', b: 'eQ==', c: 'eg==', d: '' } });
  assert.deepEqual(valuesOf(compared(copy)), { a: UNKNOWN_VALUE, b: 'eQ==', c: UNKNOWN_VALUE, d: '' });
  const map = configMap('team/omni', { data: { a: '1' }, binaryData: { d: 'AA==' } });
  assert.deepEqual(valuesOf(compared(map)), { a: '1', d: UNKNOWN_VALUE });
  const other = secret('team/other', { data: { a: 'eA==' } });
  assert.equal(compared(other), other);
});

test('without a cluster a copy of an encrypted source can differ only in names', async () => {
  const reader = offlineReader({
    namespaces: [],
    objects: [ENCRYPTED, manifest('team', { data: { a: 'eA==', b: 'Yg==', more: 'eA==' } })],
  });
  const read = await reader.body({ kind: 'Secret', namespace: 'team', name: 'omni' });
  assert.deepEqual(read.ok && read.value?.content.data, { a: UNKNOWN_VALUE, b: 'Yg==', more: 'eA==' });
});
