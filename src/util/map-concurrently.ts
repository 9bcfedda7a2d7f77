import pMap from 'p-map';
import type { Failure, Result } from '../model/failure.ts';

/** Reads several things, so many at a time: all of them, or the first failure, after which no other is begun. */
export async function mapConcurrently<T, Read>(
  things: readonly T[],
  concurrency: number,
  read: (thing: T) => Promise<Result<Read>>,
): Promise<Result<readonly Read[]>> {
  const [values, failures]: [Read[], Failure[]] = [[], []];
  const one = async (thing: T): Promise<void> => {
    if (failures.length > 0) return;
    const result = await read(thing);
    if (result.ok) values.push(result.value);
    else failures.push(result.failure);
  };
  await pMap(things, one, { concurrency });
  const [failure] = failures;
  return failure === undefined ? { ok: true, value: values } : { ok: false, failure };
}
