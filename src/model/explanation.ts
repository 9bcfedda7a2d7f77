import type { Mark, Prune, Refresh, Replace, Update } from './change.ts';
import type { Finding } from './finding.ts';
import type { ManifestNotes } from './manifest.ts';
import type { ObjectName, Origin } from './objects.ts';
import type { ReportTarget, RequestCounts } from './run-report.ts';

/* What `kubed-sync explain` answers. */

/** Why a copy that no source asks for stays as it is. */
export type KeepReason =
  /** A source asks for it after all. */
  | 'wanted'
  /** Options draw the border of the run in front of it, or a source outside of it asks for the copy. */
  | 'out-of-scope'
  | 'namespace-terminating'
  /** It has a sync annotation itself. */
  | 'sync-annotation'
  | 'source-frozen'
  /** A frozen source may ask for it, once that source is corrected. */
  | 'wanted-by-frozen'
  /** The annotation `accept-from` of the namespace is invalid. */
  | 'accept-from-invalid'
  /** In another cluster: its source names a context that is not known or could not be read (docs/design.md 11.5). */
  | 'source-held'
  /** `--no-prune`. */
  | 'no-prune'
  /** The next run decides. */
  | 'later';

/** One term of a selector that a namespace does not match. */
export interface UnmetTerm {
  readonly key: string;
  /** The value of that label. Absent if the namespace does not have it. */
  readonly value?: string;
  readonly operator: 'in' | 'not-in' | 'exists' | 'not-exists' | 'greater' | 'less';
  /** What the operator compares with: none for `exists` and `not-exists`. */
  readonly values: readonly string[];
}

/** Why a source asks for no copy in a namespace: the first rule that decides. */
export type NoCopyReason =
  | { readonly rule: 'no-such-namespace' }
  | { readonly rule: 'own-namespace' }
  | { readonly rule: 'namespace-terminating' }
  | { readonly rule: 'namespace-ignored'; readonly value: string }
  | { readonly rule: 'accept-from-invalid' }
  /** The annotation `accept-from` does not name the namespace of the source. */
  | { readonly rule: 'not-accepted'; readonly from: string }
  /** With `--require-consent`: the namespace has no annotation `accept-from`. */
  | { readonly rule: 'no-consent' }
  /** Its name does not match `sync-namespaces` of the source. */
  | { readonly rule: 'name-not-selected'; readonly patterns: string }
  | { readonly rule: 'out-of-scope' }
  | { readonly rule: 'not-a-source' }
  | { readonly rule: 'source-out-of-scope' }
  | { readonly rule: 'source-frozen' }
  | { readonly rule: 'not-selected'; readonly selector: string; readonly unmet: readonly UnmetTerm[] }
  | { readonly rule: 'source-being-deleted' };

/** How an object of another owner came to have the name of a copy. */
export interface TakenBy {
  /** The manager that made it, or what its labels say. */
  readonly madeBy?: string;
  /** It is a copy of another `--cluster-name`. */
  readonly clusterName?: string;
}

/** What a source has in a namespace, and the rule that decided. */
export type Answer =
  | { readonly state: 'up-to-date'; readonly finding?: Finding }
  | { readonly state: 'missing' }
  | { readonly state: 'behind'; readonly change: Update | Replace | Refresh }
  /** Metadata does not show whether the copy is up to date. A run reads it. */
  | { readonly state: 'not-compared' }
  | { readonly state: 'conflict'; readonly finding: Finding; readonly takenBy?: TakenBy }
  | { readonly state: 'to-prune'; readonly change: Prune | Mark }
  | { readonly state: 'waiting'; readonly until: string }
  | { readonly state: 'handed-over'; readonly to: Origin }
  | { readonly state: 'kept'; readonly why: KeepReason | Finding }
  | { readonly state: 'no-copy'; readonly why: NoCopyReason };

/** An {@link Answer} for one namespace. */
export type CopyAnswer = { readonly namespace: string } & Answer;

/** The state of an {@link Answer}, in the order of reports: what needs attention first. */
export const ANSWER_STATES = [
  'conflict',
  'behind',
  'missing',
  'to-prune',
  'waiting',
  'handed-over',
  'kept',
  'not-compared',
  'up-to-date',
  'no-copy',
] as const satisfies readonly Answer['state'][];

/** One source of the inventory, or an origin that only has copies to lose. */
export interface InventoryEntry extends ObjectName {
  /** The text of its sync annotation. Absent if it is not a source, or does not exist. */
  readonly selector?: string;
  /** The texts of the annotations that narrow it. */
  readonly syncNamespaces?: string;
  readonly syncKeys?: string;
  /** The text of its annotation for other clusters. The counts are those of this cluster. */
  readonly contexts?: string;
  readonly frozen?: true;
  /** The namespaces that it selects and that may take a copy. */
  readonly reach: number;
  readonly upToDate: number;
  readonly behind: number;
  readonly notCompared: number;
  readonly missing: number;
  readonly conflicts: number;
  /** Copies that are deleted by the next run, or when their time is over. */
  readonly toPrune: number;
  /** Copies without a source that no run deletes. */
  readonly orphans: number;
}

/** The answer about one object. */
export interface ObjectAnswer extends ObjectName {
  /** `ordinary`: neither a source nor a copy. */
  readonly role: 'source' | 'copy' | 'ordinary';
  /** The source of a copy. */
  readonly origin?: Origin;
  /** The text of the sync annotation of the object, or of its source. */
  readonly selector?: string;
  readonly answers: readonly CopyAnswer[];
  /** Findings about the object itself. */
  readonly findings: readonly Finding[];
}

/** What `explain` found out about one other cluster, through a context. */
export interface ContextExplanation {
  readonly name: string;
  /** The address of the API server. Absent if it is not known. */
  readonly server?: string;
  readonly reachable: boolean;
  /** The sources at home that have or ask for copies there, sorted. For one object: only its source. */
  readonly sources: readonly InventoryEntry[];
  /** Present if one object was asked about: its copies there. */
  readonly answers?: readonly CopyAnswer[];
  /** Why nothing could be read, and what a run would report. */
  readonly findings: readonly Finding[];
}

/** What `explain` found out about a cluster. */
export interface Explanation {
  readonly clusterName: string;
  /** Absent without a cluster (`--offline`). */
  readonly target?: ReportTarget;
  /** Whether contents were read and compared, not only metadata. */
  readonly comparesContent: boolean;
  readonly namespaces: number;
  /** All sources, sorted. For one object: only its source. */
  readonly sources: readonly InventoryEntry[];
  /** Present if one object was asked about. */
  readonly object?: ObjectAnswer;
  /** The other clusters (`--remote-kubeconfig`), sorted by context. */
  readonly contexts?: readonly ContextExplanation[];
  /** What is wrong with the remote kubeconfigs, and with the annotations that name contexts. Present with `contexts`. */
  readonly findings?: readonly Finding[];
  readonly manifests?: ManifestNotes;
  readonly requests: RequestCounts;
}
