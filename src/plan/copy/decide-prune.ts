import type { Prune } from '../../model/change.ts';
import type { ObjectMeta } from '../../model/objects.ts';
import type { Settings } from '../../model/settings.ts';
import { isSameOrigin } from '../../model/keys.ts';
import { hasSyncAnnotation } from '../annotations/markers.ts';
import { readMarks } from '../annotations/read-marks.ts';
import { isOfOtherContext } from '../contexts/place.ts';
import { mayDelete } from '../managed-fields/proof-of-ownership.ts';

// May a delete that met a conflict be sent again? The plan decides on deletes in `prune.ts`.

/** `gone`: it is deleted already. `kept`: it is not the copy that the plan meant any more. */
export type PruneDecision = 'gone' | 'kept' | Prune;

/** Decides again on a copy whose delete met a conflict. A copy that was recreated since then waits for the next run. */
export function decidePrune(prune: Prune, there: ObjectMeta | undefined, settings: Settings): PruneDecision {
  if (there === undefined || there.deletionTimestamp !== undefined) return 'gone';
  const marks = readMarks(there, settings);
  if (marks.marked !== 'ours' || !isSameOrigin(marks.origin, prune.origin) || there.uid !== prune.guard.uid)
    return 'kept';
  if (hasSyncAnnotation(there) && settings.remote === undefined) return 'kept';
  if (!mayDelete(there, settings) || isOfOtherContext(there, settings)) return 'kept';
  return { ...prune, guard: { uid: there.uid, resourceVersion: there.resourceVersion } };
}
