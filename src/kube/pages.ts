import type { Attempt, Failure, Result } from '../core/failure.ts';
import type { Connection } from './connection.ts';
import { type Json, isJson, objectAt, textAt } from './json.ts';
import { listPath } from './paths.ts';

/** A list that is read page by page (Kubernetes: API concepts, "Retrieving large results sets in chunks"). */
export interface ListRequest {
  readonly attempt: Attempt;
  readonly accept?: string;
  readonly pageSize: number;
  /** `fieldSelector` or `labelSelector`; with one of them the server does not say how many items remain. */
  readonly selectors: Readonly<Record<string, string>>;
  /** Kinds that the list may call itself. */
  readonly kind: string;
}

/** Takes the items of one page; a text says what is wrong with one of them. */
export type TakePage = (items: readonly unknown[], first: boolean) => string | undefined;

/** A continue token holds for some minutes only; a list that goes on expiring will not become complete. */
const MOST_RESTARTS = 3;

/** What a page says of the list that it is a part of. */
interface Page {
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
  readonly next: string;
  readonly remaining: number;
}

/**
 * Reads a whole list or none of it. When its continue token has expired (410) it starts over, with `first` true for
 * the page taken. Pages that contradict each other are no list: a decision on part of the cluster would prune copies.
 */
export async function readPages(
  connection: Connection,
  list: ListRequest,
  take: TakePage,
): Promise<Result<number>> {
  for (let restarts = 0; ; restarts += 1) {
    const result = await readOnce(connection, list, take);
    if (result.ok || result.failure.status !== 410 || restarts >= MOST_RESTARTS) return result;
  }
}

async function readOnce(connection: Connection, list: ListRequest, take: TakePage): Promise<Result<number>> {
  const seen = new Set<string>();
  let [token, version, taken, promised] = ['', '', 0, 0];
  do {
    const answer = await connection.send(pageRequest(list, token));
    if (!answer.ok) return answer;
    const page = readPage(answer.value.json, list.kind);
    if (page === undefined) return malformed(list, connection, `it is no ${list.kind}`);
    const problem = take(page.items, token === '');
    if (problem !== undefined) return malformed(list, connection, problem);
    if (version !== '' && version !== page.resourceVersion)
      return implausible(list, connection, 'its pages are of different resource versions');
    if (seen.has(page.next)) return implausible(list, connection, 'a continue token came twice');
    taken += page.items.length;
    promised = Math.max(promised, taken + page.remaining);
    [token, version] = [page.next, page.resourceVersion];
    if (token !== '') seen.add(token);
  } while (token !== '');
  if (taken < promised)
    return implausible(list, connection, `${taken} items came where ${promised} were promised`);
  return { ok: true, value: taken };
}

function pageRequest(
  { attempt, accept, pageSize, selectors }: ListRequest,
  token: string,
): Parameters<Connection['send']>[0] {
  const query = new URLSearchParams({ limit: String(pageSize), ...selectors });
  if (token !== '') query.set('continue', token);
  const path = `${listPath(attempt.resource, attempt.namespace)}?${query.toString()}`;
  return { method: 'GET', path, attempt, ...(accept !== undefined && { accept }) };
}

/** `items` may be null. A list without a resource version is no list of an API server. */
function readPage(json: unknown, kind: string): Page | undefined {
  if (!isJson(json) || json['kind'] !== kind) return undefined;
  const items: unknown = json['items'] ?? [];
  const metadata = objectAt(json, 'metadata');
  const resourceVersion = textAt(metadata, 'resourceVersion');
  if (!Array.isArray(items) || !resourceVersion) return undefined;
  return {
    items,
    resourceVersion,
    next: textAt(metadata, 'continue') ?? '',
    remaining: remainingOf(metadata),
  };
}

function remainingOf(metadata: Json): number {
  const count = metadata['remainingItemCount'];
  return typeof count === 'number' && count > 0 ? count : 0;
}

type Refusal = { readonly ok: false; readonly failure: Failure };

function malformed({ attempt }: ListRequest, { address }: Connection, message: string): Refusal {
  return { ok: false, failure: { reason: 'malformed-answer', message, attempt, subject: address } };
}

/** A list that cannot be true. */
export function implausible({ attempt }: ListRequest, { address }: Connection, message: string): Refusal {
  return { ok: false, failure: { reason: 'implausible-list', message, attempt, subject: address } };
}
