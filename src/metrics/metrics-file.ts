import { randomBytes } from 'node:crypto';
import { chmod, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../model/failure.ts';
import type { PublishProblem } from '../model/run-report.ts';

/**
 * Writes a file whole or not at all, so that a collector never reads a half of it: beside the old one, then in its place.
 * `textOf` gets what was there before, if it was a file. The other one's name does not end as collectors look for.
 */
export async function writeMetrics(
  file: string,
  textOf: (before: string | undefined) => string,
): Promise<PublishProblem | undefined> {
  const beside = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const text = textOf(await readBefore(file));
    await writeFile(beside, text, { flag: 'wx' });
    // What a umask took away: a collector runs as somebody else.
    await chmod(beside, 0o644);
    await rename(beside, file);
    return undefined;
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    return { at: 'metrics-file', file, code: codeOf(error) };
  }
}

/** Something other than a file, such as /dev/null, must not be renamed over. */
async function readBefore(file: string): Promise<string | undefined> {
  const there = await stat(file).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (there === undefined) return undefined;
  if (!there.isFile()) throw new NotAFileError();
  return readFile(file, 'utf8').catch(() => undefined);
}

class NotAFileError extends Error {
  readonly code = 'it is not a file';
}
