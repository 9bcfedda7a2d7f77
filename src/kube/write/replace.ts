import { decideCopy } from '../../plan/decide-copy.ts';
import type { Failure } from '../../model/failure.ts';
import { mayHaveActed } from '../http/request-error.ts';
import type { Replace } from '../../model/change.ts';
import { confirmsDelete, responseOutcome } from './write-response.ts';
import { readBody, readMeta } from '../read/read-object.ts';
import { resultWithoutWrite } from './retry-on-conflict.ts';
import { decodeWritten } from '../read/decode-object.ts';
import { isQuotaRefusal } from './server-message.ts';
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

/** How often the create after the delete is sent, in addition to the retries of each request. */
const MOST_CREATES = 4;

/**
 * Deletes a copy and creates it again, after a server dry run of the create. The API server answers 409 AlreadyExists
 * to that when admission and validation accept the object. Only then is anything deleted (docs/design.md 6).
 */
export async function replaceCopy(
  change: Replace,
  origin: WriteSource,
  writing: Writing,
): Promise<WriteAttempt> {
  const refusal = await dryRunCreate(change, origin, writing);
  if (refusal !== undefined) return refusal;
  const { serverDryRun, stopped } = writing;
  if (serverDryRun) return { result: done() };
  const stop = stopped();
  if (stop !== undefined) return { result: skipped(stop) };
  const failure = await remove(change, writing);
  return failure === undefined ? recreate(change, origin, writing) : failureOutcome(failure, stopped());
}

/** Why the copy cannot be created again; undefined where the API server accepts it. */
async function dryRunCreate(
  change: Replace,
  origin: WriteSource,
  writing: Writing,
): Promise<WriteAttempt | undefined> {
  const response = await postCopy(writing, change, origin, { dryRun: true });
  if (response.ok)
    return decodeWritten(change.kind, response.value.json)?.name === change.name
      ? undefined
      : { unclear: { reason: 'malformed-answer', message: 'the answer is not the object of the dry run' } };
  const { failure } = response;
  if (failure.reason === 'already-exists') return undefined;
  if (isQuotaRefusal(failure.message)) return { result: failed(withoutRoom(failure)) };
  return failureOutcome(failure, writing.stopped());
}

/**
 * A full quota hides whether the create fits after the delete: the delete frees one place, but another object may take
 * it, another quota may be full too, and a quota frees places late. So the copy stays.
 */
function withoutRoom(failure: Failure): Failure {
  const why =
    'a full quota hides whether the copy could be created again after its delete; it was not deleted';
  return { ...failure, message: `${why}: ${failure.message}` };
}

/** Deletes the copy. Returns a failure if it is still there. Where the answer does not tell, the object is read. */
async function remove(change: Replace, writing: Writing): Promise<Failure | undefined> {
  const deleted = await deleteCopy(writing, change, change.guard);
  if (deleted.ok && confirmsDelete(change, deleted.value)) return undefined;
  const failure: Failure = deleted.ok
    ? { reason: 'malformed-answer', message: 'the answer is not that of a delete' }
    : deleted.failure;
  if (failure.reason === 'not-found') return undefined;
  if (!mayHaveActed(failure)) return failure;
  const there = await readMeta(writing.connection, change, { mustFinish: true });
  const isGone = there.ok && (there.value === undefined || there.value.deletionTimestamp !== undefined);
  return isGone ? undefined : failure;
}

/** Creates the copy that was deleted. It goes on while the run is being stopped. */
async function recreate(change: Replace, origin: WriteSource, writing: Writing): Promise<WriteAttempt> {
  const sent = { source: origin.source, settings: writing.settings, created: true };
  for (let creates = 1; ; creates += 1) {
    const posted = await postCopy(writing, change, origin, { mustFinish: true });
    const end = posted.ok ? responseOutcome(change, sent, posted.value) : { unclear: posted.failure };
    if ('result' in end) return end;
    const failure = end.unclear;
    const skip = namespaceSkip(failure);
    if (skip !== undefined) return { result: skipped(skip) };
    const occupant = await readOccupant(change, origin, writing);
    if (typeof occupant === 'object') return { result: occupant };
    if (creates >= MOST_CREATES) return { result: failed(failure, occupant === 'vacant') };
    await writing.connection.pause(creates);
  }
}

/**
 * What is at the place of the copy: nothing, or the old copy, held by a finalizer. A result where it is something else:
 * our own create whose answer was lost, or an object that another client created meanwhile.
 */
async function readOccupant(
  change: Replace,
  { source }: WriteSource,
  { connection, settings }: Writing,
): Promise<WriteResult | 'vacant' | 'held'> {
  const there = await readBody(connection, change, { mustFinish: true });
  if (!there.ok || there.value === undefined) return 'vacant';
  if (there.value.deletionTimestamp !== undefined) return 'held';
  const decision = decideCopy({ namespace: change.namespace, source }, there.value, settings);
  return resultWithoutWrite(decision) ?? skipped('changed-meanwhile');
}
