import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeMeta } from '../../../src/kube/read/decode-object.ts';

test('metadata in JSON keeps the times of managedFields', () => {
  const entry = {
    manager: 'kubed-sync',
    operation: 'Update',
    apiVersion: 'v1',
    time: '2026-01-02T03:04:05Z',
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:data': {} },
  };
  const meta = decodeMeta('ConfigMap', {
    metadata: {
      name: 'omni',
      namespace: 'a',
      uid: '1',
      resourceVersion: '2',
      creationTimestamp: '2026-01-01T00:00:00Z',
      annotations: { 'kubed.appscode.com/sync': '' },
      managedFields: [entry],
    },
  });
  assert.deepEqual(meta?.managedFields, [entry]);
});
