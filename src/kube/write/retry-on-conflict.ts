import type { Failure } from '../../model/failure.ts';
import { decidePrune } from '../../plan/copy/decide-prune.ts';
import { type Decision, decideCopy, wantedCopyOf } from '../../plan/decide-copy.ts';
import type { Prune } from '../../model/change.ts';
import { readBody, readMeta } from '../read/read-object.ts';
import { type WriteResult, done, failed, failureOutcome, skipped } from './write-outcome.ts';
import type { WriteSource, DesiredObject, Writing } from './write-request.ts';

/** What the second decision says: a result without another write, or the change to try now. */
export type RetryDecision<T> = { readonly result: WriteResult } | { readonly change: T };

/**
 * Reads the object of a write that met a conflict, and decides again with the function of the plan. A replace that the
 * plan did not contain is left to the next run: `--max-prune` did not count its delete.
 */
export async function decideWriteAgain(
  change: DesiredObject,
  { source }: WriteSource,
  writing: Writing,
): Promise<RetryDecision<DesiredObject>> {
  const there = await readBody(writing.connection, change);
  if (!there.ok) return { result: unreadResult(there.failure, writing) };
  const decision = decideCopy(wantedCopyOf(change, source), there.value, writing.settings);
  const result = resultWithoutWrite(decision);
  if (result !== undefined) return { result };
  if (decision.result !== 'change') return { result: skipped('changed-meanwhile') };
  if (decision.change.action === 'replace' && change.action !== 'replace')
    return { result: skipped('changed-meanwhile') };
  return { change: decision.change };
}

/** The result of a decision that asks for no write; undefined where it asks for one. */
export function resultWithoutWrite(decision: Decision): WriteResult | undefined {
  switch (decision.result) {
    case 'current':
      return done(decision.finding && [decision.finding]);
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

/** The same for a prune, which needs metadata only. */
export async function decidePruneAgain(change: Prune, writing: Writing): Promise<RetryDecision<Prune>> {
  const there = await readMeta(writing.connection, change);
  if (!there.ok) return { result: unreadResult(there.failure, writing) };
  const decision = decidePrune(change, there.value, writing.settings);
  if (decision === 'gone') return { result: done([], there.value?.deletionTimestamp !== undefined) };
  return decision === 'kept' ? { result: skipped('changed-meanwhile') } : { change: decision };
}

/** The message says that the read failed, not the write: it is unknown whether the write took effect. */
function unreadResult(failure: Failure, { stopped }: Writing): WriteResult {
  const end = failureOutcome(failure, stopped());
  const { outcome, ...rest } = 'result' in end ? end.result : failed(failure);
  if (outcome.outcome !== 'failed') return { outcome, ...rest };
  return { ...rest, outcome: { ...outcome, message: `${UNREAD}: ${outcome.message}` } };
}

const UNREAD = 'what is there now could not be read';
