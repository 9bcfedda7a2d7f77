import type { Kind } from './objects.ts';

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
