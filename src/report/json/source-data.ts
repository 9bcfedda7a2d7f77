import type { Report } from '../../model/run-report.ts';
import type { SourceSummary } from '../source-summary.ts';
import { nameOf } from '../../model/keys.ts';

/** A source as the document has it. */
export type SourceData = SourceSummary;

/** Returns one source with its counts. Every key is named, so that nothing else comes along. */
export function sourceData(source: SourceSummary): SourceData {
  const {
    selector,
    syncNamespaces,
    syncKeys,
    contexts,
    frozen,
    reach,
    upToDate,
    pending,
    deletes,
    conflicts,
    losesAllCopies,
  } = source;
  return {
    ...nameOf(source),
    ...(selector !== undefined && { selector }),
    ...(syncNamespaces !== undefined && { syncNamespaces }),
    ...(syncKeys !== undefined && { syncKeys }),
    ...(contexts !== undefined && { contexts }),
    ...(frozen && { frozen }),
    reach,
    upToDate,
    pending,
    deletes,
    conflicts,
    ...(losesAllCopies && { losesAllCopies }),
  };
}

/** Returns which cluster was read, and when. Empty without a cluster. */
export function targetData({ target }: Pick<Report, 'target'>): Partial<NonNullable<Report['target']>> {
  if (target === undefined) return {};
  const { cluster, context, server, at } = target;
  return {
    ...(cluster !== undefined && { cluster }),
    ...(context !== undefined && { context }),
    server,
    at,
  };
}
