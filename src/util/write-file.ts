import { randomBytes } from 'node:crypto';
import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes a file completely or not at all: first a temporary file in the same folder, then a rename. A link is replaced
 * and not followed. `mode` sets the permissions, whatever the umask is.
 *
 * @throws the error of the file system. Then the old file is as it was.
 */
export async function writeFileAtomically(file: string, text: string, mode?: number): Promise<void> {
  const temporary = join(dirname(file), `.kubed-sync-${randomBytes(8).toString('hex')}.tmp`);
  try {
    await writeFile(temporary, text, { flag: 'wx' });
    if (mode !== undefined) await chmod(temporary, mode);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}
