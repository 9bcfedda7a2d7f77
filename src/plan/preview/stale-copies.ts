import { isRenderedCopy, readMarks } from '../annotations/read-marks.ts';
import type { Body, ObjectKey } from '../../model/objects.ts';
import { severityOf } from '../../model/finding.ts';
import { keyOf } from '../../model/keys.ts';
import type { Scope } from '../scope.ts';
import type { RenderedCopies } from './render-copies.ts';

/**
 * Returns a function that says whether an object is a stale copy: `render` wrote it, and no source asks for it now. It must
 * be in scope, so that no option makes a copy stale. A source with an error keeps its copies (docs/design.md 4.4, 8.3).
 */
export function staleCheck({ copies, findings }: RenderedCopies, scope: Scope): (object: Body) => boolean {
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
      !wanted.has(keyOf(object))
    );
  };
}
