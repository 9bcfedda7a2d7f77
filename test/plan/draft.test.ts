import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { guard } from '../../src/plan/guard.ts';
import type { Body, Namespace } from '../../src/model/objects.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { Settings } from '../../src/model/settings.ts';
import {
  changed,
  configMap,
  copyOf,
  entry,
  markLabels,
  namespace,
  oldCopyOf,
  relabeled,
  secret,
} from '../support/build.ts';
import { planOf, settingsWith, worldOf } from '../support/world.ts';

/* The decision table of the design (section 3), row by row, over whole snapshots. */

interface Row {
  readonly name: string;
  readonly namespaces?: readonly Namespace[];
  readonly objects: readonly Body[];
  readonly settings?: Partial<Settings>;
  /** Changes as `action namespace/name reason`, findings as `reason namespace/name`. */
  readonly plan: readonly string[];
}

const NAMESPACES = [namespace('demo'), namespace('a'), namespace('b', { labels: { env: 'prod' } })];
const SCOPE = { sourceNamespaces: ['demo'] };
const omni = configMap('demo/omni', { sync: '', data: { you: 'only' }, labels: { app: 'x' } });
const prod = configMap('demo/omni', { sync: 'env=prod', data: { you: 'only' } });
const plain = configMap('demo/omni', { data: { you: 'only' } });
const current = [copyOf(omni, 'a'), copyOf(omni, 'b')];
const edited = changed(copyOf(omni, 'a'), {
  data: { you: 'EDIT' },
  managedFields: [entry('kubectl-edit', { 'f:data': { 'f:you': {} } })],
});

function lines({ changes, findings }: Plan): string[] {
  return [
    ...changes.map(({ action, namespace: at, name, reason }) => `${action} ${at}/${name} ${reason}`),
    ...findings.map((finding) => `${finding.reason} ${placeOf(finding)}`.trim()),
  ];
}

function placeOf(finding: Finding): string {
  if ('name' in finding) return `${finding.namespace}/${finding.name}`;
  return 'namespace' in finding ? finding.namespace : 'copies' in finding ? String(finding.copies) : '';
}

function check(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    for (const { name, namespaces = NAMESPACES, objects, settings = {}, plan } of rows) {
      test(name, () => {
        const all = settingsWith({ ...SCOPE, ...settings });
        assert.deepEqual(lines(planOf(worldOf(namespaces, objects), all)), plan);
      });
    }
  });
}

check('wanted', [
  {
    name: 'nothing there: create',
    objects: [omni],
    plan: ['create a/omni missing', 'create b/omni missing'],
  },
  {
    name: '"true" is every namespace too',
    objects: [{ ...omni, annotations: { 'kubed.appscode.com/sync': 'true' } }],
    plan: ['create a/omni missing', 'create b/omni missing'],
  },
  { name: 'ours and current: unchanged', objects: [omni, ...current], plan: [] },
  {
    name: 'ours, only the source version moved: refresh',
    objects: [{ ...omni, resourceVersion: '2' }, ...current],
    plan: ['refresh a/omni source-changed', 'refresh b/omni source-changed'],
  },
  {
    name: 'ours, content edited: update',
    objects: [omni, edited, current[1] ?? omni],
    plan: ['update a/omni edited'],
  },
  {
    name: 'ours, source changed: update',
    objects: [changed(omni, { resourceVersion: '2', data: { you: 'new' } }), ...current],
    plan: ['update a/omni source-changed', 'update b/omni source-changed'],
  },
  {
    name: 'ours, ownership lost: refresh',
    objects: [omni, changed(copyOf(omni, 'a'), { managedFields: [] }), copyOf(omni, 'b')],
    plan: ['refresh a/omni ownership'],
  },
  {
    name: 'ours, a label of somebody else: unchanged',
    objects: [
      omni,
      changed(copyOf(omni, 'a'), { labels: { ...copyOf(omni, 'a').labels, team: 'x' } }),
      copyOf(omni, 'b'),
    ],
    plan: [],
  },
  {
    name: 'ours, a label changed by another manager: refresh',
    objects: [
      omni,
      relabeled(copyOf(omni, 'a'), { ...copyOf(omni, 'a').labels, app: 'y' }),
      copyOf(omni, 'b'),
    ],
    plan: ['refresh a/omni edited'],
  },
  {
    name: 'ours, a label changed by admission: left as it is',
    objects: [
      omni,
      changed(copyOf(omni, 'a'), { labels: { ...copyOf(omni, 'a').labels, app: 'y' } }),
      copyOf(omni, 'b'),
    ],
    plan: ['changed-by-admission a/omni'],
  },
  {
    name: 'ours, a label changed by admission, and content edited: update',
    objects: [
      omni,
      changed(edited, {
        labels: { ...copyOf(omni, 'a').labels, app: 'y' },
        managedFields: [...copyOf(omni, 'a').managedFields, ...edited.managedFields],
      }),
      copyOf(omni, 'b'),
    ],
    plan: ['update a/omni edited'],
  },
  {
    name: 'made by the old operator: refresh once',
    objects: [omni, oldCopyOf(omni, 'a'), copyOf(omni, 'b')],
    plan: ['refresh a/omni old-operator'],
  },
  {
    name: 'immutable there and content different: replace',
    objects: [
      changed(omni, { resourceVersion: '2', data: { you: 'new' } }),
      changed(copyOf(omni, 'a'), { content: { ...omni.content, immutable: true } }),
      copyOf(omni, 'b'),
    ],
    plan: ['update b/omni source-changed', 'replace a/omni edited'],
  },
  {
    name: 'other Secret type: replace',
    objects: [
      secret('demo/s', { sync: 'env=prod', type: 'kubernetes.io/tls', resourceVersion: '2' }),
      copyOf(secret('demo/s', { type: 'Opaque' }), 'b'),
    ],
    plan: ['replace b/s source-changed'],
  },
  {
    name: 'of another origin that no longer claims it: handed over',
    objects: [omni, configMap('old/omni'), copyOf(configMap('old/omni'), 'a'), copyOf(omni, 'b')],
    namespaces: [...NAMESPACES, namespace('old', { annotations: { 'kubed.appscode.com/ignore': 'true' } })],
    settings: { sourceNamespaces: [] },
    plan: ['update a/omni handed-over', 'any-namespace-is-a-source'],
  },
  {
    name: 'being deleted: nothing',
    objects: [omni, { ...copyOf(omni, 'a'), deletionTimestamp: '2026-01-03T00:00:00Z' }, copyOf(omni, 'b')],
    plan: ['being-deleted a/omni'],
  },
  {
    name: 'terminating namespace: no target',
    namespaces: [namespace('demo'), namespace('a', { terminating: true })],
    objects: [omni],
    plan: [],
  },
  {
    name: 'ignored namespace: no target',
    namespaces: [namespace('demo'), namespace('a', { annotations: { 'kubed.appscode.com/ignore': 'true' } })],
    objects: [omni],
    plan: [],
  },
  {
    name: 'a namespace may be ignored and hold sources',
    namespaces: [namespace('demo', { annotations: { 'kubed.appscode.com/ignore': 'true' } }), namespace('a')],
    objects: [omni],
    plan: ['create a/omni missing'],
  },
  {
    name: 'a source that is being deleted gets no new copies, and keeps its old',
    objects: [{ ...omni, deletionTimestamp: '2026-01-03T00:00:00Z' }, copyOf(omni, 'a')],
    plan: [],
  },
  {
    name: 'nor does one in a terminating namespace',
    namespaces: [namespace('demo', { terminating: true }), namespace('a'), namespace('b')],
    objects: [omni, copyOf(omni, 'a')],
    plan: [],
  },
  {
    name: 'a ConfigMap kube-root-ca.crt is never a source',
    objects: [configMap('demo/kube-root-ca.crt', { sync: '' })],
    plan: [],
  },
]);

const foreign = configMap('a/omni', { data: { mine: 'x' } });

const coOwned = entry('argocd', { 'f:data': { 'f:you': {} } }, { operation: 'Apply' });
const withStringData = entry('argocd', { 'f:stringData': { 'f:you': {} } }, { operation: 'Apply' });
const labelled = configMap('demo/omni', {
  sync: '',
  data: { you: 'only' },
  labels: { app: 'x', old: 'label' },
});
const relabelled = changed(copyOf(labelled, 'a'), { annotations: copyOf(omni, 'a').annotations });

check('taken as current, and not', [
  {
    name: 'copies that share all metadata are judged alike',
    objects: [omni, ...['a', 'b', 'c'].map((at) => ({ ...copyOf(omni, 'a'), namespace: at }))].map(
      (object, _, [, first = omni]) => (object === omni ? object : { ...first, namespace: object.namespace }),
    ),
    plan: [],
  },
  {
    name: 'another manager owns content too',
    objects: [
      omni,
      changed(copyOf(omni, 'a'), { managedFields: [...copyOf(omni, 'a').managedFields, coOwned] }),
      copyOf(omni, 'b'),
    ],
    plan: ['refresh a/omni ownership'],
  },
  {
    name: 'another manager applied stringData',
    objects: [
      omni,
      changed(copyOf(omni, 'a'), { managedFields: [...copyOf(omni, 'a').managedFields, withStringData] }),
      copyOf(omni, 'b'),
    ],
    plan: ['refresh a/omni ownership'],
  },
  {
    name: 'a label that we own is no longer wanted',
    objects: [omni, relabelled, copyOf(omni, 'b')],
    plan: ['refresh a/omni edited'],
  },
  {
    name: 'an annotation that we own is no longer wanted',
    objects: [
      configMap('demo/omni', { sync: '', data: { you: 'only' } }),
      copyOf(configMap('demo/omni', { data: { you: 'only' }, annotations: { old: 'x' } }), 'a'),
      copyOf(configMap('demo/omni', { data: { you: 'only' } }), 'b'),
    ],
    plan: ['refresh a/omni edited'],
  },
  {
    name: 'the mark of the fields is not what we own',
    objects: [
      omni,
      changed(copyOf(omni, 'a'), {
        annotations: { ...copyOf(omni, 'a').annotations, 'kubed.appscode.com/fields': '0' },
      }),
      copyOf(omni, 'b'),
    ],
    plan: ['refresh a/omni edited'],
  },
]);

check('not ours', [
  { name: 'conflict under fail', objects: [omni, foreign, copyOf(omni, 'b')], plan: ['conflict a/omni'] },
  {
    name: 'conflict under skip',
    objects: [omni, foreign, copyOf(omni, 'b')],
    settings: { onConflict: 'skip' },
    plan: ['conflict a/omni'],
  },
  {
    name: 'adopted under adopt',
    objects: [omni, foreign, copyOf(omni, 'b')],
    settings: { onConflict: 'adopt' },
    plan: ['update a/omni adopted'],
  },
  {
    name: 'never adopted in kube-system',
    namespaces: [namespace('demo'), namespace('kube-system')],
    objects: [omni, configMap('kube-system/omni')],
    settings: { onConflict: 'adopt' },
    plan: ['conflict kube-system/omni'],
  },
  {
    name: 'not adopted while being deleted',
    objects: [prod, configMap('b/omni', { deletionTimestamp: '2026-01-03T00:00:00Z' })],
    settings: { onConflict: 'adopt' },
    plan: ['conflict b/omni'],
  },
  {
    name: 'a source of its own there, in scope or not: no target',
    objects: [prod, configMap('b/omni', { sync: 'x=y' })],
    settings: { onConflict: 'adopt' },
    plan: ['own-source-there b/omni'],
  },
  {
    name: 'marks of another cluster are not ours',
    objects: [prod, copyOf(prod, 'b', settingsWith({ clusterName: 'unicorn' }))],
    plan: ['conflict b/omni', 'other-cluster-name 1'],
  },
  {
    name: 'marks that disagree are not ours',
    objects: [prod, configMap('b/omni', { labels: markLabels(omni) })],
    plan: ['conflict b/omni', 'marks-disagree b'],
  },
  {
    name: 'marks that point at the object itself are none',
    objects: [configMap('b/self', { labels: markLabels({ namespace: 'b', name: 'self' }) })],
    plan: [],
  },
  {
    name: 'such a source stays a source',
    objects: [
      configMap('demo/self', { sync: 'env=prod', labels: markLabels({ namespace: 'demo', name: 'self' }) }),
    ],
    plan: ['create b/self missing'],
  },
  { name: 'unwanted and not ours: not our business', objects: [configMap('a/other')], plan: [] },
]);

const rival = configMap('b/omni', { sync: '', creationTimestamp: '2026-01-02T00:00:00Z' });
const ANY = { sourceNamespaces: [] };
const WARNED = 'any-namespace-is-a-source';

check('contested', [
  {
    name: 'a source that is being deleted does not ask for a vacant name',
    objects: [{ ...omni, deletionTimestamp: '2026-01-03T00:00:00Z' }, rival],
    settings: ANY,
    plan: ['create a/omni missing', WARNED, 'own-source-there demo/omni'],
  },
  {
    name: 'the older source gets a vacant name',
    objects: [omni, rival],
    settings: ANY,
    plan: [
      'create a/omni missing',
      WARNED,
      'contested b/omni',
      'own-source-there b/omni',
      'own-source-there demo/omni',
    ],
  },
  {
    name: 'the origin of the copy that is there keeps it',
    objects: [omni, rival, copyOf(rival, 'a')],
    settings: ANY,
    plan: [WARNED, 'contested demo/omni', 'own-source-there b/omni', 'own-source-there demo/omni'],
  },
  {
    name: 'at the same age the namespace decides',
    objects: [omni, { ...rival, creationTimestamp: omni.creationTimestamp }],
    settings: ANY,
    plan: [
      'create a/omni missing',
      WARNED,
      'contested demo/omni',
      'own-source-there b/omni',
      'own-source-there demo/omni',
    ],
  },
  {
    name: 'a frozen origin keeps what it has',
    objects: [omni, { ...rival, annotations: { 'kubed.appscode.com/sync': 'env in (' } }, copyOf(rival, 'a')],
    settings: ANY,
    plan: [WARNED, 'contested demo/omni', 'invalid-selector b/omni', 'own-source-there b/omni'],
  },
  {
    name: '--source-namespace takes over from outside of it',
    objects: [omni, rival, copyOf(rival, 'a')],
    plan: ['update a/omni handed-over', 'own-source-there b/omni'],
  },
  {
    name: 'but deletes nothing to do so',
    objects: [omni, rival, changed(copyOf(rival, 'a'), { content: { ...rival.content, immutable: true } })],
    plan: ['contested demo/omni', 'own-source-there b/omni'],
  },
  {
    name: 'kinds do not meet',
    objects: [omni, secret('b/omni', { sync: '' })],
    settings: ANY,
    plan: [
      'create a/omni missing',
      'create b/omni missing',
      'create a/omni missing',
      'create demo/omni missing',
      WARNED,
    ],
  },
]);

const annotatedCopy = changed(copyOf(omni, 'a'), {
  annotations: { ...copyOf(omni, 'a').annotations, 'kubed.appscode.com/sync': '' },
});

check('copies that pretend to be sources', [
  {
    name: 'a copy with a sync annotation is a copy',
    objects: [omni, annotatedCopy, copyOf(omni, 'b')],
    plan: ['copy-with-sync-annotation a/omni'],
  },
  {
    name: 'it is kept current',
    objects: [changed(omni, { resourceVersion: '2', data: { you: 'new' } }), annotatedCopy],
    plan: ['create b/omni missing', 'update a/omni source-changed', 'copy-with-sync-annotation a/omni'],
  },
  {
    name: 'it is never replaced, which would free the copies whose origin it is',
    objects: [
      changed(omni, { resourceVersion: '2', data: { you: 'new' } }),
      changed(annotatedCopy, { content: { ...omni.content, immutable: true } }),
      copyOf(annotatedCopy, 'b'),
    ],
    settings: ANY,
    plan: [WARNED, 'contested demo/omni', 'copy-with-sync-annotation a/omni'],
  },
  { name: 'it is never pruned', objects: [plain, annotatedCopy], plan: ['copy-with-sync-annotation a/omni'] },
  {
    name: 'copies whose origin it is stay as they are',
    objects: [plain, annotatedCopy, copyOf(annotatedCopy, 'b')],
    settings: ANY,
    plan: [WARNED, 'copy-with-sync-annotation a/omni'],
  },
]);

check('unwanted and ours', [
  { name: 'source gone', objects: current, plan: ['prune a/omni source-gone', 'prune b/omni source-gone'] },
  {
    name: 'annotation removed',
    objects: [plain, ...current],
    plan: ['prune a/omni annotation-removed', 'prune b/omni annotation-removed'],
  },
  {
    name: 'namespace not selected',
    objects: [prod, copyOf(prod, 'a'), copyOf(prod, 'b')],
    plan: ['prune a/omni namespace-not-selected'],
  },
  {
    name: 'namespace ignored',
    namespaces: [
      namespace('demo'),
      namespace('a', { annotations: { 'kubed.appscode.com/ignore': 'true' } }),
      namespace('b'),
    ],
    objects: [omni, ...current],
    plan: ['prune a/omni namespace-ignored'],
  },
  {
    name: 'an origin that can be no source',
    objects: [
      configMap('demo/kube-root-ca.crt', { sync: '' }),
      copyOf(configMap('demo/kube-root-ca.crt'), 'a'),
    ],
    plan: ['prune a/kube-root-ca.crt not-a-source'],
  },
  { name: '--no-prune', objects: [plain, ...current], settings: { prune: false }, plan: [] },
  {
    name: 'being deleted already',
    objects: [plain, { ...copyOf(omni, 'a'), deletionTimestamp: '2026-01-03T00:00:00Z' }],
    plan: ['being-deleted a/omni'],
  },
  {
    name: 'in a terminating namespace',
    namespaces: [namespace('demo'), namespace('a', { terminating: true })],
    objects: [plain, copyOf(omni, 'a')],
    plan: [],
  },
  {
    name: 'in a namespace that the list does not show',
    namespaces: [namespace('demo')],
    objects: [plain, copyOf(omni, 'a')],
    plan: [],
  },
  {
    name: 'of a source with a bad selector',
    objects: [{ ...omni, annotations: { 'kubed.appscode.com/sync': 'env in (' } }, ...current],
    plan: ['invalid-selector demo/omni'],
  },
  { name: 'of the old operator, origin not here', objects: [oldCopyOf(omni, 'a')], plan: ['orphan a/omni'] },
  {
    name: 'the same with --prune-legacy',
    objects: [oldCopyOf(omni, 'a')],
    settings: { pruneLegacy: true },
    plan: ['prune a/omni source-gone'],
  },
  {
    name: 'of the old operator, origin here',
    objects: [plain, oldCopyOf(omni, 'a')],
    plan: ['prune a/omni annotation-removed'],
  },
  {
    name: 'of another cluster',
    objects: [copyOf(omni, 'a', settingsWith({ clusterName: 'unicorn' }))],
    plan: ['other-cluster-name 1'],
  },
  {
    name: 'of an origin outside --source-namespace',
    objects: [copyOf(rival, 'a')],
    plan: ['out-of-scope 1'],
  },
  {
    name: 'in a namespace outside --include-namespace',
    objects: current,
    settings: { includeNamespaces: ['b*'] },
    plan: ['prune b/omni source-gone', 'out-of-scope 1'],
  },
  {
    name: 'in a namespace of --exclude-namespace',
    objects: current,
    settings: { excludeNamespaces: ['b*'] },
    plan: ['prune a/omni source-gone', 'out-of-scope 1'],
  },
  { name: 'of a kind that --kind leaves out', objects: current, settings: { kinds: ['Secret'] }, plan: [] },
  {
    name: 'of an origin that is itself a copy',
    objects: [copyOf(configMap('b/omni'), 'demo'), copyOf(omni, 'a')],
    plan: ['prune a/omni source-gone', 'out-of-scope 1'],
  },
  {
    name: 'that a source outside --source-namespace asks for',
    objects: [plain, copyOf(omni, 'a'), rival],
    plan: ['out-of-scope 1'],
  },
]);

const SEEN = { namespaces: ['demo', 'a'] };
const older = configMap('b/omni', { sync: '', creationTimestamp: '2020-01-02T00:00:00Z' });

check('where --namespace names demo and a', [
  { name: 'copies go to those alone', objects: [omni], settings: SEEN, plan: ['create a/omni missing'] },
  {
    name: 'a copy outside: neither changed nor pruned, nor seen',
    objects: [plain, ...current],
    settings: SEEN,
    plan: ['prune a/omni annotation-removed'],
  },
  {
    name: 'a source outside: its copies stay as they are, though nobody knows whether it is there',
    objects: [copyOf(rival, 'a'), copyOf(rival, 'demo')],
    settings: { ...SEEN, ...ANY },
    plan: [WARNED, 'out-of-scope 2'],
  },
  {
    name: 'the copy of a source outside is not taken over: contested',
    objects: [omni, copyOf(older, 'a')],
    settings: SEEN,
    plan: ['contested demo/omni', 'out-of-scope 1'],
  },
  {
    name: 'nor when it is being deleted',
    objects: [omni, { ...copyOf(older, 'a'), deletionTimestamp: '2026-01-03T00:00:00Z' }],
    settings: SEEN,
    plan: ['contested demo/omni', 'out-of-scope 1'],
  },
  {
    name: 'an older source outside is no rival where there is no copy',
    objects: [omni, older],
    settings: SEEN,
    plan: ['create a/omni missing'],
  },
  {
    name: 'nor for a copy that nobody who is seen asks for: it is pruned',
    objects: [plain, copyOf(omni, 'a'), older],
    settings: { ...SEEN, ...ANY },
    plan: ['prune a/omni annotation-removed', WARNED],
  },
  {
    name: 'of two sources that are seen the other one gets it',
    namespaces: [...NAMESPACES, namespace('c')],
    objects: [copyOf(omni, 'c'), configMap('a/omni', { sync: '' }), older],
    settings: { namespaces: ['demo', 'a', 'c'], sourceNamespaces: [] },
    plan: ['create demo/omni missing', 'update c/omni handed-over', WARNED],
  },
  {
    name: '--include-namespace narrows it further',
    objects: [omni],
    settings: { ...SEEN, includeNamespaces: ['b'] },
    plan: [],
  },
  {
    name: 'one that does not exist',
    objects: [omni],
    settings: { namespaces: ['demo', 'a', 'typo'] },
    plan: ['create a/omni missing', 'namespace-not-found typo'],
  },
  {
    name: 'a selector that matches none of them',
    objects: [prod],
    settings: SEEN,
    plan: ['no-namespace-selected demo/omni'],
  },
  { name: 'one alone is no open door', objects: [], settings: { ...ANY, namespaces: ['a'] }, plan: [] },
]);

test('what is said of some namespaces says so', () => {
  const settings = settingsWith({ ...SEEN, ...ANY });
  const { findings } = planOf(worldOf(NAMESPACES, [omni, prod, copyOf(older, 'a')]), settings);
  for (const finding of findings) {
    if (finding.reason === 'out-of-scope') continue;
    assert.ok('partial' in finding && finding.partial, finding.reason);
  }
});

check('what sources are told', [
  {
    name: 'a bad selector',
    objects: [configMap('demo/omni', { sync: 'env in (a' })],
    plan: ['invalid-selector demo/omni'],
  },
  {
    name: 'a selector like a boolean',
    objects: [configMap('demo/omni', { sync: 'false' })],
    plan: ['no-namespace-selected demo/omni', 'suspicious-selector demo/omni'],
  },
  {
    name: 'typographic quotes',
    objects: [configMap('demo/omni', { sync: 'env=“prod”' })],
    plan: ['invalid-selector demo/omni', 'suspicious-selector demo/omni'],
  },
  {
    name: 'a selector that matches no namespace',
    objects: [configMap('demo/omni', { sync: 'env=none' })],
    plan: ['no-namespace-selected demo/omni'],
  },
  {
    name: 'contexts of other clusters',
    objects: [configMap('demo/omni', { annotations: { 'kubed.appscode.com/sync-contexts': 'c1' } })],
    plan: [],
  },
  {
    name: 'annotations that leave no room for the marks',
    objects: [
      configMap('demo/omni', { sync: '', annotations: { big: 'x'.repeat(262_000) } }),
      copyOf(omni, 'a'),
    ],
    plan: ['source-not-copyable demo/omni'],
  },
  {
    name: 'the same annotation on a source that cannot be copied and on one that can',
    objects: [
      configMap('demo/large', { sync: 'env=prod', annotations: { big: 'x'.repeat(262_000) } }),
      configMap('demo/small', { sync: 'env=prod' }),
      copyOf(configMap('demo/small', { sync: 'env=prod' }), 'b'),
    ],
    plan: ['source-not-copyable demo/large'],
  },
  {
    name: 'a type that is never copied',
    objects: [
      secret('demo/s', { sync: 'env=prod', type: 'kubernetes.io/service-account-token' }),
      copyOf(secret('demo/s'), 'a'),
    ],
    plan: ['source-not-copyable demo/s'],
  },
  { name: 'an open door', objects: [], settings: ANY, plan: [WARNED] },
]);

test('every word that looks like a switch is a suspicious selector, also after !', () => {
  const words = [
    'true',
    'false',
    'yes',
    'no',
    'on',
    'off',
    'y',
    'n',
    't',
    'f',
    '0',
    '1',
    'enabled',
    'disabled',
  ];
  const suspicious = (sync: string): boolean =>
    planOf(worldOf(NAMESPACES, [configMap('demo/omni', { sync })]), settingsWith(SCOPE)).findings.some(
      ({ reason }) => reason === 'suspicious-selector',
    );
  for (const word of words) {
    assert.equal(suspicious(word), word !== 'true', word);
    assert.ok(suspicious(word.toUpperCase()), word);
    assert.ok(suspicious(` ! ${word}`), word);
    for (const other of [`${word}x`, `x${word}`, `${word}=x`]) assert.ok(!suspicious(other), other);
  }
});

test('nine copies of ten with one other cluster name are nearly all, and eight of nine are not', () => {
  const settings = settingsWith(SCOPE);
  const nearlyAll = (theirs: number, ours: number): unknown => {
    const names = Array.from({ length: theirs + ours }, (_, at) => `n${at}`);
    const objects = names.map((name, at) =>
      copyOf(omni, name, at < theirs ? settingsWith({ clusterName: 'unicorn' }) : settings),
    );
    const world = worldOf([namespace('demo'), ...names.map((name) => namespace(name))], [omni, ...objects]);
    return planOf(world, settings).findings.flatMap((one) =>
      one.reason === 'other-cluster-name' ? [one.nearlyAll] : [],
    );
  };
  assert.deepEqual(
    [nearlyAll(9, 1), nearlyAll(8, 1), nearlyAll(90, 10), nearlyAll(899, 101)],
    [[true], [false], [true], [false]],
  );
});

test('findings say whether nearly all copies bear one other cluster name', () => {
  const theirs = ['a', 'b'].map((at) => copyOf(omni, at, settingsWith({ clusterName: 'unicorn' })));
  const { findings } = planOf(worldOf(NAMESPACES, theirs), settingsWith(SCOPE));
  assert.deepEqual(findings, [
    { reason: 'other-cluster-name', clusterName: 'unicorn', copies: 2, nearlyAll: true },
  ]);
});

test('a plan counts sources, namespaces, unchanged copies and copies in scope', () => {
  const plan = planOf(
    worldOf(NAMESPACES, [omni, copyOf(omni, 'a'), copyOf(rival, 'c')]),
    settingsWith(SCOPE),
  );
  const { sources, namespaces, unchanged, copies } = plan;
  assert.deepEqual(
    { sources, namespaces, unchanged, copies },
    { sources: 1, namespaces: 3, unchanged: 1, copies: 1 },
  );
});

test('--verify reads what metadata takes as current, and finds what it cannot show', () => {
  const forged = changed(copyOf(omni, 'a'), { data: { you: 'unseen' } });
  const world = worldOf(NAMESPACES, [omni, forged, copyOf(omni, 'b')]);
  assert.deepEqual(lines(planOf(world, settingsWith(SCOPE))), []);
  assert.deepEqual(lines(planOf(world, settingsWith({ ...SCOPE, verify: true }))), ['update a/omni edited']);
});

test('the guard counts prunes and replaces against a number or a share of the copies in scope', () => {
  const plan = planOf(worldOf(NAMESPACES, [plain, ...current]), settingsWith(SCOPE));
  assert.equal(guard(plan, undefined), undefined);
  assert.equal(guard(plan, { count: 2 }), undefined);
  assert.equal(guard(plan, { percent: 100 }), undefined);
  assert.deepEqual(guard(plan, { percent: 99 }), {
    reason: 'prune-withheld',
    deletes: 2,
    limit: 1,
    maxPrune: { percent: 99 },
  });
  assert.deepEqual(guard(plan, { count: 0 }), {
    reason: 'prune-withheld',
    deletes: 2,
    limit: 0,
    maxPrune: { count: 0 },
  });
});
