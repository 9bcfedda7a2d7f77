import type { Failure } from '../../model/failure.ts';
import type { Finding } from '../../model/finding.ts';
import type { Outcome, SkipReason } from '../../model/run-report.ts';

/** How one change ended, and the findings that came with it. */
export interface WriteResult {
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
  /** It was rejected because of its size. */
  readonly tooLarge?: boolean;
  /** The answer lacks marks that were sent. */
  readonly marksLost?: boolean;
}

/** The end of one attempt at a write: a result, or a failure after which the object has to be read again. */
export type WriteAttempt =
  | { readonly result: WriteResult }
  /** The object is not as the decision assumed, or it is unknown whether the write took effect. */
  | { readonly unclear: Failure };

const NOTHING: readonly Finding[] = [];

/** The write took effect. */
export function done(findings: readonly Finding[] = NOTHING, waitsForFinalizers = false): WriteResult {
  return { outcome: { outcome: 'done', ...(waitsForFinalizers && { waitsForFinalizers }) }, findings };
}

/** The write was not sent, on purpose. */
export function skipped(why: SkipReason, findings: readonly Finding[] = NOTHING): WriteResult {
  return { outcome: { outcome: 'skipped', why }, findings };
}

/** The write failed. `missing`: the copy was deleted and could not be created again. */
export function failed({ reason, message, status, withheld }: Failure, missing = false): WriteResult {
  return {
    outcome: {
      outcome: 'failed',
      // Without a status the connection failed, and the message is a bare code.
      message: status === undefined ? `${reason}: ${message}` : message,
      ...(withheld && { withheld }),
      ...(status !== undefined && { status }),
      ...(missing && { missing }),
    },
    findings: NOTHING,
    ...(reason === 'too-large' && { tooLarge: true }),
  };
}

/** Why a write is skipped whose namespace is terminating or gone: the copy goes with it, nothing is wrong. */
export function namespaceSkip({ reason }: Failure): SkipReason | undefined {
  return reason === 'namespace-terminating' || reason === 'namespace-gone' ? reason : undefined;
}

/** The result of a failed request, or `unclear` where only a read of the object can tell (docs/design.md 6). */
export function failureOutcome(failure: Failure, stopReason: SkipReason | undefined): WriteAttempt {
  const skip = namespaceSkip(failure) ?? (failure.reason === 'stopped' ? stopReason : undefined);
  if (skip !== undefined) return { result: skipped(skip) };
  return isUnclear(failure) ? { unclear: failure } : { result: failed(failure) };
}

function isUnclear({ reason, status = 0, afterLost = false }: Failure): boolean {
  if (afterLost && status >= 400 && status < 500) return true;
  if (reason === 'malformed-answer') return status < 300;
  return reason === 'conflict' || reason === 'already-exists' || reason === 'not-found';
}
