/*
 * What is printed for a conflict? `findingMessage` returns the sentences for each finding, in every output. The hint after
 * them says what to do: `finding-hint.ts`.
 *
 * Example: a conflict → "Secret team-a/omni already exists and is not a copy of demo/omni. It was not changed."
 */

import type {
  Finding,
  FindingReason,
  NotCopyable,
  SourceChange,
  SelectorProblem,
} from '../../model/finding.ts';
import type { ObjectName } from '../../model/objects.ts';
import { type AnnotationFinding, annotationMessage, isAnnotationFinding } from './annotation-message.ts';
import { type ContextFinding, isContextFinding } from '../../model/context-finding.ts';
import { contextMessage } from '../contexts/context-message.ts';
import { type KeyFinding, isKeyFinding, keyMessage } from './key-message.ts';
import { fieldNames } from './reason-text.ts';
import { markName } from '../strings/name-marks.ts';
import { quote } from '../strings/truncate.ts';
import {
  joinFirst,
  countOf,
  formatCount,
  inNamespaces,
  objectName,
  originName,
  joinWithOr,
} from '../strings/names-and-counts.ts';

type Of<Reason extends FindingReason> = Extract<Finding, { readonly reason: Reason }>;

/** How many names a message lists. */
const MAX_NAMES = 5;

/** Returns what a finding says, with its context, if it is about another cluster. `findingHint` says what to do. */
export function findingMessage(finding: Finding): string {
  const { context } = finding;
  return context === undefined
    ? findingText(finding)
    : `Context ${markName(context)}: ${findingText(finding)}`;
}

/** Returns what a finding says, without its context. */
export function findingText(finding: Finding): string {
  if (isKeyFinding(finding)) return keyMessage(finding);
  if (isAnnotationFinding(finding)) return annotationMessage(finding);
  return isContextFinding(finding) ? contextMessage(finding) : otherMessage(finding);
}

function otherMessage(finding: Exclude<Finding, KeyFinding | AnnotationFinding | ContextFinding>): string {
  switch (finding.reason) {
    case 'conflict':
      return `${objectName(finding)} already exists and is not a copy of ${originName(finding.origin)}${holderText(finding)}. It was not changed.`;
    case 'contested':
      return contestedMessage(finding);
    case 'own-source-there':
      return `${objectName(finding)} is a source itself, so it is not overwritten with a copy of ${joinFirst(finding.origins.map(originName), MAX_NAMES)}.`;
    case 'marks-disagree':
      return marksDisagreeMessage(finding.namespace, finding.objects);
    case 'other-cluster-name':
      return otherClusterMessage(finding.clusterName, finding.copies, finding.nearlyAll);
    case 'orphan':
      return orphanMessage(finding);
    case 'waiting-to-be-pruned':
      return `${countOf(finding.copies, 'unwanted copy', 'unwanted copies')} ${finding.copies === 1 ? 'waits' : 'wait'} to be pruned: ${timeRange(finding)}.`;
    case 'being-deleted':
      return `${objectName(finding)}, a copy of ${originName(finding.origin)}, is being deleted. It was not changed.`;
    case 'changed-by-admission':
      return `${objectName(finding)} was changed by an admission webhook or policy while it was written: ${fieldNames(finding.fields, false)}.`;
    case 'any-namespace-is-a-source':
      return anyNamespaceMessage(finding.partial);
    case 'namespace-not-found':
      return `${markName(`--namespace ${finding.namespace}`)}: this namespace does not exist.`;
    case 'out-of-scope':
      return `${countOf(finding.copies, 'copy', 'copies')} outside the scope of the options ${finding.copies === 1 ? 'was' : 'were'} ignored.`;
    case 'prune-withheld':
      return `Refused ${countOf(finding.deletes, 'delete')}: --max-prune allows ${limitText(finding)}. All other changes are applied.`;
    case 'internal-error':
    case 'invalid-selector':
    case 'source-not-copyable':
    case 'copy-with-sync-annotation':
    case 'suspicious-selector':
    case 'no-namespace-selected':
    case 'source-changed':
      return sourceMessage(finding);
  }
}

type SourceReason =
  | 'internal-error'
  | 'invalid-selector'
  | 'source-not-copyable'
  | 'copy-with-sync-annotation'
  | 'suspicious-selector'
  | 'no-namespace-selected'
  | 'source-changed';

function sourceMessage(finding: Of<SourceReason>): string {
  switch (finding.reason) {
    case 'internal-error':
      return `${objectName(finding)} was not changed: kubed-sync failed with an error of its own while it decided on this object. All other objects were handled.`;
    case 'invalid-selector':
      return `${objectName(finding)} has an invalid selector: ${selectorProblemText(finding.selector, finding.problem)}. Its copies were not changed.`;
    case 'source-not-copyable':
      return `${objectName(finding)} cannot be copied: ${notCopyableText(finding.why)}. Its copies were not changed.`;
    case 'copy-with-sync-annotation':
      return `${objectName(finding)} is a copy of ${originName(finding.origin)} and has a sync annotation. A copy is not a source: it is not copied, and never deleted.`;
    case 'suspicious-selector':
      return `${objectName(finding)} has a suspicious selector: ${suspiciousText(finding.selector, finding.why)}.`;
    case 'no-namespace-selected':
      return `${objectName(finding)} selects no namespace${finding.partial ? ' of --namespace' : ''}: none matches ${selectionText(finding)}.`;
    case 'source-changed':
      return `${objectName(finding)} ${SOURCE_CHANGE_TEXT[finding.how]} during this run. Its copies were not changed.`;
  }
}

/** Returns `"env=prod"`, or `"env=prod" and has a name as in "team-*"`. */
function selectionText({ selector, syncNamespaces }: Of<'no-namespace-selected'>): string {
  const names = syncNamespaces === undefined ? '' : ` and has a name as in ${quote(syncNamespaces)}`;
  return quote(selector) + names;
}

/** Returns which home cluster wrote the object in the way, as its marks say. */
function holderText({ holder }: Of<'conflict'>): string {
  if (holder === undefined) return '';
  const context = holder.context === undefined ? '' : ` for context ${quote(holder.context)}`;
  return `: another cluster (uid ${quote(holder.clusterUid)}) wrote it${context}`;
}

function orphanMessage(finding: Of<'orphan'>): string {
  const [object, origin] = [objectName(finding), originName(finding.origin)];
  switch (finding.why) {
    case 'unwanted':
      return `${object} is marked as a copy of ${origin} and is not wanted. Nothing shows that kubed-sync wrote it, so it was not deleted.`;
    case 'former-cluster':
      return `${object} was written by a former home cluster and is not wanted. It was not deleted.`;
    case 'origin-missing':
      return `${object} is marked as a copy of ${origin}, which does not exist. It is not clear who created it.`;
    case 'replace':
      return `${object} must be deleted and recreated as a copy of ${origin}. Nothing shows that kubed-sync wrote it, so it was not changed.`;
    case 'hand-over':
      return `${object} is marked as a copy of ${origin}, and another source asks for its name. Nothing shows that kubed-sync wrote it, so it was not changed.`;
  }
}

/** Returns `after TIME`, or the first and the last time. */
function timeRange({ first, last }: Of<'waiting-to-be-pruned'>): string {
  return first === last ? `after ${first}` : `the first after ${first}, the last after ${last}`;
}

const SOURCE_CHANGE_TEXT: Readonly<Record<SourceChange, string>> = {
  gone: 'was deleted',
  replaced: 'was deleted and recreated',
  'annotation-changed': 'got a different sync annotation',
  appeared: 'appeared',
};

function anyNamespaceMessage(partial: true | undefined): string {
  return partial
    ? 'Any user who can annotate a ConfigMap or Secret in a namespace of --namespace can copy it to the others.'
    : 'Any user who can annotate a ConfigMap or Secret can copy it to every namespace.';
}

function contestedMessage(finding: Of<'contested'>): string {
  const where = inNamespaces(finding.namespaces, MAX_NAMES);
  if (finding.partial)
    return `${objectName(finding)} asks for a copy ${where}. The copy there belongs to ${originName(finding.currentOwner)}, outside --namespace.`;
  return `${objectName(finding)} and ${originName(finding.currentOwner)} both ask for a copy ${where}. The copy is made from ${originName(finding.currentOwner)}.`;
}

function marksDisagreeMessage(namespace: string, objects: readonly ObjectName[]): string {
  const [only] = objects;
  if (only !== undefined && objects.length === 1)
    return `${objectName(only)} has incomplete or contradictory marks. It is not treated as a copy.`;
  const names = objects.map(({ kind, name }) => `${kind} ${markName(name)}`);
  return `Objects in ${markName(namespace)} have incomplete or contradictory marks: ${joinFirst(names, MAX_NAMES)}. They are not treated as copies.`;
}

function otherClusterMessage(clusterName: string, copies: number, nearlyAll: boolean): string {
  const name = clusterName === '' ? 'an empty cluster name' : `the cluster name ${quote(clusterName)}`;
  const have = `${countOf(copies, 'copy', 'copies')} ${copies === 1 ? 'has' : 'have'} ${name}, which differs from --cluster-name`;
  return nearlyAll
    ? `Almost all copies here belong to another cluster: ${have}.`
    : `${have}. ${copies === 1 ? 'It was' : 'They were'} ignored.`;
}

function notCopyableText(why: NotCopyable): string {
  switch (why.code) {
    case 'type':
      return `a Secret of type ${markName(why.type)} works only in its own namespace`;
    case 'annotations-too-large':
      return `the annotations of a copy would have ${formatCount(why.bytes)} bytes, and Kubernetes allows ${formatCount(why.limit)}`;
    case 'content-too-large':
      return `its values have ${formatCount(why.bytes)} bytes, and Kubernetes allows ${formatCount(why.limit)}`;
    case 'request-too-large':
      return `the request to write a copy would have ${formatCount(why.bytes)} bytes, and Kubernetes allows ${formatCount(why.limit)}`;
    case 'invalid-metadata':
      return `Kubernetes does not accept its ${why.part === 'labels' ? 'label' : 'annotation'} ${quote(why.key)}`;
    case 'refused-as-too-large':
      return 'the API server rejected a copy as too large, so no more copies were written';
  }
}

function suspiciousText(selector: string, why: 'boolean' | 'quotes'): string {
  switch (why) {
    case 'boolean':
      return `${quote(selector)} looks like a switch, but selects namespaces that have a label with that name`;
    case 'quotes':
      return `${quote(selector)} has typographic quotes`;
  }
}

function limitText({ limit: count, maxPrune }: Of<'prune-withheld'>): string {
  const percent = 'percent' in maxPrune ? ` (${maxPrune.percent}%)` : '';
  if (maxPrune.used === undefined) return `${formatCount(count)}${percent}`;
  return `${formatCount(count)} more${percent}, after ${formatCount(maxPrune.used)} in earlier runs`;
}

/** Returns `"env in (a" at character 10: expected "," or ")", found the end`; characters are counted from 1. */
function selectorProblemText(selector: string, { at, problem }: SelectorProblem): string {
  return `${quote(selector)} at character ${at + 1}: ${problemText(problem)}`;
}

function problemText(problem: SelectorProblem['problem']): string {
  switch (problem.code) {
    case 'expected':
      return `expected ${joinWithOr(problem.expected)}, found ${problem.found === '' ? 'the end' : quote(problem.found)}`;
    case 'bad-key':
      return `invalid label key ${quote(problem.key)} (letters, digits, "-", "_" and ".", at most 63, after an optional DNS prefix and "/")`;
    case 'bad-value':
      return `invalid label value ${quote(problem.value)} (letters, digits, "-", "_" and ".", at most 63)`;
    case 'not-an-integer':
      return `${quote(problem.value)} is not an integer, and ">" and "<" need one`;
  }
}
