import { lstat, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { bodyOf } from '../model/manifest.ts';
import type { Body } from '../model/objects.ts';
import { compareText } from '../model/keys.ts';
import type { Bytes } from './files.ts';
import { attempt } from './files.ts';
import { readManifests } from './read-manifests.ts';
import { COPY_HEAD, fileNameOf } from './write-manifests.ts';

const FILE_NAME = /^[-a-z0-9]+_(?:configmap|secret)_[-a-z0-9._]+\.yaml$/;

/**
 * Returns the files of a folder that earlier runs of `render` wrote and that hold a stale copy, by name. Name, first
 * line and content of a file must all be those of a rendered copy. Links and folders never are.
 */
export async function findStaleFiles(
  folder: string,
  isStale: (copy: Body) => boolean,
): Promise<readonly string[]> {
  const names = await attempt(folder, readdir(folder));
  const stale: string[] = [];
  for (const name of names.toSorted(compareText)) {
    const copy = FILE_NAME.test(name) ? await readCopy(folder, name) : undefined;
    if (copy !== undefined && isStale(copy)) stale.push(name);
  }
  return stale;
}

/** Deletes files of a folder. */
export async function deleteFiles(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) await attempt(join(folder, name), unlink(join(folder, name)));
}

/** Returns the copy in a file. Undefined if the file holds anything else, or more than one object. */
async function readCopy(folder: string, name: string): Promise<Body | undefined> {
  const file = join(folder, name);
  if (!(await lstat(file)).isFile() || !(await beginsAsCopy(file))) return undefined;
  const read = await readManifests([file], NO_STDIN, { needsValues: true });
  if (!read.ok) return undefined;
  const { objects, namespaces, ignored, problems, warnings, makers } = read.value;
  const [copy, ...others] = objects;
  const isMore = [others, namespaces, [...ignored], problems, warnings, makers].some(
    ({ length }) => length > 0,
  );
  return copy === undefined || isMore || fileNameOf(copy) !== name ? undefined : bodyOf(copy);
}

async function beginsAsCopy(file: string): Promise<boolean> {
  const handle = await attempt(file, open(file));
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(COPY_HEAD.length));
    return buffer.toString('utf8', 0, bytesRead) === COPY_HEAD;
  } finally {
    await handle.close();
  }
}

/** No file name is `-`. */
const NO_STDIN: Bytes = (async function* none(): AsyncGenerator<Uint8Array> {})();
