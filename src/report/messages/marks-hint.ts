import { CLUSTER_MARKS, MARK_ANNOTATIONS, MARK_LABELS, SYNC } from '../../plan/annotations/markers.ts';
import type { ObjectName } from '../../model/objects.ts';
import { both, kubectl } from './key-message.ts';

/** The marks that a copy in its home cluster can have. */
const HOME_ANNOTATIONS = MARK_ANNOTATIONS.filter((key) => !CLUSTER_MARKS.includes(key));

/** Returns the command after which an object asks for no copies. */
export function removeSync(object: ObjectName): string {
  return kubectl('annotate', object, [`${SYNC}-`]);
}

/** Returns the commands after which an object has none of our marks. */
export function removeMarks(object: ObjectName): string {
  const labels = kubectl('label', object, remove(MARK_LABELS));
  return both(labels, kubectl('annotate', object, remove(HOME_ANNOTATIONS)));
}

function remove(keys: readonly string[]): readonly string[] {
  return keys.map((key) => `${key}-`);
}
