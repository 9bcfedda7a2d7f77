import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import type { Migration, TurnProblem } from '../../../src/model/migration.ts';
import { migrationScript } from '../../../src/report/migrate/migration-script.ts';
import { matchesGolden } from '../../support/golden.ts';

const R = 'reflector.v1.k8s.emberstack.com';
const AUTO = `${R}/reflection-auto-namespaces`;

const PROBLEMS: readonly TurnProblem[] = [
  { code: 'only-pulled' },
  { code: 'switched-off' },
  { code: 'already-a-source' },
  { code: 'is-a-mirror' },
  { code: 'regex', annotation: AUTO, item: 'team-[0-9]+' },
  { code: 'either-or', annotations: [AUTO, `${AUTO}-selector`] },
  { code: 'two-patterns', annotations: [`${R}/reflection-allowed-namespaces`, AUTO] },
  { code: 'selector', annotation: `${AUTO}-selector`, selector: 'a in (' },
  { code: 'matches-nothing' },
];

const OMNI = { kind: 'ConfigMap', namespace: 'platform', name: 'omni' } as const;
const there = (namespace: string): Migration['mirrors'][number] => ({ ...OMNI, namespace, origin: OMNI });

const REFLECTOR: Migration = {
  tool: 'reflector',
  target: {
    cluster: 'prod',
    context: 'admin@prod',
    server: 'https://10.0.0.1:6443',
    at: '2026-01-01T12:00:00.000Z',
  },
  sources: [
    {
      ...OMNI,
      set: { 'kubed.appscode.com/sync': '' },
      remove: [`${R}/reflection-auto-enabled`, `${R}/reflection-allowed`],
    },
    {
      kind: 'Secret',
      namespace: 'shared',
      name: 'registry.credentials',
      set: { 'kubed.appscode.com/sync': 'kubernetes.io/metadata.name in (team-a,team-b),env=prod' },
      remove: [`${R}/reflection-allowed`, AUTO],
    },
    {
      kind: 'Secret',
      namespace: 'shared',
      name: 'tls',
      set: { 'kubed.appscode.com/sync': '', 'kubed.appscode.com/sync-namespaces': 'team-*' },
      remove: [AUTO],
    },
  ],
  notTurned: PROBLEMS.map((problem, at) => ({
    kind: 'Secret',
    namespace: 'platform',
    name: `left-${at}`,
    problem,
  })),
  mirrors: ['team-a', 'team-b'].map(there),
  unnamed: [],
  collisions: Array.from({ length: 30 }, (_, at) => there(`other-${at}`)),
  left: [{ ...there('lost'), name: 'lost', origin: { namespace: 'platform', name: 'lost' } }],
};

const REPLICATOR: Migration = {
  tool: 'replicator',
  sources: [
    {
      ...OMNI,
      set: { 'kubed.appscode.com/sync': 'env=prod' },
      remove: ['replicator.v1.mittwald.de/replicate-to-matching'],
      stripsLabels: true,
    },
  ],
  notTurned: [],
  mirrors: [there('pulled')],
  unnamed: ['team-a', 'team-b'].map(there),
  collisions: [there('team-c')],
  left: [],
};

const NOTHING: Migration = {
  tool: 'reflector',
  sources: [],
  notTurned: [],
  mirrors: [],
  unnamed: [],
  collisions: [],
  left: [],
};

function assertShell(script: string): void {
  const { status, stderr } = spawnSync('sh', ['-n'], { input: script, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

test('the scripts equal the golden files, and a shell can read them', () => {
  const scripts = {
    'migrate-reflector.sh': migrationScript(REFLECTOR, false),
    'migrate-reflector-verbose.sh': migrationScript(REFLECTOR, true),
    'migrate-replicator.sh': migrationScript(REPLICATOR, false),
    'migrate-nothing.sh': migrationScript(NOTHING, false),
  };
  for (const [name, script] of Object.entries(scripts)) {
    matchesGolden(name, script);
    assertShell(script);
  }
  for (let at = 0; at < 30; at += 1)
    assert.match(scripts['migrate-reflector-verbose.sh'], new RegExp(`platform/omni|other-${at}/`));
});

test('nothing of others becomes a command', () => {
  const evil = "x\n'; touch /tmp/evil #\u2028$(touch evil)`touch evil`";
  const problem: TurnProblem = { code: 'regex', annotation: evil, item: evil };
  const hostile: Migration = {
    ...REFLECTOR,
    target: { cluster: evil, context: evil, server: evil, at: '2026-01-01T12:00:00.000Z' },
    sources: [
      {
        kind: 'Secret',
        namespace: evil,
        name: evil,
        set: { 'kubed.appscode.com/sync': evil, 'kubed.appscode.com/sync-namespaces': evil },
        remove: [`${R}/${evil}`],
      },
    ],
    notTurned: [{ kind: 'Secret', namespace: evil, name: evil, problem }],
    mirrors: [{ kind: 'Secret', namespace: evil, name: evil, origin: { namespace: evil, name: evil } }],
    collisions: [{ kind: 'Secret', namespace: evil, name: evil, origin: { namespace: evil, name: evil } }],
  };
  const stubs = 'kubectl() { :; }; kubed-sync() { :; }; touch() { echo TOUCHED; }\n';
  const script = migrationScript(hostile, true).replaceAll('kubed-sync reconcile', 'kubectl reconcile');
  const { status, stdout, stderr } = spawnSync(
    'sh',
    ['-c', stubs.replace('kubed-sync() { :; }; ', '') + script],
    {
      encoding: 'utf8',
    },
  );
  assert.deepEqual([status, stdout, stderr], [0, '', '']);
});
