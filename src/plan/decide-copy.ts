import { type DesiredMetadata, contentFields, desired, typeOf } from './copy/desired.ts';
import { admissionFinding, admissionTest } from './copy/admission.ts';
import { contentDifferences, metadataDifferences } from './copy/differences.ts';
import { isTooLargeToTrack } from './copy/limits.ts';
import {
  FIELDS,
  MARK_PREFIX,
  type OriginMark,
  SYNC,
  hasSyncAnnotation,
  namesFields,
  CLUSTER_MARKS,
  CONTEXT,
  ORIGIN_CLUSTER_UID,
} from './annotations/markers.ts';
import { readMarks } from './annotations/read-marks.ts';
import type { AdoptRefusal, Finding, Holder } from '../model/finding.ts';
import type {
  Body,
  ManagedFieldsEntry,
  ObjectMeta,
  ObjectName,
  Origin,
  StringMap,
} from '../model/objects.ts';
import type { Create, FieldDifference, Refresh, Replace, Update, WriteReason } from '../model/change.ts';
import { type Settings, adopts } from '../model/settings.ts';
import { type FieldOwnership, readFieldOwnership } from './managed-fields/managed-fields.ts';
import { get, isSameOrigin, isSystemNamespace, nameOf, originOf, has } from '../model/keys.ts';
import { samePlace } from './contexts/place.ts';
import { changedType, copyContent } from './copy/narrow-content.ts';
import { explainWrite, isMadeFrom } from './copy/explain-write.ts';
import { isStripped } from './copy/strip.ts';
import { mirrorRefusal, readMirror } from './migrate/mirror-marks.ts';
import { isFromOldOperator, mayDelete } from './managed-fields/proof-of-ownership.ts';
import { transferOwnership } from './managed-fields/transfer-ownership.ts';

/*
 * What happens to one wanted copy, once its body and the body of its source are known? These are the rows of the decision
 * table (docs/design.md 4) that metadata cannot decide. The plan asks here, and so does a write that met a conflict.
 */

/** A copy that should exist, with the body of its source. */
export interface WantedCopy {
  readonly namespace: string;
  readonly source: Body;
  /** Another origin from which the copy may be handed over, since it gave the copy up. */
  readonly from?: Origin;
  /** The uid of the object that may be adopted, since it was there when the run decided (`--on-conflict adopt`). */
  readonly adopt?: string;
}

/** The decision on one wanted copy. */
export type Decision =
  | { readonly result: 'current'; readonly finding?: Finding }
  | { readonly result: 'change'; readonly change: Create | Update | Replace | Refresh }
  | { readonly result: 'finding'; readonly finding: Finding }
  /** Nothing is written now: the copy has an origin that was not confirmed, or only a forbidden delete would help. */
  | { readonly result: 'later' };

const CURRENT = { result: 'current' } as const;
const LATER: Decision = { result: 'later' };

/** The wanted copy that a change of a plan was made for. */
export function wantedCopyOf(change: Create | Update | Replace | Refresh, source: Body): WantedCopy {
  const { namespace } = change;
  if (change.action === 'create') return { namespace, source };
  if (change.reason === 'adopted') return { namespace, source, adopt: change.guard.uid };
  return change.from === undefined ? { namespace, source } : { namespace, source, from: change.from };
}

/** Decides on a wanted copy, given what is there now. `undefined` means that nothing is there. */
export function decideCopy(want: WantedCopy, there: Body | undefined, settings: Settings): Decision {
  if (there === undefined) return { result: 'change', change: create(want) };
  const marks = readMarks(there, settings);
  if (marks.marked !== 'ours') return decideForeign(want, there, settings);
  const { origin } = marks;
  if (there.deletionTimestamp !== undefined)
    return finding({ reason: 'being-deleted', ...nameIn(want), origin: originOf(origin) });
  if (isSameOrigin(origin, want.source)) {
    const kept = samePlace(there, want.source, settings);
    return kept
      ? finding(kept)
      : compareCopy(want, there, settings, reasonByMarks(want.source, there, origin, settings));
  }
  return isSameOrigin(origin, want.from) ? decideHandOver(want, there, origin, settings) : LATER;
}

/**
 * Decides on a copy that another origin gave up. If that origin is outside `--source-namespace`, the copy changes only in
 * place: an option never causes a delete (docs/design.md 4.2).
 */
function decideHandOver(want: WantedCopy, there: Body, from: Origin, settings: Settings): Decision {
  if (!mayDelete(there, settings))
    return finding({ reason: 'orphan', ...nameOf(there), origin: originOf(from), why: 'hand-over' });
  const decision = compareCopy(want, there, settings, 'handed-over');
  const { sourceNamespaces } = settings;
  const isOutside = sourceNamespaces.length > 0 && !sourceNamespaces.includes(from.namespace);
  if (!isOutside || decision.result !== 'change' || decision.change.action !== 'replace') return decision;
  const { namespace, source } = want;
  const currentOwner = originOf(from);
  return finding({ reason: 'contested', ...nameOf(source), currentOwner, namespaces: [namespace] });
}

function finding(value: Finding): Decision {
  return { result: 'finding', finding: value };
}

/** Why a copy of this source is written, as far as its mark tells. `explainWrite` compares the content. */
export function reasonByMarks(
  source: ObjectMeta,
  there: ObjectMeta,
  mark: OriginMark,
  settings: Settings,
): WriteReason {
  if (isFromOldOperator(there)) return 'old-operator';
  if (isTakenOver(there, settings)) return 'taken-over';
  return isMadeFrom(source, mark) ? 'edited' : 'source-changed';
}

/** Whether a copy in another cluster was written for another context, or by another home. */
function isTakenOver({ annotations }: ObjectMeta, { remote, clusterUid }: Settings): boolean {
  if (remote === undefined) return false;
  return get(annotations, CONTEXT) !== remote.context || get(annotations, ORIGIN_CLUSTER_UID) !== clusterUid;
}

function decideForeign(want: WantedCopy, there: Body, settings: Settings): Decision {
  const refusal = adoptRefusal(want.adopt, there) ?? kindRefusal(want, there, settings);
  if (refusal === undefined) return compareCopy(want, there, settings, 'adopted');
  return finding(conflict(there, want.source, settings, refusal));
}

/** With `adopt-mirrors`, only a mirror of this source is adopted. */
function kindRefusal({ source }: WantedCopy, there: Body, settings: Settings): AdoptRefusal | undefined {
  return settings.onConflict === 'adopt-mirrors' ? mirrorRefusal(there, source) : undefined;
}

/** Why an object that is not ours cannot be adopted. Undefined if it can. */
export function adoptRefusal(uid: string | undefined, there: ObjectMeta): AdoptRefusal | undefined {
  if (isSystemNamespace(there.namespace)) return 'system-namespace';
  if (has(there.annotations, ORIGIN_CLUSTER_UID)) return 'pushed';
  if (there.deletionTimestamp !== undefined) return 'being-deleted';
  if (get(there.annotations, SYNC) !== undefined) return 'is-a-source';
  return uid === there.uid ? undefined : 'appeared-meanwhile';
}

/** The finding for an object that is not ours and has the name of a copy. */
export function conflict(
  there: ObjectMeta,
  origin: Origin,
  settings: Settings,
  refusal: AdoptRefusal | undefined,
): Finding {
  const { onConflict } = settings;
  const skipped = onConflict === 'skip';
  const holder = holderOf(there);
  const at = { ...nameOf(there), origin: originOf(origin) };
  const base = { reason: 'conflict', ...at, skipped, ...(holder && { holder }) } as const;
  return adopts(onConflict) && refusal !== undefined ? { ...base, adopt: refusal } : base;
}

/** The home cluster that wrote an object here, as its marks say. */
function holderOf({ annotations }: ObjectMeta): Holder | undefined {
  const clusterUid = get(annotations, ORIGIN_CLUSTER_UID);
  const context = get(annotations, CONTEXT);
  return clusterUid === undefined ? undefined : { clusterUid, ...(context !== undefined && { context }) };
}

/** The change that creates a copy where nothing is. */
export function create(want: WantedCopy): Create {
  const { source } = want;
  const common = { ...nameIn(want), origin: originOf(source), ...changedType(source) };
  return { action: 'create', ...common, reason: 'missing' };
}

/** How a copy differs from what it should be. */
interface Comparison {
  readonly content: readonly FieldDifference[];
  /** Content and metadata. */
  readonly fields: readonly FieldDifference[];
  readonly reason: WriteReason;
  readonly ownership: FieldOwnership;
  /** The managedFields to send, if ownership has to change. */
  readonly managedFields: readonly ManagedFieldsEntry[] | undefined;
}

/** Compares a copy with its source and returns the change that it needs. */
function compareCopy(want: WantedCopy, there: Body, settings: Settings, reason: WriteReason): Decision {
  const wanted = desired(want.source, settings);
  const ownership = readFieldOwnership(there.managedFields);
  const content = contentDifferences(want.source, there);
  const all = metadataDifferences(wanted, there, unwantedKeys(want.source, there, ownership, settings));
  const isOfAdmission = admissionTest(there, wanted, ownership);
  const [metadata, admitted] = [all.filter((one) => !isOfAdmission(one)), all.filter(isOfAdmission)];
  const fields = [...content, ...metadata];
  if (fields.length === 0 && isOwnershipFine(there, ownership, wanted, settings))
    return admitted.length === 0 ? CURRENT : { ...CURRENT, finding: admissionFinding(there, admitted) };
  const owned = { content: contentFields(want.source), ...wanted };
  // Our entry is never older than the object: that would be no proof (docs/design.md 5.6).
  const time = settings.now > there.creationTimestamp ? settings.now : there.creationTimestamp;
  const managedFields = transferOwnership(there.managedFields, owned, fields, time);
  const comparison = { content, fields, reason, ownership, managedFields };
  const change = changeFor(want, there, comparison, settings);
  return change.action === 'replace' ? decideReplace(change, there, settings) : { result: 'change', change };
}

/** A replace deletes the object first, so it needs what every delete needs. */
function decideReplace(change: Replace, there: Body, settings: Settings): Decision {
  // Between the delete and the create, the connection to another cluster may fail.
  if (settings.remote !== undefined)
    return finding({
      reason: 'replace-needed',
      ...nameOf(there),
      origin: change.origin,
      because: change.because,
    });
  if (hasSyncAnnotation(there)) return LATER;
  if (mayDelete(there, settings)) return { result: 'change', change };
  const { origin } = change;
  return finding(
    change.reason === 'adopted'
      ? conflict(there, origin, settings, 'needs-replace')
      : { reason: 'orphan', ...nameOf(there), origin, why: 'replace' },
  );
}

/** Whether an equal copy needs no write for its ownership. One of three rules has to hold. */
function isOwnershipFine(
  there: Body,
  ownership: FieldOwnership,
  wanted: DesiredMetadata,
  settings: Settings,
): boolean {
  return (
    isTooLargeToTrack(there) ||
    isOwnershipUnknown(there, settings) ||
    isRecordedAsOurs(ownership, wanted, settings)
  );
}

/** Whether the reader may have left the managedFields out, as dumps of kubectl do. That is no reason to write. */
function isOwnershipUnknown({ managedFields }: ObjectMeta, { ownership }: Settings): boolean {
  return ownership === 'unknown' && managedFields.length === 0;
}

/** Whether managedFields show the next run that the copy is up to date (docs/design.md 5.2 c). */
function isRecordedAsOurs(ownership: FieldOwnership, wanted: DesiredMetadata, settings: Settings): boolean {
  if (ownership.stringData || ownership.others.length > 0) return false;
  return namesFields(get(wanted.annotations, FIELDS), ownership.content, settings.sha256);
}

/** Refresh if the content is right. Else replace if the API server rejects a patch of it, or update. */
function changeFor(
  want: WantedCopy,
  there: Body,
  comparison: Comparison,
  settings: Settings,
): Update | Replace | Refresh {
  const { content, fields, ownership } = comparison;
  const why = explainWrite(want, there, comparison, settings);
  const from = why.reason === 'handed-over' && want.from !== undefined ? { from: originOf(want.from) } : {};
  const guard = { uid: there.uid, resourceVersion: there.resourceVersion };
  const origin = originOf(want.source);
  const common = { ...nameIn(want), origin, ...why, fields, guard, editors: ownership.others, ...from };
  const managedFields =
    comparison.managedFields === undefined ? {} : { managedFields: comparison.managedFields };
  if (content.length === 0) return { action: 'refresh', ...common, ...managedFields };
  if (typeOf(there.content) !== typeOf(copyContent(want.source)))
    return { action: 'replace', ...common, because: 'type', ...changedType(want.source) };
  if (there.content.immutable)
    return { action: 'replace', ...common, because: 'immutable', ...changedType(want.source) };
  return { action: 'update', ...common, ...managedFields };
}

/** Keys that we own, and on a copy of the old operator also the keys of the strip list that it copied. */
function unwantedKeys(
  source: Body,
  there: Body,
  ownership: FieldOwnership,
  settings: Settings,
): Record<'labels' | 'annotations', string[]> {
  const isOld = isFromOldOperator(there) && readMarks(there, settings).marked === 'ours';
  const stripped = (part: StringMap, have: StringMap): string[] =>
    Object.keys(part).filter(
      (key) =>
        !key.startsWith(MARK_PREFIX) && isStripped(key, settings.strip) && get(have, key) === get(part, key),
    );
  return {
    labels: [...ownership.labels, ...(isOld ? stripped(source.labels, there.labels) : [])],
    annotations: [
      ...ownership.annotations,
      ...CLUSTER_MARKS.filter((key) => has(there.annotations, key)),
      ...(isOld ? stripped(source.annotations, there.annotations) : []),
      ...adoptedMarks(there, settings),
    ],
  };
}

/** The marks of another tool on a mirror that becomes ours. Where others put such keys on a copy of ours, they stay. */
function adoptedMarks(there: Body, settings: Settings): readonly string[] {
  const isAdopted = settings.onConflict === 'adopt-mirrors' && readMarks(there, settings).marked !== 'ours';
  return (isAdopted ? readMirror(there)?.marks : undefined) ?? [];
}

function nameIn(want: WantedCopy): ObjectName {
  return { kind: want.source.kind, namespace: want.namespace, name: want.source.name };
}
