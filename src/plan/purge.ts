import { compareChanges, compareFindings } from './finalize.ts';
import type { Plan } from '../model/plan.ts';
import type { Snapshot } from '../model/objects.ts';
import type { Scope } from './scope.ts';
import { isReported } from './shard.ts';
import { classify } from './classify.ts';
import { planPurgePrunes } from './prune.ts';

/**
 * The plan that removes every copy that is ours and in scope, and leaves the sources as they are: what one does before
 * uninstalling. What forbids a prune forbids it here too, but for what a source may ask.
 */
export function planPurge(snapshot: Snapshot, scope: Scope): Plan {
  const surveyed = classify(snapshot, scope);
  const { prunes, findings, copiesInScope } = planPurgePrunes(surveyed);
  const told = surveyed.findings.filter((finding) => TOLD.has(finding.reason) && isReported(finding, scope));
  return {
    changes: prunes.toSorted(compareChanges),
    findings: [...told, ...findings].toSorted(compareFindings),
    sources: surveyed.sources.length,
    namespaces: surveyed.namespaces,
    unchanged: 0,
    copies: copiesInScope,
  };
}

/** What is wrong with a source is no matter when copies go. */
const TOLD: ReadonlySet<string> = new Set([
  'namespace-not-found',
  'marks-disagree',
  'other-cluster-name',
  'copy-with-sync-annotation',
]);
