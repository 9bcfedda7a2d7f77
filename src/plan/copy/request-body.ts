/*
 * What is sent in a patch? `patchBody` returns it: the fields that differ, and the uid and resourceVersion of the body that
 * was compared (docs/design.md 6). Only the bodies in this file carry values of a source.
 *
 * Example: the source has a new value for `a` and no `b` any more →
 *   {"metadata":{"uid":"…","resourceVersion":"42","annotations":{…}},"data":{"a":"new","b":null}}
 */

import { desired } from './desired.ts';
import { copyContent } from './narrow-content.ts';
import type { Body, StringMap } from '../../model/objects.ts';
import type { FieldDifference, FieldPart, Guard, Refresh, Update } from '../../model/change.ts';
import type { Settings } from '../../model/settings.ts';
import { get } from '../../model/keys.ts';

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

function contentBody(source: Body): object {
  const { kind } = source;
  const content = copyContent(source);
  return {
    ...(Object.keys(content.data).length > 0 && { data: content.data }),
    ...(Object.keys(content.binaryData).length > 0 && { binaryData: content.binaryData }),
    ...(kind === 'Secret' && { type: content.type ?? 'Opaque' }),
    ...(content.immutable && { immutable: true }),
  };
}

/** As {@link createBody}, as JSON. The source is serialised once for all namespaces. */
export function createText(source: Body, settings: Settings): (namespace: string) => string {
  const text = JSON.stringify(createBody(source, '', settings));
  const gap = text.indexOf('"namespace":""') + '"namespace":'.length;
  const [head, tail] = [text.slice(0, gap), text.slice(gap + '""'.length)];
  return (namespace) => head + JSON.stringify(namespace) + tail;
}

/**
 * The JSON merge patch (RFC 7396) of an update or refresh. It has exactly the fields that differ, and the uid and
 * resourceVersion of the compared body.
 *
 * @internal for tests
 */
export function patchBody(change: Update | Refresh, source: Body, settings: Settings): object {
  const want = desired(source, settings);
  const content = copyContent(source);
  const part = (name: FieldPart, map: StringMap): object => keyed(name, change.fields, map);
  const { managedFields } = change;
  return {
    metadata: {
      ...change.guard,
      ...part('labels', want.labels),
      ...part('annotations', want.annotations),
      ...(managedFields && { managedFields }),
    },
    ...part('data', content.data),
    ...part('binaryData', content.binaryData),
    ...(change.fields.some((field) => field.part === 'immutable') && {
      immutable: content.immutable || null,
    }),
  };
}

/**
 * As {@link patchBody}, as JSON. Most copies of a source differ from it in the same fields. For these, everything after
 * the guard is serialised once.
 */
export function patchText(source: Body, settings: Settings): (change: Update | Refresh) => string {
  const restOf = (change: Update | Refresh): string =>
    JSON.stringify(patchBody({ ...change, guard: NO_GUARD }, source, settings)).slice(
      guardText(NO_GUARD).length,
    );
  let last: { readonly fields: readonly FieldDifference[]; readonly rest: string } | undefined;
  return (change) => {
    const { fields, guard, managedFields } = change;
    if (managedFields !== undefined) return guardText(guard) + restOf(change);
    if (last === undefined || !areSame(last.fields, fields)) last = { fields, rest: restOf(change) };
    return guardText(guard) + last.rest;
  };
}

const NO_GUARD: Guard = { uid: '', resourceVersion: '' };

/** The start of a patch, up to and including its guard. */
function guardText({ uid, resourceVersion }: Guard): string {
  return `{"metadata":{"uid":${JSON.stringify(uid)},"resourceVersion":${JSON.stringify(resourceVersion)}`;
}

function areSame(some: readonly FieldDifference[], others: readonly FieldDifference[]): boolean {
  if (some.length !== others.length) return false;
  return some.every(({ part, key }, place) => others[place]?.part === part && others[place].key === key);
}

/** One map of a patch: the keys that differ, with null for a key to remove. Empty if no key differs. */
function keyed(part: FieldPart, fields: readonly FieldDifference[], want: StringMap): object {
  const entries: [string, string | null][] = [];
  for (const field of fields)
    if (field.part === part && field.key !== undefined)
      entries.push([field.key, get(want, field.key) ?? null]);
  return entries.length === 0 ? {} : { [part]: Object.fromEntries(entries) };
}
