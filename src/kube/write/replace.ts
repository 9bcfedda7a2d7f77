import { decideCopy } from '../../plan/decide-copy.ts';
import type { Failure } from '../../model/failure.ts';
import type { Replace } from '../../model/change.ts';
import { confirmsDelete, responseOutcome } from './write-response.ts';
import { readBody, readMeta } from '../read/read-object.ts';
import { outcomeOfDecision } from './retry-on-conflict.ts';
import { decodeWritten } from '../read/decode-object.ts';
import {
  type WriteAttempt,
  type WriteResult,
  done,
  failed,
  namespaceSkip,
  failureOutcome,
  skipped,
} from './write-outcome.ts';
import { type WriteSource, type Writing, deleteCopy, postCopy } from './write-request.ts';

/** Sendings of the create that follows the delete, on top of what a request is retried for anyway. */
const MOST_CREATES = 4;

/**
 * Deletes a copy and makes it anew, after a rehearsal: a create with dryRun over an existing object answers 409
 * AlreadyExists when everything else would pass, and only then is anything deleted (design sections 5 and 8).
 */
export async function replaceCopy(
  change: Replace,
  origin: WriteSource,
  writing: Writing,
): Promise<WriteAttempt> {
  const { stopped } = writing;
  const rehearsal = await postCopy(writing, change, origin, { dryRun: true });
  if (!rehearsal.ok && rehearsal.failure.reason !== 'already-exists')
    return failureOutcome(rehearsal.failure, stopped());
  if (rehearsal.ok && decodeWritten(change.kind, rehearsal.value.json)?.name !== change.name)
    return { unsettled: { reason: 'malformed-answer', message: 'the answer is not the object rehearsed' } };
  if (writing.rehearse) return { settled: done() };
  const stop = stopped();
  if (stop !== undefined) return { settled: skipped(stop) };
  const failure = await remove(change, writing);
  return failure === undefined ? recreate(change, origin, writing) : failureOutcome(failure, stopped());
}

/** Deletes the copy; a failure is that it is still there. Where nobody knows what became of the delete, a look tells. */
async function remove(change: Replace, writing: Writing): Promise<Failure | undefined> {
  const deleted = await deleteCopy(writing, change, change.guard);
  if (deleted.ok && confirmsDelete(change, deleted.value)) return undefined;
  const failure: Failure = deleted.ok
    ? { reason: 'malformed-answer', message: 'the answer is not that of a delete' }
    : deleted.failure;
  if (failure.reason === 'not-found') return undefined;
  if (!isOpen(failure)) return failure;
  const there = await readMeta(writing.connection, change, { mustFinish: true });
  const isGone = there.ok && (there.value === undefined || there.value.deletionTimestamp !== undefined);
  return isGone ? undefined : failure;
}

/** Whether a request may have been carried out though it failed. */
function isOpen({ reason, status = 0 }: Failure): boolean {
  return (
    reason === 'timed-out' || reason === 'connection-lost' || reason === 'malformed-answer' || status >= 500
  );
}

/** The copy is gone, so this is seen through even while the run is being stopped. */
async function recreate(change: Replace, origin: WriteSource, writing: Writing): Promise<WriteAttempt> {
  for (let creates = 1; ; creates += 1) {
    const posted = await postCopy(writing, change, origin, { mustFinish: true });
    const attempted = posted.ok
      ? responseOutcome(change, origin.source, posted.value)
      : { unsettled: posted.failure };
    if ('settled' in attempted) return attempted;
    const failure = attempted.unsettled;
    const skip = namespaceSkip(failure);
    if (skip !== undefined) return { settled: skipped(skip) };
    const occupied = await lookAtOccupant(change, origin, writing);
    if (typeof occupied === 'object') return { settled: occupied };
    if (creates >= MOST_CREATES) return { settled: failed(failure, occupied === 'vacant') };
    await writing.connection.pause(creates);
  }
}

/**
 * What stands where the copy should be: nothing, the old copy held by a finalizer, or something that settles the
 * matter: our own create whose answer was lost, or what somebody else made in between.
 */
async function lookAtOccupant(
  change: Replace,
  { source }: WriteSource,
  { connection, settings }: Writing,
): Promise<WriteResult | 'vacant' | 'held'> {
  const there = await readBody(connection, change, { mustFinish: true });
  if (!there.ok || there.value === undefined) return 'vacant';
  if (there.value.deletionTimestamp !== undefined) return 'held';
  const decision = decideCopy({ namespace: change.namespace, source }, there.value, settings);
  return outcomeOfDecision(decision) ?? skipped('changed-meanwhile');
}
