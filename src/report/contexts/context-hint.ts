import type { ContextFinding, ContextRefusal } from '../../model/context-finding.ts';
import { deleteCommand } from '../../util/delete-command.ts';
import { markName } from '../strings/name-marks.ts';

/** What to do about findings whose hint is always the same. */
const HINTS = {
  'no-remote-kubeconfig':
    'Give the kubeconfigs of the other clusters with --remote-kubeconfig. If another run serves them, use --clusters home.',
  'unknown-context': 'Correct the name, or add the context to a remote kubeconfig.',
  'no-context-matches': 'Correct the pattern, or remove it.',
  'remote-system-namespace': 'Give the context a namespace.',
  'any-namespace-picks-a-target':
    'Give the context a namespace, or say which namespaces may hold sources with --source-namespace.',
  'bad-remote-kubeconfig': 'Correct the file. Its contexts were not served.',
  'context-failed': 'If the cluster is gone for good, remove its context from the remote kubeconfig.',
  'context-timed-out': 'The next run makes the rest.',
  'home-not-identified': 'Grant the verb get on the namespace kube-system here.',
  'remote-namespace-not-found': 'Create the namespace there, or correct the namespace of the context.',
  'newer-than-home':
    'Compare the two. If this cluster is right, change the source once, so that it gets a later version.',
  'other-clusters-left-out': '',
  'pushed-by-other-cluster': '',
  'same-place': '',
  'purged-one-namespace': '',
} as const;

/** Returns what to do about a finding about copies in other clusters. Empty if there is nothing to do. */
export function contextHint(finding: ContextFinding, context: string | undefined): string {
  switch (finding.reason) {
    case 'invalid-contexts':
      return finding.why === 'empty'
        ? 'Name contexts, such as "prod-eu,prod-us". To withdraw the copies, remove the annotation.'
        : 'Name each context, or say which namespaces may hold sources with --source-namespace.';
    case 'context-refused':
      return refusedHint(finding.why);
    case 'context-is-this-cluster':
      return finding.named
        ? 'For copies in this cluster, use the annotation kubed.appscode.com/sync. Remove the context from kubed.appscode.com/sync-contexts.'
        : '';
    case 'replace-needed':
      return `Delete the copy, and the next run makes it again: ${markName(deleteCommand(finding, context))}`;
    case 'left-behind':
      return `If it is not needed, run: ${markName(deleteCommand(finding, context))}`;
    default:
      return HINTS[finding.reason];
  }
}

function refusedHint(why: ContextRefusal): string {
  switch (why) {
    case 'exec':
      return 'Use a token or a client certificate. If you trust all who can write the file, allow it with --remote-allow exec.';
    case 'insecure':
      return 'Use https and a certificate-authority. If you accept the risk, allow it with --remote-allow insecure.';
    case 'file-outside':
      return 'Put the file beside the kubeconfig, and name it without "..".';
    case 'two-files':
      return 'Rename one of the two contexts.';
  }
}
