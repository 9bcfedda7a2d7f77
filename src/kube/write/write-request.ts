import type { Result } from '../../model/failure.ts';
import { MANAGER, UNWANTED_SINCE } from '../../plan/annotations/markers.ts';
import type { Body, ObjectKey, ObjectName } from '../../model/objects.ts';
import type { Change, Guard, Mark, Prune, Refresh, Update } from '../../model/change.ts';
import type { Settings } from '../../model/settings.ts';
import type { SkipReason } from '../../model/run-report.ts';
import { keyFrom } from '../../model/keys.ts';
import { createText, patchText } from '../../plan/copy/request-body.ts';
import { attemptOf } from '../read/read-object.ts';
import { messageWithoutValues } from './server-message.ts';
import type { ApiResponse, ApiRequest, ApiClient } from '../http/client.ts';
import { collectionPath, objectPath } from '../api.ts';

/** A change that writes the content of a source. */
export type DesiredObject = Exclude<Change, Mark | Prune>;

/** What every write of a run needs. */
export interface Writing {
  readonly connection: ApiClient;
  /** Every write carries `dryRun=All`: the API server answers as to a write and changes nothing. */
  readonly serverDryRun: boolean;
  /** Show whole messages of the API server, also about Secrets (`--show-server-messages`). */
  readonly showServerMessages: boolean;
  readonly settings: Settings;
  /** Why no further write may start; undefined while writes are allowed. */
  readonly stopped: () => SkipReason | undefined;
}

/** A source with the request bodies of its copies, serialised once. */
export interface WriteSource {
  readonly source: Body;
  readonly textFor: (namespace: string) => string;
  readonly patchFor: (change: Update | Refresh) => string;
}

/** Returns the source of a change. Each is prepared when its first copy is written. */
export function writeSources(
  sources: ReadonlyMap<ObjectKey, Body>,
  settings: Settings,
): (change: DesiredObject) => WriteSource {
  const known = new Map<ObjectKey, WriteSource>();
  return (change) => {
    const key = keyFrom(change.kind, change.origin.namespace, change.origin.name);
    const before = known.get(key);
    if (before !== undefined) return before;
    const source = sources.get(key);
    if (source === undefined) throw new Error(`the plan holds a change whose source was not read: ${key}`);
    const origin = {
      source,
      textFor: createText(source, settings),
      patchFor: patchText(source, settings),
    };
    known.set(key, origin);
    return origin;
  };
}

/** How a POST is sent. */
export type PostOptions = Pick<ApiRequest, 'mustFinish'> & { readonly dryRun?: boolean };

/** Creates the copy of a source in a namespace. */
export function postCopy(
  writing: Writing,
  name: ObjectName,
  { textFor }: WriteSource,
  { dryRun = writing.serverDryRun, mustFinish = false }: PostOptions = {},
): Promise<Result<ApiResponse>> {
  return writing.connection.send({
    method: 'POST',
    path: collectionPath(name.kind, name.namespace) + queryOf(dryRun),
    attempt: attemptOf('create', name),
    body: textFor(name.namespace),
    mustFinish,
    ...describing(name, writing),
  });
}

/** Patches a copy in place (RFC 7396). */
export function patchCopy(
  writing: Writing,
  change: Update | Refresh,
  { patchFor }: WriteSource,
): Promise<Result<ApiResponse>> {
  return writing.connection.send({
    method: 'PATCH',
    path: objectPath(change) + queryOf(writing.serverDryRun),
    attempt: attemptOf('patch', change),
    body: patchFor(change),
    contentType: MERGE_PATCH,
    ...describing(change, writing),
  });
}

const MERGE_PATCH = 'application/merge-patch+json';

/** Adds the annotation that says since when a copy is unwanted. */
export function patchMark(writing: Writing, change: Mark): Promise<Result<ApiResponse>> {
  const annotations = { [UNWANTED_SINCE]: change.since };
  return writing.connection.send({
    method: 'PATCH',
    path: objectPath(change) + queryOf(writing.serverDryRun),
    attempt: attemptOf('patch', change),
    body: JSON.stringify({ metadata: { ...change.guard, annotations } }),
    contentType: MERGE_PATCH,
    ...describing(change, writing),
  });
}

/**
 * Deletes exactly the object that the decision was about (Kubernetes: DeleteOptions, "preconditions"). The API server
 * ignores the query of a DELETE that has a body, so `dryRun` goes into the body.
 */
export function deleteCopy(
  writing: Writing,
  name: ObjectName,
  preconditions: Partial<Guard>,
  how: Pick<ApiRequest, 'mustFinish'> = {},
): Promise<Result<ApiResponse>> {
  const { uid, resourceVersion } = preconditions;
  const body = JSON.stringify({
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    preconditions: { uid, resourceVersion },
    ...(writing.serverDryRun && { dryRun: ['All'] }),
  });
  return writing.connection.send({
    method: 'DELETE',
    path: objectPath(name),
    attempt: attemptOf('delete', name),
    body,
    ...how,
    ...describing(name, writing),
  });
}

/** A webhook or policy may quote values of a Secret in its message. */
function describing({ kind }: ObjectName, { showServerMessages }: Writing): Pick<ApiRequest, 'describe'> {
  return kind === 'Secret' && !showServerMessages ? { describe: messageWithoutValues } : {};
}

function queryOf(dryRun: boolean): string {
  return `?fieldManager=${MANAGER}${dryRun ? '&dryRun=All' : ''}`;
}
