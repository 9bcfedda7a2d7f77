import { nameOf } from '../../model/keys.ts';
import type { FieldDifference } from '../../model/change.ts';
import type { Finding, SelectorGuess, StrayKey } from '../../model/finding.ts';
import type { MaxPrune } from '../../model/settings.ts';
import type { Origin } from '../../model/objects.ts';
import { isAnnotationFinding } from '../messages/annotation-message.ts';
import { annotationData } from './annotation-data.ts';
import { isContextFinding } from '../../model/context-finding.ts';
import { contextFindingData } from './context-data.ts';
import { type KeyFinding, isKeyFinding } from '../messages/key-message.ts';
import { fieldName } from '../messages/reason-text.ts';

/**
 * Returns the keys that only findings of this reason have in the JSON report. Every key is named here, so that the rest
 * of an object, which may be a Secret, can never get into a report.
 */
export function findingData(finding: Finding): object {
  if (isKeyFinding(finding)) return keyData(finding);
  if (isAnnotationFinding(finding)) return annotationData(finding);
  if (isContextFinding(finding)) return contextFindingData(finding);
  switch (finding.reason) {
    case 'conflict':
      return conflictData(finding);
    case 'contested':
      return contestedData(finding);
    case 'invalid-selector':
    case 'suspicious-selector':
    case 'no-namespace-selected':
      return selectorData(finding);
    case 'source-not-copyable':
      return { why: finding.why };
    case 'own-source-there':
      return { origins: finding.origins.map(originData) };
    case 'marks-disagree':
      return { count: finding.objects.length, objects: finding.objects.map(nameOf) };
    case 'changed-by-admission':
      return { fields: finding.fields.map(fieldData) };
    case 'orphan':
      return { origin: originData(finding.origin), why: finding.why };
    case 'copy-with-sync-annotation':
    case 'being-deleted':
      return { origin: originData(finding.origin) };
    case 'other-cluster-name':
    case 'source-changed':
    case 'any-namespace-is-a-source':
    case 'namespace-not-found':
    case 'internal-error':
    case 'out-of-scope':
    case 'waiting-to-be-pruned':
    case 'prune-withheld':
      return countData(finding);
  }
}

type CountFinding = Extract<
  Finding,
  {
    readonly reason:
      | 'other-cluster-name'
      | 'source-changed'
      | 'any-namespace-is-a-source'
      | 'namespace-not-found'
      | 'internal-error'
      | 'out-of-scope'
      | 'waiting-to-be-pruned'
      | 'prune-withheld';
  }
>;

function countData(finding: CountFinding): object {
  switch (finding.reason) {
    case 'other-cluster-name':
      return { clusterName: finding.clusterName, copies: finding.copies, nearlyAll: finding.nearlyAll };
    case 'source-changed':
      return { how: finding.how };
    case 'any-namespace-is-a-source':
      return partialData(finding);
    case 'namespace-not-found':
    case 'internal-error':
      return {};
    case 'out-of-scope':
      return { copies: finding.copies };
    case 'waiting-to-be-pruned':
      return { copies: finding.copies, first: finding.first, last: finding.last };
    case 'prune-withheld':
      return { deletes: finding.deletes, limit: finding.limit, maxPrune: maxPruneText(finding.maxPrune) };
  }
}

function keyData(finding: KeyFinding): object {
  switch (finding.reason) {
    case 'unknown-key':
      return { keys: finding.keys.map(strayData) };
    case 'suspicious-key': {
      const objects = finding.objects.map(({ namespace, name }) =>
        name === undefined ? { namespace } : { namespace, name },
      );
      return { part: finding.part, ...strayData(finding), count: objects.length, objects };
    }
    case 'suspicious-ignore':
      return { value: finding.value, namespaces: finding.namespaces };
  }
}

function strayData({ key, meant }: StrayKey): object {
  return meant === undefined ? { key } : { key, meant };
}

function conflictData(finding: Extract<Finding, { readonly reason: 'conflict' }>): object {
  const { origin, skipped, adopt, holder } = finding;
  return {
    origin: originData(origin),
    skipped,
    ...(adopt && { adopt }),
    ...(holder && { holder: { clusterUid: holder.clusterUid, context: holder.context } }),
  };
}

function contestedData(finding: Extract<Finding, { readonly reason: 'contested' }>): object {
  const { currentOwner, namespaces } = finding;
  return { currentOwner: originData(currentOwner), namespaces, ...partialData(finding) };
}

type SelectorFinding = Extract<
  Finding,
  { readonly reason: 'invalid-selector' | 'suspicious-selector' | 'no-namespace-selected' }
>;

/** Returns the selector, what is wrong with it, and the one that the author probably meant. */
function selectorData(finding: SelectorFinding): object {
  const { selector } = finding;
  switch (finding.reason) {
    case 'invalid-selector': {
      const { at, problem } = finding.problem;
      return { selector, problem: { at, ...problem }, ...guessData(finding.guess) };
    }
    case 'suspicious-selector':
      return { selector, why: finding.why };
    case 'no-namespace-selected':
      return {
        selector,
        ...(finding.syncNamespaces !== undefined && { syncNamespaces: finding.syncNamespaces }),
        ...guessData(finding.guess),
        ...partialData(finding),
      };
  }
}

function guessData(guess: SelectorGuess | undefined): object {
  return guess?.meant === 'selector' ? { meant: guess.selector } : {};
}

/** Returns whether the finding is only about the namespaces of `--namespace`. */
function partialData({ partial }: { readonly partial?: true }): object {
  return partial === true ? { partial } : {};
}

/** Returns the limit as it is written on the command line. */
function maxPruneText(maxPrune: MaxPrune): string {
  return 'percent' in maxPrune ? `${maxPrune.percent}%` : String(maxPrune.count);
}

/** Returns the two names of an origin and nothing else. */
export function originData({ namespace, name }: Origin): Origin {
  return { namespace, name };
}

/** Returns a changed field by its full name. */
export function fieldData(field: FieldDifference): object {
  return { name: fieldName(field), op: field.op };
}
