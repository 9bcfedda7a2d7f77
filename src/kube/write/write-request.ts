import type { Result } from '../../model/failure.ts';
import { MANAGER } from '../../plan/annotations/markers.ts';
import type { Body, ObjectKey, ObjectName } from '../../model/objects.ts';
import type { Change, Guard, Prune, Refresh, Update } from '../../model/change.ts';
import type { Settings } from '../../model/settings.ts';
import type { SkipReason } from '../../model/run-report.ts';
import { keyFrom } from '../../model/keys.ts';
import { createText, patchText } from '../../plan/copy/request-body.ts';
import { attemptOf } from '../read/read-object.ts';
import { redactor, withoutOldValues } from './redact.ts';
import type { ApiResponse, ApiRequest, ApiClient } from '../http/client.ts';
import { collectionPath, objectPath } from '../api.ts';

/** A change that ends in a copy, as opposed to one that ends in none. */
export type DesiredObject = Exclude<Change, Prune>;

/** What every write of a run has at hand. */
export interface Writing {
  readonly connection: ApiClient;
  /** Every write carries `dryRun=All`: it is answered as a write would be, and nothing is changed. */
  readonly rehearse: boolean;
  readonly settings: Settings;
  readonly now: () => Date;
  /** Why nothing more may be written; undefined as long as it may. */
  readonly stopped: () => SkipReason | undefined;
}

/** A source made ready for all of its copies: serialised once, its values known to the filter of messages. */
export interface WriteSource {
  readonly source: Body;
  readonly textFor: (namespace: string) => string;
  readonly patchFor: (change: Update | Refresh, time: string) => string;
  readonly conceal: (message: string) => string;
}

/** Makes every source ready when its first copy is written. */
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
      conceal: redactor(source),
    };
    known.set(key, origin);
    return origin;
  };
}

/** How a POST is meant. */
export type PostHow = Pick<ApiRequest, 'mustFinish'> & { readonly dryRun?: boolean };

/** Sends the copy of a source to a namespace. */
export function postCopy(
  writing: Writing,
  name: ObjectName,
  { textFor, conceal }: WriteSource,
  { dryRun = writing.rehearse, mustFinish: unstoppable = false }: PostHow = {},
): Promise<Result<ApiResponse>> {
  return writing.connection.send({
    method: 'POST',
    path: collectionPath(name.kind, name.namespace) + queryOf(writing.rehearse || dryRun),
    attempt: attemptOf('create', name),
    body: textFor(name.namespace),
    redact: conceal,
    mustFinish: unstoppable,
  });
}

/** Patches a copy in place (RFC 7396); `time` is that of an ownership that is moved. */
export function patchCopy(
  writing: Writing,
  change: Update | Refresh,
  { patchFor, conceal }: WriteSource,
  time: string,
): Promise<Result<ApiResponse>> {
  const body = patchFor(change, time);
  const request = {
    method: 'PATCH',
    path: objectPath(change) + queryOf(writing.rehearse),
    attempt: attemptOf('patch', change),
    body,
    contentType: 'application/merge-patch+json',
  } as const;
  return withoutOldValues(writing.connection, change, conceal, (hold) =>
    writing.connection.send({ ...request, redact: hold }),
  );
}

/**
 * Deletes the object that the decision was about, and no other (Kubernetes: DeleteOptions, "preconditions"). What the
 * query of a DELETE says counts for nothing where there is a body, so a rehearsal is declared in the body.
 */
export function deleteCopy(
  { connection, rehearse }: Writing,
  name: ObjectName,
  { uid, resourceVersion }: Guard,
): Promise<Result<ApiResponse>> {
  const body = JSON.stringify({
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    preconditions: { uid, resourceVersion },
    ...(rehearse && { dryRun: ['All'] }),
  });
  const request = {
    method: 'DELETE',
    path: objectPath(name),
    attempt: attemptOf('delete', name),
    body,
  } as const;
  return withoutOldValues(connection, name, same, (hold) => connection.send({ ...request, redact: hold }));
}

function same(message: string): string {
  return message;
}

function queryOf(dryRun: boolean): string {
  return `?fieldManager=${MANAGER}${dryRun ? '&dryRun=All' : ''}`;
}
