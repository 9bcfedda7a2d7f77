import type { ContextFinding } from '../../model/context-finding.ts';
import { nameOf, originOf } from '../../model/keys.ts';
import { failureMessage } from '../messages/failure-message.ts';

/** Returns the keys that only findings about other clusters have in the JSON report. Every key is named here. */
export function contextFindingData(finding: ContextFinding): object {
  switch (finding.reason) {
    case 'no-remote-kubeconfig':
      return { contexts: finding.contexts };
    case 'invalid-contexts':
      return { contexts: finding.contexts, why: finding.why };
    case 'unknown-context':
      return { unknown: finding.unknown };
    case 'no-context-matches':
      return { patterns: finding.patterns };
    case 'bad-remote-kubeconfig':
      return { file: finding.file, problem: finding.message };
    case 'context-refused':
      return { why: finding.why, files: finding.files };
    case 'context-failed':
      return { failure: failureMessage(finding.failure), sources: finding.sources.map(nameOf) };
    case 'context-is-this-cluster':
      return { named: finding.named };
    case 'remote-namespace-not-found':
      return { copies: finding.copies };
    case 'newer-than-home':
      return { origin: originOf(finding.origin) };
    case 'replace-needed':
      return { origin: originOf(finding.origin), because: finding.because };
    case 'left-behind':
      return { origin: originOf(finding.origin), recorded: finding.recorded };
    case 'same-place':
      return { origin: originOf(finding.origin), keptBy: finding.keptBy };
    case 'other-clusters-left-out':
      return { why: finding.why, sources: finding.sources };
    case 'pushed-by-other-cluster':
      return { clusterUid: finding.clusterUid, copies: finding.copies };
    case 'remote-system-namespace':
    case 'context-timed-out':
    case 'home-not-identified':
    case 'any-namespace-picks-a-target':
    case 'purged-one-namespace':
      return {};
  }
}
