import { compareChanges, compareFindings } from './finalize.ts';
import type { Plan } from '../model/plan.ts';
import type { Snapshot } from '../model/objects.ts';
import type { Rules } from './scope.ts';
import { isReported } from './shard.ts';
import { survey } from './classify.ts';
import { judgePurged } from './prune.ts';

/**
 * The plan that removes every copy that is ours and in scope, and leaves the sources as they are: what one does before
 * uninstalling. What forbids a prune forbids it here too, but for what a source may ask.
 */
export function purge(snapshot: Snapshot, rules: Rules): Plan {
  const surveyed = survey(snapshot, rules);
  const { prunes, findings, copiesInScope } = judgePurged(surveyed);
  const told = surveyed.findings.filter((finding) => TOLD.has(finding.reason) && isReported(finding, rules));
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
