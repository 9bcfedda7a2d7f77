import pMap from 'p-map';
import type { Failure, Result } from '../model/failure.ts';

/**
 * Reads several things, at most `concurrency` at a time. Returns all values in the order in which they arrived, or the
 * first failure. After a failure it starts no other read.
 */
export async function mapConcurrently<T, Value>(
  things: readonly T[],
  concurrency: number,
  read: (thing: T) => Promise<Result<Value>>,
): Promise<Result<readonly Value[]>> {
  const [values, failures]: [Value[], Failure[]] = [[], []];
  const readOne = async (thing: T): Promise<void> => {
    if (failures.length > 0) return;
    const result = await read(thing);
    if (result.ok) values.push(result.value);
    else failures.push(result.failure);
  };
  await pMap(things, readOne, { concurrency });
  const [failure] = failures;
  return failure === undefined ? { ok: true, value: values } : { ok: false, failure };
}
