import {
  FIELDS,
  ORIGIN,
  ORIGIN_CLUSTER,
  ORIGIN_NAME,
  ORIGIN_NAMESPACE,
  UNWANTED_SINCE,
} from '../../plan/annotations/markers.ts';
import { contentFields, desired } from '../../plan/copy/desired.ts';
import { contentDifferences, metadataDifferences } from '../../plan/copy/differences.ts';
import type { Body, ObjectName } from '../../model/objects.ts';
import type { DesiredObject } from './write-request.ts';
import type { FieldDifference, Mark } from '../../model/change.ts';
import type { Settings } from '../../model/settings.ts';
import { admissionFinding } from '../../plan/copy/admission.ts';
import { readFieldOwnership } from '../../plan/managed-fields/managed-fields.ts';
import type { ApiResponse } from '../http/client.ts';
import { type WrittenObject, decodeWritten } from '../read/decode-object.ts';
import { isJson, objectAt, textAt } from '../api.ts';
import { type WriteAttempt, done } from './write-outcome.ts';
import { marksLost } from './lost-marks.ts';

/** What a write sent. */
export interface SentCopy {
  readonly source: Body;
  readonly settings: Settings;
  /** It was a POST, which sends the whole object. A patch sends a part. */
  readonly created?: boolean;
  /** The write also sent managedFields. */
  readonly movedOwnership?: boolean;
}

/**
 * Compares the answer to a write with what was sent: content, labels, annotations, and moved ownership. Admission may
 * change an object on its way in, and the API server ignores malformed managedFields silently.
 */
export function responseOutcome(
  change: DesiredObject,
  sent: SentCopy,
  { json, status }: ApiResponse,
): WriteAttempt {
  const there = decodeWritten(change.kind, json);
  if (there === undefined || there.name !== change.name || there.namespace !== change.namespace)
    return {
      unclear: { reason: 'malformed-answer', message: 'the answer is not the object written', status },
    };
  const differences = answerDifferences(change, sent, there);
  const lost = differences.filter(isLostMark);
  if (lost.length > 0) return { result: marksLost(change, lost) };
  const changed = differences.length > 0 || (sent.movedOwnership === true && !isOwner(sent.source, there));
  if (!changed) return { result: done() };
  return { result: done([admissionFinding(change, differences)]) };
}

/** What another write would have to change in the answer to make it what was sent. */
function answerDifferences(
  change: DesiredObject,
  { source, settings, created }: SentCopy,
  there: WrittenObject,
): readonly FieldDifference[] {
  const fields = 'fields' in change ? change.fields : [];
  const removed = (part: FieldDifference['part']): string[] =>
    fields.filter((field) => field.part === part && field.op === 'remove').map(({ key }) => String(key));
  const unwanted = created
    ? { labels: Object.keys(there.labels), annotations: Object.keys(there.annotations) }
    : { labels: removed('labels'), annotations: removed('annotations') };
  return [
    ...contentDifferences(source, there),
    ...metadataDifferences(desired(source, settings), there, unwanted),
  ];
}

const MARKS: ReadonlySet<string | undefined> = new Set([
  FIELDS,
  ORIGIN,
  ORIGIN_CLUSTER,
  ORIGIN_NAME,
  ORIGIN_NAMESPACE,
]);

/** Without any one of its marks a copy would not be recognised again. */
function isLostMark({ key, part }: FieldDifference): boolean {
  return (part === 'labels' || part === 'annotations') && MARKS.has(key);
}

/**
 * Whether the answer to a delete is from the API server: a Status, or the object, which finalizers keep for now. A
 * proxy may answer 200 to anything.
 */
export function confirmsDelete(name: ObjectName, { json }: ApiResponse): boolean {
  if (isJson(json) && json['kind'] === 'Status') return json['status'] === 'Success';
  return isJson(json) && textAt(objectAt(json, 'metadata'), 'name') === name.name;
}

/** Whether the answer to a mark shows the annotation. */
export function confirmsMark({ name, since }: Mark, { json }: ApiResponse): boolean {
  const metadata = isJson(json) ? objectAt(json, 'metadata') : {};
  return (
    textAt(metadata, 'name') === name && textAt(objectAt(metadata, 'annotations'), UNWANTED_SINCE) === since
  );
}

function isOwner(source: Body, there: WrittenObject): boolean {
  const owned = new Set(readFieldOwnership(there.managedFields).content);
  return contentFields(source).every((field) => owned.has(field));
}
