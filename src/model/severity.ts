import type { Finding, Severity } from './objects.ts';

/**
 * How much a finding matters. The errors are those of design section 6 (a conflict that the user asked to skip is
 * none) and a withheld prune: each makes the exit code 1. A warning asks to be looked at, a note explains.
 */
export function severityOf(finding: Finding): Severity {
  switch (finding.reason) {
    case 'conflict':
      return finding.skipped ? 'warning' : 'error';
    case 'contested':
    case 'invalid-selector':
    case 'source-not-copyable':
    case 'copy-with-sync-annotation':
    case 'prune-withheld':
      return 'error';
    case 'suspicious-selector':
    case 'namespace-not-found':
    case 'source-changed':
    case 'orphan':
    case 'changed-by-admission':
    case 'sync-contexts-ignored':
    case 'any-namespace-is-a-source':
      return 'warning';
    case 'no-namespace-selected':
      return finding.partial ? 'note' : 'warning';
    case 'other-cluster-name':
      return finding.nearlyAll ? 'warning' : 'note';
    case 'own-source-there':
    case 'marks-disagree':
    case 'being-deleted':
    case 'out-of-scope':
      return 'note';
  }
}
