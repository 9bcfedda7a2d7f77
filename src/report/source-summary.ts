import type { Finding } from '../model/finding.ts';
import type { Kind, ObjectKey, ObjectName, Origin } from '../model/objects.ts';
import type { SourceState } from '../model/plan.ts';
import type { AppliedChange, Report } from '../model/run-report.ts';
import { compareNames, keyFrom, keyOf, nameOf } from '../model/keys.ts';

/** One source, and what became of its copies. An origin that only loses copies is in the list too. */
export interface SourceSummary extends ObjectName {
  /** The text of its sync annotation. Absent if it asks for no copies here. */
  readonly selector?: string;
  /** The texts of the annotations that narrow it. */
  readonly syncNamespaces?: string;
  readonly syncKeys?: string;
  /** The text of its annotation for other clusters. */
  readonly contexts?: string;
  /** Its copies stay as they are, because it is broken. */
  readonly frozen?: true;
  /** The namespaces that it selects and that may take a copy. */
  readonly reach: number;
  readonly upToDate: number;
  /** Copies with a change that is not made. */
  readonly pending: number;
  /** Copies that are deleted, or would be. */
  readonly deletes: number;
  /** Namespaces in which something else has the name. */
  readonly conflicts: number;
  /** It has copies, and none is left. */
  readonly losesAllCopies?: true;
}

interface Counts {
  upToDate: number;
  pending: number;
  deletes: number;
  conflicts: number;
}

interface Counted {
  readonly name: ObjectName;
  readonly state: SourceState | undefined;
  readonly counts: Counts;
}

/** Returns all sources of a report with their counts, sorted. A purge has none: it asks no source. */
export function summarizeSources(report: Report): readonly SourceSummary[] {
  if (report.purge === true) return [];
  const counter = new Counter(report.plan.bySource);
  for (const applied of report.changes) counter.addChange(applied);
  for (const finding of report.findings) counter.addFinding(finding);
  return counter.all.map(summaryOf).toSorted(compareNames);
}

class Counter {
  readonly #byKey = new Map<ObjectKey, Counted>();

  constructor(states: readonly SourceState[]) {
    for (const state of states) {
      const counts = { upToDate: state.unchanged, pending: 0, deletes: 0, conflicts: 0 };
      this.#byKey.set(keyOf(state), { name: nameOf(state), state, counts });
    }
  }

  get all(): readonly Counted[] {
    return [...this.#byKey.values()];
  }

  addChange({ change, outcome }: AppliedChange): void {
    const counts = this.#countsOf(change.kind, change.origin);
    const isMade = outcome.outcome === 'done';
    if (change.action !== 'mark' && change.action !== 'prune') counts[isMade ? 'upToDate' : 'pending'] += 1;
    else counts[isMade || outcome.outcome === 'planned' ? 'deletes' : 'pending'] += 1;
  }

  addFinding(finding: Finding): void {
    switch (finding.reason) {
      case 'conflict':
        this.#countsOf(finding.kind, finding.origin).conflicts += 1;
        break;
      case 'own-source-there':
        for (const origin of finding.origins) this.#countsOf(finding.kind, origin).conflicts += 1;
        break;
      case 'contested':
        this.#countsOf(finding.kind, finding).conflicts += finding.namespaces.length;
        break;
      default:
    }
  }

  #countsOf(kind: Kind, { namespace, name }: Origin): Counts {
    const key = keyFrom(kind, namespace, name);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known.counts;
    const counts = { upToDate: 0, pending: 0, deletes: 0, conflicts: 0 };
    this.#byKey.set(key, { name: { kind, namespace, name }, state: undefined, counts });
    return counts;
  }
}

function summaryOf({ name, state, counts }: Counted): SourceSummary {
  const losesAll = counts.deletes > 0 && counts.upToDate + counts.pending === 0;
  return {
    ...name,
    ...(state?.selector !== undefined && { selector: state.selector }),
    ...(state?.syncNamespaces !== undefined && { syncNamespaces: state.syncNamespaces }),
    ...(state?.syncKeys !== undefined && { syncKeys: state.syncKeys }),
    ...(state?.contexts !== undefined && { contexts: state.contexts }),
    ...(state?.frozen && { frozen: true as const }),
    reach: state?.reach ?? 0,
    ...counts,
    ...(losesAll && { losesAllCopies: true as const }),
  };
}
