import { createHash } from 'node:crypto';
import { lstat, mkdir, open, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_SCALAR_STYLE_RULES, dump, SCALAR_STYLE, type ScalarStyleRule } from 'js-yaml';
import type { ManifestProblem } from '../model/manifest.ts';
import type { RenderedCopy } from '../plan/preview/render-copies.ts';
import { compareText } from '../model/keys.ts';
import { writeFileAtomically } from '../util/write-file.ts';
import { attempt } from './files.ts';
import { ManifestError } from './manifest-error.ts';
import { resolveScalar } from './yaml/resolve.ts';

/** The first line of every rendered copy begins with it. It marks the files of earlier runs. */
const HEAD = '# A copy of ';

/**
 * Quotes a text that kubectl would read as something else. The library knows YAML 1.2, kubectl reads YAML 1.1:
 * unquoted, the key `-_0` is the number 0, and `0o17` is 15.
 */
const quoteForKubectl: ScalarStyleRule = (layout) => {
  const { tag, value: text } = layout.node;
  if (layout.style !== SCALAR_STYLE.PLAIN || tag !== 'tag:yaml.org,2002:str') return;
  if (resolveScalar({ text, plain: true, tag: '' }) !== text) layout.style = SCALAR_STYLE.SINGLE_QUOTED;
};

const DUMP_OPTIONS = {
  lineWidth: -1,
  noRefs: true,
  scalarStyleRules: [...Object.values(DEFAULT_SCALAR_STYLE_RULES), quoteForKubectl],
};

/** Returns one copy as a YAML document. Lines are not folded, so that a commit shows only what changed. */
function yamlOf({ kind, origin, body }: RenderedCopy): string {
  const head = `${HEAD}${kind} ${origin.namespace}/${origin.name} by kubed-sync render. Change the source, not this file.`;
  return `${head}\n${dump(body, DUMP_OPTIONS)}`;
}

/** Returns all copies as one stream of documents. */
export function yamlStream(copies: readonly RenderedCopy[]): string {
  return copies.map((copy) => `---\n${yamlOf(copy)}`).join('');
}

const MAX_NAME_LENGTH = 100;
const HASH_DIGITS = 16;

/**
 * Returns the file name of a copy: `NAMESPACE_KIND_NAME.yaml`. Namespaces and names have no `_` and no `/`, so no two
 * copies share a file, and none leaves the folder. A name that is too long is cut and gets a hash.
 */
function fileNameOf({ kind, namespace, name }: RenderedCopy): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_DIGITS);
  const short = name.length <= MAX_NAME_LENGTH ? name : `${name.slice(0, MAX_NAME_LENGTH)}_${hash}`;
  return `${namespace}_${kind.toLowerCase()}_${short}.yaml`;
}

/** What was written to a folder. */
export interface FilesWritten {
  /** Files that are new or have new content. */
  readonly changed: number;
  readonly unchanged: number;
  /** Files that an earlier run wrote and this run did not. They are not deleted: an option must not cause a delete. */
  readonly left: readonly string[];
}

/** What was written, or which file could not be written. */
export type WriteResult =
  | { readonly ok: true; readonly value: FilesWritten }
  | { readonly ok: false; readonly problem: ManifestProblem };

/** Writes one file per copy. A file that is up to date is not written. A link is replaced, not followed. */
export async function writeFiles(folder: string, copies: readonly RenderedCopy[]): Promise<WriteResult> {
  try {
    await attempt(folder, mkdir(folder, { recursive: true }));
    let changed = 0;
    for (const copy of copies) if (await writeOne(join(folder, fileNameOf(copy)), yamlOf(copy))) changed += 1;
    const left = await leftIn(folder, new Set(copies.map(fileNameOf)));
    return { ok: true, value: { changed, unchanged: copies.length - changed, left } };
  } catch (error) {
    if (error instanceof ManifestError) return { ok: false, problem: error.problem };
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
