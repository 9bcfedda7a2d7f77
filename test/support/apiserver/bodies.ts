/** Turns request bodies into objects, with the errors of each verb. */

import { decode, decodeAsSent, DecodeError, type Decoded } from './codec.ts';
import { leavesOf, pathOf, type Leaves } from './fieldset.ts';
import {
  asText,
  isObject,
  RESOURCES,
  withMeta,
  type Json,
  type JsonObject,
  type KubeObject,
  type ResourceName,
} from './model.ts';
import { jsonPatch, mergePatch, strategicMerge } from './patch.ts';
import { badRequest, invalid, invalidValue, StatusError } from './status.ts';

/** The object that a request is about. */
export interface Target {
  readonly resource: ResourceName;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** The patch languages by content type. */
export type PatchType = 'apply' | 'json' | 'merge' | 'strategic';

/** The body of a POST or PUT. Throws 400 if it does not fit. */
export function decodeBody(resource: ResourceName, body: Json, strict: boolean): Decoded {
  const { kind } = RESOURCES[resource];
  const raw = isObject(body) ? body : {};
  try {
    return strictly(decode(resource, raw), strict);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const given = asText(raw['kind']) || kind;
    throw badRequest(`${given} in version "v1" cannot be handled as a ${kind}: ${error.message}`);
  }
}

/**
 * The live object after a PATCH. Throws 422 if the result does not fit. As in the real server, the message then has the
 * whole object, with the values of a Secret.
 */
export function decodePatched(resource: ResourceName, patched: Json, strict: boolean): Decoded {
  try {
    return strictly(decode(resource, isObject(patched) ? patched : {}), strict);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw invalid('', '', [invalidValue('patch', JSON.stringify(patched), error.message)]);
  }
}

function strictly(decoded: Decoded, strict: boolean): Decoded {
  const [unknown] = decoded.unknownFields;
  if (unknown === undefined || !strict) return decoded;
  throw new DecodeError(`strict decoding error: unknown field ${JSON.stringify(unknown)}`);
}

/** The texts of the `Warning` headers for fields that the kind does not have. */
export function warningsOf({ unknownFields }: Pick<Decoded, 'unknownFields'>): string[] {
  return unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`);
}

/** The JSON of the live object after a patch. */
export function applyPatch(type: Exclude<PatchType, 'apply'>, live: Json, patch: Json): Json {
  if (type === 'json') return jsonPatch(live, patch);
  if (!isObject(patch))
    throw badRequest(
      'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    );
  return type === 'merge' ? mergePatch(live, patch) : strategicMerge(live, patch);
}

/** The body of a server-side apply. */
export interface Config {
  readonly object: KubeObject;
  /** Its fields. A map or list is among them only if it was sent empty. */
  readonly leaves: Leaves;
}

/** Reads the body of a server-side apply. */
export function decodeConfig(resource: ResourceName, body: Json): Config {
  const raw = isObject(body) ? body : {};
  checkConfig(resource, raw);
  const { object } = decodeConfigObject(resource, raw);
  const leaves = new Map([...leavesOf(object)].filter(([, value]) => value !== null));
  for (const path of emptyContainers(raw)) leaves.set(path, null);
  return { object, leaves };
}

function checkConfig(resource: ResourceName, raw: JsonObject): void {
  const apiVersion = asText(raw['apiVersion']);
  const kind = asText(raw['kind']);
  if (apiVersion !== 'v1' || kind !== RESOURCES[resource].kind)
    throw badRequest(`invalid object type: /${apiVersion}, Kind=${kind}`);
  const metadata = isObject(raw['metadata']) ? raw['metadata'] : {};
  if ((metadata['managedFields'] ?? null) !== null) throw badRequest('metadata.managedFields must be nil');
}

function decodeConfigObject(resource: ResourceName, raw: JsonObject): Decoded {
  const metadata = isObject(raw['metadata']) ? raw['metadata'] : {};
  const title = `${asText(metadata['namespace'])}/${asText(metadata['name'])}`;
  const wrap = (why: string): StatusError =>
    new StatusError(
      500,
      '',
      `failed to create typed patch object (${title}; /v1, Kind=${RESOURCES[resource].kind}): ${why}`,
    );
  try {
    const decoded = decodeAsSent(resource, raw);
    const [unknown] = decoded.unknownFields;
    if (unknown === undefined) return decoded;
    throw wrap(`.${unknown}: field not declared in schema`);
  } catch (error) {
    throw error instanceof DecodeError ? wrap(error.message) : error;
  }
}

function emptyContainers(raw: JsonObject): string[] {
  const metadata = isObject(raw['metadata']) ? raw['metadata'] : {};
  const top = ['data', 'binaryData', 'stringData'].filter((key) => isEmpty(raw[key]));
  const inner = ['labels', 'annotations', 'finalizers', 'ownerReferences'];
  const metaPaths = inner
    .filter((key) => isEmpty(metadata[key]))
    .map((key) => pathOf('f:metadata', `f:${key}`));
  return [...top.map((key) => `f:${key}`), ...metaPaths];
}

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined) return false;
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

/** Returns the object in the namespace of the URL. Throws 400 if it names another. */
export function inNamespace(object: KubeObject, namespace: string | undefined): KubeObject {
  const given = object.metadata.namespace;
  if (given !== undefined && given !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  return withMeta(object, { namespace });
}

/** Returns the object with the name and namespace of the URL. Throws 400 if it has others. */
export function checkIdentity(target: Target, object: KubeObject): KubeObject {
  const name = object.metadata.name ?? '';
  if (name !== '' && name !== target.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name})`);
  return inNamespace(withMeta(object, { name: target.name }), target.namespace);
}
