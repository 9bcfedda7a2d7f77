import { constants } from 'node:buffer';
import { createReadStream, type Stats } from 'node:fs';
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import type { ManifestTrouble } from '../model/manifest.ts';
import { compareText } from '../model/keys.ts';
import { Trouble } from './manifest-error.ts';

/** Bytes as they come. */
export type Bytes = AsyncIterable<Uint8Array>;

/** One text to read manifests from, with the name that complaints call it by. */
export interface Text {
  readonly file: string;
  readonly source: string;
}

const STDIN = '-';
const MANIFEST = /\.(?:ya?ml|json)$/;

/** More than people write by hand, many times over. What a large cluster prints comes through a pipe. */
const FILE_LIMIT = 10 * 1024 * 1024;

/**
 * The texts of all that `-f` names, one after the other. A file that is named twice, or found by two ways, is read
 * once. In directories what begins with a dot is left out, as it is in the volumes of a pod and in a Git repository.
 */
export async function* readTexts(filenames: readonly string[], stdin: Bytes): AsyncGenerator<Text> {
  const seen = new Set<string>();
  for (const filename of new Set(filenames)) {
    if (filename === STDIN) yield textOf('stdin', await collect('stdin', stdin));
    else yield* readNamed(filename, seen);
  }
}

async function* readNamed(filename: string, seen: Set<string>): AsyncGenerator<Text> {
  const info = await attempt(filename, stat(filename));
  if (info.isDirectory()) yield* readDirectory(filename, new Set(), seen);
  else if (info.isFile()) yield* readRegular(filename, info, seen);
  else yield textOf(filename, await attempt(filename, collect(filename, createReadStream(filename))));
}

async function* readDirectory(
  path: string,
  above: ReadonlySet<string>,
  seen: Set<string>,
): AsyncGenerator<Text> {
  const real = await attempt(path, realpath(path));
  if (above.has(real)) throw troubleWith(path, { code: 'link-cycle' });
  if (seen.has(real)) return;
  seen.add(real);
  const names = await attempt(path, readdir(path));
  for (const name of names.toSorted(compareText)) {
    if (!name.startsWith('.')) yield* readEntry(join(path, name), new Set([...above, real]), seen);
  }
}

/** In a directory nothing is read that is no regular file: a pipe there would wait for ever. */
async function* readEntry(path: string, above: ReadonlySet<string>, seen: Set<string>): AsyncGenerator<Text> {
  const isManifest = MANIFEST.test(path);
  const info = isManifest ? await attempt(path, stat(path)) : await stat(path).catch(() => undefined);
  if (info?.isDirectory()) yield* readDirectory(path, above, seen);
  else if (info?.isFile() && isManifest) yield* readRegular(path, info, seen);
}

async function* readRegular(path: string, { size }: Stats, seen: Set<string>): AsyncGenerator<Text> {
  const real = await attempt(path, realpath(path));
  if (seen.has(real)) return;
  seen.add(real);
  if (size > FILE_LIMIT) throw tooLarge(path, size, FILE_LIMIT);
  yield textOf(path, await attempt(path, readFile(path)));
}

async function collect(file: string, bytes: Bytes): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > constants.MAX_STRING_LENGTH) throw tooLarge(file, size, constants.MAX_STRING_LENGTH);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function textOf(file: string, bytes: Buffer): Text {
  try {
    return { file, source: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    throw troubleWith(file, { code: 'not-utf8' }, 1);
  }
}

/** Waits for the file system; what it refuses is told in its own words. */
export async function attempt<T>(file: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof Trouble || !(error instanceof Error)) throw error;
    const { code = '', errno = 0 }: NodeJS.ErrnoException = error;
    if (code === 'ELOOP') throw troubleWith(file, { code: 'link-cycle' });
    throw troubleWith(file, { code: 'unreadable', message: getSystemErrorMap().get(errno)?.[1] ?? code });
  }
}

function tooLarge(file: string, bytes: number, limit: number): Trouble {
  return troubleWith(file, { code: 'file-too-large', bytes, limit }, 1);
}

function troubleWith(file: string, trouble: ManifestTrouble, line?: number): Trouble {
  return new Trouble({ at: { file, ...(line !== undefined && { line }) }, trouble });
}
