import { compareChanges, compareFindings } from './finalize.ts';
import type { FindingReason } from '../model/finding.ts';
import type { Plan } from '../model/plan.ts';
import { isReported } from './shard.ts';
import type { ClassifiedSnapshot } from './classify.ts';
import { planPurgePrunes } from './prune.ts';

/**
 * What does `kubed-sync purge` delete? Every copy of ours in scope, and no source. It is run before kubed-sync is
 * uninstalled. The snapshot is that of the home cluster, or of a context. All that forbids a prune forbids it here too, except that a source may still want the copy.
 */
export function planPurge(classified: ClassifiedSnapshot): Plan {
  const { scope } = classified;
  const { prunes, findings, copiesInScope } = planPurgePrunes(classified);
  const reported = classified.findings.filter(
    (finding) => PURGE_FINDINGS.has(finding.reason) && isReported(finding, scope),
  );
  return {
    changes: prunes.toSorted(compareChanges),
    findings: [...reported, ...findings].toSorted(compareFindings),
    sources: classified.sources.length,
    // A purge does not ask what a source wants.
    bySource: [],
    namespaces: classified.namespaces,
    unchanged: 0,
    copies: copiesInScope,
  };
}

/** The findings of a snapshot that matter for a purge. Problems of sources do not. */
const PURGE_FINDINGS: ReadonlySet<FindingReason> = new Set<FindingReason>([
  'namespace-not-found',
  'marks-disagree',
  'other-cluster-name',
  'pushed-by-other-cluster',
  'copy-with-sync-annotation',
]);
