import { contentFields } from '../../plan/copy/desired.ts';
import { contentDifferences } from '../../plan/copy/differences.ts';
import type { Body, ObjectName } from '../../model/objects.ts';
import type { FieldDifference } from '../../model/change.ts';
import { readFieldOwnership } from '../../plan/managed-fields/managed-fields.ts';
import { nameOf } from '../../model/keys.ts';
import type { ApiResponse } from '../http/client.ts';
import { type WrittenObject, decodeWritten } from '../read/decode-object.ts';
import { isJson, objectAt, textAt } from '../api.ts';
import { type WriteAttempt, done } from './write-outcome.ts';

/**
 * Compares what the API server answers to a write with what was sent: admission may have changed it, and malformed
 * managedFields are ignored without a word (design section 5).
 */
export function responseOutcome(
  name: ObjectName,
  source: Body,
  { json, status }: ApiResponse,
  movedOwnership = false,
): WriteAttempt {
  const there = decodeWritten(name.kind, json);
  if (there === undefined || there.name !== name.name || there.namespace !== name.namespace)
    return {
      unsettled: { reason: 'malformed-answer', message: 'the answer is not the object written', status },
    };
  const fields = contentDifferences(source, there);
  const changed = fields.length > 0 || (movedOwnership && !isOwner(source, there));
  return { settled: changed ? done([changedByAdmission(name, fields)]) : done() };
}

/**
 * Whether an answer to a delete is one of the API server: a Status, or the object, where finalizers keep it for now.
 * Something in between may answer 200 to anything.
 */
export function confirmsDelete(name: ObjectName, { json }: ApiResponse): boolean {
  if (isJson(json) && json['kind'] === 'Status') return json['status'] === 'Success';
  return isJson(json) && textAt(objectAt(json, 'metadata'), 'name') === name.name;
}

function isOwner(source: Body, there: WrittenObject): boolean {
  const owned = new Set(readFieldOwnership(there.managedFields).content);
  return contentFields(source).every((field) => owned.has(field));
}

function changedByAdmission(
  name: ObjectName,
  fields: readonly FieldDifference[],
): ObjectName & { readonly reason: 'changed-by-admission'; readonly fields: readonly FieldDifference[] } {
  return { reason: 'changed-by-admission', ...nameOf(name), fields };
}
