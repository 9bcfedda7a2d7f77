import type { AnnotationProblem, NarrowingKey } from '../../model/annotation-problem.ts';
import type { Finding, FindingReason } from '../../model/finding.ts';
import { ACCEPT_FROM, SYNC, SYNC_KEYS } from '../../plan/annotations/markers.ts';
import { markName } from '../strings/name-marks.ts';
import { countOf, formatCount, joinFirst, objectName } from '../strings/names-and-counts.ts';
import { quote, truncate } from '../strings/truncate.ts';
import { kubectl } from './key-message.ts';

// What do findings about the annotations that narrow a source say, and what is to be done?

type Of<Reason extends FindingReason> = Extract<Finding, { readonly reason: Reason }>;
/** A finding about an annotation that narrows what a source sends or a namespace takes. */
export type AnnotationFinding = Of<
  'invalid-annotation' | 'sync-missing' | 'invalid-accept-from' | 'consent-missing' | 'key-missing'
>;

/** Returns whether a finding is about such an annotation. */
export function isAnnotationFinding(finding: Finding): finding is AnnotationFinding {
  switch (finding.reason) {
    case 'invalid-annotation':
    case 'sync-missing':
    case 'invalid-accept-from':
    case 'consent-missing':
    case 'key-missing':
      return true;
    default:
      return false;
  }
}

/** Returns what the finding says. */
export function annotationMessage(finding: AnnotationFinding): string {
  switch (finding.reason) {
    case 'invalid-annotation':
      return `${objectName(finding)} has an invalid annotation ${finding.annotation}: ${annotationProblemText(finding.value, finding)}. Its copies were not changed.`;
    case 'sync-missing':
      return `${objectName(finding)} has the annotation ${finding.annotation} and not ${SYNC}. It is not a source, so it is not copied.`;
    case 'invalid-accept-from':
      return `Namespace ${markName(finding.namespace)} has an invalid annotation ${ACCEPT_FROM}: ${annotationProblemText(finding.value, finding)}. Copies in it were not changed.`;
    case 'consent-missing':
      return `${withoutConsent(finding.namespaces)} not have the annotation ${ACCEPT_FROM}. With --require-consent, no new copies are created there.`;
    case 'key-missing':
      return `${objectName(finding)} does not have ${countOf(finding.keys.length, 'key')} that its annotation ${SYNC_KEYS} names: ${keyNames(finding.keys)}. Its other keys are copied.`;
  }
}

/** Returns what to do about the finding. */
export function annotationHint(finding: AnnotationFinding): string {
  switch (finding.reason) {
    case 'invalid-annotation':
      return correctHint(finding.annotation, finding.problem);
    case 'invalid-accept-from':
      return correctHint(ACCEPT_FROM, finding.problem);
    case 'key-missing':
      return 'Add the keys to it, or remove them from the annotation.';
    case 'consent-missing':
      return `To accept copies: ${kubectl('annotate', { kind: 'Namespace', namespace: 'NAMESPACE' }, [`${ACCEPT_FROM}=SOURCE_NAMESPACE`])}`;
    case 'sync-missing':
      return `To copy it, add the other annotation: ${kubectl('annotate', finding, [`${SYNC}=SELECTOR`])}`;
  }
}

function correctHint(annotation: NarrowingKey, problem: AnnotationProblem['problem']): string {
  if (problem.code === 'pattern-needs-source-namespace')
    return `Write the whole names, or run with ${markName('--source-namespace NS')}.`;
  if (problem.code === 'type-needs-all-keys') return `Remove the annotation ${annotation}.`;
  return `Correct it, as in ${markName(`${annotation}: "${EXAMPLES[annotation]}"`)}.`;
}

/** Returns `Namespace a does`, or `3 Namespaces (a, b, c) do`. */
function withoutConsent(namespaces: readonly string[]): string {
  const [only] = namespaces;
  if (only !== undefined && namespaces.length === 1) return `Namespace ${markName(only)} does`;
  return `${countOf(namespaces.length, 'Namespace')} (${joinFirst(namespaces.map(markName), MAX_NAMES)}) do`;
}

function keyNames(keys: readonly string[]): string {
  return joinFirst(
    keys.map((key) => markName(truncate(key, 0))),
    MAX_NAMES,
  );
}

const MAX_NAMES = 5;

const EXAMPLES: Readonly<Record<NarrowingKey, string>> = {
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
    case 'too-many-terms':
      return `a list has at most ${formatCount(problem.limit)} names`;
    case 'too-many-patterns':
      return `a list has at most ${formatCount(problem.limit)} patterns with "*"`;
    case 'bad-key':
      return `no key can have the name ${quote(problem.found)} (letters, digits, "-", "_" and "."; in patterns also "*")`;
    case 'bad-rename':
      return `expected two keys with "=" between them, without "!" and "*", found ${quote(problem.found)}`;
    case 'named-twice':
      return `the key ${quote(problem.key)} gets two names`;
    case 'same-name':
      return `the keys ${keyNames(problem.keys)} would have one name in the copies: ${quote(problem.name)}`;
    case 'matches-no-key':
      return `the source has no key that ${quote(problem.pattern)} excludes`;
    case 'no-key-left':
      return 'no key is left to copy';
    case 'type-needs-all-keys':
      return `it does not work with a Secret of type ${markName(problem.type)}, because kubelet reads such credentials only from a whole Secret`;
    case 'pattern-needs-source-namespace':
      return `the pattern ${quote(problem.pattern)} counts only with --source-namespace, because any user who can create a namespace could choose a name that matches`;
  }
}
