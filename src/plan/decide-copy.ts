import { type DesiredMetadata, contentFields, desired, typeOf } from './copy/desired.ts';
import { admissionFinding, admissionTest } from './copy/admission.ts';
import { contentDifferences, metadataDifferences } from './copy/differences.ts';
import { isTooLargeToTrack } from './copy/limits.ts';
import {
  FIELDS,
  MANAGED_BY,
  MANAGER,
  MARK_PREFIX,
  SYNC,
  hasSyncAnnotation,
  readMarks,
  writeFields,
} from './annotations/markers.ts';
import type { AdoptRefusal, Finding } from '../model/finding.ts';
import type { Body, ManagedFieldsEntry } from '../model/objects.ts';
import type { Change, Create, FieldDifference } from '../model/change.ts';
import type { ObjectMeta, ObjectName, Origin, StringMap } from '../model/objects.ts';
import type { Prune, Refresh, Replace, Update, WriteReason } from '../model/change.ts';
import type { Settings } from '../model/settings.ts';
import { type FieldOwnership, readFieldOwnership } from './managed-fields/managed-fields.ts';
import { get, nameOf } from '../model/keys.ts';
import { isStripped } from './copy/strip.ts';
import { transferOwnership } from './managed-fields/transfer-ownership.ts';

/*
 * The decision on one object whose body is known: the rows of the decision table (design section 3) below "taken as
 * current". The plan asks it once, and a write that met a 409 asks it once more.
 */

/** A copy that ought to exist, with the source whose body it is to have. */
export interface WantedCopy {
  readonly namespace: string;
  readonly source: Body;
  /** The origin, besides the source, from which the copy may be handed over: one that no longer claims it. */
  readonly from?: Origin;
  /** The uid of somebody else's object that was there when the run decided and may be taken (`--on-conflict adopt`). */
  readonly adopt?: string;
}

/** What the decision table says of one wanted copy once its body is known. */
export type Decision =
  | { readonly verdict: 'current'; readonly finding?: Finding }
  | { readonly verdict: 'change'; readonly change: Create | Update | Replace | Refresh }
  | { readonly verdict: 'finding'; readonly finding: Finding }
  /** Left as it is: the copy of an origin that this run has not looked at, or one that only a delete would set right. */
  | { readonly verdict: 'later' };

const CURRENT = { verdict: 'current' } as const;

/** The want that a change of a plan came from. */
export function wantedCopyOf(change: Exclude<Change, Prune>, source: Body): WantedCopy {
  const { namespace } = change;
  if (change.action === 'create') return { namespace, source };
  if (change.reason === 'adopted') return { namespace, source, adopt: change.guard.uid };
  return change.from === undefined ? { namespace, source } : { namespace, source, from: change.from };
}

/** Decides on a wanted copy by what is there now; `undefined` is nothing. */
export function decideCopy(want: WantedCopy, there: Body | undefined, settings: Settings): Decision {
  if (there === undefined) return { verdict: 'change', change: create(want) };
  const marks = readMarks(there, settings);
  if (marks.marked !== 'ours') return foreign(want, there, settings);
  if (there.deletionTimestamp !== undefined) {
    return finding({ reason: 'being-deleted', ...nameIn(want), origin: originOf(marks.origin) });
  }
  if (sameOrigin(marks.origin, want.source))
    return compare(want, there, settings, ownReason(want, there, marks.origin));
  if (!sameOrigin(marks.origin, want.from)) return { verdict: 'later' };
  return handOver(want, there, marks.origin, settings);
}

/** The one taking-over that an option causes, from outside `--source-namespace`, deletes nothing (design section 3). */
function handOver(want: WantedCopy, there: Body, from: Origin, settings: Settings): Decision {
  const verdict = compare(want, there, settings, 'handed-over');
  const { sourceNamespaces } = settings;
  const outside = sourceNamespaces.length > 0 && !sourceNamespaces.includes(from.namespace);
  if (!outside || verdict.verdict !== 'change' || verdict.change.action !== 'replace') return verdict;
  const { namespace, source } = want;
  return finding({ reason: 'contested', ...nameOf(source), keeper: originOf(from), namespaces: [namespace] });
}

function finding(value: Finding): Decision {
  return { verdict: 'finding', finding: value };
}

/** Why our own copy would be written: the mark tells whether the source or the copy moved. */
function ownReason(
  want: WantedCopy,
  there: Body,
  mark: { uid: string; resourceVersion: string },
): WriteReason {
  if (isFromOldOperator(there)) return 'old-operator';
  const { uid, resourceVersion } = want.source;
  return mark.uid === uid && mark.resourceVersion === resourceVersion ? 'edited' : 'source-changed';
}

const SYSTEM_NAMESPACES: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease']);

function foreign(want: WantedCopy, there: Body, settings: Settings): Decision {
  const refusal = adoptRefusal(want.adopt, there);
  if (refusal === undefined) return compare(want, there, settings, 'adopted');
  return finding(conflict(nameIn(want), want.source, settings, refusal));
}

/** Why a foreign object is not adopted; undefined where nothing stands against it. */
export function adoptRefusal(uid: string | undefined, there: ObjectMeta): AdoptRefusal | undefined {
  if (SYSTEM_NAMESPACES.has(there.namespace)) return 'system-namespace';
  if (there.deletionTimestamp !== undefined) return 'being-deleted';
  if (get(there.annotations, SYNC) !== undefined) return 'is-a-source';
  return uid === there.uid ? undefined : 'appeared-meanwhile';
}

/** The finding for a foreign object where a copy should be. */
export function conflict(
  at: ObjectName,
  origin: Origin,
  settings: Settings,
  refusal: AdoptRefusal | undefined,
): Finding {
  const { onConflict } = settings;
  const skipped = onConflict === 'skip';
  const base = { reason: 'conflict', ...at, origin: originOf(origin), skipped } as const;
  return onConflict === 'adopt' && refusal !== undefined ? { ...base, adopt: refusal } : base;
}

/** The change that makes a copy where nothing is. */
export function create(want: WantedCopy): Create {
  return { action: 'create', ...nameIn(want), origin: originOf(want.source), reason: 'missing' };
}

function compare(want: WantedCopy, there: Body, settings: Settings, reason: WriteReason): Decision {
  const wanted = desired(want.source, settings);
  const ownership = readFieldOwnership(there.managedFields);
  const content = contentDifferences(want.source, there);
  const all = metadataDifferences(wanted, there, unwantedKeys(want.source, there, ownership, settings));
  const isOfAdmission = admissionTest(there, wanted, ownership);
  const [metadata, admitted] = [all.filter((one) => !isOfAdmission(one)), all.filter(isOfAdmission)];
  const current =
    admitted.length === 0 ? CURRENT : { ...CURRENT, finding: admissionFinding(there, admitted) };
  if (content.length + metadata.length === 0 && isTooLargeToTrack(there)) return current;
  const fields = [...content, ...metadata];
  if (fields.length === 0 && (isUnrecorded(there, settings) || isRecordedAsOurs(ownership, wanted, settings)))
    return current;
  const owned = { content: contentFields(want.source), ...wanted };
  const moved = transferOwnership(there.managedFields, owned, fields);
  const change = rewrite(want, there, { content, fields, reason, ownership, moved });
  return change.action === 'replace' && hasSyncAnnotation(there)
    ? { verdict: 'later' }
    : { verdict: 'change', change };
}

/** Nothing is said of its owners where that may just have been left out: no reason to write. */
function isUnrecorded({ managedFields }: ObjectMeta, { ownership }: Settings): boolean {
  return ownership === 'unknown' && managedFields.length === 0;
}

/** Whether the next run could take the copy as current by its managedFields (design section 4.2c). */
function isRecordedAsOurs(ownership: FieldOwnership, wanted: DesiredMetadata, settings: Settings): boolean {
  if (ownership.stringData || ownership.others.length > 0) return false;
  return writeFields(ownership.content, settings.sha256) === get(wanted.annotations, FIELDS);
}

interface Compared {
  readonly content: readonly FieldDifference[];
  readonly fields: readonly FieldDifference[];
  readonly reason: WriteReason;
  readonly ownership: FieldOwnership;
  readonly moved: readonly ManagedFieldsEntry[] | undefined;
}

function rewrite(want: WantedCopy, there: Body, compared: Compared): Update | Replace | Refresh {
  const { content, fields, ownership, moved } = compared;
  const reason = fields.length === 0 && compared.reason === 'edited' ? 'ownership' : compared.reason;
  const from = reason === 'handed-over' && want.from !== undefined ? { from: originOf(want.from) } : {};
  const guard = { uid: there.uid, resourceVersion: there.resourceVersion };
  const origin = originOf(want.source);
  const common = { ...nameIn(want), origin, reason, fields, guard, editors: ownership.others, ...from };
  const managedFields = moved === undefined ? {} : { managedFields: moved };
  if (content.length === 0) return { action: 'refresh', ...common, ...managedFields };
  if (typeOf(there.content) !== typeOf(want.source.content))
    return { action: 'replace', ...common, because: 'type' };
  if (there.content.immutable) return { action: 'replace', ...common, because: 'immutable' };
  return { action: 'update', ...common, ...managedFields };
}

/** Keys that we own and no longer want; on a copy of the old operator also what it copied of the strip list. */
function unwantedKeys(
  source: Body,
  there: Body,
  ownership: FieldOwnership,
  settings: Settings,
): Record<'labels' | 'annotations', string[]> {
  const old = isFromOldOperator(there) && readMarks(there, settings).marked === 'ours';
  const stripped = (part: StringMap, have: StringMap): string[] =>
    Object.keys(part).filter(
      (key) =>
        !key.startsWith(MARK_PREFIX) && isStripped(key, settings.strip) && get(have, key) === get(part, key),
    );
  return {
    labels: [...ownership.labels, ...(old ? stripped(source.labels, there.labels) : [])],
    annotations: [...ownership.annotations, ...(old ? stripped(source.annotations, there.annotations) : [])],
  };
}

/** Neither our field manager nor our label: a copy that Kubed or config-syncer wrote, or somebody copied by hand. */
export function isFromOldOperator(copy: ObjectMeta): boolean {
  return get(copy.labels, MANAGED_BY) !== MANAGER && !readFieldOwnership(copy.managedFields).known;
}

/** `gone`: somebody deleted it; `kept`: it is no longer the copy that the plan meant. */
export type PruneDecision = 'gone' | 'kept' | Prune;

/** Decides again on a copy whose delete met a conflict. One that was made anew meanwhile waits for the next run. */
export function decidePrune(prune: Prune, there: ObjectMeta | undefined, settings: Settings): PruneDecision {
  if (there === undefined || there.deletionTimestamp !== undefined) return 'gone';
  const marks = readMarks(there, settings);
  if (marks.marked !== 'ours' || !sameOrigin(marks.origin, prune.origin) || there.uid !== prune.guard.uid)
    return 'kept';
  if (hasSyncAnnotation(there)) return 'kept';
  return { ...prune, guard: { uid: there.uid, resourceVersion: there.resourceVersion } };
}

function nameIn(want: WantedCopy): ObjectName {
  return { kind: want.source.kind, namespace: want.namespace, name: want.source.name };
}

/** The two names of an origin, without what else the value carries. */
export function originOf({ namespace, name }: Origin): Origin {
  return { namespace, name };
}

function sameOrigin(a: Origin, b: Origin | undefined): boolean {
  return b !== undefined && a.namespace === b.namespace && a.name === b.name;
}
