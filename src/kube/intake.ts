import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import { codeOf } from '../core/error-code.ts';

/** Takes an answer piece by piece. */
export interface Intake {
  readonly take: (piece: Buffer) => void;
  /** What the whole answer says. */
  readonly end: () => unknown;
}

/** Whether the body of an answer is gzipped. */
export function isZipped({ headers }: IncomingMessage): boolean {
  return headers['content-encoding'] === 'gzip';
}

/** Larger than zlib's own 16 KB, since each piece costs a turn of the event loop; small enough to stay in a cache. */
const PIECE = 64 * 1024;

/** Reads an answer by an intake; `done` gets undefined where the intake could make no sense of it. */
export function readPieces(
  response: IncomingMessage,
  intake: Intake,
  fail: (error: Error) => void,
  done: (taken: unknown, bytes: number) => void,
): void {
  const pieces = isZipped(response) ? response.pipe(createGunzip({ chunkSize: PIECE })) : response;
  const guarded = guard(intake);
  let bytes = 0;
  response.on('data', (chunk: Buffer) => (bytes += chunk.length));
  response.on('error', (error) => {
    fail(error);
    pieces.destroy();
  });
  pieces.on('data', guarded.take);
  pieces.on('error', fail);
  pieces.on('end', () => done(guarded.end(), bytes));
}

/** No JSON, or longer than a string can be (V8: 512 MB) where all of it has to be one. */
function isUnreadable(error: unknown): boolean {
  return error instanceof SyntaxError || codeOf(error) === 'ERR_STRING_TOO_LONG';
}

/** An intake that stops at the first piece that it can make no sense of, and then gives undefined. */
function guard(intake: Intake): Intake {
  let isLost = false;
  const attempt = <T>(act: () => T): T | undefined => {
    try {
      return isLost ? undefined : act();
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      isLost = true;
      return undefined;
    }
  };
  return { take: (piece) => attempt(() => intake.take(piece)), end: () => attempt(() => intake.end()) };
}
