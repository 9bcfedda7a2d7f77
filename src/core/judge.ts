import type {
  Body,
  Create,
  Finding,
  ObjectMeta,
  Prune,
  Refresh,
  Replace,
  Settings,
  Update,
} from './model.ts';

/** A copy that ought to exist, with the source whose body it is to have. */
export interface Want {
  readonly namespace: string;
  readonly source: Body;
}

/** What the decision table says of one wanted copy once its body is known. */
export type Verdict =
  | { readonly verdict: 'current' }
  | { readonly verdict: 'change'; readonly change: Create | Update | Replace | Refresh }
  | { readonly verdict: 'finding'; readonly finding: Finding };

/** placeholder, being written */
export declare function judgeWanted(want: Want, there: Body | undefined, settings: Settings): Verdict;

/** `gone`: somebody deleted it; `kept`: it is no longer the copy that the plan meant. */
export type PruneVerdict = 'gone' | 'kept' | Prune;

/** placeholder, being written */
export declare function judgePrune(prune: Prune, there: ObjectMeta | undefined): PruneVerdict;
