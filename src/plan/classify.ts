import { type Copy, type IndexedObject, type ObjectIndex, buildIndex } from './object-index.ts';
import { IGNORE, SYNC, SYNC_CONTEXTS, canBeSource, hasSyncAnnotation } from './annotations/markers.ts';
import {
  isAnnotated,
  suspiciousIgnoreFindings,
  suspiciousKeyFindings,
  unknownKeyFindings,
  unknownKeys,
} from './key-findings.ts';
import type { Finding } from '../model/finding.ts';
import type { Namespace, ObjectKey, ObjectMeta, ObjectName, Snapshot } from '../model/objects.ts';
import { get, keyOf, nameOf } from '../model/keys.ts';
import { type Scope, visibleSnapshot, missingNamespaces } from './scope.ts';
import { acceptFromProblem } from './annotations/accept-from.ts';
import { invalidConsentFindings } from './annotations/consent-findings.ts';
import { invalidAnnotations, namePatternsOf } from './annotations/narrowing.ts';
import { narrowingFindings } from './annotations/narrowing-findings.ts';
import { type Selector, parseSync } from './annotations/selector.ts';
import type { NamePatterns } from './annotations/sync-namespaces.ts';
import { metadataProblem } from './copy/limits.ts';
import { guessSelector, isSwitch } from './annotations/guess-selector.ts';
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
  /** It is being deleted. It stays a source until it is gone, but gets no new copies. */
  readonly isTerminating: boolean;
}

/** A snapshot in which each object has a role. */
export interface ClassifiedSnapshot {
  readonly scope: Scope;
  readonly index: ObjectIndex;
  /** The number of namespaces in the shard. */
  readonly namespaces: number;
  /** Namespaces that take copies: in scope, not terminating, not ignored, and without an invalid `accept-from`. */
  readonly targets: readonly Namespace[];
  readonly sources: readonly Source[];
  /** Visible objects that would be sources without `--source-namespace`. */
  readonly outOfScopeSources: readonly Source[];
  /** Origins whose copies stay exactly as they are: broken sources, unknown keys, and copies with a sync annotation. */
  readonly frozen: ReadonlySet<ObjectKey>;
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
    namespaces: [...namespaces.keys()].filter(scope.isInShard).length,
    targets: [...namespaces.values()].filter((namespace) => takesCopies(namespace, scope)),
    sources,
    outOfScopeSources: candidates.filter(({ meta }) => !scope.isSourceNamespace(meta.namespace)),
    frozen: new Set([
      ...annotatedCopies.map(({ meta }) => keyOf(meta)),
      ...brokenSources(sources),
      ...asking.filter(isMisunderstood).map(keyOf),
    ]),
    findings: [
      ...missingNamespaces(namespaces, scope),
      ...unrecognizedFindings(index, scope),
      ...annotatedCopies.map(annotatedCopyFinding),
      ...sources.flatMap((source) => sourceFindings(source, namespaces, scope)),
      ...contextsFindings(annotated, scope),
      ...unknownKeyFindings(asking, scope),
      ...narrowingFindings(index, scope),
      ...suspiciousKeyFindings(index, sources, scope),
      ...suspiciousIgnoreFindings(namespaces.values(), scope),
      ...invalidConsentFindings(namespaces.values(), scope),
    ],
  };
}

function takesCopies(namespace: Namespace, scope: Scope): boolean {
  if (namespace.terminating || isIgnored(namespace)) return false;
  return acceptFromProblem(namespace, scope) === undefined && scope.isTargetNamespace(namespace.name);
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
  const selector = copyable ? parsed.selector : undefined;
  return { meta, key: keyOf(meta), text, selector, names: namePatternsOf(meta.annotations), isTerminating };
}

/** Whether an object may ask for less than is understood: it has an unknown key, or an annotation with an invalid value. */
function isMisunderstood(meta: ObjectMeta): boolean {
  return unknownKeys(meta).length + invalidAnnotations(meta.annotations).length > 0;
}

function brokenSources(sources: readonly Source[]): ObjectKey[] {
  return sources.flatMap((source) => (source.selector === undefined ? [source.key] : []));
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

const TYPOGRAPHIC_QUOTES = /[\u2018-\u201f\u2039\u203a\u00ab\u00bb]/;

/** Why a valid selector probably does not mean what its author intended. */
function suspicionOf(text: string): 'boolean' | 'quotes' | undefined {
  if (TYPOGRAPHIC_QUOTES.test(text)) return 'quotes';
  return isSwitch(text) ? 'boolean' : undefined;
}

function annotatedCopyFinding({ meta, origin: { namespace, name } }: Copy): Finding {
  return { reason: 'copy-with-sync-annotation', ...nameOf(meta), origin: { namespace, name } };
}

function contextsFindings(annotated: readonly IndexedObject[], scope: Scope): Finding[] {
  return annotated.flatMap(({ meta, copy }): Finding[] => {
    const contexts = get(meta.annotations, SYNC_CONTEXTS);
    if (contexts === undefined || copy !== undefined || !canBeSource(meta.kind, meta.name)) return [];
    if (!scope.isSourceNamespace(meta.namespace)) return [];
    return [{ reason: 'sync-contexts-ignored', ...nameOf(meta), contexts }];
  });
}

/** If this share of all marked objects has one other cluster name, `--cluster-name` is probably wrong. */
const NEARLY_ALL = 0.9;

/** Findings about objects with marks that are not ours: counted by cluster name, or named by namespace. */
function unrecognizedFindings({ unrecognized, copies }: ObjectIndex, scope: Scope): Finding[] {
  const otherClusters = new Map<string, number>();
  const disagreeing: ObjectName[] = [];
  for (const { meta, marks } of unrecognized) {
    if (marks.marked === 'other-cluster')
      otherClusters.set(marks.clusterName, (otherClusters.get(marks.clusterName) ?? 0) + 1);
    else if (scope.isTargetNamespace(meta.namespace)) disagreeing.push(nameOf(meta));
  }
  const byNamespace = groupBy(disagreeing, ({ namespace }) => namespace);
  return [
    ...clusterFindings(otherClusters, copies.length),
    ...[...byNamespace].map(([namespace, objects]): Finding => ({
      reason: 'marks-disagree',
      namespace,
      objects,
    })),
  ];
}

function clusterFindings(otherClusters: ReadonlyMap<string, number>, ours: number): Finding[] {
  const all = ours + [...otherClusters.values()].reduce((sum, copies) => sum + copies, 0);
  return [...otherClusters].map(([clusterName, copies]) => {
    return { reason: 'other-cluster-name', clusterName, copies, nearlyAll: copies >= all * NEARLY_ALL };
  });
}
