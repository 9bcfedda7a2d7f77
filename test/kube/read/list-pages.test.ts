import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ApiClient } from '../../../src/kube/http/client.ts';
import { type ListRequest, readPages } from '../../../src/kube/read/list-pages.ts';
import { type StubAnswer, answering, connectTo, statusOf, stubServer } from '../../support/connecting.ts';

const LIST: ListRequest<string> = {
  attempt: { verb: 'list', resource: 'configmaps', kind: 'ConfigMap' },
  pageSize: 1,
  selectors: {},
  kind: 'ConfigMapList',
  decode: (item) => (typeof item === 'string' ? item : undefined),
};

function page(items: readonly string[], next = '', remainingItemCount = 0): StubAnswer {
  const metadata = { resourceVersion: '7', continue: next, remainingItemCount };
  return { json: { kind: 'ConfigMapList', metadata, items } };
}

const THREE_PAGES = [page(['a'], 'x'), page(['b'], 'y'), page(['c'])];
const GONE = statusOf(410, 'Expired');

interface Source {
  readonly connection: ApiClient;
  /** What happened, in its order: `read N` when page N is asked for. A test adds what it does. */
  readonly events: string[];
}

async function serve(t: TestContext, ...answers: readonly StubAnswer[]): Promise<Source> {
  const events: string[] = [];
  const answer = answering(...answers);
  const { url } = await stubServer(t, (request, response) => {
    events.push(`read ${events.filter((event) => event.startsWith('read')).length + 1}`);
    answer(request, response);
  });
  return { connection: await connectTo(t, url), events };
}

/** All pages as text: items, with `first:` before those of a page that begins the list, or the reason of a failure. */
async function pagesOf(connection: ApiClient): Promise<readonly string[]> {
  const pages: string[] = [];
  for await (const one of readPages(connection, LIST))
    pages.push(one.ok ? `${one.value.isFirst ? 'first:' : ''}${one.value.items.join()}` : one.failure.reason);
  return pages;
}

test('each page is used before the next one is read', async (t) => {
  const { connection, events } = await serve(t, ...THREE_PAGES);
  for await (const one of readPages(connection, LIST))
    events.push(`use ${one.ok ? one.value.items.join() : one.failure.reason}`);
  assert.deepEqual(events, ['read 1', 'use a', 'read 2', 'use b', 'read 3', 'use c']);
});

test('a failure comes after the pages before it, and ends the list', async (t) => {
  const { connection } = await serve(t, page(['a'], 'x'), page(['b'], 'y'), statusOf(403, 'Forbidden'));
  assert.deepEqual(await pagesOf(connection), ['first:a', 'b', 'forbidden']);
});

test('too few items are a failure after the last page', async (t) => {
  const { connection } = await serve(t, page(['a'], 'x', 2), page(['b']));
  assert.deepEqual(await pagesOf(connection), ['first:a', 'b', 'implausible-list']);
});

test('a list with an expired token begins again with a first page, three times at most', async (t) => {
  const again = await serve(t, page(['a'], 'x'), GONE, ...THREE_PAGES);
  assert.deepEqual(await pagesOf(again.connection), ['first:a', 'first:a', 'b', 'c']);
  const expired = [page(['a'], 'x'), GONE];
  const never = await serve(t, ...expired, ...expired, ...expired, ...expired);
  assert.deepEqual(await pagesOf(never.connection), ['first:a', 'first:a', 'first:a', 'first:a', 'status']);
});

test('an exception of the read reaches the loop', async (t) => {
  const { connection, events } = await serve(t, ...THREE_PAGES);
  const send = connection.send.bind(connection);
  t.mock.method(connection, 'send', (...request: Parameters<typeof send>) => {
    if (events.includes('use b')) throw new Error('injected');
    return send(...request);
  });
  await assert.rejects(async () => {
    for await (const one of readPages(connection, LIST))
      events.push(`use ${one.ok && one.value.items.join()}`);
  }, /injected/);
  assert.deepEqual(events, ['read 1', 'use a', 'read 2', 'use b']);
});

test('an exception in the loop ends the read', async (t) => {
  const { connection, events } = await serve(t, ...THREE_PAGES);
  await assert.rejects(async () => {
    for await (const _ of readPages(connection, LIST)) throw new Error('in the loop');
  }, /in the loop/);
  assert.deepEqual(events, ['read 1']);
});

test('a list that cannot be read yields its failure alone', async (t) => {
  const { connection } = await serve(t, statusOf(403, 'Forbidden'));
  assert.deepEqual(await pagesOf(connection), ['forbidden']);
});

test('a list without items is one page without items', async (t) => {
  const { connection } = await serve(t, page([]));
  assert.deepEqual(await pagesOf(connection), ['first:']);
});
