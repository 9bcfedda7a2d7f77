import type { Change } from '../model/change.ts';
import type { Plan } from '../model/plan.ts';
import type { Finding } from '../model/finding.ts';
import type { ObjectKey, ObjectName, Snapshot } from '../model/objects.ts';
import type { AppliedChange } from '../model/run-report.ts';
import { asksForContexts } from './contexts/context-sources.ts';
import { compareText, keyOf, nameOf, originKeyOf } from '../model/keys.ts';

// Which Events does a run record for its sources (`--events`)?

/** An object that an Event is about. `kubectl describe` finds Events by uid. */
export interface Subject extends ObjectName {
  readonly uid: string;
}

/** A finding that matters to the owner of a source: copies are missing, or stay as they are. */
export type ReportedFinding = Extract<
  Finding,
  {
    readonly reason:
      | 'conflict'
      | 'contested'
      | 'invalid-selector'
      | 'invalid-annotation'
      | 'source-not-copyable'
      | 'copy-with-sync-annotation'
      | 'unknown-key';
  }
>;

/**
 * One Event for a source. There is at most one for each source and reason, whatever the number of namespaces.
 */
export type SourceEvent =
  /** Copies were written or pruned. */
  | { readonly reason: 'Synced'; readonly subject: Subject; readonly changes: readonly Change[] }
  /** Another object or another source has the name of a copy. */
  | { readonly reason: 'Conflict'; readonly subject: Subject; readonly findings: readonly ReportedFinding[] }
  /** Writes failed, or a problem of the source prevents every copy. */
  | {
      readonly reason: 'SyncFailed';
      readonly subject: Subject;
      readonly failed: readonly AppliedChange[];
      readonly findings: readonly ReportedFinding[];
    };

/**
 * The sources that have changes or findings, as the snapshot shows them, and those that ask for other clusters: what
 * happens there is not known yet. A source that does not exist gets no Event.
 */
export function eventSubjects(
  { changes, findings }: Plan,
  { objects }: Snapshot,
): ReadonlyMap<ObjectKey, Subject> {
  const keys = new Set([
    ...changes.map(originKeyOf),
    ...findings.flatMap((finding) => (isForSource(finding) ? [sourceKeyOf(finding)] : [])),
  ]);
  return new Map(
    objects.flatMap((meta) => {
      const key = keyOf(meta);
      return keys.has(key) || asksForContexts(meta)
        ? [[key, { ...nameOf(meta), uid: meta.uid }] as const]
        : [];
    }),
  );
}

/** What happened to the copies of one source. */
interface SourceSummary {
  readonly done: Change[];
  readonly failed: AppliedChange[];
  readonly conflicts: ReportedFinding[];
  readonly broken: ReportedFinding[];
}

/** The Events of a run, sorted by source. */
export function sourceEvents(
  applied: readonly AppliedChange[],
  findings: readonly Finding[],
  subjects: ReadonlyMap<ObjectKey, Subject>,
): readonly SourceEvent[] {
  const summaries = new Map<ObjectKey, SourceSummary>();
  for (const one of applied) {
    const { done, failed } = summaryOf(summaries, originKeyOf(one.change));
    if (one.outcome.outcome === 'done') done.push(one.change);
    if (one.outcome.outcome === 'failed') failed.push(one);
  }
  for (const finding of findings)
    if (isForSource(finding)) addFinding(summaryOf(summaries, sourceKeyOf(finding)), finding);
  return [...summaries]
    .toSorted(([a], [b]) => compareText(a, b))
    .flatMap(([key, summary]) => {
      const subject = subjects.get(key);
      return subject === undefined ? [] : eventsFor(subject, summary);
    });
}

function summaryOf(summaries: Map<ObjectKey, SourceSummary>, key: ObjectKey): SourceSummary {
  const known = summaries.get(key) ?? { done: [], failed: [], conflicts: [], broken: [] };
  summaries.set(key, known);
  return known;
}

function addFinding({ conflicts, broken }: SourceSummary, finding: ReportedFinding): void {
  (finding.reason === 'conflict' || finding.reason === 'contested' ? conflicts : broken).push(finding);
}

function eventsFor(
  subject: Subject,
  { done, failed, conflicts, broken }: SourceSummary,
): readonly SourceEvent[] {
  const events: SourceEvent[] = [];
  if (done.length > 0) events.push({ reason: 'Synced', subject, changes: done });
  if (conflicts.length > 0) events.push({ reason: 'Conflict', subject, findings: conflicts });
  if (failed.length + broken.length > 0)
    events.push({ reason: 'SyncFailed', subject, failed, findings: broken });
  return events;
}

function isForSource(finding: Finding): finding is ReportedFinding {
  switch (finding.reason) {
    case 'conflict':
    case 'contested':
    case 'invalid-selector':
    case 'invalid-annotation':
    case 'source-not-copyable':
    case 'copy-with-sync-annotation':
    case 'unknown-key':
      return true;
    default:
      return false;
  }
}

/** The source of a finding. A conflict names the object in the way, and its Event is recorded at the source. */
function sourceKeyOf(finding: ReportedFinding): ObjectKey {
  return finding.reason === 'conflict' ? originKeyOf(finding) : keyOf(finding);
}
