import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type WantedCopy, adoptRefusal, decideCopy, wantedCopyOf } from '../../src/plan/decide-copy.ts';
import { isFromOldOperator } from '../../src/plan/managed-fields/proof-of-ownership.ts';
import { type PruneDecision, decidePrune } from '../../src/plan/copy/decide-prune.ts';
import type { Body, ObjectMeta } from '../../src/model/objects.ts';
import type { Change, Mark, Prune } from '../../src/model/change.ts';
import type { Settings } from '../../src/model/settings.ts';
import {
  changed,
  configMap,
  copyOf,
  entry,
  namespace,
  oldCopyOf,
  ourEntry,
  relabeled,
  secret,
  settings,
  tree,
  treeOf,
} from '../support/build.ts';

const source = secret('demo/omni', {
  uid: 'u-1',
  resourceVersion: '42',
  data: { a: 'MQ==', b: 'Mg==' },
  labels: { app: 'omni' },
});
const copy = changed(copyOf(source, 'team-a'), { uid: 'u-2', resourceVersion: '7' });
const team = namespace('team-a').name;
const want: WantedCopy = { namespace: team, source };
const wantFrom = (from: string): WantedCopy => ({ ...want, from: { namespace: from, name: 'omni' } });
const EDITED = { a: 'MQ==', b: 'eA==' };
const other = secret('other/omni', { data: source.content.data, labels: { app: 'omni' } });
const foreign = secret('team-a/omni', { uid: 'u-9', resourceVersion: '9', data: EDITED });
const immutable = changed(copy, { content: { ...copy.content, immutable: true } });
const immutableSource = changed(source, { content: { ...source.content, immutable: true } });
const posingAs = (content: Body['content']): Body =>
  changed(copy, { content, annotations: { ...copy.annotations, 'kubed.appscode.com/sync': '' } });
const sourceLater = changed(source, { resourceVersion: '43' });
const recreated = changed(source, { uid: 'u-77', resourceVersion: '43' });
const DELETED = { deletionTimestamp: '2026-02-02T00:00:00Z' };
const adopting: Settings = settings({ onConflict: 'adopt', sourceNamespaces: ['demo'] });
const adopt: WantedCopy = { ...want, adopt: foreign.uid };

/** One line per decision: what is done, why, and which names differ. */
/** After the time of the run. */
const LATER = '2026-02-01T00:00:00Z';
const NAME = { kind: 'Secret', namespace: 'team-a', name: 'omni' } as const;

function shown(decision: ReturnType<typeof decideCopy>): string {
  if (decision.result === 'finding') return `finding ${decision.finding.reason}`;
  return decision.result === 'change' ? shownChange(decision.change) : decision.result;
}

function shownChange(change: Exclude<Change, Mark | Prune>): string {
  if (change.action === 'create') return `create ${change.reason}`;
  const sign = { add: '+', remove: '-', change: '~' } as const;
  const fields = change.fields.map(
    ({ part, key, op }) =>
      `${sign[op]}${part}${key === undefined ? '' : `.${key.replace('kubed.appscode.com/', '')}`}`,
  );
  const because = change.action === 'replace' ? [`because ${change.because}`] : [];
  const moved = 'managedFields' in change && change.managedFields !== undefined ? ['moving ownership'] : [];
  return [change.action, change.reason, ...because, ...moved, ...fields].join(' ');
}

interface Row {
  readonly name: string;
  readonly want?: WantedCopy;
  readonly there?: Body;
  readonly settings?: Settings;
  readonly decision: string;
}

const NEW_MARKS =
  '+labels.app.kubernetes.io/managed-by +labels.origin.cluster +labels.origin.name +labels.origin.namespace';
const NEW_ANNOTATIONS = '+annotations.fields +annotations.origin';

const rows: readonly Row[] = [
  { name: 'nothing there', decision: 'create missing' },
  { name: 'nothing there to adopt', want: adopt, settings: adopting, decision: 'create missing' },
  { name: 'nothing there to be handed over', want: wantFrom('other'), decision: 'create missing' },

  { name: 'as it should be', there: copy, decision: 'current' },
  {
    name: 'as it should be, somebody else’s label on it',
    there: changed(copy, {
      labels: { ...copy.labels, theirs: 'x' },
      managedFields: [...copy.managedFields, entry('x', tree('{"f:metadata":{"f:labels":{"f:theirs":{}}}}'))],
    }),
    decision: 'current',
  },
  {
    name: 'as it should be, a label of ours also another’s',
    there: changed(copy, {
      managedFields: [...copy.managedFields, entry('x', tree('{"f:metadata":{"f:labels":{"f:app":{}}}}'))],
    }),
    decision: 'current',
  },
  {
    name: 'as it should be, immutable',
    want: { ...want, source: immutableSource },
    there: copyOf(immutableSource, 'team-a'),
    decision: 'current',
  },
  {
    name: 'as it should be, an unwanted key that is no longer there',
    there: changed(copy, {
      managedFields: [ourEntry({ ...treeOf(copy), 'f:metadata': { 'f:labels': { 'f:gone': {} } } })],
    }),
    decision: 'current',
  },

  { name: 'a value edited', there: changed(copy, { data: EDITED }), decision: 'update edited ~data.b' },
  {
    name: 'a value edited, and known by whom',
    there: changed(copy, {
      data: EDITED,
      managedFields: [
        ourEntry(tree('{"f:data":{"f:a":{}},"f:type":{}}')),
        entry('x', tree('{"f:data":{"f:b":{}}}')),
      ],
    }),
    decision: 'update edited ~data.b',
  },
  { name: 'a key removed', there: changed(copy, { data: { a: 'MQ==' } }), decision: 'update edited +data.b' },
  {
    name: 'a key added',
    there: changed(copy, { data: { ...source.content.data, c: '' } }),
    decision: 'update edited -data.c',
  },
  {
    name: 'immutable switched on in the source',
    want: { ...want, source: immutableSource },
    there: copy,
    decision: 'update edited +immutable ~annotations.fields',
  },
  {
    name: 'a value and a label edited',
    there: changed(relabeled(copy, { ...copy.labels, app: 'x' }), { data: EDITED }),
    decision: 'update edited ~data.b ~labels.app',
  },

  {
    name: 'the source changed',
    want: { ...want, source: changed(sourceLater, { data: { a: 'MQ==' } }) },
    there: copy,
    decision: 'update source-changed -data.b ~annotations.fields ~annotations.origin',
  },
  {
    name: 'the source was written without a change',
    want: { ...want, source: sourceLater },
    there: copy,
    decision: 'refresh source-changed ~annotations.origin',
  },
  {
    name: 'the source was deleted and made again',
    want: { ...want, source: recreated },
    there: copy,
    decision: 'refresh source-changed ~annotations.origin',
  },
  {
    name: 'made again with the same resourceVersion',
    want: { ...want, source: changed(source, { uid: 'u-77' }) },
    there: copy,
    decision: 'refresh source-changed ~annotations.origin',
  },
  {
    name: 'the source lost a label',
    want: { ...want, source: changed(sourceLater, { labels: {} }) },
    there: copy,
    decision: 'refresh source-changed -labels.app ~annotations.origin',
  },
  {
    name: '--strip names a label that we wrote',
    there: copy,
    settings: settings({ strip: ['app'] }),
    decision: 'refresh edited -labels.app',
  },
  {
    name: '--strip names a label that somebody else wrote',
    there: changed(copy, { managedFields: [ourEntry(tree('{"f:data":{"f:a":{},"f:b":{}},"f:type":{}}'))] }),
    settings: settings({ strip: ['app'] }),
    decision: 'current',
  },

  {
    name: 'a label edited',
    there: relabeled(copy, { ...copy.labels, app: 'x' }),
    decision: 'refresh edited ~labels.app',
  },
  {
    name: 'the fields mark edited',
    there: changed(copy, { annotations: { ...copy.annotations, 'kubed.appscode.com/fields': 'x' } }),
    decision: 'refresh edited ~annotations.fields',
  },
  {
    name: 'ownership lost, all the same',
    there: changed(copy, { managedFields: [entry('x', treeOf(copy))] }),
    decision: 'refresh ownership moving ownership',
  },
  {
    name: 'ownership shared',
    there: changed(copy, {
      managedFields: [
        ...copy.managedFields,
        entry('helm', tree('{"f:data":{"f:a":{}}}'), { operation: 'Apply' }),
      ],
    }),
    decision: 'refresh ownership moving ownership',
  },
  {
    name: 'ownership reset',
    there: changed(copy, { managedFields: [] }),
    decision: 'refresh ownership moving ownership',
  },
  {
    name: 'ownership of what is there no more',
    there: changed(copy, {
      managedFields: [ourEntry({ ...treeOf(copy), 'f:data': { 'f:a': {}, 'f:b': {}, 'f:gone': {} } })],
    }),
    decision: 'refresh ownership moving ownership',
  },
  {
    name: 'stringData applied',
    there: changed(copy, {
      managedFields: [
        ...copy.managedFields,
        entry('x', tree('{"f:stringData":{"f:a":{}}}'), { operation: 'Apply' }),
      ],
    }),
    decision: 'refresh ownership moving ownership',
  },
  {
    name: 'ownership and a label',
    there: changed(copy, { labels: { ...copy.labels, app: 'x' }, managedFields: [] }),
    decision: 'refresh edited moving ownership ~labels.app',
  },

  {
    name: 'another type',
    there: changed(copy, { content: { ...copy.content, type: 'kubernetes.io/tls' } }),
    decision: 'replace edited because type ~type',
  },
  {
    name: 'another type, and immutable',
    there: changed(immutable, { content: { ...immutable.content, type: 'x' } }),
    decision: 'replace edited because type ~type -immutable',
  },
  {
    name: 'immutable there, content different',
    want: { ...want, source: immutableSource },
    there: changed(immutable, { data: EDITED }),
    decision: 'replace edited because immutable ~data.b ~annotations.fields',
  },
  {
    name: 'immutable there and not in the source',
    there: immutable,
    decision: 'replace edited because immutable -immutable',
  },
  {
    name: 'immutable there, only a label different',
    want: { ...want, source: immutableSource },
    there: relabeled(copyOf(immutableSource, 'team-a'), { ...copy.labels, app: 'x' }),
    decision: 'refresh edited ~labels.app',
  },
  {
    name: 'immutable there, source changed',
    want: { ...want, source: changed(immutableSource, { resourceVersion: '43', data: EDITED }) },
    there: changed(immutable, {}),
    decision: 'replace source-changed because immutable ~data.b ~annotations.fields ~annotations.origin',
  },

  {
    name: 'another type, and pretends to be a source',
    there: posingAs({ ...copy.content, type: 'kubernetes.io/tls' }),
    decision: 'later',
  },
  {
    name: 'immutable there, and pretends to be a source',
    there: posingAs(immutable.content),
    decision: 'later',
  },
  {
    name: 'content different, and pretends to be a source',
    there: changed(posingAs(copy.content), { data: EDITED }),
    decision: 'update edited ~data.b',
  },

  {
    name: 'handed over',
    want: wantFrom('other'),
    there: copyOf(other, 'team-a'),
    decision: 'refresh handed-over ~labels.origin.namespace ~annotations.origin',
  },
  {
    name: 'handed over, other content',
    want: wantFrom('other'),
    there: changed(copyOf(other, 'team-a'), { data: EDITED }),
    decision: 'update handed-over ~data.b ~labels.origin.namespace ~annotations.origin',
  },
  {
    name: 'handed over, another type',
    want: wantFrom('other'),
    there: copyOf(changed(other, { content: { ...other.content, type: 'x' } }), 'team-a'),
    decision: 'replace handed-over because type ~type ~labels.origin.namespace ~annotations.origin',
  },
  {
    name: 'handed over from outside --source-namespace',
    want: wantFrom('other'),
    there: copyOf(other, 'team-a'),
    settings: settings({ sourceNamespaces: ['demo'] }),
    decision: 'refresh handed-over ~labels.origin.namespace ~annotations.origin',
  },
  {
    name: 'a replace from outside --source-namespace',
    want: wantFrom('other'),
    there: copyOf(changed(other, { content: { ...other.content, type: 'x' } }), 'team-a'),
    settings: settings({ sourceNamespaces: ['demo'] }),
    decision: 'finding contested',
  },
  {
    name: 'a replace from within --source-namespace',
    want: wantFrom('other'),
    there: copyOf(changed(other, { content: { ...other.content, type: 'x' } }), 'team-a'),
    settings: settings({ sourceNamespaces: ['demo', 'other'] }),
    decision: 'replace handed-over because type ~type ~labels.origin.namespace ~annotations.origin',
  },
  { name: 'handed over already', want: wantFrom('other'), there: copy, decision: 'current' },
  {
    name: 'a third origin’s by now',
    want: wantFrom('other'),
    there: copyOf(secret('third/omni'), 'team-a'),
    decision: 'later',
  },
  { name: 'another origin’s, of which nobody spoke', there: copyOf(other, 'team-a'), decision: 'later' },

  { name: 'somebody else’s object', there: foreign, decision: 'finding conflict' },
  {
    name: 'somebody else’s object, the same content',
    there: changed(foreign, { content: source.content, labels: source.labels }),
    decision: 'finding conflict',
  },
  {
    name: 'marks that disagree',
    there: changed(copy, { labels: { ...copy.labels, 'kubed.appscode.com/origin.name': 'x' } }),
    decision: 'finding conflict',
  },
  {
    name: 'another cluster’s',
    there: copyOf(source, 'team-a', settings({ clusterName: 'prod' })),
    decision: 'finding conflict',
  },
  {
    name: 'somebody else’s object that is being deleted',
    there: changed(foreign, DELETED),
    decision: 'finding conflict',
  },
  {
    name: 'adopted',
    want: adopt,
    there: foreign,
    settings: adopting,
    decision: `update adopted moving ownership ~data.b +labels.app ${NEW_MARKS} ${NEW_ANNOTATIONS}`,
  },
  {
    name: 'adopted with the right content',
    want: adopt,
    there: changed(foreign, { data: source.content.data }),
    settings: adopting,
    decision: `refresh adopted moving ownership +labels.app ${NEW_MARKS} ${NEW_ANNOTATIONS}`,
  },
  {
    name: 'adopted: metadata on the strip list stays, since its owner may need it there',
    want: { ...adopt, source: changed(source, { labels: { 'app.kubernetes.io/instance': 'x' } }) },
    there: changed(foreign, { labels: { 'app.kubernetes.io/instance': 'x' } }),
    settings: adopting,
    decision: `update adopted moving ownership ~data.b ${NEW_MARKS} ${NEW_ANNOTATIONS}`,
  },
  {
    name: 'adopt, but it was recreated since the run decided',
    want: adopt,
    there: changed(foreign, { uid: 'u-10' }),
    settings: adopting,
    decision: 'finding conflict',
  },
  { name: 'adopted already', want: adopt, there: copy, settings: adopting, decision: 'current' },
  {
    name: 'adopt, but it was not there when the run decided',
    there: foreign,
    settings: adopting,
    decision: 'finding conflict',
  },
  {
    name: 'adopt, in kube-system',
    want: { ...adopt, namespace: 'kube-system' },
    there: changed(foreign, { namespace: 'kube-system' }),
    settings: adopting,
    decision: 'finding conflict',
  },
  {
    name: 'adopt, a source by now',
    want: adopt,
    there: secret('team-a/omni', { sync: '' }),
    settings: adopting,
    decision: 'finding conflict',
  },
  {
    name: 'adopt, being deleted',
    want: adopt,
    there: changed(foreign, DELETED),
    settings: adopting,
    decision: 'finding conflict',
  },

  { name: 'ours, being deleted', there: changed(copy, DELETED), decision: 'finding being-deleted' },
  {
    name: 'ours, being deleted, different',
    there: changed(copy, { ...DELETED, data: EDITED }),
    decision: 'finding being-deleted',
  },
  {
    name: 'another origin’s, being deleted',
    want: wantFrom('other'),
    there: changed(copyOf(other, 'team-a'), DELETED),
    decision: 'finding being-deleted',
  },

  {
    name: 'the old operator’s',
    there: oldCopyOf(source, 'team-a'),
    decision:
      'refresh old-operator moving ownership +labels.app.kubernetes.io/managed-by +annotations.fields',
  },
  {
    name: 'the old operator’s, without any managedFields',
    there: changed(oldCopyOf(source, 'team-a'), { managedFields: [] }),
    decision:
      'refresh old-operator moving ownership +labels.app.kubernetes.io/managed-by +annotations.fields',
  },
  {
    name: 'the old operator’s, of an older source',
    want: { ...want, source: sourceLater },
    there: oldCopyOf(source, 'team-a'),
    decision:
      'refresh old-operator moving ownership +labels.app.kubernetes.io/managed-by +annotations.fields ~annotations.origin',
  },
  {
    name: 'the old operator’s, other content',
    there: changed(oldCopyOf(source, 'team-a'), { data: EDITED }),
    decision:
      'update old-operator moving ownership ~data.b +labels.app.kubernetes.io/managed-by +annotations.fields',
  },
];

suite('what becomes of a wanted copy', () => {
  for (const { name, want: asked = want, there, settings: options = settings(), decision } of rows) {
    test(`${name}: ${decision}`, () => assert.equal(shown(decideCopy(asked, there, options)), decision));
  }
});

test('a label that kubed-sync owns with another value was changed by admission, and is not written again', () => {
  const there = changed(copy, { labels: { ...copy.labels, app: 'x' } });
  assert.deepEqual(decideCopy(want, there, settings()), {
    result: 'current',
    finding: {
      reason: 'changed-by-admission',
      kind: 'Secret',
      namespace: 'team-a',
      name: 'omni',
      fields: [{ part: 'labels', key: 'app', op: 'change' }],
    },
  });
});

test('an annotation that admission changed is not written again either', () => {
  const noted = changed(source, { annotations: { note: 'one' } });
  const written = copyOf(noted, 'team-a');
  const there = changed(written, { annotations: { ...written.annotations, note: 'two' } });
  const decision = decideCopy({ ...want, source: noted }, there, settings());
  assert.ok(decision.result === 'current' && decision.finding?.reason === 'changed-by-admission');
  assert.deepEqual(decision.finding.fields, [{ part: 'annotations', key: 'note', op: 'change' }]);
});

suite('what a change says in full', () => {
  const at = {
    kind: 'Secret',
    namespace: 'team-a',
    name: 'omni',
    origin: { namespace: 'demo', name: 'omni' },
  };
  const guard = { uid: 'u-2', resourceVersion: '7' };

  test('a create', () => {
    assert.deepEqual(decideCopy(want, undefined, settings()), {
      result: 'change',
      change: { action: 'create', ...at, reason: 'missing' },
    });
  });

  test('an update, with who edited', () => {
    const there = changed(copy, {
      data: EDITED,
      managedFields: [
        ...copy.managedFields,
        entry('b', tree('{"f:data":{"f:b":{}}}')),
        entry('a', tree('{"f:type":{}}')),
      ],
    });
    const decision = decideCopy(want, there, settings());
    assert.ok(decision.result === 'change' && decision.change.action === 'update');
    const { managedFields, ...rest } = decision.change;
    assert.deepEqual(
      managedFields?.map(({ manager }) => manager),
      ['kubed-sync'],
    );
    assert.deepEqual(rest, {
      action: 'update',
      ...at,
      reason: 'edited',
      fields: [{ part: 'data', key: 'b', op: 'change' }],
      guard,
      editors: ['a', 'b'],
    });
  });

  test('a replace sends no managedFields, since the copy is recreated', () => {
    const there = changed(immutable, { managedFields: [ourEntry({})] });
    assert.deepEqual(decideCopy(want, there, settings()), {
      result: 'change',
      change: {
        action: 'replace',
        ...at,
        reason: 'edited',
        fields: [{ part: 'immutable', op: 'remove' }],
        guard,
        editors: [],
        because: 'immutable',
      },
    });
  });

  test('nothing that would be deleted or handed over without proof that it is ours', () => {
    const foreign = { managedFields: [entry('kubectl', {})] };
    const orphan = { result: 'finding', finding: { reason: 'orphan', ...NAME, why: 'replace' } };
    const replaced = decideCopy(want, changed(immutable, foreign), settings());
    assert.deepEqual(replaced, { ...orphan, finding: { ...orphan.finding, origin: at.origin } });
    const handedOver = decideCopy(wantFrom('other'), changed(copyOf(other, 'team-a'), foreign), settings());
    const { namespace: from, name } = other;
    assert.deepEqual(handedOver, {
      result: 'finding',
      finding: { ...orphan.finding, origin: { namespace: from, name }, why: 'hand-over' },
    });
    for (const [asked, there] of [
      [want, immutable],
      [wantFrom('other'), copyOf(other, 'team-a')],
    ] as const)
      for (const options of [settings(), settings({ pruneLegacy: true })]) {
        const isForeign = options.pruneLegacy ? foreign : {};
        assert.equal(decideCopy(asked, changed(there, isForeign), options).result, 'change');
      }
  });

  test('an object to adopt is never deleted, unless --prune-legacy says so', () => {
    const foreign = secret('team-a/omni', { type: 'example.com/other', managedFields: [entry('helm', {})] });
    const asked = { ...want, adopt: foreign.uid };
    const decision = decideCopy(asked, foreign, settings({ onConflict: 'adopt' }));
    assert.ok(decision.result === 'finding' && decision.finding.reason === 'conflict');
    assert.equal(decision.finding.adopt, 'needs-replace');
    const legacy = decideCopy(asked, foreign, settings({ onConflict: 'adopt', pruneLegacy: true }));
    assert.ok(legacy.result === 'change' && legacy.change.action === 'replace');
  });

  test('our entry in managedFields is never older than the object', () => {
    const there = changed(copy, {
      managedFields: [entry('kubectl', treeOf(copy))],
      creationTimestamp: LATER,
    });
    const decision = decideCopy(want, there, settings());
    assert.ok(decision.result === 'change' && decision.change.action === 'refresh');
    assert.equal(decision.change.managedFields?.at(-1)?.time, LATER);
  });

  test('a hand-over, with the origin that gave it up', () => {
    const decision = decideCopy(wantFrom('other'), copyOf(other, 'team-a'), settings());
    assert.ok(decision.result === 'change' && decision.change.action === 'refresh');
    assert.deepEqual(decision.change.from, { namespace: 'other', name: 'omni' });
    assert.deepEqual(decision.change.origin, { namespace: 'demo', name: 'omni' });
  });

  test('no origin that gave it up, where it is ours already and edited since', () => {
    const decision = decideCopy(wantFrom('other'), changed(copy, { data: EDITED }), settings());
    assert.ok(decision.result === 'change' && decision.change.action === 'update');
    assert.deepEqual([decision.change.reason, decision.change.from], ['edited', undefined]);
  });

  test('never a value', () => {
    for (const { want: asked = want, there, settings: options = settings() } of rows) {
      const text = JSON.stringify(decideCopy(asked, there, options));
      for (const value of ['MQ==', 'Mg==', 'eA==']) assert.ok(!text.includes(value));
    }
  });
});

suite('what a conflict says in full', () => {
  const base = {
    reason: 'conflict',
    kind: 'Secret',
    namespace: 'team-a',
    name: 'omni',
    origin: { namespace: 'demo', name: 'omni' },
  };
  const conflicts: readonly (readonly [
    name: string,
    want: WantedCopy,
    there: Body,
    settings: Settings,
    says: object,
  ])[] = [
    ['fail', want, foreign, settings(), { skipped: false }],
    ['skip', want, foreign, settings({ onConflict: 'skip' }), { skipped: true }],
    ['fail, being deleted', want, changed(foreign, DELETED), settings(), { skipped: false }],
    ['adopt, appeared meanwhile', want, foreign, adopting, { skipped: false, adopt: 'appeared-meanwhile' }],
    [
      'adopt, being deleted',
      adopt,
      changed(foreign, DELETED),
      adopting,
      { skipped: false, adopt: 'being-deleted' },
    ],
    [
      'adopt, a source',
      adopt,
      secret('team-a/omni', { sync: 'x' }),
      adopting,
      { skipped: false, adopt: 'is-a-source' },
    ],
  ];
  for (const [name, asked, there, options, says] of conflicts) {
    test(name, () => {
      assert.deepEqual(decideCopy(asked, there, options), {
        result: 'finding',
        finding: { ...base, ...says },
      });
    });
  }

  test('being deleted names the origin that the marks name', () => {
    const { reason: _, ...rest } = base;
    assert.deepEqual(decideCopy(wantFrom('other'), changed(copyOf(other, 'team-a'), DELETED), settings()), {
      result: 'finding',
      finding: { reason: 'being-deleted', ...rest, origin: { namespace: 'other', name: 'omni' } },
    });
  });

  test('a replace that an option would cause names the current owner', () => {
    const there = copyOf(changed(other, { content: { ...other.content, type: 'x' } }), 'team-a');
    assert.deepEqual(decideCopy(wantFrom('other'), there, settings({ sourceNamespaces: ['demo'] })), {
      result: 'finding',
      finding: {
        reason: 'contested',
        kind: 'Secret',
        namespace: 'demo',
        name: 'omni',
        currentOwner: { namespace: 'other', name: 'omni' },
        namespaces: ['team-a'],
      },
    });
  });
});

suite('what stands against adopting', () => {
  const refusals: readonly (readonly [
    name: string,
    there: ObjectMeta,
    refusal: ReturnType<typeof adoptRefusal>,
  ])[] = [
    ['nothing', foreign, undefined],
    ['kube-system', changed(foreign, { namespace: 'kube-system' }), 'system-namespace'],
    ['kube-public', changed(foreign, { namespace: 'kube-public' }), 'system-namespace'],
    ['kube-node-lease', changed(foreign, { namespace: 'kube-node-lease' }), 'system-namespace'],
    ['another kube-', changed(foreign, { namespace: 'kube-other' }), undefined],
    ['being deleted', changed(foreign, DELETED), 'being-deleted'],
    ['a source', secret('team-a/omni', { sync: '' }), 'is-a-source'],
  ];
  for (const [name, there, refusal] of refusals) {
    test(name, () => assert.equal(adoptRefusal(foreign.uid, there), refusal));
  }
  test('not there when the run decided', () => {
    assert.equal(adoptRefusal(undefined, foreign), 'appeared-meanwhile');
  });
  test('recreated since the run decided', () => {
    assert.equal(adoptRefusal('u-8', foreign), 'appeared-meanwhile');
  });
});

suite('what the old operator copied and a copy should not have', () => {
  const chart = { 'helm.sh/chart': 'omni-1', 'app.kubernetes.io/instance': 'omni' };
  const applied = { 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
  const helms = changed(source, { labels: { app: 'omni', ...chart }, annotations: applied });
  const asked: WantedCopy = { namespace: team, source: helms };
  const old = oldCopyOf(source, 'team-a');
  const carrying = (labels: object, annotations: object = {}): Body =>
    changed(old, {
      labels: { ...old.labels, ...labels },
      annotations: { ...old.annotations, ...annotations },
    });
  const MARKED = '+labels.app.kubernetes.io/managed-by';
  const removals: readonly (readonly [name: string, there: Body, fields: string, settings?: Settings])[] = [
    [
      'all of it',
      carrying(chart, applied),
      `-labels.app.kubernetes.io/instance ${MARKED} -labels.helm.sh/chart -annotations.kubectl.kubernetes.io/last-applied-configuration +annotations.fields`,
    ],
    [
      'not what has another value',
      carrying({ ...chart, 'helm.sh/chart': 'other' }),
      `-labels.app.kubernetes.io/instance ${MARKED} +annotations.fields`,
    ],
    [
      'not what the source does not have',
      carrying({ 'helm.sh/other': 'x' }),
      `${MARKED} +annotations.fields`,
    ],
    ['not what is not stripped', carrying({ app: 'omni' }), `${MARKED} +annotations.fields`],
    [
      'what --strip names',
      carrying({}),
      `-labels.app ${MARKED} +annotations.fields`,
      settings({ strip: ['app'] }),
    ],
  ];
  for (const [name, there, fields, options = settings()] of removals) {
    test(name, () => {
      assert.equal(
        shown(decideCopy(asked, there, options)),
        `refresh old-operator moving ownership ${fields}`,
      );
    });
  }

  test('an update removes it too', () => {
    const there = changed(carrying(chart), { data: EDITED });
    assert.equal(
      shown(decideCopy(asked, there, settings())),
      `update old-operator moving ownership ~data.b -labels.app.kubernetes.io/instance ${MARKED} -labels.helm.sh/chart +annotations.fields`,
    );
  });

  test('not from a copy that we wrote, since another client put it there', () => {
    const there = changed(copy, { labels: { ...copy.labels, ...chart } });
    assert.equal(decideCopy(asked, there, settings()).result, 'current');
  });

  test('its managed-by label becomes ours', () => {
    const managed = changed(source, { labels: { app: 'omni', 'app.kubernetes.io/managed-by': 'Helm' } });
    const there = carrying({ 'app.kubernetes.io/managed-by': 'Helm' });
    assert.equal(
      shown(decideCopy({ namespace: team, source: managed }, there, settings())),
      'refresh old-operator moving ownership ~labels.app.kubernetes.io/managed-by +annotations.fields',
    );
  });

  test('whose copy it is', () => {
    const { 'app.kubernetes.io/managed-by': _, ...labels } = copy.labels;
    assert.equal(isFromOldOperator(old), true);
    assert.equal(isFromOldOperator(copy), false);
    assert.equal(isFromOldOperator(changed(copy, { labels })), false, 'our field manager');
    assert.equal(isFromOldOperator(changed(copy, { managedFields: [] })), false, 'our label');
    assert.equal(isFromOldOperator(changed(copy, { labels, managedFields: [] })), true);
  });
});

suite('the want that a change came from', () => {
  const wants: readonly (readonly [
    name: string,
    want: WantedCopy,
    there: Body | undefined,
    settings?: Settings,
  ])[] = [
    ['a create', want, undefined],
    ['an update', want, changed(copy, { data: EDITED })],
    ['a replace', want, immutable],
    ['a refresh', want, oldCopyOf(source, 'team-a')],
    ['a hand-over', wantFrom('other'), copyOf(other, 'team-a')],
    ['an adoption', adopt, foreign, adopting],
  ];
  for (const [name, asked, there, options = settings()] of wants) {
    test(name, () => {
      const decision = decideCopy(asked, there, options);
      assert.ok(decision.result === 'change');
      assert.deepEqual(wantedCopyOf(decision.change, source), asked);
    });
  }
});

suite('what becomes of a prune whose delete met a conflict', () => {
  const prune: Prune = {
    action: 'prune',
    kind: 'Secret',
    namespace: 'team-a',
    name: 'omni',
    origin: { namespace: 'demo', name: 'omni' },
    reason: 'source-gone',
    guard: { uid: 'u-2', resourceVersion: '1' },
  };
  const again: Prune = { ...prune, guard: { uid: 'u-2', resourceVersion: '7' } };
  const prunes: readonly (readonly [name: string, there: ObjectMeta | undefined, decision: PruneDecision])[] =
    [
      ['gone', undefined, 'gone'],
      ['being deleted', changed(copy, DELETED), 'gone'],
      ['somebody changed its data', changed(copy, { data: EDITED }), again],
      ['somebody changed a label', changed(copy, { labels: { ...copy.labels, app: 'x' } }), again],
      ['not ours any more', changed(copy, { labels: {} }), 'kept'],
      [
        'another cluster’s',
        changed(copy, { labels: copyOf(source, 'team-a', settings({ clusterName: 'x' })).labels }),
        'kept',
      ],
      ['another origin’s by now', changed(copyOf(other, 'team-a'), { uid: 'u-2' }), 'kept'],
      ['recreated meanwhile', changed(copy, { uid: 'u-3' }), 'kept'],
      [
        'a sync annotation on it by now',
        changed(copy, { annotations: { ...copy.annotations, 'kubed.appscode.com/sync': '' } }),
        'kept',
      ],
      ['nothing shows any more who wrote it', changed(copy, { managedFields: [] }), 'kept'],
      ['somebody else’s object', foreign, 'kept'],
      ['an object without marks', configMap('team-a/omni'), 'kept'],
    ];
  for (const [name, there, decision] of prunes) {
    test(`${name}: ${typeof decision === 'string' ? decision : 'once more'}`, () =>
      assert.deepEqual(decidePrune(prune, there, settings()), decision));
  }
});
