import type { Attempt, Failure, Result } from '../../model/failure.ts';
import type { ApiClient } from '../http/client.ts';
import { isJson, objectAt, textAt, listPath } from '../api.ts';
import { PROTOBUF, parseProtobufList } from './protobuf-list.ts';

/** A list that is read page by page (Kubernetes: API concepts, "Retrieving large results sets in chunks"). */
export interface ListRequest<T> {
  readonly attempt: Attempt;
  readonly accept?: string;
  readonly pageSize: number;
  /** `fieldSelector` or `labelSelector`; with one of them the server does not say how many items remain. */
  readonly selectors: Readonly<Record<string, string>>;
  /** Kinds that the list may call itself. */
  readonly kind: string;
  /** Returns undefined for an invalid item. */
  readonly decode: (item: unknown) => T | undefined;
}

/** The items of one page. With `isFirst` the list begins, or begins again: forget the pages before it. */
export interface ListPage<T> {
  readonly items: readonly T[];
  readonly isFirst: boolean;
  /** The resource version of the whole list. */
  readonly resourceVersion: string;
}

/** A continue token is valid for some minutes only. A list that keeps expiring will never be complete. */
const MOST_RESTARTS = 3;

/** A response with its items decoded. */
interface Answered<T> {
  /** The list without its items, of any shape. */
  readonly list: unknown;
  readonly items: readonly (T | undefined)[];
}

/** What a page says about its list. */
interface PageHead {
  readonly resourceVersion: string;
  /** The token of the next page. Empty if there is none. */
  readonly next: string;
  readonly remaining: number;
}

/**
 * Yields a list page by page, and reads a page when the caller asks for it, so one page is in memory at a time. A failure
 * comes last, and then the pages before it are not a complete list. If the continue token has expired (410), the list starts
 * again. Pages that contradict each other are a failure: a decision on a part of the cluster would prune copies.
 *
 * Example: of two pages, the token of the second has expired → page 1 (`isFirst`), page 1 (`isFirst`), page 2.
 */
export async function* readPages<T>(
  connection: ApiClient,
  list: ListRequest<T>,
): AsyncGenerator<Result<ListPage<T>>, void> {
  for (let restarts = 0; ; restarts += 1) {
    const failed = yield* readOnce(connection, list);
    if (failed === undefined) return;
    if (failed.failure.status === 410 && restarts < MOST_RESTARTS) continue;
    yield failed;
    return;
  }
}

/** Yields the pages of one try. Returns why the list is not complete, or undefined if it is. */
async function* readOnce<T>(
  connection: ApiClient,
  list: ListRequest<T>,
): AsyncGenerator<Result<ListPage<T>>, Refusal | undefined> {
  const seen = new Set<string>();
  let [token, version, taken, promised] = ['', '', 0, 0];
  do {
    const answered = await readPage(connection, list, token);
    if (!answered.ok) return answered;
    const { items } = answered.value;
    const head = headOf(answered.value.list, list.kind);
    if (head === undefined) return malformedAnswer(list, connection, `it is no ${list.kind}`);
    if (version !== '' && version !== head.resourceVersion)
      return implausibleList(list, connection, 'its pages are of different resource versions');
    if (seen.has(head.next)) return implausibleList(list, connection, 'a continue token came twice');
    const bad = items.indexOf(undefined);
    if (bad >= 0) return malformedAnswer(list, connection, `item ${bad} of it ${BAD_ITEM}`);
    const some = items.filter((item) => item !== undefined);
    const { resourceVersion } = head;
    yield { ok: true, value: { items: some, isFirst: token === '', resourceVersion } };
    taken += items.length;
    promised = Math.max(promised, taken + head.remaining);
    [token, version] = [head.next, head.resourceVersion];
    if (token !== '') seen.add(token);
  } while (token !== '');
  if (taken >= promised) return undefined;
  return implausibleList(list, connection, `${taken} items came where ${promised} were promised`);
}

const BAD_ITEM = 'lacks a name or has a field of the wrong type';

/** Reads one page. It decodes the items one by one, so that each is in memory once. */
async function readPage<T>(
  connection: ApiClient,
  { attempt, accept, pageSize, selectors, decode }: ListRequest<T>,
  token: string,
): Promise<Result<Answered<T>>> {
  const query = new URLSearchParams({ limit: String(pageSize), ...selectors });
  if (token !== '') query.set('continue', token);
  const path = `${listPath(attempt.resource, attempt.namespace)}?${query.toString()}`;
  let answered: Answered<T> = { list: undefined, items: [] };
  const answer = await connection.send({
    method: 'GET',
    path,
    attempt,
    ...(accept !== undefined && { accept }),
    parse: (body, contentType) => (answered = parseList(body, contentType, decode)),
  });
  return answer.ok ? { ok: true, value: answered } : answer;
}

/** @throws if the body does not match its content type, or is incomplete. */
function parseList<T>(body: Buffer, contentType: string, decode: ListRequest<T>['decode']): Answered<T> {
  const items: (T | undefined)[] = [];
  const take = (item: unknown): void => void items.push(decode(item));
  if (contentType.startsWith(PROTOBUF)) return { list: parseProtobufList(body, take), items };
  const list: unknown = JSON.parse(body.toString());
  const all = isJson(list) ? (list['items'] ?? []) : undefined;
  if (!Array.isArray(all)) return { list: undefined, items };
  all.forEach(take);
  return { list, items };
}

/** Returns what a page says about its list. Undefined if it is not a list, or has no resource version. */
function headOf(list: unknown, kind: string): PageHead | undefined {
  if (!isJson(list) || list['kind'] !== kind) return undefined;
  const metadata = objectAt(list, 'metadata');
  const resourceVersion = textAt(metadata, 'resourceVersion');
  if (!resourceVersion) return undefined;
  const count = metadata['remainingItemCount'];
  return {
    resourceVersion,
    next: textAt(metadata, 'continue') ?? '',
    remaining: typeof count === 'number' ? Math.max(0, count) : 0,
  };
}

type Listed = Pick<ListRequest<unknown>, 'attempt'>;
type Refusal = { readonly ok: false; readonly failure: Failure };

/** Returns the failure of a response that does not match its request. */
export function malformedAnswer({ attempt }: Listed, { address }: ApiClient, message: string): Refusal {
  return { ok: false, failure: { reason: 'malformed-answer', message, attempt, subject: address } };
}

/** Returns the failure of a list that contradicts itself. */
export function implausibleList({ attempt }: Listed, { address }: ApiClient, message: string): Refusal {
  return { ok: false, failure: { reason: 'implausible-list', message, attempt, subject: address } };
}
