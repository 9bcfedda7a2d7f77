import { finalizePlan } from '../finalize.ts';
import { type DeclaredObjects, bodyOf, namespacesOf } from '../../model/manifest.ts';
import { isRenderedCopy, readMarks } from '../annotations/read-marks.ts';
import type { Body, ObjectName, Origin, StringMap } from '../../model/objects.ts';
import type { Finding } from '../../model/finding.ts';
import type { ClassifiedSnapshot } from '../classify.ts';
import { draftPlan } from '../draft.ts';
import { compareNames, compareText, keyOf, nameOf, originKeyOf } from '../../model/keys.ts';
import { groupBy } from '../../util/group-by.ts';
import type { Scope } from '../scope.ts';
import { createBody } from '../copy/request-body.ts';

/** One copy, as a run sends it to an API server. */
export interface RenderedCopy extends ObjectName {
  readonly origin: Origin;
  readonly body: object;
}

/** All copies that the sources in manifests ask for, sorted, and the findings. */
export interface RenderedCopies {
  readonly copies: readonly RenderedCopy[];
  readonly findings: readonly Finding[];
  readonly sources: number;
  /** What the manifests are. The copies that `render` wrote earlier are not among them. */
  readonly classified: ClassifiedSnapshot;
}

/**
 * Returns the copies that the sources in these manifests ask for (`kubed-sync render`). It ignores copies among the
 * manifests, and the uid and resourceVersion of a dump. A copy that an earlier run of `render` wrote is no reason for its
 * namespace to exist. The marks get an empty uid and resourceVersion. No source in a cluster has these, so the first
 * reconcile compares such a copy and writes its marks.
 */
export function renderCopies(manifests: DeclaredObjects, scope: Scope): RenderedCopies {
  const objects = manifests.objects.filter((manifest) => !isRenderedCopy(bodyOf(manifest), scope));
  const bodies = objects.map(bodyOf).filter((body) => readMarks(body, scope).marked !== 'ours');
  const stateless = bodies.map((body): Body => ({ ...body, uid: '', resourceVersion: '' }));
  const inScope = stateless.filter(({ kind }) => scope.kinds.includes(kind));
  const namespaces = namespacesOf({ ...manifests, objects });
  const drafted = draftPlan({ namespaces, objects: inScope }, scope);
  const sources = new Map(inScope.map((body) => [keyOf(body), body]));
  const plan = finalizePlan(drafted, { sources, origins: new Map(), decisions: new Map() });
  const changes = groupBy(plan.changes, originKeyOf);
  const copies = [...sources].flatMap(([key, source]) =>
    (changes.get(key) ?? []).map((change): RenderedCopy => {
      const body = createBody(sorted(source), change.namespace, scope);
      return { ...nameOf(change), origin: change.origin, body };
    }),
  );
  const findings = plan.findings.filter(({ reason }) => reason !== 'any-namespace-is-a-source');
  const { classified } = drafted;
  return { copies: copies.toSorted(compareNames), findings, sources: plan.sources, classified };
}

/** Returns the body with sorted keys, so that the order of keys in a manifest does not change the result. */
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
