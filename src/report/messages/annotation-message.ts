import type { AnnotationProblem } from '../../model/annotation-problem.ts';
import type { Finding, FindingReason } from '../../model/finding.ts';
import { SYNC } from '../../plan/annotations/markers.ts';
import { markName } from '../strings/name-marks.ts';
import { objectName } from '../strings/names-and-counts.ts';
import { quote } from '../strings/truncate.ts';
import { kubectl } from './key-message.ts';

// What do findings about the annotations that narrow a source say, and what is to be done?

type Of<Reason extends FindingReason> = Extract<Finding, { readonly reason: Reason }>;
/** A finding about an annotation that narrows what a source sends or a namespace takes. */
export type AnnotationFinding = Of<'invalid-annotation' | 'sync-missing'>;

/** Returns whether a finding is about such an annotation. */
export function isAnnotationFinding(finding: Finding): finding is AnnotationFinding {
  const { reason } = finding;
  return reason === 'invalid-annotation' || reason === 'sync-missing';
}

/** Returns what the finding says. */
export function annotationMessage(finding: AnnotationFinding): string {
  switch (finding.reason) {
    case 'invalid-annotation':
      return `${objectName(finding)} has an invalid annotation ${finding.annotation}: ${annotationProblemText(finding.value, finding)}. Its copies were not changed.`;
    case 'sync-missing':
      return `${objectName(finding)} has the annotation ${finding.annotation} and not ${SYNC}. It is not a source, so it is not copied.`;
  }
}

/** Returns what to do about the finding. */
export function annotationHint(finding: AnnotationFinding): string {
  switch (finding.reason) {
    case 'invalid-annotation':
      return `Correct it, as in ${markName(`${finding.annotation}: "${EXAMPLES[finding.annotation]}"`)}.`;
    case 'sync-missing':
      return `To copy it, add the other annotation: ${kubectl('annotate', finding, [`${SYNC}=SELECTOR`])}`;
  }
}

const EXAMPLES: Readonly<Record<AnnotationFinding['annotation'], string>> = {
  'kubed.appscode.com/sync-namespaces': 'team-*,!team-test',
  'kubed.appscode.com/sync-keys': 'ca.crt',
  'kubed.appscode.com/accept-from': 'platform,certs',
};

/** Returns `"team-*,Team" at character 8: "Team" …`. Characters are counted from 1. */
function annotationProblemText(value: string, { at, problem }: AnnotationProblem): string {
  return `${quote(value)} at character ${at + 1}: ${problemText(problem)}`;
}

function problemText(problem: AnnotationProblem['problem']): string {
  switch (problem.code) {
    case 'empty':
      return 'expected a name, found nothing';
    case 'bad-namespace':
      return `no namespace can have the name ${quote(problem.found)} (lower-case letters, digits and "-", at most 63; in patterns also "*" and "?")`;
  }
}
