import type { Change } from '../model/change.ts';
import type { Plan } from '../model/plan.ts';
import type { Finding } from '../model/finding.ts';
import type { Kind, ObjectKey, ObjectName, Origin, Snapshot } from '../model/objects.ts';
import type { AppliedChange } from '../model/run-report.ts';
import { compareText, keyFrom, keyOf, nameOf } from '../model/keys.ts';

/** An object that an Event can be about: `kubectl describe` looks for its uid. */
export interface Subject extends ObjectName {
  readonly uid: string;
}

/** A finding that a source's owner has to know: copies are missing or stay as they are. */
export type ReportedFinding = Extract<
  Finding,
  {
    readonly reason:
      | 'conflict'
      | 'contested'
      | 'invalid-selector'
      | 'source-not-copyable'
      | 'copy-with-sync-annotation';
  }
>;

/**
 * What a run has to tell at one source (`--events`): at most one Event per source and reason, whatever the number of
 * namespaces.
 */
export type SourceEvent =
  /** Copies were written or pruned. */
  | { readonly reason: 'Synced'; readonly subject: Subject; readonly changes: readonly Change[] }
  /** Names that somebody else's object or another source has. */
  | { readonly reason: 'Conflict'; readonly subject: Subject; readonly findings: readonly ReportedFinding[] }
  /** Writes that failed, and what keeps the source from being copied at all. */
  | {
      readonly reason: 'SyncFailed';
      readonly subject: Subject;
      readonly failed: readonly AppliedChange[];
      readonly findings: readonly ReportedFinding[];
    };

/**
 * The objects that Events may come to be about, looked up while the snapshot is at hand: those that have changes or
 * findings. What is not in the cluster any more gets no Event.
 */
export function eventSubjects(
  { changes, findings }: Plan,
  { objects }: Snapshot,
): ReadonlyMap<ObjectKey, Subject> {
  const wanted = new Set([
    ...changes.map(({ kind, origin }) => originKey(kind, origin)),
    ...findings.flatMap((finding) => (isTelling(finding) ? [tellingKey(finding)] : [])),
  ]);
  return new Map(
    objects.flatMap((meta) => {
      const key = keyOf(meta);
      return wanted.has(key) ? [[key, { ...nameOf(meta), uid: meta.uid }] as const] : [];
    }),
  );
}

interface Told {
  readonly done: Change[];
  readonly failed: AppliedChange[];
  readonly conflicts: ReportedFinding[];
  readonly broken: ReportedFinding[];
}

/** The Events of a run, by source; plain values, the same for the same run. */
export function sourceEvents(
  carried: readonly AppliedChange[],
  findings: readonly Finding[],
  subjects: ReadonlyMap<ObjectKey, Subject>,
): readonly SourceEvent[] {
  const told = new Map<ObjectKey, Told>();
  for (const one of carried) {
    const { done, failed } = at(told, originKey(one.change.kind, one.change.origin));
    if (one.outcome.outcome === 'done') done.push(one.change);
    if (one.outcome.outcome === 'failed') failed.push(one);
  }
  for (const finding of findings) if (isTelling(finding)) note(at(told, tellingKey(finding)), finding);
  return [...told]
    .toSorted(([a], [b]) => compareText(a, b))
    .flatMap(([key, what]) => {
      const subject = subjects.get(key);
      return subject === undefined ? [] : eventsAt(subject, what);
    });
}

function at(told: Map<ObjectKey, Told>, key: ObjectKey): Told {
  const known = told.get(key) ?? { done: [], failed: [], conflicts: [], broken: [] };
  told.set(key, known);
  return known;
}

function note({ conflicts, broken }: Told, finding: ReportedFinding): void {
  (finding.reason === 'conflict' || finding.reason === 'contested' ? conflicts : broken).push(finding);
}

function eventsAt(subject: Subject, { done, failed, conflicts, broken }: Told): readonly SourceEvent[] {
  const events: SourceEvent[] = [];
  if (done.length > 0) events.push({ reason: 'Synced', subject, changes: done });
  if (conflicts.length > 0) events.push({ reason: 'Conflict', subject, findings: conflicts });
  if (failed.length + broken.length > 0)
    events.push({ reason: 'SyncFailed', subject, failed, findings: broken });
  return events;
}

function isTelling(finding: Finding): finding is ReportedFinding {
  switch (finding.reason) {
    case 'conflict':
    case 'contested':
    case 'invalid-selector':
    case 'source-not-copyable':
    case 'copy-with-sync-annotation':
      return true;
    default:
      return false;
  }
}

/** A conflict is found at the foreign object and told at the source. */
function tellingKey(finding: ReportedFinding): ObjectKey {
  return finding.reason === 'conflict' ? originKey(finding.kind, finding.origin) : keyOf(finding);
}

function originKey(kind: Kind, { namespace, name }: Origin): ObjectKey {
  return keyFrom(kind, namespace, name);
}
