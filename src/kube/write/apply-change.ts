import type { Change, Create, Mark, Prune, Refresh, Update } from '../../model/change.ts';
import { confirmsDelete, confirmsMark, responseOutcome } from './write-response.ts';
import type { ApiResponse } from '../http/client.ts';
import type { Failure } from '../../model/failure.ts';
import { UNWANTED_SINCE } from '../../plan/annotations/markers.ts';
import { type RetryDecision, decidePruneAgain, decideWriteAgain } from './retry-on-conflict.ts';
import { isJson, objectAt } from '../api.ts';
import { replaceCopy } from './replace.ts';
import { takeBack } from './lost-marks.ts';
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
  patchMark,
  postCopy,
} from './write-request.ts';

/** Applies one change. Where the object is not as the change assumes, reads it and decides once more. */
export function applyChange(
  change: Change,
  sourceOf: (change: DesiredObject) => WriteSource,
  writing: Writing,
): Promise<WriteResult> {
  if (change.action === 'prune')
    return tryTwice(
      change,
      writing,
      (prune) => pruneCopy(prune, writing),
      (prune) => decidePruneAgain(prune, writing),
    );
  if (change.action === 'mark') return markCopy(change, writing);
  const source = sourceOf(change);
  return tryTwice<DesiredObject>(
    change,
    writing,
    (wanted) => writeCopy(wanted, source, writing),
    (wanted) => decideWriteAgain(wanted, source, writing),
  );
}

/** Tries a change at most twice. A third attempt would only compete with another writer. */
async function tryTwice<T extends Change>(
  change: T,
  { stopped }: Writing,
  attempt: (change: T) => Promise<WriteAttempt>,
  decideAgain: (change: T) => Promise<RetryDecision<T>>,
): Promise<WriteResult> {
  const first = await attempt(change);
  if ('result' in first) return first.result;
  const decision = await decideAgain(change);
  if ('result' in decision) return decision.result;
  const stop = stopped();
  if (stop !== undefined) return skipped(stop);
  const second = await attempt(decision.change);
  return 'result' in second ? second.result : failed(second.unclear);
}

function writeCopy(change: DesiredObject, source: WriteSource, writing: Writing): Promise<WriteAttempt> {
  switch (change.action) {
    case 'create':
      return createCopy(change, source, writing);
    case 'update':
    case 'refresh':
      return updateCopy(change, source, writing);
    case 'replace':
      return replaceCopy(change, source, writing);
  }
}

async function createCopy(change: Create, origin: WriteSource, writing: Writing): Promise<WriteAttempt> {
  const response = await postCopy(writing, change, origin);
  if (!response.ok) return failureOutcome(response.failure, writing.stopped());
  const { source } = origin;
  const end = responseOutcome(change, { source, settings: writing.settings, created: true }, response.value);
  if (!('result' in end) || !end.result.marksLost) return end;
  return { result: await takeBack(change, response.value.json, end.result, writing) };
}

async function updateCopy(
  change: Update | Refresh,
  origin: WriteSource,
  writing: Writing,
): Promise<WriteAttempt> {
  const { settings, stopped } = writing;
  const movedOwnership = change.managedFields !== undefined;
  const response = await patchCopy(writing, change, origin);
  if (!response.ok) return failureOutcome(response.failure, stopped());
  return responseOutcome(change, { source: origin.source, settings, movedOwnership }, response.value);
}

/** Marks a copy as unwanted. Where it was changed meanwhile, the next run decides again. */
async function markCopy(change: Mark, writing: Writing): Promise<WriteResult> {
  const response = await patchMark(writing, change);
  if (response.ok) return confirmsMark(change, response.value) ? done() : failed(notMarked());
  if (response.failure.reason === 'not-found') return done();
  const end = failureOutcome(response.failure, writing.stopped());
  if ('result' in end) return end.result;
  return end.unclear.reason === 'conflict' ? skipped('changed-meanwhile') : failed(end.unclear);
}

function notMarked(): Failure {
  const message = `the API server did not keep the annotation ${UNWANTED_SINCE}, so the copy would never be deleted`;
  return { reason: 'malformed-answer', message };
}

async function pruneCopy(change: Prune, writing: Writing): Promise<WriteAttempt> {
  const response = await deleteCopy(writing, change, change.guard);
  if (response.ok && confirmsDelete(change, response.value))
    return { result: done([], waitsForFinalizers(response.value)) };
  if (response.ok)
    return { unclear: { reason: 'malformed-answer', message: 'the answer is not that of a delete' } };
  if (response.failure.reason === 'not-found') return { result: done() };
  return failureOutcome(response.failure, writing.stopped());
}

/** The answer to a delete is a Status, or the object where finalizers keep it for now. */
function waitsForFinalizers({ json }: ApiResponse): boolean {
  return isJson(json) && typeof objectAt(json, 'metadata')['deletionTimestamp'] === 'string';
}
