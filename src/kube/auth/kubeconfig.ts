import { readFileSync, existsSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { ConnectOptions } from './connect-options.ts';
import { codeOf, type Failure, type FailureReason, type Result } from '../../model/failure.ts';

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
  const named = namedFiles(source);
  const files = named.length > 0 ? named : [defaultFile(source.env)];
  const texts = files.flatMap((file): FileText[] => {
    const text = readText(file);
    return text === undefined ? [] : [{ file, text }];
  });
  if (texts.length > 0) return fromTexts(texts, source);
  if (named.length > 0) return refuse('no-kubeconfig', 'the file does not exist', named.join(delimiter));
  const pod = podAccess(source.env, podDirectory);
  if (pod === undefined)
    return refuse('no-kubeconfig', 'there is none, and no service account of a pod', files[0]);
  if (source.context === undefined) return { ok: true, value: pod };
  return refuse('unknown-context', "there is no kubeconfig, only the pod's service account", source.context);
}

/** Returns the names of the contexts in the kubeconfig. A file that is missing or invalid has none. */
export function contextNames(source: Source): readonly string[] {
  const named = namedFiles(source);
  const merged = emptyMerged();
  for (const file of named.length > 0 ? named : [defaultFile(source.env)]) {
    const text = readText(file);
    const fields = typeof text === 'string' ? parse(text, source.parseYaml) : '';
    if (typeof fields !== 'string') mergeFile(merged, fields, dirname(file));
  }
  return [...merged.contexts.keys()];
}

function emptyMerged(): Merged {
  return { clusters: new Map(), users: new Map(), contexts: new Map(), currentContext: '' };
}

/** Nothing, a comment or the mark of a document. */
const EMPTY_LINE = /^\uFEFF?\s*(?:#.*|---(?:\s.*)?|\.\.\.)?\s*$/u;

interface FileText {
  readonly file: string;
  readonly text: string | Unreadable;
}

interface Unreadable {
  readonly unreadable: string;
}

function namedFiles({ kubeconfig, env }: Source): readonly string[] {
  if (kubeconfig !== undefined) return [kubeconfig];
  return [...new Set((env['KUBECONFIG'] ?? '').split(delimiter))].filter((file) => file !== '');
}

function defaultFile(env: Source['env']): string {
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

/** Undefined is a file that is not there. */
function readText(file: string): string | Unreadable | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = codeOf(error, 'unknown error');
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : { unreadable: code };
  }
}

function fromTexts(texts: readonly FileText[], source: Source): Result<ChosenContext> {
  const merged = emptyMerged();
  for (const { file, text } of texts) {
    if (typeof text !== 'string')
      return refuse('bad-kubeconfig', `it cannot be read (${text.unreadable})`, file);
    const fields = parse(text, source.parseYaml);
    if (typeof fields === 'string') return refuse('bad-kubeconfig', fields, file);
    mergeFile(merged, fields, dirname(file));
  }
  return choose(merged, source.context, texts.map(({ file }) => file).join(delimiter));
}

/** The mapping in the file, or what is wrong with it: never a piece of the text, which holds credentials. */
function parse(text: string, parseYaml: Source['parseYaml']): Fields | string {
  if (text.split('\n').every((line) => EMPTY_LINE.test(line))) return 'the file is empty';
  try {
    const value = parseYaml(text);
    return isFields(value) ? value : 'it holds no mapping with clusters, users and contexts';
  } catch (error) {
    return `it is not valid YAML${placeOf(error)}`;
  }
}

function placeOf(error: unknown): string {
  const mark: unknown = error instanceof Error && 'mark' in error ? error.mark : undefined;
  if (!isFields(mark) || typeof mark['line'] !== 'number') return '';
  return ` (line ${mark['line'] + 1})`;
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
  const user = merged.users.get(textOf(entry.fields['user']) ?? '');
  if (cluster === undefined)
    return refuse('bad-kubeconfig', `context "${context}" has no cluster that is there`, subject);
  if (user === undefined)
    return refuse('bad-kubeconfig', `context "${context}" has no user that is there`, subject);
  return { ok: true, value: { context, file: subject, cluster, user } };
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

/** The entries of a kubeconfig that the chosen context leads to, as their file has them. */
export interface ChosenContext {
  readonly context: string;
  /** The file or files that it was read from. */
  readonly file: string;
  readonly cluster: Entry;
  readonly user: Entry;
}

/** A named cluster or user, with the directory that its relative paths start from. */
export interface Entry {
  readonly name: string;
  readonly fields: Fields;
  readonly directory: string;
}

/** A YAML mapping of the kubeconfig: every value is to be checked before use. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether a parsed value is a mapping. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A non-empty text of the kubeconfig; numbers are taken for text, as names such as `123` are often left unquoted. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Where a pod finds its credentials (Kubernetes: "Accessing the Kubernetes API from a Pod"). */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The pod's own way to the API server, in the form of a kubeconfig: its CA and a token file that the kubelet renews.
 * Undefined outside a pod. The directory is an argument for the tests.
 */
export function podAccess(
  env: Readonly<Record<string, string | undefined>>,
  directory: string = SERVICE_ACCOUNT,
): ChosenContext | undefined {
  const [host, port] = [env['KUBERNETES_SERVICE_HOST'], env['KUBERNETES_SERVICE_PORT']];
  const tokenFile = join(directory, 'token');
  if (!host || !port || !existsSync(tokenFile)) return undefined;
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const name = 'service account';
  return {
    context: name,
    file: directory,
    cluster: { name, directory, fields: { server, 'certificate-authority': join(directory, 'ca.crt') } },
    user: { name, directory, fields: { tokenFile } },
  };
}
