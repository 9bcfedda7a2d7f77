import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import { codeOf } from '../model/error-code.ts';

/** Takes an answer piece by piece. */
export interface Intake {
  readonly take: (piece: Buffer) => void;
  /** What the whole answer says. */
  readonly end: () => unknown;
}

/**
 * The first value of a header, its name in lower case. `headers` would make an object of them all, which takes longer than
 * all else that is done with the answer to a write.
 */
export function headerOf({ rawHeaders }: IncomingMessage, name: string): string | undefined {
  for (let place = 0; place < rawHeaders.length; place += 2) {
    const its = rawHeaders[place];
    if (its?.length === name.length && its.toLowerCase() === name) return rawHeaders[place + 1];
  }
  return undefined;
}

/** Whether the body of an answer is gzipped. */
export function isZipped(response: IncomingMessage): boolean {
  return headerOf(response, 'content-encoding') === 'gzip';
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
  const { take, end } = guard(intake);
  const unzipped = isZipped(response) ? createGunzip({ chunkSize: PIECE }) : undefined;
  let bytes = 0;
  const finish = (): void => done(end(), bytes);
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (unzipped === undefined) take(chunk);
  });
  response.on('error', (error) => {
    fail(error);
    unzipped?.destroy();
  });
  if (unzipped === undefined) response.on('end', finish);
  else response.pipe(unzipped).on('data', take).on('error', fail).on('end', finish);
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
