import { decidePending, finalizePlan } from '../finalize.ts';
import { type DeclaredObjects, bodyOf, namespacesOf } from '../../model/manifest.ts';
import type { Body, Namespace, ObjectKey, ObjectName } from '../../model/objects.ts';
import { type DraftPlan, draftPlan } from '../draft.ts';
import { desired } from '../copy/desired.ts';
import { copyContent } from '../copy/narrow-content.ts';
import { keyOf, originKeyOf } from '../../model/keys.ts';
import type { Scope } from '../scope.ts';

// What do manifests as they were before (`--base`) say about the state before (docs/design.md 4.9)?

/** What is deleted with the manifests that are in the base and not in the head. */
export interface Removed {
  readonly namespaces: ReadonlySet<string>;
  /** Whether an object is deleted, by itself or with its namespace. */
  readonly has: (name: ObjectName) => boolean;
}

/** Returns what is deleted between two sets of manifests. A namespace stays if the head has an object in it. */
export function removedBetween(base: DeclaredObjects, head: DeclaredObjects): Removed {
  const kept = new Set(head.objects.map(keyOf));
  const used = new Set([
    ...head.namespaces.map(({ name }) => name),
    ...head.objects.map(({ namespace }) => namespace),
  ]);
  const objects = new Set(base.objects.map(keyOf).filter((key) => !kept.has(key)));
  const namespaces = new Set(base.namespaces.map(({ name }) => name).filter((name) => !used.has(name)));
  return { namespaces, has: (name) => namespaces.has(name.namespace) || objects.has(keyOf(name)) };
}

/** A cluster that manifests stand for. */
export interface ManifestState {
  readonly namespaces: readonly Namespace[];
  readonly bodies: readonly Body[];
}

/** Returns manifests in the place of a cluster: only what they declare exists. */
export function declaredState(manifests: DeclaredObjects): ManifestState {
  return { namespaces: namespacesOf(manifests), bodies: manifests.objects.map(bodyOf) };
}

/** Returns the cluster that manifests lead to: all that they declare, and each copy that they ask for, up to date. */
export function upToDateState(manifests: DeclaredObjects, scope: Scope): ManifestState {
  const { namespaces, bodies } = declaredState(manifests);
  const objects = new Map(bodies.map((body) => [keyOf(body), body]));
  const inScope = bodies.filter(({ kind }) => scope.kinds.includes(kind));
  const draft = draftPlan({ namespaces, objects: inScope }, scope);
  for (const change of planFor(draft, objects)) {
    const source = objects.get(originKeyOf(change));
    if (change.action === 'mark' || change.action === 'prune' || source === undefined)
      objects.delete(keyOf(change));
    else objects.set(keyOf(change), upToDateCopy(source, change.namespace, scope));
  }
  return { namespaces, bodies: [...objects.values()] };
}

function planFor(
  draft: DraftPlan,
  objects: ReadonlyMap<ObjectKey, Body>,
): ReturnType<typeof finalizePlan>['changes'] {
  const sources = new Map(draft.classified.sources.map(({ key }) => [key, objects.get(key)]));
  const decisions = draft.pending.flatMap((pending) => {
    const decision = decidePending(pending, objects.get(pending.source.key), objects.get(pending.key), draft);
    return decision === undefined ? [] : [[pending.key, decision] as const];
  });
  return finalizePlan(draft, { sources, origins: new Map(), decisions: new Map(decisions) }).changes;
}

/** A copy as a run leaves it, without what only an API server adds. */
function upToDateCopy(source: Body, namespace: string, scope: Scope): Body {
  const { kind, name } = source;
  const server = { uid: '', resourceVersion: '', creationTimestamp: '', managedFields: [] };
  return { kind, namespace, name, ...server, ...desired(source, scope), content: copyContent(source) };
}
