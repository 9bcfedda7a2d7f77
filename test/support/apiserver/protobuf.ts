/** Reads the protobuf bodies of `kubectl create`. Everything else here uses JSON. */

import { asText, type Json, type JsonObject } from './model.ts';

/** The content type of such bodies. */
export const PROTOBUF = 'application/vnd.kubernetes.protobuf';

type Bytes = Uint8Array;

/** How to read one field of a message. */
type Reader = (bytes: Bytes) => Json;

interface Field {
  readonly name: string;
  readonly read: Reader;
  /** A map's entries are messages of key and value. */
  readonly kind?: 'list' | 'map';
}

type Schema = ReadonlyMap<number, Field>;

const text = (bytes: Bytes): string => Buffer.from(bytes).toString();
const base64 = (bytes: Bytes): string => Buffer.from(bytes).toString('base64');
const flag: Reader = (bytes) => (bytes[0] ?? 0) !== 0;

const META: Schema = new Map<number, Field>([
  [1, { name: 'name', read: text }],
  [3, { name: 'namespace', read: text }],
  [5, { name: 'uid', read: text }],
  [6, { name: 'resourceVersion', read: text }],
  [11, { name: 'labels', read: text, kind: 'map' }],
  [12, { name: 'annotations', read: text, kind: 'map' }],
  [14, { name: 'finalizers', read: text, kind: 'list' }],
]);

const metadata: Field = { name: 'metadata', read: (bytes) => message(META, bytes) };

const SCHEMAS: Readonly<Record<string, Schema>> = {
  ConfigMap: new Map<number, Field>([
    [1, metadata],
    [2, { name: 'data', read: text, kind: 'map' }],
    [3, { name: 'binaryData', read: base64, kind: 'map' }],
    [4, { name: 'immutable', read: flag }],
  ]),
  Namespace: new Map<number, Field>([[1, metadata]]),
  Secret: new Map<number, Field>([
    [1, metadata],
    [2, { name: 'data', read: base64, kind: 'map' }],
    [3, { name: 'type', read: text }],
    [4, { name: 'stringData', read: text, kind: 'map' }],
    [5, { name: 'immutable', read: flag }],
  ]),
};

const ENVELOPE: Schema = new Map<number, Field>([
  [
    1,
    {
      name: 'type',
      read: (bytes) =>
        message(
          new Map([
            [1, { name: 'apiVersion', read: text }],
            [2, { name: 'kind', read: text }],
          ]),
          bytes,
        ),
    },
  ],
  [2, { name: 'raw', read: base64 }],
]);

/** The JSON text of a body. For an unknown one the text is empty, which is then rejected. */
export function protobufToJson(body: Buffer): string {
  if (!body.subarray(0, 4).equals(Buffer.from('k8s\0'))) return '';
  const envelope = message(ENVELOPE, body.subarray(4));
  const type = envelope['type'] as JsonObject | undefined;
  const kind = asText(type?.['kind']);
  const schema = SCHEMAS[kind];
  if (schema === undefined) return '';
  const raw = Buffer.from(asText(envelope['raw']), 'base64');
  return JSON.stringify({ ...type, ...message(schema, raw) });
}

function message(schema: Schema, bytes: Bytes): JsonObject {
  const found = new Map<string, Json>();
  for (const [number, value] of fieldsOf(bytes)) {
    const field = schema.get(number);
    if (field !== undefined) found.set(field.name, join(found.get(field.name), field, value));
  }
  return Object.fromEntries(found);
}

function join(before: Json | undefined, { read, kind }: Field, value: Bytes): Json {
  if (kind === undefined) return read(value);
  if (kind === 'list') return [...((before ?? []) as readonly Json[]), read(value)];
  const entry = new Map(fieldsOf(value));
  const key = text(entry.get(1) ?? new Uint8Array());
  const item = read(entry.get(2) ?? new Uint8Array());
  return Object.fromEntries([...Object.entries((before ?? {}) as JsonObject), [key, item]]);
}

/** The fields of a message: the bytes of a length-delimited field or of a varint. Others are skipped. */
function fieldsOf(bytes: Bytes): (readonly [number, Bytes])[] {
  const fields: (readonly [number, Bytes])[] = [];
  let at = 0;
  while (at < bytes.length) {
    const [tag, afterTag] = varint(bytes, at);
    const [size, start] =
      tag % 8 === 2 ? varint(bytes, afterTag) : [widthOf(tag % 8, bytes, afterTag), afterTag];
    fields.push([Math.floor(tag / 8), bytes.subarray(start, start + size)]);
    at = start + size;
  }
  return fields;
}

function widthOf(wire: number, bytes: Bytes, at: number): number {
  if (wire === 0) return varint(bytes, at)[1] - at;
  return wire === 1 ? 8 : 4;
}

function varint(bytes: Bytes, from: number): [value: number, next: number] {
  let value = 0;
  let at = from;
  for (let shift = 1; ; shift *= 128) {
    const byte = bytes[at++] ?? 0;
    value += (byte & 127) * shift;
    if (byte < 128) return [value, at];
  }
}
