/**
 * Writes lists of metadata in protobuf, as the real server does. Fields are in the order of their numbers. Texts and
 * times that are not pointers are written even if they are empty (k8s.io/apimachinery, `generated.proto` of `runtime`
 * and `meta/v1`).
 */

import type { JsonObject, ManagedFieldsEntry, ObjectMeta, StringMap } from './model.ts';

/** Metadata of a list. */
export interface ListMeta {
  readonly resourceVersion: string;
  readonly continue?: string | undefined;
  readonly remainingItemCount?: number | undefined;
}

/** The body of an answer. `items` come from {@link protobufItem}. */
export function protobufList(metadata: ListMeta, items: readonly Buffer[]): Buffer {
  return protobufObject('meta.k8s.io/v1', 'PartialObjectMetadataList', [
    bytes(1, [
      text(1, ''),
      text(2, metadata.resourceVersion),
      text(3, metadata.continue ?? ''),
      ...(metadata.remainingItemCount === undefined ? [] : [integer(4, metadata.remainingItemCount)]),
    ]),
    ...items.map((item) => bytes(2, [item])),
  ]);
}

/** An object in the envelope of every answer: magic bytes and `runtime.Unknown`. */
export function protobufObject(apiVersion: string, kind: string, raw: readonly Buffer[]): Buffer {
  return Buffer.concat([
    Buffer.from('k8s\0'),
    bytes(1, [text(1, apiVersion), text(2, kind)]),
    bytes(2, raw),
    text(3, ''),
    text(4, ''),
  ]);
}

/** A PartialObjectMetadata. */
export function protobufItem(meta: ObjectMeta): Buffer {
  return bytes(1, [
    text(1, meta.name),
    text(2, ''),
    text(3, meta.namespace ?? ''),
    text(4, ''),
    text(5, meta.uid ?? ''),
    text(6, meta.resourceVersion ?? ''),
    integer(7, meta.generation ?? 0),
    meta.creationTimestamp === undefined ? bytes(8, []) : time(8, meta.creationTimestamp),
    ...(meta.deletionTimestamp === undefined ? [] : [time(9, meta.deletionTimestamp)]),
    ...(meta.deletionGracePeriodSeconds === undefined ? [] : [integer(10, meta.deletionGracePeriodSeconds)]),
    ...map(11, meta.labels),
    ...map(12, meta.annotations),
    ...(meta.ownerReferences ?? []).map(owner),
    ...(meta.finalizers ?? []).map((finalizer) => text(14, finalizer)),
    ...(meta.managedFields ?? []).map(entry),
  ]);
}

function map(number: number, values: StringMap = {}): readonly Buffer[] {
  return Object.entries(values).map(([key, value]) => bytes(number, [text(1, key), text(2, value)]));
}

function owner(reference: JsonObject): Buffer {
  const textAt = (key: string): string => {
    const value = reference[key];
    return typeof value === 'string' ? value : '';
  };
  return bytes(13, [
    text(1, textAt('kind')),
    text(3, textAt('name')),
    text(4, textAt('uid')),
    text(5, textAt('apiVersion')),
    ...(['controller', 'blockOwnerDeletion'] as const).flatMap((key, index) =>
      reference[key] === undefined ? [] : [integer(6 + index, reference[key] === true ? 1 : 0)],
    ),
  ]);
}

function entry(one: ManagedFieldsEntry): Buffer {
  return bytes(17, [
    text(1, one.manager ?? ''),
    text(2, one.operation ?? ''),
    text(3, one.apiVersion ?? ''),
    ...(one.time === undefined ? [] : [time(4, one.time)]),
    text(6, one.fieldsType ?? ''),
    ...(one.fieldsV1 === undefined ? [] : [bytes(7, [text(1, JSON.stringify(one.fieldsV1))])]),
    text(8, one.subresource ?? ''),
  ]);
}

/** Seconds and nanoseconds. The latter are always 0. */
function time(number: number, at: string): Buffer {
  return bytes(number, [integer(1, Date.parse(at) / 1000), integer(2, 0)]);
}

function text(number: number, value: string): Buffer {
  return bytes(number, [Buffer.from(value)]);
}

/** A length-delimited field of these parts. */
export function bytes(number: number, parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([varint(number * 8 + 2), varint(length), ...parts]);
}

/** An integer. Negative ones are the two's complement of 64 bits. */
export function integer(number: number, value: number): Buffer {
  return Buffer.concat([varint(number * 8), varint(BigInt.asUintN(64, BigInt(value)))]);
}

/** Seven bits for each byte, the lowest first, and a bit that says whether more follow. */
export function varint(value: number | bigint): Buffer {
  if (value < 128) return Buffer.of(Number(value));
  const groups: number[] = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) groups.push(Number(rest & 127n) | 128);
  return Buffer.from([...groups, Number(rest)]);
}
