import type { Attempt, Result } from '../../model/failure.ts';
import type { Body, ObjectMeta, ObjectName } from '../../model/objects.ts';
import type { CopyList } from '../../plan/read-plan.ts';
import type { ApiRequest, ApiClient } from '../http/client.ts';
import { decodeAllMeta, decodeBody } from './decode-object.ts';
import { isJson, METADATA, objectPath, RESOURCES } from '../api.ts';
import { SECRET_FIELDS } from './read-snapshot.ts';
import { malformedAnswer, readPages } from './list-pages.ts';

type ReadHow = Pick<ApiRequest, 'accept' | 'mustFinish'>;

/** Reads one object. Undefined if it does not exist. `mustFinish` is for a read in the middle of a write. */
export function readBody(
  connection: ApiClient,
  name: ObjectName,
  how: ReadHow = {},
): Promise<Result<Body | undefined>> {
  return readOne(connection, name, name.kind, (json) => decodeBody(name.kind, json), how);
}

/** Reads all metadata of one object. Undefined if the object does not exist. */
export function readMeta(
  connection: ApiClient,
  name: ObjectName,
  how: Pick<ReadHow, 'mustFinish'> = {},
): Promise<Result<ObjectMeta | undefined>> {
  return readOne(connection, name, 'PartialObjectMetadata', (json) => decodeAllMeta(name.kind, json), {
    accept: METADATA,
    ...how,
  });
}

async function readOne<T extends ObjectMeta>(
  connection: ApiClient,
  name: ObjectName,
  kind: string,
  decode: (json: unknown) => T | undefined,
  how: ReadHow,
): Promise<Result<T | undefined>> {
  const attempt = attemptOf('get', name);
  const answer = await connection.send({ method: 'GET', path: objectPath(name), attempt, ...how });
  if (!answer.ok) return isAbsence(answer.failure.reason) ? { ok: true, value: undefined } : answer;
  const { json } = answer.value;
  const value = isJson(json) && json['kind'] === kind ? decode(json) : undefined;
  if (value !== undefined && value.name === name.name && value.namespace === name.namespace)
    return { ok: true, value };
  return malformedAnswer({ attempt }, connection, `it is not the ${kind} asked for`);
}

function isAbsence(reason: string): boolean {
  return reason === 'not-found' || reason === 'namespace-gone';
}

/** Returns the attempt to do something with an object, for the message of a failure. */
export function attemptOf(verb: Attempt['verb'], { kind, namespace, name }: ObjectName): Attempt {
  return { verb, resource: RESOURCES[kind], kind, namespace, name };
}

/**
 * Yields the bodies that a label selector selects, page by page, in one namespace or in all namespaces. A failure comes
 * last. A list with an expired token starts again: then the same object may come twice, and the later one counts.
 */
export async function* readCopies(
  connection: ApiClient,
  { kind, namespace, labelSelector }: Pick<CopyList, 'kind' | 'namespace' | 'labelSelector'>,
  pageSize: number,
): AsyncGenerator<Result<readonly Body[]>, void> {
  const selectors = { labelSelector, ...(kind === 'Secret' && { fieldSelector: SECRET_FIELDS }) };
  const where = namespace === undefined ? {} : { namespace };
  const attempt: Attempt = { verb: 'list', resource: RESOURCES[kind], kind, ...where };
  const decode = (item: unknown): Body | undefined => decodeBody(kind, item);
  const list = { attempt, selectors, pageSize, kind: `${kind}List`, decode };
  for await (const page of readPages(connection, list))
    yield page.ok ? { ok: true, value: page.value.items } : page;
}
