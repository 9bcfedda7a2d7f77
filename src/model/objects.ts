/**
 * The nouns of kubed-sync (design section 1). Everything imports this file, it imports nothing.
 *
 * All values are plain and read-only, so that a snapshot, a plan and a report can be printed, serialised and compared.
 */

/** The kinds that are synchronised. */
export type Kind = 'ConfigMap' | 'Secret';

/** Every {@link Kind}, in the order in which reports and writes go through them. */
export const KINDS: readonly Kind[] = ['ConfigMap', 'Secret'];

/**
 * A JSON object of strings, as the API server sent it. Keys come from users: read it with `get` of `records.ts` only,
 * which sees own keys alone (`constructor` is a legal label, `__proto__` a legal key of a ConfigMap).
 */
export type StringMap = Readonly<Record<string, string>>;

/** Names one object of the cluster. */
export interface ObjectName {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

/** `Kind/namespace/name`: an {@link ObjectName} as a map key, made by `keyOf` alone. */
export type ObjectKey = string & { readonly __objectKey: never };

/** What names an origin besides the kind, which a copy shares with it. */
export interface Origin {
  readonly namespace: string;
  readonly name: string;
}

/** A tree of field names as in `fieldsV1` of managedFields (Kubernetes: Server-Side Apply, "Field management"). */
export interface FieldTree {
  readonly [path: string]: FieldTree;
}

/** One entry of `metadata.managedFields`: untrusted, since whoever writes an object may send any. */
export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly apiVersion?: string;
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: FieldTree;
  readonly subresource?: string;
}

/** What a metadata-only read shows of an object (`PartialObjectMetadata`), with the kind of the list it came from. */
export interface ObjectMeta extends ObjectName {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: StringMap;
  readonly annotations: StringMap;
  /** RFC 3339 in UTC with seconds, so that text order is time order. */
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly managedFields: readonly ManagedFieldsEntry[];
}

/** What a copy takes over from its source besides labels and annotations. Values are never printed. */
export interface Content {
  readonly data: StringMap;
  readonly binaryData: StringMap;
  /** Of Secrets only. */
  readonly type?: string;
  /** Absent and false mean the same to Kubernetes and are one here. */
  readonly immutable: boolean;
}

/** A whole object. */
export interface Body extends ObjectMeta {
  readonly content: Content;
}

/** A namespace of the cluster, seen as a possible target. */
export interface Namespace {
  readonly name: string;
  readonly labels: StringMap;
  readonly annotations: StringMap;
  /** It has a deletionTimestamp: nothing in it is written or deleted any more. */
  readonly terminating: boolean;
  /** Only where somebody applied it server-side: an apply without a label takes the label away. */
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/** One complete metadata read of the cluster; there is no such thing as half a snapshot (design section 4). */
export interface Snapshot {
  readonly namespaces: readonly Namespace[];
  readonly objects: readonly ObjectMeta[];
}

/** What a run does where an object of somebody else has the name of a copy. */
export type OnConflict = 'fail' | 'skip' | 'adopt';

/** `--max-prune`: so many copies, or so many percent of the copies in scope. */
export type MaxPrune = { readonly count: number } | { readonly percent: number };

/** `--shard I/N`: the part of the target namespaces that a run handles; `index` goes from 0 to `count - 1`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** The options that the decision depends on (design section 6), already checked. */
export interface Settings {
  readonly clusterName: string;
  /** All that the run looks at (`--namespace`); empty: the whole cluster. */
  readonly namespaces: readonly string[];
  /** Empty: every namespace may hold sources. */
  readonly sourceNamespaces: readonly string[];
  /** Globs; empty: every namespace may be a target. */
  readonly includeNamespaces: readonly string[];
  readonly excludeNamespaces: readonly string[];
  /** Absent: all namespaces. */
  readonly shard?: Shard;
  readonly kinds: readonly Kind[];
  readonly prune: boolean;
  readonly pruneLegacy: boolean;
  readonly maxPrune?: MaxPrune;
  readonly verify: boolean;
  readonly onConflict: OnConflict;
  /** Exact keys, or prefixes that end in `*`, on top of the built-in strip list. */
  readonly strip: readonly string[];
  /** What is read may lack managedFields, as dumps of kubectl do: an object without any is judged by the rest. */
  readonly ownership?: 'unknown';
  /** SHA-256 of a text in lower-case hex; handed in, since `core/` imports no library. */
  readonly sha256: (text: string) => string;
}

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

/** Nobody asks for the copy: it is deleted. */
export interface Prune extends ChangeBase {
  readonly action: 'prune';
  readonly reason: PruneReason;
  readonly guard: Guard;
  /** The selector that the namespace does not match, where that is the reason. */
  readonly selector?: string;
}

/** One write that a run makes. */
export type Change = Create | Update | Replace | Refresh | Prune;

/** The actions in the order in which they are carried out: a run that breaks off has destroyed least. */
export const ACTIONS = ['create', 'update', 'replace', 'refresh', 'prune'] as const;

/** One of {@link ACTIONS}. */
export type Action = (typeof ACTIONS)[number];

/** What is wrong with a selector, with the place in it (0-based, in UTF-16 units) where reading stopped. */
export interface SelectorProblem {
  readonly at: number;
  readonly problem:
    | { readonly code: 'expected'; readonly expected: readonly string[]; readonly found: string }
    | { readonly code: 'bad-key'; readonly key: string }
    | { readonly code: 'bad-value'; readonly value: string }
    | { readonly code: 'not-an-integer'; readonly value: string };
}

/**
 * Something to tell that is no change: a union tagged by `reason` (design section 6). One that is `partial` is said of
 * the namespaces of `--namespace`: what the others would have made of it cannot be seen.
 */
export type Finding =
  | (ObjectName & {
      readonly reason: 'conflict';
      readonly origin: Origin;
      readonly skipped: boolean;
      readonly adopt?: AdoptRefusal;
    })
  | (ObjectName & {
      readonly reason: 'contested';
      readonly keeper: Origin;
      readonly namespaces: readonly string[];
      readonly partial?: true;
    })
  | (ObjectName & {
      readonly reason: 'invalid-selector';
      readonly selector: string;
      readonly problem: SelectorProblem;
    })
  | (ObjectName & { readonly reason: 'source-not-copyable'; readonly why: NotCopyable })
  | (ObjectName & { readonly reason: 'copy-with-sync-annotation'; readonly origin: Origin })
  | (ObjectName & {
      readonly reason: 'suspicious-selector';
      readonly selector: string;
      readonly why: 'boolean' | 'quotes';
    })
  | (ObjectName & {
      readonly reason: 'no-namespace-selected';
      readonly selector: string;
      readonly partial?: true;
    })
  | { readonly reason: 'namespace-not-found'; readonly namespace: string }
  | (ObjectName & { readonly reason: 'own-source-there'; readonly origins: readonly Origin[] })
  | { readonly reason: 'marks-disagree'; readonly namespace: string; readonly objects: readonly ObjectName[] }
  | {
      readonly reason: 'other-cluster-name';
      readonly clusterName: string;
      readonly copies: number;
      readonly nearlyAll: boolean;
    }
  | (ObjectName & { readonly reason: 'source-changed'; readonly how: SourceChange })
  | (ObjectName & { readonly reason: 'orphan'; readonly origin: Origin })
  | (ObjectName & { readonly reason: 'being-deleted'; readonly origin: Origin })
  | (ObjectName & { readonly reason: 'changed-by-admission'; readonly fields: readonly FieldDifference[] })
  | (ObjectName & { readonly reason: 'sync-contexts-ignored'; readonly contexts: string })
  | { readonly reason: 'any-namespace-is-a-source'; readonly partial?: true }
  | { readonly reason: 'out-of-scope'; readonly copies: number }
  | {
      readonly reason: 'prune-withheld';
      readonly deletes: number;
      readonly limit: number;
      readonly maxPrune: MaxPrune;
    };

/** The tag of a {@link Finding}. */
export type FindingReason = Finding['reason'];

/** Why `--on-conflict adopt` did not take an object. */
export type AdoptRefusal = 'system-namespace' | 'appeared-meanwhile' | 'being-deleted' | 'is-a-source';

/** Why a source cannot be copied. */
export type NotCopyable =
  | { readonly code: 'type'; readonly type: string }
  | {
      readonly code: 'annotations-too-large' | 'content-too-large' | 'request-too-large';
      readonly bytes: number;
      readonly limit: number;
    }
  | { readonly code: 'invalid-metadata'; readonly part: 'labels' | 'annotations'; readonly key: string }
  /** The API server or its etcd said so of the first copy: the others are not tried. */
  | { readonly code: 'refused-as-too-large' };

/** How a source differed between the list and the read that followed: its copies wait for the next run. */
export type SourceChange = 'gone' | 'replaced' | 'annotation-changed' | 'appeared';

/** How much a finding matters: an error makes the exit code 1. */
export type Severity = 'error' | 'warning' | 'note';

/** What a run is going to do and has to tell: a plain value, sorted, the same for the same snapshot. */
export interface Plan {
  readonly changes: readonly Change[];
  readonly findings: readonly Finding[];
  /** Sources in scope. */
  readonly sources: number;
  /** Namespaces that the list showed, in the shard. */
  readonly namespaces: number;
  /** Copies that are as they should be. */
  readonly unchanged: number;
  /** Copies of ours in scope: what a percentage of `--max-prune` is of. */
  readonly copies: number;
}
