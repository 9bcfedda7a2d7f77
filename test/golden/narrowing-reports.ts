import type { Cause, Change } from '../../src/model/change.ts';
import type { AnnotationProblem } from '../../src/model/annotation-problem.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { SourceState } from '../../src/model/plan.ts';
import type { Report } from '../../src/model/run-report.ts';

/* Reports about the annotations that narrow what a source sends and what a namespace takes. */

const TLS = { kind: 'Secret', namespace: 'certs', name: 'tls' } as const;
const SYNC_KEYS = 'kubed.appscode.com/sync-keys';
const SYNC_NAMESPACES = 'kubed.appscode.com/sync-namespaces';

function keysFinding(value: string, at: number, problem: AnnotationProblem['problem']): Finding {
  return { reason: 'invalid-annotation', ...TLS, name: 'other', annotation: SYNC_KEYS, value, at, problem };
}

/** Every finding about these annotations, with its variants. */
export const NARROWING_FINDINGS: readonly Finding[] = [
  { reason: 'invalid-annotation', ...TLS, annotation: SYNC_NAMESPACES, value: 'team-a,', at: 7, problem: { code: 'empty' } },
  {
    reason: 'invalid-annotation',
    ...TLS,
    name: 'other',
    annotation: SYNC_NAMESPACES,
    value: 'team-a, Team\u001b[31m',
    at: 8,
    problem: { code: 'bad-namespace', found: 'Team\u001b[31m' },
  },
  {
    reason: 'no-namespace-selected',
    ...TLS,
    selector: 'env=prod',
    syncNamespaces: 'team-*',
  },
  { reason: 'sync-missing', ...TLS, annotation: SYNC_NAMESPACES },
  { reason: 'invalid-accept-from', namespace: 'team-a', value: 'certs, Platform', at: 7, problem: { code: 'bad-namespace', found: 'Platform' } },
  {
    reason: 'invalid-accept-from',
    namespace: 'team-b',
    value: 'certs-*',
    at: 0,
    problem: { code: 'pattern-needs-source-namespace', pattern: 'certs-*' },
  },
  { reason: 'key-missing', ...TLS, keys: ['lost', 'gone'] },
  { reason: 'key-missing', ...TLS, name: 'other', keys: ['lost'] },
  { reason: 'sync-missing', ...TLS, annotation: SYNC_KEYS },
  keysFinding('tls.crt,', 8, { code: 'empty' }),
  keysFinding('a b', 0, { code: 'bad-key', found: 'a b' }),
  keysFinding('*=b', 0, { code: 'bad-rename', found: '*=b' }),
  keysFinding('a=b,a=c', 4, { code: 'named-twice', key: 'a' }),
  keysFinding('*,a=b', 2, { code: 'same-name', name: 'b', keys: ['a', 'b'] }),
  keysFinding('!tls.kye', 0, { code: 'matches-no-key', pattern: '!tls.kye' }),
  keysFinding('lost', 0, { code: 'no-key-left' }),
  keysFinding('*', 0, { code: 'type-needs-all-keys', type: 'kubernetes.io/dockerconfigjson' }),
  keysFinding('a,…', 2000, { code: 'too-many-terms', limit: 1000 }),
  keysFinding('a*,…', 60, { code: 'too-many-patterns', limit: 20 }),
  { reason: 'consent-missing', namespaces: ['team-a', 'team-b', 'team-c', 'team-d', 'team-e', 'team-f', 'team-g'] },
];

const OURS: ReadonlySet<string> = new Set(['reason', 'annotation', 'code', 'kind']);

/** These findings with one text in the place of all that comes from a cluster. */
export function narrowingFindings(text: string): readonly Finding[] {
  const json = JSON.stringify(NARROWING_FINDINGS, (key, value: unknown) =>
    Array.isArray(value) && value.every((one) => typeof one === 'string')
      ? value.map(() => text)
      : typeof value === 'string' && !OURS.has(key) && Number.isNaN(Number(key))
        ? text
        : value,
  );
  return JSON.parse(json) as readonly Finding[];
}

const SOURCES: readonly SourceState[] = [
  { ...TLS, selector: 'env=prod', syncNamespaces: 'team-*|x,!team-test', syncKeys: '*,!tls.key', reach: 4, unchanged: 2 },
  { ...TLS, name: 'other', selector: '', syncNamespaces: 'team-a, Team', frozen: true, reach: 0, unchanged: 0 },
];

const ORIGIN = { namespace: 'certs', name: 'tls' };
const GUARD = { uid: 'u', resourceVersion: '1' };

function create(namespace: string, ...causes: readonly Cause[]): Change {
  const change = { action: 'create', ...TLS, namespace, origin: ORIGIN, reason: 'missing' } as const;
  return causes.length === 0 ? change : { ...change, causes };
}

function prune(namespace: string, more: Pick<Change & { action: 'prune' }, 'reason' | 'syncNamespaces'>): Change {
  return { action: 'prune', ...TLS, namespace, origin: ORIGIN, guard: GUARD, ...more };
}

const CHANGES: readonly Change[] = [
  create('team-a'),
  create('team-b', { code: 'sync-namespaces-changed', texts: { before: 'team-a', after: 'team-*' } }),
  create('team-c', { code: 'sync-namespaces-changed', texts: { before: 'team-a', after: undefined } }),
  create('team-d', { code: 'sync-namespaces-changed', texts: { before: undefined, after: '!team-a' } }),
  prune('team-test', { reason: 'namespace-not-named', syncNamespaces: 'team-*,!team-test' }),
  { ...create('team-a'), action: 'create', reason: 'missing', name: 'ca', copiedAs: 'Opaque' },
  {
    ...create('team-h'),
    action: 'replace',
    reason: 'sync-keys-ignored',
    because: 'type',
    copiedAs: 'Opaque',
    guard: GUARD,
    editors: [],
    fields: [
      { part: 'data', key: 'tls.key', op: 'remove' },
      { part: 'type', op: 'change' },
    ],
  },
  {
    ...create('team-i', {
      code: 'sync-keys-changed',
      texts: { before: undefined, after: 'ca.crt' },
      fields: [{ part: 'data', key: 'tls.crt', op: 'remove' }],
    }),
    action: 'update',
    reason: 'source-changed',
    guard: GUARD,
    editors: [],
    fields: [{ part: 'data', key: 'tls.crt', op: 'remove' }],
  },
  create('team-e', { code: 'namespace-accepts' }),
  prune('team-f', { reason: 'namespace-refuses' }),
  prune('team-prod', { reason: 'namespace-not-named', syncNamespaces: 'team-*,!team-test' }),
];

/** A dry run with every change and finding about these annotations. */
export const NARROWING: Report = {
  dryRun: true,
  clusterName: '',
  plan: { changes: CHANGES, findings: [], sources: 2, bySource: SOURCES, namespaces: 12, unchanged: 2, copies: 4 },
  changes: CHANGES.map((change) => ({ change, outcome: { outcome: 'planned' } })),
  findings: NARROWING_FINDINGS,
  requests: { list: 3, get: 1, create: 0, patch: 0, delete: 0 },
};
