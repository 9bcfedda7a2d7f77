/**
 * Lists: selectors, pages of one snapshot, metadata or full form, and a cache of complete pages while nothing changes.
 */

import { RESOURCES, type KubeObject, type ResourceName } from './model.ts';
import { protobufList } from './protobuf-list.ts';
import { readToken, writeToken, type ContinueToken, type Encoding, type Form } from './request.ts';
import { fieldPredicate, labelPredicate, type Predicate } from './selector.ts';
import { badRequest, StatusError } from './status.ts';
import type { Entry, Store } from './store.ts';
import { tableOf } from './table.ts';

/** The parameters of a list request. */
export interface ListRequest {
  readonly resource: ResourceName;
  readonly namespace: string | undefined;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly form: Form;
  readonly encoding: Encoding;
}

interface Page {
  readonly entries: readonly Entry[];
  readonly version: number;
  readonly token: string | undefined;
  readonly remaining: number | undefined;
}

const MAX_SNAPSHOTS = 50;
const MAX_CACHED_BYTES = 256_000_000;

const EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** Answers list requests. */
export class Lists {
  readonly #store: Store;
  readonly #snapshots = new Map<string, readonly Entry[]>();
  readonly #cache = new Map<string, Buffer>();
  #cachedVersion = 0;
  #cachedBytes = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** The body of the answer. */
  body(request: ListRequest): Buffer {
    this.#dropStaleCache();
    const { resource, namespace, form, encoding, query } = request;
    const key = JSON.stringify([resource, namespace, form, encoding, query]);
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const body = serialize(request, this.#page(request));
    this.#remember(key, body);
    return body;
  }

  /** Makes every present continue token too old, as compaction of etcd does after five minutes. */
  expire(): void {
    this.#snapshots.clear();
    this.#cachedVersion = 0;
  }

  #dropStaleCache(): void {
    if (this.#cachedVersion === this.#store.version) return;
    this.#cache.clear();
    this.#cachedVersion = this.#store.version;
    this.#cachedBytes = 0;
  }

  #remember(key: string, body: Buffer): void {
    if (this.#cachedBytes + body.length > MAX_CACHED_BYTES) return;
    this.#cachedBytes += body.length;
    this.#cache.set(key, body);
  }

  #page(request: ListRequest): Page {
    const { query } = request;
    checkVersion(query['resourceVersion'] ?? '', this.#store.version);
    const token = tokenOf(query);
    if (token !== undefined && query['resourceVersion'])
      throw badRequest('specifying resource version is not allowed when using continue');
    const limit = limitOf(query, token);
    const version = token === undefined || token.rv === 0 ? this.#store.version : token.rv;
    const entries = this.#entries(request, token);
    const from = token === undefined ? 0 : indexAfter(entries, token.start);
    const { shown, next } = pick(entries, from, limit, predicateOf(request));
    const last = shown.at(-1);
    if (last === undefined || next >= entries.length)
      return { entries: shown, version, token: undefined, remaining: undefined };
    this.#keep(request, version, entries);
    const following = writeToken({ rv: version, start: last.key, page: (token?.page ?? 1) + 1 });
    const remaining = hasSelector(query) ? undefined : entries.length - next;
    return { entries: shown, version, token: following, remaining };
  }

  #entries({ resource, namespace }: ListRequest, token: ContinueToken | undefined): readonly Entry[] {
    if (token === undefined || token.rv === 0) return this.#store.entries(resource, namespace);
    const snapshot = this.#snapshots.get(snapshotKey(resource, namespace, token.rv));
    if (snapshot !== undefined) return snapshot;
    throw expired(token);
  }

  #keep({ resource, namespace }: ListRequest, version: number, entries: readonly Entry[]): void {
    this.#snapshots.set(snapshotKey(resource, namespace, version), entries);
    const [oldest] = this.#snapshots.keys();
    if (this.#snapshots.size > MAX_SNAPSHOTS && oldest !== undefined) this.#snapshots.delete(oldest);
  }
}

function snapshotKey(resource: ResourceName, namespace: string | undefined, version: number): string {
  return `${resource}/${namespace ?? ''}@${version}`;
}

function expired({ start, page }: ContinueToken): StatusError {
  const token = writeToken({ rv: 0, start, page });
  return new StatusError(410, 'Expired', EXPIRED, undefined, { continue: token });
}

function tokenOf(query: ListRequest['query']): ContinueToken | undefined {
  const text = query['continue'] ?? '';
  if (text === '') return undefined;
  const token = readToken(text);
  if (token === undefined)
    throw badRequest(
      "invalid continue token: continue key is not valid: invalid character 'i' looking for beginning of value",
    );
  return token;
}

/** A list at resourceVersion 0 comes from the cache completely, whatever its limit. */
function limitOf(query: ListRequest['query'], token: ContinueToken | undefined): number {
  const text = query['limit'] ?? '0';
  if (!/^-?\d+$/u.test(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  const limit = Number(text);
  const whole = query['resourceVersion'] === '0' && token === undefined;
  return limit <= 0 || whole || asksForOne(query) ? Number.POSITIVE_INFINITY : limit;
}

/** A list of one name reads that key, so it has no pages. */
function asksForOne(query: ListRequest['query']): boolean {
  return /(?:^|,)metadata\.name==?[^,]/u.test(query['fieldSelector'] ?? '');
}

function checkVersion(text: string, current: number): void {
  if (/^\d*$/u.test(text) && Number(text) <= current) return;
  if (/^\d*$/u.test(text)) throw futureVersion(text, current);
  const why = `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
  throw badRequest(
    `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: ${why}`,
  );
}

function futureVersion(text: string, current: number): StatusError {
  const message = 'Too large resource version';
  return new StatusError(504, 'Timeout', `Timeout: ${message}: ${text}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message }],
    retryAfterSeconds: 1,
  });
}

function predicateOf({ resource, query }: ListRequest): Predicate | undefined {
  if (!hasSelector(query)) return undefined;
  const byLabel = labelPredicate(query['labelSelector'] ?? '');
  const byField = fieldPredicate(resource, query['fieldSelector'] ?? '');
  return (object) => byLabel(object) && byField(object);
}

function hasSelector(query: ListRequest['query']): boolean {
  return Boolean(query['labelSelector']) || Boolean(query['fieldSelector']);
}

/** The first index with a greater key. Keys are sorted, so this is a binary search. */
function indexAfter(entries: readonly Entry[], key: string): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.key ?? '') <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Up to `limit` entries that fit, and the index after the last of them. */
function pick(
  entries: readonly Entry[],
  from: number,
  limit: number,
  fits: Predicate | undefined,
): { readonly shown: readonly Entry[]; readonly next: number } {
  if (fits === undefined) {
    const shown = entries.slice(from, from + limit);
    return { shown, next: from + shown.length };
  }
  const shown: Entry[] = [];
  for (let next = from; next < entries.length; next++) {
    const entry = entries[next];
    if (entry !== undefined && fits(entry.object)) shown.push(entry);
    if (shown.length >= limit) return { shown, next: next + 1 };
  }
  return { shown, next: entries.length };
}

function serialize({ resource, form, encoding }: ListRequest, page: Page): Buffer {
  const listMeta = {
    resourceVersion: String(page.version),
    continue: page.token,
    remainingItemCount: page.remaining,
  };
  if (encoding === 'protobuf')
    return protobufList(
      listMeta,
      page.entries.map((entry) => entry.metadataItemProtobuf),
    );
  const metadata = JSON.stringify(listMeta);
  if (form === 'table')
    return Buffer.from(`${JSON.stringify(tableOf(resource, objectsOf(page), metadata))}\n`);
  const [kind, version] =
    form === 'metadata'
      ? ['PartialObjectMetadataList', 'meta.k8s.io/v1']
      : [`${RESOURCES[resource].kind}List`, 'v1'];
  const items = page.entries.map((entry) => (form === 'metadata' ? entry.metadataItemJson : entry.itemJson));
  return Buffer.from(
    `{"kind":"${kind}","apiVersion":"${version}","metadata":${metadata},"items":[${items.join(',')}]}\n`,
  );
}

function objectsOf({ entries }: Page): readonly KubeObject[] {
  return entries.map(({ object }) => object);
}
