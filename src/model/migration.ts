import type { ObjectName, Origin, StringMap } from './objects.ts';
import type { ReportTarget } from './run-report.ts';

/* What `kubed-sync migrate` prints. */

/** A tool whose sources and mirrors can be taken over. */
export type MirrorTool = 'reflector' | 'replicator';

/** Why the annotations of a source cannot be turned into ours. */
export type TurnProblem =
  /** Objects elsewhere pull from it, and kubed-sync only pushes. */
  | { readonly code: 'only-pulled' }
  | { readonly code: 'switched-off' }
  | { readonly code: 'already-a-source' }
  /** It is the mirror of another source itself. */
  | { readonly code: 'is-a-mirror' }
  /** An item of its list of namespaces is a regular expression without an exact counterpart. */
  | { readonly code: 'regex'; readonly annotation: string; readonly item: string }
  /** A list of names or a selector: kubed-sync wants both. */
  | { readonly code: 'either-or'; readonly annotations: readonly [string, string] }
  | { readonly code: 'two-patterns'; readonly annotations: readonly [string, string] }
  /** The selector is invalid, or the tool reads it in another way. */
  | { readonly code: 'selector'; readonly annotation: string; readonly selector: string }
  | { readonly code: 'matches-nothing' };

/** The annotations that mean the same to kubed-sync. */
export interface TurnedAnnotations {
  readonly set: StringMap;
}

/** A source whose annotations can be turned. */
export interface TurnedSource extends ObjectName, TurnedAnnotations {
  /** The annotations of the tool, which are removed. */
  readonly remove: readonly string[];
  /** The tool removes the labels of its copies, and kubed-sync copies them. */
  readonly stripsLabels?: true;
}

/** An object that has the name of a copy. */
export interface ThereAlready extends ObjectName {
  readonly origin: Origin;
}

/** What leads from another tool to kubed-sync. */
export interface Migration {
  readonly tool: MirrorTool;
  /** Absent without a cluster (`--offline`). */
  readonly target?: ReportTarget;
  readonly sources: readonly TurnedSource[];
  readonly notTurned: readonly (ObjectName & { readonly problem: TurnProblem })[];
  /** Mirrors that `--on-conflict adopt-mirrors` takes over. */
  readonly mirrors: readonly ThereAlready[];
  /** Copies of the tool that do not name their source. */
  readonly unnamed: readonly ThereAlready[];
  /** Other objects that have the name of a copy. */
  readonly collisions: readonly ThereAlready[];
  /** Mirrors that no turned source asks for. They become ordinary objects. */
  readonly left: readonly ThereAlready[];
}
