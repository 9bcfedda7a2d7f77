import { constants } from 'node:buffer';
import { type Dirent, createReadStream, type Stats } from 'node:fs';
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import type { ManifestProblem, ManifestIssue } from '../model/manifest.ts';
import { compareText } from '../model/keys.ts';
import { ManifestError } from './manifest-error.ts';

/** A stream of bytes. */
export type Bytes = AsyncIterable<Uint8Array>;

/** The text of one file. Problems call it by `file`. */
export interface Text {
  readonly file: string;
  readonly source: string;
  /** It was found in a directory, so it may not be a manifest. */
  readonly isFound: boolean;
  /** Some bytes were not UTF-8 and were replaced, as kubectl does. */
  readonly isRepaired: boolean;
}

/** A text, or why it could not be read. */
export type TextResult = Text | ManifestProblem;

const STDIN = '-';
const MANIFEST = /\.(?:ya?ml|json)$/;

/** It contains no manifests, but a branch can have the name of a manifest file. */
const NEVER_READ = '.git';

/** Much more than people write by hand. The dump of a large cluster comes through a pipe, which has no such limit. */
const FILE_LIMIT = 10 * 1024 * 1024;

/**
 * Yields the texts that `-f` names, in the order of kubectl. In a directory, it reads files that end in `.json`,
 * `.yaml` or `.yml`; with `recursive`, also in the directories below. It does not follow a link to a directory. It
 * reads no file twice. After an unreadable file, it goes on with the next one.
 */
export async function* readTexts(
  filenames: readonly string[],
  stdin: Bytes,
  recursive: boolean,
): AsyncGenerator<TextResult> {
  const walk = new Walk(recursive);
  for (const filename of new Set(filenames)) {
    if (filename === STDIN) yield* orProblem(textOf('stdin', collect('stdin', stdin), false));
    else yield* walk.named(filename);
  }
}

/** Reads files and directories, each file once. */
class Walk {
  readonly #recursive: boolean;
  readonly #seen = new Set<string>();

  constructor(recursive: boolean) {
    this.#recursive = recursive;
  }

  async *named(path: string): AsyncGenerator<TextResult> {
    const info = await caught(attempt(path, stat(path)));
    if ('issue' in info) yield info;
    else if (info.isDirectory()) yield* this.#directory(path);
    else if (info.isFile()) yield* this.#regular(path, info, false);
    else yield* orProblem(textOf(path, collect(path, createReadStream(path)), false));
  }

  async *#directory(path: string): AsyncGenerator<TextResult> {
    const entries = await caught(attempt(path, readdir(path, { withFileTypes: true })));
    if ('issue' in entries) return yield entries;
    for (const entry of entries.toSorted((a, b) => compareText(a.name, b.name)))
      yield* this.#entry(join(path, entry.name), entry);
  }

  /** Reads only regular files of a directory: a pipe there could wait for ever. */
  async *#entry(path: string, entry: Dirent): AsyncGenerator<TextResult> {
    if (entry.isDirectory()) {
      if (this.#recursive && entry.name !== NEVER_READ) yield* this.#directory(path);
    } else if (MANIFEST.test(path)) {
      const info = await caught(attempt(path, stat(path)));
      if ('issue' in info) yield info;
      else if (info.isFile()) yield* this.#regular(path, info, true);
    }
  }

  async *#regular(path: string, { size }: Stats, isFound: boolean): AsyncGenerator<TextResult> {
    const real = await caught(attempt(path, realpath(path)));
    if (typeof real !== 'string') return yield real;
    if (this.#seen.has(real)) return;
    this.#seen.add(real);
    if (size > FILE_LIMIT) yield tooLarge(path, size, FILE_LIMIT).problem;
    else yield* orProblem(textOf(path, attempt(path, readFile(path)), isFound));
  }
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

/** Decodes bytes as kubectl does: UTF-16 with a byte order mark, otherwise UTF-8. Invalid bytes are replaced. */
async function textOf(file: string, reading: Promise<Buffer>, isFound: boolean): Promise<Text> {
  const bytes = await attempt(file, reading);
  const encoding = encodingOf(bytes);
  const source = new TextDecoder(encoding).decode(bytes);
  const isRepaired = source.includes('\uFFFD') && !isValid(bytes, encoding);
  return { file, source, isFound, isRepaired };
}

function encodingOf([first, second]: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}

function isValid(bytes: Buffer, encoding: string): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

async function* orProblem(reading: Promise<Text>): AsyncGenerator<TextResult> {
  yield await caught(reading);
}

async function caught<T>(promise: Promise<T>): Promise<T | ManifestProblem> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof ManifestError) return error.problem;
    throw error;
  }
}

/** Waits for the file system. Turns its error into a {@link ManifestError} with the message of the system. */
export async function attempt<T>(file: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof ManifestError || !(error instanceof Error)) throw error;
    const { code = '', errno = 0 }: NodeJS.ErrnoException = error;
    if (code === 'ELOOP') throw manifestError(file, { code: 'link-cycle' });
    throw manifestError(file, { code: 'unreadable', message: getSystemErrorMap().get(errno)?.[1] ?? code });
  }
}

function tooLarge(file: string, bytes: number, limit: number): ManifestError {
  return manifestError(file, { code: 'file-too-large', bytes, limit }, 1);
}

function manifestError(file: string, issue: ManifestIssue, line?: number): ManifestError {
  return new ManifestError({ at: { file, ...(line !== undefined && { line }) }, issue });
}
