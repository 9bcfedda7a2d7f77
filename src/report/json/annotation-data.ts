import type { AnnotationFinding } from '../messages/annotation-message.ts';

/** Returns the keys that only findings about narrowing annotations have. Every key is named here. */
export function annotationData(finding: AnnotationFinding): object {
  switch (finding.reason) {
    case 'invalid-annotation': {
      const { annotation, value, at, problem } = finding;
      return { annotation, value, problem: { at, ...problem } };
    }
    case 'sync-missing':
      return { annotation: finding.annotation };
    case 'invalid-accept-from': {
      const { value, at, problem } = finding;
      return { value, problem: { at, ...problem } };
    }
    case 'key-missing':
      return { keys: finding.keys };
    case 'consent-missing':
      return { namespaces: finding.namespaces };
  }
}
