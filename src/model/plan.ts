import type { Finding } from './finding.ts';
import type { Change } from './change.ts';
import type { ObjectName } from './objects.ts';

/** What one source asks for, and how many of its copies need no write. */
export interface SourceState extends ObjectName {
  /** The text of its sync annotation. Absent: it asks for copies in other clusters only. */
  readonly selector?: string;
  /** The texts of its annotations that narrow it, if it has them. */
  readonly syncNamespaces?: string;
  readonly syncKeys?: string;
  /** The text of its annotation for other clusters. */
  readonly contexts?: string;
  /** Its copies stay as they are (docs/design.md 4.4). */
  readonly frozen?: true;
  /** The namespaces that it selects and that may take a copy. */
  readonly reach: number;
  /** Its copies that are as they should be. */
  readonly unchanged: number;
}

/** What a run will do and report. It is a sorted plain value, and the same snapshot gives the same plan. */
export interface Plan {
  readonly changes: readonly Change[];
  readonly findings: readonly Finding[];
  /** Sources in scope. */
  readonly sources: number;
  /** The same sources one by one, sorted. */
  readonly bySource: readonly SourceState[];
  /** Namespaces of the list that belong to the shard. */
  readonly namespaces: number;
  /** Copies that are up to date. */
  readonly unchanged: number;
  /** Our copies in scope. `--max-prune 10%` is ten percent of them. */
  readonly copies: number;
}
