import type { Kind } from './objects.ts';

/** What a run does if an object that is not ours has the name of a copy. */
export type OnConflict =
  | 'fail'
  | 'skip'
  | 'adopt'
  /** Only the mirrors that reflector or replicator made of the same source. */
  | 'adopt-mirrors';

/** Whether a run takes over objects that are not ours. */
export function adopts(onConflict: OnConflict): boolean {
  return onConflict === 'adopt' || onConflict === 'adopt-mirrors';
}

/** `--max-prune`: a number of copies, or a percentage of the copies in scope. */
export type MaxPrune = ({ readonly count: number } | { readonly percent: number }) & {
  /** Deletes of earlier runs of `--every`, which count too. */
  readonly used?: number;
};

/** `--shard I/N`: the part of the target namespaces that a run handles. `index` goes from 0 to `count - 1`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** One context of a remote kubeconfig, as a plan needs it (docs/design.md 11). */
export interface RemoteContext {
  readonly context: string;
  /** Where its copies go. Absent: to the namespace called like that of the source. */
  readonly namespace?: string;
  /** All contexts of the remote kubeconfigs. A wildcard stands for these only. */
  readonly known: ReadonlySet<string>;
  /** Whether this uid is that of a live source at home. The old operator recorded no cluster, but this uid. */
  readonly isSourceUid: (uid: string) => boolean;
}

/** What the decision depends on in addition to the cluster: checked options, and the time. */
export interface Settings {
  readonly clusterName: string;
  /** The namespaces that the run reads (`--namespace`). Empty: the whole cluster. */
  readonly namespaces: readonly string[];
  /** Empty: every namespace may hold sources. */
  readonly sourceNamespaces: readonly string[];
  /** Globs; empty: every namespace may be a target. */
  readonly includeNamespaces: readonly string[];
  readonly excludeNamespaces: readonly string[];
  /** Absent: all namespaces. */
  readonly shard?: Shard;
  readonly kinds: readonly Kind[];
  /** A namespace without the annotation `accept-from` gets no new copies. */
  readonly requireConsent: boolean;
  readonly prune: boolean;
  readonly pruneLegacy: boolean;
  readonly maxPrune?: MaxPrune;
  /** Seconds between the first run that finds a copy unwanted and its delete. 0: it is deleted at once. */
  readonly pruneAfter: number;
  readonly verify: boolean;
  readonly onConflict: OnConflict;
  /** Exact keys, or prefixes that end in `*`, in addition to the built-in strip list. */
  readonly strip: readonly string[];
  /** The uid of the home cluster: that of its namespace kube-system. Absent if it is not known. */
  readonly clusterUid?: string;
  /** uids of lost home clusters, whose copies in other clusters may be taken over (`--former-cluster-uid`). */
  readonly formerClusterUids?: readonly string[];
  /** The context of another cluster that the plan is for. Absent: the plan is for the home cluster. */
  readonly remote?: RemoteContext;
  /** Objects may lack managedFields, as in dumps of kubectl. Such an object is decided on without them. */
  readonly ownership?: 'unknown';
  /** The time of the API server when the lists were read: RFC 3339 in UTC with seconds, from its `Date` header. */
  readonly now: string;
  /** Returns the SHA-256 of a text in lower-case hex. The plan imports no library. */
  readonly sha256: (text: string) => string;
}

/** {@link Settings} before the run knows the time of the API server. */
export type OptionSettings = Omit<Settings, 'now' | 'clusterUid' | 'remote'>;
