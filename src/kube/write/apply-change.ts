import type { Change, Create, Prune, Refresh, Update } from '../../model/change.ts';
import { confirmsDelete, responseOutcome } from './write-response.ts';
import type { ApiResponse } from '../http/client.ts';
import { refreshAndRetry, refreshAndRetryPrune, type RetryContext } from './retry-on-conflict.ts';
import { isJson, objectAt, secondsOf } from '../api.ts';
import { replaceCopy } from './replace.ts';
import {
  type WriteAttempt,
  type WriteResult,
  done,
  failed,
  failureOutcome,
  skipped,
} from './write-outcome.ts';
import {
  type WriteSource,
  type DesiredObject,
  type Writing,
  deleteCopy,
  patchCopy,
  postCopy,
} from './write-request.ts';

/** Carries out one change, and decides on it once more where the object was not as the decision took it to be. */
export function applyChange(
  change: Change,
  originOf: (change: DesiredObject) => WriteSource,
  writing: Writing,
): Promise<WriteResult> {
  if (change.action === 'prune')
    return twice(
      change,
      writing,
      (prune) => pruneCopy(prune, writing),
      (prune) => refreshAndRetryPrune(prune, writing),
    );
  const origin = originOf(change);
  return twice<DesiredObject>(
    change,
    writing,
    (wanted) => writeWanted(wanted, origin, writing),
    (wanted) => refreshAndRetry(wanted, origin, writing),
  );
}

/** A second look may lead to a second write; a third one would be a fight with whoever else writes there. */
async function twice<T extends Change>(
  change: T,
  { stopped }: Writing,
  attempt: (change: T) => Promise<WriteAttempt>,
  look: (change: T) => Promise<RetryContext<T>>,
): Promise<WriteResult> {
  const first = await attempt(change);
  if ('settled' in first) return first.settled;
  const again = await look(change);
  if ('settled' in again) return again.settled;
  const stop = stopped();
  if (stop !== undefined) return skipped(stop);
  const second = await attempt(again.change);
  return 'settled' in second ? second.settled : failed(second.unsettled);
}

function writeWanted(change: DesiredObject, origin: WriteSource, writing: Writing): Promise<WriteAttempt> {
  switch (change.action) {
    case 'create':
      return createCopy(change, origin, writing);
    case 'update':
    case 'refresh':
      return rewriteCopy(change, origin, writing);
    case 'replace':
      return replaceCopy(change, origin, writing);
  }
}

async function createCopy(change: Create, origin: WriteSource, writing: Writing): Promise<WriteAttempt> {
  const answer = await postCopy(writing, change, origin);
  if (!answer.ok) return failureOutcome(answer.failure, writing.stopped());
  return responseOutcome(change, origin.source, answer.value);
}

async function rewriteCopy(
  change: Update | Refresh,
  origin: WriteSource,
  writing: Writing,
): Promise<WriteAttempt> {
  const { now, stopped } = writing;
  const movesOwnership = change.managedFields !== undefined;
  const answer = await patchCopy(writing, change, origin, movesOwnership ? secondsOf(now()) : '');
  if (!answer.ok) return failureOutcome(answer.failure, stopped());
  return responseOutcome(change, origin.source, answer.value, movesOwnership);
}

async function pruneCopy(change: Prune, writing: Writing): Promise<WriteAttempt> {
  const answer = await deleteCopy(writing, change, change.guard);
  if (answer.ok && confirmsDelete(change, answer.value))
    return { settled: done([], waitsForFinalizers(answer.value)) };
  if (answer.ok)
    return { unsettled: { reason: 'malformed-answer', message: 'the answer is not that of a delete' } };
  if (answer.failure.reason === 'not-found') return { settled: done() };
  return failureOutcome(answer.failure, writing.stopped());
}

/** A delete is answered with a Status, or with the object where finalizers keep it for now. */
function waitsForFinalizers({ json }: ApiResponse): boolean {
  return isJson(json) && typeof objectAt(json, 'metadata')['deletionTimestamp'] === 'string';
}
