import type { Cause, Change, Create, FieldDifference, Prune, PruneReason, Refresh, Replace, Update, ValueChange, WriteReason } from '../../src/model/change.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Failure } from '../../src/model/failure.ts';
import type { Origin } from '../../src/model/objects.ts';
import { compareChanges } from '../../src/plan/finalize.ts';
import type { SourceState } from '../../src/model/plan.ts';
import { NARROWING_FINDINGS } from './narrowing-reports.ts';
import type { AppliedChange, Outcome, Report } from '../../src/model/run-report.ts';

const GUARD = { uid: 'u', resourceVersion: '1' };
const OMNI: Origin = { namespace: 'demo', name: 'omni' };
const DONE: Outcome = { outcome: 'done' };
const PLANNED: Outcome = { outcome: 'planned' };
const REQUESTS = { list: 3, get: 2, create: 12, patch: 4, delete: 3 };

const data = (key: string, op: FieldDifference['op'] = 'change'): FieldDifference => ({ part: 'data', key, op });
const mark: FieldDifference = { part: 'annotations', key: 'kubed.appscode.com/origin', op: 'change' };

const create = (namespace: string, origin = OMNI, reason: WriteReason = 'missing'): Create => ({
  action: 'create',
  kind: 'ConfigMap',
  namespace,
  name: origin.name,
  origin,
  reason,
});

const update = (namespace: string, reason: WriteReason, fields: readonly FieldDifference[], editors: readonly string[] = []): Update => ({
  ...create(namespace, OMNI, reason),
  action: 'update',
  reason,
  fields,
  editors,
  guard: GUARD,
});

const refresh = (namespace: string, reason: WriteReason): Refresh => ({
  ...update(namespace, reason, [mark]),
  action: 'refresh',
});

const prune = (namespace: string, reason: PruneReason, selector?: string): Prune => ({
  action: 'prune',
  kind: 'Secret',
  namespace,
  name: 'regcred',
  origin: { namespace: 'demo', name: 'regcred' },
  reason,
  guard: GUARD,
  ...(selector !== undefined && { selector }),
});

const SOURCES: readonly SourceState[] = [
  { kind: 'ConfigMap', ...OMNI, selector: '', reach: 211, unchanged: 1200 },
  { kind: 'ConfigMap', namespace: 'rival', name: 'omni', selector: 'env in (a', frozen: true, reach: 0, unchanged: 0 },
  { kind: 'Secret', namespace: 'demo', name: 'regcred', selector: 'env in (prod, test)', reach: 47, unchanged: 34 },
];

const report = (carried: readonly AppliedChange[], findings: readonly Finding[], more: Partial<Report> = {}): Report => ({
  dryRun: false,
  clusterName: '',
  plan: {
    changes: carried.map(({ change }) => change),
    findings: [],
    sources: 3,
    bySource: SOURCES,
    namespaces: 212,
    unchanged: 1234,
    copies: 1300,
  },
  changes: carried,
  findings,
  requests: REQUESTS,
  ...more,
});

const all = (changes: readonly Change[], outcome: Outcome): readonly AppliedChange[] => changes.map((change) => ({ change, outcome }));

const numbered = (prefix: string, many: number): readonly string[] =>
  Array.from({ length: many }, (_, at) => `${prefix}-${String(at).padStart(4, '0')}`);

/** Nothing to do. */
export const QUIET: Report = report([], []);

/** An empty cluster. */
export const EMPTY: Report = report([], [], {
  plan: { changes: [], findings: [], sources: 0, bySource: [], namespaces: 4, unchanged: 0, copies: 0 },
});

/** A single change. */
export const ONE: Report = report(all([create('other')], DONE), []);

/** Twelve creates of one source. */
export const TWELVE: Report = report(all(numbered('team', 12).map((one) => create(one)), PLANNED), [], { dryRun: true });

/** Ten sources in a thousand namespaces: 10,000 edited copies, each with different edits. */
export const TEN_THOUSAND: Report = report(
  all(
    numbered('source', 10).flatMap((name) =>
      numbered('team', 1000).map((namespace) => create(namespace, { namespace: 'demo', name })),
    ),
    DONE,
  ),
  [],
);

/** As many copies, each edited in another key, and as many conflicts. */
export const TEN_THOUSAND_EDITS: Report = report(
  all(
    numbered('team', 10_000).map((one, at) => update(one, 'edited', [data(`key-${at}`)], [`editor-${at % 7}`])),
    DONE,
  ),
  numbered('foreign', 1237).map((namespace) => ({
    reason: 'conflict',
    kind: 'ConfigMap',
    namespace,
    name: 'omni',
    origin: OMNI,
    skipped: false,
  })),
);

/** As many sources, each with one copy to prune. */
export const TEN_THOUSAND_SOURCES: Report = report(
  all(
    numbered('ns', 10_000).map((namespace) => ({
      ...prune(namespace, 'source-gone'),
      origin: { namespace: `${namespace}-src`, name: 'regcred' },
    })),
    PLANNED,
  ),
  [],
  { dryRun: true },
);

const QUOTA = (namespace: string): Outcome => ({
  outcome: 'failed',
  status: 403,
  message: `configmaps "omni" is forbidden: exceeded quota: small, requested: count/configmaps=1, used: count/configmaps=10, limited: count/configmaps=10 in ${namespace}`,
});

const OUTCOMES: readonly AppliedChange[] = [
  ...all([create('a'), create('b'), create('c'), create('d'), create('e'), create('f')], DONE),
  ...['q1', 'q2', 'q3', 'q4', 'q5'].map((namespace) => ({ change: create(namespace), outcome: QUOTA(namespace) })),
  { change: create('gone'), outcome: { outcome: 'skipped', why: 'namespace-gone' } },
  { change: create('ending'), outcome: { outcome: 'skipped', why: 'namespace-terminating' } },
  { change: create('taken'), outcome: { outcome: 'skipped', why: 'conflict' } },
  { change: create('adopted', OMNI, 'adopted'), outcome: DONE },
  ...all(
    [
      update('u1', 'source-changed', [data('leave', 'remove'), data('live', 'add'), data('you'), mark]),
      update('u2', 'source-changed', [data('leave', 'remove'), data('live', 'add'), data('you'), mark]),
      update('u3', 'edited', [data('ca.crt')], ['kubectl-edit']),
      update('u4', 'edited', 'abcdefgh'.split('').map((key) => data(key)), ['helm', 'kubectl\u001b[31m']),
      { ...update('u5', 'handed-over', [data('you')]), from: { namespace: 'old', name: 'omni' } },
      { ...update('u6', 'adopted', [{ part: 'labels', key: 'app', op: 'add' }, data('x')], ['Mozilla']) },
    ],
    DONE,
  ),
  { change: update('u7', 'edited', [data('x')]), outcome: { outcome: 'skipped', why: 'changed-meanwhile' } },
  {
    change: update('u8', 'edited', [data('x')]),
    outcome: { outcome: 'failed', message: 'admission webhook "no.example.com" denied the request:\nnot today', status: 400 },
  },
  {
    change: {
      ...update('r1', 'source-changed', [{ part: 'type', op: 'change' }]),
      action: 'replace',
      kind: 'Secret',
      because: 'type',
    },
    outcome: DONE,
  },
  {
    change: { ...update('r2', 'source-changed', [data('x')]), action: 'replace', because: 'immutable' },
    outcome: { outcome: 'failed', message: 'etcdserver: request timed out', status: 500, missing: true },
  },
  ...all([refresh('f1', 'source-changed'), refresh('f2', 'old-operator'), refresh('f3', 'ownership')], DONE),
  { change: refresh('f4', 'ownership'), outcome: { outcome: 'skipped', why: 'timed-out' } },
  ...all(
    [
      prune('p1', 'source-gone'),
      prune('p2', 'annotation-removed'),
      prune('p3', 'not-a-source'),
      prune('p4', 'namespace-not-selected', 'env in (prod, test)'),
      prune('p5', 'namespace-not-selected'),
      prune('p6', 'namespace-ignored'),
      prune('p7', 'purge'),
    ],
    DONE,
  ),
  { change: prune('p8', 'source-gone'), outcome: { outcome: 'done', waitsForFinalizers: true } },
  { change: prune('p9', 'source-gone'), outcome: { outcome: 'skipped', why: 'prune-withheld' } },
  { change: prune('p10', 'source-gone'), outcome: { outcome: 'skipped', why: 'interrupted' } },
  { change: prune('p11', 'source-gone'), outcome: { outcome: 'failed', message: 'socket hang up' } },
];

const SOURCE = { kind: 'ConfigMap', ...OMNI } as const;
const COPY = { kind: 'ConfigMap', namespace: 'team-a', name: 'omni', origin: OMNI } as const;

/** The findings with each of their variants, without those of `narrowing-reports.ts`. */
export const FINDINGS: readonly Finding[] = [
  { reason: 'any-namespace-is-a-source' },
  { reason: 'any-namespace-is-a-source', partial: true },
  { reason: 'being-deleted', ...COPY },
  { reason: 'internal-error', kind: 'ConfigMap', namespace: 'team-a', name: 'omni' },
  { reason: 'changed-by-admission', ...COPY, fields: [data('x'), mark] },
  { reason: 'conflict', ...COPY, skipped: false },
  { reason: 'conflict', ...COPY, namespace: 'team-b', skipped: false },
  { reason: 'conflict', ...COPY, namespace: 'kube-system', skipped: false, adopt: 'system-namespace' },
  { reason: 'conflict', ...COPY, namespace: 'team-c', skipped: false, adopt: 'appeared-meanwhile' },
  { reason: 'conflict', ...COPY, namespace: 'team-d', skipped: false, adopt: 'being-deleted' },
  { reason: 'conflict', ...COPY, namespace: 'team-e', skipped: false, adopt: 'is-a-source' },
  { reason: 'conflict', ...COPY, namespace: 'team-f', skipped: true },
  { reason: 'conflict', ...COPY, namespace: 'team-g', skipped: false, adopt: 'not-a-mirror' },
  { reason: 'conflict', ...COPY, namespace: 'team-h', skipped: false, adopt: 'source-still-mirrored' },
  { reason: 'contested', ...SOURCE, namespace: 'rival', currentOwner: OMNI, namespaces: ['a', 'b', 'c'] },
  { reason: 'contested', ...SOURCE, namespace: 'rival', currentOwner: OMNI, namespaces: ['d'], partial: true },
  { reason: 'copy-with-sync-annotation', ...COPY },
  {
    reason: 'invalid-selector',
    ...SOURCE,
    selector: 'env in (a',
    problem: { at: 9, problem: { code: 'expected', expected: ['","', '")"'], found: '' } },
  },
  {
    reason: 'invalid-selector',
    ...SOURCE,
    selector: 'env prod',
    problem: { at: 4, problem: { code: 'expected', expected: ['an operator', '","', 'the end'], found: 'prod' } },
  },
  { reason: 'invalid-selector', ...SOURCE, selector: '-a=b', problem: { at: 0, problem: { code: 'bad-key', key: '-a' } } },
  { reason: 'invalid-selector', ...SOURCE, selector: 'a=b_', problem: { at: 2, problem: { code: 'bad-value', value: 'b_' } } },
  { reason: 'invalid-selector', ...SOURCE, selector: 'a>b', problem: { at: 2, problem: { code: 'not-an-integer', value: 'b' } } },
  {
    reason: 'marks-disagree',
    namespace: 'team-a',
    objects: [
      { kind: 'ConfigMap', namespace: 'team-a', name: 'x' },
      { kind: 'Secret', namespace: 'team-a', name: 'y' },
    ],
  },
  { reason: 'marks-disagree', namespace: 'team-b', objects: [{ kind: 'Secret', namespace: 'team-b', name: 'y' }] },
  { reason: 'namespace-not-found', namespace: 'team-x' },
  { reason: 'no-namespace-selected', ...SOURCE, selector: 'env=prdo' },
  { reason: 'no-namespace-selected', ...SOURCE, selector: 'env=prdo', partial: true },
  { reason: 'orphan', ...COPY, why: 'origin-missing' },
  { reason: 'orphan', ...COPY, why: 'unwanted' },
  { reason: 'orphan', ...COPY, why: 'replace' },
  { reason: 'orphan', ...COPY, why: 'hand-over' },
  { reason: 'other-cluster-name', clusterName: 'unicorn', copies: 1234, nearlyAll: true },
  { reason: 'other-cluster-name', clusterName: '', copies: 1, nearlyAll: false },
  { reason: 'out-of-scope', copies: 12 },
  { reason: 'own-source-there', ...SOURCE, namespace: 'rival', origins: [OMNI] },
  { reason: 'waiting-to-be-pruned', copies: 1, first: '2026-01-02T03:09:05Z', last: '2026-01-02T03:09:05Z' },
  { reason: 'waiting-to-be-pruned', copies: 40, first: '2026-01-02T03:05:05Z', last: '2026-01-02T03:09:05Z' },
  { reason: 'prune-withheld', deletes: 40, limit: 12, maxPrune: { percent: 10 } },
  { reason: 'prune-withheld', deletes: 40, limit: 12, maxPrune: { count: 12 } },
  { reason: 'source-changed', ...SOURCE, how: 'gone' },
  { reason: 'source-changed', ...SOURCE, how: 'replaced' },
  { reason: 'source-changed', ...SOURCE, how: 'annotation-changed' },
  { reason: 'source-changed', ...SOURCE, how: 'appeared' },
  { reason: 'source-not-copyable', kind: 'Secret', ...OMNI, why: { code: 'type', type: 'bootstrap.kubernetes.io/token' } },
  { reason: 'source-not-copyable', ...SOURCE, why: { code: 'annotations-too-large', bytes: 270_000, limit: 262_144 } },
  { reason: 'suspicious-ignore', value: 'yes', namespaces: ['team-a'] },
  { reason: 'suspicious-ignore', value: '', namespaces: ['team-b', 'team-c'] },
  { reason: 'suspicious-key', kind: 'Namespace', part: 'annotation', key: 'kubed.appscode.com/ignored', meant: 'kubed.appscode.com/ignore', objects: [{ namespace: 'team-a' }] },
  { reason: 'suspicious-key', kind: 'Namespace', part: 'annotation', key: 'kubed.appscode.com/sync', objects: [{ namespace: 'team-a' }] },
  { reason: 'suspicious-key', kind: 'Secret', part: 'annotation', key: 'kubed.appscode.com/Sync', meant: 'kubed.appscode.com/sync', objects: [OMNI] },
  { reason: 'suspicious-key', kind: 'Secret', part: 'annotation', key: 'kubed.appscode.com/other', objects: [OMNI] },
  { reason: 'suspicious-key', kind: 'Secret', part: 'label', key: 'kubed.appscode.com/sync', meant: 'kubed.appscode.com/sync', objects: numbered('team', 12).map((namespace) => ({ namespace, name: 'omni' })) },
  { reason: 'suspicious-selector', ...SOURCE, selector: 'false', why: 'boolean' },
  { reason: 'suspicious-selector', ...SOURCE, selector: 'env=\u201cprod\u201d\u202e', why: 'quotes' },
  {
    reason: 'unknown-key',
    ...SOURCE,
    keys: [
      { part: 'annotation', key: 'kubed.appscode.com/ignore' },
      { part: 'annotation', key: 'kubed.appscode.com/sync-context', meant: 'kubed.appscode.com/sync-contexts' },
    ],
  },
];

const FAILURE: Failure = { reason: 'unreachable', message: 'ECONNREFUSED', subject: 'https://10.0.0.9:6443' };
const UID = '0f6e1c2a-9d0b-4c1e-8f3a-5b7d9e2c4a61';

/** Changes in another cluster. */
const IN_CONTEXTS: readonly AppliedChange[] = [
  {
    change: { action: 'create', ...SOURCE, namespace: 'team', context: 'east', origin: OMNI, reason: 'missing' },
    outcome: { outcome: 'done' },
  },
  {
    change: {
      action: 'prune',
      ...SOURCE,
      namespace: 'old',
      context: 'east',
      origin: OMNI,
      reason: 'context-not-named',
      guard: { uid: 'u', resourceVersion: '1' },
    },
    outcome: { outcome: 'failed', message: 'Forbidden', status: 403 },
  },
];

/** Every finding about other clusters. */
const CONTEXT_FINDINGS: readonly Finding[] = [
  { reason: 'no-remote-kubeconfig', ...SOURCE, contexts: 'east, west' },
  { reason: 'invalid-contexts', ...SOURCE, contexts: '', why: 'empty' },
  { reason: 'invalid-contexts', ...SOURCE, contexts: 'prod-*', why: 'wildcard' },
  { reason: 'unknown-context', ...SOURCE, unknown: ['est'] },
  { reason: 'unknown-context', ...SOURCE, unknown: ['est', 'wst'] },
  { reason: 'no-context-matches', ...SOURCE, patterns: ['prd-*'] },
  { reason: 'remote-system-namespace', ...SOURCE, context: 'east' },
  { reason: 'bad-remote-kubeconfig', file: '/etc/kubed-sync/east.yaml', message: 'it is not valid YAML (line 3)' },
  { reason: 'context-refused', why: 'exec', files: ['/etc/kubed-sync/east.yaml'], context: 'east' },
  { reason: 'context-refused', why: 'insecure', files: ['/etc/kubed-sync/east.yaml'], context: 'east' },
  { reason: 'context-refused', why: 'file-outside', files: ['/etc/kubed-sync/east.yaml'], context: 'east' },
  { reason: 'context-refused', why: 'two-files', files: ['/etc/a.yaml', '/etc/b.yaml'], context: 'east' },
  { reason: 'context-failed', failure: FAILURE, sources: [], context: 'west' },
  { reason: 'context-failed', failure: FAILURE, sources: [SOURCE], context: 'west' },
  { reason: 'context-timed-out', context: 'west' },
  { reason: 'context-is-this-cluster', named: true, context: 'west' },
  { reason: 'context-is-this-cluster', named: false, context: 'west' },
  { reason: 'home-not-identified' },
  { reason: 'remote-namespace-not-found', namespace: 'team', copies: 2, context: 'east' },
  { reason: 'newer-than-home', ...SOURCE, origin: OMNI, context: 'east' },
  { reason: 'replace-needed', ...SOURCE, origin: OMNI, because: 'type', context: 'east' },
  { reason: 'replace-needed', ...SOURCE, origin: OMNI, because: 'immutable', context: 'east' },
  { reason: 'any-namespace-picks-a-target', context: 'east' },
  { reason: 'other-clusters-left-out', why: 'clusters-home', sources: 1 },
  { reason: 'other-clusters-left-out', why: 'manifests', sources: 2 },
  { reason: 'pushed-by-other-cluster', clusterUid: UID, copies: 1 },
  { reason: 'left-behind', ...SOURCE, origin: OMNI, recorded: 'old', context: 'east' },
  { reason: 'left-behind', ...SOURCE, origin: OMNI, recorded: '', context: 'east' },
  { reason: 'same-place', ...SOURCE, origin: OMNI, keptBy: 'west', context: 'east' },
  { reason: 'purged-one-namespace', namespace: 'team', context: 'east' },
  { reason: 'conflict', ...SOURCE, origin: OMNI, skipped: false, holder: { clusterUid: UID, context: 'west' } },
  { reason: 'orphan', ...SOURCE, origin: OMNI, why: 'former-cluster', context: 'east' },
];
/** Every finding, with each of its variants. */
export const ALL_FINDINGS: readonly Finding[] = [...FINDINGS, ...CONTEXT_FINDINGS, ...NARROWING_FINDINGS];

/** Every action, reason, outcome and finding in one report. */
export const EVERYTHING: Report = report([...OUTCOMES, ...IN_CONTEXTS], [...FINDINGS, ...CONTEXT_FINDINGS], {
  clusterName: 'east',
  stopped: 'SIGTERM',
  contexts: [
    { name: 'east', server: 'https://10.0.0.8:6443', reachable: true, unchanged: 7 },
    { name: 'quiet', server: 'https://10.0.0.7:6443', reachable: true, unchanged: 1 },
    { name: 'west', reachable: false, unchanged: 0 },
  ],
});

const lines = (count: number, word: string): string =>
  Array.from({ length: count }, (_, at) => `${word} ${at}`).join('\n');

const CONF: ValueChange = {
  part: 'data',
  key: 'app.conf',
  before: `${lines(20, 'setting')}\n`,
  after: `${lines(20, 'setting').replace('setting 3\n', 'setting three\n').replace('setting 17', '\tsetting 17 ')}\n`,
};

const withValues = (change: Update, ...values: readonly ValueChange[]): Update => ({
  ...change,
  fields: values.map(({ part, key, before, after }) => ({
    part,
    ...(key !== undefined && { key }),
    op: before === undefined ? 'add' : after === undefined ? 'remove' : 'change',
  })),
  values,
});

const replace = (change: Update, because: Replace['because']): Replace => ({ ...change, action: 'replace', because });

const secret = <T extends Change>(change: T): T => ({ ...change, kind: 'Secret', name: 'regcred', origin: { namespace: 'demo', name: 'regcred' } });

const REFUSALS: readonly (Outcome | undefined)[] = [
  QUOTA('team-0000'),
  { outcome: 'failed', status: 400, message: 'admission webhook "no.example.com" does not support dry run' },
  { outcome: 'failed', status: 422, message: 'ConfigMap "omni" is invalid: denied request: not here' },
  { outcome: 'skipped', why: 'namespace-terminating' },
];

/** One change of every kind that a preview shows, by namespace. */
const KINDS_OF_CHANGE: readonly ((namespace: string) => Change)[] = [
  (at) => create(at),
  (at) => secret(create(at)),
  (at) => withValues(update(at, 'source-changed', []), CONF, { part: 'data', key: 'you', before: 'only live once', after: 'only live twice' }),
  (at) => withValues(update(at, 'edited', [], ['kubectl-edit']), { part: 'data', key: 'ca.crt', before: `mine\u001b[31m ${at}`, after: 'yours\n' }),
  (at) =>
    withValues(
      update(at, 'source-changed', []),
      { part: 'binaryData', key: 'logo', before: 1234, after: 5678 },
      { part: 'data', key: 'gone', before: lines(100, 'old') },
      { part: 'data', key: 'minified', before: `${'x'.repeat(400)}1`, after: `${'x'.repeat(400)}2${'y'.repeat(400)}` },
      { part: 'data', key: 'new', after: '```\n</details>\n@everyone' },
    ),
  (at) =>
    secret(
      withValues(
        update(at, 'source-changed', []),
        { part: 'data', key: 'password', before: 12, after: 16 },
        { part: 'data', key: 'token', before: 24, after: 24 },
        { part: 'data', key: 'user', after: 1 },
        { part: 'data', key: 'old', before: 5 },
      ),
    ),
  (at) => replace(secret(withValues(update(at, 'source-changed', []), { part: 'type', before: 'Opaque', after: 'kubernetes.io/tls' })), 'type'),
  (at) => replace(withValues(update(at, 'source-changed', []), { part: 'data', key: 'x', before: '1', after: '2' }), 'immutable'),
  (at) => refresh(at, 'old-operator'),
  (at) => ({ ...withValues(update(at, 'handed-over', []), { part: 'data', key: 'x', before: '1', after: '2' }), from: { namespace: 'old', name: 'omni' } }),
  (at) => prune(at, 'namespace-not-selected', 'env in (prod, test)'),
  (at) => prune(at, 'source-gone'),
];

/** A dry run with a number of changes of all kinds, and with every finding. */
export function previewOf(count: number): Report {
  const changes = numbered('team', count).map((namespace, at) => {
    const make = KINDS_OF_CHANGE[at % KINDS_OF_CHANGE.length] ?? create;
    return make(namespace);
  });
  return report(all(changes.toSorted(compareChanges), PLANNED), count === 1 ? [] : FINDINGS, { dryRun: true });
}

/** The same with --dry-run=server, where the API server rejects some. */
export const REHEARSED: Report = {
  ...previewOf(12),
  serverDryRun: true,
  findings: [{ reason: 'changed-by-admission', ...COPY, fields: [data('x')] }],
  changes: previewOf(12).changes.map(({ change, outcome }, at) => ({ change, outcome: REFUSALS[at] ?? outcome })),
};

const caused = (change: Change, ...causes: readonly Cause[]): AppliedChange => ({ change: { ...change, causes }, outcome: PLANNED });
const anyway = (change: Change): AppliedChange => ({ change: { ...change, pendingAnyway: true }, outcome: PLANNED });
const SELECTORS = { before: 'env=prod', after: '' };
const TEAMS = numbered('app', 12);

/** A preview of manifests: every cause, and what is pending anyway. */
export const CAUSES: Report = {
  ...report(
    [
      ...[...TEAMS, 'kube-public', 'kube-system'].map((one) => caused(create(one), { code: 'selector-changed', selectors: SELECTORS })),
      caused(create('new', { namespace: 'demo', name: 'added' }), { code: 'source-added' }, { code: 'namespace-added' }),
      caused(create('one'), { code: 'namespace-labels-changed' }),
      caused(create('allowed'), { code: 'namespace-allowed' }),
      caused(
        update('edited', 'edited', [data('a'), data('b'), mark], ['kubectl-edit']),
        { code: 'edited', fields: [data('a')], by: ['kubectl-edit'] },
        { code: 'source-changed', fields: [data('b')] },
      ),
      caused(
        { ...update('given', 'handed-over', [data('a'), mark]), from: { namespace: 'old', name: 'omni' } },
        { code: 'edited', fields: [data('a')], by: ['helm'] },
        { code: 'handed-over', from: { namespace: 'old', name: 'omni' } },
      ),
      caused(refresh('marks', 'source-changed'), { code: 'selector-changed', selectors: SELECTORS }),
      caused(prune('left', 'namespace-not-selected', 'env=prod'), { code: 'namespace-labels-changed' }),
      ...['lost-a', 'lost-b', 'kube-system'].map((one) => ({
        change: { ...prune(one, 'source-gone'), name: 'lost', origin: { namespace: 'demo', name: 'lost' } },
        outcome: PLANNED,
      })),
      anyway(create('absent')),
      anyway(update('drift', 'edited', [data('a')], ['kubectl-edit'])),
      anyway(prune('old', 'namespace-not-selected', 'env=prod')),
    ].toSorted((a, b) => compareChanges(a.change, b.change)),
    [],
    { dryRun: true },
  ),
  target: { cluster: 'east', context: 'admin@east', server: 'https://api.test:6443', at: '2026-01-01T12:00:00.000Z' },
  manifests: {
    problems: [],
    warnings: [],
    makers: [],
    ignored: new Map(),
    placed: { namespace: 'default', chosenBy: 'none', objects: 0, sources: [], excluded: [] },
  },
};
