import type { Body, ObjectMeta, StringMap } from '../../model/objects.ts';
import type { NotCopyable } from '../../model/finding.ts';
import { isLabelKey, isLabelValue } from '../annotations/selector.ts';
import { copied } from './strip.ts';

/*
 * What the API server would refuse for every copy alike: said once of the source, and nothing is written. How much etcd
 * takes is a setting that nobody can look up, so that limit is learned from the first write that meets it.
 */

/** All annotations of an object together, keys and values (Kubernetes: `TotalAnnotationSizeLimitB`). */
const ANNOTATIONS_LIMIT = 262_144;

/** What the marks add to the annotations of a copy at most: two keys, an origin with two long names, a hash. */
const MARKS_ROOM = 1024;

/** All values of an object together, decoded; keys do not count (Kubernetes: `MaxSecretSize`). */
const CONTENT_LIMIT = 1_048_576;

/** The body of a request (Kubernetes: `MaxRequestBodyBytes`): one of control characters takes six bytes for each. */
const REQUEST_LIMIT = 3 * 1_048_576;

/** Whether a source's copies could not be written because of its labels and annotations. */
export function metadataProblem(source: ObjectMeta, strip: readonly string[]): NotCopyable | undefined {
  return annotationsTooLarge(source, strip) ?? invalidMetadata(source, strip);
}

/** Whether the annotations that a source's copies carry leave no room for the marks: seen before any write. */
export function annotationsTooLarge(source: ObjectMeta, strip: readonly string[]): NotCopyable | undefined {
  const bytes = sizeOf(copied(source.annotations, strip));
  const limit = ANNOTATIONS_LIMIT - MARKS_ROOM;
  return bytes > limit ? { code: 'annotations-too-large', bytes, limit } : undefined;
}

/** What an API server of today refuses may be there from an older one, or stand in a manifest. */
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

/** Whether a source's copies could not be written because of its content. */
export function contentProblem(source: Body, strip: readonly string[]): NotCopyable | undefined {
  const bytes = contentBytes(source);
  if (bytes > CONTENT_LIMIT) return { code: 'content-too-large', bytes, limit: CONTENT_LIMIT };
  const limit = REQUEST_LIMIT - MARKS_ROOM;
  // Nothing takes more than six bytes a character in JSON, so most sources need not be written out for this.
  const characters = bytes + contentKeys(source).length + sizeOf(source.annotations) + sizeOf(source.labels);
  if (characters * 6 <= limit) return undefined;
  const { data, binaryData } = source.content;
  const { labels, annotations } = source;
  const sent = { data, binaryData, labels: copied(labels, strip), annotations: copied(annotations, strip) };
  const request = utf8Length(JSON.stringify(sent));
  return request > limit ? { code: 'request-too-large', bytes: request, limit } : undefined;
}

/** Whoever stores more than this in one object has a large etcd, or the API server left the record of owners out. */
const UNTRACKED_FROM = 1_048_576;

/**
 * Whether an object is without managedFields because of its size: one that etcd does not take with them the API server
 * stores without, on every write, so that there is no ownership to be moved (`create.go` of k8s.io/apiserver).
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

/** Bytes of all values as the API server counts them: those that travel as base64 are counted decoded. */
function contentBytes({ kind, content }: Body): number {
  const data = Object.values(content.data).map(kind === 'Secret' ? decodedLength : utf8Length);
  const binaryData = Object.values(content.binaryData).map(decodedLength);
  return [...data, ...binaryData].reduce((sum, length) => sum + length, 0);
}

function sizeOf(map: StringMap): number {
  return Object.entries(map).reduce((sum, [key, value]) => sum + utf8Length(key) + utf8Length(value), 0);
}

/** Bytes of a text in UTF-8, which is what the API server counts. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const unit = character.charCodeAt(0);
    bytes += character.length === 2 ? 4 : unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
  }
  return bytes;
}

/** The bytes that a base64 text stands for. */
export function decodedLength(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return Math.floor((base64.length * 3) / 4) - padding;
}
