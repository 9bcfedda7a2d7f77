import { UNKNOWN_VALUE } from '../../model/manifest.ts';
import type { Change } from '../../model/change.ts';
import type { Body, Namespace, ObjectKey } from '../../model/objects.ts';
import type { Unchecked } from '../../model/run-report.ts';
import { compareText, originKeyOf } from '../../model/keys.ts';
import { groupBy } from '../../util/group-by.ts';
import { copyContent } from '../copy/narrow-content.ts';
import { isOverlaid } from './overlay-manifests.ts';

/*
 * Which changes of a preview of manifests can the API server be asked about (`-f` with `--dry-run=server`)? It knows the
 * cluster as it is now:
 *
 *   the change                                     asked   why not
 *   ---------------------------------------------  ------  ---------
 *   a copy in a namespace of the cluster           yes
 *   a copy in a namespace of the manifests only    no      namespace
 *   a copy that a manifest changes as well         no      copy
 *   a copy of a source that SOPS encrypted         no      values
 */

/** Returns why the API server cannot be asked about a change. Undefined if it can. */
export type WhyUnchecked = (change: Change) => Unchecked['reason'] | undefined;

/** Returns a function that says why the API server cannot be asked about a change. */
export function uncheckedReasons(
  namespaces: readonly Namespace[],
  sources: ReadonlyMap<ObjectKey, Body | undefined>,
): WhyUnchecked {
  const declared = new Set(namespaces.flatMap(({ name, isDeclaredOnly }) => (isDeclaredOnly ? [name] : [])));
  return (change) => {
    if (declared.has(change.namespace)) return 'namespace';
    if ('guard' in change && isOverlaid(change.guard)) return 'copy';
    const source = change.action === 'prune' ? undefined : sources.get(originKeyOf(change));
    return source !== undefined && hasUnknownValue(source) ? 'values' : undefined;
  };
}

function hasUnknownValue(source: Body): boolean {
  const { data, binaryData } = copyContent(source);
  return [...Object.values(data), ...Object.values(binaryData)].includes(UNKNOWN_VALUE);
}

/** Returns the changes that were not checked, by the reason. */
export function summarizeUnchecked(changes: readonly Change[], reasonOf: WhyUnchecked): readonly Unchecked[] {
  const groups = groupBy(changes, reasonOf);
  return REASONS.flatMap((reason) => {
    const group = groups.get(reason);
    if (group === undefined) return [];
    const namespaces = [...new Set(group.map(({ namespace }) => namespace))].toSorted(compareText);
    return [{ reason, changes: group.length, namespaces }];
  });
}

const REASONS = ['namespace', 'copy', 'values'] as const;
