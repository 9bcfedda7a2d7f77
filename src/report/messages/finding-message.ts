import type {
  Finding,
  FindingReason,
  NotCopyable,
  SourceChange,
  SelectorProblem,
} from '../../model/finding.ts';
import type { ObjectName } from '../../model/objects.ts';
import { fieldsOf } from './reason-text.ts';
import { quoted } from '../strings/truncate.ts';
import { bounded, counted, grouped, inNamespaces, named, origin, either } from '../strings/words.ts';

type Of<Reason extends FindingReason> = Extract<Finding, { readonly reason: Reason }>;

/** How many names a sentence lists. */
const MOST = 5;

/** What a finding says: one sentence that names the objects it is about. What to do about it is `remedyOf`. */
export function sentenceOf(finding: Finding): string {
  switch (finding.reason) {
    case 'conflict':
      return `${named(finding)} is not a copy of ${origin(finding.origin)} but somebody else's, and was left alone.`;
    case 'contested':
      return contested(finding);
    case 'own-source-there':
      return `${named(finding)} has a sync annotation of its own, so it gets no copy of ${bounded(finding.origins.map(origin), MOST)}.`;
    case 'marks-disagree':
      return marksDisagree(finding.namespace, finding.objects);
    case 'other-cluster-name':
      return otherCluster(finding.clusterName, finding.copies, finding.nearlyAll);
    case 'orphan':
      return `${named(finding)} says it is a copy of ${origin(finding.origin)}, which does not exist here, and nothing shows who made it.`;
    case 'being-deleted':
      return `${named(finding)}, the copy of ${origin(finding.origin)}, is being deleted; nothing is written to it.`;
    case 'changed-by-admission':
      return `${named(finding)} was changed by the cluster while it was written: ${fieldsOf(finding.fields, false)}.`;
    case 'any-namespace-is-a-source':
      return finding.partial
        ? 'Anyone who may annotate a ConfigMap or Secret in one of the namespaces of --namespace writes to the others.'
        : 'Anyone who may annotate a ConfigMap or Secret in any namespace writes to every namespace.';
    case 'namespace-not-found':
      return `--namespace ${finding.namespace}: there is no such namespace.`;
    case 'out-of-scope':
      return `${counted(finding.copies, 'copy', 'copies')} outside the scope of the options ${finding.copies === 1 ? 'was' : 'were'} left alone.`;
    case 'prune-withheld':
      return `${counted(finding.deletes, 'delete')} would be more than --max-prune allows (${limit(finding)}), so none is made; everything else is written.`;
    case 'invalid-selector':
    case 'source-not-copyable':
    case 'copy-with-sync-annotation':
    case 'suspicious-selector':
    case 'no-namespace-selected':
    case 'source-changed':
    case 'sync-contexts-ignored':
      return ofSource(finding);
  }
}

type SourceReason =
  | 'invalid-selector'
  | 'source-not-copyable'
  | 'copy-with-sync-annotation'
  | 'suspicious-selector'
  | 'no-namespace-selected'
  | 'source-changed'
  | 'sync-contexts-ignored';

function ofSource(finding: Of<SourceReason>): string {
  switch (finding.reason) {
    case 'invalid-selector':
      return `${named(finding)} has an invalid selector: ${selectorProblem(finding.selector, finding.problem)}. Its copies stay as they are.`;
    case 'source-not-copyable':
      return `${named(finding)} cannot be copied: ${notCopyable(finding.why)}. Its copies stay as they are.`;
    case 'copy-with-sync-annotation':
      return `${named(finding)} is a copy of ${origin(finding.origin)} and has a sync annotation; a copy is no source: nothing is copied from it, and it is never deleted.`;
    case 'suspicious-selector':
      return `${named(finding)} has a suspicious selector: ${suspicious(finding.selector, finding.why)}.`;
    case 'no-namespace-selected':
      return `${named(finding)} selects no namespace${finding.partial ? ' of --namespace' : ''}: none matches ${quoted(finding.selector)}.`;
    case 'source-changed':
      return `${named(finding)} ${CHANGED[finding.how]} while this run was under way; its copies wait for the next run.`;
    case 'sync-contexts-ignored':
      return `${named(finding)} asks for copies in other clusters (${quoted(finding.contexts)}); kubed-sync writes to one cluster only.`;
  }
}

const CHANGED: Readonly<Record<SourceChange, string>> = {
  gone: 'was deleted',
  replaced: 'was deleted and made anew',
  'annotation-changed': 'got another sync annotation',
  appeared: 'appeared',
};

function contested(finding: Of<'contested'>): string {
  const where = inNamespaces(finding.namespaces, MOST);
  if (finding.partial)
    return `${named(finding)} asks for a copy ${where}; ${origin(finding.currentOwner)}, which is outside of --namespace and not looked at, has it.`;
  return `${named(finding)} and ${origin(finding.currentOwner)} both ask for a copy ${where}; ${origin(finding.currentOwner)} has it.`;
}

function marksDisagree(namespace: string, objects: readonly ObjectName[]): string {
  const names = bounded(
    objects.map((object) => `${object.kind} ${object.name}`),
    MOST,
  );
  const [is, copies] =
    objects.length === 1 ? ['is', 'it is not taken for a copy'] : ['are', 'they are not taken for copies'];
  return `In ${namespace} ${is} marked incompletely or inconsistently: ${names}; ${copies}.`;
}

function otherCluster(clusterName: string, copies: number, nearlyAll: boolean): string {
  const name = clusterName === '' ? 'an empty cluster name' : `the cluster name "${clusterName}"`;
  const carry = `${counted(copies, 'copy', 'copies')} ${copies === 1 ? 'carries' : 'carry'} ${name}, not this run's`;
  return nearlyAll
    ? `Nearly all copies here are another cluster's: ${carry}.`
    : `${carry}, and ${copies === 1 ? 'was' : 'were'} left alone.`;
}

function notCopyable(why: NotCopyable): string {
  switch (why.code) {
    case 'type':
      return `a Secret of type ${why.type} belongs to the cluster or to the object that it was made for`;
    case 'annotations-too-large':
      return `a copy's annotations would take ${grouped(why.bytes)} bytes, and Kubernetes allows ${grouped(why.limit)}`;
    case 'content-too-large':
      return `its values take ${grouped(why.bytes)} bytes, and Kubernetes allows ${grouped(why.limit)}`;
    case 'request-too-large':
      return `to write a copy takes a request of ${grouped(why.bytes)} bytes, and Kubernetes allows ${grouped(why.limit)}`;
    case 'invalid-metadata':
      return `Kubernetes does not accept its ${why.part === 'labels' ? 'label' : 'annotation'} ${quoted(why.key)}`;
    case 'refused-as-too-large':
      return 'the API server or its etcd refused a copy as too large, so no more were tried';
  }
}

function suspicious(selector: string, why: 'boolean' | 'quotes'): string {
  switch (why) {
    case 'boolean':
      return `${quoted(selector)} looks like a switch but selects the namespaces that have a label of that name`;
    case 'quotes':
      return `${quoted(selector)} has typographic quotes`;
  }
}

function limit({ limit: count, maxPrune }: Of<'prune-withheld'>): string {
  return 'percent' in maxPrune ? `${maxPrune.percent}%, here ${grouped(count)}` : grouped(count);
}

/** `"env in (a" at character 10: expected "," or ")", found the end`; characters are counted from 1. */
function selectorProblem(selector: string, { at, problem }: SelectorProblem): string {
  return `${quoted(selector)} at character ${at + 1}: ${whatIsWrong(problem)}`;
}

function whatIsWrong(problem: SelectorProblem['problem']): string {
  switch (problem.code) {
    case 'expected':
      return `expected ${either(problem.expected)}, found ${problem.found === '' ? 'the end' : quoted(problem.found)}`;
    case 'bad-key':
      return `${quoted(problem.key)} is no label key (letters, digits, "-", "_" and ".", at most 63, after an optional DNS prefix and "/")`;
    case 'bad-value':
      return `${quoted(problem.value)} is no label value (letters, digits, "-", "_" and ".", at most 63)`;
    case 'not-an-integer':
      return `${quoted(problem.value)} is no integer, which ">" and "<" compare with`;
  }
}
