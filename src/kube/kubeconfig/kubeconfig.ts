import { delimiter } from 'node:path';
import type { Failure, FailureReason, Result } from '../../model/failure.ts';
import type { ConnectOptions } from './connect-options.ts';
import { type FileContent, defaultFile, namedFiles, readFiles } from './kubeconfig-files.ts';
import { type ChosenContext, type Entry, type Fields, isFields, textOf } from './chosen-context.ts';
import { podAccess, whyNoPodAccess } from './pod-access.ts';

/** Several files merged; of one name the first entry counts (Kubernetes: "Merging kubeconfig files"). */
interface Merged {
  readonly clusters: Map<string, Entry>;
  readonly users: Map<string, Entry>;
  readonly contexts: Map<string, Entry>;
  currentContext: string;
}

type Source = Pick<ConnectOptions, 'kubeconfig' | 'context' | 'env' | 'parseYaml'>;

/**
 * Finds and reads the kubeconfig in kubectl's order: `--kubeconfig`, `KUBECONFIG` (several files merged),
 * `~/.kube/config`, the pod's service account. A file that is named and not there is an error, not a reason to go on.
 */
export function readKubeconfig(source: Source, podDirectory?: string): Result<ChosenContext> {
  const named = namedFiles(source.kubeconfig, source.env);
  const files = named.length > 0 ? named : [defaultFile(source.env)];
  const read = readFiles(files, source.parseYaml);
  if (!read.ok) return read;
  const contents = read.value;
  if (contents.some(({ isEmpty }) => !isEmpty)) return fromFiles(contents, source);
  if (named.length > 0) {
    if (contents.length > 0) return refuse('bad-kubeconfig', 'the file is empty', named.join(delimiter));
    return refuse('no-kubeconfig', 'the file does not exist', named.join(delimiter));
  }
  const pod = podAccess(source.env, podDirectory);
  if (pod === undefined)
    return refuse('no-kubeconfig', `there is none, and ${whyNoPodAccess(source.env)}`, files[0]);
  if (source.context === undefined) return { ok: true, value: pod };
  return refuse('unknown-context', "there is no kubeconfig, only the pod's service account", source.context);
}

/** The namespace that kubectl takes for an object that names none. */
export interface KubectlNamespace {
  readonly namespace: string;
  readonly chosenBy: 'context' | 'pod' | 'none';
}

/**
 * Returns the namespace that kubectl takes for an object that names none: that of the context, else that of the pod, else
 * `default`. A kubeconfig that cannot be read has none; connecting reports it.
 */
export function kubectlNamespace(source: Source, podDirectory?: string): KubectlNamespace {
  const read = readKubeconfig(source, podDirectory);
  const pod = podAccess(source.env, podDirectory);
  const isPod = read.ok && read.value.file === pod?.file;
  if (read.ok && !isPod && read.value.namespace !== undefined)
    return { namespace: read.value.namespace, chosenBy: 'context' };
  if (read.ok && pod?.namespace !== undefined) return { namespace: pod.namespace, chosenBy: 'pod' };
  return { namespace: 'default', chosenBy: 'none' };
}

/** Returns the names of the contexts in the kubeconfig, for completion. An invalid kubeconfig has none. */
export function contextNames(source: Source): readonly string[] {
  const named = namedFiles(source.kubeconfig, source.env);
  const read = readFiles(named.length > 0 ? named : [defaultFile(source.env)], source.parseYaml);
  return read.ok ? [...mergeFiles(read.value).contexts.keys()] : [];
}

/** Returns the names of the contexts of one file. */
export function contextsIn(content: FileContent): readonly string[] {
  return [...mergeFiles([content]).contexts.keys()];
}

function mergeFiles(contents: readonly FileContent[]): Merged {
  const merged: Merged = { clusters: new Map(), users: new Map(), contexts: new Map(), currentContext: '' };
  for (const { fields, directory } of contents) mergeFile(merged, fields, directory);
  return merged;
}

function fromFiles(contents: readonly FileContent[], source: Source): Result<ChosenContext> {
  const merged = mergeFiles(contents);
  return choose(merged, source.context, contents.map(({ file }) => file).join(delimiter));
}

function mergeFile(merged: Merged, fields: Fields, directory: string): void {
  mergeEntries(merged.clusters, fields['clusters'], 'cluster', directory);
  mergeEntries(merged.users, fields['users'], 'user', directory);
  mergeEntries(merged.contexts, fields['contexts'], 'context', directory);
  merged.currentContext ||= textOf(fields['current-context']) ?? '';
}

function mergeEntries(into: Map<string, Entry>, list: unknown, inner: string, directory: string): void {
  for (const item of Array.isArray(list) ? list : []) {
    const name = isFields(item) ? textOf(item['name']) : undefined;
    if (name === undefined || into.has(name)) continue;
    const fields: unknown = item[inner];
    into.set(name, { name, directory, fields: isFields(fields) ? fields : {} });
  }
}

function choose(merged: Merged, asked: string | undefined, subject: string): Result<ChosenContext> {
  const context = asked ?? merged.currentContext;
  if (context === '') return refuse('bad-kubeconfig', `it has no current-context; ${known(merged)}`, subject);
  const entry = merged.contexts.get(context);
  if (entry === undefined) return refuse('unknown-context', known(merged), context);
  const cluster = merged.clusters.get(textOf(entry.fields['cluster']) ?? '');
  if (cluster === undefined)
    return refuse('bad-kubeconfig', `context "${context}" names a cluster that does not exist`, subject);
  const userName = textOf(entry.fields['user']) ?? '';
  const user = merged.users.get(userName) ?? { name: userName, directory: '', fields: {} };
  const namespace = textOf(entry.fields['namespace']);
  const chosen = { context, file: subject, cluster, user };
  return { ok: true, value: namespace === undefined ? chosen : { ...chosen, namespace } };
}

function known({ contexts }: Merged): string {
  return contexts.size === 0 ? 'it has no contexts' : `contexts: ${[...contexts.keys()].join(', ')}`;
}

function refuse(
  reason: FailureReason,
  message: string,
  subject: string | undefined,
): { ok: false; failure: Failure } {
  return { ok: false, failure: subject === undefined ? { reason, message } : { reason, message, subject } };
}
