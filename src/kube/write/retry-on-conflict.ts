import type { Failure } from '../../model/failure.ts';
import { type Decision, decidePrune, decideCopy, wantedCopyOf } from '../../plan/decide-copy.ts';
import type { Prune } from '../../model/change.ts';
import { readBody, readMeta } from '../read/read-object.ts';
import { type WriteResult, done, failed, failureOutcome, skipped } from './write-outcome.ts';
import type { WriteSource, DesiredObject, Writing } from './write-request.ts';

/** What a second look says: it is settled, or this is to be carried out instead. */
export type RetryContext<T> = { readonly settled: WriteResult } | { readonly change: T };

/**
 * Reads the one object that a write met otherwise than decided, and decides again by the table, once (design section
 * 5). A delete that the plan did not hold, and `--max-prune` did not count, is left to the next run.
 */
export async function refreshAndRetry(
  change: DesiredObject,
  { source }: WriteSource,
  writing: Writing,
): Promise<RetryContext<DesiredObject>> {
  const there = await readBody(writing.connection, change);
  if (!there.ok) return { settled: settleRead(there.failure, writing) };
  const decision = decideCopy(wantedCopyOf(change, source), there.value, writing.settings);
  const settled = outcomeOfDecision(decision);
  if (settled !== undefined) return { settled };
  if (decision.result !== 'change') return { settled: skipped('changed-meanwhile') };
  if (decision.change.action === 'replace' && change.action !== 'replace')
    return { settled: skipped('changed-meanwhile') };
  return { change: decision.change };
}

/** Settles a decision that asks for no write; undefined where it asks for one. */
export function outcomeOfDecision(decision: Decision): WriteResult | undefined {
  switch (decision.result) {
    case 'current':
      return done();
    case 'later':
      return skipped('changed-meanwhile');
    case 'finding':
      return skipped(decision.finding.reason === 'conflict' ? 'conflict' : 'changed-meanwhile', [
        decision.finding,
      ]);
    case 'change':
      return undefined;
  }
}

/** As {@link refreshAndRetry}, of a prune: metadata is enough. */
export async function refreshAndRetryPrune(change: Prune, writing: Writing): Promise<RetryContext<Prune>> {
  const there = await readMeta(writing.connection, change);
  if (!there.ok) return { settled: settleRead(there.failure, writing) };
  const decision = decidePrune(change, there.value, writing.settings);
  if (decision === 'gone') return { settled: done([], there.value?.deletionTimestamp !== undefined) };
  return decision === 'kept' ? { settled: skipped('changed-meanwhile') } : { change: decision };
}

/** The reader has to know that it was not the write that was refused: nobody knows what became of that. */
function settleRead(failure: Failure, { stopped }: Writing): WriteResult {
  const attempted = failureOutcome(failure, stopped());
  const { outcome, ...settled } = 'settled' in attempted ? attempted.settled : failed(failure);
  if (outcome.outcome !== 'failed') return { outcome, ...settled };
  return { ...settled, outcome: { ...outcome, message: `${UNREAD}: ${outcome.message}` } };
}

const UNREAD = 'what is there now could not be read';
