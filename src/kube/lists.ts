import type { Attempt, Result } from '../core/failure.ts';
import type { Kind, Namespace, ObjectMeta, Snapshot } from '../core/model.ts';
import type { Connection } from './connection.ts';
import { type Sharing, decodeMeta, decodeNamespace } from './decode.ts';
import { METADATA_LIST } from './metadata.ts';
import { readNamespace } from './namespaces.ts';
import { implausible, type ListRequest, readPages } from './pages.ts';
import { RESOURCES } from './paths.ts';
import { readAll } from './read-all.ts';
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

/** Lists, and namespaces read by name, under way at a time. */
const CONCURRENCY = 8;

type Progress = (event: Reading) => void;

/**
 * Reads the cluster, or of it the namespaces that are named: objects first and several lists at a time, then
 * namespaces, so that no copy is judged by a namespace that is older than itself (design section 4.1). Any page that
 * fails fails the snapshot. Where namespaces are named, nothing is asked of the cluster as a whole: Roles in them do.
 */
export async function readSnapshot(
  connection: Connection,
  kinds: readonly Kind[],
  progress: Progress,
  names: readonly string[] = [],
): Promise<Result<Snapshot>> {
  const lists = kinds.flatMap((kind) => objectLists(kind, names, progress));
  const read = await readAll(lists, CONCURRENCY, (list) => readObjects(connection, list));
  if (!read.ok) return read;
  const namespaces =
    names.length === 0
      ? await readNamespaces(connection, progress)
      : await readNamed(connection, names, progress);
  const objects = read.value.flat();
  return namespaces.ok ? { ok: true, value: { namespaces: namespaces.value, objects } } : namespaces;
}

/** A list of one kind, in a namespace or in all, and what it has in common with the others of that kind. */
interface ObjectList {
  readonly kind: Kind;
  readonly list: ListRequest;
  readonly share: Sharing;
  readonly progress: Progress;
}

function objectLists(kind: Kind, names: readonly string[], progress: Progress): readonly ObjectList[] {
  const attempt: Attempt = { verb: 'list', resource: RESOURCES[kind], kind };
  const selectors = kind === 'Secret' ? { fieldSelector: SECRET_FIELDS } : {};
  const [share, sum] = [sharing(), summing(progress)];
  const attempts = names.length === 0 ? [attempt] : names.map((namespace) => ({ ...attempt, namespace }));
  return attempts.map((one) => ({ kind, list: metadataList(one, selectors), share, progress: sum() }));
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

function readObjects(
  connection: Connection,
  { kind, list, share, progress }: ObjectList,
): Promise<Result<readonly ObjectMeta[]>> {
  return readItems(connection, list, (item) => decodeMeta(kind, item, share), progress);
}

/** Namespaces by name; one that does not exist is left out, and the plan tells of it. */
async function readNamed(
  connection: Connection,
  names: readonly string[],
  progress: Progress,
): Promise<Result<readonly Namespace[]>> {
  let items = 0;
  const read = await readAll(names, CONCURRENCY, async (name) => {
    const one = await readNamespace(connection, name);
    if (one.ok && one.value !== undefined)
      progress({ phase: 'reading', resource: 'namespaces', items: (items += 1) });
    return one;
  });
  return read.ok ? { ok: true, value: read.value.filter((one) => one !== undefined) } : read;
}

/** A cluster always has namespaces, and a copy in one that does not show is left alone: no list is the safe reading. */
async function readNamespaces(
  connection: Connection,
  progress: Progress,
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
  progress: Progress,
): Promise<Result<readonly T[]>> {
  const read: T[] = [];
  const result = await readPages(connection, list, (items, first) => {
    if (first) read.length = 0;
    const problem = decodeAll(items, decode, (value) => read.push(value));
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
