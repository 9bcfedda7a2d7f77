import type { Attempt, Result } from '../../model/failure.ts';
import type { Kind, Namespace, ObjectMeta, Snapshot } from '../../model/objects.ts';
import type { Connection } from '../http/client.ts';
import { decodeMeta, decodeNamespace, metaLike } from './decode-object.ts';
import type { ItemForm } from '../list-intake.ts';
import { METADATA_LIST } from '../metadata.ts';
import { readNamespace } from './namespaces.ts';
import { implausible, type ListRequest, readPages } from './list-pages.ts';
import { RESOURCES } from '../api.ts';
import { readAll } from '../../util/map-concurrently.ts';
import { Tails } from '../tails.ts';

/** Told after every page, and before a page that is not the last. */
export interface Reading {
  readonly phase: 'reading';
  readonly resource: Attempt['resource'];
  readonly items: number;
  /** More pages will follow the one that begins. */
  readonly more?: true;
}

/** Large pages come from the server's cache, small ones cost it reads of etcd (design section 4.1). */
const PAGE_SIZE = 10_000;

/** Releases of Helm are neither sources nor copies, and most of the bytes of all Secrets (design section 4.1). */
export const SECRET_FIELDS = 'type!=helm.sh/release.v1';

/** Lists, and namespaces read by name, under way at a time. */
const CONCURRENCY = 8;

type Progress = (event: Reading) => void;

/** How an API server begins an item of such a list. */
const METADATA_ITEM = '{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{';

/**
/** What of a cluster is read. */
export interface Part {
  /** Namespaces; none of them is all. Then nothing is asked of the cluster as a whole: Roles in them do. */
  readonly names?: readonly string[];
  /** Objects that are not needed are let go as they come, so that they take no memory. */
  readonly isNeeded?: (object: ObjectMeta) => boolean;
}

/**
 * Reads the cluster, or a part of it: objects first and several lists at a time, then namespaces, so that no copy is
 * judged by a namespace that is older than itself (design section 4.1). Any page that fails fails the snapshot.
 */
export async function readSnapshot(
  connection: Connection,
  kinds: readonly Kind[],
  progress: Progress,
  { names = [], isNeeded = all }: Part = {},
): Promise<Result<Snapshot>> {
  const lists = kinds.flatMap((kind) => objectLists(kind, names, progress));
  const read = await readAll(lists, CONCURRENCY, ({ list, progress: tell }) =>
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
  const form = { decode: (item: unknown) => decodeMeta(kind, item), tails: new Tails(metaLike) };
  const sum = summing(progress);
  const attempts = names.length === 0 ? [attempt] : names.map((namespace) => ({ ...attempt, namespace }));
  return attempts.map((one) => ({ list: metadataList(one, selectors, form), progress: sum() }));
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
  progress: Progress,
  isNeeded: (value: T) => boolean = all,
): Promise<Result<readonly T[]>> {
  const read: T[] = [];
  /** Where the page under way begins in the list, and how many were kept before it. */
  let page = { place: 0, kept: 0 };
  const tell = (what: { readonly more?: true } = {}): void =>
    progress({ phase: 'reading', resource: list.attempt.resource, items: read.length, ...what });
  const from = (place: number): void => {
    if (place !== page.place) page = { place, kept: place === 0 ? 0 : read.length };
    read.length = page.kept;
    if (place > 0) tell();
  };
  const item = (value: T): void => {
    if (isNeeded(value)) read.push(value);
  };
  const result = await readPages(connection, list, { from, item, more: () => tell({ more: true }) });
  if (!result.ok) return result;
  tell();
  return { ok: true, value: read };
}
