import { readFile, stat } from 'node:fs/promises';
import { codeOf } from '../model/failure.ts';
import type { PublishProblem } from '../model/run-report.ts';
import { writeFileAtomically } from '../util/write-file.ts';

/** The collector runs as another user, so the file must be readable for all. */
const MODE = 0o644;

/**
 * Writes the metrics file completely or not at all, so a collector never reads half of it. `textOf` gets the old text,
 * if there is one. Returns the problem, if there was one.
 */
export async function writeMetrics(
  file: string,
  textOf: (before: string | undefined) => string,
): Promise<PublishProblem | undefined> {
  try {
    await writeFileAtomically(file, textOf(await readBefore(file)), MODE);
    return undefined;
  } catch (error) {
    return { at: 'metrics-file', file, code: codeOf(error) };
  }
}

/** Returns the old text. Throws if the path is not a file, because a rename over /dev/null would destroy it. */
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
