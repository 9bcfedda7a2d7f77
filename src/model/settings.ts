import type { Kind } from './objects.ts';

/** What a run does if an object that is not ours has the name of a copy. */
export type OnConflict = 'fail' | 'skip' | 'adopt';

/** `--max-prune`: a number of copies, or a percentage of the copies in scope. */
export type MaxPrune = { readonly count: number } | { readonly percent: number };

/** `--shard I/N`: the part of the target namespaces that a run handles. `index` goes from 0 to `count - 1`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** The options that the decision depends on, already checked. */
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
  readonly prune: boolean;
  readonly pruneLegacy: boolean;
  readonly maxPrune?: MaxPrune;
  readonly verify: boolean;
  readonly onConflict: OnConflict;
  /** Exact keys, or prefixes that end in `*`, in addition to the built-in strip list. */
  readonly strip: readonly string[];
  /** Objects may lack managedFields, as in dumps of kubectl. Such an object is decided on without them. */
  readonly ownership?: 'unknown';
  /** Returns the SHA-256 of a text in lower-case hex. A parameter, because `plan/` imports no library. */
  readonly sha256: (text: string) => string;
}
