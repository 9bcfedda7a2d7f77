import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify } from '../../../src/plan/classify.ts';
import { missingKeyFindings } from '../../../src/plan/copy/missing-keys.ts';
import { changedType, copyContent } from '../../../src/plan/copy/narrow-content.ts';
import { keyOf } from '../../../src/model/keys.ts';
import { scopeOf } from '../../../src/plan/scope.ts';
import { configMap, namespace, secret } from '../../support/build.ts';
import { settingsWith, snapshotOf, worldOf } from '../../support/world.ts';

const KEYS = 'kubed.appscode.com/sync-keys';

test('a source whose sync-keys is invalid has no content to copy', () => {
  const source = configMap('src/omni', { data: { k: 'v' }, annotations: { [KEYS]: '' } });
  assert.deepEqual(copyContent(source), { data: {}, binaryData: {}, immutable: false });
});

test('a Secret without a type is Opaque, and its copies are too', () => {
  const { content, ...rest } = secret('src/omni', { data: { k: 'v' }, annotations: { [KEYS]: 'k' } });
  const { type: _, ...untyped } = content;
  assert.equal(changedType({ ...rest, content: untyped }), undefined);
});

test('a source that loses a key which its type demands is copied as Opaque', () => {
  const data = { 'tls.crt': 'x', 'tls.key': 'y', 'ca.crt': 'z' };
  const source = secret('src/omni', { type: 'kubernetes.io/tls', data, annotations: { [KEYS]: 'ca.crt' } });
  assert.deepEqual(changedType(source), { copiedAs: 'Opaque' });
});

test('a source whose sync-keys is invalid lacks no key', () => {
  const settings = settingsWith();
  const source = configMap('src/omni', { sync: '', annotations: { [KEYS]: '!' } });
  const world = worldOf([namespace('src'), namespace('a')], [source]);
  const classified = classify(snapshotOf(world, settings), scopeOf(settings));
  const sources = classified.sources.map((one) => ({ ...one, selector: [] }));
  assert.deepEqual(missingKeyFindings({ ...classified, sources }, new Map()), []);
  const key = keyOf(source);
  assert.deepEqual(missingKeyFindings({ ...classified, sources }, new Map([[key, undefined]])), []);
  assert.deepEqual(missingKeyFindings({ ...classified, sources }, new Map([[key, source]])), []);
});
