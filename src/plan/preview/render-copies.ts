import { finalizePlan } from '../finalize.ts';
import { type Declared, bodyOf, namespacesOf } from '../../model/manifest.ts';
import { readMarks } from '../annotations/markers.ts';
import type { Body, ObjectKey, ObjectName, Origin, StringMap } from '../../model/objects.ts';
import type { Change } from '../../model/change.ts';
import type { Finding } from '../../model/finding.ts';
import { draftPlan } from '../draft.ts';
import { compareNames, compareText, keyFrom, keyOf, nameOf } from '../../model/keys.ts';
import type { Scope } from '../scope.ts';
import { createBody } from '../copy/request-body.ts';

/** One copy, as an API server would be sent it. */
export interface RenderedCopy extends ObjectName {
  readonly origin: Origin;
  readonly body: object;
}

/** All copies that manifests ask for, sorted, and what there is to say of them. */
export interface Rendered {
  readonly copies: readonly RenderedCopy[];
  readonly findings: readonly Finding[];
  readonly sources: number;
}

/**
 * The copies of the sources among these manifests, for those who keep copies in Git too. It does not depend on copies
 * that are among the manifests already, nor on what a dump says of the state of a cluster: the marks leave uid and
 * resourceVersion of the source empty, which is no source's, so that the first reconcile compares such a copy and
 * writes them.
 */
export function renderCopies(manifests: Declared, scope: Scope): Rendered {
  const bodies = manifests.objects.map(bodyOf).filter((body) => readMarks(body, scope).marked !== 'ours');
  const stateless = bodies.map((body): Body => ({ ...body, uid: '', resourceVersion: '' }));
  const inScope = stateless.filter(({ kind }) => scope.kinds.includes(kind));
  const drafted = draftPlan({ namespaces: namespacesOf(manifests), objects: inScope }, scope);
  const sources = new Map(inScope.map((body) => [keyOf(body), body]));
  const plan = finalizePlan(drafted, { sources, origins: new Map(), decisions: new Map() });
  const changes = byOrigin(plan.changes);
  const copies = [...sources].flatMap(([key, source]) =>
    (changes.get(key) ?? []).map((change): RenderedCopy => {
      const body = createBody(sorted(source), change.namespace, scope);
      return { ...nameOf(change), origin: change.origin, body };
    }),
  );
  const findings = plan.findings.filter(({ reason }) => reason !== 'any-namespace-is-a-source');
  return { copies: copies.toSorted(compareNames), findings, sources: plan.sources };
}

function byOrigin(changes: readonly Change[]): ReadonlyMap<ObjectKey, readonly Change[]> {
  const groups = new Map<ObjectKey, Change[]>();
  for (const change of changes) {
    const key = keyFrom(change.kind, change.origin.namespace, change.origin.name);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [change]);
    else group.push(change);
  }
  return groups;
}

/** The order of keys in a manifest must not show: a commit would change lines that say the same. */
function sorted(body: Body): Body {
  const { data, binaryData } = body.content;
  return {
    ...body,
    labels: sortedMap(body.labels),
    annotations: sortedMap(body.annotations),
    content: { ...body.content, data: sortedMap(data), binaryData: sortedMap(binaryData) },
  };
}

function sortedMap(map: StringMap): StringMap {
  return Object.fromEntries(Object.entries(map).toSorted(([a], [b]) => compareText(a, b)));
}
