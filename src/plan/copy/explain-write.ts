import { FIELDS, type OriginMark, SYNC_KEYS, writeFields } from '../annotations/markers.ts';
import { readMarks } from '../annotations/read-marks.ts';
import { ownersOf, splitEdits } from './split-edits.ts';
import type { Body, ObjectMeta, Origin } from '../../model/objects.ts';
import type { Cause, FieldDifference, WriteReason } from '../../model/change.ts';
import { type FieldOwnership, readFieldOwnership } from '../managed-fields/managed-fields.ts';
import type { Settings } from '../../model/settings.ts';
import { get, originOf } from '../../model/keys.ts';

// Why is a copy written (docs/design.md 4.9)? The content decides, and an edit is never left out.

/** A reason, and the causes if the reason alone does not say all. */
export interface Explanation {
  readonly reason: WriteReason;
  readonly causes?: readonly Cause[];
}

/** What is known of a copy that differs from its source. */
interface Differing {
  /** As far as the mark of the copy tells. */
  readonly reason: WriteReason;
  readonly content: readonly FieldDifference[];
  /** Content and metadata. */
  readonly fields: readonly FieldDifference[];
  readonly ownership: Pick<FieldOwnership, 'known'>;
}

interface Wanted {
  readonly source: Body;
  readonly from?: Origin;
}

/** Returns why a copy is written. Without a record of who owns its fields, its mark alone decides. */
export function explainWrite(
  { source, from }: Wanted,
  there: Body,
  { reason, content, fields, ownership }: Differing,
  settings: Settings,
): Explanation {
  if (reason === 'edited' && fields.length > 0 && ignoresSyncKeys(source, there, settings))
    return { reason: 'sync-keys-ignored' };
  if (reason === 'edited') return { reason: fields.length === 0 ? 'ownership' : reason };
  if (reason === 'old-operator') return explainOld(source, there, content, settings);
  if (reason === 'adopted' || !ownership.known) return { reason };
  const { edited, fromSource, by } = splitEdits(fields, there, settings.sha256);
  if (edited.length === 0) return { reason };
  const edit = editOf(edited, by);
  if (reason === 'handed-over')
    return { reason, causes: [edit, { code: reason, ...(from && { from: originOf(from) }) }] };
  const rest: readonly Cause[] =
    fromSource.length === 0 ? [] : [{ code: 'source-changed', fields: fromSource }];
  return { reason: 'edited', causes: [edit, ...rest] };
}

/** Whether a version that does not know `sync-keys` wrote a copy from this version of its source, and nobody edited it. */
function ignoresSyncKeys(source: Body, there: Body, { sha256 }: Settings): boolean {
  if (get(source.annotations, SYNC_KEYS) === undefined) return false;
  const { content, others } = readFieldOwnership(there.managedFields);
  return others.length === 0 && get(there.annotations, FIELDS) === writeFields(content, sha256);
}

/** If the old operator wrote a copy from this very version of the source, other content in it is an edit. */
function explainOld(
  source: Body,
  there: Body,
  content: readonly FieldDifference[],
  settings: Settings,
): Explanation {
  const reason = 'old-operator';
  const marks = readMarks(there, settings);
  if (content.length === 0 || marks.marked !== 'ours' || !isMadeFrom(source, marks.origin)) return { reason };
  return { reason, causes: [editOf(content, ownersOf(content, there)), { code: reason }] };
}

function editOf(fields: readonly FieldDifference[], by: readonly string[]): Cause {
  return { code: 'edited', fields, ...(by.length > 0 && { by }) };
}

/** Whether a mark names exactly this version of a source. */
export function isMadeFrom({ uid, resourceVersion }: ObjectMeta, mark: OriginMark): boolean {
  return mark.uid === uid && mark.resourceVersion === resourceVersion;
}
