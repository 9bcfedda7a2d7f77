import type { Finding } from '../../model/finding.ts';
import type { Kind, ObjectMeta, ObjectName } from '../../model/objects.ts';
import type { Settings } from '../../model/settings.ts';
import { get, nameOf, originOf } from '../../model/keys.ts';
import { CONTEXT, type OriginMark } from '../annotations/markers.ts';
import { namesContext } from '../annotations/sync-contexts.ts';
import type { ClassifiedSnapshot } from '../classify.ts';
import type { Copy } from '../object-index.ts';

/*
 * Whose place is it, if a copy in another cluster was written for another context (docs/design.md 11.4)? And may it be
 * touched at all, if home was restored from a backup (11.5)? Examples for the context `b` that finds a copy of `src/omni`:
 *
 *   the copy records  src/omni asks for  decision
 *   ----------------  -----------------  ---------------------------------------------------------
 *   b                 b                  as at home
 *   b                 a                  prune
 *   a                 a, b               same-place: `a` keeps it
 *   a                 b                  taken over: it records `b` from now on
 *   a                 nothing            left-behind: only a run through `a` could prove that `a` is meant
 */

/** The context that a copy records, if that is not the one of the plan. */
function otherContext(
  { annotations }: Pick<ObjectMeta, 'annotations'>,
  { remote }: Settings,
): string | undefined {
  const recorded = get(annotations, CONTEXT);
  return remote === undefined || recorded === remote.context ? undefined : recorded;
}

/** Whether a copy was written for another context than the one of the plan. */
export function isOfOtherContext(copy: Pick<ObjectMeta, 'annotations'>, settings: Settings): boolean {
  return otherContext(copy, settings) !== undefined;
}

/** A finding if another context keeps a wanted copy, because the source still asks for that context. */
export function samePlace(copy: ObjectMeta, source: ObjectMeta, settings: Settings): Finding | undefined {
  const recorded = otherContext(copy, settings);
  if (recorded === undefined || settings.remote === undefined) return undefined;
  if (!namesContext(source, recorded, settings.remote.known)) return undefined;
  return { reason: 'same-place', ...nameOf(copy), origin: originOf(source), keptBy: recorded };
}

/** Whether an origin that is not asked about keeps its copy here, because it asks for the context that the copy records. */
export function keepsRecordedContext({ meta, origin }: Copy, { scope, home }: ClassifiedSnapshot): boolean {
  const recorded = otherContext(meta, scope);
  if (recorded === undefined || scope.remote === undefined) return false;
  const source = home.index.byName(meta.kind, origin.name).get(origin.namespace);
  return (
    source !== undefined &&
    source.copy === undefined &&
    namesContext(source.meta, recorded, scope.remote.known)
  );
}

/** A finding about an unwanted copy that was written for another context or namespace: it is not for this one to delete. */
export function leftBehind(
  { meta, origin }: Copy,
  { scope: { remote } }: ClassifiedSnapshot,
): Finding | undefined {
  if (remote === undefined) return undefined;
  const recorded = get(meta.annotations, CONTEXT) ?? '';
  const isHere = meta.namespace === (remote.namespace ?? origin.namespace);
  if (recorded === remote.context && isHere) return undefined;
  return { reason: 'left-behind', ...nameOf(meta), origin: originOf(origin), recorded };
}

/**
 * A finding if a copy in another cluster was written from a state of its source that home does not have yet: home was
 * restored from a backup. Example: the copy names version 500, and the list of home is of version 300.
 */
export function newerThanHome(
  name: ObjectName,
  origin: OriginMark,
  { scope: { remote }, home: { listVersions } }: ClassifiedSnapshot,
): Finding | undefined {
  if (remote === undefined || !isHigher(origin.resourceVersion, listVersions, name.kind)) return undefined;
  return { reason: 'newer-than-home', ...nameOf(name), origin: originOf(origin) };
}

/** Resource versions are compared as numbers (Kubernetes: API concepts, "Resource versions"). */
function isHigher(
  version: string,
  listVersions: Readonly<Partial<Record<Kind, string>>>,
  kind: Kind,
): boolean {
  const listed = listVersions[kind] ?? '';
  return isDecimal(version) && isDecimal(listed) && BigInt(version) > BigInt(listed);
}

function isDecimal(text: string): boolean {
  return /^\d{1,20}$/u.test(text);
}
