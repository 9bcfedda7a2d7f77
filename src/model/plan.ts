import type { Finding } from './finding.ts';
import type { Change } from './change.ts';

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
