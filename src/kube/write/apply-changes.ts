import pMap from 'p-map';
import { ACTIONS, type Change } from '../../model/change.ts';
import type { Body, ObjectKey } from '../../model/objects.ts';
import type { Finding } from '../../model/finding.ts';
import type { Settings } from '../../model/settings.ts';
import type { AppliedChange, Outcome, SkipReason } from '../../model/run-report.ts';
import { groupBy } from '../../util/group-by.ts';
import type { ApiClient } from '../http/client.ts';
import { LostMarksBreaker } from './lost-marks.ts';
import { TooLargeBreaker } from './too-large.ts';
import { type WriteResult, skipped } from './write-outcome.ts';
import { applyChange } from './apply-change.ts';
import { writeSources, type Writing } from './write-request.ts';

/** Reported after every change. */
export interface WritingProgress {
  readonly phase: 'writing';
  readonly done: number;
  readonly total: number;
}

/** What is needed to apply a plan, in addition to the plan. */
export interface ApplyContext {
  /** Bodies of the sources of all changes that end in a copy. */
  readonly sources: ReadonlyMap<ObjectKey, Body>;
  readonly settings: Settings;
  /** Writes at a time. */
  readonly concurrency: number;
  /** Sends every write with `dryRun=All` (`--dry-run=server`): what is accepted stays planned. */
  readonly serverDryRun?: boolean;
  /** Show whole messages of the API server, also about Secrets (`--show-server-messages`). */
  readonly showServerMessages?: boolean;
  /** Aborted with the reason of the stop: no new writes start, those under way finish. */
  readonly stop: AbortSignal;
  readonly progress: (event: WritingProgress) => void;
  /** Called after each change, so that its outcome is known even if the program crashes later. */
  readonly onApplied?: (applied: AppliedChange) => void;
}

/** The outcomes of the changes, in their order, and the findings that came up while writing. */
export interface AppliedChanges {
  readonly applied: readonly AppliedChange[];
  readonly findings: readonly Finding[];
}

/**
 * Applies the changes of a plan, one action after the other and prunes last, so that a run that breaks off has deleted
 * the least. A failure stays with its object; the other changes go on (docs/design.md 4.6).
 */
export async function applyChanges(
  connection: ApiClient,
  changes: readonly Change[],
  context: ApplyContext,
): Promise<AppliedChanges> {
  const { concurrency } = context;
  const applier = new Applier(connection, changes.length, context);
  const apply = (change: Change): Promise<void> => applier.apply(change);
  for (const action of ACTIONS) {
    const some = changes.filter((change) => change.action === action);
    // One kind after the other, as in the plan: so the first write of a kind needs no place before its turn.
    for (const ofKind of groupBy(some, ({ kind }) => kind).values()) {
      const rest = await applier.applyFirst(ofKind);
      await pMap(rest, apply, { concurrency });
    }
  }
  if (applier.crashes.length > 0) throw applier.crashes[0];
  const applied = changes.flatMap((change) => {
    const result = applier.results.get(change);
    return result === undefined ? [] : [{ change, outcome: reported(result, context) }];
  });
  return { applied, findings: applier.findings(changes) };
}

/** Applies changes one by one, and keeps their results. */
class Applier {
  readonly results = new Map<Change, WriteResult>();
  /** What was thrown. After a crash no new write starts, and the writes under way finish: so their outcomes are known. */
  readonly crashes: unknown[] = [];
  readonly #writing: Writing;
  readonly #sourceOf: ReturnType<typeof writeSources>;
  readonly #report: (change: Change, result: WriteResult) => void;
  readonly #tooLarge = new TooLargeBreaker();
  readonly #lostMarks = new LostMarksBreaker();

  constructor(connection: ApiClient, total: number, context: ApplyContext) {
    const { settings, stop, serverDryRun = false, showServerMessages = false } = context;
    const stopped = (): SkipReason | undefined => stopReason(stop);
    this.#writing = { connection, serverDryRun, showServerMessages, settings, stopped };
    this.#sourceOf = writeSources(context.sources, settings);
    this.#report = (change, result) => {
      context.onApplied?.({ change, outcome: reported(result, context) });
      context.progress({ phase: 'writing', done: this.results.size, total });
    };
  }

  /** Applies changes alone until the API server is known to keep the marks of their kind. Returns the other changes. */
  async applyFirst(changes: readonly Change[]): Promise<readonly Change[]> {
    const alone = new Set<Change>();
    for (const change of changes) {
      if (!this.#lostMarks.mustGoAlone(change)) continue;
      alone.add(change);
      await this.apply(change);
    }
    return changes.filter((change) => !alone.has(change));
  }

  /** Applies one change, unless one before it crashed. */
  async apply(change: Change): Promise<void> {
    if (this.crashes.length === 0)
      await this.#apply(change).catch((error: unknown) => this.crashes.push(error));
  }

  async #apply(change: Change): Promise<void> {
    const stop = this.#writing.stopped();
    const skip = stop === undefined ? this.#skip(change) : skipped(stop);
    const result = skip ?? (await applyChange(change, this.#sourceOf, this.#writing));
    this.#tooLarge.record(change, result);
    this.#lostMarks.record(change, result);
    this.results.set(change, result);
    this.#report(change, result);
  }

  #skip(change: Change): WriteResult | undefined {
    return this.#lostMarks.skip(change) ?? this.#tooLarge.skip(change);
  }

  findings(changes: readonly Change[]): readonly Finding[] {
    const found = changes.flatMap((change) => this.results.get(change)?.findings ?? []);
    return [...found, ...this.#tooLarge.findings(changes, this.results)];
  }
}

function stopReason({ aborted, reason }: AbortSignal): SkipReason | undefined {
  if (!aborted) return undefined;
  return reason === 'timeout' ? 'timed-out' : 'interrupted';
}

/** Returns the outcome for the report. In a server dry run, an accepted write stays planned. */
function reported({ outcome }: WriteResult, { serverDryRun }: ApplyContext): Outcome {
  return serverDryRun && outcome.outcome === 'done' ? { outcome: 'planned' } : outcome;
}
