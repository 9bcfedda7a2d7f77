import { desired } from './desired.ts';
import { MANAGER } from './marks.ts';
import type { Body, FieldDifference, FieldPart, Refresh, Settings, StringMap, Update } from './model.ts';
import { get } from './records.ts';

/*
 * The bodies of writes (design section 5). Only they carry the values of a source, and only from its body to the
 * request.
 */

/** The copy of a source in a namespace, as a create sends it. */
export function createBody(source: Body, namespace: string, settings: Settings): object {
  const { labels, annotations } = desired(source, settings);
  return {
    apiVersion: 'v1',
    kind: source.kind,
    metadata: { namespace, name: source.name, labels, annotations },
    ...contentBody(source),
  };
}

function contentBody({ kind, content }: Body): object {
  return {
    ...(Object.keys(content.data).length > 0 && { data: content.data }),
    ...(Object.keys(content.binaryData).length > 0 && { binaryData: content.binaryData }),
    ...(kind === 'Secret' && { type: content.type ?? 'Opaque' }),
    ...(content.immutable && { immutable: true }),
  };
}

/** As {@link createBody}, as JSON, with the source serialised once for all namespaces. */
export function createText(source: Body, settings: Settings): (namespace: string) => string {
  const text = JSON.stringify(createBody(source, '', settings));
  const gap = text.indexOf('"namespace":""') + '"namespace":'.length;
  const [head, tail] = [text.slice(0, gap), text.slice(gap + '""'.length)];
  return (namespace) => head + JSON.stringify(namespace) + tail;
}

/**
 * The JSON merge patch (RFC 7396) of an update or refresh: exactly the fields that differ, under the uid and
 * resourceVersion of the body that was compared. `time` is RFC 3339 and of managedFields alone: an entry without one
 * would be the first that the API server folds away.
 */
export function patchBody(change: Update | Refresh, source: Body, settings: Settings, time: string): object {
  const want = desired(source, settings);
  const part = (name: FieldPart, map: StringMap): object => keyed(name, change.fields, map);
  const { managedFields } = change;
  return {
    metadata: {
      ...change.guard,
      ...part('labels', want.labels),
      ...part('annotations', want.annotations),
      ...(managedFields && {
        managedFields: managedFields.map((entry) => (isNew(entry) ? { ...entry, time } : entry)),
      }),
    },
    ...part('data', source.content.data),
    ...part('binaryData', source.content.binaryData),
    ...(change.fields.some((field) => field.part === 'immutable') && {
      immutable: source.content.immutable || null,
    }),
  };
}

function isNew(entry: { readonly manager?: string; readonly time?: string }): boolean {
  return entry.manager === MANAGER && entry.time === undefined;
}

/** One map of a patch: the keys that differ, with null for what is to go. Nothing where none differs. */
function keyed(part: FieldPart, fields: readonly FieldDifference[], want: StringMap): object {
  const entries: [string, string | null][] = [];
  for (const field of fields)
    if (field.part === part && field.key !== undefined)
      entries.push([field.key, get(want, field.key) ?? null]);
  return entries.length === 0 ? {} : { [part]: Object.fromEntries(entries) };
}
