import type { ObjectMeta } from '../../model/objects.ts';
import type { Settings } from '../../model/settings.ts';
import { parseTimestamp } from '../../util/timestamp.ts';
import { get } from '../../model/keys.ts';
import { MANAGED_BY, MANAGER } from '../annotations/markers.ts';
import { readFieldOwnership } from './managed-fields.ts';

/*
 * Did we write an object, so that we may delete it (docs/design.md 5.6)? Labels and annotations do not show that: they
 * travel with `kubectl get -o yaml`, with backups and between clusters. An entry of managedFields shows it, if it is not
 * older than the object itself. Examples for an object that was created at 12:00:00:
 *
 *   manager      time of its entry  proof
 *   -----------  -----------------  ------------------------------------------------------------------------
 *   kubed-sync   12:00:00           yes
 *   kubed        12:30:00           yes: the old operator
 *   kubed-sync   11:59:30           yes: admission took half a minute between the entry and the creation
 *   kubed-sync   09:00:00           no: a restore brought the entry of an earlier object back
 *   kubectl      12:00:00           no
 */

/** Our name as field manager, and those of the old operator: its binary was called Kubed, later config-syncer. */
const WRITERS: ReadonlySet<string | undefined> = new Set([MANAGER, 'kubed', 'config-syncer']);

/** Seconds. The API server sets the time of an entry before admission, and the creationTimestamp after it. */
const TOLERANCE = 120;

/** Whether managedFields show that we or the old operator wrote this very object. Dumps may lack them all. */
export function isProvenOurs(
  { creationTimestamp, managedFields }: ObjectMeta,
  { ownership }: Pick<Settings, 'ownership'>,
): boolean {
  if (ownership === 'unknown' && managedFields.length === 0) return true;
  const created = parseTimestamp(creationTimestamp) ?? Infinity;
  return managedFields.some(({ manager, operation, time = '' }) => {
    const since = parseTimestamp(time) ?? -Infinity;
    return WRITERS.has(manager) && operation === 'Update' && since >= created - TOLERANCE;
  });
}

/** Whether a run may delete a copy: it is proven ours, or `--prune-legacy` makes the marks enough. */
export function mayDelete(copy: ObjectMeta, settings: Pick<Settings, 'ownership' | 'pruneLegacy'>): boolean {
  return settings.pruneLegacy || isProvenOurs(copy, settings);
}

/** Whether a copy has neither our field manager nor our label: the old operator wrote it, or a person copied it. */
export function isFromOldOperator(copy: ObjectMeta): boolean {
  return get(copy.labels, MANAGED_BY) !== MANAGER && !readFieldOwnership(copy.managedFields).known;
}
