import type { Attempt, Result } from '../core/failure.ts';
import type { Kind, Namespace, ObjectMeta, Snapshot } from '../core/model.ts';
import type { Connection } from './connection.ts';
import { decodeMeta, decodeNamespace, metaLike } from './decode.ts';
import type { ItemForm } from './list-intake.ts';
import { implausible, type ListRequest, readPages } from './pages.ts';
import { RESOURCES } from './paths.ts';

/** Told after every page. */
export interface Reading {
  readonly phase: 'reading';
  readonly resource: Attempt['resource'];
  readonly items: number;
}

/** Large pages come from the server's cache, small ones cost it reads of etcd (design section 4.1). */
const PAGE_SIZE = 10_000;

/** Releases of Helm are neither sources nor copies, and most of the bytes of all Secrets (design section 4.1). */
export const SECRET_FIELDS = 'type!=helm.sh/release.v1';

/** Metadata only (Kubernetes: API concepts, "Metadata-only fetches"): of Secrets nothing else is read here. */
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** How an API server begins an item of such a list. */
const METADATA_ITEM = Buffer.from(
  '{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{',
);

/**
 * Reads the cluster: objects first and in parallel, then namespaces, so that no copy is judged by a namespace that is
 * older than itself (design section 4.1). Any page that fails fails the snapshot. Objects that are not needed are let
 * go as they come, so that they take no memory.
 */
export async function readSnapshot(
  connection: Connection,
  kinds: readonly Kind[],
  progress: (event: Reading) => void,
  isNeeded: (object: ObjectMeta) => boolean = () => true,
): Promise<Result<Snapshot>> {
  const objects: ObjectMeta[] = [];
  const read = kinds.map((kind) => readMetas(connection, kind, progress, isNeeded));
  for (const list of await Promise.all(read)) {
    if (!list.ok) return list;
    for (const object of list.value) objects.push(object);
  }
  const namespaces = await readNamespaces(connection, progress);
  return namespaces.ok ? { ok: true, value: { namespaces: namespaces.value, objects } } : namespaces;
}

async function readMetas(
  connection: Connection,
  kind: Kind,
  progress: (event: Reading) => void,
  isNeeded: (object: ObjectMeta) => boolean,
): Promise<Result<readonly ObjectMeta[]>> {
  const resource = RESOURCES[kind];
  const list = metadataList(
    { verb: 'list', resource, kind },
    kind === 'Secret' ? { fieldSelector: SECRET_FIELDS } : {},
    { decode: (item) => decodeMeta(kind, item), like: metaLike },
  );
  return readItems(connection, list, progress, isNeeded);
}

/** A cluster always has namespaces, and a copy in one that does not show is left alone: no list is the safe reading. */
async function readNamespaces(
  connection: Connection,
  progress: (event: Reading) => void,
): Promise<Result<readonly Namespace[]>> {
  const list = metadataList({ verb: 'list', resource: 'namespaces' }, {}, { decode: decodeNamespace });
  const namespaces = await readItems(connection, list, progress);
  if (!namespaces.ok || namespaces.value.length > 0) return namespaces;
  return implausible(list, connection, 'there is no namespace at all');
}

function metadataList<T>(
  attempt: Attempt,
  selectors: ListRequest<T>['selectors'],
  form: Omit<ItemForm<T>, 'start'>,
): ListRequest<T> {
  return {
    attempt,
    selectors,
    accept: METADATA_LIST,
    pageSize: PAGE_SIZE,
    kind: 'PartialObjectMetadataList',
    form: { start: METADATA_ITEM, ...form },
  };
}

async function readItems<T>(
  connection: Connection,
  list: ListRequest<T>,
  progress: (event: Reading) => void,
  isNeeded: (value: T) => boolean = () => true,
): Promise<Result<readonly T[]>> {
  const read: T[] = [];
  /** How many were kept where a page begins, by its place in the list. */
  const kept = new Map<number, number>();
  const tell = (): void =>
    progress({ phase: 'reading', resource: list.attempt.resource, items: read.length });
  const from = (place: number): void => {
    if (place === 0) kept.clear();
    read.length = place === 0 ? 0 : (kept.get(place) ?? read.length);
    kept.set(place, read.length);
    if (place > 0) tell();
  };
  const item = (value: T): void => {
    if (isNeeded(value)) read.push(value);
  };
  const result = await readPages(connection, list, { from, item });
  if (!result.ok) return result;
  tell();
  return { ok: true, value: read };
}
