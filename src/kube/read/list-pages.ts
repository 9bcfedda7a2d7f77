import type { Attempt, Failure, Result } from '../../model/failure.ts';
import type { Connection } from '../http/client.ts';
import { type Json, isJson, objectAt, textAt } from '../json.ts';
import { type ItemForm, ListIntake, type ListTaken } from '../list-intake.ts';
import { listPath } from '../api.ts';

/** A list that is read page by page (Kubernetes: API concepts, "Retrieving large results sets in chunks"). */
export interface ListRequest<T> {
  readonly attempt: Attempt;
  readonly accept?: string;
  readonly pageSize: number;
  /** `fieldSelector` or `labelSelector`; with one of them the server does not say how many items remain. */
  readonly selectors: Readonly<Record<string, string>>;
  /** Kinds that the list may call itself. */
  readonly kind: string;
  readonly form: ItemForm<T>;
}

/** Where the items of a list go, one by one. */
export interface Sink<T> {
  /**
   * The items from this place of the list on follow: a page begins. Where more of them were there already, that page, or
   * the whole list, begins anew.
   */
  readonly from: (place: number) => void;
  readonly item: (value: T) => void;
  /** A further page will follow this one: told before the items of this one, where the server says it there. */
  readonly more: () => void;
}

/** A continue token holds for some minutes only; a list that goes on expiring will not become complete. */
const MOST_RESTARTS = 3;

/** What a page says of the list that it is a part of. */
interface Page {
  readonly items: number;
  readonly bad: number | undefined;
  readonly resourceVersion: string;
  readonly next: string;
  readonly remaining: number;
}

/**
 * Reads a whole list or none of it. When its continue token has expired (410) it starts over. Pages that contradict
 * each other are no list: a decision on part of the cluster would prune copies.
 */
export async function readPages<T>(
  connection: Connection,
  list: ListRequest<T>,
  sink: Sink<T>,
): Promise<Result<number>> {
  for (let restarts = 0; ; restarts += 1) {
    const result = await readOnce(connection, list, sink);
    if (result.ok || result.failure.status !== 410 || restarts >= MOST_RESTARTS) return result;
  }
}

async function readOnce<T>(
  connection: Connection,
  list: ListRequest<T>,
  sink: Sink<T>,
): Promise<Result<number>> {
  const seen = new Set<string>();
  let [token, version, taken, promised] = ['', '', 0, 0];
  do {
    const before = taken;
    let last: ListIntake<T> | undefined;
    const intake = (): ListIntake<T> => {
      sink.from(before);
      return (last = new ListIntake(list.form, sink.item, (head) => {
        if (nextOf(head) !== '') sink.more();
      }));
    };
    const answer = await connection.send({ ...pageRequest(list, token), intake });
    if (!answer.ok) return answer;
    const page = readPage(last?.taken, list.kind);
    if (page === undefined) return malformed(list, connection, `it is no ${list.kind}`);
    if (page.bad !== undefined)
      return malformed(
        list,
        connection,
        `item ${page.bad} of it lacks a name or has a field of the wrong type`,
      );
    if (version !== '' && version !== page.resourceVersion)
      return implausible(list, connection, 'its pages are of different resource versions');
    if (seen.has(page.next)) return implausible(list, connection, 'a continue token came twice');
    taken += page.items;
    promised = Math.max(promised, taken + page.remaining);
    [token, version] = [page.next, page.resourceVersion];
    if (token !== '') seen.add(token);
  } while (token !== '');
  if (taken < promised)
    return implausible(list, connection, `${taken} items came where ${promised} were promised`);
  return { ok: true, value: taken };
}

function pageRequest<T>(
  { attempt, accept, pageSize, selectors }: ListRequest<T>,
  token: string,
): Parameters<Connection['send']>[0] {
  const query = new URLSearchParams({ limit: String(pageSize), ...selectors });
  if (token !== '') query.set('continue', token);
  const path = `${listPath(attempt.resource, attempt.namespace)}?${query.toString()}`;
  return { method: 'GET', path, attempt, ...(accept !== undefined && { accept }) };
}

/** A list without a resource version is no list of an API server. */
function readPage(taken: ListTaken | undefined, kind: string): Page | undefined {
  const { list, items = 0, bad } = taken ?? {};
  if (!isJson(list) || list['kind'] !== kind) return undefined;
  const metadata = objectAt(list, 'metadata');
  const resourceVersion = textAt(metadata, 'resourceVersion');
  if (!resourceVersion) return undefined;
  return {
    items,
    bad,
    resourceVersion,
    next: nextOf(list),
    remaining: remainingOf(metadata),
  };
}

/** The token of the next page; empty is none. */
function nextOf(list: Json): string {
  return textAt(objectAt(list, 'metadata'), 'continue') ?? '';
}

function remainingOf(metadata: Json): number {
  const count = metadata['remainingItemCount'];
  return typeof count === 'number' && count > 0 ? count : 0;
}

type Listed = Pick<ListRequest<unknown>, 'attempt'>;
type Refusal = { readonly ok: false; readonly failure: Failure };

/** An answer to a read that is not what was asked for. */
export function malformed({ attempt }: Listed, { address }: Connection, message: string): Refusal {
  return { ok: false, failure: { reason: 'malformed-answer', message, attempt, subject: address } };
}

/** A list that cannot be true. */
export function implausible({ attempt }: Listed, { address }: Connection, message: string): Refusal {
  return { ok: false, failure: { reason: 'implausible-list', message, attempt, subject: address } };
}
