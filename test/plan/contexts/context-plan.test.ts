import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Body } from '../../../src/model/objects.ts';
import type { Settings } from '../../../src/model/settings.ts';
import { classify } from '../../../src/plan/classify.ts';
import {
  type ContextState,
  classifyContext,
  contextScope,
} from '../../../src/plan/contexts/classify-context.ts';
import {
  annotationFindings,
  asksForContexts,
  contextSources,
  heldSources,
  isNamed,
  nameFindings,
} from '../../../src/plan/contexts/context-sources.ts';
import { decideCopy } from '../../../src/plan/decide-copy.ts';
import { draftContext } from '../../../src/plan/draft.ts';
import { explainContext } from '../../../src/plan/explain/explain-context.ts';
import { planPurge } from '../../../src/plan/purge.ts';
import { scopeOf } from '../../../src/plan/scope.ts';
import { keyOf, nameOf } from '../../../src/model/keys.ts';
import { changed, configMap, copyOf, entry, namespace, secret, treeOf } from '../../support/build.ts';
import {
  HOME_UID,
  OTHER_UID,
  SYNC_CONTEXTS,
  asPushed,
  contextPlans,
  remoteOf,
} from '../../support/context-worlds.ts';
import { settingsWith, snapshotOf, worldOf } from '../../support/world.ts';

/* What a plan for another cluster decides, case by case. The laws are in `context-laws.test.ts`. */

const FORMER = 'former-uid';
const SYNC_KEYS = 'kubed.appscode.com/sync-keys';
const omni = asking('src/omni', 'east');
const mine = asPushed(copyOf(omni, 'a'), HOME_UID, 'east');

function asking(place: string, contexts: string, data = { k: 'v' }): Body {
  return configMap(place, { data, annotations: { [SYNC_CONTEXTS]: contexts } });
}

/** An old copy: the operator before us wrote it, and recorded no cluster. */
function ofOldOperator(source: Body, target: string): Body {
  const { 'app.kubernetes.io/managed-by': _, ...labels } = copyOf(source, target).labels;
  const { 'kubed.appscode.com/fields': __, ...annotations } = copyOf(source, target).annotations;
  const old = { ...copyOf(source, target), labels, annotations };
  return { ...old, managedFields: [entry('kubed', treeOf(old))] };
}

function withoutCluster(body: Body): Body {
  const { 'kubed.appscode.com/origin.cluster': _, ...labels } = body.labels;
  return { ...body, labels };
}

interface Case {
  readonly name: string;
  readonly sources?: readonly Body[];
  readonly there?: readonly Body[];
  readonly settings?: Partial<Settings>;
  /** `action namespace/name reason` of the context `east`. */
  readonly changes: readonly string[];
  readonly findings?: readonly string[];
}

const CASES: readonly Case[] = [
  { name: 'a copy that is missing', changes: ['create a/omni missing'] },
  { name: 'a copy that is up to date', there: [mine], changes: [] },
  {
    name: 'a copy with another content that is immutable',
    there: [changed(mine, { content: { ...mine.content, data: { k: 'old' }, immutable: true } })],
    settings: { verify: true },
    changes: [],
    findings: ['replace-needed'],
  },
  { name: 'a copy whose source is gone', sources: [], there: [mine], changes: ['prune a/omni source-gone'] },
  {
    name: 'a copy that a source with an invalid annotation may ask for',
    sources: [asking('next/omni', '')],
    there: [mine],
    changes: [],
  },
  {
    name: 'a copy of another home',
    there: [asPushed(copyOf(omni, 'a'), OTHER_UID, 'east')],
    changes: [],
    findings: ['conflict'],
  },
  {
    name: 'a copy of another home, to adopt',
    there: [asPushed(copyOf(omni, 'a'), OTHER_UID, 'east')],
    settings: { onConflict: 'adopt', sourceNamespaces: ['src'] },
    changes: [],
    findings: ['conflict'],
  },
  {
    name: 'an object that has only the uid of another home',
    there: [configMap('a/omni', { annotations: { 'kubed.appscode.com/origin.cluster-uid': OTHER_UID } })],
    changes: [],
    findings: ['conflict'],
  },
  {
    name: 'a wanted copy of a former home',
    there: [asPushed(copyOf(omni, 'a'), FORMER, 'east')],
    settings: { formerClusterUids: [FORMER] },
    changes: ['refresh a/omni taken-over'],
  },
  {
    name: 'an unwanted copy of a former home',
    sources: [],
    there: [asPushed(copyOf(omni, 'a'), FORMER, 'east')],
    settings: { formerClusterUids: [FORMER] },
    changes: [],
    findings: ['orphan'],
  },
  {
    name: 'a wanted copy of the old operator',
    there: [ofOldOperator(omni, 'a')],
    changes: ['refresh a/omni old-operator'],
  },
  {
    name: 'an unwanted copy of the old operator',
    sources: [asking('src/omni', 'west')],
    there: [ofOldOperator(omni, 'a')],
    changes: [],
    findings: ['left-behind'],
  },
  {
    name: 'a copy of the old operator from another source of that name',
    there: [ofOldOperator({ ...omni, uid: 'other' }, 'a')],
    changes: [],
    findings: ['conflict'],
  },
  {
    name: 'an old copy without the label of a cluster',
    there: [withoutCluster(ofOldOperator({ ...omni, uid: 'other' }, 'a'))],
    changes: [],
    findings: ['conflict'],
  },
  {
    name: 'a source with an unknown key',
    sources: [changed(omni, { annotations: { ...omni.annotations, 'kubed.appscode.com/Sync': '' } })],
    there: [changed(mine, { labels: { ...mine.labels, more: 'x' } })],
    changes: [],
  },
  {
    name: 'a key that sync-keys names and the source lacks',
    sources: [changed(omni, { annotations: { ...omni.annotations, [SYNC_KEYS]: 'k,gone' } })],
    changes: ['create a/omni missing'],
    findings: ['key-missing'],
  },
  {
    name: 'a key that is missing, which the plan of home says',
    sources: [
      changed(omni, {
        annotations: { ...omni.annotations, [SYNC_KEYS]: 'k,gone', 'kubed.appscode.com/sync': 'x=y' },
      }),
    ],
    changes: ['create a/omni missing'],
  },
  {
    name: 'marks of ours that contradict each other',
    there: [changed(mine, { labels: { ...mine.labels, 'kubed.appscode.com/origin.name': 'other' } })],
    changes: [],
    findings: ['conflict', 'marks-disagree'],
  },
  {
    name: 'a copy whose origin cannot be read',
    there: [changed(mine, { annotations: { ...mine.annotations, 'kubed.appscode.com/origin': '{' } })],
    changes: [],
    findings: ['conflict', 'marks-disagree'],
  },
  {
    name: 'a copy of a source that is gone',
    sources: [],
    there: [mine],
    changes: ['prune a/omni source-gone'],
  },
  {
    name: 'a copy of a source that asks for another context',
    sources: [asking('src/omni', 'west')],
    there: [mine],
    changes: ['prune a/omni context-not-named'],
  },
  {
    name: 'a copy of a source that asks for no context',
    sources: [configMap('src/omni', { data: { k: 'v' } })],
    there: [mine],
    changes: ['prune a/omni annotation-removed'],
  },
  {
    name: 'a copy that a source outside --source-namespace would take over',
    sources: [configMap('src/omni'), asking('b/omni', 'east')],
    there: [mine],
    settings: { sourceNamespaces: ['src'] },
    changes: [],
    findings: ['out-of-scope'],
  },
  {
    name: 'a copy that a source outside --source-namespace may ask for, once it is corrected',
    sources: [configMap('src/omni'), asking('b/omni', ',')],
    there: [mine],
    settings: { sourceNamespaces: ['src'] },
    changes: [],
  },
  {
    name: 'a copy whose name a source outside --source-namespace sends to another context',
    sources: [configMap('src/omni'), asking('b/omni', 'west')],
    there: [mine],
    settings: { sourceNamespaces: ['src'] },
    changes: ['prune a/omni annotation-removed'],
  },
  {
    name: 'a copy that is newer than home',
    sources: [],
    there: [asPushed(copyOf({ ...omni, resourceVersion: '99' }, 'a'), HOME_UID, 'east')],
    changes: [],
    findings: ['newer-than-home'],
  },
  {
    name: 'a copy whose version is not a number',
    sources: [],
    there: [asPushed(copyOf({ ...omni, resourceVersion: 'x' }, 'a'), HOME_UID, 'east')],
    changes: ['prune a/omni source-gone'],
  },
];

suite('the plan of a context', () => {
  for (const { name, sources = [omni], there = [], settings = {}, changes, findings = [] } of CASES)
    test(name, () => {
      const plan = contextPlans({ sources, there }, settings, { known: ['east', 'west'], failed: [] }).get(
        'east',
      );
      assert.ok(plan);
      assert.deepEqual(
        plan.changes.map((one) => `${one.action} ${one.namespace}/${one.name} ${one.reason}`),
        changes,
      );
      assert.deepEqual(
        plan.findings.map(({ reason }) => reason),
        findings,
      );
    });
});

test('a write that met another context is left to that context', () => {
  const remote = remoteOf('east');
  const settings = settingsWith({ clusterUid: HOME_UID, remote });
  const source = asking('src/omni', 'east,west');
  const there = asPushed(copyOf(source, 'a'), HOME_UID, 'west');
  const decision = decideCopy({ namespace: 'a', source }, there, settings);
  assert.ok(decision.result === 'finding');
  assert.equal(decision.finding.reason, 'same-place');
});

/** The home cluster of these sources. */
function homeOf(
  sources: readonly Body[],
  more: Partial<Settings> = {},
): Parameters<typeof classifyContext>[0] {
  const settings = settingsWith({ clusterUid: HOME_UID, ...more });
  const spaces = ['src', 'a', 'kube-system'].map((name) => namespace(name));
  const classified = classify(snapshotOf(worldOf(spaces, sources), settings), scopeOf(settings));
  return { classified, sources: contextSources(classified), held: new Set() };
}

/** Findings of a context over these namespaces. */
function contextFindings(
  sources: readonly Body[],
  context: string,
  namespaces: ContextState['namespaces'],
  more: Partial<Settings> = {},
): readonly string[] {
  const home = homeOf(sources, more);
  const scope = contextScope(home.classified.scope, remoteOf(context));
  const { findings } = classifyContext(home, { objects: [], namespaces }, scope);
  return findings.map(({ reason }) => reason);
}

test('namespaces of a context: missing, unread, terminating, and picked by a source', () => {
  assert.deepEqual(contextFindings([omni], 'east', new Map([['a', 'missing']])), [
    'remote-namespace-not-found',
  ]);
  assert.deepEqual(contextFindings([omni], 'east', new Map([['a', 'unread']])), []);
  assert.deepEqual(contextFindings([omni], 'east', new Map([['a', namespace('a')]])), []);
  const wide = [asking('src/omni', 'wide'), asking('kube-system/omni', 'wide')];
  assert.deepEqual(contextFindings(wide, 'wide', new Map()), [
    'remote-system-namespace',
    'any-namespace-picks-a-target',
  ]);
  const named = { sourceNamespaces: ['src', 'kube-system'] };
  assert.deepEqual(contextFindings(wide, 'wide', new Map(), named), ['remote-system-namespace']);
});

test('a context has another scope than home', () => {
  const home = homeOf([omni]);
  assert.throws(() => classifyContext(home, { objects: [], namespaces: new Map() }, home.classified.scope));
});

test('findings about annotations and names, and what holds deletes back', () => {
  const sources = [
    asking('src/empty', ''),
    asking('src/wild', 'e*'),
    asking('src/good', 'east'),
    asking('src/typo', 'est'),
    { ...asking('src/broken', 'east'), labels: { 'bad key!': '' } },
  ];
  const open = homeOf(sources);
  const reasons = (
    found: readonly { readonly reason: string; readonly name?: string }[],
  ): readonly string[] => found.map(({ reason, name = '' }) => `${reason} ${name}`);
  const known = { known: new Set(['east', 'west']), failed: new Set<string>() };
  assert.deepEqual(reasons(annotationFindings(open.sources, open.classified) as never), [
    'invalid-contexts empty',
    'invalid-contexts wild',
  ]);
  const named = homeOf([...sources, asking('src/none', 'x*')], { sourceNamespaces: ['src'] });
  assert.deepEqual(reasons(annotationFindings(named.sources, named.classified) as never), [
    'invalid-contexts empty',
  ]);
  assert.deepEqual(reasons(nameFindings(named.sources, known) as never), [
    'no-context-matches none',
    'unknown-context typo',
  ]);
  const held = (failed: readonly string[]): readonly string[] =>
    [...heldSources(named.sources, { ...known, failed: new Set(failed) })].map(
      (key) => key.split('/')[2] ?? '',
    );
  assert.deepEqual(held([]).toSorted(), ['none', 'typo']);
  assert.deepEqual(held(['east']).toSorted(), ['good', 'none', 'typo', 'wild']);
  assert.deepEqual([isNamed(named.sources, 'east'), isNamed(named.sources, 'west')], [true, false]);
  assert.deepEqual([asksForContexts(omni), asksForContexts(configMap('src/plain'))], [true, false]);
});

test('a purge of a context deletes what is ours, of a former home only where it is named', () => {
  const former = asPushed(copyOf(asking('src/old', 'east'), 'a'), FORMER, 'west');
  const purge = (more: Partial<Settings>): readonly string[] => {
    const home = { ...homeOf([], more), sources: [] };
    const scope = contextScope(home.classified.scope, remoteOf('east'));
    const old = ofOldOperator(asking('src/legacy', 'east'), 'a');
    const objects = [mine, former, old].map(({ content: _, ...meta }) => meta);
    const { changes } = planPurge(classifyContext(home, { objects, namespaces: new Map() }, scope));
    return changes.map(({ name }) => name);
  };
  assert.deepEqual(purge({}), ['omni']);
  assert.deepEqual(purge({ formerClusterUids: [FORMER] }), ['old', 'omni']);
});

test('at home, what another cluster pushed is counted, and our own uid is removed from a copy', () => {
  const source = configMap('src/omni', { sync: '', data: { k: 'v' } });
  const settings = settingsWith({ clusterUid: HOME_UID });
  const pushed = asPushed(copyOf(secret('src/tls'), 'a'), OTHER_UID, 'east');
  const own = asPushed(copyOf(source, 'a'), HOME_UID, 'east');
  const world = worldOf([namespace('src'), namespace('a')], [source, pushed, own]);
  const classified = classify(snapshotOf(world, settings), scopeOf(settings));
  const finding = classified.findings.find(({ reason }) => reason === 'pushed-by-other-cluster');
  assert.deepEqual(finding, { reason: 'pushed-by-other-cluster', clusterUid: OTHER_UID, copies: 1 });
  assert.deepEqual(
    classified.index.copies.map(({ meta }) => keyOf(meta)),
    ['ConfigMap/a/omni'],
  );
  // The draft has it compared, although its content is right.
  const draft = draftContext(classified);
  assert.deepEqual(
    draft.pending.map(({ key }) => key),
    ['ConfigMap/a/omni'],
  );
});

test('explain answers about a context: all sources, one of them, and one namespace', () => {
  const home = homeOf([omni, asking('src/other', 'east')]);
  const scope = contextScope(home.classified.scope, remoteOf('east'));
  const objects = [mine].map(({ content: _, ...meta }) => meta);
  const draft = draftContext(
    classifyContext(home, { objects, namespaces: new Map([['a', namespace('a')]]) }, scope),
  );
  const all = explainContext(draft, undefined, undefined);
  assert.deepEqual(
    all.sources.map(({ name, contexts, selector, upToDate, missing }) => [
      name,
      contexts,
      selector,
      upToDate,
      missing,
    ]),
    [
      ['omni', 'east', undefined, 1, 0],
      ['other', 'east', undefined, 0, 1],
    ],
  );
  const one = explainContext(draft, nameOf(omni), undefined);
  assert.deepEqual(one.answers, [{ namespace: 'a', state: 'up-to-date' }]);
  assert.deepEqual(explainContext(draft, nameOf(omni), 'a').answers?.length, 1);
  assert.deepEqual(explainContext(draft, nameOf(omni), 'b').answers, []);
  const gone = explainContext(draft, { kind: 'Secret', namespace: 'x', name: 'y' }, undefined);
  assert.deepEqual([gone.sources, gone.answers], [[], []]);
  assert.equal(all.answers, undefined);
});
