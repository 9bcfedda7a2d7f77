import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causesOf } from '../../../src/model/change.ts';
import type { Body } from '../../../src/model/objects.ts';
import { type WantedCopy, decideCopy } from '../../../src/plan/decide-copy.ts';
import {
  changed,
  configMap,
  copyOf,
  entry,
  oldCopyOf,
  ourEntry,
  settings,
  tree,
} from '../../support/build.ts';
import { causeWords } from '../../support/preview-world.ts';

/* Whether the source or somebody else made a copy differ: the content and its owners decide, not the resourceVersion. */

const source = configMap('demo/omni', { data: { a: '1', b: '2' }, labels: { app: 'x' } });
const copy = copyOf(source, 'team');
const later = (parts: Parameters<typeof changed>[1]): Body =>
  changed(source, { resourceVersion: '2', ...parts });
const METADATA =
  '"f:metadata":{"f:labels":{"f:app":{}},"f:annotations":{"f:kubed.appscode.com/origin":{},"f:kubed.appscode.com/fields":{}}}';
const ours = (...keys: readonly string[]): ReturnType<typeof ourEntry> =>
  ourEntry(tree(`{"f:data":{${keys.map((key) => `"f:${key}":{}`).join()}},${METADATA}}`));
const theirs = (manager: string, ...keys: readonly string[]): ReturnType<typeof entry> =>
  entry(manager, tree(`{"f:data":{${keys.map((key) => `"f:${key}":{}`).join()}}}`));

interface Row {
  readonly name: string;
  readonly source: Body;
  readonly there: Body;
  readonly from?: WantedCopy['from'];
  readonly says: string;
}

const rows: readonly Row[] = [
  {
    name: 'a value of the source',
    source: later({ data: { a: '1', b: '3' } }),
    there: copy,
    says: 'source-changed: source-changed',
  },
  {
    name: 'a new key of the source',
    source: later({ data: { a: '1', b: '2', c: '3' } }),
    there: copy,
    says: 'source-changed: source-changed',
  },
  {
    name: 'a key that the source lost',
    source: later({ data: { a: '1' } }),
    there: copy,
    says: 'source-changed: source-changed',
  },
  {
    name: 'a value that somebody else set, while the source was only written again',
    source: later({}),
    there: changed(copy, {
      data: { a: '1', b: 'mine' },
      managedFields: [ours('a'), theirs('kubectl-edit', 'b')],
    }),
    says: 'edited: edited by kubectl-edit data.b',
  },
  {
    name: 'a value that somebody else set, and another one of the source',
    source: later({ data: { a: '9', b: '2' } }),
    there: changed(copy, {
      data: { a: '1', b: 'mine' },
      managedFields: [ours('a'), theirs('kubectl-edit', 'b')],
    }),
    says: 'edited: edited by kubectl-edit data.b, source-changed data.a',
  },
  {
    name: 'a value whose owner also owns it with us, so nobody changed it',
    source: later({ data: { a: '1', b: '9' } }),
    there: changed(copy, { managedFields: [ours('a', 'b'), theirs('argocd', 'b')] }),
    says: 'source-changed: source-changed',
  },
  {
    name: 'a key that somebody added',
    source: later({}),
    there: changed(copy, {
      data: { a: '1', b: '2', c: 'mine' },
      managedFields: [ours('a', 'b'), theirs('helm', 'c')],
    }),
    says: 'edited: edited by helm data.c',
  },
  {
    name: 'a key that somebody added, and a new one of the source',
    source: later({ data: { a: '1', b: '2', d: '4' } }),
    there: changed(copy, {
      data: { a: '1', b: '2', c: 'mine' },
      managedFields: [ours('a', 'b'), theirs('helm', 'c')],
    }),
    says: 'edited: edited by helm data.c, source-changed data.d',
  },
  {
    name: 'a value that somebody changed, and a new key of the source',
    source: later({ data: { a: '1', b: '2', d: '4' } }),
    there: changed(copy, {
      data: { a: '1', b: 'mine' },
      managedFields: [ours('a'), theirs('kubectl-edit', 'b')],
    }),
    says: 'edited: edited by kubectl-edit data.b, source-changed data.d',
  },
  {
    name: 'a key that somebody removed, who left no trace',
    source: later({}),
    there: changed(copy, { data: { a: '1' }, managedFields: [ours('a')] }),
    says: 'edited: edited data.b',
  },
  {
    name: 'a label that somebody set, and one of the source',
    source: later({ labels: { app: 'x', tier: 'y' } }),
    there: changed(copy, {
      labels: { ...copy.labels, app: 'mine' },
      managedFields: [
        ourEntry(
          tree(
            '{"f:data":{"f:a":{},"f:b":{}},"f:metadata":{"f:labels":{},"f:annotations":{"f:kubed.appscode.com/origin":{}}}}',
          ),
        ),
      ],
    }),
    says: 'edited: edited labels.app, source-changed labels.tier',
  },
  {
    name: 'an annotation that somebody set',
    source: later({ annotations: { note: 'x' } }),
    there: changed(copy, {
      annotations: { ...copy.annotations, note: 'mine' },
      managedFields: [ours('a', 'b')],
    }),
    says: 'edited: edited annotations.note',
  },
  {
    name: 'a value, when nothing says who owns what',
    source: later({}),
    there: changed(copy, { data: { a: '1', b: 'mine' }, managedFields: [] }),
    says: 'source-changed: source-changed',
  },
  {
    name: 'a value, of a copy that was made from this very version of the source',
    source,
    there: changed(copy, {
      data: { a: '1', b: 'mine' },
      managedFields: [ours('a'), theirs('kubectl-edit', 'b')],
    }),
    says: 'edited: edited by kubectl-edit',
  },
  {
    name: 'a value that somebody set before the copy is handed over',
    source: later({}),
    there: changed(copyOf(configMap('old/omni', { data: source.content.data }), 'team'), {
      data: { a: '1', b: 'mine' },
      managedFields: [ours('a'), theirs('kubectl-edit', 'b')],
    }),
    from: { namespace: 'old', name: 'omni' },
    says: 'handed-over: edited by kubectl-edit data.b, handed-over from old/omni',
  },
  {
    name: 'nothing, of a copy that is handed over',
    source: later({}),
    there: copyOf(configMap('old/omni', { data: source.content.data }), 'team'),
    from: { namespace: 'old', name: 'omni' },
    says: 'handed-over: handed-over from old/omni',
  },
  {
    name: 'a value of a copy that the old operator made from this very version',
    source,
    there: changed(oldCopyOf(source, 'team'), {
      data: { a: '1', b: 'mine' },
      managedFields: [entry('kubed', tree('{"f:data":{"f:a":{}}}')), theirs('kubectl-edit', 'b')],
    }),
    says: 'old-operator: edited by kubectl-edit data.b, old-operator',
  },
  {
    name: 'a value that vanished from a copy that the old operator made from this very version',
    source,
    there: changed(oldCopyOf(source, 'team'), {
      data: { a: '1' },
      managedFields: [entry('kubed', tree('{"f:data":{"f:a":{}}}'))],
    }),
    says: 'old-operator: edited data.b, old-operator',
  },
  {
    name: 'a value of a copy that the old operator made from an earlier version',
    source: later({ data: { a: '1', b: '3' } }),
    there: oldCopyOf(source, 'team'),
    says: 'old-operator: old-operator',
  },
  {
    name: 'nothing, of a copy that the old operator made',
    source,
    there: oldCopyOf(source, 'team'),
    says: 'old-operator: old-operator',
  },
];

for (const { name, source: now, there, from, says } of rows)
  test(`who changed ${name}`, () => {
    const want = { namespace: 'team', source: now, ...(from && { from }) };
    const decision = decideCopy(want, there, settings());
    assert.ok(decision.result === 'change', decision.result);
    const { change } = decision;
    assert.equal(`${change.reason}: ${causesOf(change).map(causeWords).join(', ')}`, says);
  });
