import type { Failure, Result } from '../../model/failure.ts';
import type { Kind, Namespace, ObjectMeta, ObjectName } from '../../model/objects.ts';
import { ORIGIN_CLUSTER } from '../../plan/annotations/markers.ts';
import { keyOf } from '../../model/keys.ts';
import { mapConcurrently } from '../../util/map-concurrently.ts';
import type { ApiClient } from '../http/client.ts';
import { readMeta } from './read-object.ts';
import { readNamespace, readSelected } from './read-snapshot.ts';

/*
 * What is read of another cluster (docs/design.md 11.4 and 11.5)? Namespaces by name, the objects with our label, and the
 * objects that have the name of a wanted copy. Nobody else's Secret is read, and no body.
 */

/** Requests to send at a time. */
const CONCURRENCY = 8;

/** What one context shows of a namespace. `unread`: its credentials may not get it. */
export type NamespaceReading = Namespace | 'missing' | 'unread';

/** Reads one namespace. Without the right to get it, it is `unread`. Any other failure is one. */
export async function tryNamespace(client: ApiClient, name: string): Promise<Result<NamespaceReading>> {
  const read = await readNamespace(client, name);
  if (read.ok) return { ok: true, value: read.value ?? 'missing' };
  return isForbidden(read.failure) ? { ok: true, value: 'unread' } : read;
}

/** Reads namespaces by name, all of them or the first failure. */
export async function readTargets(
  client: ApiClient,
  names: readonly string[],
): Promise<Result<ReadonlyMap<string, NamespaceReading>>> {
  const read = await mapConcurrently(names, CONCURRENCY, async (name) => {
    const one = await tryNamespace(client, name);
    return one.ok ? { ok: true, value: [name, one.value] as const } : one;
  });
  return read.ok ? { ok: true, value: new Map(read.value) } : read;
}

/** Reads the metadata of every object that carries the label of a copy, in one namespace or in all. */
export function readMarked(
  client: ApiClient,
  kinds: readonly Kind[],
  namespace: string | undefined,
): Promise<Result<readonly ObjectMeta[]>> {
  return readSelected(client, kinds, ORIGIN_CLUSTER, namespace);
}

/** Reads the metadata of the objects with these names. Those that do not exist are left out. */
export async function readExisting(
  client: ApiClient,
  names: readonly ObjectName[],
): Promise<Result<readonly ObjectMeta[]>> {
  const unique = new Map(names.map((name) => [keyOf(name), name]));
  const read = await mapConcurrently([...unique.values()], CONCURRENCY, (name) => readMeta(client, name));
  return read.ok ? { ok: true, value: read.value.filter((one) => one !== undefined) } : read;
}

/** Whether credentials lack a right. */
export function isForbidden({ reason }: Failure): boolean {
  return reason === 'forbidden';
}
