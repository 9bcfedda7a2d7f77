import type { ContextExplanation, CopyAnswer, InventoryEntry } from '../../model/explanation.ts';
import { get, isSameOrigin } from '../../model/keys.ts';
import type { ObjectName } from '../../model/objects.ts';
import { SYNC_CONTEXTS } from '../annotations/markers.ts';
import type { DraftPlan } from '../draft.ts';
import { explainerFor } from './explain-copy.ts';
import { inventory } from './explain-sources.ts';
import { withoutBodies } from './explainable-plan.ts';

/** What `explain` answers about one other cluster. */
type ContextAnswers = Pick<ContextExplanation, 'sources' | 'answers' | 'findings'>;

/**
 * Returns what the draft of a context says: the sources that have or ask for copies there, or the copies of one source.
 * Undefined as `origin` means every source. With `only`, the copy in one namespace.
 */
export function explainContext(
  draft: DraftPlan,
  origin: ObjectName | undefined,
  only: string | undefined,
): ContextAnswers {
  const plan = withoutBodies(draft);
  const sources = inventory(plan)
    .filter(hasCopies)
    .map((entry) => withAnnotation(entry, draft));
  if (origin === undefined) return { sources, findings: plan.findings };
  const answerIn = explainerFor(origin, plan);
  const namespaces = only === undefined ? [...draft.classified.index.namespaces.keys()] : [only];
  return {
    sources: sources.filter((one) => one.kind === origin.kind && isSameOrigin(one, origin)),
    answers: namespaces.map(answerIn).filter(isAboutCopy),
    findings: [],
  };
}

/** Objects of the other cluster that ask for copies themselves are not ours. */
function hasCopies({
  reach,
  upToDate,
  behind,
  toPrune,
  orphans,
  conflicts,
  missing,
}: InventoryEntry): boolean {
  return reach + upToDate + behind + toPrune + orphans + conflicts + missing > 0;
}

/** The selector of a context stands for a namespace, and nobody wrote it. The annotation is shown in its place. */
function withAnnotation(entry: InventoryEntry, { classified }: DraftPlan): InventoryEntry {
  const { selector: _, contexts: __, ...rest } = entry;
  const source = classified.home.index.find(entry);
  const contexts = source && get(source.annotations, SYNC_CONTEXTS);
  return { ...rest, ...(contexts !== undefined && { contexts }) };
}

function isAboutCopy({ state }: CopyAnswer): boolean {
  return state !== 'no-copy';
}
