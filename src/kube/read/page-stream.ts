import type { Result } from '../../model/failure.ts';

/** Reads a list and passes each page to `take`. The result says whether the list was complete. */
type ReadPages<T> = (take: (items: readonly T[]) => void) => Promise<Result<unknown>>;

/**
 * Yields the pages of a list as they arrive. A failure is yielded last, and then the pages before it are not a complete list.
 *
 * A caller that leaves the loop early, by `break` or by an exception, ends the read at its next page. Memory holds the page
 * that the caller works on and at most one more, as long as the caller awaits nothing else inside the loop.
 */
export async function* streamPages<T>(read: ReadPages<T>): AsyncGenerator<Result<readonly T[]>, void> {
  const queue: (readonly T[])[] = [];
  let [wake, ended, isLeft] = [(): void => undefined, false, false];
  const whole = read((items) => {
    if (isLeft) throw new Error('the pages of this list are no longer read');
    queue.push(items);
    wake();
  }).finally(() => {
    ended = true;
    wake();
  });
  // An exception reaches the caller below. This keeps it from being reported as unhandled before that.
  whole.catch(() => undefined);
  try {
    for (;;) {
      const items = queue.shift();
      if (items !== undefined) yield { ok: true, value: items };
      else if (ended) break;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    const result = await whole;
    if (!result.ok) yield result;
  } finally {
    isLeft = true;
  }
}
