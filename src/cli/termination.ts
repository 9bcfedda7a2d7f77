import { writeFileSync } from 'node:fs';
import { codeOf } from '../core/error-code.ts';
import { withinBytes } from '../report/within-bytes.ts';
import type { Log } from './log.ts';

/** What Kubernetes reads of a termination message (Kubernetes: ContainerStateTerminated, "message"). */
const MOST_BYTES = 4096;

/**
 * Writes how the run ended for `kubectl describe pod`, in place: the file is a mount that cannot be renamed over. One
 * that cannot be written is complained of and changes no exit code: the message is about the run, and the run is done.
 */
export function writeTermination(file: string | undefined, message: string, log: Log): void {
  if (file === undefined) return;
  try {
    writeFileSync(file, withinBytes(message, MOST_BYTES));
  } catch (error) {
    log.say('error', `The termination message cannot be written to ${file}: ${codeOf(error)}.`);
  }
}
