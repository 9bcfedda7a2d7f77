/*
 * What does `kubed-sync explain` ask? The draft of a plan, and the plan itself if bodies were read. Nothing here decides.
 * Without bodies, a copy that metadata does not show to be up to date counts as behind, for the reason that its marks tell.
 *
 * Example: the copy `a/omni` names an older version of its source. The draft wants to read it, and a run would update it.
 * Without its body the answer is "behind: source changed". With it, the answer has the fields that differ.
 */

import { reasonByMarks } from '../decide-copy.ts';
import type { DraftPlan, PendingCopy } from '../draft.ts';
import type { ReadObjects } from '../finalize.ts';
import { readFieldOwnership } from '../managed-fields/managed-fields.ts';
import type { Change, Create, Refresh, WriteReason } from '../../model/change.ts';
import type { Finding } from '../../model/finding.ts';
import type { ObjectKey, ObjectMeta } from '../../model/objects.ts';
import type { Plan, SourceState } from '../../model/plan.ts';
import { originOf } from '../../model/keys.ts';
import { sourceStates } from '../source-tallies.ts';
import type { WaitingCopy } from '../prune.ts';

/** What the answers are taken from. */
export interface ExplainablePlan {
  readonly draft: DraftPlan;
  /** The changes that a run makes. Without bodies: those that it makes if the contents differ. */
  readonly changes: readonly Change[];
  readonly findings: readonly Finding[];
  readonly waiting: readonly WaitingCopy[];
  readonly bySource: readonly SourceState[];
  /** Copies that only their bodies can show to be up to date. */
  readonly notCompared: ReadonlySet<ObjectKey>;
  /** The decisions on copies whose bodies were read. */
  readonly decisions: ReadObjects['decisions'];
}

/** Takes the answers from a plan whose bodies were read. */
export function withBodies(
  draft: DraftPlan,
  { changes, findings, bySource }: Plan,
  decisions: ReadObjects['decisions'],
): ExplainablePlan {
  return { draft, changes, findings, bySource, waiting: draft.waiting, notCompared: new Set(), decisions };
}

/** Takes the answers from a draft, which needs metadata only. */
export function withoutBodies(draft: DraftPlan): ExplainablePlan {
  const { classified, pending, prunes, findings, waiting, tally } = draft;
  return {
    draft,
    changes: [...pending.map((one) => writeOf(one, draft)), ...prunes],
    findings,
    waiting,
    bySource: sourceStates(classified.sources, tally, new Map()),
    notCompared: new Set(pending.filter((one) => isUntracked(one, draft)).map(({ key }) => key)),
    decisions: new Map(),
  };
}

/** The write of a pending copy. */
function writeOf(pending: PendingCopy, draft: DraftPlan): Create | Refresh {
  const { namespace, source, there, from } = pending;
  const { kind, name } = source.meta;
  const common = { kind, namespace, name, origin: originOf(source.meta) };
  if (there === undefined) return { action: 'create', ...common, reason: 'missing' };
  const { uid, resourceVersion, managedFields } = there;
  return {
    action: 'refresh',
    ...common,
    reason: reasonOf(pending, there, draft),
    fields: [],
    guard: { uid, resourceVersion },
    editors: readFieldOwnership(managedFields).others,
    ...(from && { from }),
  };
}

/** An object that is not ours is pending only if it is adopted. */
function reasonOf({ source, from }: PendingCopy, there: ObjectMeta, draft: DraftPlan): WriteReason {
  if (from !== undefined) return 'handed-over';
  const { byName } = draft.classified.index;
  const mark = byName(there.kind, there.name).get(there.namespace)?.copy?.origin;
  return mark === undefined ? 'adopted' : reasonByMarks(source.meta, there, mark, draft.classified.scope);
}

/**
 * Whether only its body tells about a copy: it names the present version of its source, and nothing is recorded about who
 * wrote its fields. Or it may be a mirror of another tool (`--on-conflict adopt-mirrors`).
 */
function isUntracked(pending: PendingCopy, draft: DraftPlan): boolean {
  const { there, adopt } = pending;
  if (adopt !== undefined) return draft.classified.scope.onConflict === 'adopt-mirrors';
  if (there === undefined || there.managedFields.length > 0) return false;
  return reasonOf(pending, there, draft) === 'edited';
}
