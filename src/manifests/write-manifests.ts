import { createHash } from 'node:crypto';
import { lstat, mkdir, open, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import type { ManifestProblem } from '../model/manifest.ts';
import type { RenderedCopy } from '../plan/preview/render-copies.ts';
import { compareText } from '../model/keys.ts';
import { writeFileAtomically } from '../util/write-file.ts';
import { attempt } from './files.ts';
import { Trouble } from './manifest-error.ts';

/** Begins every copy that is rendered: for people, and to know such files again. */
const HEAD = '# A copy of ';

/** One copy as a YAML document. Lines are not folded, so that a commit shows what changed and no more. */
export function yamlOf({ kind, origin, body }: RenderedCopy): string {
  const head = `${HEAD}${kind} ${origin.namespace}/${origin.name} by kubed-sync render: change the source, not this.`;
  return `${head}\n${dump(body, { lineWidth: -1, noRefs: true })}`;
}

/** All copies as one stream. */
export function yamlStream(copies: readonly RenderedCopy[]): string {
  return copies.map((copy) => `---\n${yamlOf(copy)}`).join('');
}

const LONGEST_NAME = 100;
const HASH_DIGITS = 16;

/**
 * The file of a copy. Namespaces and names hold neither `_` nor `/` nor `..`, so that no two copies share one and none
 * leaves its folder. A name that is too long for a file system is cut and gets a hash.
 */
export function fileNameOf({ kind, namespace, name }: RenderedCopy): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_DIGITS);
  const short = name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME)}_${hash}`;
  return `${namespace}_${kind.toLowerCase()}_${short}.yaml`;
}

/** What became of a folder. */
export interface FilesWritten {
  /** Files that are new or other than they were. */
  readonly changed: number;
  readonly unchanged: number;
  /** Files that an earlier run wrote and this one did not. They stay: an option must not cause a delete. */
  readonly left: readonly string[];
}

/** Either what became of the folder or what went wrong with which file. */
export type Writing =
  | { readonly ok: true; readonly value: FilesWritten }
  | { readonly ok: false; readonly problem: ManifestProblem };

/** Writes one file per copy. A file that is as it should be is not touched, a link is replaced and not followed. */
export async function writeFiles(folder: string, copies: readonly RenderedCopy[]): Promise<Writing> {
  try {
    await attempt(folder, mkdir(folder, { recursive: true }));
    let changed = 0;
    for (const copy of copies) if (await writeOne(join(folder, fileNameOf(copy)), yamlOf(copy))) changed += 1;
    const left = await leftIn(folder, new Set(copies.map(fileNameOf)));
    return { ok: true, value: { changed, unchanged: copies.length - changed, left } };
  } catch (error) {
    if (error instanceof Trouble) return { ok: false, problem: error.problem };
    throw error;
  }
}

async function writeOne(file: string, text: string): Promise<boolean> {
  const there = await lstat(file).catch(() => undefined);
  if (there?.isFile() && (await attempt(file, readFile(file, 'utf8'))) === text) return false;
  await attempt(file, writeFileAtomically(file, text));
  return true;
}

const FILE_NAME = /^[-a-z0-9]+_(?:configmap|secret)_[-a-z0-9._]+\.yaml$/;

async function leftIn(folder: string, written: ReadonlySet<string>): Promise<readonly string[]> {
  const names = await attempt(folder, readdir(folder));
  const left: string[] = [];
  for (const name of names.toSorted(compareText)) {
    if (!written.has(name) && FILE_NAME.test(name) && (await isRendered(join(folder, name)))) left.push(name);
  }
  return left;
}

async function isRendered(file: string): Promise<boolean> {
  if (!(await lstat(file)).isFile()) return false;
  const handle = await attempt(file, open(file));
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD.length));
    return buffer.toString('utf8', 0, bytesRead) === HEAD;
  } finally {
    await handle.close();
  }
}
