import { type Copy, type ObjectIndex, buildIndex } from './object-index.ts';
import { IGNORE, SYNC, canBeSource, hasSyncAnnotation } from './annotations/markers.ts';
import {
  isAnnotated,
  suspiciousIgnoreFindings,
  suspiciousKeyFindings,
  unknownKeyFindings,
  isMisunderstood,
} from './key-findings.ts';
import type { Finding } from '../model/finding.ts';
import type { Namespace, ObjectKey, ObjectMeta, ObjectName, Snapshot } from '../model/objects.ts';
import { get, keyOf, nameOf } from '../model/keys.ts';
import { type Scope, visibleSnapshot, missingNamespaces } from './scope.ts';
import { acceptFromProblem } from './annotations/accept-from.ts';
import { invalidConsentFindings } from './annotations/consent-findings.ts';
import { namePatternsOf } from './annotations/narrowing.ts';
import { narrowingFindings } from './annotations/narrowing-findings.ts';
import { type Selector, parseSync } from './annotations/selector.ts';
import type { NamePatterns } from './annotations/sync-namespaces.ts';
import { metadataProblem } from './copy/limits.ts';
import { guessSelector, suspicionOf } from './annotations/guess-selector.ts';
import { groupBy } from '../util/group-by.ts';

/*
 * What is each object of a snapshot: a source, a copy, or neither? And which namespaces take copies (docs/design.md 4.1
 * and 4.4)?
 */

/** An annotated object in scope. */
export interface Source {
  readonly meta: ObjectMeta;
  readonly key: ObjectKey;
  /** The text of the sync annotation. */
  readonly text: string;
  /** Undefined: the source is frozen, and its copies stay exactly as they are. */
  readonly selector: Selector | undefined;
  /** The annotation `sync-namespaces`. Undefined: names do not matter. */
  readonly names: NamePatterns | undefined;
  /** The namespace that gets no copy, since the source is there. Undefined for copies in another cluster. */
  readonly ownNamespace: string | undefined;
  /** It is being deleted. It stays a source until it is gone, but gets no new copies. */
  readonly isTerminating: boolean;
}

/** The home cluster, as a plan for any cluster sees it. */
export interface HomeView {
  readonly scope: Scope;
  readonly index: ObjectIndex;
  /** The resource versions of its lists, by kind. */
  readonly listVersions: NonNullable<Snapshot['listVersions']>;
}

/** A snapshot in which each object has a role. */
export interface ClassifiedSnapshot {
  readonly scope: Scope;
  /** The cluster that gets the copies. */
  readonly index: ObjectIndex;
  /** The cluster that the sources are in: the home cluster. */
  readonly home: HomeView;
  /** The number of namespaces in the shard. */
  readonly namespaces: number;
  /** Namespaces that take copies: in scope, not terminating, not ignored, and without an invalid `accept-from`. */
  readonly targets: readonly Namespace[];
  readonly sources: readonly Source[];
  /** Visible objects that would be sources without `--source-namespace`. */
  readonly outOfScopeSources: readonly Source[];
  /** Frozen sources, in scope or not, as they may be once corrected: what is invalid selects every namespace. */
  readonly frozenSources: readonly Source[];
  /** Origins whose copies stay exactly as they are: broken sources, unknown keys, and copies with a sync annotation. */
  readonly frozen: ReadonlySet<ObjectKey>;
  /** Origins whose copies are not deleted in other clusters (docs/design.md 11.5). Empty at home. */
  readonly held: ReadonlySet<ObjectKey>;
  /** All findings of the lists. `isReported` then selects the ones that this shard reports. */
  readonly findings: readonly Finding[];
}

/** Finds the sources, copies and targets of a snapshot. The order of the snapshot does not matter. */
export function classify(snapshot: Snapshot, scope: Scope): ClassifiedSnapshot {
  const index = buildIndex(visibleSnapshot(snapshot, scope), scope);
  const { namespaces } = index;
  const annotated = index.all.filter(({ meta: { annotations } }) => isAnnotated(annotations));
  const annotatedCopies = annotated.flatMap(({ meta, copy }) =>
    copy && hasSyncAnnotation(meta) ? [copy] : [],
  );
  const candidates = annotated.flatMap(({ meta, copy }) => {
    const text = get(meta.annotations, SYNC);
    const isSource = text !== undefined && copy === undefined && canBeSource(meta.kind, meta.name);
    return isSource ? [sourceOf(meta, text, namespaces, scope)] : [];
  });
  // A copy without a sync annotation asks for nothing. A shard does not even see those of other shards.
  const asking = annotated.flatMap(({ meta, copy }) => (copy && !hasSyncAnnotation(meta) ? [] : [meta]));
  const sources = candidates.filter(({ meta }) => scope.isSourceNamespace(meta.namespace));
  return {
    scope,
    index,
    home: { scope, index, listVersions: snapshot.listVersions ?? {} },
    namespaces: [...namespaces.keys()].filter(scope.isInShard).length,
    targets: [...namespaces.values()].filter((namespace) => takesCopies(namespace, scope)),
    sources,
    outOfScopeSources: candidates.filter(({ meta }) => !scope.isSourceNamespace(meta.namespace)),
    frozenSources: candidates.filter(isFrozenSource).map(asIfCorrected),
    frozen: frozenOrigins(annotatedCopies, sources, asking),
    held: new Set(),
    findings: [
      ...missingNamespaces(namespaces, scope),
      ...unrecognizedFindings(index, scope),
      ...annotatedCopies.map(annotatedCopyFinding),
      ...sources.flatMap((source) => sourceFindings(source, namespaces, scope)),
      ...unknownKeyFindings(asking, scope),
      ...narrowingFindings(index, scope),
      ...suspiciousKeyFindings(index, sources, scope),
      ...suspiciousIgnoreFindings(namespaces.values(), scope),
      ...invalidConsentFindings(namespaces.values(), scope),
    ],
  };
}

/** Whether copies may be written to a namespace: it is in scope, is not terminating, and did not opt out. */
export function takesCopies(namespace: Namespace, scope: Scope): boolean {
  return whyNoTarget(namespace, scope) === undefined;
}

/** Why a namespace takes no copies. Undefined if it takes them. */
export function whyNoTarget(
  namespace: Namespace,
  scope: Scope,
): 'namespace-terminating' | 'namespace-ignored' | 'accept-from-invalid' | 'out-of-scope' | undefined {
  if (namespace.terminating) return 'namespace-terminating';
  if (acceptFromProblem(namespace, scope) !== undefined) return 'accept-from-invalid';
  if (isIgnored(namespace)) return 'namespace-ignored';
  return scope.isTargetNamespace(namespace.name) ? undefined : 'out-of-scope';
}

/** Whether a namespace opted out: it takes no copies. It may still hold sources. An unclear value counts as `true`. */
export function isIgnored(namespace: Namespace): boolean {
  const value = get(namespace.annotations, IGNORE);
  return value !== undefined && value !== 'false';
}

function sourceOf(
  meta: ObjectMeta,
  text: string,
  namespaces: ReadonlyMap<string, Namespace>,
  scope: Scope,
): Source {
  const isTerminating =
    meta.deletionTimestamp !== undefined || namespaces.get(meta.namespace)?.terminating === true;
  const parsed = parseSync(text);
  const copyable = parsed.ok && !isMisunderstood(meta) && metadataProblem(meta, scope.strip) === undefined;
  return {
    meta,
    key: keyOf(meta),
    text,
    selector: copyable ? parsed.selector : undefined,
    names: namePatternsOf(meta.annotations),
    ownNamespace: meta.namespace,
    isTerminating,
  };
}

function isFrozenSource({ selector }: Source): boolean {
  return selector === undefined;
}

/** A frozen source with the part of its annotations that is valid. The rest selects every namespace. */
function asIfCorrected(source: Source): Source {
  const parsed = parseSync(source.text);
  return { ...source, selector: parsed.ok ? parsed.selector : [] };
}

function frozenOrigins(
  annotatedCopies: readonly Copy[],
  sources: readonly Source[],
  asking: readonly ObjectMeta[],
): ReadonlySet<ObjectKey> {
  return new Set([
    ...annotatedCopies.map(({ meta }) => keyOf(meta)),
    ...sources.filter(isFrozenSource).map(({ key }) => key),
    ...asking.filter(isMisunderstood).map(keyOf),
  ]);
}

function sourceFindings(
  { meta, text }: Source,
  namespaces: ReadonlyMap<string, Namespace>,
  scope: Scope,
): Finding[] {
  const name = nameOf(meta);
  const findings: Finding[] = [];
  const parsed = parseSync(text);
  if (!parsed.ok) {
    const { at, problem } = parsed;
    const guess = guessSelector(text, namespaces);
    findings.push({
      reason: 'invalid-selector',
      ...name,
      selector: text,
      problem: { at, problem },
      ...(guess && { guess }),
    });
  }
  const why = suspicionOf(text);
  if (why !== undefined) findings.push({ reason: 'suspicious-selector', ...name, selector: text, why });
  const problem = metadataProblem(meta, scope.strip);
  if (problem !== undefined) findings.push({ reason: 'source-not-copyable', ...name, why: problem });
  return findings;
}

function annotatedCopyFinding({ meta, origin: { namespace, name } }: Copy): Finding {
  return { reason: 'copy-with-sync-annotation', ...nameOf(meta), origin: { namespace, name } };
}

/** If this share of all marked objects has one other cluster name, `--cluster-name` is probably wrong. */
const NEARLY_ALL = 0.9;

/** Findings about objects with marks that are not ours: counted by cluster name, or named by namespace. */
function unrecognizedFindings({ unrecognized, copies }: ObjectIndex, scope: Scope): Finding[] {
  const [otherClusters, pushed] = [new Map<string, number>(), new Map<string, number>()];
  const disagreeing: ObjectName[] = [];
  for (const { meta, marks } of unrecognized) {
    if (marks.marked === 'other-cluster') count(otherClusters, marks.clusterName);
    else if (marks.marked === 'pushed') count(pushed, marks.clusterUid);
    else if (scope.isTargetNamespace(meta.namespace)) disagreeing.push(nameOf(meta));
  }
  const byNamespace = groupBy(disagreeing, ({ namespace }) => namespace);
  return [
    ...clusterFindings(otherClusters, copies.length),
    ...[...pushed].map(([clusterUid, number]): Finding => ({
      reason: 'pushed-by-other-cluster',
      clusterUid,
      copies: number,
    })),
    ...[...byNamespace].map(([namespace, objects]): Finding => ({
      reason: 'marks-disagree',
      namespace,
      objects,
    })),
  ];
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function clusterFindings(otherClusters: ReadonlyMap<string, number>, ours: number): Finding[] {
  const all = ours + [...otherClusters.values()].reduce((sum, copies) => sum + copies, 0);
  return [...otherClusters].map(([clusterName, copies]) => {
    return { reason: 'other-cluster-name', clusterName, copies, nearlyAll: copies >= all * NEARLY_ALL };
  });
}
