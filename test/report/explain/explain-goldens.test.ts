import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from 'js-yaml';
import type { Finding } from '../../../src/model/finding.ts';
import type {
  Answer,
  ContextExplanation,
  CopyAnswer,
  Explanation,
  InventoryEntry,
  ObjectAnswer,
} from '../../../src/model/explanation.ts';
import { renderExplanationJson, renderExplanationYaml } from '../../../src/report/explain/explain-json.ts';
import { renderExplanationMarkdown } from '../../../src/report/explain/explain-markdown.ts';
import { renderExplanation } from '../../../src/report/explain/explain-text.ts';
import { colorsFor } from '../../../src/report/text/colors.ts';
import { matchesGolden } from '../../support/golden.ts';
import { assertExplanation } from '../../support/schema.ts';

const plain = { verbose: false, colorize: colorsFor(0), width: 80 };

const NONE = {
  reach: 0,
  upToDate: 0,
  behind: 0,
  notCompared: 0,
  missing: 0,
  conflicts: 0,
  toPrune: 0,
  orphans: 0,
};
const entry = (name: string, more: Partial<InventoryEntry>): InventoryEntry => ({
  kind: 'Secret',
  namespace: 'platform',
  name,
  ...NONE,
  ...more,
});

const SOURCES: readonly InventoryEntry[] = [
  entry('broken', { kind: 'ConfigMap', selector: 'env in (', frozen: true }),
  entry('omni', { kind: 'ConfigMap', selector: '', reach: 212, upToDate: 212 }),
  entry('deleted', { toPrune: 12 }),
  entry('narrow', { selector: '', syncNamespaces: 'team-*', syncKeys: 'ca.crt', reach: 3, upToDate: 3 }),
  entry('left', { orphans: 2 }),
  entry('new', { selector: 'env in (prod, staging)', reach: 47, missing: 47 }),
  entry('registry-credentials', {
    selector: '',
    reach: 212,
    upToDate: 204,
    behind: 3,
    notCompared: 1,
    missing: 2,
    conflicts: 2,
    toPrune: 1,
  }),
  entry('stale', { selector: 'team', reach: 9, upToDate: 5, behind: 4 }),
];

const INVENTORY: Explanation = {
  clusterName: 'east',
  target: {
    cluster: 'prod',
    context: 'admin@prod',
    server: 'https://10.0.0.1:6443',
    at: '2026-01-01T12:00:00.000Z',
  },
  comparesContent: false,
  namespaces: 213,
  sources: SOURCES,
  requests: { list: 3, get: 0, create: 0, patch: 0, delete: 0 },
};

const NAME = { kind: 'Secret', namespace: 'platform', name: 'tls' } as const;
const change = {
  ...NAME,
  origin: { namespace: 'platform', name: 'tls' },
  guard: { uid: 'u', resourceVersion: '1' },
};

const ANSWERS: readonly CopyAnswer[] = [
  ...Array.from({ length: 30 }, (_, at) => ({ namespace: `app-${at}`, state: 'up-to-date' }) as const),
  {
    namespace: 'team-a',
    state: 'behind',
    change: {
      ...change,
      namespace: 'team-a',
      action: 'refresh',
      reason: 'edited',
      fields: [],
      editors: ['kubectl-edit'],
    },
  },
  { namespace: 'team-b', state: 'missing' },
  { namespace: 'team-b2', state: 'missing' },
  {
    namespace: 'team-c',
    state: 'conflict',
    finding: { reason: 'conflict', ...NAME, namespace: 'team-c', origin: change.origin, skipped: false },
    takenBy: { madeBy: 'helm' },
  },
  {
    namespace: 'team-d',
    state: 'conflict',
    finding: { reason: 'conflict', ...NAME, namespace: 'team-d', origin: change.origin, skipped: false },
    takenBy: { madeBy: 'kubed-sync', clusterName: 'unicorn' },
  },
  { namespace: 'team-e', state: 'no-copy', why: { rule: 'namespace-ignored', value: 'true' } },
  {
    namespace: 'team-f',
    state: 'no-copy',
    why: {
      rule: 'not-selected',
      selector: 'env=prod',
      unmet: [{ key: 'env', value: 'dev', operator: 'in', values: ['prod'] }],
    },
  },
  { namespace: 'platform', state: 'no-copy', why: { rule: 'own-namespace' } },
  { namespace: 'team-g', state: 'waiting', until: '2026-01-02T03:09:05Z' },
  { namespace: 'team-h', state: 'handed-over', to: { namespace: 'rival', name: 'tls' } },
  { namespace: 'team-i', state: 'kept', why: 'no-prune' },
  { namespace: 'team-j', state: 'not-compared' },
  ...['team-k', 'team-l'].map((namespace): CopyAnswer => ({
    namespace,
    state: 'to-prune',
    change: { ...change, namespace, action: 'prune', reason: 'namespace-not-selected', selector: 'env=prod' },
  })),
];

const OBJECT: ObjectAnswer = {
  ...NAME,
  role: 'source',
  selector: 'env=prod',
  answers: ANSWERS,
  findings: [{ reason: 'suspicious-selector', ...NAME, selector: 'env=prod', why: 'quotes' }],
};

const ONE: Explanation = {
  ...INVENTORY,
  sources: [
    entry('tls', {
      selector: 'env=prod',
      reach: 40,
      upToDate: 30,
      behind: 1,
      missing: 2,
      conflicts: 2,
      toPrune: 2,
    }),
  ],
  object: OBJECT,
};

const COPY: Explanation = {
  ...ONE,
  object: {
    ...NAME,
    namespace: 'team-a',
    role: 'copy',
    origin: change.origin,
    answers: ANSWERS.slice(30, 31),
    findings: [],
  },
};

const there = (name: string): string => `https://${name}.example.com`;
const tls = { kind: 'Secret', namespace: 'platform', name: 'tls' } as const;
const FAILED: Finding = {
  reason: 'context-failed',
  failure: {
    reason: 'forbidden',
    message: 'User "kubed-sync" cannot list resource "secrets"',
    attempt: { verb: 'list', resource: 'secrets', namespace: 'prod' },
    status: 403,
  },
  sources: [],
};
const CONFLICT: Finding = {
  reason: 'conflict',
  ...tls,
  namespace: 'prod',
  origin: change.origin,
  skipped: false,
};

/** Three other clusters: one has copies, one cannot be read, and one has a conflict. */
const CONTEXTS = {
  ...INVENTORY,
  sources: [entry('tls', { contexts: 'prod-*,west,old' })],
  contexts: [
    { name: 'dead', reachable: false, sources: [], findings: [FAILED] },
    {
      name: 'prod-east',
      server: there('east'),
      reachable: true,
      sources: [entry('tls', { contexts: 'prod-*,west,old', reach: 1, behind: 1 })],
      findings: [],
    },
    {
      name: 'west',
      server: there('west'),
      reachable: true,
      sources: [entry('tls', { contexts: 'prod-*,west,old', reach: 1, conflicts: 1 })],
      findings: [CONFLICT],
    },
  ],
  findings: [
    { reason: 'bad-remote-kubeconfig', file: '/kube/broken.yaml', message: 'it is no kubeconfig' },
    { reason: 'unknown-context', ...tls, unknown: ['old'] },
  ],
} satisfies Explanation;

const ONE_IN_CONTEXTS: Explanation = {
  ...CONTEXTS,
  object: { ...tls, role: 'source', answers: [], findings: [] },
  contexts: CONTEXTS.contexts.map(({ sources, findings, ...one }): ContextExplanation => {
    if (one.name === 'dead') return { ...one, sources, findings, answers: [] };
    const answer: Answer =
      one.name === 'west'
        ? { state: 'conflict', finding: CONFLICT }
        : {
            state: 'behind',
            change: { ...change, action: 'update', reason: 'source-changed', fields: [], editors: [] },
          };
    return { ...one, sources, findings: [], answers: [{ namespace: 'prod', ...answer }] };
  }),
};

const MANY: Explanation = {
  ...INVENTORY,
  sources: Array.from({ length: 10_000 }, (_, at) =>
    entry(`secret-${String(at).padStart(5, '0')}`, { selector: '', reach: 212, upToDate: 212 }),
  ),
};

test('text at 80 columns', () => {
  matchesGolden('explain.txt', renderExplanation(INVENTORY, plain));
  matchesGolden('explain-source.txt', renderExplanation(ONE, plain));
  matchesGolden('explain-copy.txt', renderExplanation(COPY, plain));
});

test('other clusters: a block for each, and what is wrong with the kubeconfigs', () => {
  matchesGolden('explain-contexts.txt', renderExplanation(CONTEXTS, plain));
  matchesGolden('explain-contexts-source.txt', renderExplanation(ONE_IN_CONTEXTS, plain));
  matchesGolden('explain-contexts.md', renderExplanationMarkdown(CONTEXTS));
  matchesGolden('explain-contexts-source.md', renderExplanationMarkdown(ONE_IN_CONTEXTS));
});

test('text with -v has every name', () => {
  const text = renderExplanation(ONE, { ...plain, verbose: true });
  matchesGolden('explain-source-verbose.txt', text);
  for (const { namespace } of ANSWERS) assert.ok(text.includes(namespace), namespace);
});

test('piped text has one line for each source', () => {
  const lines = renderExplanation(INVENTORY, { verbose: false, colorize: colorsFor(0) }).split('\n');
  for (const { name } of SOURCES)
    assert.equal(lines.filter((line) => line.includes(`platform/${name}:`)).length, 1);
});

test('in color it has the same words', () => {
  for (const one of [INVENTORY, ONE]) {
    const colour = renderExplanation(one, { ...plain, colorize: colorsFor(1) });
    // oxlint-disable-next-line no-control-regex
    assert.equal(colour.replace(/\u001b\[\d+m/g, ''), renderExplanation(one, plain));
    assert.ok(colour.includes('\u001b['));
  }
});

test('Markdown', () => {
  matchesGolden('explain.md', renderExplanationMarkdown(INVENTORY));
  matchesGolden('explain-source.md', renderExplanationMarkdown(ONE));
});

test('JSON, and YAML as the same document', () => {
  matchesGolden('explain.json', renderExplanationJson(INVENTORY));
  matchesGolden('explain-source.json', renderExplanationJson(ONE));
  for (const one of [INVENTORY, ONE, COPY, CONTEXTS, ONE_IN_CONTEXTS]) {
    const json = JSON.parse(renderExplanationJson(one));
    assertExplanation(json);
    assert.deepEqual(load(renderExplanationYaml(one)), json);
  }
});

test('ten thousand sources: all in text and JSON, and a comment of Markdown', () => {
  assert.equal(renderExplanation(MANY, plain).split('secret-').length - 1, 10_000);
  assert.equal(JSON.parse(renderExplanationJson(MANY)).sources.length, 10_000);
  const markdown = renderExplanationMarkdown(MANY);
  assert.ok(markdown.length < 64_000);
  assert.match(markdown, /…and [\d,]+ more sources: see `-o text`\./);
});

test('names of others are no markup and control no terminal', () => {
  const hostile: Explanation = {
    ...ONE,
    object: {
      ...OBJECT,
      answers: [
        {
          namespace: 'team-c',
          state: 'conflict',
          finding: { reason: 'conflict', ...NAME, origin: change.origin, skipped: false },
          takenBy: { madeBy: '</details>\u001b[31m@all' },
        },
      ],
    },
  };
  assert.ok(!renderExplanation(hostile, plain).includes('\u001b'));
  assert.ok(!renderExplanationJson(hostile).includes('\u001b'));
  assert.match(renderExplanationMarkdown(hostile), /`<\/details>\\u001b\[31m@all`/);
});
