import type { Finding } from './finding.ts';
import type { Change } from './change.ts';
import type { ObjectName } from './objects.ts';

/** What one source asks for, and how many of its copies need no write. */
export interface SourceState extends ObjectName {
  /** The text of its sync annotation. */
  readonly selector: string;
  /** Its copies stay as they are (docs/design.md 4.4). */
  readonly frozen?: true;
  /** The namespaces that it selects and that may take a copy. */
  readonly reach: number;
  /** Its copies that are as they should be. */
  readonly unchanged: number;
}

/** What a run is going to do and has to tell: a plain value, sorted, the same for the same snapshot. */
export interface Plan {
  readonly changes: readonly Change[];
  readonly findings: readonly Finding[];
  /** Sources in scope. */
  readonly sources: number;
  /** The same sources one by one, sorted. */
  readonly bySource: readonly SourceState[];
  /** Namespaces that the list showed, in the shard. */
  readonly namespaces: number;
  /** Copies that are as they should be. */
  readonly unchanged: number;
  /** Copies of ours in scope: what a percentage of `--max-prune` is of. */
  readonly copies: number;
}
