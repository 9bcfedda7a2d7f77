import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readMarks } from '../../../src/plan/annotations/read-marks.ts';
import { draftPlan } from '../../../src/plan/draft.ts';
import { explainContext } from '../../../src/plan/explain/explain-context.ts';
import { explainerFor } from '../../../src/plan/explain/explain-copy.ts';
import {
  type ExplainablePlan,
  withBodies,
  withoutBodies,
} from '../../../src/plan/explain/explainable-plan.ts';
import { explainObject, inventory } from '../../../src/plan/explain/explain-sources.ts';
import { finalizePlan } from '../../../src/plan/finalize.ts';
import { scopeOf } from '../../../src/plan/scope.ts';
import type { Answer, CopyAnswer, Explanation, UnmetTerm } from '../../../src/model/explanation.ts';
import { keyFrom, keyOf, nameOf, originKeyOf } from '../../../src/model/keys.ts';
import type { Namespace, ObjectName } from '../../../src/model/objects.ts';
import type { Plan } from '../../../src/model/plan.ts';
import type { Settings } from '../../../src/model/settings.ts';
import { renderExplanationJson, renderExplanationYaml } from '../../../src/report/explain/explain-json.ts';
import { renderExplanationMarkdown } from '../../../src/report/explain/explain-markdown.ts';
import { renderExplanation } from '../../../src/report/explain/explain-text.ts';
import { colorsFor } from '../../../src/report/text/colors.ts';
import { assertExplanation } from '../../support/schema.ts';
import { VALUE_MARK, cluster, narrowing } from '../../support/clusters.ts';
import {
  CONTEXTS,
  narrowing as contextOptions,
  plansBeforeDoubles,
  twoWorlds,
} from '../../support/context-worlds.ts';
import { type World, answersOf, planOf, settingsWith, snapshotOf } from '../../support/world.ts';

/* Each answer of `explain` is what the plan says, on random clusters after earlier runs and edits of others. */

const RUNS = { numRuns: Number(process.env['LAW_RUNS'] ?? 1000) };

const options = fc
  .tuple(narrowing, fc.constantFrom(0, 0, 300), fc.boolean(), fc.constantFrom('fail', 'adopt'))
  .map(([narrow, pruneAfter, pruneLegacy, onConflict]): Partial<Settings> => ({
    ...narrow,
    pruneAfter,
    pruneLegacy,
    ...(onConflict === 'adopt' && narrow.sourceNamespaces?.length && { onConflict: 'adopt' as const }),
  }));

function law(name: string, holds: (world: World, settings: Settings) => void): void {
  test(name, () =>
    fc.assert(
      fc.property(cluster, options, (world, some) => holds(world, settingsWith(some))),
      RUNS,
    ),
  );
}

/** The plans to explain: by metadata, and with the bodies that a run reads. */
function plansOf(
  world: World,
  settings: Settings,
): { readonly lists: ExplainablePlan; readonly bodies: ExplainablePlan } {
  const draft = draftPlan(snapshotOf(world, settings), scopeOf(settings));
  const read = answersOf(world, draft);
  return {
    lists: withoutBodies(draft),
    bodies: withBodies(draft, finalizePlan(draft, read), read.decisions),
  };
}

/** Every origin that may be asked about, in every namespace of the world. */
function* questions(
  world: World,
  plan: ExplainablePlan,
): Generator<{ origin: ObjectName; answer: CopyAnswer }> {
  const origins = new Map<string, ObjectName>();
  for (const object of world.objects.values()) origins.set(keyOf(object), object);
  for (const { meta, origin } of plan.draft.classified.index.copies)
    origins.set(keyFrom(meta.kind, origin.namespace, origin.name), { ...origin, kind: meta.kind });
  for (const origin of origins.values()) {
    const answerIn = explainerFor(origin, plan);
    for (const { name } of world.namespaces) yield { origin, answer: answerIn(name) };
  }
}

law('the answers with bodies are the changes and findings of the plan', (world, settings) => {
  const plan = planOf(world, settings);
  const { bodies } = plansOf(world, settings);
  for (const { origin, answer } of questions(world, bodies)) {
    const key = keyFrom(origin.kind, answer.namespace, origin.name);
    const change = plan.changes.find(
      (one) => keyOf(one) === key && one.origin.namespace === origin.namespace,
    );
    const expected =
      change === undefined
        ? undefined
        : {
            create: 'missing',
            mark: 'to-prune',
            prune: 'to-prune',
            update: 'behind',
            replace: 'behind',
            refresh: 'behind',
          }[change.action];
    const changing: readonly Answer['state'][] = ['missing', 'behind', 'to-prune'];
    if (expected !== undefined) assert.equal(answer.state, expected, key);
    else assert.ok(!changing.includes(answer.state), `${key}: ${answer.state}`);
    if (answer.state === 'behind' || answer.state === 'to-prune') assert.deepEqual(answer.change, change);
    if (answer.state === 'handed-over')
      assert.ok(
        plan.changes.some((one) => keyOf(one) === key && one.origin.namespace === answer.to.namespace),
      );
    if (answer.state === 'conflict') assert.ok(isEqualIn(plan.findings, answer.finding));
  }
});

function isEqualIn(all: readonly unknown[], one: unknown): boolean {
  return all.some((other) => JSON.stringify(other) === JSON.stringify(one));
}

law('the answers by metadata do not contradict the plan', (world, settings) => {
  const plan = planOf(world, settings);
  const { lists } = plansOf(world, settings);
  for (const { origin, answer } of questions(world, lists)) assertAnswer(origin, answer, plan);
});

test('the answers about other clusters do not contradict their plans', () => {
  fc.assert(
    fc.property(twoWorlds, contextOptions, (worlds, some) => {
      const files = { known: Object.keys(CONTEXTS), failed: [] };
      for (const { draft, plan } of plansBeforeDoubles(worlds, some, files))
        for (const origin of worlds.sources) {
          const { answers = [] } = explainContext(draft, nameOf(origin), undefined);
          for (const answer of answers) assertAnswer(origin, answer, plan);
          const named = new Set(answers.map(({ namespace }) => namespace));
          for (const change of plan.changes.filter((one) => originKeyOf(one) === keyOf(origin)))
            assert.ok(named.has(change.namespace), `${change.action} ${keyOf(change)}`);
        }
    }),
    RUNS,
  );
});

/** Whether the plan refuses a source because of its content. Metadata says nothing of that. */
function isBlocked(origin: ObjectName, { findings }: Plan): boolean {
  return findings.some(
    (one) =>
      (one.reason === 'source-not-copyable' ||
        one.reason === 'source-changed' ||
        one.reason === 'invalid-annotation') &&
      keyOf(one) === keyOf(origin),
  );
}

function assertAnswer(origin: ObjectName, answer: CopyAnswer, plan: Plan): void {
  const key = keyFrom(origin.kind, answer.namespace, origin.name);
  const change = plan.changes.find((one) => keyOf(one) === key && one.origin.namespace === origin.namespace);
  switch (answer.state) {
    case 'missing':
      assert.ok(change?.action === 'create' || isBlocked(origin, plan), key);
      break;
    case 'to-prune':
      assert.ok(change?.action === answer.change.action || isBlocked(origin, plan), key);
      break;
    case 'behind':
      assertBehind(answer.change.reason, change?.reason, key);
      break;
    case 'up-to-date':
    case 'conflict':
    case 'waiting':
    case 'no-copy':
      assert.equal(change, undefined, `${key} ${answer.state}`);
      break;
    case 'handed-over':
    case 'kept':
    case 'not-compared':
      break;
  }
}

/** The content may show an edit where the marks show a change of the source, and no difference where they show an edit. */
function assertBehind(byMarks: string, byContent: string | undefined, key: string): void {
  const alike: Record<string, readonly (string | undefined)[]> = {
    'source-changed': ['source-changed', 'edited', undefined],
    edited: ['edited', 'ownership', undefined],
    'old-operator': ['old-operator', undefined],
    'handed-over': ['handed-over', undefined],
    adopted: ['adopted', undefined],
    'taken-over': ['taken-over'],
  };
  assert.ok(alike[byMarks]?.includes(byContent), `${key}: ${byMarks} and ${byContent}`);
}

law('the counts of the inventory are those of the answers', (world, settings) => {
  const { lists, bodies } = plansOf(world, settings);
  for (const plan of [lists, bodies])
    for (const entry of inventory(plan)) {
      const answerIn = explainerFor(entry, plan);
      const names = world.namespaces.map(({ name }) => name);
      const answers = names.map(answerIn);
      const count = (...states: Answer['state'][]): number =>
        answers.filter(({ state }) => states.includes(state)).length;
      const orphans = answers.filter(
        (one) => one.state === 'kept' && typeof one.why === 'object' && one.why.reason === 'orphan',
      );
      const counted = {
        upToDate: count('up-to-date'),
        behind: count('behind'),
        notCompared: count('not-compared'),
        missing: count('missing'),
        conflicts: count('conflict'),
        toPrune: count('to-prune', 'waiting'),
      };
      const { upToDate, behind, notCompared, missing, conflicts, toPrune } = entry;
      assert.deepEqual({ upToDate, behind, notCompared, missing, conflicts, toPrune }, counted, keyOf(entry));
      assert.ok(entry.orphans >= orphans.length, `${keyOf(entry)} orphans`);
      assert.ok(entry.reach >= upToDate + behind + missing + notCompared, keyOf(entry));
    }
});

law('every source and every origin with something to lose is in the inventory', (world, settings) => {
  const { bodies } = plansOf(world, settings);
  const listed = new Set(inventory(bodies).map(keyOf));
  for (const { key } of bodies.draft.classified.sources) assert.ok(listed.has(key), key);
  for (const change of bodies.changes)
    assert.ok(listed.has(keyFrom(change.kind, change.origin.namespace, change.origin.name)));
});

law('a copy is answered for by its source', (world, settings) => {
  const { lists } = plansOf(world, settings);
  const { scope } = lists.draft.classified;
  for (const object of world.objects.values()) {
    const answer = explainObject(object, undefined, lists);
    const isVisible = scope.isVisible(object.namespace) && scope.kinds.includes(object.kind);
    assert.equal(answer !== undefined, isVisible);
    const marks = readMarks(object, settings);
    if (answer === undefined || marks.marked !== 'ours') continue;
    const { namespace, name } = marks.origin;
    assert.deepEqual([answer.role, answer.origin], ['copy', { namespace, name }]);
    const origin = { kind: object.kind, namespace, name };
    assert.deepEqual(answer.answers, [explainerFor(origin, lists)(object.namespace)]);
  }
});

law('a rule that is put right decides no more', (world, settings) => {
  const { lists } = plansOf(world, settings);
  for (const { origin, answer } of questions(world, lists)) {
    if (answer.state !== 'no-copy') continue;
    const { why } = answer;
    const repaired = repairedNamespace(world, answer);
    if (repaired === undefined) continue;
    const namespaces = world.namespaces.map((one) => (one.name === repaired.name ? repaired : one));
    const after = explainerFor(origin, plansOf({ ...world, namespaces }, settings).lists)(answer.namespace);
    assert.ok(after.state !== 'no-copy' || after.why.rule !== why.rule, `${keyOf(origin)}: ${why.rule}`);
  }
});

/** The namespace with its labels or annotations as the answer says they should be. */
function repairedNamespace(world: World, answer: CopyAnswer): Namespace | undefined {
  const namespace = world.namespaces.find(({ name }) => name === answer.namespace);
  if (namespace === undefined || answer.state !== 'no-copy') return undefined;
  switch (answer.why.rule) {
    case 'namespace-ignored':
      return { ...namespace, annotations: {} };
    case 'namespace-terminating':
      return { ...namespace, terminating: false };
    case 'not-selected':
      return { ...namespace, labels: answer.why.unmet.reduce(relabelled, { ...namespace.labels }) };
    default:
      return undefined;
  }
}

function relabelled(
  labels: Record<string, string>,
  { key, operator, values }: UnmetTerm,
): Record<string, string> {
  const { [key]: _, ...rest } = labels;
  if (operator === 'in') return { ...rest, [key]: values[0] ?? '' };
  return operator === 'exists' ? { ...rest, [key]: '' } : rest;
}

law('no value is in any output, and the document is as the schema says', (world, settings) => {
  const { bodies } = plansOf(world, settings);
  const base = {
    clusterName: '',
    comparesContent: true,
    namespaces: world.namespaces.length,
    sources: inventory(bodies),
    requests: { list: 3, get: 0, create: 0, patch: 0, delete: 0 },
  };
  const objects = [...world.objects.values()].map((one) => explainObject(one, undefined, bodies));
  const explanations: Explanation[] = [
    base,
    ...objects.flatMap((object) => (object === undefined ? [] : [{ ...base, object }])),
  ];
  for (const one of explanations) {
    const text = renderExplanation(one, { verbose: true, colorize: colorsFor(0), width: 80 });
    const outputs = [
      text,
      renderExplanationJson(one),
      renderExplanationYaml(one),
      renderExplanationMarkdown(one),
    ];
    assertExplanation(JSON.parse(renderExplanationJson(one)));
    for (const output of outputs) assert.ok(!output.includes(VALUE_MARK), output);
  }
});
