import type { DesiredMetadata } from './desired.ts';
import { metadataDifferences } from './differences.ts';
import { MARK_PREFIX, ORIGIN } from '../annotations/markers.ts';
import type { FieldDifference } from '../../model/change.ts';
import type { Finding } from '../../model/finding.ts';
import type { ObjectMeta, ObjectName } from '../../model/objects.ts';
import { type FieldOwnership, readFieldOwnership } from '../managed-fields/managed-fields.ts';
import { isUpToDate } from './up-to-date.ts';
import { get, nameOf } from '../../model/keys.ts';

/*
 * What admission changed while kubed-sync wrote a copy. Writing it again would not help: admission would change it
 * again, in every run.
 *
 * An edit by another manager takes the field away from kubed-sync, and admission does not. So a label that kubed-sync
 * owns with another value than it sent was changed by admission. What was sent is known while the annotation `origin`
 * names the source as it is now. Example: the source has `team=a`, a policy sets `team=b` -> the copy is up to date.
 *
 * The rule holds for labels and annotations. Content is compared by `--verify` alone, which must see through forged
 * managedFields.
 */

/** Returns a test for differences in labels and annotations of a copy: whether admission made them. */
export function admissionTest(
  there: Pick<ObjectMeta, 'annotations'>,
  wanted: DesiredMetadata,
  ownership: FieldOwnership,
): (difference: FieldDifference) => boolean {
  const isSent = get(there.annotations, ORIGIN) === get(wanted.annotations, ORIGIN);
  return ({ part, key = '', op }) => {
    if (!isSent || op === 'remove' || key.startsWith(MARK_PREFIX)) return false;
    return (part === 'labels' ? ownership.labels : ownership.annotations).has(key);
  };
}

/** The finding about a copy that is up to date by metadata, except for what admission changed; else undefined. */
export function changedByAdmission(
  there: ObjectMeta,
  wanted: DesiredMetadata,
  markOf: (content: readonly string[]) => string,
): Finding | undefined {
  const differences = metadataDifferences(wanted, there, { labels: [], annotations: [] });
  const isOfAdmission = admissionTest(there, wanted, readFieldOwnership(there.managedFields));
  if (differences.length === 0 || !differences.every(isOfAdmission)) return undefined;
  const asSent = {
    ...there,
    labels: { ...there.labels, ...wanted.labels },
    annotations: { ...there.annotations, ...wanted.annotations },
  };
  return isUpToDate(asSent, wanted, markOf) ? admissionFinding(there, differences) : undefined;
}

/** The finding about differences that admission made: what the copy has more, less or otherwise than was sent. */
export function admissionFinding(copy: ObjectName, differences: readonly FieldDifference[]): Finding {
  return { reason: 'changed-by-admission', ...nameOf(copy), fields: differences.map(opposite) };
}

/** A difference seen from the other side: what a write would add is what the copy lacks. */
function opposite(difference: FieldDifference): FieldDifference {
  if (difference.op === 'change') return difference;
  return { ...difference, op: difference.op === 'add' ? 'remove' : 'add' };
}
