import type { AdoptRefusal, Finding, NotCopyable } from '../../model/finding.ts';

/** What to do about a finding, or nothing where there is nothing to do. */
export function remedyOf(finding: Finding): string {
  switch (finding.reason) {
    case 'conflict':
      return ofConflict(finding.adopt);
    case 'contested':
      return ofContested(finding.partial);
    case 'invalid-selector':
      return 'Correct its annotation kubed.appscode.com/sync.';
    case 'source-not-copyable':
      return ofNotCopyable(finding.why);
    case 'copy-with-sync-annotation':
      return 'Remove the annotation kubed.appscode.com/sync from it; or, to make it a source, its kubed.appscode.com/origin marks.';
    case 'suspicious-selector':
      return finding.why === 'boolean'
        ? 'Remove the annotation to stop the sync; write "" or "true" to sync to every namespace.'
        : 'Write the selector without quotes, as in env=prod.';
    case 'no-namespace-selected':
      return ofUnselected(finding.partial);
    case 'source-changed':
      return 'Run again.';
    case 'orphan':
      return 'Delete it, or give --prune-legacy, once you know that no other cluster pushes it.';
    case 'changed-by-admission':
      return 'Exclude the copies from the mutating webhook or policy; else every run with --verify writes them again.';
    case 'other-cluster-name':
      return finding.nearlyAll ? 'Check --cluster-name: no two clusters should share one name.' : '';
    case 'own-source-there':
    case 'marks-disagree':
    case 'being-deleted':
    case 'sync-contexts-ignored':
    case 'any-namespace-is-a-source':
    case 'namespace-not-found':
    case 'out-of-scope':
    case 'prune-withheld':
      return ofOthers(finding.reason);
  }
}

type Others =
  | 'own-source-there'
  | 'marks-disagree'
  | 'being-deleted'
  | 'sync-contexts-ignored'
  | 'any-namespace-is-a-source'
  | 'namespace-not-found'
  | 'out-of-scope'
  | 'prune-withheld';

function ofOthers(reason: Others): string {
  switch (reason) {
    case 'own-source-there':
    case 'out-of-scope':
      return '';
    case 'marks-disagree':
      return "Remove the kubed.appscode.com/origin marks from them if they are nobody's copies.";
    case 'being-deleted':
      return 'It is made anew by the next run after it is gone, where it is still wanted.';
    case 'sync-contexts-ignored':
      return 'Run kubed-sync against each of those clusters with a source there.';
    case 'any-namespace-is-a-source':
      return 'Say which namespaces may hold sources: --source-namespace NS.';
    case 'namespace-not-found':
      return 'Correct the name, or leave it out until there is one.';
    case 'prune-withheld':
      return 'Look at the deletes with --dry-run -v; if they are right, raise --max-prune.';
  }
}

function ofContested(partial: true | undefined): string {
  return partial
    ? 'Name its namespace with --namespace as well, or rename one of the two sources.'
    : 'Rename one of the two sources, or give them selectors that do not overlap.';
}

function ofUnselected(partial: true | undefined): string {
  return partial
    ? 'If one of them should have a copy, label it or correct the selector; others are not looked at.'
    : 'Label the namespaces that should have a copy, or correct the selector.';
}

function ofNotCopyable(why: NotCopyable): string {
  switch (why.code) {
    case 'type':
      return 'Remove its annotation kubed.appscode.com/sync.';
    case 'annotations-too-large':
      return 'Shorten its annotations, or leave some out with --strip.';
    case 'invalid-metadata':
      return 'Correct it, or leave it out with --strip.';
    case 'content-too-large':
    case 'request-too-large':
    case 'refused-as-too-large':
      return 'Split it into several objects.';
  }
}

function ofConflict(adopt: AdoptRefusal | undefined): string {
  if (adopt === undefined) return 'Delete or rename it, or take it over with --on-conflict adopt.';
  switch (adopt) {
    case 'system-namespace':
      return 'Delete or rename it by hand; --on-conflict adopt takes nothing in kube-system, kube-public and kube-node-lease.';
    case 'appeared-meanwhile':
      return 'It appeared while this run was under way: run again.';
    case 'being-deleted':
      return 'It is being deleted: run again when it is gone.';
    case 'is-a-source':
      return 'It is a source itself: rename one of the two.';
  }
}
