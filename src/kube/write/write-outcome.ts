import type { Failure } from '../../model/failure.ts';
import type { Finding } from '../../model/finding.ts';
import type { Outcome, SkipReason } from '../../model/run-report.ts';

/** What became of one change, with what came up on the way. */
export interface WriteResult {
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
  /** It was refused because of its size. */
  readonly tooLarge?: boolean;
}

/** The end of an attempt at a write: settled, or to be decided again by what is there now. */
export type WriteAttempt =
  | { readonly settled: WriteResult }
  /** The object is not as the decision took it to be, or nobody knows whether the write was carried out. */
  | { readonly unsettled: Failure };

const NOTHING: readonly Finding[] = [];

/** It was carried out. */
export function done(findings: readonly Finding[] = NOTHING, waitsForFinalizers = false): WriteResult {
  return { outcome: { outcome: 'done', ...(waitsForFinalizers && { waitsForFinalizers }) }, findings };
}

/** It was left undone on purpose. */
export function skipped(why: SkipReason, findings: readonly Finding[] = NOTHING): WriteResult {
  return { outcome: { outcome: 'skipped', why }, findings };
}

/** It failed; `missing` where the copy was deleted and could not be made anew. */
export function failed({ reason, message, status }: Failure, missing = false): WriteResult {
  return {
    outcome: {
      outcome: 'failed',
      // Without a status it is the connection's trouble, whose message is a bare code.
      message: status === undefined ? `${reason}: ${message}` : message,
      ...(status !== undefined && { status }),
      ...(missing && { missing }),
    },
    findings: NOTHING,
    ...(reason === 'too-large' && { tooLarge: true }),
  };
}

/** A namespace on its way out takes its copies with it: nothing went wrong (design section 5). */
export function namespaceSkip({ reason }: Failure): SkipReason | undefined {
  return reason === 'namespace-terminating' || reason === 'namespace-gone' ? reason : undefined;
}

/** Settles what a refusal settles, and leaves open what only a look at the object can tell (design section 5). */
export function failureOutcome(failure: Failure, whileStopping: SkipReason | undefined): WriteAttempt {
  const skip = namespaceSkip(failure) ?? (failure.reason === 'stopped' ? whileStopping : undefined);
  if (skip !== undefined) return { settled: skipped(skip) };
  return isUnsettled(failure) ? { unsettled: failure } : { settled: failed(failure) };
}

function isUnsettled({ reason, status = 0, afterLost = false }: Failure): boolean {
  if (afterLost && status >= 400 && status < 500) return true;
  if (reason === 'malformed-answer') return status < 300;
  return reason === 'conflict' || reason === 'already-exists' || reason === 'not-found';
}
