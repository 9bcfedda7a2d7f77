import { readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { ContextRefusal } from '../../model/context-finding.ts';
import { codeOf, type Failure } from '../../model/failure.ts';
import { compareText } from '../../model/keys.ts';
import { type ChosenContext, isFields, pathOf, textOf } from './chosen-context.ts';
import type { ConnectOptions } from './connect-options.ts';
import { contextsIn, readKubeconfig } from './kubeconfig.ts';
import { type FileContent, readFiles } from './kubeconfig-files.ts';

/*
 * Which contexts do the remote kubeconfigs have, and which of them may be used (docs/design.md 11.3)? A user who can write
 * such a file must not gain the rights of the pod. So names are resolved inside their own file, and nothing outside its
 * directory is read or run.
 */

/** What remote kubeconfigs may hold in addition (`--remote-allow`). */
export interface RemoteAllowed {
  readonly exec: boolean;
  readonly insecure: boolean;
}

/** One context of a remote kubeconfig. */
export interface RemoteEntry {
  readonly context: string;
  readonly files: readonly string[];
  /** Undefined if it may not be used. */
  readonly chosen?: ChosenContext;
  readonly refused?: ContextRefusal;
  /** Why it cannot be used: it contradicts itself. */
  readonly failure?: Failure;
}

/** A file that could not be used as a whole. */
export interface BadFile {
  readonly file: string;
  readonly message: string;
}

/** All contexts of the remote kubeconfigs, sorted by name, and the files that could not be used. */
export interface RemoteKubeconfigs {
  readonly contexts: readonly RemoteEntry[];
  readonly bad: readonly BadFile[];
}

/** Reads the contexts of these files and directories. It reads no token, and connects to nothing. */
export function readRemoteKubeconfigs(
  paths: readonly string[],
  allowed: RemoteAllowed,
  { parseYaml, env }: Pick<ConnectOptions, 'parseYaml' | 'env'>,
): RemoteKubeconfigs {
  const bad: BadFile[] = [];
  const byName = new Map<string, RemoteEntry>();
  for (const file of paths.flatMap((path) => filesAt(path, bad))) {
    const read = readFiles([file], parseYaml);
    const [content] = read.ok ? read.value : [];
    if (!read.ok) bad.push({ file, message: read.failure.message });
    else if (content === undefined) bad.push({ file, message: 'it does not exist' });
    else for (const entry of entriesOf(content, allowed, { parseYaml, env })) addEntry(byName, entry);
  }
  return { contexts: [...byName.values()].toSorted((a, b) => compareText(a.context, b.context)), bad };
}

/** A name that two files have leads to no cluster: a merge would send Secrets to the wrong one. */
function addEntry(byName: Map<string, RemoteEntry>, entry: RemoteEntry): void {
  const { context } = entry;
  const before = byName.get(context);
  const files = [...(before?.files ?? []), ...entry.files];
  byName.set(context, before === undefined ? entry : { context, files, refused: 'two-files' });
}

/** The file itself, or the files in a directory. A mounted Secret has entries that begin with a dot: they are skipped. */
function filesAt(path: string, bad: BadFile[]): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((name) => !name.startsWith('.'));
    return names
      .toSorted(compareText)
      .map((name) => join(path, name))
      .filter((file) => statSync(file).isFile());
  } catch (error) {
    const code = codeOf(error);
    bad.push({
      file: path,
      message: code === 'ENOENT' ? 'it does not exist' : `it cannot be read (${code})`,
    });
    return [];
  }
}

function entriesOf(
  content: FileContent,
  allowed: RemoteAllowed,
  source: Pick<ConnectOptions, 'parseYaml' | 'env'>,
): readonly RemoteEntry[] {
  const { file } = content;
  return contextsIn(content).map((context): RemoteEntry => {
    const read = readKubeconfig({ ...source, kubeconfig: file, context });
    if (!read.ok) return { context, files: [file], failure: read.failure };
    const refused = refusalOf(read.value, allowed);
    return refused === undefined
      ? { context, files: [file], chosen: read.value }
      : { context, files: [file], refused };
  });
}

/** Why a context may not be used. Undefined if it may. */
function refusalOf(chosen: ChosenContext, { exec, insecure }: RemoteAllowed): ContextRefusal | undefined {
  const { cluster, user } = chosen;
  const runsProgram = isFields(user.fields['exec']) || isFields(user.fields['auth-provider']);
  if (runsProgram && !exec) return 'exec';
  const isPlain = textOf(cluster.fields['server'])?.toLowerCase().startsWith('https://') !== true;
  const skipsVerify = cluster.fields['insecure-skip-tls-verify'] === true;
  if ((isPlain || skipsVerify) && !insecure) return 'insecure';
  return namedFiles(chosen).some((path) => !isBelow(path, dirname(chosen.file))) ? 'file-outside' : undefined;
}

/** The paths of all files that a context names. */
function namedFiles({ cluster, user }: ChosenContext): readonly string[] {
  return [
    pathOf(cluster, 'certificate-authority'),
    pathOf(user, 'client-certificate'),
    pathOf(user, 'client-key'),
    pathOf(user, 'tokenFile'),
  ].filter((path) => path !== undefined);
}

/** Whether a file is in a directory or below it, also after its links are followed: a mounted Secret consists of links. */
function isBelow(path: string, directory: string): boolean {
  if (!isInside(join(path), join(directory))) return false;
  try {
    return isInside(realpathSync(path), realpathSync(directory));
  } catch {
    // It does not exist: reading it fails with a message that names it.
    return true;
  }
}

function isInside(path: string, directory: string): boolean {
  return path.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}
