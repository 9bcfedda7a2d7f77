import { METADATA_LIST, RESOURCES, isJson, METADATA, namespacePath } from '../api.ts';
import type { ApiClient } from '../http/client.ts';
import { decodeMeta, decodeNamespace } from './decode-object.ts';
import { implausibleList, type ListRequest, readPages, malformedAnswer } from './list-pages.ts';
import type { Attempt, Result } from '../../model/failure.ts';
import type { Kind, Namespace, ObjectMeta, Snapshot } from '../../model/objects.ts';
import { mapConcurrently } from '../../util/map-concurrently.ts';

/** Told after every page. */
export interface ReadingProgress {
  readonly phase: 'reading';
  readonly resource: Attempt['resource'];
  readonly items: number;
}

/** Large pages come from the server's cache, small ones cost it reads of etcd (design section 4.1). */
const PAGE_SIZE = 10_000;

/** Releases of Helm are neither sources nor copies, and most of the bytes of all Secrets (design section 4.1). */
export const SECRET_FIELDS = 'type!=helm.sh/release.v1';

/** Lists, and namespaces read by name, under way at a time. */
const CONCURRENCY = 8;

type Progress = (event: ReadingProgress) => void;

/** What of a cluster is read. */
export interface SnapshotPart {
  /** Namespaces; none of them is all. Then nothing is asked of the cluster as a whole: Roles in them do. */
  readonly names?: readonly string[];
  /** Objects that are not needed are let go page by page, so that they take no memory. */
  readonly isNeeded?: (object: ObjectMeta) => boolean;
}

/**
 * Reads the cluster, or a part of it: objects first and several lists at a time, then namespaces, so that no copy is
 * judged by a namespace that is older than itself (design section 4.1). Any page that fails fails the snapshot.
 */
export async function readSnapshot(
  connection: ApiClient,
  kinds: readonly Kind[],
  progress: Progress,
  { names = [], isNeeded = all }: SnapshotPart = {},
): Promise<Result<Snapshot>> {
  const lists = kinds.flatMap((kind) => objectLists(kind, names, progress));
  const read = await mapConcurrently(lists, CONCURRENCY, ({ list, progress: tell }) =>
    readItems(connection, list, tell, isNeeded),
  );
  if (!read.ok) return read;
  const namespaces =
    names.length === 0
      ? await readNamespaces(connection, progress)
      : await readNamed(connection, names, progress);
  const objects = read.value.flat();
  return namespaces.ok ? { ok: true, value: { namespaces: namespaces.value, objects } } : namespaces;
}

function all(): boolean {
  return true;
}

/** A list of one kind, in a namespace or in all. */
interface ObjectList {
  readonly list: ListRequest<ObjectMeta>;
  readonly progress: Progress;
}

function objectLists(kind: Kind, names: readonly string[], progress: Progress): readonly ObjectList[] {
  const attempt: Attempt = { verb: 'list', resource: RESOURCES[kind], kind };
  const selectors = kind === 'Secret' ? { fieldSelector: SECRET_FIELDS } : {};
  const decode = (item: unknown): ObjectMeta | undefined => decodeMeta(kind, item);
  const sum = summing(progress);
  const attempts = names.length === 0 ? [attempt] : names.map((namespace) => ({ ...attempt, namespace }));
  return attempts.map((one) => ({ list: metadataList(one, selectors, decode), progress: sum() }));
}

/** Several lists are told of as one: by the sum of their items. */
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

/** Namespaces by name; one that does not exist is left out, and the plan tells of it. */
async function readNamed(
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

/** Reads all namespaces. A cluster always has namespaces, and a copy in one that does not show is left alone: no list is the safe reading. */
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

async function readItems<T>(
  connection: ApiClient,
  list: ListRequest<T>,
  progress: Progress,
  isNeeded: (value: T) => boolean = all,
): Promise<Result<readonly T[]>> {
  const read: T[] = [];
  const result = await readPages(connection, list, (items, isFirst) => {
    if (isFirst) read.length = 0;
    for (const item of items) if (isNeeded(item)) read.push(item);
    progress({ phase: 'reading', resource: list.attempt.resource, items: read.length });
  });
  return result.ok ? { ok: true, value: read } : result;
}

/**
 * Reads the metadata of one namespace; undefined where there is none. A Role in the namespace itself allows it, where
 * the list of namespaces takes a ClusterRole. A 404 that does not speak of a namespace is no such answer.
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
