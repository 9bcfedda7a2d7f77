import type { Finding } from '../../model/finding.ts';
import type { Body, ObjectKey } from '../../model/objects.ts';
import { get, has, nameOf } from '../../model/keys.ts';
import { FIELDS, ORIGIN, SYNC, SYNC_KEYS, writeFields, writeOrigin } from '../annotations/markers.ts';
import { namedKeys, parseSyncKeys } from '../annotations/sync-keys.ts';
import type { ClassifiedSnapshot, Source } from '../classify.ts';
import { readFieldOwnership } from '../managed-fields/managed-fields.ts';
import { narrowContent } from './narrow-content.ts';

/**
 * One warning for each source that lacks a key which its `sync-keys` names. If nothing had to be read, a copy that is up to
 * date tells: it was written from this version of the source, and its fields are those that the source has.
 */
export function missingKeyFindings(
  classified: ClassifiedSnapshot,
  bodies: ReadonlyMap<ObjectKey, Body | undefined>,
): readonly Finding[] {
  return classified.sources.flatMap((source): readonly Finding[] => {
    const text = get(source.meta.annotations, SYNC_KEYS);
    if (text === undefined || source.selector === undefined) return [];
    // For a source that has copies here, the plan of this cluster says it.
    if (classified.scope.remote !== undefined && has(source.meta.annotations, SYNC)) return [];
    const keys = bodies.has(source.key)
      ? missingIn(bodies.get(source.key))
      : missingInCopy(source, text, classified);
    return keys.length === 0 ? [] : [{ reason: 'key-missing', ...nameOf(source.meta), keys }];
  });
}

function missingIn(body: Body | undefined): readonly string[] {
  const narrowed = body && narrowContent(body);
  return narrowed?.ok ? narrowed.missing : [];
}

function missingInCopy(source: Source, text: string, classified: ClassifiedSnapshot): readonly string[] {
  const rules = parseSyncKeys(text);
  const names = rules.ok ? namedKeys(rules.value) : [];
  const written = names.length === 0 ? undefined : writtenFields(source, text, classified);
  if (!rules.ok || written === undefined) return [];
  const isWritten = (to: string): boolean => written.has(`data/${to}`) || written.has(`binaryData/${to}`);
  return [...rules.value.named].flatMap(([key, { to }]) =>
    names.includes(key) && !isWritten(to) ? [key] : [],
  );
}

/** The content fields of the first copy that is up to date. */
function writtenFields(
  { meta, key }: Source,
  text: string,
  { index, scope }: ClassifiedSnapshot,
): ReadonlySet<string> | undefined {
  const origin = writeOrigin(meta);
  for (const { copy } of index.byName(meta.kind, meta.name).values()) {
    if (copy?.originKey !== key || !scope.isInShard(copy.meta.namespace)) continue;
    if (get(copy.meta.annotations, ORIGIN) !== origin) continue;
    const { content } = readFieldOwnership(copy.meta.managedFields);
    if (writeFields(content, scope.sha256, text) === get(copy.meta.annotations, FIELDS))
      return new Set(content);
  }
  return undefined;
}
