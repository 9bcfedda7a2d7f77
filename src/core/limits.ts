import type { NotCopyable, ObjectMeta } from './model.ts';
import { copied } from './strip.ts';

/** All annotations of an object together, keys and values (Kubernetes: `TotalAnnotationSizeLimitB`). */
const ANNOTATIONS_LIMIT = 262_144;

/** What the marks add to the annotations of a copy at most: two keys, an origin with two long names, a hash. */
const MARKS_ROOM = 1024;

/** Whether the annotations that a source's copies carry leave no room for the marks: seen before any write. */
export function annotationsTooLarge(source: ObjectMeta, strip: readonly string[]): NotCopyable | undefined {
  const entries = Object.entries(copied(source.annotations, strip));
  const bytes = entries.reduce((sum, [key, value]) => sum + utf8Length(key) + utf8Length(value), 0);
  const limit = ANNOTATIONS_LIMIT - MARKS_ROOM;
  return bytes > limit ? { code: 'annotations-too-large', bytes, limit } : undefined;
}

/** Bytes of a text in UTF-8, which is what the API server counts. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
  }
  return bytes;
}
