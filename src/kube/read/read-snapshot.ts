import { METADATA_LIST, RESOURCES, isJson, METADATA, namespacePath } from '../api.ts';
import type { ApiClient } from '../http/client.ts';
import { decodeMeta, decodeNamespace } from './decode-object.ts';
import { implausibleList, type ListRequest, readPages, malformedAnswer } from './list-pages.ts';
import type { Attempt, Result } from '../../model/failure.ts';
import type { Kind, Namespace, ObjectMeta, Snapshot } from '../../model/objects.ts';
import { mapConcurrently } from '../../util/map-concurrently.ts';

/** Reported after each page. */
export interface ReadingProgress {
  readonly phase: 'reading';
  readonly resource: Attempt['resource'];
  readonly items: number;
}

/** Large pages come from the server's cache. Small ones cost it reads of etcd (docs/design.md 5.1). */
const PAGE_SIZE = 10_000;

/** Leaves out Helm releases: they are neither sources nor copies, and most of the bytes of all Secrets (docs/design.md 5.1). */
export const SECRET_FIELDS = 'type!=helm.sh/release.v1';

/** Lists, and namespaces by name, to read at a time. */
const CONCURRENCY = 8;

type Progress = (event: ReadingProgress) => void;

/** The part of a cluster to read. */
export interface SnapshotPart {
  /** The namespaces to read, where Roles are enough. Empty means the whole cluster. */
  readonly names?: readonly string[];
  /** Objects that are not needed are dropped page by page, so that they take no memory. */
  readonly isNeeded?: (object: ObjectMeta) => boolean;
}

/**
 * Reads the cluster or a part of it, all of it or a failure. It reads objects first, several lists at a time, and then
 * namespaces: so a decision on a copy never uses namespaces that are older than the copy (docs/design.md 5.1).
 */
export async function readSnapshot(
  connection: ApiClient,
  kinds: readonly Kind[],
  progress: Progress,
  { names = [], isNeeded = all }: SnapshotPart = {},
): Promise<Result<Snapshot>> {
  const lists = kinds.flatMap((kind) => objectLists(kind, names, progress));
  const read = await mapConcurrently(lists, CONCURRENCY, ({ list, progress: report }) =>
    readList(connection, list, report, isNeeded),
  );
  if (!read.ok) return read;
  const namespaces =
    names.length === 0
      ? await readNamespaces(connection, progress)
      : await readNamespacesByName(connection, names, progress);
  if (!namespaces.ok) return namespaces;
  const objects = read.value.flatMap(({ items }) => items);
  const listVersions = lowestVersions(read.value);
  return { ok: true, value: { namespaces: namespaces.value, objects, listVersions } };
}

/**
 * Reads the metadata of the objects that a label selector selects, in one namespace or in all: all of them or a failure.
 */
export async function readSelected(
  connection: ApiClient,
  kinds: readonly Kind[],
  labelSelector: string,
  namespace: string | undefined,
): Promise<Result<readonly ObjectMeta[]>> {
  const names = namespace === undefined ? [] : [namespace];
  const lists = kinds.flatMap((kind) => objectLists(kind, names, () => undefined, labelSelector));
  const read = await mapConcurrently(lists, CONCURRENCY, ({ list, progress }) =>
    readList(connection, list, progress),
  );
  return read.ok ? { ok: true, value: read.value.flatMap(({ items }) => items) } : read;
}

function all(): boolean {
  return true;
}

/** A list of one kind, in one namespace or in all. */
interface ObjectList {
  readonly list: ListRequest<ObjectMeta>;
  readonly progress: Progress;
}

function objectLists(
  kind: Kind,
  names: readonly string[],
  progress: Progress,
  labelSelector?: string,
): readonly ObjectList[] {
  const attempt: Attempt = { verb: 'list', resource: RESOURCES[kind], kind };
  const fields = kind === 'Secret' ? { fieldSelector: SECRET_FIELDS } : {};
  const selectors = { ...fields, ...(labelSelector !== undefined && { labelSelector }) };
  const decode = (item: unknown): ObjectMeta | undefined => decodeMeta(kind, item);
  const sum = summing(progress);
  const attempts = names.length === 0 ? [attempt] : names.map((namespace) => ({ ...attempt, namespace }));
  return attempts.map((one) => ({ list: metadataList(one, selectors, decode), progress: sum() }));
}

/** Returns a progress hook for each list. Together they report the sum of their items. */
function summing(progress: Progress): () => Progress {
  let sum = 0;
  return () => {
    let before = 0;
    return (event) => {
      sum += event.items - before;
      before = event.items;
      progress({ ...event, items: sum });
    };
  };
}

/** Reads namespaces by name. One that does not exist is left out, and the plan reports it. */
async function readNamespacesByName(
  connection: ApiClient,
  names: readonly string[],
  progress: Progress,
): Promise<Result<readonly Namespace[]>> {
  let items = 0;
  const read = await mapConcurrently(names, CONCURRENCY, async (name) => {
    const one = await readNamespace(connection, name);
    if (one.ok && one.value !== undefined)
      progress({ phase: 'reading', resource: 'namespaces', items: (items += 1) });
    return one;
  });
  return read.ok ? { ok: true, value: read.value.filter((one) => one !== undefined) } : read;
}

/** Reads all namespaces. An empty list is a failure, because a cluster always has namespaces. */
export async function readNamespaces(
  connection: ApiClient,
  progress: Progress,
): Promise<Result<readonly Namespace[]>> {
  const list = metadataList({ verb: 'list', resource: 'namespaces' }, {}, decodeNamespace);
  const namespaces = await readItems(connection, list, progress);
  if (!namespaces.ok || namespaces.value.length > 0) return namespaces;
  return implausibleList(list, connection, 'there is no namespace at all');
}

function metadataList<T>(
  attempt: Attempt,
  selectors: ListRequest<T>['selectors'],
  decode: ListRequest<T>['decode'],
): ListRequest<T> {
  return {
    attempt,
    selectors,
    accept: METADATA_LIST,
    pageSize: PAGE_SIZE,
    kind: 'PartialObjectMetadataList',
    decode,
  };
}

/** A whole list. */
interface ReadList<T> {
  readonly kind: Kind | undefined;
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

async function readList<T>(
  connection: ApiClient,
  list: ListRequest<T>,
  progress: Progress,
  isNeeded: (value: T) => boolean = all,
): Promise<Result<ReadList<T>>> {
  const read: T[] = [];
  let version = '';
  for await (const page of readPages(connection, list)) {
    if (!page.ok) return page;
    const { items, isFirst, resourceVersion } = page.value;
    version = resourceVersion;
    if (isFirst) read.length = 0;
    for (const item of items) if (isNeeded(item)) read.push(item);
    progress({ phase: 'reading', resource: list.attempt.resource, items: read.length });
  }
  return { ok: true, value: { kind: list.attempt.kind, items: read, resourceVersion: version } };
}

async function readItems<T>(
  connection: ApiClient,
  list: ListRequest<T>,
  progress: Progress,
): Promise<Result<readonly T[]>> {
  const read = await readList(connection, list, progress);
  return read.ok ? { ok: true, value: read.value.items } : read;
}

/** Returns the lowest resource version of the lists of each kind. */
function lowestVersions(lists: readonly ReadList<ObjectMeta>[]): NonNullable<Snapshot['listVersions']> {
  const lowest: Partial<Record<Kind, string>> = {};
  for (const { kind, resourceVersion } of lists) {
    const before = kind && lowest[kind];
    if (kind && (before === undefined || Number(resourceVersion) < Number(before)))
      lowest[kind] = resourceVersion;
  }
  return lowest;
}

/**
 * Reads the metadata of one namespace. Undefined if it does not exist. A Role in the namespace is enough for that, and a
 * list of namespaces needs a ClusterRole. A 404 that does not name a namespace is a failure.
 */
export async function readNamespace(
  connection: ApiClient,
  name: string,
): Promise<Result<Namespace | undefined>> {
  const attempt: Attempt = { verb: 'get', resource: 'namespaces', name };
  const path = namespacePath(name);
  const answer = await connection.send({ method: 'GET', path, attempt, accept: METADATA });
  if (!answer.ok) return answer.failure.reason === 'namespace-gone' ? { ok: true, value: undefined } : answer;
  const { json } = answer.value;
  const value = isJson(json) && json['kind'] === 'PartialObjectMetadata' ? decodeNamespace(json) : undefined;
  if (value?.name === name) return { ok: true, value };
  return malformedAnswer({ attempt }, connection, 'it is not the metadata of the namespace asked for');
}
