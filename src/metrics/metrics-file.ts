import { randomBytes } from 'node:crypto';
import { chmod, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf } from '../model/failure.ts';
import type { PublishProblem } from '../model/run-report.ts';

/**
 * Writes a file as a whole, so that a collector never reads a part of it: first a temporary file, then a rename. `textOf`
 * gets the text that was there before. Collectors ignore the name of the temporary file.
 */
export async function writeMetrics(
  file: string,
  textOf: (before: string | undefined) => string,
): Promise<PublishProblem | undefined> {
  const beside = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const text = textOf(await readBefore(file));
    await writeFile(beside, text, { flag: 'wx' });
    // A umask may forbid reading, but a collector runs as another user.
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
