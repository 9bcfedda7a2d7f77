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
 * What a preview may show of a value: its text, if it is one of a ConfigMap's `data` or the type of a Secret; of
 * everything else, and of texts that are too much to hold, the length in bytes alone.
 */
export type Shown = string | number;

/** One value that a rewrite sets, changes or removes, for a preview (`values.ts`); it is in no JSON or YAML report. */
export interface ValueChange {
  readonly part: 'data' | 'binaryData' | 'type';
  readonly key?: string;
  /** Absent where the key is not there yet. */
  readonly before?: Shown;
  /** Absent where the key is removed. */
  readonly after?: Shown;
}

/** What a write or delete is conditional on: the object as it was when the decision was made. */
export interface Guard {
  readonly uid: string;
  readonly resourceVersion: string;
}

/** Why a copy is written. */
export type WriteReason =
  /** Nothing is there. */
  | 'missing'
  /** The origin mark does not name the source as it is now. */
  | 'source-changed'
  /** The source is as the mark says, the copy is not: somebody else changed it. */
  | 'edited'
  /** A copy made by the old operator gets the marks and the ownership that it lacks. */
  | 'old-operator'
  /** Content and metadata are right, the record of who owns the fields is not. */
  | 'ownership'
  /** It was the copy of another origin that no longer claims it. */
  | 'handed-over'
  /** It was somebody else's object (`--on-conflict adopt`). */
  | 'adopted';

/** Why nobody asks for a copy any more. */
export type PruneReason =
  | 'source-gone'
  | 'annotation-removed'
  /** The origin can never be a source, such as a ConfigMap kube-root-ca.crt. */
  | 'not-a-source'
  | 'namespace-not-selected'
  | 'namespace-ignored'
  /** `kubed-sync purge`. */
  | 'purge';

interface ChangeBase extends ObjectName {
  readonly origin: Origin;
}

/** Nothing is there: the copy is made. */
export interface Create extends ChangeBase {
  readonly action: 'create';
  readonly reason: WriteReason;
}

/** Facts that {@link Update}, {@link Replace} and {@link Refresh} share: they go to an object that exists. */
interface Rewrite extends ChangeBase {
  readonly reason: WriteReason;
  /** Exactly what the patch sets or removes, sorted by part and key. */
  readonly fields: readonly FieldDifference[];
  /** The values behind those names, only where a preview asked for them. */
  readonly values?: readonly ValueChange[];
  readonly guard: Guard;
  /** Managers besides kubed-sync that own content of the copy or did the edit; for the reader, since anyone can forge them. */
  readonly editors: readonly string[];
  /** The origin that gave the copy up, where it is handed over. */
  readonly from?: Origin;
}

/** Content differs: the copy is patched in place. */
export interface Update extends Rewrite {
  readonly action: 'update';
  /** Present where ownership has to be moved to kubed-sync in the same patch; our entry still lacks its time. */
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/** Content differs and cannot be patched: the copy is deleted and made anew. */
export interface Replace extends Rewrite {
  readonly action: 'replace';
  readonly because: 'type' | 'immutable';
}

/** Content is right; marks, labels, annotations or the ownership of fields are not. */
export interface Refresh extends Rewrite {
  readonly action: 'refresh';
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/** Why a copy is deleted, or will be. */
interface Unwanted extends ChangeBase {
  readonly reason: PruneReason;
  readonly guard: Guard;
  /** The selector that the namespace does not match, where that is the reason. */
  readonly selector?: string;
}

/** No source asks for the copy. It is marked, and deleted when `--prune-after` is over. */
export interface Mark extends Unwanted {
  readonly action: 'mark';
  /** The time to write. */
  readonly since: string;
  /** When the copy is due: RFC 3339. */
  readonly until: string;
}

/** No source asks for the copy: it is deleted. */
export interface Prune extends Unwanted {
  readonly action: 'prune';
}

/** One write that a run makes. */
export type Change = Create | Update | Replace | Refresh | Mark | Prune;

/** The actions in the order in which they are carried out: a run that breaks off has destroyed least. */
export const ACTIONS = ['create', 'update', 'replace', 'refresh', 'mark', 'prune'] as const;

/** One of {@link ACTIONS}. */
export type Action = (typeof ACTIONS)[number];
