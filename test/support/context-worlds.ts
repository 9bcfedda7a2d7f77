import fc from 'fast-check';
import type { Change } from '../../src/model/change.ts';
import type { Body, Namespace, ObjectKey } from '../../src/model/objects.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { RemoteContext, Settings } from '../../src/model/settings.ts';
import { keyOf } from '../../src/model/keys.ts';
import { classify } from '../../src/plan/classify.ts';
import { classifyContext, contextScope } from '../../src/plan/contexts/classify-context.ts';
import { contextSources, heldSources } from '../../src/plan/contexts/context-sources.ts';
import { withoutDoubles } from '../../src/plan/contexts/one-place.ts';
import { decidePending, finalizePlan } from '../../src/plan/finalize.ts';
import { type DraftPlan, draftContext } from '../../src/plan/draft.ts';
import { planReads } from '../../src/plan/read-plan.ts';
import { scopeOf } from '../../src/plan/scope.ts';
import { configMap, copyOf, ourEntry, treeOf } from './build.ts';
import { settingsWith, snapshotOf, worldOf } from './world.ts';

/* Random homes and other clusters for the laws of contexts. They have few names, so many objects have the same name. */

/** The uid of the home cluster, and that of another one. */
export const HOME_UID = 'home-uid';
export const OTHER_UID = 'other-uid';

/** The annotation that asks for other clusters. */
export const SYNC_CONTEXTS = 'kubed.appscode.com/sync-contexts';
const NAMESPACES = ['a', 'b', 'src'] as const;
const NAMES = ['omni', 'tls'] as const;

/** The contexts of the remote kubeconfigs. `east` and `twin` lead to one namespace. */
export const CONTEXTS: Readonly<Record<string, string | undefined>> = {
  east: 'a',
  twin: 'a',
  west: 'b',
  wide: undefined,
};

/** A home cluster, and the cluster that all contexts lead to. */
export interface TwoWorlds {
  readonly sources: readonly Body[];
  readonly there: readonly Body[];
}

const ASKS = ['east', 'west', 'east,west', 'wide', 'twin,east', '*', 'w*', 'old', 'east,old', '', ','];

const source = fc
  .record({
    namespace: fc.constantFrom(...NAMESPACES),
    name: fc.constantFrom(...NAMES),
    contexts: fc.option(fc.constantFrom(...ASKS), { nil: undefined, freq: 2 }),
    value: fc.constantFrom('x', 'y'),
    version: fc.constantFrom('10', '20'),
  })
  .map(({ namespace, name, contexts, value, version }) => ({
    ...configMap(`${namespace}/${name}`, {
      data: { k: value },
      annotations: contexts === undefined ? {} : { [SYNC_CONTEXTS]: contexts },
    }),
    resourceVersion: version,
  }));

/** A copy of one of these sources, in any state. */
function copyThere(origins: fc.Arbitrary<Body>): fc.Arbitrary<Body> {
  return fc
    .record({
      origin: origins,
      target: fc.constantFrom(...NAMESPACES),
      context: fc.constantFrom('east', 'twin', 'west', 'wide', 'old'),
      uid: fc.constantFrom(HOME_UID, HOME_UID, HOME_UID, OTHER_UID, undefined),
      version: fc.constantFrom('10', '20', '20', '99'),
      marked: fc.constantFrom(true, true, true, false),
      value: fc.constantFrom('x', 'y', 'old'),
    })
    .map(({ origin, target, context, uid, version, marked, value }) => {
      const content = { ...origin.content, data: { k: value } };
      const copy = copyOf({ ...origin, content, resourceVersion: version }, target);
      if (!marked) return { ...configMap(`${target}/${origin.name}`), uid: `foreign-${target}` };
      if (uid === undefined) return copy;
      return asPushed(copy, uid, context);
    });
}

/** A copy with the marks of another cluster. */
export function asPushed(copy: Body, uid: string, context: string): Body {
  const annotations = {
    ...copy.annotations,
    'kubed.appscode.com/origin.cluster-uid': uid,
    'kubed.appscode.com/context': context,
  };
  const there = { ...copy, annotations };
  return { ...there, managedFields: [ourEntry(treeOf(there))] };
}

/** Random pairs of clusters. Most copies are of a source that is there. */
export const twoWorlds: fc.Arbitrary<TwoWorlds> = fc
  .uniqueArray(source, { selector: keyOf, minLength: 1, maxLength: 4 })
  .chain((sources) =>
    fc.record({
      sources: fc.constant(sources),
      there: fc.uniqueArray(
        copyThere(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...sources) }, source)),
        {
          selector: keyOf,
          maxLength: 6,
        },
      ),
    }),
  );

/** Options that narrow a run. */
export const narrowing: fc.Arbitrary<Partial<Settings>> = fc.record(
  {
    sourceNamespaces: fc.constantFrom(['src'], ['a', 'b', 'src']),
    includeNamespaces: fc.constantFrom(['a'], ['?']),
    excludeNamespaces: fc.constantFrom(['a'], ['s*']),
    namespaces: fc.constantFrom(['a'], ['src', 'b']),
    onConflict: fc.constantFrom('skip', 'adopt'),
    prune: fc.constant(false),
    verify: fc.boolean(),
    pruneAfter: fc.constant(300),
  },
  { requiredKeys: [] },
);

/** A context by its name. `known` are the contexts of the remote kubeconfigs. */
export function remoteOf(context: string, known: readonly string[] = Object.keys(CONTEXTS)): RemoteContext {
  const namespace = CONTEXTS[context];
  return {
    context,
    ...(namespace !== undefined && { namespace }),
    known: new Set(known),
    isSourceUid: (uid) => uid.startsWith('uid-'),
  };
}

/** Which contexts there are, which of them fail, and which of them a run serves. */
export interface Files {
  readonly known: readonly string[];
  readonly failed: readonly string[];
}

/** What is planned for one context. */
export interface PlannedContext {
  readonly context: string;
  readonly cluster: string;
  readonly draft: DraftPlan;
  readonly plan: Plan;
}

/** The plans of all contexts that do not fail, as a run makes them. */
export function contextPlans(
  worlds: TwoWorlds,
  options: Partial<Settings>,
  files: Files,
): ReadonlyMap<string, Plan> {
  const plans = plansBeforeDoubles(worlds, options, files);
  const safe = withoutDoubles(plans);
  return new Map(plans.map(({ context }, at) => [context, safe[at] as Plan]));
}

/** The plan of each context by itself, and the draft that it is made from. */
export function plansBeforeDoubles(
  { sources, there }: TwoWorlds,
  options: Partial<Settings>,
  { known, failed }: Files,
): readonly PlannedContext[] {
  const settings = settingsWith({ clusterUid: HOME_UID, ...options });
  const homeWorld = worldOf(NAMESPACES.map(namespaceNamed), sources);
  const listVersions = { ConfigMap: '50', Secret: '50' };
  const classified = classify({ ...snapshotOf(homeWorld, settings), listVersions }, scopeOf(settings));
  const asking = contextSources(classified);
  const held = heldSources(asking, { known: new Set(known), failed: new Set(failed) });
  const served = known.filter((one) => !failed.includes(one)).toSorted();
  const home = { classified, sources: asking, held };
  return served.map((context) => {
    const remote = remoteOf(context, known);
    const visible = there.filter(
      ({ namespace }) => remote.namespace === undefined || remote.namespace === namespace,
    );
    const scope = contextScope(classified.scope, remote);
    const namespaces = new Map(NAMESPACES.map((name) => [name, namespaceNamed(name)]));
    const draft = draftContext(classifyContext(home, { objects: visible, namespaces }, scope));
    const byKey = new Map<ObjectKey, Body>(sources.map((one) => [keyOf(one), one]));
    const objects = new Map<ObjectKey, Body>(visible.map((one) => [keyOf(one), one]));
    const reads = planReads(draft);
    const decisions = draft.pending.flatMap((pending) => {
      const decision =
        pending.there &&
        decidePending(pending, byKey.get(pending.source.key), objects.get(pending.key), draft);
      return decision === undefined ? [] : [[pending.key, decision] as const];
    });
    const plan = finalizePlan(draft, {
      sources: new Map(reads.sources.map((one) => [keyOf(one), byKey.get(keyOf(one))])),
      origins: new Map(reads.origins.map((one) => [keyOf(one), byKey.get(keyOf(one))])),
      decisions: new Map(decisions),
    });
    return { context, cluster: 'there', draft, plan };
  });
}

function namespaceNamed(name: string): Namespace {
  return { name, labels: {}, annotations: {}, terminating: false };
}

/** Whether a change deletes a copy, now or later. */
export function isDelete({ action }: Change): boolean {
  return action === 'prune' || action === 'mark';
}
