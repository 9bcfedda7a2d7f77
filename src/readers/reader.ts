import type { Result } from '../model/failure.ts';
import type { Body, Kind, ObjectMeta, ObjectName, Snapshot } from '../model/objects.ts';
import type { CopyList } from '../plan/read-plan.ts';
import { readBody, readCopies, readMeta } from '../kube/read/read-object.ts';
import type { ApiClient } from '../kube/http/client.ts';
import { readSnapshot } from '../kube/read/read-snapshot.ts';
import type { RunHooks } from '../model/progress.ts';

/** What a run reads from: a cluster, manifests, or a cluster as it will be when manifests are applied. */
export interface Reader {
  /**
   * Reads all namespaces and the metadata of all objects of these kinds, or fails. It may leave out objects that are
   * not needed.
   */
  readonly snapshot: (
    kinds: readonly Kind[],
    isNeeded?: (object: ObjectMeta) => boolean,
  ) => Promise<Result<Snapshot>>;
  /** Reads one object. Undefined if it does not exist. */
  readonly body: (name: ObjectName) => Promise<Result<Body | undefined>>;
  /** Reads the metadata of one object. Undefined if the object does not exist. */
  readonly meta: (name: ObjectName) => Promise<Result<ObjectMeta | undefined>>;
  /**
   * Yields the bodies of a list, page by page. A failure comes last. If an object comes twice, the later body counts.
   */
  readonly copies: (list: CopyList, pageSize: number) => AsyncIterable<Result<readonly Body[]>>;
}

/** Returns a reader of the API server, for all namespaces or for the given ones. */
export function liveReader(
  connection: ApiClient,
  { progress }: RunHooks,
  namespaces: readonly string[] = [],
  keptPrefix?: string,
): Reader {
  return {
    snapshot: (kinds, isNeeded) =>
      readSnapshot(connection, kinds, progress, {
        names: namespaces,
        ...(isNeeded && { isNeeded }),
        ...(keptPrefix !== undefined && { keptPrefix }),
      }),
    body: (name) => readBody(connection, name),
    meta: (name) => readMeta(connection, name),
    copies: (list, pageSize) => readCopies(connection, list, pageSize),
  };
}

/** Returns a reader that reads its snapshot once, whole. The plans of two states then begin with the same lists. */
export function withOneSnapshot(reader: Reader): Reader {
  let read: ReturnType<Reader['snapshot']> | undefined;
  return { ...reader, snapshot: (kinds) => (read ??= reader.snapshot(kinds)) };
}
