import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ManagedFieldsEntry } from '../../../src/model/objects.ts';
import { isProvenOurs, mayDelete } from '../../../src/plan/managed-fields/proof-of-ownership.ts';
import { configMap, entry } from '../../support/build.ts';

const CREATED = '2026-01-02T12:00:00Z';

function wrote(manager: string, time: string | undefined, operation = 'Update'): ManagedFieldsEntry {
  const { time: _, ...rest } = entry(manager, { 'f:data': {} }, { operation });
  return time === undefined ? rest : { ...rest, time };
}

const rows: readonly (readonly [name: string, entries: readonly ManagedFieldsEntry[], proven: boolean])[] = [
  ['the entry of the create', [wrote('kubed-sync', CREATED)], true],
  ['an entry of a later write', [wrote('kubed-sync', '2026-03-01T00:00:00Z')], true],
  ['Kubed', [wrote('kubed', CREATED)], true],
  ['config-syncer', [wrote('config-syncer', CREATED)], true],
  ['one of several managers', [wrote('kubectl', CREATED), wrote('kubed-sync', CREATED)], true],
  ['two minutes before the creation', [wrote('kubed-sync', '2026-01-02T11:58:00Z')], true],
  ['a second more than two minutes before', [wrote('kubed-sync', '2026-01-02T11:57:59Z')], false],
  ['an entry that a restore brought back', [wrote('kubed-sync', '2025-06-01T00:00:00Z')], false],
  [
    'an old entry beside a new one of another',
    [wrote('kubed-sync', '2025-06-01T00:00:00Z'), wrote('velero', CREATED)],
    false,
  ],
  ['no entry', [], false],
  ['another manager', [wrote('kubectl-client-side-apply', CREATED)], false],
  ['a manager with a longer name', [wrote('kubed-syncer', CREATED)], false],
  ['entries that the API server folded', [wrote('ancient-changes', CREATED)], false],
  ['an apply in our name', [wrote('kubed-sync', CREATED, 'Apply')], false],
  ['an entry without a time', [wrote('kubed-sync', undefined)], false],
  ['a time that cannot be read', [wrote('kubed-sync', 'yesterday')], false],
];

for (const [name, managedFields, proven] of rows)
  test(`${name}: ${proven ? 'proven' : 'not proven'}`, () => {
    const copy = configMap('a/omni', { creationTimestamp: CREATED, managedFields });
    assert.equal(isProvenOurs(copy, {}), proven);
    assert.equal(mayDelete(copy, { pruneLegacy: false }), proven);
    assert.equal(mayDelete(copy, { pruneLegacy: true }), true);
  });

test('an object without a creation time is not proven', () => {
  const copy = configMap('a/omni', { creationTimestamp: '', managedFields: [wrote('kubed-sync', CREATED)] });
  assert.equal(isProvenOurs(copy, {}), false);
});

test('a dump without any managedFields says nothing, so its copies count as ours', () => {
  const copy = configMap('a/omni', { creationTimestamp: CREATED });
  assert.equal(isProvenOurs(copy, { ownership: 'unknown' }), true);
  const foreign = { ...copy, managedFields: [wrote('kubectl', CREATED)] };
  assert.equal(isProvenOurs(foreign, { ownership: 'unknown' }), false);
});
