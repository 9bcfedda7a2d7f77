import type { Finding } from '../../model/finding.ts';
import type { Namespace, ObjectKey, ObjectMeta, ObjectName, Snapshot } from '../../model/objects.ts';
import type { RemoteContext } from '../../model/settings.ts';
import { keyOf, nameOf } from '../../model/keys.ts';
import { groupBy } from '../../util/group-by.ts';
import type { Requirement } from '../annotations/selector.ts';
import { type ClassifiedSnapshot, type Source, takesCopies } from '../classify.ts';
import { isMisunderstood } from '../key-findings.ts';
import { type ObjectIndex, buildIndex } from '../object-index.ts';
import { type Scope, isTargetByName } from '../scope.ts';
import { type ContextSource, outOfScopeContextSources, sourcesOf } from './context-sources.ts';

/*
 * What is each object of another cluster, and which sources at home ask for copies there (docs/design.md 11)? The result
 * has the form of a classified home cluster, so the same plan is made from it. There each source has one target: the
 * namespace of the context, or the one called like its own. It is a selector over the label `kubernetes.io/metadata.name`.
 */

/** The label that holds the name of each namespace (Kubernetes: Well-Known Labels). */
const NAME_LABEL = 'kubernetes.io/metadata.name';

/** What was read through one context. */
export interface ContextState {
  /** The metadata of the objects there that carry marks, or that have the name of a wanted copy. */
  readonly objects: readonly ObjectMeta[];
  /** The target namespaces. `missing`: there is none. `unread`: it may not be read, and is taken to exist. */
  readonly namespaces: ReadonlyMap<string, Namespace | 'missing' | 'unread'>;
}

/** The home cluster, and the sources there that ask for other clusters. */
export interface ContextHome {
  readonly classified: ClassifiedSnapshot;
  readonly sources: readonly ContextSource[];
  /** Sources whose copies in other clusters are not deleted. */
  readonly held: ReadonlySet<ObjectKey>;
}

/** Returns the namespace that gets the copy of a source in a context. */
export function targetOf({ namespace }: ObjectName, remote: Pick<RemoteContext, 'namespace'>): string {
  return remote.namespace ?? namespace;
}

/** Whether a source must not choose its target: only a context may name a namespace of Kubernetes itself. */
function picksSystemNamespace({ namespace }: ObjectName, remote: Pick<RemoteContext, 'namespace'>): boolean {
  return remote.namespace === undefined && namespace.startsWith('kube-');
}

/** Returns the sources that ask for a context and may have a copy there. */
export function sourcesWithTarget(
  sources: readonly ContextSource[],
  remote: RemoteContext,
): readonly ContextSource[] {
  return sourcesOf(sources, remote.context).filter(({ meta }) => !picksSystemNamespace(meta, remote));
}

/** The scope of a plan for a context. Options about home do not narrow it: those are `--namespace` and `--shard`. */
export function contextScope(home: Scope, remote: RemoteContext): Scope {
  const { shard: _, ...rest } = home;
  return {
    ...rest,
    namespaces: [],
    remote,
    isTargetNamespace: (namespace) => isTargetByName(home, namespace),
    isInShard: () => true,
    readsByNamespace: remote.namespace !== undefined,
  };
}

/** Finds the sources, copies and targets of a context. */
export function classifyContext(home: ContextHome, state: ContextState, scope: Scope): ClassifiedSnapshot {
  const { remote } = scope;
  if (remote === undefined) throw new Error('the scope is that of the home cluster');
  const { classified } = home;
  const index = buildIndex(snapshotOf(state), scope);
  const asSources = (asking: readonly ContextSource[]): readonly Source[] =>
    asking.map((source) => contextSource(source, remote));
  const sources = asSources(sourcesWithTarget(home.sources, remote));
  const outOfScope = outOfScopeContextSources(classified);
  return {
    scope,
    index,
    home: classified.home,
    namespaces: 0,
    targets: [...index.namespaces.values()].filter((namespace) => takesCopies(namespace, scope)),
    sources,
    outOfScopeSources: asSources(sourcesWithTarget(outOfScope, remote)),
    frozenSources: asSources([...home.sources, ...outOfScope].filter(isFrozenSource)),
    frozen: frozenOrigins(home),
    held: home.held,
    findings: [...disagreeing(index), ...missing(sources, state), ...pickFindings(home, remote)],
  };
}

/** A namespace that may not be read is taken to exist. So is one that only a copy names. */
function snapshotOf({ objects, namespaces }: ContextState): Snapshot {
  const known = new Map<string, Namespace>();
  for (const { namespace } of objects) known.set(namespace, unread(namespace));
  for (const [name, read] of namespaces) {
    if (read === 'missing') known.delete(name);
    else known.set(name, read === 'unread' ? unread(name) : read);
  }
  const named = [...known.values()].map((one) => ({
    ...one,
    labels: { ...one.labels, [NAME_LABEL]: one.name },
  }));
  return { namespaces: named, objects };
}

function unread(name: string): Namespace {
  return { name, labels: {}, annotations: {}, terminating: false };
}

function contextSource({ meta, key, isTerminating }: ContextSource, remote: RemoteContext): Source {
  const target = targetOf(meta, remote);
  const only: Requirement = { key: NAME_LABEL, operator: 'in', values: new Set([target]) };
  const text = `${NAME_LABEL}=${target}`;
  return { meta, key, text, selector: [only], names: undefined, ownNamespace: undefined, isTerminating };
}

/** Origins whose copies stay as they are: their annotation is invalid, or one of their keys is unknown. */
function frozenOrigins(home: ContextHome): ReadonlySet<ObjectKey> {
  const unknown = home.classified.index.all.flatMap(({ meta }) =>
    isMisunderstood(meta) ? [keyOf(meta)] : [],
  );
  return new Set([...home.sources.filter(isFrozenSource).map(({ key }) => key), ...unknown]);
}

function isFrozenSource({ patterns }: ContextSource): boolean {
  return patterns === undefined;
}

/** Marks of objects there that are ours by their uid and contradict each other. Other marks are not our concern. */
function disagreeing({ unrecognized }: ObjectIndex): readonly Finding[] {
  const ours = unrecognized.flatMap(({ meta, marks }) => (marks.marked === 'disagree' ? [nameOf(meta)] : []));
  return [...groupBy(ours, ({ namespace }) => namespace)].map(([namespace, objects]) => {
    return { reason: 'marks-disagree', namespace, objects };
  });
}

function missing(sources: readonly Source[], { namespaces }: ContextState): readonly Finding[] {
  const targets = groupBy(sources, ({ text }) => text.slice(NAME_LABEL.length + 1));
  return [...targets].flatMap(([namespace, wanted]): readonly Finding[] =>
    namespaces.get(namespace) === 'missing'
      ? [{ reason: 'remote-namespace-not-found', namespace, copies: wanted.length }]
      : [],
  );
}

/** Findings about sources that choose their own target, because the context names no namespace. */
function pickFindings({ classified, sources }: ContextHome, remote: RemoteContext): readonly Finding[] {
  if (remote.namespace !== undefined) return [];
  const asking = sourcesOf(sources, remote.context);
  const refused = asking.filter(({ meta }) => picksSystemNamespace(meta, remote));
  const isAnyone = classified.scope.sourceNamespaces.length === 0 && asking.length > refused.length;
  return [
    ...refused.map(({ meta }): Finding => ({ reason: 'remote-system-namespace', ...nameOf(meta) })),
    ...(isAnyone ? [{ reason: 'any-namespace-picks-a-target' } as const] : []),
  ];
}
