import { isRenderedCopy, readMarks } from '../annotations/read-marks.ts';
import type { Body, ObjectKey } from '../../model/objects.ts';
import { severityOf } from '../../model/finding.ts';
import { keyOf } from '../../model/keys.ts';
import type { ClassifiedSnapshot } from '../classify.ts';
import type { Copy } from '../object-index.ts';
import { isWantedByFrozen, isWantedOutOfScope } from '../resolve-conflicts.ts';
import type { RenderedCopies } from './render-copies.ts';

/**
 * Returns a function that says whether an object is a stale copy: `render` wrote it, and no source asks for it now. It must
 * be in scope, so that no option makes a copy stale. A source with an error keeps its copies, and those that it may ask for
 * once it is corrected (docs/design.md 4.4, 8.3).
 */
export function staleCheck({ copies, findings, classified }: RenderedCopies): (object: Body) => boolean {
  const { scope } = classified;
  const wanted = new Set<ObjectKey>(copies.map(keyOf));
  const errors = new Set<ObjectKey>(
    findings.flatMap((finding) =>
      severityOf(finding) === 'error' && 'name' in finding ? [keyOf(finding)] : [],
    ),
  );
  const frozen = new Set(
    findings.flatMap((finding) => (finding.reason === 'invalid-accept-from' ? [finding.namespace] : [])),
  );
  return (object) => {
    const marks = readMarks(object, scope);
    if (marks.marked !== 'ours' || !isRenderedCopy(object, scope)) return false;
    const isInScope =
      scope.kinds.includes(object.kind) &&
      scope.isTargetNamespace(object.namespace) &&
      scope.isSourceNamespace(marks.origin.namespace);
    return (
      isInScope &&
      !frozen.has(object.namespace) &&
      ![keyOf(object), marks.originKey].some((key) => errors.has(key)) &&
      !wanted.has(keyOf(object)) &&
      !isWantedElsewhere({ meta: object, ...marks }, classified)
    );
  };
}

/** Whether a source outside the scope asks for a copy, or a frozen one may do so. Both must be among the manifests. */
function isWantedElsewhere(copy: Copy, classified: ClassifiedSnapshot): boolean {
  const namespace = classified.index.namespaces.get(copy.meta.namespace);
  return (
    namespace !== undefined &&
    (isWantedOutOfScope(copy, namespace, classified) || isWantedByFrozen(copy, namespace, classified))
  );
}
