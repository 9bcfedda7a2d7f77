import type { ObjectName, Origin, ManagedFieldsEntry } from './objects.ts';

/** Where in an object a difference lies. `type` and `immutable` have no key. */
export type FieldPart = 'data' | 'binaryData' | 'type' | 'immutable' | 'labels' | 'annotations';

/** One name that differs between a copy and what it should be. It never carries a value. */
export interface FieldDifference {
  readonly part: FieldPart;
  readonly key?: string;
  readonly op: 'add' | 'remove' | 'change';
}

/**
 * What a preview shows of a value: the text of a value in `data` of a ConfigMap, and the type of a Secret. Everything
 * else, and a text that is too long to keep, is shown as its length in bytes.
 */
export type PreviewValue = string | number;

/** One value that a change sets, replaces or removes. Only previews show it; JSON and YAML reports leave it out. */
export interface ValueChange {
  readonly part: 'data' | 'binaryData' | 'type';
  readonly key?: string;
  /** Absent if the copy does not have the key yet. */
  readonly before?: PreviewValue;
  /** Absent if the key is removed. */
  readonly after?: PreviewValue;
}

/** The precondition of a write or delete: the object must still be the one that was decided on. */
export interface Guard {
  readonly uid: string;
  readonly resourceVersion: string;
}

/** Why a copy is written. */
export type WriteReason =
  /** The copy does not exist. */
  | 'missing'
  /** The mark `origin` names an older state of the source. */
  | 'source-changed'
  /** The source did not change since the last write, but someone changed the copy. */
  | 'edited'
  /** An older version of kubed-sync wrote keys that `sync-keys` leaves out, or wrote them under other names. */
  | 'sync-keys-ignored'
  /** The old operator made the copy. It gets the missing marks and field ownership. */
  | 'old-operator'
  /** Content and metadata are right. The managedFields are not. */
  | 'ownership'
  /** It was the copy of another origin, which no longer wants it. */
  | 'handed-over'
  /** It was an object without our marks (`--on-conflict adopt`). */
  | 'adopted'
  /** In another cluster: it was written for another context, or by a former home cluster. */
  | 'taken-over';

/** Why no source asks for a copy any more. */
export type PruneReason =
  | 'source-gone'
  | 'annotation-removed'
  /** The origin can never be a source, such as a ConfigMap kube-root-ca.crt. */
  | 'not-a-source'
  | 'namespace-not-selected'
  /** The annotation `sync-namespaces` does not match the name of the namespace. */
  | 'namespace-not-named'
  | 'namespace-ignored'
  /** The annotation `accept-from` of the namespace does not name the namespace of the source. */
  | 'namespace-refuses'
  /** In another cluster: the source no longer names the context. */
  | 'context-not-named'
  /** `kubed-sync purge`. */
  | 'purge';

/** What a cause is: a reason, or a difference between two states that a preview of manifests compares. */
export type CauseCode =
  | WriteReason
  | PruneReason
  | 'source-added'
  | 'selector-changed'
  | 'sync-namespaces-changed'
  | 'sync-keys-changed'
  | 'namespace-added'
  | 'namespace-labels-changed'
  /** The namespace had the opt-out, and has it no more. */
  | 'namespace-allowed'
  /** The namespace did not accept copies from the namespace of the source, and does now. */
  | 'namespace-accepts';

/**
 * One cause of a change (docs/design.md 4.9). A run sees one state of the cluster, so its causes are its reasons. A preview
 * of manifests sees the state before too, so its causes say what differs between the two.
 */
export interface Cause {
  readonly code: CauseCode;
  /** What it explains. Absent: all fields of the change. */
  readonly fields?: readonly FieldDifference[];
  /** Managers that made an edit. Anyone can forge them. */
  readonly by?: readonly string[];
  /** The origin that gave the copy up. */
  readonly from?: Origin;
  /** The selector that the namespace does not match. */
  readonly selector?: string;
  /** The value of `sync-namespaces` that does not match the namespace. */
  readonly syncNamespaces?: string;
  /** The selectors of `selector-changed`. */
  readonly selectors?: { readonly before: string; readonly after: string };
  /** The values of an annotation that narrows a source and changed. A value that is absent is undefined. */
  readonly texts?: { readonly before: string | undefined; readonly after: string | undefined };
}

interface ChangeBase extends ObjectName {
  readonly origin: Origin;
  /** The context of the other cluster in which the copy is. Absent: at home. */
  readonly context?: string;
  /** Where the reason does not say all. See {@link causesOf}. */
  readonly causes?: readonly Cause[];
  /** A preview of manifests: the change is also made without them. */
  readonly pendingAnyway?: true;
}

/** The copy does not exist and is created. */
export interface Create extends ChangeBase {
  readonly action: 'create';
  /** The type of the copy, if it is not that of its source: `sync-keys` leaves out a key that the type demands. */
  readonly copiedAs?: string;
  readonly reason: WriteReason;
}

/** The fields that {@link Update}, {@link Replace} and {@link Refresh} share: they change an existing object. */
interface Rewrite extends ChangeBase {
  readonly reason: WriteReason;
  /** What the patch sets or removes, sorted by part and key. */
  readonly fields: readonly FieldDifference[];
  /** The values of these fields. Present only in a preview. */
  readonly values?: readonly ValueChange[];
  readonly guard: Guard;
  /** Other managers that own content of the copy. Shown to the reader only, because any client can forge them. */
  readonly editors: readonly string[];
  /** The origin that gave up the copy, if it is handed over. */
  readonly from?: Origin;
}

/** Content differs, and the copy is patched in place. */
export interface Update extends Rewrite {
  readonly action: 'update';
  /** Present if the patch also moves ownership to kubed-sync. The time of our entry is set when it is sent. */
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/** Content differs and cannot be patched. The copy is deleted and created again. */
export interface Replace extends Rewrite {
  readonly action: 'replace';
  readonly because: 'type' | 'immutable';
  /** As in {@link Create}. */
  readonly copiedAs?: string;
}

/** Content is right. Marks, labels, annotations or field ownership are not. */
export interface Refresh extends Rewrite {
  readonly action: 'refresh';
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/** Why a copy is deleted, or will be. */
interface PruneBase extends ChangeBase {
  readonly reason: PruneReason;
  readonly guard: Guard;
  /** The selector that the namespace does not match, if that is the reason. */
  readonly selector?: string;
  /** The value of `sync-namespaces` that the namespace does not match, if that is the reason. */
  readonly syncNamespaces?: string;
}

/** No source asks for the copy. It is marked, and deleted when `--prune-after` is over. */
export interface Mark extends PruneBase {
  readonly action: 'mark';
  /** The time to write. */
  readonly since: string;
  /** When the copy is due: RFC 3339. */
  readonly until: string;
}

/** No source asks for the copy, and it is deleted. */
export interface Prune extends PruneBase {
  readonly action: 'prune';
}

/** One write that a run makes. */
export type Change = Create | Update | Replace | Refresh | Mark | Prune;

/** The actions in the order of their writes. Deletes come last, so that a failed run has destroyed the least. */
export const ACTIONS = ['create', 'update', 'replace', 'refresh', 'mark', 'prune'] as const;

/** One of {@link ACTIONS}. */
export type Action = (typeof ACTIONS)[number];

/** Returns the causes of a change, an edit first: a hand edit that gets lost must not hide behind another cause. */
export function causesOf(change: Change): readonly Cause[] {
  return change.causes ?? [reasonAsCause(change)];
}

function reasonAsCause(change: Change): Cause {
  if (change.action === 'create') return { code: change.reason };
  if (change.action === 'mark' || change.action === 'prune') return pruneCause(change);
  const { reason: code, editors: by, from } = change;
  return { code, ...(code === 'edited' && by.length > 0 && { by }), ...(from && { from }) };
}

function pruneCause({ reason: code, selector, syncNamespaces }: Mark | Prune): Cause {
  return {
    code,
    ...(selector !== undefined && { selector }),
    ...(syncNamespaces !== undefined && { syncNamespaces }),
  };
}
