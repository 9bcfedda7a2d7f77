import type { AnnotationProblem } from '../../model/annotation-problem.ts';
import type { Body, Content, StringMap } from '../../model/objects.ts';
import { get } from '../../model/keys.ts';
import { memoizeObject } from '../../util/memoize.ts';
import { SYNC_KEYS } from '../annotations/markers.ts';
import { type SelectedKeys, parseSyncKeys, selectKeys } from '../annotations/sync-keys.ts';
import { hasRequiredKeys, isPullSecret } from './secret-types.ts';

/*
 * What do the copies of a source have of its content? Without `sync-keys`, all of it. Everything that compares or writes
 * copies asks here (docs/design.md 3.7).
 *
 * Example: a Secret of type `kubernetes.io/tls` with `sync-keys: "ca.crt"` → its copies have `ca.crt` and the type `Opaque`,
 * since the type demands `tls.crt` and `tls.key`.
 */

/** The content of the copies, or why there is none. */
export type Narrowed =
  | { readonly ok: true; readonly content: Content; readonly missing: readonly string[] }
  | ({ readonly ok: false; readonly value: string } & AnnotationProblem);

/** Narrows the content of a source, once for each body. */
export const narrowContent = memoizeObject((source: Body): Narrowed => {
  const text = get(source.annotations, SYNC_KEYS);
  if (text === undefined) return { ok: true, content: source.content, missing: [] };
  const { type = 'Opaque', data, binaryData } = source.content;
  if (source.kind === 'Secret' && isPullSecret(type))
    return { ok: false, value: text, at: 0, problem: { code: 'type-needs-all-keys', type } };
  const rules = parseSyncKeys(text);
  const selected = rules.ok
    ? selectKeys(rules.value, [...Object.keys(data), ...Object.keys(binaryData)])
    : rules;
  if (!selected.ok) return { ok: false, value: text, at: selected.at, problem: selected.problem };
  const { names, missing } = selected.value;
  return { ok: true, content: selectContent(source, names), missing };
});

function selectContent({ kind, content }: Body, names: SelectedKeys['names']): Content {
  const { data, binaryData, immutable, type = 'Opaque' } = content;
  const narrowed = { data: renamed(data, names), binaryData: renamed(binaryData, names), immutable };
  if (kind !== 'Secret') return narrowed;
  return { ...narrowed, type: hasRequiredKeys(type, new Set(names.values())) ? type : 'Opaque' };
}

function renamed(map: StringMap, names: SelectedKeys['names']): StringMap {
  return Object.fromEntries(
    Object.entries(map).flatMap(([key, value]) => {
      const name = names.get(key);
      return name === undefined ? [] : [[name, value]];
    }),
  );
}

const NOTHING: Content = { data: {}, binaryData: {}, immutable: false };

/** The content of the copies of a source. A source with an invalid `sync-keys` is blocked before; its content is empty. */
export function copyContent(source: Body): Content {
  const narrowed = narrowContent(source);
  return narrowed.ok ? narrowed.content : NOTHING;
}

/** The type that the copies have instead of the type of the source, because they lack a key that it demands. */
export function changedType(source: Body): { readonly copiedAs: string } | undefined {
  const type = copyContent(source).type;
  const isChanged =
    source.kind === 'Secret' && type !== undefined && type !== (source.content.type ?? 'Opaque');
  return isChanged ? { copiedAs: type } : undefined;
}
