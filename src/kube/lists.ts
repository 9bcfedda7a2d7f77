import type { Attempt, Result } from '../core/failure.ts';
import type { Kind, Namespace, ObjectMeta, Snapshot } from '../core/model.ts';
import type { Connection } from './connection.ts';
import { decodeMeta, decodeNamespace } from './decode.ts';
import { implausible, type ListRequest, readPages } from './pages.ts';
import { RESOURCES } from './paths.ts';
import { sharing } from './sharing.ts';

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

/**
 * Reads the cluster: objects first and in parallel, then namespaces, so that no copy is judged by a namespace that is
 * older than itself (design section 4.1). Any page that fails fails the snapshot. Objects that are not needed are let
 * go page by page, so that they take no memory.
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
  );
  const share = sharing();
  return readItems(connection, list, (item) => decodeMeta(kind, item, share), progress, isNeeded);
}

/** A cluster always has namespaces, and a copy in one that does not show is left alone: no list is the safe reading. */
async function readNamespaces(
  connection: Connection,
  progress: (event: Reading) => void,
): Promise<Result<readonly Namespace[]>> {
  const list = metadataList({ verb: 'list', resource: 'namespaces' }, {});
  const namespaces = await readItems(connection, list, decodeNamespace, progress);
  if (!namespaces.ok || namespaces.value.length > 0) return namespaces;
  return implausible(list, connection, 'there is no namespace at all');
}

function metadataList(attempt: Attempt, selectors: ListRequest['selectors']): ListRequest {
  return {
    attempt,
    selectors,
    accept: METADATA_LIST,
    pageSize: PAGE_SIZE,
    kind: 'PartialObjectMetadataList',
  };
}

async function readItems<T>(
  connection: Connection,
  list: ListRequest,
  decode: (item: unknown) => T | undefined,
  progress: (event: Reading) => void,
  isNeeded: (value: T) => boolean = () => true,
): Promise<Result<readonly T[]>> {
  const read: T[] = [];
  const result = await readPages(connection, list, (items, first) => {
    if (first) read.length = 0;
    const problem = decodeAll(items, decode, (value) => {
      if (isNeeded(value)) read.push(value);
    });
    progress({ phase: 'reading', resource: list.attempt.resource, items: read.length });
    return problem;
  });
  return result.ok ? { ok: true, value: read } : result;
}

/** Decodes the items of a page; a text says which cannot be one. */
export function decodeAll<T>(
  items: readonly unknown[],
  decode: (item: unknown) => T | undefined,
  take: (value: T) => void,
): string | undefined {
  for (const [index, item] of items.entries()) {
    const value = decode(item);
    if (value === undefined) return `item ${index} of it lacks a name or has a field of the wrong type`;
    take(value);
  }
  return undefined;
}
