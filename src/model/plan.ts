import type { Finding } from './finding.ts';
import type { Change } from './change.ts';

/** What a run will do and report. It is a sorted plain value, and the same snapshot gives the same plan. */
export interface Plan {
  readonly changes: readonly Change[];
  readonly findings: readonly Finding[];
  /** Sources in scope. */
  readonly sources: number;
  /** Namespaces of the list that belong to the shard. */
  readonly namespaces: number;
  /** Copies that are up to date. */
  readonly unchanged: number;
  /** Our copies in scope. `--max-prune 10%` is ten percent of them. */
  readonly copies: number;
}
