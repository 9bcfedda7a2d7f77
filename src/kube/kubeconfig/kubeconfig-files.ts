import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { codeOf, type Failure, type Result } from '../../model/failure.ts';
import type { ConnectOptions } from './connect-options.ts';
import { type Fields, isFields } from './chosen-context.ts';
import { shapeProblem } from './kubeconfig-shape.ts';

type Env = ConnectOptions['env'];

/** What one file of the kubeconfig holds; an empty file holds nothing. */
export interface FileContent {
  readonly file: string;
  readonly directory: string;
  readonly fields: Fields;
  readonly isEmpty: boolean;
}

/** The files that are named, by `--kubeconfig` or else by `KUBECONFIG`. */
export function namedFiles(kubeconfig: string | undefined, env: Env): readonly string[] {
  if (kubeconfig !== undefined) return [kubeconfig];
  return [...new Set((env['KUBECONFIG'] ?? '').split(delimiter))].filter((file) => file !== '');
}

/** `~/.kube/config`. */
export function defaultFile(env: Env): string {
  return join(env['HOME'] || homeOfUser(), '.kube', 'config');
}

/** In a container the user often has a number and no name, and so no home: the root has no kubeconfig either. */
function homeOfUser(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}

/** Reads the files that exist, in their order. The first one that cannot be used ends it, as in kubectl. */
export function readFiles(
  files: readonly string[],
  parseYaml: ConnectOptions['parseYaml'],
): Result<readonly FileContent[]> {
  const contents: FileContent[] = [];
  for (const file of files) {
    const text = readText(file);
    if (text === undefined) continue;
    const fields =
      typeof text === 'string' ? parse(text, parseYaml) : `it cannot be read (${text.unreadable})`;
    if (typeof fields === 'string') return { ok: false, failure: badFile(fields, file) };
    const isEmpty = fields === undefined;
    contents.push({ file, directory: dirname(file), fields: fields ?? {}, isEmpty });
  }
  return { ok: true, value: contents };
}

function badFile(message: string, subject: string): Failure {
  return { reason: 'bad-kubeconfig', message, subject };
}

/** Undefined is a file that is not there. */
function readText(file: string): string | { readonly unreadable: string } | undefined {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/u, '');
  } catch (error) {
    const code = codeOf(error, 'unknown error');
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { unreadable: code };
  }
}

/** The mapping in the file, or what is wrong with it: never a piece of the text, which holds credentials. */
function parse(text: string, parseYaml: ConnectOptions['parseYaml']): Fields | string | undefined {
  try {
    const value = parseYaml(text);
    if (value === null || value === undefined) return undefined;
    if (!isFields(value)) return 'it holds no mapping with clusters, users and contexts';
    return shapeProblem(value) ?? value;
  } catch (error) {
    return `it is not valid YAML${placeOf(error)}`;
  }
}

function placeOf(error: unknown): string {
  const mark: unknown = error instanceof Error && 'mark' in error ? error.mark : undefined;
  if (!isFields(mark) || typeof mark['line'] !== 'number') return '';
  return ` (line ${mark['line'] + 1})`;
}
