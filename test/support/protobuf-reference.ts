/**
 * A second, plain reader of metadata lists in protobuf. A table describes the messages. It shares nothing, skips
 * nothing and caches nothing. Tests compare the decoder of the program with it.
 */

interface Message {
  readonly [number: number]: readonly [name: string, type: 'text' | 'integer' | 'json' | 'map' | Message];
}

const TIME: Message = { 1: ['seconds', 'integer'] };
const ENTRY: Message = {
  1: ['manager', 'text'],
  2: ['operation', 'text'],
  4: ['time', TIME],
  7: ['fieldsV1', { 1: ['raw', 'json'] }],
  8: ['subresource', 'text'],
};
const META: Message = {
  1: ['name', 'text'],
  3: ['namespace', 'text'],
  5: ['uid', 'text'],
  6: ['resourceVersion', 'text'],
  8: ['creationTimestamp', TIME],
  9: ['deletionTimestamp', TIME],
  11: ['labels', 'map'],
  12: ['annotations', 'map'],
  17: ['managedFields', ENTRY],
};
const LIST: Message = {
  1: [
    'metadata',
    { 2: ['resourceVersion', 'text'], 3: ['continue', 'text'], 4: ['remainingItemCount', 'integer'] },
  ],
  2: ['items', { 1: ['metadata', META] }],
};
const UNKNOWN: Message = { 1: ['typeMeta', { 2: ['kind', 'text'] }], 2: ['raw', LIST] };
const PAIR: Message = { 1: ['key', 'text'], 2: ['value', 'text'] };
const REPEATED: ReadonlySet<string> = new Set(['items', 'managedFields', 'labels', 'annotations']);

type Value = Record<string, unknown>;

/** The list as JSON. Throws if the bytes are not a list. */
export function readByReference(body: Buffer): { kind: string; metadata: Value; items: readonly Value[] } {
  if (body.toString('latin1', 0, 4) !== 'k8s\0') throw new Error('magic');
  const { typeMeta, raw } = read(body.subarray(4), UNKNOWN) as { typeMeta?: { kind?: string }; raw?: Value };
  if (raw === undefined) throw new Error('raw');
  const items = (raw['items'] ?? []) as { readonly metadata?: Value }[];
  return {
    kind: typeMeta?.kind ?? '',
    metadata: (raw['metadata'] ?? {}) as Value,
    items: items.map(({ metadata = {} }) => ({ metadata: metaOf(metadata) })),
  };
}

function metaOf(meta: Value): Value {
  const text = (key: string): unknown => meta[key] ?? '';
  return {
    ...Object.fromEntries(['name', 'namespace', 'uid', 'resourceVersion'].map((key) => [key, text(key)])),
    creationTimestamp: timeOf(meta['creationTimestamp']),
    deletionTimestamp: timeOf(meta['deletionTimestamp']),
    labels: pairsOf(meta['labels']),
    annotations: pairsOf(meta['annotations']),
    managedFields: ((meta['managedFields'] ?? []) as Value[]).map(entryOf),
  };
}

function pairsOf(pairs: unknown): Value {
  return Object.fromEntries(((pairs ?? []) as Value[]).map(({ key = '', value = '' }) => [key, value]));
}

function entryOf({ manager = '', operation = '', subresource = '', time, fieldsV1 }: Value): Value {
  const { raw = '' } = (fieldsV1 ?? {}) as { raw?: string };
  const tree = raw === '' ? undefined : (JSON.parse(raw) as unknown);
  return { manager, operation, time: timeOf(time), fieldsV1: tree, subresource };
}

function timeOf(time: unknown): string | undefined {
  if (time === undefined || Object.keys(time as object).length === 0) return undefined;
  const { seconds = 0 } = time as { seconds?: number };
  return `${new Date(seconds * 1000).toISOString().slice(0, -5)}Z`;
}

function read(bytes: Buffer, message: Message): Value {
  const found: Value = {};
  const parts = new Map<string, Buffer>();
  let at = 0;
  // A message with any field differs from an empty one.
  if (message === TIME && bytes.length > 0) found['seconds'] = 0;
  while (at < bytes.length) {
    const [tag, afterTag] = varint(bytes, at);
    const [content, next] = contentOf(bytes, Number(tag & 7n), afterTag);
    at = next;
    const [name, type] = message[Number(tag >> 3n)] ?? [];
    if (tag >> 3n === 0n) throw new Error('field 0');
    if (name === undefined || type === undefined) continue;
    const isRight = Buffer.isBuffer(content) !== (type === 'integer');
    if (content === undefined || !isRight) throw new Error('type');
    const value = valueOf(joined(parts, name, content, type), type);
    found[name] = REPEATED.has(name) ? [...((found[name] ?? []) as unknown[]), value] : value;
  }
  return found;
}

/** A message in two parts is merged. Only for a time, Go takes the last part. */
function joined(
  parts: Map<string, Buffer>,
  name: string,
  content: Buffer | bigint,
  type: Message[number][1],
): Buffer | bigint {
  const isWhole = typeof type === 'string' || type === TIME || REPEATED.has(name);
  if (isWhole || typeof content === 'bigint') return content;
  const all = Buffer.concat([parts.get(name) ?? Buffer.alloc(0), content]);
  parts.set(name, all);
  return all;
}

function valueOf(content: Buffer | bigint, type: Message[number][1]): unknown {
  if (typeof content === 'bigint') return Number(BigInt.asIntN(64, content));
  if (type === 'text' || type === 'json') return content.toString();
  return read(content, type === 'map' ? PAIR : (type as Message));
}

function contentOf(bytes: Buffer, wire: number, at: number): [Buffer | bigint | undefined, number] {
  switch (wire) {
    case 0:
      return varint(bytes, at);
    case 1:
      return [undefined, inside(bytes, at + 8)];
    case 2: {
      const [length, from] = varint(bytes, at);
      const end = inside(bytes, from + Number(length));
      return [bytes.subarray(from, end), end];
    }
    case 3:
      return [undefined, groupEnd(bytes, at)];
    case 5:
      return [undefined, inside(bytes, at + 4)];
    default:
      throw new Error('wire type');
  }
}

function groupEnd(bytes: Buffer, from: number): number {
  for (let at = from; ;) {
    const [tag, afterTag] = varint(bytes, at);
    if ((tag & 7n) === 4n) return afterTag;
    [, at] = contentOf(bytes, Number(tag & 7n), afterTag);
  }
}

function inside(bytes: Buffer, at: number): number {
  if (at > bytes.length) throw new Error('end');
  return at;
}

function varint(bytes: Buffer, from: number): [bigint, number] {
  let value = 0n;
  for (let [at, shift] = [from, 0n]; ; at += 1, shift += 7n) {
    const byte = bytes[at];
    if (byte === undefined || shift > 63n) throw new Error('varint');
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return [BigInt.asUintN(64, value), at + 1];
  }
}
