import { type Copy, type IndexedObject, type ObjectIndex, buildIndex } from './object-index.ts';
import { IGNORE, SYNC, SYNC_CONTEXTS, canBeSource, hasSyncAnnotation } from './annotations/markers.ts';
import type { Finding } from '../model/finding.ts';
import type { Namespace, ObjectKey, ObjectMeta, ObjectName, Snapshot, StringMap } from '../model/objects.ts';
import { get, has, keyOf, nameOf } from '../model/keys.ts';
import { type Scope, visibleSnapshot, missingNamespaces } from './scope.ts';
import { type Selector, parseSync } from './annotations/selector.ts';
import { metadataProblem } from './copy/limits.ts';

/** An annotated object in scope (design section 1). */
export interface Source {
  readonly meta: ObjectMeta;
  readonly key: ObjectKey;
  /** The annotation as it stands. */
  readonly text: string;
  /** Undefined: frozen, its copies stay exactly as they are. */
  readonly selector: Selector | undefined;
  /** It is being deleted: a source until it is gone, but it gets no new copies. */
  readonly isTerminating: boolean;
}

/** A snapshot looked through once: what everything in it is. */
export interface ClassifiedSnapshot {
  readonly scope: Scope;
  readonly index: ObjectIndex;
  /** How many namespaces there are in the shard. */
  readonly namespaces: number;
  /** Namespaces that take copies: in scope, not terminating, not ignored. */
  readonly targets: readonly Namespace[];
  readonly sources: readonly Source[];
  /** What would be sources but for `--source-namespace`, of what can be seen. */
  readonly outOfScopeSources: readonly Source[];
  /** Origins whose copies stay exactly as they are: broken sources, and copies that pretend to be sources. */
  readonly frozen: ReadonlySet<ObjectKey>;
  /** What there is to report, before `isReported` picks the share of this run. */
  readonly findings: readonly Finding[];
}

/** Looks a snapshot through: sources, copies, targets, and what there is to say of them. Its order does not matter. */
export function classify(snapshot: Snapshot, scope: Scope): ClassifiedSnapshot {
  const index = buildIndex(visibleSnapshot(snapshot, scope), scope);
  const { namespaces } = index;
  const annotated = index.all.filter(({ meta: { annotations } }) => isAnnotated(annotations));
  const posing = annotated.flatMap(({ meta, copy }) => (copy && hasSyncAnnotation(meta) ? [copy] : []));
  const candidates = annotated.flatMap(({ meta, copy }) => {
    const text = get(meta.annotations, SYNC);
    const isOne = text !== undefined && copy === undefined && canBeSource(meta.kind, meta.name);
    return isOne ? [sourceOf(meta, text, namespaces, scope)] : [];
  });
  const sources = candidates.filter(({ meta }) => scope.isSourceNamespace(meta.namespace));
  return {
    scope,
    index,
    namespaces: [...namespaces.keys()].filter(scope.isInShard).length,
    targets: [...namespaces.values()].filter((namespace) => takesCopies(namespace, scope)),
    sources,
    outOfScopeSources: candidates.filter(({ meta }) => !scope.isSourceNamespace(meta.namespace)),
    frozen: new Set([...posing.map(({ meta }) => keyOf(meta)), ...broken(sources)]),
    findings: [
      ...missingNamespaces(namespaces, scope),
      ...strangerFindings(index, scope),
      ...posing.map(posingFinding),
      ...sources.flatMap((source) => sourceFindings(source, scope)),
      ...contextsFindings(annotated, scope),
    ],
  };
}

function isAnnotated(annotations: StringMap): boolean {
  return has(annotations, SYNC) || has(annotations, SYNC_CONTEXTS);
}

function takesCopies(namespace: Namespace, scope: Scope): boolean {
  return !namespace.terminating && !isIgnored(namespace) && scope.isTargetNamespace(namespace.name);
}

/** Whether a namespace opted out: it takes no copies, though it may hold sources. */
export function isIgnored(namespace: Namespace): boolean {
  return get(namespace.annotations, IGNORE) === 'true';
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
  const copyable = parsed.ok && metadataProblem(meta, scope.strip) === undefined;
  return { meta, key: keyOf(meta), text, selector: copyable ? parsed.selector : undefined, isTerminating };
}

function broken(sources: readonly Source[]): ObjectKey[] {
  return sources.flatMap((source) => (source.selector === undefined ? [source.key] : []));
}

function sourceFindings({ meta, text }: Source, scope: Scope): Finding[] {
  const name = nameOf(meta);
  const findings: Finding[] = [];
  const parsed = parseSync(text);
  if (!parsed.ok) {
    const { at, problem } = parsed;
    findings.push({ reason: 'invalid-selector', ...name, selector: text, problem: { at, problem } });
  }
  const why = suspicion(text);
  if (why !== undefined) findings.push({ reason: 'suspicious-selector', ...name, selector: text, why });
  const trouble = metadataProblem(meta, scope.strip);
  if (trouble !== undefined) findings.push({ reason: 'source-not-copyable', ...name, why: trouble });
  return findings;
}

const BOOLEAN = /^(?:!\s*)?(?:true|false|yes|no|on|off|y|n|t|f|0|1|enabled|disabled)$/i;
const TYPOGRAPHIC_QUOTES = /[\u2018-\u201f\u2039\u203a\u00ab\u00bb]/;

function suspicion(text: string): 'boolean' | 'quotes' | undefined {
  if (TYPOGRAPHIC_QUOTES.test(text)) return 'quotes';
  return text !== 'true' && BOOLEAN.test(text.trim()) ? 'boolean' : undefined;
}

function posingFinding({ meta, origin: { namespace, name } }: Copy): Finding {
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

/** So large a part of all marked objects under one other cluster name looks like a wrong `--cluster-name`. */
const NEARLY_ALL = 0.9;

function strangerFindings({ unrecognized: strangers, copies }: ObjectIndex, scope: Scope): Finding[] {
  const otherClusters = new Map<string, number>();
  const disagreeing = new Map<string, ObjectName[]>();
  for (const { meta, marks } of strangers) {
    if (marks.marked === 'other-cluster') {
      otherClusters.set(marks.clusterName, (otherClusters.get(marks.clusterName) ?? 0) + 1);
    } else if (scope.isTargetNamespace(meta.namespace)) {
      const known = disagreeing.get(meta.namespace);
      if (known === undefined) disagreeing.set(meta.namespace, [nameOf(meta)]);
      else known.push(nameOf(meta));
    }
  }
  return [...clusterFindings(otherClusters, copies.length), ...disagreeFindings(disagreeing)];
}

function clusterFindings(otherClusters: ReadonlyMap<string, number>, ours: number): Finding[] {
  const all = ours + [...otherClusters.values()].reduce((sum, copies) => sum + copies, 0);
  return [...otherClusters].map(([clusterName, copies]) => {
    return { reason: 'other-cluster-name', clusterName, copies, nearlyAll: copies >= all * NEARLY_ALL };
  });
}

function disagreeFindings(disagreeing: ReadonlyMap<string, readonly ObjectName[]>): Finding[] {
  return [...disagreeing].map(([namespace, objects]) => ({ reason: 'marks-disagree', namespace, objects }));
}
