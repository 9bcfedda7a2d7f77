import type { AdoptRefusal, Finding, NotCopyable, SelectorGuess } from '../../model/finding.ts';
import { type ContextFinding, isContextFinding } from '../../model/context-finding.ts';
import { deleteCommand } from '../../util/delete-command.ts';
import { contextHint } from '../contexts/context-hint.ts';
import { markName } from '../strings/name-marks.ts';
import { type AnnotationFinding, annotationHint, isAnnotationFinding } from './annotation-message.ts';
import { ANY_NAME, type KeyFinding, isKeyFinding, keyHint } from './key-message.ts';
import { removeMarks, removeSync } from './marks-hint.ts';

/** Returns what to do about a finding: a command, an option or an annotation. Empty if there is nothing to do. */
export function findingHint(finding: Finding): string {
  if (isKeyFinding(finding)) return keyHint(finding);
  if (isAnnotationFinding(finding)) return annotationHint(finding);
  return isContextFinding(finding) ? contextHint(finding, finding.context) : hintOfOther(finding);
}

type Other = Exclude<Finding, KeyFinding | AnnotationFinding | ContextFinding>;

function hintOfOther(finding: Other): string {
  switch (finding.reason) {
    case 'conflict':
      return conflictHint(finding.adopt);
    case 'contested':
      return contestedHint(finding.partial);
    case 'invalid-selector':
      return finding.guess === undefined
        ? 'Correct its annotation kubed.appscode.com/sync.'
        : guessHint(finding.guess);
    case 'source-not-copyable':
      return notCopyableHint(finding.why);
    case 'copy-with-sync-annotation':
      return `Remove its annotation: ${removeSync(finding)}. To make it a source instead, remove its marks: ${removeMarks(finding)}`;
    case 'suspicious-selector':
      return finding.why === 'boolean' ? SWITCH_HINT : 'Write the selector without quotes, as in env=prod.';
    case 'no-namespace-selected':
      return finding.guess === undefined ? noNamespaceHint(finding.partial) : guessHint(finding.guess);
    case 'source-changed':
      return 'Run again.';
    case 'orphan':
      return orphanHint(finding);
    case 'changed-by-admission':
      return 'Exclude the copies from the webhook or policy. Otherwise every run with --verify writes them again.';
    case 'other-cluster-name':
      return finding.nearlyAll ? 'Check --cluster-name. Each cluster needs a name of its own.' : '';
    case 'own-source-there':
    case 'marks-disagree':
    case 'being-deleted':
    case 'internal-error':
    case 'waiting-to-be-pruned':
    case 'any-namespace-is-a-source':
    case 'namespace-not-found':
    case 'out-of-scope':
    case 'prune-withheld':
      return otherHint(finding.reason);
  }
}

/**
 * Returns the same finding about any object. Findings whose hints then are the same are shown together, with one hint that
 * says NAME and NAMESPACE.
 */
export function anyOf(finding: Finding): Finding {
  switch (finding.reason) {
    case 'copy-with-sync-annotation':
    case 'sync-missing':
      return { ...finding, ...ANY_NAME };
    case 'unknown-key':
      return { ...finding, ...ANY_NAME, keys: [{ part: 'annotation', key: 'KEY' }] };
    case 'suspicious-key':
      return { ...finding, key: 'KEY', objects: [] };
    case 'suspicious-ignore':
    case 'consent-missing':
      return { ...finding, namespaces: [] };
    default:
      return finding;
  }
}

type OtherReason =
  | 'own-source-there'
  | 'marks-disagree'
  | 'being-deleted'
  | 'internal-error'
  | 'waiting-to-be-pruned'
  | 'any-namespace-is-a-source'
  | 'namespace-not-found'
  | 'out-of-scope'
  | 'prune-withheld';

function otherHint(reason: OtherReason): string {
  switch (reason) {
    case 'own-source-there':
    case 'out-of-scope':
    case 'waiting-to-be-pruned':
      return '';
    case 'internal-error':
      return 'Run again. If it stays, report it as a bug.';
    case 'marks-disagree':
      return 'If they are not copies, remove all their kubed.appscode.com/origin* and kubed.appscode.com/fields marks.';
    case 'being-deleted':
      return 'If it is still wanted, it is recreated by the next run after it is gone.';
    case 'any-namespace-is-a-source':
      return `Name the namespaces that may hold sources: ${markName('--source-namespace NS')}.`;
    case 'namespace-not-found':
      return 'Correct the name, or remove it until the namespace exists.';
    case 'prune-withheld':
      return `Check the deletes with ${markName('--dry-run -v')}. If they are right, raise --max-prune.`;
  }
}

const SWITCH_HINT =
  'To stop the sync, remove the annotation. To sync to every namespace, set it to "" or "true".';

/** Returns what the author probably meant, ready to copy into the YAML of the source. */
function guessHint(guess: SelectorGuess): string {
  switch (guess.meant) {
    case 'template':
      return 'This is a template. Render it before you apply it.';
    case 'switch':
      return SWITCH_HINT;
    case 'selector': {
      const annotation = markName(`kubed.appscode.com/sync: "${guess.selector}"`);
      return guess.selector === ''
        ? `To select every namespace, write: ${annotation}`
        : `You may have meant: ${annotation}`;
    }
  }
}

function orphanHint(finding: Extract<Finding, { readonly reason: 'orphan' }>): string {
  const { why } = finding;
  const command = markName(deleteCommand(finding, finding.context));
  const condition =
    why === 'origin-missing' ? 'If no other cluster writes it, run' : 'If it is not needed, run';
  return `${condition}: ${command}. Or run with --prune-legacy.`;
}

function contestedHint(partial: true | undefined): string {
  return partial
    ? 'Add its namespace with --namespace, or rename one of the two sources.'
    : 'Rename one of the two sources, or give them selectors that do not overlap.';
}

function noNamespaceHint(partial: true | undefined): string {
  return partial
    ? 'To get a copy in one of them, label it or correct the selector.'
    : 'Label the namespaces that should get a copy, or correct the selector.';
}

function notCopyableHint(why: NotCopyable): string {
  switch (why.code) {
    case 'type':
      return 'Remove its annotation kubed.appscode.com/sync.';
    case 'annotations-too-large':
      return 'Shorten its annotations, or exclude some with --strip.';
    case 'invalid-metadata':
      return 'Correct it, or exclude it with --strip.';
    case 'content-too-large':
    case 'request-too-large':
    case 'refused-as-too-large':
      return 'Split it into several objects.';
  }
}

function conflictHint(adopt: AdoptRefusal | undefined): string {
  if (adopt === undefined) return `Delete or rename it, or adopt it with ${markName('--on-conflict adopt')}.`;
  switch (adopt) {
    case 'system-namespace':
      return `Delete or rename it. ${markName('--on-conflict adopt')} changes nothing in kube-system, kube-public and kube-node-lease.`;
    case 'not-a-mirror':
      return `${markName('--on-conflict adopt-mirrors')} takes only mirrors of reflector and replicator that name this source. Delete or rename it.`;
    case 'source-still-mirrored':
      return `Its source still has annotations of the other tool. Scale that tool to 0, and remove them: ${markName('kubed-sync migrate')}.`;
    case 'appeared-meanwhile':
      return 'It appeared during this run. Run again.';
    case 'being-deleted':
      return 'It is being deleted. Run again when it is gone.';
    case 'is-a-source':
      return 'It is a source itself. Rename one of the two.';
    case 'pushed':
      return 'Another cluster keeps it up to date. Delete or rename one of the two.';
    case 'needs-replace':
      return 'Adopting it would delete it, because its type differs or it is immutable. Delete or rename it.';
  }
}
