import type { ContextFinding, ContextRefusal } from '../../model/context-finding.ts';
import { failureMessage } from '../messages/failure-message.ts';
import { markName } from '../strings/name-marks.ts';
import { countOf, joinFirst, objectName, originName } from '../strings/names-and-counts.ts';
import { quote } from '../strings/truncate.ts';

// What do findings about copies in other clusters say? The hint after them is in `context-hint.ts`.

const MAX_NAMES = 5;

type Of<Reason extends ContextFinding['reason']> = Extract<ContextFinding, { readonly reason: Reason }>;

/** Returns what a finding about other clusters says. A finding about a context is shown under the name of the context. */
export function contextMessage(finding: ContextFinding): string {
  switch (finding.reason) {
    case 'no-remote-kubeconfig':
    case 'invalid-contexts':
    case 'unknown-context':
    case 'no-context-matches':
    case 'remote-system-namespace':
      return sourceMessage(finding);
    case 'newer-than-home':
    case 'replace-needed':
    case 'left-behind':
    case 'same-place':
      return copyMessage(finding);
    case 'bad-remote-kubeconfig':
    case 'context-refused':
    case 'context-failed':
    case 'context-timed-out':
    case 'context-is-this-cluster':
      return connectionMessage(finding);
    case 'home-not-identified':
      return 'The uid of the namespace kube-system could not be read, so this cluster cannot be told from others. No other cluster was touched.';
    case 'remote-namespace-not-found':
      return `There is no namespace ${markName(finding.namespace)}, so ${countOf(finding.copies, 'copy is', 'copies are')} missing there. kubed-sync creates no namespaces.`;
    case 'any-namespace-picks-a-target':
      return 'This context names no namespace, and any namespace here may hold sources. Any user who can annotate an object picks the namespace of the same name there.';
    case 'other-clusters-left-out':
      return leftOutMessage(finding);
    case 'pushed-by-other-cluster':
      return `${countOf(finding.copies, 'copy', 'copies')} here ${finding.copies === 1 ? 'was' : 'were'} written by another cluster (uid ${quote(finding.clusterUid)}). No run here changes or deletes ${finding.copies === 1 ? 'it' : 'them'}.`;
    case 'purged-one-namespace':
      return `Copies were purged only in namespace ${markName(finding.namespace)}: the credentials of this context may not list all namespaces.`;
  }
}

type SourceReason =
  | 'no-remote-kubeconfig'
  | 'invalid-contexts'
  | 'unknown-context'
  | 'no-context-matches'
  | 'remote-system-namespace';

function sourceMessage(finding: Of<SourceReason>): string {
  const object = objectName(finding);
  switch (finding.reason) {
    case 'no-remote-kubeconfig':
      return `${object} asks for copies in other clusters (${quote(finding.contexts)}), and no --remote-kubeconfig is given. Its copies there were not changed.`;
    case 'invalid-contexts':
      return `${object} has an invalid kubed.appscode.com/sync-contexts: ${invalidText(finding)}. Its copies in other clusters were not changed.`;
    case 'unknown-context':
      return `${object} names ${finding.unknown.length === 1 ? 'a context' : 'contexts'} that no remote kubeconfig has: ${names(finding.unknown)}. No copy of it was deleted in other clusters.`;
    case 'no-context-matches':
      return `${object} has a pattern that matches no context: ${names(finding.patterns)}. No copy of it was deleted in other clusters.`;
    case 'remote-system-namespace':
      return `${object} is in a namespace of Kubernetes, and this context names no namespace. It was not copied.`;
  }
}

function invalidText({ contexts, why }: Of<'invalid-contexts'>): string {
  return why === 'empty'
    ? `${quote(contexts)} names no context`
    : `${quote(contexts)} has a wildcard, which needs --source-namespace`;
}

type CopyReason = 'newer-than-home' | 'replace-needed' | 'left-behind' | 'same-place';

function copyMessage(finding: Of<CopyReason>): string {
  const copy = `${objectName(finding)}, a copy of ${originName(finding.origin)},`;
  switch (finding.reason) {
    case 'newer-than-home':
      return `${copy} was written from a later state of its source than this cluster has. This cluster may have been restored from a backup. The copy was not changed.`;
    case 'replace-needed':
      return `${copy} ${finding.because === 'type' ? 'has another type' : 'is immutable'}, so a change needs a delete and a create. In other clusters that is not done.`;
    case 'left-behind':
      return `${copy} was written for ${finding.recorded === '' ? 'another context' : `context ${markName(finding.recorded)}`} or another namespace, and is not wanted here. It was not deleted.`;
    case 'same-place':
      return `${copy} is kept by context ${markName(finding.keptBy)}, which leads to the same place.`;
  }
}

type ConnectionReason =
  | 'bad-remote-kubeconfig'
  | 'context-refused'
  | 'context-failed'
  | 'context-timed-out'
  | 'context-is-this-cluster';

function connectionMessage(finding: Of<ConnectionReason>): string {
  switch (finding.reason) {
    case 'bad-remote-kubeconfig':
      return `The remote kubeconfig ${markName(finding.file)} was not used: ${finding.message}.`;
    case 'context-refused':
      return `This context was not used: ${refusalText(finding.why, finding.files)}. Nothing was changed there.`;
    case 'context-failed':
      return `${failureMessage(finding.failure)} Nothing was changed there.${heldText(finding)}`;
    case 'context-timed-out':
      return 'The time for this context was over before all changes were made.';
    case 'context-is-this-cluster':
      return 'This context leads to this cluster itself. Nothing was written through it.';
  }
}

function heldText({ sources }: Of<'context-failed'>): string {
  if (sources.length === 0) return '';
  return ` No copy was deleted in other clusters of the sources that name it: ${joinFirst(sources.map(objectName), MAX_NAMES)}.`;
}

function refusalText(why: ContextRefusal, files: readonly string[]): string {
  const where = joinFirst(files.map(markName), 2);
  switch (why) {
    case 'exec':
      return `it runs a program to log in (${where})`;
    case 'insecure':
      return `it does not check which server it talks to (${where})`;
    case 'file-outside':
      return `it names a file outside the directory of ${where}`;
    case 'two-files':
      return `two files have a context of this name: ${where}`;
  }
}

function leftOutMessage({ sources, why }: Of<'other-clusters-left-out'>): string {
  const ask = `${countOf(sources, 'source')} ${sources === 1 ? 'asks' : 'ask'} for copies in other clusters`;
  return why === 'manifests'
    ? `${ask}. A preview of manifests leaves them out.`
    : `${ask}, which this run does not serve (--clusters home).`;
}

function names(all: readonly string[]): string {
  return joinFirst(all.map(quote), MAX_NAMES);
}
