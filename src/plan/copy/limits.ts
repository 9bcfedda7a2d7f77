import type { Body, ObjectMeta, StringMap } from '../../model/objects.ts';
import type { NotCopyable } from '../../model/finding.ts';
import { isLabelKey, isLabelValue } from '../annotations/name-syntax.ts';
import { copyContent } from './narrow-content.ts';
import { copied } from './strip.ts';

/*
 * Would the API server reject every copy of a source? Then the source is reported once, and nothing is written. The limit of
 * etcd is a setting that no request shows. A run learns it from the first write that is rejected.
 */

/** All annotations of an object together, keys and values (Kubernetes: `TotalAnnotationSizeLimitB`). */
const ANNOTATIONS_LIMIT = 262_144;

/** The most bytes that marks add to the annotations of a copy: an origin with two long names, a hash, a context. */
const MARKS_ROOM = 4096;

/** All values of an object together, decoded, without keys (Kubernetes: `MaxSecretSize`). */
const CONTENT_LIMIT = 1_048_576;

/** The body of a request (Kubernetes: `MaxRequestBodyBytes`). JSON writes a control character with six bytes. */
const REQUEST_LIMIT = 3 * 1_048_576;

/** Why copies of a source would be rejected for its labels and annotations. Undefined if they would not. */
export function metadataProblem(source: ObjectMeta, strip: readonly string[]): NotCopyable | undefined {
  return annotationsTooLarge(source, strip) ?? invalidMetadata(source, strip);
}

/** A problem if the copied annotations of a source leave no room for the marks. */
function annotationsTooLarge(source: ObjectMeta, strip: readonly string[]): NotCopyable | undefined {
  const bytes = sizeOf(copied(source.annotations, strip));
  const limit = ANNOTATIONS_LIMIT - MARKS_ROOM;
  return bytes > limit ? { code: 'annotations-too-large', bytes, limit } : undefined;
}

/** A problem if a label or annotation is invalid. Older API servers accepted more, and manifests can have anything. */
function invalidMetadata(source: ObjectMeta, strip: readonly string[]): NotCopyable | undefined {
  const labels = Object.entries(copied(source.labels, strip));
  const label = labels.find(([key, value]) => !isLabelKey(key) || !isLabelValue(value));
  if (label !== undefined) return { code: 'invalid-metadata', part: 'labels', key: label[0] };
  const annotations = Object.keys(copied(source.annotations, strip));
  const annotation = annotations.find((key) => !isLabelKey(key.toLowerCase()));
  return annotation === undefined
    ? undefined
    : { code: 'invalid-metadata', part: 'annotations', key: annotation };
}

/** Why copies of a source would be rejected for its content. Undefined if they would not. */
export function contentProblem(source: Body, strip: readonly string[]): NotCopyable | undefined {
  const narrowed = { ...source, content: copyContent(source) };
  const bytes = contentBytes(narrowed);
  if (bytes > CONTENT_LIMIT) return { code: 'content-too-large', bytes, limit: CONTENT_LIMIT };
  const limit = REQUEST_LIMIT - MARKS_ROOM;
  // JSON needs at most six bytes for a character, so most sources need not be serialised.
  const characters =
    bytes + contentKeys(narrowed).length + sizeOf(source.annotations) + sizeOf(source.labels);
  if (characters * 6 <= limit) return undefined;
  const { data, binaryData } = narrowed.content;
  const { labels, annotations } = source;
  const sent = { data, binaryData, labels: copied(labels, strip), annotations: copied(annotations, strip) };
  const request = utf8Length(JSON.stringify(sent));
  return request > limit ? { code: 'request-too-large', bytes: request, limit } : undefined;
}

/** From this size on, the API server may store an object without managedFields. */
const UNTRACKED_FROM = 1_048_576;

/**
 * Whether an object has no managedFields because of its size. If an object is too large for etcd with them, the API server
 * stores it without them, on every write. Then no ownership can be moved (`create.go` of k8s.io/apiserver).
 */
export function isTooLargeToTrack(there: Body): boolean {
  if (there.managedFields.length > 0) return false;
  const keys = contentKeys(there).length;
  const bytes = contentBytes(there) + 2 * keys + sizeOf(there.labels) + sizeOf(there.annotations);
  return bytes > UNTRACKED_FROM;
}

function contentKeys({ content }: Body): string {
  return Object.keys(content.data).join('......') + Object.keys(content.binaryData).join('......');
}

/** The bytes of all values, as the API server counts them: base64 counts as decoded. */
function contentBytes({ kind, content }: Body): number {
  const data = Object.values(content.data).map(kind === 'Secret' ? decodedLength : utf8Length);
  const binaryData = Object.values(content.binaryData).map(decodedLength);
  return [...data, ...binaryData].reduce((sum, length) => sum + length, 0);
}

function sizeOf(map: StringMap): number {
  return Object.entries(map).reduce((sum, [key, value]) => sum + utf8Length(key) + utf8Length(value), 0);
}

/** The bytes of a text in UTF-8, as the API server counts them. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const unit = character.charCodeAt(0);
    bytes += character.length === 2 ? 4 : unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
  }
  return bytes;
}

/** The number of bytes that a base64 text encodes. */
export function decodedLength(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return Math.floor((base64.length * 3) / 4) - padding;
}
