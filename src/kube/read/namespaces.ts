import type { Attempt, Result } from '../../model/failure.ts';
import type { Namespace } from '../../model/objects.ts';
import type { Connection } from '../http/client.ts';
import { decodeNamespace } from './decode-object.ts';
import { isJson } from '../json.ts';
import { METADATA } from '../metadata.ts';
import { malformed } from './list-pages.ts';
import { namespacePath } from '../api.ts';

/**
 * Reads the metadata of one namespace; undefined where there is none. A Role in the namespace itself allows it, where
 * the list of namespaces takes a ClusterRole. A 404 that does not speak of a namespace is no such answer.
 */
export async function readNamespace(
  connection: Connection,
  name: string,
): Promise<Result<Namespace | undefined>> {
  const attempt: Attempt = { verb: 'get', resource: 'namespaces', name };
  const path = namespacePath(name);
  const answer = await connection.send({ method: 'GET', path, attempt, accept: METADATA });
  if (!answer.ok) return answer.failure.reason === 'namespace-gone' ? { ok: true, value: undefined } : answer;
  const { json } = answer.value;
  const value = isJson(json) && json['kind'] === 'PartialObjectMetadata' ? decodeNamespace(json) : undefined;
  if (value?.name === name) return { ok: true, value };
  return malformed({ attempt }, connection, 'it is not the metadata of the namespace asked for');
}
