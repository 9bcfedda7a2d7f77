import pMap from 'p-map';
import { ACTIONS, type Change } from '../../model/change.ts';
import type { Body, ObjectKey } from '../../model/objects.ts';
import type { Finding } from '../../model/finding.ts';
import type { Settings } from '../../model/settings.ts';
import type { AppliedChange, Outcome, SkipReason } from '../../model/run-report.ts';
import type { ApiClient } from '../http/client.ts';
import { TooLargeBreaker } from './too-large.ts';
import { type WriteResult, skipped } from './write-outcome.ts';
import { applyChange } from './apply-change.ts';
import { writeSources, type Writing } from './write-request.ts';

/** Told after every change. */
export interface WritingProgress {
  readonly phase: 'writing';
  readonly done: number;
  readonly total: number;
}

/** What carrying out a plan needs besides the plan. */
export interface ApplyContext {
  /** Bodies of the sources of all changes that end in a copy. */
  readonly sources: ReadonlyMap<ObjectKey, Body>;
  readonly settings: Settings;
  /** Writes under way at a time. */
  readonly concurrency: number;
  /** Sends every write with `dryRun=All` (`--dry-run=server`): what is accepted stays planned. */
  readonly rehearse?: boolean;
  /** Aborted with what stopped the run as its reason: no new writes, the ones under way finish. */
  readonly stop: AbortSignal;
  readonly now: () => Date;
  readonly progress: (event: WritingProgress) => void;
  /** Called after each change, so that its outcome is known even if the program crashes later. */
  readonly onApplied?: (applied: AppliedChange) => void;
}

/** What became of the changes, in their order, and the findings that came up while writing. */
export interface AppliedChanges {
  readonly carried: readonly AppliedChange[];
  readonly findings: readonly Finding[];
}

/**
 * Carries out the changes of a plan, one class of actions after the other and prunes last, so that a run that breaks
 * off has destroyed least. A failure stays with its object; the others go on (design section 5).
 */
export async function applyChanges(
  connection: ApiClient,
  changes: readonly Change[],
  context: ApplyContext,
): Promise<AppliedChanges> {
  const { settings, now, stop, progress, onApplied, concurrency, rehearse = false } = context;
  const stopped = (): SkipReason | undefined => stopReason(stop);
  const writing: Writing = { connection, rehearse, settings, now, stopped };
  const originOf = writeSources(context.sources, settings);
  const oversize = new TooLargeBreaker();
  const settled = new Map<Change, WriteResult>();
  const crashes: unknown[] = [];
  const carryOne = async (change: Change): Promise<void> => {
    const why = writing.stopped();
    const known = why === undefined ? oversize.settle(change) : skipped(why);
    const end = known ?? (await applyChange(change, originOf, writing));
    oversize.note(change, end);
    settled.set(change, end);
    onApplied?.({ change, outcome: rehearse ? rehearsed(end.outcome) : end.outcome });
    progress({ phase: 'writing', done: settled.size, total: changes.length });
  };
  // After a crash no new write starts, and the writes under way finish: so their outcomes are known.
  const unlessCrashed = (change: Change): Promise<unknown> =>
    crashes.length > 0 ? Promise.resolve() : carryOne(change).catch((error: unknown) => crashes.push(error));
  for (const action of ACTIONS)
    await pMap(
      changes.filter((change) => change.action === action),
      unlessCrashed,
      { concurrency },
    );
  if (crashes.length > 0) throw crashes[0];
  const { carried, findings } = gather(changes, settled, rehearse);
  return { carried, findings: [...findings, ...oversize.findings(changes, settled)] };
}

function stopReason({ aborted, reason }: AbortSignal): SkipReason | undefined {
  if (!aborted) return undefined;
  return reason === 'timeout' ? 'timed-out' : 'interrupted';
}

function gather(
  changes: readonly Change[],
  settled: ReadonlyMap<Change, WriteResult>,
  rehearse: boolean,
): AppliedChanges {
  const all = changes.flatMap((change) => {
    const end = settled.get(change);
    return end === undefined ? [] : [{ change, ...end }];
  });
  return {
    carried: all.map(({ change, outcome }) => ({ change, outcome: rehearse ? rehearsed(outcome) : outcome })),
    findings: all.flatMap(({ findings }) => findings),
  };
}

function rehearsed(outcome: Outcome): Outcome {
  return outcome.outcome === 'done' ? { outcome: 'planned' } : outcome;
}
