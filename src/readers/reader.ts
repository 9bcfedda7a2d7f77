import type { Result } from '../model/failure.ts';
import type { Body, Kind, ObjectMeta, ObjectName, Snapshot } from '../model/objects.ts';
import type { CopyList } from '../plan/read-plan.ts';
import { readBody, readCopies, readMeta } from '../kube/read/read-object.ts';
import type { ApiClient } from '../kube/http/client.ts';
import { readSnapshot } from '../kube/read/read-snapshot.ts';
import type { RunHooks } from '../model/progress.ts';

/** Where a run reads from: a cluster, manifests, or manifests laid over a cluster. */
export interface Reader {
  /** Namespaces and the metadata of all objects of these kinds, whole or not at all; what is not needed may be left out. */
  readonly snapshot: (
    kinds: readonly Kind[],
    isNeeded?: (object: ObjectMeta) => boolean,
  ) => Promise<Result<Snapshot>>;
  /** One object; `undefined` where there is none. */
  readonly body: (name: ObjectName) => Promise<Result<Body | undefined>>;
  readonly meta: (name: ObjectName) => Promise<Result<ObjectMeta | undefined>>;
  /** The bodies that a list selects, page by page; the same object may come twice, and then the later one counts. */
  readonly copies: (
    list: CopyList,
    pageSize: number,
    onBody: (body: Body) => void,
  ) => Promise<Result<unknown>>;
}

/** Reads from the API server: all namespaces, or those that are named. */
export function liveReader(
  connection: ApiClient,
  { progress }: RunHooks,
  namespaces: readonly string[] = [],
): Reader {
  return {
    snapshot: (kinds, isNeeded) =>
      readSnapshot(connection, kinds, progress, { names: namespaces, ...(isNeeded && { isNeeded }) }),
    body: (name) => readBody(connection, name),
    meta: (name) => readMeta(connection, name),
    copies: (list, pageSize, onBody) => readCopies(connection, list, pageSize, onBody),
  };
}
